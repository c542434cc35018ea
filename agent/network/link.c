/* link.c - an interface as the kernel has it, its addresses with their flags, its routes (rtnetlink) */
#include "link.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/each.h"
#include "base/error.h"
#include "base/netlink.h"

enum { NETLINK_BUFFER = 32768 };

/* One of the SIOCGIF... questions. */
static int ask(int fd, unsigned long request, const char *interface, struct ifreq *answer) {
  *answer = (struct ifreq){0};
  (void)g_strlcpy(answer->ifr_name, interface, sizeof answer->ifr_name);
  return ioctl(fd, request, answer) < 0 ? -errno : 0;
}

static int read_with(int fd, const char *interface, Link *link) {
  struct ifreq answer;
  int r = ask(fd, SIOCGIFINDEX, interface, &answer);

  link->index = r < 0 ? 0 : answer.ifr_ifindex;
  if (r == 0)
    r = ask(fd, SIOCGIFFLAGS, interface, &answer);
  link->flags = r < 0 ? 0 : (unsigned short)answer.ifr_flags;
  if (r == 0)
    r = ask(fd, SIOCGIFHWADDR, interface, &answer);
  if (r == 0) {
    link->type = answer.ifr_hwaddr.sa_family;
    memcpy(link->mac, answer.ifr_hwaddr.sa_data, LINK_MAC);
  }
  return r;
}

int link_read(const char *interface, Link *link) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  *link = (Link){.gen_mode = -1};
  if (fd < 0)
    return -errno;
  (void)g_strlcpy(link->name, interface, sizeof link->name);
  int r = read_with(fd, interface, link);
  (void)close(fd);
  return r;
}

/* A request about one link: its header, what it is about, and one attribute of AF_INET6 (rtnetlink(7), IFLA_AF_SPEC).
 */
typedef struct {
  struct nlmsghdr header;
  struct ifinfomsg about;
  struct rtattr spec, family, mode;
  guint8 value;
  guint8 padding[RTA_ALIGNTO - 1];
} GenModeRequest;

static int set_gen_mode(int index, guint8 mode) {
  const unsigned short inner = RTA_LENGTH(sizeof mode);
  const GenModeRequest request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
      .about = {.ifi_family = AF_UNSPEC, .ifi_index = index},
      .spec = {.rta_len = RTA_LENGTH(RTA_SPACE(RTA_SPACE(sizeof mode))), .rta_type = IFLA_AF_SPEC},
      .family = {.rta_len = RTA_LENGTH(RTA_SPACE(sizeof mode)), .rta_type = AF_INET6},
      .mode = {.rta_len = inner, .rta_type = IFLA_INET6_ADDR_GEN_MODE},
      .value = mode};

  return netlink_ask(&request.header, NULL, NULL);
}

static struct rtattr *find_attribute(void *start, int left, unsigned short type) {
  for (struct rtattr *attribute = start; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
    if ((attribute->rta_type & NLA_TYPE_MASK) == type)
      return attribute;
  return NULL;
}

static void read_gen_mode(struct nlmsghdr *message, gpointer data) {
  int *mode = data;

  if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
    return;
  struct rtattr *found = find_attribute(IFLA_RTA(NLMSG_DATA(message)), (int)IFLA_PAYLOAD(message), IFLA_AF_SPEC);
  if (found != NULL)
    found = find_attribute(RTA_DATA(found), (int)RTA_PAYLOAD(found), AF_INET6);
  if (found != NULL)
    found = find_attribute(RTA_DATA(found), (int)RTA_PAYLOAD(found), IFLA_INET6_ADDR_GEN_MODE);
  if (found != NULL && RTA_PAYLOAD(found) >= sizeof(guint8))
    *mode = *(const guint8 *)RTA_DATA(found);
}

/* -1: the kernel has no IPv6 on it. */
static int get_gen_mode(int index, int *mode) {
  struct {
    struct nlmsghdr header;
    struct ifinfomsg about;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
      .about = {.ifi_family = AF_UNSPEC, .ifi_index = index}};

  *mode = -1;
  return netlink_ask(&request.header, read_gen_mode, mode);
}

static int set_flags(const Link *link, gboolean up) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {0};
  int r = fd < 0 ? -errno : ask(fd, SIOCGIFFLAGS, link->name, &request);

