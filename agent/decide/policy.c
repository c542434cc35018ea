/* policy.c - what the admin wants, and what it says for one machine, NIC or step */
#include "policy.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const glob_characters = "*?[";

void policy_defaults(Policy *policy) {
  *policy = (Policy){
      .detect = {.uuid = true, .mac = true, .settled_uuid = ON_CLONE, .settled_mac = ON_REBIND},
      .machine_id = CHOICE_RANDOM,
      .connection_uuid = CHOICE_RANDOM,
      .network = {.method = METHOD_AUTO},
      .isolate = true,
  };
}

static void free_strings(char **strings) {
  for (size_t i = 0; strings != NULL && strings[i] != NULL; i++)
    free(strings[i]);
  free(strings);
}

static void network_clear(NetworkPolicy *network) {
  free(network->gateways.items);
  free(network->dns.items);
  free_strings(network->dns_search);
}

void policy_host_clear(HostPolicy *host) {
  free(host->name);
  free(host->match_uuid);
  free(host->match_mac);
  free_strings(host->match_serial);
  free(host->hostname);
  free(host->addresses.items);
  free(host->gateways.items);
  free(host->dns.items);
  free_strings(host->dns_search);
}

void policy_clear(Policy *policy) {
  free(policy->hostname);
  network_clear(&policy->network);
  for (size_t i = 0; i < policy->n_nics; i++)
    network_clear(&policy->nics[i]);
  free(policy->nics);
  for (size_t i = 0; i < policy->n_hosts; i++)
    policy_host_clear(&policy->hosts[i]);
  free(policy->hosts);
  for (size_t i = 0; i < policy->n_steps; i++)
    free(policy->steps[i].step);
  free(policy->steps);
  policy_defaults(policy);
}

char *policy_serial_canonical(const char *serial) {
  char *canonical = calloc(1, strlen(serial) + 1), *end = canonical;

  if (canonical == NULL)
    return NULL;
  for (; *serial != '\0'; serial++)
    if (!isspace((unsigned char)*serial))
      *end++ = (char)tolower((unsigned char)*serial);
  return canonical;
}

static bool host_has_uuid(const HostPolicy *host, const ProductUuid *uuid) {
  for (size_t i = 0; uuid != NULL && uuid->present && i < host->n_match_uuid; i++)
    if (product_uuid_equal(&host->match_uuid[i], uuid))
      return true;
  return false;
}

/* Each of thousands of hosts is asked for each sample of a seal: what is canonical already is not spelled anew. */
static bool host_has_mac(const HostPolicy *host, const NicList *nics) {
  for (size_t i = 0; nics != NULL && i < host->n_match_mac; i++)
    for (size_t j = 0; j < nics->count; j++)
      if (mac_equal(nics->items[j].mac, host->match_mac[i]))
        return true;
  return false;
}

static bool is_serial(const char *serial, const char *canonical) {
  for (; *serial != '\0'; serial++)
    if (!isspace((unsigned char)*serial) && (char)tolower((unsigned char)*serial) != *canonical++)
      return false;
  return *canonical == '\0';
}

/* CANONICAL: the machine's serial, "" where it has none. */
static bool host_has_serial(const HostPolicy *host, const char *canonical) {
  for (size_t i = 0; *canonical != '\0' && host->match_serial != NULL && host->match_serial[i] != NULL; i++)
    if (is_serial(host->match_serial[i], canonical))
      return true;
  return false;
}

/* What HOST knows the machine by, or NULL. */
static const char *host_matches(const HostPolicy *host, const ProductUuid *uuid, const NicList *nics,
                                const char *serial) {
  if (host_has_uuid(host, uuid))
    return "match-uuid";
  if (host_has_mac(host, nics))
    return "match-mac";
  return host_has_serial(host, serial) ? "match-serial" : NULL;
}

int policy_host_for(const Policy *policy, const ProductUuid *uuid, const NicList *nics, const char *serial,
                    const HostPolicy **host, Problem *problem) {
  char *canonical = policy_serial_canonical(serial != NULL ? serial : "");
  const char *found_by = NULL;
  int r = canonical != NULL ? 0 : -ENOMEM;

  *host = NULL;
  for (size_t i = 0; r >= 0 && i < policy->n_hosts; i++) {
    const HostPolicy *other = &policy->hosts[i];
    const char *by = host_matches(other, uuid, nics, canonical);

    if (by != NULL && *host != NULL) {
      r = problem_set(problem, -EEXIST,
                      "%s:%u: host %.60s.%s: this machine is [host %.60s] too, by %s at %s:%u; a machine can be one "
                      "host only",
                      other->file, other->line, other->name, by, (*host)->name, found_by, (*host)->file, (*host)->line);
    } else if (by != NULL) {
      *host = other;
      found_by = by;
      r = 1;
    }
  }
  if (r < 0)
    *host = NULL;
  free(canonical);
  return r;
}

