/* policy-host.c - the keys of [host NAME]: which clone it is, and what that clone gets */
#include "policy-host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "observe/facts.h"
#include "policy-values.h"

static HostPolicy *host_of(const PolicyDraft *draft) {
  return &draft->policy->hosts[draft->host];
}

static HostDraft *host_draft_of(const PolicyDraft *draft) {
  return &draft->hosts[draft->host];
}

int host_draft_claim(HostDraft *host, ClaimKind kind, char *text, unsigned line) {
  Claim *claim = text != NULL ? policy_append(&host->claims, &host->n_claims, sizeof *claim) : NULL;

  if (claim == NULL) {
    free(text);
    return -ENOMEM;
  }
  *claim = (Claim){.kind = kind, .text = text, .line = line};
  return 1;
}

/* What one match- key takes: a word that is none of it makes the whole item an error. */
typedef struct {
  bool (*is_one)(const char *word);
  int (*take)(PolicyDraft *draft, const PolicyValue *value, const char *word, unsigned line);
  const char *what; /* "not a ... like ..." */
} MatchKind;

static bool is_uuid(const char *word) {
  ProductUuid parsed;

  return product_uuid_parse(word, &parsed) == 0;
}

static int take_uuid(PolicyDraft *draft, const PolicyValue *value, const char *word, unsigned line) {
  HostPolicy *host = host_of(draft);
  char canonical[PRODUCT_UUID_TEXT];
  ProductUuid parsed, *uuid;

  (void)product_uuid_parse(word, &parsed);
  const char *fault = policy_uuid_fault(&parsed);
  if (fault != NULL)
    return policy_value_error(value, line, "%s %s", word, fault);
  uuid = policy_append(&host->match_uuid, &host->n_match_uuid, sizeof *uuid);
  if (uuid == NULL)
    return -ENOMEM;
  *uuid = parsed;
  product_uuid_canonical(uuid, canonical);
  return host_draft_claim(host_draft_of(draft), CLAIM_UUID, strdup(canonical), line);
}

static bool is_mac(const char *word) {
  char parsed[NIC_MAC_TEXT];

  return mac_canonical(word, parsed) >= 0;
}

static int take_mac(PolicyDraft *draft, const PolicyValue *value, const char *word, unsigned line) {
  HostPolicy *host = host_of(draft);
  char parsed[NIC_MAC_TEXT], (*mac)[NIC_MAC_TEXT];

  (void)mac_canonical(word, parsed);
  const char *fault = policy_mac_fault(parsed);
  if (fault != NULL)
    return policy_value_error(value, line, "%s %s", parsed, fault);
  mac = policy_append(&host->match_mac, &host->n_match_mac, sizeof *mac);
  if (mac == NULL)
    return -ENOMEM;
  memcpy(*mac, parsed, sizeof parsed);
  return host_draft_claim(host_draft_of(draft), CLAIM_MAC, strdup(parsed), line);
}

/* White space separates items, and the bytes of a UUID as VMware writes it: what is one as a whole is one. */
static int add_words(PolicyDraft *draft, const PolicyValue *value, const MatchKind *kind, const PolicyLine *item) {
  char *word, *state = NULL;
  int r = 1;

  if (kind->is_one(item->text))
    return kind->take(draft, value, item->text, item->line);
  for (unsigned pass = 0; pass < 2 && r > 0; pass++) {
    char *words = strdup(item->text);

    if (words == NULL)
      return -ENOMEM;
    for (word = strtok_r(words, " \t", &state); word != NULL && r > 0; word = strtok_r(NULL, " \t", &state))
      if (!kind->is_one(word))
        r = strchr(word, ';') != NULL
                ? policy_value_semicolon(value, item)
                : policy_value_error(value, item->line, "\"%.60s\" is %s", item->text, kind->what);
      else if (pass == 1)
        r = kind->take(draft, value, word, item->line);
    free(words);
  }
  return r;
}

