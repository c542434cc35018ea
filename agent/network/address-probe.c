/* address-probe.c - does somebody else hold this address? Asked before it is used */
#include "address-probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/each.h"
#include "base/error.h"
#include "link.h"
#include "neighbour-frames.h"

enum { LISTEN_BUFFER = 2048 };

/* A packet socket for one question: bound to the interface and to ARP or IPv6. */
typedef struct {
  AddressProbe *probe;
  Link link;
  Frame question;
  int fd;
} Asker;

static void join(const Asker *asker, const unsigned char mac[FRAME_MAC]) {
  struct packet_mreq group = {.mr_ifindex = asker->link.index, .mr_type = PACKET_MR_MULTICAST, .mr_alen = FRAME_MAC};

  memcpy(group.mr_address, mac, FRAME_MAC);
  (void)setsockopt(asker->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &group, sizeof group);
}

/* An advertisement to somebody who has no address goes to all nodes; another's question goes to the group of ours. */
static int open_asker(Asker *asker) {
  static const unsigned char all_nodes[] = {0x33, 0x33, 0, 0, 0, 1};
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(asker->question.protocol), .sll_ifindex = asker->link.index};

  asker->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (asker->fd < 0 || bind(asker->fd, (struct sockaddr *)&address, sizeof address) < 0)
    return -errno;
  if (asker->probe->family == AF_INET6) {
    join(asker, all_nodes);
    join(asker, asker->question.to);
  }
  return 0;
}

static void ask(const Asker *asker) {
  struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                .sll_protocol = htons(asker->question.protocol),
                                .sll_ifindex = asker->link.index,
                                .sll_halen = FRAME_MAC};

  memcpy(address.sll_addr, asker->question.to, FRAME_MAC);
  (void)sendto(asker->fd, asker->question.bytes, asker->question.size, 0, (struct sockaddr *)&address, sizeof address);
}

static FrameMeaning meaning(const AddressProbe *probe, const unsigned char *bytes, gsize size) {
  return probe->family == AF_INET ? frame_read_ipv4(bytes, size, &probe->ip.v4)
                                  : frame_read_ipv6(bytes, size, &probe->ip.v6);
}

/* Whatever comes from our own MAC is ours (a bridge or a bond sends it back to us). */
static void hear(Asker *asker, FrameMeaning least) {
  unsigned char buffer[LISTEN_BUFFER];
  struct sockaddr_ll from = {0};
  socklen_t from_size = sizeof from;
  ssize_t size;

  while ((size = recvfrom(asker->fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &from_size)) >= 0) {
    FrameMeaning said = meaning(asker->probe, buffer, (gsize)size);
    gboolean own = from.sll_pkttype == PACKET_OUTGOING || from.sll_halen != FRAME_MAC ||
                   memcmp(from.sll_addr, asker->link.mac, FRAME_MAC) == 0;
    from_size = sizeof from;
    if (own || said == FRAME_OTHER || (said == FRAME_WANTS && least == FRAME_HOLDS))
      continue;
    asker->probe->state = ADDRESS_HELD;
    (void)g_snprintf(asker->probe->holder, sizeof asker->probe->holder, "%02x:%02x:%02x:%02x:%02x:%02x",
                     from.sll_addr[0], from.sll_addr[1], from.sll_addr[2], from.sll_addr[3], from.sll_addr[4],
                     from.sll_addr[5]);
    return;
  }
}

/* Until all are answered or TIME_MS are over, and what has come until then is heard; LEAST: what counts as an answer.
 */
