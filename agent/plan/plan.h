/* plan.h - what a run would change: choices, edits and actions, each with its reason, and the checks that verify them.
 * Data only; commit/ carries the edits out, the executor the actions.
 *
 * The whole plan is built, and refused, before anything is touched. Paths are absolute below the root with every
 * symbolic link already followed (root_resolve), so that a link stays and the file that it means is edited.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef enum {
  EDIT_WRITE,          /* the file holds CONTENT afterwards (made if it is not there; its directory has to be there) */
  EDIT_REMOVE,         /* the file is gone afterwards; not being there is no error */
  EDIT_LINK,           /* a symbolic link to CONTENT is made */
  EDIT_UNLINK,         /* the symbolic link to OLD is gone afterwards */
  EDIT_MAKE_DIRECTORY, /* made; before what comes into it. Undone as far as it is empty then */
  EDIT_REMOVE_DIRECTORY, /* the directory, empty by then, is gone; behind what was in it */
} EditKind;

typedef enum {
  EDIT_PLAIN = 0,
  EDIT_SECRET = 1 << 0,     /* neither content is ever shown: a diff says only that it changes */
  EDIT_FORGET_OLD = 1 << 1, /* the backup leaves the history once the new content is in effect; undo keeps that one */
  EDIT_LAST = 1 << 2,       /* after all others: the record */
  EDIT_DEFERRED = 1 << 3,   /* a dry run: CONTENT is made only when an apply is planned */
  EDIT_KEYFILE = 1 << 4,    /* a GKeyFile with possible secrets: a diff masks their values */
  EDIT_VOLATILE = 1 << 5,   /* a daemon rewrites it at will: undo does not mind that it changed since */
  EDIT_SET_MODE = 1 << 6,   /* MODE is for a replaced file too */
  EDIT_YAML = 1 << 7,       /* as EDIT_KEYFILE, of YAML */
} EditFlags;

typedef struct {
  EditKind kind;
  EditFlags flags;
  char *step; /* name of the step that asks for it */
  char *path;
  GBytes *old;     /* WRITE, REMOVE, UNLINK: what is there now; NULL: nothing. commit/ refuses when it has changed */
  GBytes *content; /* WRITE, LINK; NULL when EDIT_DEFERRED */
  mode_t mode;     /* of what is new; a replaced file keeps its own, a secret one without what others may */
  uid_t uid;       /* likewise */
  gid_t gid;
  char *like; /* below the root, the file or directory whose mode, owner, attributes and times the new one takes (an
               * undo's backup); NULL: of the file that it replaces */
  char *why;  /* one line, lower case, no full stop: "the clone's own machine-id" */
} Edit;

/* A value that was drawn, once, for this run: what a person compares and can check. */
typedef struct {
  char *name;      /* "hostname", "machine-id", "address ens3", "connection-uuid /etc/.../lan.nmconnection" */
  char *old, *new; /* NULL: there is none */
  char *source;    /* "policy.d/50-hosts.ini:12", "random", "derived from the product UUID", "template" */
  gboolean secret; /* old and new are never shown */
} Choice;

/* What must happen beside files. An action has no inverse: it converges, it brings what runs to what the files say now,
 * so that one list serves an apply, its undo, roll-back and recovery. What it needs of the past is its data. */
typedef enum {
  ACTION_HOSTNAME,   /* the running host name */
  ACTION_MACHINE_ID, /* PID 1, journald and the journal's directory; DATA: the id that runs may still have */
  ACTION_UNIT,       /* VERB on the unit OBJECT, by PID 1 */
  ACTION_NETWORK,    /* OBJECT NULL: NetworkManager, DATA: what was active where; else that network stack, DATA: NICs */
  ACTION_PROGRAM,    /* OBJECT is run; DATA: its arguments */
} ActionKind;

typedef enum {
  PHASE_BEFORE, /* the files are still the old ones (`ifdown`) */
  PHASE_AFTER,  /* the files are in place */
} ActionPhase;

typedef enum {
  NEEDS_NOTHING = 0,
  NEEDS_LIVE = 1 << 0, /* the files are those of the machine that runs */
  NEEDS_BUS = 1 << 1,
  NEEDS_NETWORK_MANAGER = 1 << 2,
} ActionNeeds;

