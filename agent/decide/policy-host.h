/* policy-host.h - the keys of [host NAME]: which clone it is, and what that clone gets. For policy-keys.c only.
 *
 * Each returns as the functions of policy-values.h do, and works on the draft's present host.
 */
#pragma once

#include "policy-draft.h"

int policy_host_match_uuid(PolicyDraft *draft, const PolicyValue *value);
int policy_host_match_mac(PolicyDraft *draft, const PolicyValue *value);
int policy_host_match_serial(PolicyDraft *draft, const PolicyValue *value);
int policy_host_hostname(PolicyDraft *draft, const PolicyValue *value);
int policy_host_address(PolicyDraft *draft, const PolicyValue *value);
int policy_host_gateway(PolicyDraft *draft, const PolicyValue *value);
int policy_host_gateway_onlink(PolicyDraft *draft, const PolicyValue *value);
int policy_host_dns(PolicyDraft *draft, const PolicyValue *value);
int policy_host_dns_search(PolicyDraft *draft, const PolicyValue *value);