static void listen_for(Asker *askers, gsize count, int time_ms, FrameMeaning least) {
  const gint64 end = g_get_monotonic_time() + time_ms * G_GINT64_CONSTANT(1000);
  g_autoptr(GArray) array = g_array_set_size(g_array_new(FALSE, TRUE, sizeof(struct pollfd)), (guint)count);
  struct pollfd *events = &g_array_index(array, struct pollfd, 0);
  gint64 left;

  do {
    left = MAX((end - g_get_monotonic_time() + 999) / 1000, 0);
    gsize open_questions = 0;
    for (gsize i = 0; i < count; i++) {
      gboolean open_question = askers[i].fd >= 0 && askers[i].probe->state == ADDRESS_FREE;
      events[i] = (struct pollfd){.fd = open_question ? askers[i].fd : -1, .events = POLLIN};
      open_questions += open_question;
    }
    if (open_questions == 0)
      return;
    if (poll(events, count, (int)left) < 0) {
      if (errno == EINTR)
        continue; /* a signal that is only noted is no answer */
      return;
    }
    for (gsize i = 0; i < count; i++)
      if (events[i].revents != 0)
        hear(&askers[i], least);
  } while (left > 0);
}

static void ask_all(Asker *askers, gsize count) {
  for (int round = 0; round < PROBE_COUNT; round++) {
    for (gsize i = 0; i < count; i++)
      if (askers[i].fd >= 0 && askers[i].probe->state == ADDRESS_FREE)
        ask(&askers[i]);
    listen_for(askers, count, round + 1 < PROBE_COUNT ? PROBE_INTERVAL_MS : PROBE_LISTEN_MS, FRAME_WANTS);
  }
}

static void not_probed(AddressProbe *probe, const char *why) {
  probe->state = ADDRESS_NOT_PROBED;
  (void)g_strlcpy(probe->why, why, sizeof probe->why);
}

static void note_link(Asker *asker) {
  AddressProbe *probe = asker->probe;

  if (link_read(probe->interface, &asker->link) < 0)
    not_probed(probe, "there is no such interface yet");
  else if (asker->link.type != ARPHRD_ETHER || (asker->link.flags & IFF_NOARP) != 0)
    not_probed(probe, "the interface has no ARP");
}

static void find_links(Asker *askers, gsize count, const GArray *addresses) {
  for (gsize i = 0; i < count; i++) {
    AddressProbe *probe = askers[i].probe;
    askers[i].fd = -1;
    probe->state = ADDRESS_FREE;
    if (link_address_find(addresses, 0, probe->family, &probe->ip) == NULL)
      note_link(&askers[i]);
  }
}

static gboolean is_asked(const Asker *asker) {
  return asker->link.index > 0 && asker->probe->state == ADDRESS_FREE;
}

/* Brings up what is down and returns those (Link), once each. */
static GArray *bring_up(Asker *askers, gsize count) {
  GArray *brought_up = g_array_new(FALSE, FALSE, sizeof(Link));
  g_autoptr(GPtrArray) names = g_ptr_array_new();

  for (gsize i = 0; i < count; i++) {
    Link now;
    if (!is_asked(&askers[i]) || link_read(askers[i].probe->interface, &now) < 0)
      continue;
    int r = (now.flags & IFF_UP) == 0 ? link_set_up_silently(&now) : 0;
    if (r < 0) {
      not_probed(askers[i].probe, g_strerror(-r));
      continue;
    }
    g_ptr_array_add(names, askers[i].probe->interface);
    if ((now.flags & IFF_UP) == 0)
      (void)g_array_append_val(brought_up, now);
  }
  link_wait_running((const char *const *)names->pdata, names->len, PROBE_CARRIER_MS);
  for (gsize i = 0; i < count; i++)
    if (is_asked(&askers[i]) &&
        (link_read(askers[i].probe->interface, &askers[i].link) < 0 || (askers[i].link.flags & IFF_RUNNING) == 0))
      not_probed(askers[i].probe, "the interface has no carrier");
  return brought_up;
}

static gboolean open_askers(Asker *askers, gsize count, GError **error) {
  for (gsize i = 0; i < count; i++) {
    Asker *asker = &askers[i];
    if (!is_asked(asker))
      continue;
    if (asker->probe->family == AF_INET)
      frame_ask_ipv4(&asker->question, asker->link.mac, NULL, &asker->probe->ip.v4);
    else
      frame_ask_ipv6(&asker->question, asker->link.mac, NULL, &asker->probe->ip.v6);
    int r = open_asker(asker);
    if (r < 0)
      return ri_error(error, RI_ERROR_NETWORK, "cannot send ARP requests on %s: %s", asker->probe->interface,
                      g_strerror(-r));
  }
  return TRUE;
}

