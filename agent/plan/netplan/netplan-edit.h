/* netplan-edit.h - netplan's files while they are edited, and why each of them changes. */
#pragma once

#include "plan/plan-context.h"
#include "profiles/netplan/netplan-files.h"

typedef struct {
  const PlanContext *context;
  Plan *plan;
  GPtrArray *files;    /* NetplanFile*, whose texts are edited */
  GPtrArray *profiles; /* const Profile*, in those files or made for them */
  GHashTable *reasons; /* NetplanFile* -> GPtrArray of char*, each once: why it changes */
} NetplanEdit;

/* netplan_edit_new: reads the files. */
NetplanEdit *netplan_edit_new(const PlanContext *context, Plan *plan, GError **error);
void netplan_edit_free(NetplanEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetplanEdit, netplan_edit_free)

void netplan_edit_say(NetplanEdit *edit, NetplanFile *file, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* netplan_edit_changed: FILE's text is no longer what was read. */
gboolean netplan_edit_changed(const NetplanFile *file);
/* netplan_edit_why: for Edit.why; the caller frees. */
char *netplan_edit_why(const NetplanEdit *edit, NetplanFile *file);