  if (r == 0) {
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    r = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
  }
  if (fd >= 0)
    (void)close(fd);
  return r;
}

/* Without an address of its own the kernel's IPv6 says nothing: it would make one up and ask for routers as soon as the
 * interface is up. By netlink, and not by /proc/sys, which a unit's sandbox may have made read-only. */
int link_set_up_silently(Link *link) {
  int r = get_gen_mode(link->index, &link->gen_mode);

  if (r == 0 && link->gen_mode >= 0)
    r = set_gen_mode(link->index, IN6_ADDR_GEN_MODE_NONE);
  if (r == 0)
    r = set_flags(link, TRUE);
  if (r < 0 && link->gen_mode >= 0)
    (void)set_gen_mode(link->index, (guint8)link->gen_mode);
  return r;
}

int link_set_down_again(const Link *link) {
  int r = set_flags(link, FALSE);
  int mode = link->gen_mode >= 0 ? set_gen_mode(link->index, (guint8)link->gen_mode) : 0;

  return r < 0 ? r : mode;
}

static gboolean all_running(const char *const *interfaces, gsize count) {
  for (gsize i = 0; i < count; i++) {
    Link link;
    if (link_read(interfaces[i], &link) == 0 && (link.flags & IFF_RUNNING) == 0)
      return FALSE;
  }
  return TRUE;
}

void link_wait_running(const char *const *interfaces, gsize count, int timeout_ms) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  gint64 end = g_get_monotonic_time() + timeout_ms * G_GINT64_CONSTANT(1000);
  gint64 left = timeout_ms;

  if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0) {
    struct pollfd events = {.fd = fd, .events = POLLIN};
    char ignored[NETLINK_BUFFER];
    while (!all_running(interfaces, count) && left > 0 && (poll(&events, 1, (int)left) >= 0 || errno == EINTR)) {
      while (recv(fd, ignored, sizeof ignored, 0) > 0)
        ;
      left = (end - g_get_monotonic_time()) / 1000;
    }
  }
  if (fd >= 0)
    (void)close(fd);
}

/* The address of ours on the interface is IFA_LOCAL; IFA_ADDRESS is the other end where the two differ. */
static void add_address(struct nlmsghdr *message, gpointer data) {
  struct ifaddrmsg *about = NLMSG_DATA(message);

  if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_LENGTH(sizeof *about) ||
      (about->ifa_family != AF_INET && about->ifa_family != AF_INET6))
    return;
  LinkAddress address = {.index = (int)about->ifa_index,
                         .family = about->ifa_family,
                         .prefix = about->ifa_prefixlen,
                         .flags = about->ifa_flags,
                         .scope = about->ifa_scope};
  gsize size = about->ifa_family == AF_INET ? 4 : 16;
  int left = (int)IFA_PAYLOAD(message);
  gboolean have_local = FALSE, have_any = FALSE;
  for (struct rtattr *attribute = IFA_RTA(about); RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type == IFA_FLAGS && RTA_PAYLOAD(attribute) >= sizeof address.flags)
      memcpy(&address.flags, RTA_DATA(attribute), sizeof address.flags);
    if ((attribute->rta_type != IFA_LOCAL && (attribute->rta_type != IFA_ADDRESS || have_local)) ||
        RTA_PAYLOAD(attribute) != size)
      continue;
    memcpy(address.ip, RTA_DATA(attribute), size);
    have_local |= attribute->rta_type == IFA_LOCAL;
    have_any = TRUE;
  }
  if (have_any)
    (void)g_array_append_val((GArray *)data, address);
}

