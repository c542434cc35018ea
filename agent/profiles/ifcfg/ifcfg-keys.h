/* ifcfg-keys.h - what the keys of an ifcfg file mean, as NetworkManager's ifcfg-rh plugin (nms-ifcfg-rh-reader.c) and
 * the network scripts (sysconfig.txt) have it.
 */
#pragma once

#include "profiles/text/shell-text.h"

/* The machine's own address inside a GRE or IPIP tunnel. */
#define IFCFG_INNER_ADDRESS "MY_INNER_IPADDR"

/* ifcfg_is_read_name: NetworkManager's plugin takes a file of that name (nms-ifcfg-rh-utils.c,
 * utils_should_ignore_file). */
gboolean ifcfg_is_read_name(const char *name);

/* ifcfg_value: KEY's value; NULL: it is not there, not known, or empty. The caller frees. */
char *ifcfg_value(const ShellText *text, const char *key);
/* ifcfg_is_true: "yes", "true", "t", "y", "1" and their opposites; anything else is FALLBACK. */
gboolean ifcfg_is_true(const ShellText *text, const char *key, gboolean fallback);
/* ifcfg_is: KEY's value is WORD, in any case. */
gboolean ifcfg_is(const ShellText *text, const char *key, const char *word);

/* ifcfg_numbered: the numbers with which NAME is in TEXT (gint64, -1: without one), sorted. */
GArray *ifcfg_numbered(const ShellText *text, const char *name);
/* ifcfg_key: NAME with a number, -1: without. The caller frees. */
char *ifcfg_key(const char *name, gint64 number);

/* ifcfg_type: as NetworkManager calls it; "generic" where it does not know what it is. Static. */
const char *ifcfg_type(const ShellText *text);

/* ifcfg_prefix: of NETMASK ("255.255.255.0"); -1: it is none. */
int ifcfg_prefix(const char *netmask);
