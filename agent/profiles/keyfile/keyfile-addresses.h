/* keyfile-addresses.h - what a keyfile's keys say of addresses, gateways and routes, as NetworkManager reads them
 * (nm-settings-keyfile(5), nm-keyfile.c). FAMILY is AF_INET or AF_INET6.
 */
#pragma once

#include "profiles/text/keyfile-text.h"

/* keyfile_address_keys: address, addressN, addresses, addressesN, in the order in which NetworkManager takes them;
 * NULL-terminated; the caller frees with g_strfreev. */
char **keyfile_address_keys(const KeyfileText *text, int family);
/* keyfile_addresses: what stands there (char*), as ADDRESS or ADDRESS/PREFIX. The caller frees. */
GPtrArray *keyfile_addresses(const KeyfileText *text, int family);
/* keyfile_gateway: the gateway in effect: written as `gateway`, behind an address or as a default route; or NULL. The
 * caller frees. */
char *keyfile_gateway(const KeyfileText *text, int family);
/* keyfile_route_keys: route, routeN, routes, routesN, as they stand; NULL-terminated; the caller frees with
 * g_strfreev. */
char **keyfile_route_keys(const KeyfileText *text, int family);
/* keyfile_route_next_hop: DESTINATION/PREFIX,NEXT-HOP,METRIC of one of them; NULL: none. The caller frees. */
char *keyfile_route_next_hop(const KeyfileText *text, int family, const char *key);
/* keyfile_route_is_on_link: its next hop is reached though no prefix holds it. */
gboolean keyfile_route_is_on_link(const KeyfileText *text, int family, const char *key);
/* keyfile_route_is_default: it is a default route of the main table by a next hop: a gateway in all but name. */
gboolean keyfile_route_is_default(const KeyfileText *text, int family, const char *key);