int policy_nic_pattern(const char *text, char pattern[static NIC_MAC_TEXT], Problem *problem) {
  size_t length = strlen(text);

  if (mac_canonical(text, pattern) == 0)
    return 0;
  if (length == 0 || strpbrk(text, " \t/") != NULL)
    return problem_set(problem, -EINVAL, "\"%.80s\" is neither a NIC's name, nor a glob, nor a MAC address", text);
  if (length >= NIC_MAC_TEXT || (length >= NIC_NAME && strpbrk(text, glob_characters) == NULL))
    return problem_set(problem, -EINVAL, "\"%.80s\" is too long for a NIC's name: they have at most %d characters",
                       text, NIC_NAME - 1);
  memcpy(pattern, text, length + 1);
  return 0;
}

const char *policy_uuid_fault(const ProductUuid *uuid) {
  return uuid->present ? NULL : "is a placeholder that many machines share: match by MAC or serial";
}

/* The lowest bit of an Ethernet address's first byte (IEEE 802). */
static bool is_group_mac(const char *mac) {
  return strlen(mac) == strlen("00:00:00:00:00:00") && strchr("13579bdf", mac[1]) != NULL;
}

const char *policy_mac_fault(const char *mac) {
  if (strspn(mac, "0:") == strlen(mac))
    return "is an address that no NIC has";
  return is_group_mac(mac) ? "is a group address: no NIC has it as its own" : NULL;
}

/* How exactly a pattern means a NIC. */
typedef enum { NIC_NOT_MEANT, NIC_BY_GLOB, NIC_BY_NAME, NIC_BY_MAC } NicMatch;

/* By the one rule for what counts in a MAC (InfiniBand's begin with bytes that do not). */
static bool nic_has_mac(const Nic *nic, const char *mac) {
  Nic copy = *nic;

  return nics_find_mac(&(const NicList){.items = &copy, .count = 1}, mac) != NULL;
}

static NicMatch match_present(const char *pattern, const char *name, const Nic *nic) {
  char mac[NIC_MAC_TEXT];

  /* Word for word: also when the name is itself a MAC or a glob, that of an address.NIC. */
  if (name != NULL && strcmp(pattern, name) == 0)
    return NIC_BY_NAME;
  if (mac_canonical(pattern, mac) == 0)
    return nic != NULL && nic_has_mac(nic, mac) ? NIC_BY_MAC : NIC_NOT_MEANT;
  return name != NULL && fnmatch(pattern, name, 0) == 0 ? NIC_BY_GLOB : NIC_NOT_MEANT;
}

/* What was written for the template means by its NIC's name or MAC the one that took its place. */
static NicMatch match_nic(const char *pattern, const char *name, const Nic *nic) {
  const NicMatch match = match_present(pattern, name, nic);
  Nic former = {0};

  if (match != NIC_NOT_MEANT || nic == NULL)
    return match;
  memcpy(former.mac, nic->former_mac, sizeof former.mac);
  return match_present(pattern, *nic->former != '\0' ? nic->former : NULL, *former.mac != '\0' ? &former : NULL);
}

bool policy_nic_matches_former(const char *pattern, const Nic *nic) {
  return match_present(pattern, nic->name, nic) == NIC_NOT_MEANT && policy_nic_matches(pattern, nic->name, nic);
}

bool policy_nic_matches(const char *pattern, const char *name, const Nic *nic) {
  return match_nic(pattern, name, nic) != NIC_NOT_MEANT;
}

/* What ABOVE sets, laid over NETWORK; both go on owning what they own. */
static void lay_over(NetworkPolicy *network, const NetworkPolicy *above) {
  memcpy(network->nic, above->nic, sizeof network->nic);
  network->file = above->file;
  network->line = above->line;
  if (above->method_set) {
    network->method = above->method;
    network->method_set = true;
    network->method_at = above->method_at;
  }
  if (above->gateways.count > 0)
    network->gateways = above->gateways;
  if (above->dns_set) {
    network->dns = above->dns;
    network->dns_set = true;
  }
  if (above->dns_search != NULL)
    network->dns_search = above->dns_search;
  if (above->gateway_onlink_set) {
    network->gateway_onlink = above->gateway_onlink;
    network->gateway_onlink_set = true;
  }
}

NetworkPolicy policy_network_for(const Policy *policy, const char *name, const Nic *nic) {
  NetworkPolicy network = policy->network;

  for (NicMatch match = NIC_BY_GLOB; match <= NIC_BY_MAC; match++)
    for (size_t i = 0; i < policy->n_nics; i++)
      if (match_nic(policy->nics[i].nic, name, nic) == match)
        lay_over(&network, &policy->nics[i]);
  return network;
}

bool policy_step_enabled(const Policy *policy, const char *step, bool by_default) {
  /* A later file's word stands behind an earlier one's. */
  for (size_t i = policy->n_steps; i > 0; i--)
    if (strcmp(policy->steps[i - 1].step, step) == 0)
      return policy->steps[i - 1].on;
  return by_default;
}
