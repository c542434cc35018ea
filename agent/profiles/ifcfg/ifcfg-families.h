/* ifcfg-families.h - the addresses, gateways and methods that ifcfg files say. */
#pragma once

#include "profiles/profile.h"
#include "profiles/text/shell-text.h"

/* ifcfg_ipv4_read: of a connection's TEXT and the files that add addresses to it (MORE: ShellText*) into FAMILY. COMMON
 * is /etc/sysconfig/network, empty where there is none, DEVICE what the connection is for (may be NULL). Returns
 * whether its gateway is the one of COMMON. */
gboolean ifcfg_ipv4_read(const ShellText *common, const ShellText *text, const GPtrArray *more, const char *device,
                         PlainFamily *family);
/* ifcfg_ipv6_read: likewise; such files say nothing of it. */
gboolean ifcfg_ipv6_read(const ShellText *common, const ShellText *text, const char *device, PlainFamily *family);
