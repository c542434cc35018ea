/* policy-check.c - what a policy must fulfil as a whole, over its files and sections */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "policy-draft.h"
#include "policy-values.h"

typedef struct {
  const Claim *claim;
  size_t host;
  size_t file;
} ClaimRef;

static int host_error(PolicyDraft *draft, const HostPolicy *host, const char *key, unsigned line, const char *text) {
  char where[160];

  (void)snprintf(where, sizeof where, "host %.100s%s%s", host->name, key != NULL ? "." : "", key != NULL ? key : "");
  return policy_error_add(draft->errors, host->file, line, where, "%s", text);
}

/* A host's name is its section's, unless a key says otherwise. */
static int default_hostname(PolicyDraft *draft, HostPolicy *host) {
  char where[160];
  const PolicyLine line = {.text = host->name, .line = host->line};
  const PolicyValue value = {.file = host->file,
                             .where = where,
                             .key = "hostname",
                             .line = host->line,
                             .lines = &line,
                             .n_lines = 1,
                             .errors = draft->errors};

  if (host->hostname_at.file != NULL)
    return 0;
  host->hostname_at = policy_value_place(&value);
  (void)snprintf(where, sizeof where, "host %.100s", host->name);
  return policy_value_template(&value, &host->hostname);
}

static char *lower_case(const char *text) {
  char *lower = strdup(text);

  for (char *c = lower; c != NULL && *c != '\0'; c++)
    *c = (char)tolower((unsigned char)*c);
  return lower;
}

/* What HOST has for itself beside its matches: its name, if that is the same for every machine, and its addresses. */
static int claim_name_and_addresses(const HostPolicy *host, HostDraft *host_draft) {
  int r = 1;

  if (host->hostname != NULL && strchr(host->hostname, '{') == NULL)
    r = host_draft_claim(host_draft, CLAIM_HOSTNAME, lower_case(host->hostname), host->hostname_at.line);
  for (size_t i = 0; r > 0 && i < host->addresses.count; i++)
    r = host_draft_claim(host_draft, CLAIM_ADDRESS, strdup(host->addresses.items[i].text),
                         host->addresses.items[i].line);
  return r;
}

static int check_host(PolicyDraft *draft, HostPolicy *host, HostDraft *host_draft) {
  int r = default_hostname(draft, host);

  if (r >= 0 && !host_draft->has_match)
    r = host_error(draft, host, NULL, host->line,
                   "no machine can be this host: it needs match-uuid, match-mac or match-serial");
  if (r >= 0)
    r = claim_name_and_addresses(host, host_draft);
  return r < 0 ? r : 0;
}

/* By thing, then in the order of files and lines. */
static int compare_claims(const void *a, const void *b) {
  const ClaimRef *first = a, *second = b;

  if (first->claim->kind != second->claim->kind)
    return first->claim->kind < second->claim->kind ? -1 : 1;
  int order = strcmp(first->claim->text, second->claim->text);
  if (order != 0)
    return order;
  if (first->file != second->file)
    return first->file < second->file ? -1 : 1;
  return first->claim->line < second->claim->line ? -1 : first->claim->line > second->claim->line;
}

static int report_shared(PolicyDraft *draft, const ClaimRef *earlier, const ClaimRef *later) {
  static const char *const keys[] = {[CLAIM_UUID] = "match-uuid",
                                     [CLAIM_MAC] = "match-mac",
                                     [CLAIM_SERIAL] = "match-serial",
                                     [CLAIM_HOSTNAME] = "hostname",
                                     [CLAIM_ADDRESS] = "address"};
  const HostPolicy *host = &draft->policy->hosts[later->host], *other = &draft->policy->hosts[earlier->host];
  char text[320];

  if (later->host == earlier->host && later->claim->kind != CLAIM_ADDRESS)
    return 0;
  (void)snprintf(text, sizeof text, "%.80s belongs to [host %.60s] already, at %.120s:%u", later->claim->text,
                 other->name, other->file, earlier->claim->line);
  return host_error(draft, host, keys[later->claim->kind], later->claim->line, text);
}

/* Two hosts with one match, name or address. */
static int check_shared(PolicyDraft *draft) {
  ClaimRef *claims = NULL;
  size_t count = 0, first = 0;
  int r = 0;

  for (size_t host = 0; host < draft->policy->n_hosts; host++)
    for (size_t i = 0; r == 0 && i < draft->hosts[host].n_claims; i++) {
      ClaimRef *claim = policy_append(&claims, &count, sizeof *claim);

      if (claim != NULL)
        *claim = (ClaimRef){&draft->hosts[host].claims[i], host, draft->hosts[host].file};
      r = claim != NULL ? 0 : -ENOMEM;
    }
  if (r == 0 && count > 1)
    qsort(claims, count, sizeof *claims, compare_claims);
  for (size_t i = 1; r == 0 && i < count; i++)
    if (claims[i].claim->kind != claims[first].claim->kind ||
        strcmp(claims[i].claim->text, claims[first].claim->text) != 0)
      first = i;
    else
      r = report_shared(draft, &claims[first], &claims[i]);
  free(claims);
  return r;
}

int policy_check(PolicyDraft *draft) {
  int r = 0;

  for (size_t i = 0; r == 0 && i < draft->policy->n_hosts; i++)
    r = check_host(draft, &draft->policy->hosts[i], &draft->hosts[i]);
  if (r == 0)
    r = check_shared(draft);
  for (size_t i = 0; r == 0 && i < draft->policy->n_hosts; i++)
    if (!draft->hosts[i].bad_address)
      r = policy_check_gateways(draft, &draft->policy->hosts[i]);
  return r == 0 ? policy_check_warnings(draft) : r;
}
