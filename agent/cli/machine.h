/* machine.h - what nearly every command begins with: the roots, what may be touched, the policy, the facts, the record
 * and the verdict. */
#pragma once

#include <glib.h>

#include "arguments.h"
#include "capabilities.h"
#include "decide/policy-parse.h"
#include "decide/verdict.h"
#include "plan/identity.h"
#include "plan/plan.h"

typedef struct {
  const Arguments *arguments;
  Root root;
  Root hardware;
  Capabilities can;
  PolicyFiles files;
  PolicyErrors policy_errors;
  Policy policy; /* the defaults where it could not be read */
  GError *
      policy_error; /* NULL: the policy is good. RI_ERROR_POLICY lists every error, RI_ERROR_UNTRUSTED names the file */
  const HostPolicy *host; /* the section that names this machine, or NULL; known once it is observed */
  RecordPresence presence;
  Record record;
  Problem record_problem; /* why the record cannot be read, or which copy is a newer one */
  Facts facts;
  int nic_wait_ms;        /* how long a boot waits for NICs; 0: they are not those of the machine that runs */
  gboolean names_pending; /* udev had not settled the names of the NICs when the time was over */
  Verdict verdict;
  gboolean judged; /* there is a verdict */
} Machine;

/* machine_open: the two roots. Close with machine_close whatever it returns. */
gboolean machine_open(Machine *machine, const Arguments *arguments, GError **error);
void machine_close(Machine *machine);

/* machine_read_policy: into policy, or policy_error with the defaults in policy. */
void machine_read_policy(Machine *machine);

/* machine_policy_warnings: what is valid in the policy and seldom meant, as "file:line: WORDsection.key: ..." (char*).
 * WORD: "warning: ", or "" for who says so before each. IS_TEMPLATE: this machine is one, or about to be. */
GPtrArray *machine_policy_warnings(const Machine *machine, const char *word, gboolean is_template);

/* machine_observe: policy, facts, record, verdict. WAIT: the boot, where NICs may still be on their way: wait for
 * them, but only when the verdict or what follows from it needs them. A bad policy is no error here: it is in
 * policy_error, the verdict is that of the defaults. */
gboolean machine_observe(Machine *machine, gboolean wait, GError **error);

/* machine_is_sealed_from_outside: the files are an image's, and nobody said which machine it is: this one is the
 * workbench, not the template. */
gboolean machine_is_sealed_from_outside(const Machine *machine);

/* machine_record_text: the record that this machine, as it is now, leaves behind. The caller frees. */
char *machine_record_text(const Machine *machine, RecordState state, const char *template_name, gboolean trust_uuid);
/* machine_record_again: of a machine that has a record (RECORD_PRESENT), brought up to date; to the byte what it is
 * where nothing in it has changed, as for a copy that was lost. The caller frees. */
char *machine_record_again(const Machine *machine);

/* What an apply would do, with all that the identity in it borrows from. */
typedef struct {
  GArray *bound; /* Nic: the template's, as far as its profiles know them; empty: the record knows them */
  NicMap *nic_map;
  Profiles *profiles;
  Identity *identity;
  Plan *plan;
} Proposal;

/* machine_propose: what an apply changes, by the verdict CLONE or REWIRED. FOR_APPLY also makes the secrets.
 * WIRE may be NULL: nobody is asked whether an address is free. */
Proposal *machine_propose(const Machine *machine, gboolean for_apply, const Wire *wire, GError **error);
void proposal_free(Proposal *proposal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Proposal, proposal_free)

/* machine_title: "golden -> web-1  [host web-1] policy.ini:6". The caller frees. */
char *machine_title(const Machine *machine, const Proposal *proposal);

/* exit_code_of: RI_EXIT_* for an error. */
int exit_code_of(const GError *error);
