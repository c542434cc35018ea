/* link.h - an interface as the kernel has it, its addresses with their flags, its routes (rtnetlink). */
#pragma once

#include <glib.h>
#include <net/if.h>
#include <netinet/in.h>

enum { LINK_MAC = 6 };

typedef struct {
  char name[IFNAMSIZ];
  int index;
  unsigned flags;              /* IFF_UP, IFF_RUNNING, IFF_NOARP, ... */
  unsigned short type;         /* ARPHRD_ETHER, ... */
  unsigned char mac[LINK_MAC]; /* of ARPHRD_ETHER */
  int gen_mode;                /* what link_set_up_silently changed: IN6_ADDR_GEN_MODE_EUI64, ...; -1: nothing */
} Link;

/* link_read: 0 or a negative errno (-ENODEV). */
int link_read(const char *interface, Link *link);

/* link_set_up_silently: IFF_UP, and the kernel's IPv6 gives it no address, so that it sends nothing by itself; LINK
 * remembers what was before. link_set_down_again: the way back. 0 or a negative errno; after one nothing is changed. */
int link_set_up_silently(Link *link);
int link_set_down_again(const Link *link);

/* link_wait_running: until all of COUNT interfaces have a carrier or TIMEOUT_MS are over; woken by the kernel. */
void link_wait_running(const char *const *interfaces, gsize count, int timeout_ms);

typedef struct {
  int index;            /* of the interface */
  int family;           /* AF_INET or AF_INET6 */
  unsigned char ip[16]; /* 4 or 16 bytes, network order */
  unsigned prefix;
  unsigned flags; /* IFA_F_TENTATIVE, IFA_F_DADFAILED, ... */
  unsigned scope; /* RT_SCOPE_UNIVERSE, RT_SCOPE_LINK, ... */
} LinkAddress;

/* link_addresses: every address of the machine (GArray of LinkAddress), or NULL with RI_ERROR_FAILED. */
GArray *link_addresses(GError **error);

/* link_address_find: the one that is IP (4 or 16 bytes, network order) on the interface INDEX (0: any), or NULL. */
const LinkAddress *link_address_find(const GArray *addresses, int index, int family, const void *ip);

/* link_address_delete: take it off its interface. 0 or a negative errno. */
int link_address_delete(const LinkAddress *address);

typedef struct {
  int family;
  unsigned prefix;
  unsigned char destination[16]; /* 4 or 16 bytes, network order */
  unsigned char gateway[16];     /* all 0: none */
  gboolean by_kernel;            /* it comes and goes with an address */
  struct nlmsghdr *message;      /* as the kernel told of it */
} LinkRoute;

/* link_routes: the unicast routes of every table that leave by the interface INDEX (LinkRoute*). */
GPtrArray *link_routes(int index);

/* link_flush: every address and route off the interface INDEX, which stays up, and the routing rules from and to these
 * addresses that a network manager has set. 0 or a negative errno. */
int link_flush(int index);
/* link_flush_global: the same, but IPv6's link-local addresses stay. */
int link_flush_global(int index);
