/* policy-keys.c - the grammar of the policy: sections, keys, and what each value means */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/nearest.h"
#include "policy-draft.h"
#include "policy-host.h"
#include "policy-values.h"

static NetworkPolicy *network_of(const PolicyDraft *draft) {
  return draft->nic == SIZE_MAX ? &draft->policy->network : &draft->policy->nics[draft->nic];
}

/* [detect] */

static int apply_signals(PolicyDraft *draft, const PolicyValue *value) {
  DetectPolicy *detect = &draft->policy->detect;
  PolicyList list;
  int r = policy_value_list(value, policy_separators, false, &list);

  if (r > 0)
    detect->uuid = detect->mac = false;
  for (size_t i = 0; r > 0 && i < list.count; i++)
    if (strcmp(list.items[i].text, "uuid") == 0)
      detect->uuid = true;
    else if (strcmp(list.items[i].text, "mac") == 0)
      detect->mac = true;
    else if (policy_value_error(value, list.items[i].line, "\"%.60s\" is not a signal: there are uuid and mac",
                                list.items[i].text) < 0)
      r = -ENOMEM;
  policy_list_clear(&list);
  return r;
}

static int apply_settled_uuid(PolicyDraft *draft, const PolicyValue *value) {
  static const char *const names[] = {"clone", "ignore", NULL};
  static const SettledChange meanings[] = {ON_CLONE, ON_IGNORE};
  unsigned choice = 0;
  int r = policy_value_choice(value, names, &choice);

  if (r > 0)
    draft->policy->detect.settled_uuid = meanings[choice];
  return r;
}

static int apply_settled_mac(PolicyDraft *draft, const PolicyValue *value) {
  static const char *const names[] = {"rebind", "clone", "ignore", NULL};
  static const SettledChange meanings[] = {ON_REBIND, ON_CLONE, ON_IGNORE};
  unsigned choice = 0;
  int r = policy_value_choice(value, names, &choice);

  if (r > 0)
    draft->policy->detect.settled_mac = meanings[choice];
  return r;
}

/* [identity] */

static int apply_hostname(PolicyDraft *draft, const PolicyValue *value) {
  draft->policy->hostname_at = policy_value_place(value);
  return policy_value_template(value, &draft->policy->hostname);
}

static int apply_choice(const PolicyValue *value, PolicyChoice *choice, PolicyPlace *place) {
  static const char *const names[] = {"random", "derive", "keep", NULL};
  static const PolicyChoice meanings[] = {CHOICE_RANDOM, CHOICE_DERIVE, CHOICE_KEEP};
  unsigned chosen;
  int r = policy_value_choice(value, names, &chosen);

  if (r > 0) {
    *choice = meanings[chosen];
    *place = policy_value_place(value);
  }
  return r;
}

static int apply_machine_id(PolicyDraft *draft, const PolicyValue *value) {
  return apply_choice(value, &draft->policy->machine_id, &draft->policy->machine_id_at);
}

static int apply_connection_uuid(PolicyDraft *draft, const PolicyValue *value) {
  return apply_choice(value, &draft->policy->connection_uuid, &draft->policy->connection_uuid_at);
}

/* [network], [network NIC] */

static int apply_method(PolicyDraft *draft, const PolicyValue *value) {
  static const char *const names[] = {"auto", "disabled", "keep", NULL};
  static const Method meanings[] = {METHOD_AUTO, METHOD_DISABLED, METHOD_KEEP};
  NetworkPolicy *network = network_of(draft);
  unsigned choice = 0;
  int r = policy_value_choice(value, names, &choice);

  if (r > 0) {
    network->method = meanings[choice];
    network->method_set = true;
    network->method_at = policy_value_place(value);
  }
  return r;
}

static int apply_gateway(PolicyDraft *draft, const PolicyValue *value) {
  return policy_value_addresses(value, ADDRESS_OF_GATEWAY, false, &network_of(draft)->gateways);
}

static int apply_dns(PolicyDraft *draft, const PolicyValue *value) {
  network_of(draft)->dns_set = true;
  return policy_value_addresses(value, ADDRESS_OF_SERVER, true, &network_of(draft)->dns);
}

static int apply_dns_search(PolicyDraft *draft, const PolicyValue *value) {
  return policy_value_domains(value, true, &network_of(draft)->dns_search);
}

static int apply_gateway_onlink(PolicyDraft *draft, const PolicyValue *value) {
  network_of(draft)->gateway_onlink_set = true;
  return policy_value_switch(value, &network_of(draft)->gateway_onlink);
}

/* [network] only: for the whole machine. Returns as policy_value_choice. */
static int choose_for_machine(const PolicyDraft *draft, const PolicyValue *value, const char *const *names,
                              unsigned *choice) {
  if (draft->nic != SIZE_MAX)
    return policy_value_error(value, value->line, "this is for the whole machine: write it in [network]");
  return policy_value_choice(value, names, choice);
}

