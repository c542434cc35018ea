/* report.h - what a run did, told to everybody who should know: last.json, the journal, the console, --json. */
#pragma once

#include <glib.h>

#include "json.h"
#include "machine.h"

typedef enum {
  OUTCOME_NOTHING,   /* there was nothing to do */
  OUTCOME_DONE,      /* the identity was reset, rebound or undone */
  OUTCOME_SETTLED,   /* only the record was written */
  OUTCOME_FAILED,    /* nothing was changed, or all was undone */
  OUTCOME_UNFINISHED /* past the commit point: the next run finishes it */
} RunOutcome;

typedef struct {
  const char *command; /* static: "apply --boot" */
  VerdictKind verdict;
  RunOutcome outcome;
  gboolean recovered; /* an open transaction of an earlier run was finished or discarded first */
  char *earlier;      /* what was finished or undone then, in words; NULL: nothing was, or none of it had been done */
  gboolean isolated;  /* the NICs are kept down */
  unsigned history;   /* 0: none */
  char *message;      /* one sentence for people */
  char *old_hostname, *hostname;
  char *old_machine_id, *machine_id;
  GPtrArray *choices;  /* Choice*: what the plan drew; NULL: there was none */
  GPtrArray *warnings; /* char*, may be NULL */
} Report;

void report_clear(Report *report);

/* report_publish: RI_LAST_FILE (of the running machine only) and the journal; with CONSOLE one line there as well.
 * Failures to tell are told on standard error and change nothing. */
void report_publish(const Report *report, const Machine *machine, gboolean console);

/* report_json: the members of REPORT into an object that is open. */
void report_json(Json *json, const Report *report, const Machine *machine);

/* report_verification: RI_VERIFY_FILE and the journal: is what was reset in effect? TEXT is the JSON that is printed
 * too. SUMMARY names what failed, NULL: all is well. */
void report_verification(const Root *root, const char *text, const char *summary);

/* report_want_verification: have reset-identity-verify.service look at this boot's reset. */
void report_want_verification(const Root *root);

/* report_verified: RI_VERIFY_FILE's text, or NULL. The caller frees. */
char *report_verified(const Machine *machine);

/* report_last: text of the last run's last.json, or NULL. The caller frees. */
char *report_last(const Machine *machine);

const char *run_outcome_name(RunOutcome outcome);
