/* policy-warnings.c - what is valid in a policy and seldom meant. For policy-check.c. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "name-template.h"
#include "policy-draft.h"

/* [identity] hostname, for the clones that no [host] section names. */
static int warn_of_one_name(PolicyDraft *draft) {
  const Policy *policy = draft->policy;
  const PolicyPlace *at = &policy->hostname_at;

  if (policy->hostname == NULL || !policy_step_enabled(policy, "hostname", true))
    return 0;
  if (policy->n_hosts > 0 && policy->unmatched == UNMATCHED_REFUSE)
    return 0;
  if (strstr(policy->hostname, "{ip[") != NULL)
    return policy_warning_add(draft->errors, at->file, at->line, "identity.hostname",
                              "no clone can be called \"%.100s\": only a [host] section gives an address for {ip[N]}",
                              policy->hostname);
  if (!name_template_is_fixed(policy->hostname))
    return 0;
  return policy_warning_add(draft->errors, at->file, at->line, "identity.hostname",
                            "every clone gets the same name, \"%.100s\": add a field like {mac:6} or {uuid:8}",
                            policy->hostname);
}

/* The shortest name that a glob may mean. */
static size_t shortest_name(const char *pattern) {
  size_t length = 0;

  for (; *pattern != '\0'; pattern++) {
    const char *end = *pattern == '[' && pattern[1] != '\0' ? strchr(pattern + 2, ']') : NULL;

    length += *pattern != '*';
    if (end != NULL)
      pattern = end;
  }
  return length;
}

/* Why no NIC can be meant by PATTERN, which is not a MAC; NULL: one can. */
static const char *why_nothing(const char *pattern) {
  if (strchr(pattern, ':') != NULL)
    return "no NIC's name holds a \":\", and a MAC address has six bytes";
  if (strpbrk(pattern, ",;") != NULL)
    return "one section is for one NIC, name or pattern: write a section for each";
  if (strpbrk(pattern, "\"'") != NULL)
    return "no NIC's name holds a quote: write the name alone";
  if (strcmp(pattern, "lo") == 0)
    return "the loopback is no NIC, and no profile of it is edited";
  if (strchr(pattern, '[') != NULL && strchr(pattern, ']') == NULL)
    return "the [ is not closed by a ]";
  return shortest_name(pattern) >= IFNAMSIZ ? "a NIC's name has at most 15 characters" : NULL;
}

/* Sixes of hex digits are MACs. */
static int warn_of_nic(PolicyDraft *draft, const char *pattern, const char *file, unsigned line, const char *where) {
  char mac[NIC_MAC_TEXT];
  const bool is_mac = mac_canonical(pattern, mac) == 0;
  const char *why = is_mac ? policy_mac_fault(mac) : why_nothing(pattern);

  if (why == NULL)
    return 0;
  return policy_warning_add(draft->errors, file, line, where, "this can match no NIC: %s%s", is_mac ? "it " : "", why);
}

static int warn_of_nics(PolicyDraft *draft) {
  const Policy *policy = draft->policy;
  char where[160];
  int r = 0;

  for (size_t i = 0; r == 0 && i < policy->n_nics; i++) {
    (void)snprintf(where, sizeof where, "network %s", policy->nics[i].nic);
    r = warn_of_nic(draft, policy->nics[i].nic, policy->nics[i].file, policy->nics[i].line, where);
  }
  for (size_t h = 0; h < policy->n_hosts; h++)
    for (size_t i = 0; r == 0 && i < policy->hosts[h].addresses.count; i++) {
      const PolicyAddress *address = &policy->hosts[h].addresses.items[i];

      if (address->nic[0] == '\0' || (i > 0 && strcmp(address->nic, address[-1].nic) == 0))
        continue;
      (void)snprintf(where, sizeof where, "host %.60s.address.%s", policy->hosts[h].name, address->nic);
      r = warn_of_nic(draft, address->nic, address->file, address->line, where);
    }
  return r;
}

int policy_check_warnings(PolicyDraft *draft) {
  int r = warn_of_one_name(draft);

  return r == 0 ? warn_of_nics(draft) : r;
}

enum { MAC_LENGTH = sizeof "00:00:00:00:00:00" - 1 };

/* An address, a MAC or a UUID, and no date. */
static bool is_number_like(const char *word, size_t length) {
  if (strspn(word, "0123456789abcdefABCDEF.:/-") < length)
    return false;
  return memchr(word, '.', length) != NULL || memchr(word, ':', length) != NULL ||
         (memchr(word, '-', length) != NULL && length >= MAC_LENGTH);
}

/* Would each word of COMMENT be an item of the list that KEY has? */
static bool looks_like_items(const char *key, const char *comment) {
  static const char *const separators = ";, \t";
  bool domains = strcmp(key, "dns-search") == 0, signals = strcmp(key, "signals") == 0, some = false;

  for (comment += strspn(comment, separators); *comment != '\0'; comment += strspn(comment, separators)) {
    size_t length = strcspn(comment, separators);
    bool item = domains   ? memchr(comment, '.', length - 1) != NULL
                : signals ? strncmp(comment, "uuid", length) == 0 || strncmp(comment, "mac", length) == 0
                          : is_number_like(comment, length);

    if (!item)
      return false;
    some = true;
    comment += length;
  }
  return some;
}

int policy_warn_of_comment(const PolicyValue *value, const PolicyLine *line) {
  if (line->comment == NULL || !looks_like_items(value->key, line->comment))
    return 0;
  return policy_warning_add(value->errors, value->file, line->line, value->where,
                            "\"%.80s\" is not in the list: what follows \" ;\" is a comment; separate with commas",
                            line->comment + strspn(line->comment, "; \t"));
}
