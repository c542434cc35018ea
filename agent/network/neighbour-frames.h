/* neighbour-frames.h - the questions and answers of ARP (RFC 826, RFC 5227) and IPv6 neighbour discovery (RFC 4861) as
 * bytes. Pure: what comes in may be anything. */
#pragma once

#include <glib.h>
#include <netinet/in.h>

enum { FRAME_MAC = 6, FRAME_SIZE = 128 };

typedef struct {
  unsigned char bytes[FRAME_SIZE]; /* behind the link-layer header */
  gsize size;
  unsigned char to[FRAME_MAC]; /* link-layer destination */
  unsigned short protocol;     /* ETH_P_ARP or ETH_P_IPV6 */
} Frame;

/* Who has ADDRESS? SENDER is an address of ours, or NULL: 0.0.0.0 or ::, which only asks whether it is free. */
void frame_ask_ipv4(Frame *frame, const unsigned char mac[FRAME_MAC], const struct in_addr *sender,
                    const struct in_addr *address);
void frame_ask_ipv6(Frame *frame, const unsigned char mac[FRAME_MAC], const struct in6_addr *sender,
                    const struct in6_addr *address);

/* What a frame says about ADDRESS. */
typedef enum {
  FRAME_OTHER, /* nothing */
  FRAME_HOLDS, /* its sender has it */
  FRAME_WANTS, /* its sender asks whether it is free: it is about to use it */
} FrameMeaning;

FrameMeaning frame_read_ipv4(const unsigned char *bytes, gsize size, const struct in_addr *address);
FrameMeaning frame_read_ipv6(const unsigned char *bytes, gsize size, const struct in6_addr *address);
