/* networkd-edit.h - the edit of one .network file with its drop-ins while it is put together: new texts, and why. */
#pragma once

#include "plan/plan-context.h"
#include "profiles/networkd/networkd-profiles.h"

typedef struct {
  const PlanContext *context;
  const Profile *profile; /* NULL: a .netdev */
  NetworkdFile *draft;    /* its texts are the new ones */
  GPtrArray *reasons;     /* char*, each once */
  Plan *plan;
} NetworkdEdit;

NetworkdEdit *networkd_edit_new(const PlanContext *context, const Profile *profile, const NetworkdFile *file,
                                Plan *plan);
void networkd_edit_free(NetworkdEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetworkdEdit, networkd_edit_free)

/* One assignment of the draft, or the whole section that it says the main thing of ([Address], [Route]). */
typedef struct {
  NetworkdPart *part;
  UnitEntry *entry;
  gboolean section; /* the section goes and comes with it */
  gboolean counts;  /* no empty assignment takes it back */
} NetworkdSlot;

/* networkd_edit_slots: those of KEY in [Network] and, where OWN is not NULL, in sections OWN, for which TAKES says yes
 * (GArray of NetworkdSlot); of files that may be edited. */
typedef gboolean (*NetworkdTakes)(const UnitEntry *entry, int family);
GArray *networkd_edit_slots(const NetworkdEdit *edit, const char *key, const char *own, NetworkdTakes takes,
                            int family);
void networkd_edit_remove_slot(const NetworkdSlot *slot);

/* networkd_edit_set: the last [Network] KEY becomes VALUE; where there is none, it is added. Whether that changes
 * anything. */
gboolean networkd_edit_set(NetworkdEdit *edit, const char *key, const char *value);
/* networkd_edit_insert: KEY=VALUE into [Network], behind its last KEY, so that nothing takes it back. */
void networkd_edit_insert(NetworkdEdit *edit, const char *key, const char *value);
/* networkd_edit_section: a new section at the end of the file itself. *PART may be NULL. */
UnitSection *networkd_edit_section(NetworkdEdit *edit, const char *name, NetworkdPart **part);

/* networkd_edit_plan: what has changed, as edits of STEP. */
void networkd_edit_plan(const NetworkdEdit *edit, const char *step);
