/* neighbour-frames.c - ARP (RFC 826, RFC 5227) and IPv6 neighbour discovery (RFC 4861) as bytes */
#include "neighbour-frames.h"

#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <string.h>

enum { HOP_LIMIT = 255, OPTION_UNIT = 8 };

void frame_ask_ipv4(Frame *frame, const unsigned char mac[FRAME_MAC], const struct in_addr *sender,
                    const struct in_addr *address) {
  struct ether_arp arp = {.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
                                     .ar_pro = htons(ETHERTYPE_IP),
                                     .ar_hln = FRAME_MAC,
                                     .ar_pln = sizeof *address,
                                     .ar_op = htons(ARPOP_REQUEST)}};

  memcpy(arp.arp_sha, mac, FRAME_MAC);
  if (sender != NULL)
    memcpy(arp.arp_spa, sender, sizeof *sender);
  memcpy(arp.arp_tpa, address, sizeof *address);
  *frame = (Frame){.size = sizeof arp, .protocol = ETHERTYPE_ARP};
  memcpy(frame->bytes, &arp, sizeof arp);
  memset(frame->to, 0xff, FRAME_MAC);
}

/* RFC 1071 over the pseudo-header of RFC 8200, section 8.1. */
static uint32_t sum(uint32_t so_far, const void *data, gsize size) {
  const unsigned char *bytes = data;

  for (gsize i = 0; i + 1 < size; i += 2)
    so_far += (uint32_t)bytes[i] << 8 | bytes[i + 1];
  return so_far;
}

static uint16_t checksum(const struct ip6_hdr *header, const void *message, gsize size) {
  uint32_t total = sum(0, &header->ip6_src, 2 * sizeof(struct in6_addr));

  total += (uint32_t)size + IPPROTO_ICMPV6;
  total = sum(total, message, size);
  while (total >> 16 != 0)
    total = (total & 0xffff) + (total >> 16);
  return htons((uint16_t)~total);
}

/* ff02::1:ffXX:XXXX, and its Ethernet group 33:33:ff:XX:XX:XX. */
static void solicited_node(const struct in6_addr *address, struct in6_addr *group, unsigned char mac[FRAME_MAC]) {
  static const unsigned char start[] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};

  memcpy(group, start, sizeof start);
  memcpy(group->s6_addr + sizeof start, address->s6_addr + sizeof start, sizeof *address - sizeof start);
  mac[0] = mac[1] = 0x33;
  memcpy(mac + 2, group->s6_addr + 12, 4);
}

void frame_ask_ipv6(Frame *frame, const unsigned char mac[FRAME_MAC], const struct in6_addr *sender,
                    const struct in6_addr *address) {
  struct {
    struct ip6_hdr header;
    struct nd_neighbor_solicit solicit;
    struct nd_opt_hdr option;
    unsigned char source[FRAME_MAC];
  } packet = {.solicit = {.nd_ns_hdr = {.icmp6_type = ND_NEIGHBOR_SOLICIT}, .nd_ns_target = *address},
              .option = {.nd_opt_type = ND_OPT_SOURCE_LINKADDR, .nd_opt_len = 1}};
  /* From :: the option must not be there (RFC 4861, section 4.3). */
  gsize size = sizeof packet.solicit + (sender != NULL ? OPTION_UNIT : 0);

  packet.header.ip6_flow = htonl(6U << 28);
  packet.header.ip6_plen = htons((uint16_t)size);
  packet.header.ip6_nxt = IPPROTO_ICMPV6;
  packet.header.ip6_hlim = HOP_LIMIT;
  if (sender != NULL)
    packet.header.ip6_src = *sender;
  memcpy(packet.source, mac, FRAME_MAC);
  *frame = (Frame){.size = sizeof packet.header + size, .protocol = ETHERTYPE_IPV6};
  solicited_node(address, &packet.header.ip6_dst, frame->to);
  packet.solicit.nd_ns_hdr.icmp6_cksum = checksum(&packet.header, &packet.solicit, size);
  memcpy(frame->bytes, &packet, frame->size);
}

FrameMeaning frame_read_ipv4(const unsigned char *bytes, gsize size, const struct in_addr *address) {
  static const unsigned char nobody[sizeof *address];
  struct ether_arp arp;

  if (size < sizeof arp)
    return FRAME_OTHER;
  memcpy(&arp, bytes, sizeof arp);
  if (arp.ea_hdr.ar_pro != htons(ETHERTYPE_IP) || arp.ea_hdr.ar_hln != FRAME_MAC ||
      arp.ea_hdr.ar_pln != sizeof *address)
    return FRAME_OTHER;
  if (memcmp(arp.arp_spa, address, sizeof *address) == 0)
    return FRAME_HOLDS;
  return arp.ea_hdr.ar_op == htons(ARPOP_REQUEST) && memcmp(arp.arp_spa, nobody, sizeof nobody) == 0 &&
                 memcmp(arp.arp_tpa, address, sizeof *address) == 0
             ? FRAME_WANTS
             : FRAME_OTHER;
}

FrameMeaning frame_read_ipv6(const unsigned char *bytes, gsize size, const struct in6_addr *address) {
  struct {
    struct ip6_hdr header;
    struct nd_neighbor_solicit message; /* an advertisement has its target at the same place */
  } packet;

  if (size < sizeof packet)
    return FRAME_OTHER;
  memcpy(&packet, bytes, sizeof packet);
  if (packet.header.ip6_nxt != IPPROTO_ICMPV6 || packet.header.ip6_hlim != HOP_LIMIT ||
      memcmp(&packet.message.nd_ns_target, address, sizeof *address) != 0)
    return FRAME_OTHER;
  if (packet.message.nd_ns_hdr.icmp6_type == ND_NEIGHBOR_ADVERT)
    return FRAME_HOLDS;
  return packet.message.nd_ns_hdr.icmp6_type == ND_NEIGHBOR_SOLICIT && IN6_IS_ADDR_UNSPECIFIED(&packet.header.ip6_src)
             ? FRAME_WANTS
             : FRAME_OTHER;
}
