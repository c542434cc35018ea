/* policy-draft.h - a policy while it is being read, for policy-parse, policy-keys and policy-check only.
 *
 * A Policy says what holds; a draft also knows where each thing was written, which the cross checks have to tell.
 */
#pragma once

#include "name-index.h"
#include "policy-errors.h"
#include "policy-lines.h"
#include "policy.h"

/* Something that only one host may have. */
typedef enum { CLAIM_UUID, CLAIM_MAC, CLAIM_SERIAL, CLAIM_HOSTNAME, CLAIM_ADDRESS } ClaimKind;

typedef struct {
  ClaimKind kind;
  char *text; /* canonical: equal texts are the same thing */
  unsigned line;
} Claim;

/* What goes with policy->hosts[i]. */
typedef struct {
  size_t file; /* index in the PolicyFiles */
  Claim *claims;
  size_t n_claims;
  bool has_match;   /* some match-* key, good or bad */
  bool bad_address; /* an address was refused: what depends on it is not judged */
} HostDraft;

typedef struct {
  const PolicyFiles *files;
  const char *const *steps; /* known names, NULL: any */
  size_t file;              /* the one being read */
  Policy *policy;
  PolicyErrors *errors;
  HostDraft *hosts;
  size_t n_host_drafts;
  /* The section being read, by number: arrays move as they grow. */
  size_t host;
  size_t nic; /* SIZE_MAX: [network] itself */
} PolicyDraft;

/* One setting, on its way into the policy. */
typedef struct {
  const char *file;
  const char *where; /* "section.key" */
  const char *key;
  unsigned line;
  const PolicyLine *lines; /* none: the line was bad, which is reported already */
  size_t n_lines;
  PolicyErrors *errors;
} PolicyValue;

/* The grammar: every key of every section, in the order of the man page. SECTION is the word in brackets ("network"
 * also stands for [network NIC]); keys that end in a name of the admin's are written "address.NIC" and "STEP". */
typedef struct {
  const char *section;
  const char *key;
  bool list; /* may go on in indented lines */
  int (*apply)(PolicyDraft *draft, const PolicyValue *value);
} PolicyKey;

extern const PolicyKey policy_keys[];
extern const size_t n_policy_keys;

/* policy_key_find: the row that KEY in SECTION means, or NULL. */
const PolicyKey *policy_key_find(const char *section, const char *key);

/* host_draft_claim: HOST has TEXT (malloc'ed, taken over; NULL: there was no memory). Returns 1 or -ENOMEM. */
int host_draft_claim(HostDraft *host, ClaimKind kind, char *text, unsigned line);

void host_draft_clear(HostDraft *host);

/* policy_check: all that needs more than one setting to be seen. Returns 0 or -ENOMEM. */
int policy_check(PolicyDraft *draft);

/* policy_check_gateways: the part of policy_check about HOST's gateways. */
int policy_check_gateways(PolicyDraft *draft, const HostPolicy *host);

/* policy_check_warnings: the part of policy_check about what is valid and seldom meant. */
int policy_check_warnings(PolicyDraft *draft);

/* policy_warn_of_comment: of a LINE of a list whose comment looks like more of the list. Returns 0 or -ENOMEM. */
int policy_warn_of_comment(const PolicyValue *value, const PolicyLine *line);
