/* addresses.h - the addresses of a policy: read, judged, compared. Pure. */
#pragma once

#include "base/problem.h"
#include "policy.h"

typedef enum {
  ADDRESS_OF_HOST,    /* "10.0.0.17/24": the prefix is required, and a host must be able to have it */
  ADDRESS_OF_GATEWAY, /* "10.0.0.1": no prefix */
  ADDRESS_OF_SERVER,  /* the same for DNS; the loopback is allowed */
} AddressUse;

/* address_parse: TEXT into family, ip, prefix and text of ADDRESS. Errors: -EINVAL, PROBLEM says why. */
int address_parse(const char *text, AddressUse use, PolicyAddress *address, Problem *problem);

bool address_equal(const PolicyAddress *a, const PolicyAddress *b);

/* address_is_link_local: fe80::/10, which every IPv6 interface reaches without a prefix of its own. */
bool address_is_link_local(const PolicyAddress *address);

/* address_is_edge: ADDRESS is the network or (IPv4) the broadcast address of NETWORK's prefix. */
bool address_is_edge(const PolicyAddress *network, const PolicyAddress *address);

/* address_family_name: "IPv4" or "IPv6". */
const char *address_family_name(int family);