typedef struct {
  ActionKind kind;
  char *step;
  char *verb;   /* ACTION_UNIT: "try-reload-or-restart"; else NULL */
  char *object; /* a unit's name, a program's path; else NULL */
  char *data;   /* NULL: none */
  ActionPhase phase;
  ActionNeeds needs;
  unsigned time_limit_s;
  gboolean must_succeed; /* else its failure is a warning: the files are right, a reboot puts them in effect */
  char *why;             /* as an edit's */
} Action;

/* What shall be true of what runs when the actions are done. Who knows how to ask is network/verify's table. */
typedef struct {
  char *step;
  char *name;     /* the kind, and the row's name in `verify`: "host name of the kernel" */
  char *object;   /* what is asked: a NIC, a unit, a path; NULL where the name says it */
  char *expected; /* as people read it */
} Check;

/* The kind of check that is many rows: every profile, its addresses and its gateway. */
#define VERIFY_NETWORK "network"
/* The same by the kernel alone, of the files of the stack that is the check's object; NULL: of all that are enabled. */
#define VERIFY_LINKS "links"

typedef struct {
  GPtrArray *choices;  /* Choice*, in the order in which they were drawn */
  GPtrArray *edits;    /* Edit*, in the order of the steps */
  GPtrArray *actions;  /* Action*, in the order in which they are carried out, within their phase */
  GPtrArray *checks;   /* Check* */
  GPtrArray *warnings; /* char*: what an admin should know before signing; whole sentences with paths */
  gboolean is_undo;    /* it takes a run back: no step of it can be left out */
} Plan;

Plan *plan_new(void);
void plan_free(Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

void edit_free(Edit *edit);

/* edit_kind_name: "write", "make-directory". */
const char *edit_kind_name(EditKind kind);

/* action_kind_name: "hostname", "unit". */
const char *action_kind_name(ActionKind kind);

void choice_free(Choice *choice);
void action_free(Action *action);
Action *action_copy(const Action *action);

/* plan_write: CONTENT for PATH, whose present content is OLD (NULL: not there). Takes no ownership; nothing is added
 * when both are the same. Returns the edit (owned by the plan) or NULL. Mode 0644, root:root for a new file: change
 * them in the returned edit. */
Edit *plan_write(Plan *plan, const char *step, const char *path, GBytes *old, GBytes *content, const char *why);

/* plan_amend: EDIT, of an earlier step, writes CONTENT, in which its own change is kept, for WHY too. */
void plan_amend(Edit *edit, GBytes *content, const char *why);
Edit *plan_remove(Plan *plan, const char *step, const char *path, GBytes *old, const char *why);
Edit *plan_link(Plan *plan, const char *step, const char *path, const char *to, const char *why);
Edit *plan_unlink(Plan *plan, const char *step, const char *path, const char *to, const char *why);
Edit *plan_make_directory(Plan *plan, const char *step, const char *path, mode_t mode, const char *why);
Edit *plan_remove_directory(Plan *plan, const char *step, const char *path, const char *why);

/* plan_find: the edit of PATH, or NULL. */
Edit *plan_find(const Plan *plan, const char *path);

/* plan_has_step: does STEP edit anything? */
gboolean plan_has_step(const Plan *plan, const char *step);

/* plan_choose: takes no ownership. Returns the choice, owned by the plan. */
Choice *plan_choose(Plan *plan, const char *name, const char *old, const char *new, const char *source);

/* plan_act: an action of PHASE_AFTER that needs a live machine, may take 30 s and whose failure is a warning: change
 * them in what is returned (owned by the plan). VERB and OBJECT may be NULL. */
Action *plan_act(Plan *plan, const char *step, ActionKind kind, const char *verb, const char *object, const char *why);

/* plan_act_stack: the network stack STACK (network/link-stacks.h) takes its files: one action before them, one behind
 * them. NICS: space-separated names of what the changed files describe. Once for each stack; a second call adds its
 * NICs. */
void plan_act_stack(Plan *plan, const char *step, const char *stack, const char *nics, const char *why);

/* plan_act_manager: NetworkManager takes all its files, once for the plan. */
void plan_act_manager(Plan *plan, const char *step, const char *why);

/* plan_check: OBJECT may be NULL. */
void plan_check(Plan *plan, const char *step, const char *name, const char *object, const char *expected);

void plan_warn(Plan *plan, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* plan_warn_wireguard_key: an identity too, but only its peers can be told of a new one. */
void plan_warn_wireguard_key(Plan *plan, const char *path, unsigned line);
