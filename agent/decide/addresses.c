/* addresses.c - the addresses of a policy */
#include "addresses.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned bits_of(int family) {
  return family == AF_INET ? 32 : 128;
}

static const uint8_t *bytes_of(const PolicyAddress *address) {
  return address->family == AF_INET ? (const uint8_t *)&address->ip.v4 : (const uint8_t *)&address->ip.v6;
}

/* The bits of byte INDEX that belong to a prefix of PREFIX bits. */
static uint8_t mask_byte(unsigned prefix, unsigned index) {
  if (prefix >= index * 8 + 8)
    return 0xff;
  return prefix <= index * 8 ? 0 : (uint8_t)(0xff << (8 - (prefix - index * 8)));
}

const char *address_family_name(int family) {
  return family == AF_INET ? "IPv4" : "IPv6";
}

bool address_equal(const PolicyAddress *a, const PolicyAddress *b) {
  return a->family == b->family && memcmp(bytes_of(a), bytes_of(b), bits_of(a->family) / 8) == 0;
}

bool address_is_link_local(const PolicyAddress *address) {
  return address->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&address->ip.v6);
}

bool policy_address_contains(const PolicyAddress *network, const PolicyAddress *address) {
  if (network->family != address->family)
    return false;
  for (unsigned i = 0; i < bits_of(network->family) / 8; i++)
    if (((bytes_of(network)[i] ^ bytes_of(address)[i]) & mask_byte(network->prefix, i)) != 0)
      return false;
  return true;
}

/* Are all host bits of ADDRESS, seen with PREFIX, equal to VALUE (0x00 or 0xff)? */
static bool host_bits_are(const PolicyAddress *address, unsigned prefix, uint8_t value) {
  for (unsigned i = 0; i < bits_of(address->family) / 8; i++)
    if (((bytes_of(address)[i] ^ value) & (uint8_t)~mask_byte(prefix, i)) != 0)
      return false;
  return true;
}

bool address_is_edge(const PolicyAddress *network, const PolicyAddress *address) {
  /* RFC 3021 and RFC 6164: a link of two has no network or broadcast address. */
  if (!policy_address_contains(network, address) || network->prefix >= bits_of(network->family) - 1)
    return false;
  return host_bits_are(address, network->prefix, 0) ||
         (address->family == AF_INET && host_bits_are(address, network->prefix, 0xff));
}

static const char *special_ipv4(const PolicyAddress *address, AddressUse use) {
  uint32_t ip = ntohl(address->ip.v4.s_addr);

  if (ip >> 24 == 0)
    return "an unspecified address";
  if (ip >> 24 == 127 && use != ADDRESS_OF_SERVER)
    return "a loopback address";
  if (ip >> 28 == 14)
    return "a multicast address";
  return ip == UINT32_MAX ? "the broadcast address" : NULL;
}

static const char *special_ipv6(const PolicyAddress *address, AddressUse use) {
  const struct in6_addr *ip = &address->ip.v6;

  if (IN6_IS_ADDR_UNSPECIFIED(ip))
    return "the unspecified address";
  if (IN6_IS_ADDR_LOOPBACK(ip))
    return use == ADDRESS_OF_SERVER ? NULL : "the loopback address";
  if (IN6_IS_ADDR_MULTICAST(ip))
    return "a multicast address";
  return IN6_IS_ADDR_V4MAPPED(ip) ? "an IPv4-mapped IPv6 address" : NULL;
}

static int read_prefix(const char *text, PolicyAddress *address, Problem *problem) {
  unsigned prefix = 0, most = bits_of(address->family);

  for (const char *digit = text; *digit != '\0'; digit++) {
    if (!isdigit((unsigned char)*digit) || digit - text > 2)
      return problem_set(problem, -EINVAL, "\"/%.40s\" is no prefix length: write /%s", text,
                         address->family == AF_INET ? "24, not a netmask" : "64");
    prefix = prefix * 10 + (unsigned)(*digit - '0');
  }
  if (*text == '\0' || prefix < 1 || prefix > most)
    return problem_set(problem, -EINVAL, "the prefix of %s must be from /1 to /%u", address->text, most);
  address->prefix = prefix;
  return 0;
}

static int check_host(const PolicyAddress *address, Problem *problem) {
  if (!address_is_edge(address, address))
    return 0;
  return problem_set(problem, -EINVAL, "%s/%u is %s: no host can have it", address->text, address->prefix,
                     !host_bits_are(address, address->prefix, 0) ? "the broadcast address of its network"
                     : address->family == AF_INET                ? "the address of the network itself"
                                                                 : "the subnet-router anycast address");
}

/* "ADDRESS" of TEXT's first LENGTH characters. */
static int read_ip(const char *text, size_t length, PolicyAddress *address) {
  char ip[INET6_ADDRSTRLEN];

  if (length == 0 || length >= sizeof ip)
    return -EINVAL;
  memcpy(ip, text, length);
  ip[length] = '\0';
  if (inet_pton(AF_INET, ip, &address->ip.v4) == 1)
    address->family = AF_INET;
  else if (inet_pton(AF_INET6, ip, &address->ip.v6) == 1)
    address->family = AF_INET6;
  else
    return -EINVAL;
  address->prefix = bits_of(address->family);
  (void)inet_ntop(address->family, bytes_of(address), address->text, sizeof address->text);
  return 0;
}

int address_parse(const char *text, AddressUse use, PolicyAddress *address, Problem *problem) {
  const char *slash = strchr(text, '/');
  size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
  int r;

  *address = (PolicyAddress){.family = AF_UNSPEC};
  if (read_ip(text, length, address) < 0)
    return problem_set(problem, -EINVAL, "\"%.80s\" is not an IPv4 or IPv6 address", text);
  if (slash != NULL && use != ADDRESS_OF_HOST)
    return problem_set(problem, -EINVAL, "\"%.80s\": a %s has no prefix, write %s", text,
                       use == ADDRESS_OF_GATEWAY ? "gateway" : "DNS server", address->text);
  if (slash == NULL && use == ADDRESS_OF_HOST)
    return problem_set(problem, -EINVAL, "\"%.80s\" lacks its prefix length: write %s/%d", text, address->text,
                       address->family == AF_INET ? 24 : 64);
  if (slash != NULL) {
    r = read_prefix(slash + 1, address, problem);
    if (r < 0)
      return r;
  }
  const char *special = address->family == AF_INET ? special_ipv4(address, use) : special_ipv6(address, use);
  if (special != NULL)
    return problem_set(problem, -EINVAL, "%s is %s", address->text, special);
  return use == ADDRESS_OF_HOST ? check_host(address, problem) : 0;
}
