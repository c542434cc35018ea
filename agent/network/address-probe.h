/* address-probe.h - does somebody else hold this address? Asked before it is used.
 *
 * IPv4: ARP probes with the sender address 0.0.0.0 (RFC 5227, section 2.1). IPv6: neighbour solicitations from :: to
 * the solicited-node group (RFC 4862, section 5.4). Both on packet sockets, so that neither the kernel nor
 * NetworkManager has to have an address, nor be up. No frame carries any address of this machine but its MAC. An
 * interface that is down is brought up for the question (without IPv6 of the kernel's own) and taken down afterwards.
 *
 * All addresses are asked for at once. RFC 5227 spreads three probes over up to 5 s and listens 2 s longer; a boot
 * cannot wait that long: three probes PROBE_INTERVAL_MS apart, and PROBE_LISTEN_MS after the last.
 */
#pragma once

#include <glib.h>
#include <netinet/in.h>

#include "observe/nics.h"

enum { PROBE_COUNT = 3, PROBE_INTERVAL_MS = 250, PROBE_LISTEN_MS = 500, PROBE_CARRIER_MS = 5000 };

typedef enum {
  ADDRESS_FREE,       /* nobody answered */
  ADDRESS_HELD,       /* HOLDER has it */
  ADDRESS_NOT_PROBED, /* the interface is not there, has no carrier, or has no ARP: see WHY */
} AddressState;

typedef struct {
  char interface[NIC_NAME];
  int family; /* AF_INET or AF_INET6 */
  union {
    struct in_addr v4;
    struct in6_addr v6;
  } ip;
  AddressState state;        /* out */
  char holder[NIC_MAC_TEXT]; /* out: ADDRESS_HELD: the MAC that answered */
  char why[128];             /* out: ADDRESS_NOT_PROBED */
} AddressProbe;

/* addresses_probe: fill the out fields of COUNT probes. An address that this machine holds already is free. Errors
 * (RI_ERROR_NETWORK): no permission for packet sockets, no memory. Bounded by the sum of the times above. */
gboolean addresses_probe(AddressProbe *probes, gsize count, GError **error);

/* gateway_answers: does ADDRESS (text) answer ARP or a neighbour solicitation on INTERFACE within TIMEOUT_MS? The
 * sender address is one of ours on that interface. MAC (may be NULL) gets the one that answered. FALSE without an error
 * when it is silent; TRUE where the interface has no ARP (a tunnel): there is nobody to ask. */
gboolean gateway_answers(const char *interface, const char *address, int timeout_ms, char mac[NIC_MAC_TEXT],
                         GError **error);