GArray *link_addresses(GError **error) {
  g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(LinkAddress));
  struct {
    struct nlmsghdr header;
    struct ifaddrmsg about;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETADDR, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
  int r = netlink_ask(&request.header, add_address, addresses);

  if (r < 0) {
    (void)ri_error_errno(error, r, "the kernel does not tell this machine's addresses");
    return NULL;
  }
  return g_steal_pointer(&addresses);
}

const LinkAddress *link_address_find(const GArray *addresses, int index, int family, const void *ip) {
  array_each (const LinkAddress *, address, addresses)
    if ((index == 0 || address->index == index) && address->family == family &&
        memcmp(address->ip, ip, family == AF_INET ? 4 : 16) == 0)
      return address;
  return NULL;
}

int link_address_delete(const LinkAddress *address) {
  gsize size = address->family == AF_INET ? 4 : 16;
  struct {
    struct nlmsghdr header;
    struct ifaddrmsg about;
    struct rtattr attribute;
    unsigned char ip[16];
  } request = {
      .header = {.nlmsg_len = (guint32)(NLMSG_LENGTH(sizeof request.about) + RTA_LENGTH(size)),
                 .nlmsg_type = RTM_DELADDR,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
      .about = {.ifa_family = (unsigned char)address->family,
                .ifa_prefixlen = (unsigned char)address->prefix,
                .ifa_index = (guint32)address->index},
      .attribute = {.rta_len = (unsigned short)RTA_LENGTH(size), .rta_type = IFA_LOCAL},
  };

  memcpy(request.ip, address->ip, size);
  return netlink_ask(&request.header, NULL, NULL);
}

static void link_route_free(LinkRoute *route) {
  g_free(route->message);
  g_free(route);
}

typedef struct {
  int index;
  GPtrArray *routes;
} RouteSearch;

static void take_attribute(LinkRoute *route, struct rtattr *attribute, int *index) {
  gsize size = RTA_PAYLOAD(attribute);

  if (attribute->rta_type == RTA_OIF && size == sizeof *index)
    memcpy(index, RTA_DATA(attribute), size);
  if (attribute->rta_type == RTA_DST && size <= sizeof route->destination)
    memcpy(route->destination, RTA_DATA(attribute), size);
  if (attribute->rta_type == RTA_GATEWAY && size <= sizeof route->gateway)
    memcpy(route->gateway, RTA_DATA(attribute), size);
}

static struct nlmsghdr *copy_message(const struct nlmsghdr *message) {
  struct nlmsghdr *copy = g_malloc(message->nlmsg_len);

  memcpy(copy, message, message->nlmsg_len);
  return copy;
}

static void add_route(struct nlmsghdr *message, gpointer data) {
  struct rtmsg *about = NLMSG_DATA(message);
  RouteSearch *search = data;
  int index = 0, left = 0;

  if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_len < NLMSG_LENGTH(sizeof *about) ||
      about->rtm_type != RTN_UNICAST || (about->rtm_flags & RTM_F_CLONED) != 0)
    return;
  LinkRoute *route = g_new0(LinkRoute, 1);
  route->family = about->rtm_family;
  route->prefix = about->rtm_dst_len;
  route->by_kernel = about->rtm_protocol == RTPROT_KERNEL;
  left = (int)RTM_PAYLOAD(message);
  for (struct rtattr *attribute = RTM_RTA(about); RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
    take_attribute(route, attribute, &index);
  if (index != search->index) {
    link_route_free(route);
    return;
  }
  route->message = copy_message(message);
  g_ptr_array_add(search->routes, route);
}

GPtrArray *link_routes(int index) {
  RouteSearch search = {index, g_ptr_array_new_with_free_func((GDestroyNotify)link_route_free)};
  static const unsigned char families[] = {AF_INET, AF_INET6};

  for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
    struct {
      struct nlmsghdr header;
      struct rtmsg about;
    } request = {
        .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .about = {.rtm_family = families[i]}};
    (void)netlink_ask(&request.header, add_route, &search);
  }
  return search.routes;
}

