/* ifupdown-servers.h - gateway and DNS in the stanzas of one interface (InterfacesStanza*, as they are read). */
#pragma once

#include "plan/outcome.h"
#include "profiles/ifupdown/interfaces.h"

/* ifupdown_set_gateways: the first of FAMILY stays and becomes GATEWAY; where that is NULL, none does. FALSE: it stands
 * nowhere. */
gboolean ifupdown_set_gateways(const GPtrArray *stanzas, int family, const char *gateway);

/* ifupdown_set_servers: SERVERS (NULL: none) in the place of STANZA's of FAMILY; resolvconf takes dns-nameservers and
 * dns-nameserver alike. FALSE: they stand nowhere. */
gboolean ifupdown_set_servers(const InterfacesStanza *stanza, int family, const char *servers);

/* ifupdown_set_dns: OUTCOME's servers and search domains, where they stand or else into HEAD's stanza. */
void ifupdown_set_dns(const GPtrArray *stanzas, const Outcome *outcome, StanzaText *text, const StanzaLine *head);

/* ifupdown_last_of: the last option of HEAD's stanza that has to do with addresses, else HEAD. */
const StanzaLine *ifupdown_last_of(const StanzaText *text, const StanzaLine *head);
