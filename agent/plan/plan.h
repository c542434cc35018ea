/* plan.h - what a run would change: a list of edits, each with its reason. Data only; commit/ carries it out.
 *
 * The whole plan is built, and refused, before anything is touched. Paths are absolute below the root with every
 * symbolic link already followed (root_resolve), so that a link stays and the file that it means is edited.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef enum {
  EDIT_WRITE,  /* the file holds CONTENT afterwards (made if it is not there) */
  EDIT_REMOVE, /* the file is gone afterwards; not being there is no error */
  EDIT_RENAME, /* file or directory PATH is called DESTINATION afterwards */
} EditKind;

typedef enum {
  EDIT_PLAIN = 0,
  EDIT_SECRET = 1 << 0,     /* neither content is ever shown: a diff says only that it changes */
  EDIT_FORGET_OLD = 1 << 1, /* the backup leaves the history once the new content is in force; undo keeps the new one */
  EDIT_LAST = 1 << 2,       /* after all others: the record */
  EDIT_DEFERRED = 1 << 3,   /* a dry run: CONTENT is made only when an apply is planned */
  EDIT_KEYFILE = 1 << 4,    /* a GKeyFile with possible secrets: a diff masks their values */
  EDIT_VOLATILE = 1 << 5,   /* a daemon rewrites it at will: undo does not mind that it changed since */
} EditFlags;

#define EDIT_KEEP_OWNER ((uid_t)-1)

typedef struct {
  EditKind kind;
  EditFlags flags;
  char *step; /* name of the step that asks for it */
  char *path;
  char *destination; /* EDIT_RENAME only */
  GBytes *old;       /* WRITE, REMOVE: what is there now; NULL: nothing. commit/ refuses when it has changed since */
  GBytes *content;   /* WRITE only; NULL when EDIT_DEFERRED */
  mode_t mode;       /* of a file that is new; a replaced one keeps its own */
  uid_t uid;         /* likewise */
  gid_t gid;
  char *like;       /* WRITE: below the root, the file whose mode, owner, attributes and times the new content takes (an
                     * undo's backup); NULL: of the file that it replaces */
  unsigned parents; /* REMOVE: how many directories above PATH go with it when they are empty then (undo) */
  char *why;        /* one line, lower case, no full stop: "the clone's own machine-id" */
} Edit;

typedef struct {
  GPtrArray *edits;    /* Edit*, in the order of the steps */
  GPtrArray *warnings; /* char*: what an admin should know before signing; whole sentences with paths */
} Plan;

Plan *plan_new(void);
void plan_free(Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

void edit_free(Edit *edit);

/* plan_write: CONTENT for PATH, whose present content is OLD (NULL: not there). Takes no ownership; nothing is added
 * when both are the same. Returns the edit (owned by the plan) or NULL. Mode 0644, root:root for a new file: change
 * them in the returned edit. */
Edit *plan_write(Plan *plan, const char *step, const char *path, GBytes *old, GBytes *content, const char *why);
Edit *plan_remove(Plan *plan, const char *step, const char *path, GBytes *old, const char *why);
Edit *plan_rename(Plan *plan, const char *step, const char *path, const char *destination, const char *why);

/* plan_find: the edit of PATH, or NULL. */
Edit *plan_find(const Plan *plan, const char *path);

void plan_warn(Plan *plan, const char *format, ...) G_GNUC_PRINTF(2, 3);