/* One may have gone with another, or with its address. */
static gboolean is_gone(int r) {
  return r == 0 || r == -ESRCH || r == -EADDRNOTAVAIL || r == -ENODEV;
}

/* The kernel deletes a route by what it has told of it (as `ip route flush` does). */
static int delete_routes(int index) {
  g_autoptr(GPtrArray) routes = link_routes(index);

  list_each (const LinkRoute *, route, routes) {
    if (route->by_kernel)
      continue;
    route->message->nlmsg_type = RTM_DELROUTE;
    route->message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    int r = netlink_ask(route->message, NULL, NULL);
    if (!is_gone(r))
      return r;
  }
  return 0;
}

typedef struct {
  const LinkAddress *address;
  GPtrArray *messages; /* as the kernel told of them */
} RuleSearch;

/* fib_rules.h of the kernel. What `ip rule` adds has another protocol, unless it is told to. NetworkManager 1.30 does
 * not mark its own, and they stay. */
static void add_rule(struct nlmsghdr *message, gpointer data) {
  struct fib_rule_hdr *about = NLMSG_DATA(message);
  RuleSearch *search = data;
  const gsize size = search->address->family == AF_INET ? 4 : 16;
  gboolean is_static = FALSE, names_it = FALSE;

  if (message->nlmsg_type != RTM_NEWRULE || message->nlmsg_len < NLMSG_LENGTH(sizeof *about))
    return;
  int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof *about));
  struct rtattr *first = (void *)((char *)about + NLMSG_ALIGN(sizeof *about));
  for (struct rtattr *attribute = first; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    const gboolean is_end = (attribute->rta_type == FRA_SRC && about->src_len == size * 8) ||
                            (attribute->rta_type == FRA_DST && about->dst_len == size * 8);
    if (is_end && RTA_PAYLOAD(attribute) == size && memcmp(RTA_DATA(attribute), search->address->ip, size) == 0)
      names_it = TRUE;
    if (attribute->rta_type == FRA_PROTOCOL && RTA_PAYLOAD(attribute) == 1)
      is_static = *(const guint8 *)RTA_DATA(attribute) == RTPROT_STATIC;
  }
  if (is_static && names_it)
    g_ptr_array_add(search->messages, copy_message(message));
}

/* The routing rules from and to ADDRESS that a network manager has set: after a restart it takes them for somebody
 * else's. One that stays means an address that nobody has. */
static void delete_rules(const LinkAddress *address) {
  g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
  RuleSearch search = {address, messages};
  struct {
    struct nlmsghdr header;
    struct fib_rule_hdr about;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETRULE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .about = {.family = (unsigned char)address->family}};

  (void)netlink_ask(&request.header, add_rule, &search);
  list_each (struct nlmsghdr *, message, messages) {
    message->nlmsg_type = RTM_DELRULE;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    (void)netlink_ask(message, NULL, NULL);
  }
}

/* The kernel makes a link-local address when the link comes up, and not again. */
static int flush(int index, gboolean keep_link_local) {
  g_autoptr(GArray) addresses = link_addresses(NULL);
  int r = addresses != NULL ? delete_routes(index) : -EIO;

  for (guint i = 0; r == 0 && i < addresses->len; i++) {
    const LinkAddress *address = &g_array_index(addresses, LinkAddress, i);
    const gboolean kept = keep_link_local && address->family == AF_INET6 && address->scope == RT_SCOPE_LINK;
    if (address->index != index || kept)
      continue;
    r = link_address_delete(address);
    if (is_gone(r))
      r = 0;
    delete_rules(address);
  }
  return r;
}

int link_flush(int index) {
  return flush(index, FALSE);
}

int link_flush_global(int index) {
  return flush(index, TRUE);
}
