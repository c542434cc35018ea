/* live-note.h - what a later run has to know when this one is killed between its checkpoint and its end.
 *
 * A keyfile, RI_STATE_DIR/live-network, mode 0600 (a shadowing profile may hold secrets), durable before the commit. It
 * is gone when a run ended by itself.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

/* A profile in /run/NetworkManager/system-connections that hides one of the changed files. */
typedef struct {
  char *path;
  GBytes *content;
} ShadowProfile;

typedef struct {
  char *boot_id;      /* of this boot: what was active then means nothing after a reboot */
  char *checkpoint;   /* NetworkManager's object path; NULL: none was needed */
  GPtrArray *changes; /* ProfileChange* */
  GPtrArray *active;  /* ActiveProfile* */
  GPtrArray *shadows; /* ShadowProfile* */
  char **names;       /* what was in the profiles' directory: anything else is NetworkManager's writing */
} LiveNote;

LiveNote *live_note_new(void);
void live_note_free(LiveNote *note);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveNote, live_note_free)
ShadowProfile *shadow_profile_new(const char *path, GBytes *content);

gboolean live_note_write(const Root *root, const LiveNote *note, GError **error);
/* live_note_read: TRUE with *NOTE NULL when there is none. One that does not parse is RI_ERROR_BAD_STATE. */
gboolean live_note_read(const Root *root, LiveNote **note, GError **error);
gboolean live_note_remove(const Root *root, GError **error);

/* The running boot's id; "" when unknown. The caller frees. */
char *live_note_boot_id(void);
