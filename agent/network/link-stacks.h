/* link-stacks.h - the network stacks beside NetworkManager, and how what runs of each is brought to what its files say:
 * one row each. Such an action is ACTION_NETWORK with the stack's name as its object (plan_act_stack).
 *
 * The executor calls `down` while the files are still the old ones, `up` when they are in place, verifies
 * (verify-links.h), and where that fails, goes back the same way: `down`, the old files, `up`. A timer of PID 1 does so
 * when we are dead.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "network-presence.h"

typedef struct {
  const char *stack; /* as in network_stacks: "systemd-networkd" */
  /* It runs on this machine now, so that down and up make sense; else the files are in effect when it starts. */
  gboolean (*runs)(const Root *root);
  /* NICS: names, NULL-terminated, of what the changed files describe. Both converge: what is down, or up as the files
   * say, stays so. Down may be NULL. Errors: RI_ERROR_NETWORK. */
  gboolean (*down)(const Root *root, char **nics, GError **error);
  gboolean (*up)(const Root *root, char **nics, GError **error);
  /* The files have to be made into others before the stack is started, also at boot (netplan's generator); NULL. */
  gboolean (*prepare)(const Root *root, GError **error);
} LinkStack;

/* link_stack_named: NULL: none of that name can be brought up here. */
const LinkStack *link_stack_named(const char *name);

/* link_stack_note: the data of the action that comes after the files: NICS (space-separated, the action's data so far)
 * and what fails already before the change. The caller frees. */
char *link_stack_note(const Root *root, const char *stack, const char *nics);

/* link_stack_down, link_stack_up: of DATA. What does not run is left alone, unless it ran when the note of it was made.
 * WATCHED: a timer of PID 1 goes back when we are dead; not on a way back. A note in RI_STACKS_DIR stays until
 * link_stacks_release. */
gboolean link_stack_down(const Root *root, const char *stack, const char *data, gboolean watched, GError **error);
gboolean link_stack_up(const Root *root, const char *stack, const char *data, gboolean watched, LiveProgress progress,
                       gpointer progress_data, GError **error);

/* link_stacks_up_again: of a run that was killed: what it may have left down comes up by the files as they are. */
gboolean link_stacks_up_again(const Root *root, GError **error);
/* link_stacks_release: the run has come to its end: no timer, no note. */
void link_stacks_release(const Root *root);

/* link_stack_runs: verification of it makes sense. */
gboolean link_stack_runs(const Root *root, const char *stack);

/* link_stack_failed_before: what verify_links would have found wrong before the change (char*), of DATA. */
GPtrArray *link_stack_failed_before(const char *data);
