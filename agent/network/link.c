/* link.c - an interface as the kernel has it, its addresses with their flags, its routes (rtnetlink) */
#include "link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  *link = (Link){0};
  if (fd < 0)
    return -errno;
  (void)g_strlcpy(link->name, interface, sizeof link->name);
  int r = read_with(fd, interface, link);
  (void)close(fd);
  return r;
}

/* Without it the kernel would make up a link-local address and ask for routers as soon as the interface is up. Where
 * /proc/sys cannot be written it does so, with the card's own MAC. */
static void set_kernel_ipv6(const char *interface, gboolean on) {
  g_autofree char *path = g_strdup_printf("/proc/sys/net/ipv6/conf/%s/disable_ipv6", interface);
  FILE *file = fopen(path, "we");

  if (file == NULL)
    return;
  (void)fputs(on ? "0\n" : "1\n", file);
  (void)fclose(file);
}

int link_set_up(const Link *link, gboolean up) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {0};
  int r = fd < 0 ? -errno : ask(fd, SIOCGIFFLAGS, link->name, &request);

  if (r == 0) {
    if (up)
      set_kernel_ipv6(link->name, FALSE);
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    r = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    if (!up || r < 0)
      set_kernel_ipv6(link->name, TRUE);
  }
  if (fd >= 0)
    (void)close(fd);
  return r;
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
    while (!all_running(interfaces, count) && left > 0 && poll(&events, 1, (int)left) >= 0) {
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

typedef struct {
  int index;
  gint64 best;
} RouteSearch;

static void search_route(struct nlmsghdr *message, gpointer data) {
  struct rtmsg *route = NLMSG_DATA(message);
  RouteSearch *search = data;
  guint32 metric = 0;
  int index = 0, left = 0;

  if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_len < NLMSG_LENGTH(sizeof *route) ||
      route->rtm_table != RT_TABLE_MAIN || route->rtm_type != RTN_UNICAST)
    return;
  left = (int)RTM_PAYLOAD(message);
  for (struct rtattr *attribute = RTM_RTA(route); RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type == RTA_OIF && RTA_PAYLOAD(attribute) == sizeof index)
      memcpy(&index, RTA_DATA(attribute), sizeof index);
    if (attribute->rta_type == RTA_PRIORITY && RTA_PAYLOAD(attribute) == sizeof metric)
      memcpy(&metric, RTA_DATA(attribute), sizeof metric);
  }
  if (index == search->index)
    search->best = MIN(search->best, metric);
}

gint64 link_best_metric(int index, int family) {
  RouteSearch search = {index, LINK_NO_ROUTE};
  struct {
    struct nlmsghdr header;
    struct rtmsg about;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .about = {.rtm_family = (unsigned char)family}};

  return netlink_ask(&request.header, search_route, &search) < 0 ? LINK_NO_ROUTE : search.best;
}