static void close_askers(Asker *askers, gsize count) {
  for (gsize i = 0; i < count; i++)
    if (askers[i].fd >= 0)
      (void)close(askers[i].fd);
}

gboolean addresses_probe(AddressProbe *probes, gsize count, GError **error) {
  g_autoptr(GArray) array = g_array_set_size(g_array_new(FALSE, TRUE, sizeof(Asker)), (guint)count);
  Asker *askers = &g_array_index(array, Asker, 0);
  g_autoptr(GArray) addresses = link_addresses(error);

  if (addresses == NULL)
    return FALSE;
  for (gsize i = 0; i < count; i++)
    askers[i].probe = &probes[i];
  find_links(askers, count, addresses);
  g_autoptr(GArray) brought_up = bring_up(askers, count);
  gboolean ok = open_askers(askers, count, error);
  if (ok)
    ask_all(askers, count);
  close_askers(askers, count);
  for (guint i = 0; i < brought_up->len; i++)
    (void)link_set_down_again(&g_array_index(brought_up, Link, i));
  return ok;
}

/* Routers may pass over a question from outside their own prefix. */
static gboolean shares_prefix(const LinkAddress *address, const AddressProbe *gateway) {
  const unsigned char *other = (const unsigned char *)&gateway->ip;
  unsigned whole = address->prefix / 8, rest = address->prefix % 8;

  return memcmp(address->ip, other, whole) == 0 &&
         (rest == 0 || (address->ip[whole] ^ other[whole]) >> (8 - rest) == 0);
}

/* The address of ours on the interface that is best as the sender. */
static const LinkAddress *sender_for(const GArray *addresses, const Link *link, const AddressProbe *gateway) {
  const LinkAddress *found = NULL;

  array_each (const LinkAddress *, address, addresses)
    if (address->index == link->index && address->family == gateway->family &&
        (found == NULL || shares_prefix(address, gateway)))
      found = address;
  return found;
}

static gboolean ask_gateway(Asker *asker, const LinkAddress *sender, int timeout_ms, GError **error) {
  if (asker->probe->family == AF_INET)
    frame_ask_ipv4(&asker->question, asker->link.mac, (const void *)sender->ip, &asker->probe->ip.v4);
  else
    frame_ask_ipv6(&asker->question, asker->link.mac, (const void *)sender->ip, &asker->probe->ip.v6);
  int r = open_asker(asker);
  if (r < 0)
    return ri_error_errno(error, r, "the gateway cannot be asked on %s", asker->probe->interface);
  for (int round = 0; round < PROBE_COUNT && asker->probe->state == ADDRESS_FREE; round++) {
    ask(asker);
    listen_for(asker, 1, timeout_ms / PROBE_COUNT, FRAME_HOLDS);
  }
  return asker->probe->state == ADDRESS_HELD;
}

gboolean gateway_answers(const char *interface, const char *address, int timeout_ms, char mac[NIC_MAC_TEXT],
                         GError **error) {
  AddressProbe gateway = {.family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET};
  Asker asker = {.probe = &gateway, .fd = -1};

  (void)g_strlcpy(gateway.interface, interface, sizeof gateway.interface);
  if (inet_pton(gateway.family, address, &gateway.ip) != 1)
    return ri_error(error, RI_ERROR_NETWORK, "%s is not an address of a gateway", address);
  note_link(&asker);
  if (gateway.state == ADDRESS_NOT_PROBED)
    return asker.link.index > 0;
  g_autoptr(GArray) addresses = link_addresses(error);
  const LinkAddress *sender = addresses != NULL ? sender_for(addresses, &asker.link, &gateway) : NULL;
  if (sender == NULL)
    return FALSE;
  gboolean answered = ask_gateway(&asker, sender, timeout_ms, error);
  if (asker.fd >= 0)
    (void)close(asker.fd);
  if (answered && mac != NULL)
    (void)g_strlcpy(mac, gateway.holder, NIC_MAC_TEXT);
  return answered;
}