static int add_matches(PolicyDraft *draft, const PolicyValue *value, const MatchKind *kind) {
  PolicyList list;
  int r = policy_value_list(value, ",", false, &list);

  host_draft_of(draft)->has_match = true;
  for (size_t i = 0; r >= 0 && i < list.count; i++)
    r = add_words(draft, value, kind, &list.items[i]);
  policy_list_clear(&list);
  return r;
}

int policy_host_match_uuid(PolicyDraft *draft, const PolicyValue *value) {
  static const MatchKind kind = {is_uuid, take_uuid,
                                 "not a UUID: write it as 4dc56075-50f3-466d-98f2-79838106e82f, as in "
                                 "/sys/class/dmi/id/product_uuid"};

  return add_matches(draft, value, &kind);
}

int policy_host_match_mac(PolicyDraft *draft, const PolicyValue *value) {
  static const MatchKind kind = {is_mac, take_mac, "not a MAC address like 00:50:56:aa:bb:01"};

  return add_matches(draft, value, &kind);
}

/* Split at commas only: VMware's serials hold blanks. */
int policy_host_match_serial(PolicyDraft *draft, const PolicyValue *value) {
  HostPolicy *host = host_of(draft);
  PolicyList list;
  int r = policy_value_list(value, ",", false, &list);

  host_draft_of(draft)->has_match = true;
  if (r > 0 && host->match_serial == NULL) {
    host->match_serial = calloc(list.count + 1, sizeof *host->match_serial);
    r = host->match_serial != NULL ? 1 : -ENOMEM;
    for (size_t i = 0; r > 0 && i < list.count; i++) {
      host->match_serial[i] = list.items[i].text;
      list.items[i].text = NULL;
      if (facts_serial_is_filler(host->match_serial[i]) &&
          policy_warning_add(value->errors, value->file, list.items[i].line, value->where,
                             "this matches no machine: \"%.60s\" is what one without a serial number shows",
                             host->match_serial[i]) < 0)
        r = -ENOMEM;
      if (r < 0)
        break;
      r = host_draft_claim(host_draft_of(draft), CLAIM_SERIAL, policy_serial_canonical(host->match_serial[i]),
                           list.items[i].line);
    }
  }
  policy_list_clear(&list);
  return r;
}

int policy_host_hostname(PolicyDraft *draft, const PolicyValue *value) {
  host_of(draft)->hostname_at = policy_value_place(value);
  return policy_value_template(value, &host_of(draft)->hostname);
}

int policy_host_address(PolicyDraft *draft, const PolicyValue *value) {
  const char *dot = strchr(value->key, '.');
  char nic[NIC_MAC_TEXT] = "";
  Problem problem;
  int r;

  if (dot != NULL && policy_nic_pattern(dot + 1, nic, &problem) < 0)
    r = policy_value_error(value, value->line, "%.240s", problem.text);
  else
    r = policy_value_add_addresses(value, ADDRESS_OF_HOST, nic, false, &host_of(draft)->addresses);
  if (r == 0)
    host_draft_of(draft)->bad_address = true;
  return r;
}

int policy_host_gateway(PolicyDraft *draft, const PolicyValue *value) {
  int r = policy_value_addresses(value, ADDRESS_OF_GATEWAY, false, &host_of(draft)->gateways);

  if (r == 0)
    host_draft_of(draft)->bad_address = true;
  return r;
}

int policy_host_dns(PolicyDraft *draft, const PolicyValue *value) {
  return policy_value_addresses(value, ADDRESS_OF_SERVER, false, &host_of(draft)->dns);
}

int policy_host_dns_search(PolicyDraft *draft, const PolicyValue *value) {
  return policy_value_domains(value, false, &host_of(draft)->dns_search);
}

int policy_host_gateway_onlink(PolicyDraft *draft, const PolicyValue *value) {
  host_of(draft)->gateway_onlink_set = true;
  return policy_value_switch(value, &host_of(draft)->gateway_onlink);
}