static int apply_unmatched(PolicyDraft *draft, const PolicyValue *value) {
  static const char *const names[] = {"default", "refuse", NULL};
  unsigned choice = 0;
  int r = choose_for_machine(draft, value, names, &choice);

  if (r > 0)
    draft->policy->unmatched = choice == 0 ? UNMATCHED_DEFAULT : UNMATCHED_REFUSE;
  return r;
}

static int apply_foreign(PolicyDraft *draft, const PolicyValue *value) {
  static const char *const names[] = {"refuse", "warn", NULL};
  unsigned choice = 0;
  int r = choose_for_machine(draft, value, names, &choice);

  if (r > 0)
    draft->policy->foreign = choice == 0 ? FOREIGN_REFUSE : FOREIGN_WARN;
  return r;
}

static int apply_probe(PolicyDraft *draft, const PolicyValue *value) {
  static const char *const names[] = {"best-effort", "required", "off", NULL};
  static const ProbePolicy meanings[] = {PROBE_BEST_EFFORT, PROBE_REQUIRED, PROBE_OFF};
  unsigned choice = 0;
  int r = choose_for_machine(draft, value, names, &choice);

  if (r > 0)
    draft->policy->probe = meanings[choice];
  return r;
}

/* [steps] */

static bool step_is_known(const char *const *steps, const char *name) {
  while (*steps != NULL && strcmp(*steps, name) != 0)
    steps++;
  return *steps != NULL;
}

static int unknown_step(const PolicyDraft *draft, const PolicyValue *value) {
  const char *nearest = nearest_name(value->key, draft->steps);

  return policy_value_error(value, value->line, "unknown step; `reset-identity steps` lists them%s%s%s",
                            nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
                            nearest != NULL ? "?" : "");
}

static int apply_step(PolicyDraft *draft, const PolicyValue *value) {
  Policy *policy = draft->policy;
  StepPolicy *step;
  bool on;
  int r = policy_value_switch(value, &on);

  if (draft->steps != NULL && !step_is_known(draft->steps, value->key))
    return unknown_step(draft, value);
  if (r <= 0)
    return r;
  /* A later file's word stands behind an earlier one's; policy_step_enabled takes the last. */
  step = policy_append(&policy->steps, &policy->n_steps, sizeof *step);
  if (step == NULL)
    return -ENOMEM;
  step->step = strdup(value->key);
  step->on = on;
  return step->step != NULL ? 1 : -ENOMEM;
}

/* [run] */

static int apply_on_failure(PolicyDraft *draft, const PolicyValue *value) {
  static const char *const names[] = {"isolate", "continue", NULL};
  unsigned choice = 0;
  int r = policy_value_choice(value, names, &choice);

  if (r > 0)
    draft->policy->isolate = choice == 0;
  return r;
}

const PolicyKey policy_keys[] = {
    {"detect", "signals", true, apply_signals},
    {"detect", "settled-uuid", false, apply_settled_uuid},
    {"detect", "settled-mac", false, apply_settled_mac},
    {"identity", "hostname", false, apply_hostname},
    {"identity", "machine-id", false, apply_machine_id},
    {"identity", "connection-uuid", false, apply_connection_uuid},
    {"network", "method", false, apply_method},
    {"network", "gateway", true, apply_gateway},
    {"network", "gateway-onlink", false, apply_gateway_onlink},
    {"network", "dns", true, apply_dns},
    {"network", "dns-search", true, apply_dns_search},
    {"network", "unmatched", false, apply_unmatched},
    {"network", "foreign", false, apply_foreign},
    {"network", "probe", false, apply_probe},
    {"host", "match-uuid", true, policy_host_match_uuid},
    {"host", "match-mac", true, policy_host_match_mac},
    {"host", "match-serial", true, policy_host_match_serial},
    {"host", "hostname", false, policy_host_hostname},
    {"host", "address", true, policy_host_address},
    {"host", "address.NIC", true, policy_host_address},
    {"host", "gateway", true, policy_host_gateway},
    {"host", "gateway-onlink", false, policy_host_gateway_onlink},
    {"host", "dns", true, policy_host_dns},
    {"host", "dns-search", true, policy_host_dns_search},
    {"steps", "STEP", false, apply_step},
    {"run", "on-failure", false, apply_on_failure},
};
const size_t n_policy_keys = sizeof policy_keys / sizeof policy_keys[0];

const PolicyKey *policy_key_find(const char *section, const char *key) {
  for (size_t i = 0; i < n_policy_keys; i++) {
    const char *known = policy_keys[i].key, *dot = strchr(known, '.');

    if (strcmp(policy_keys[i].section, section) != 0)
      continue;
    if (dot != NULL ? strncmp(known, key, (size_t)(dot + 1 - known)) == 0
                    : strcmp(known, key) == 0 || strcmp(known, "STEP") == 0)
      return &policy_keys[i];
  }
  return NULL;
}
