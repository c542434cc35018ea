/* static-address.h - static addresses in network files that are not NetworkManager's keyfiles.
 *
 * Each format has a small reader of its own (ifcfg.c, netplan.c, ...) that gives tokens: file, line, interface,
 * address. Only global addresses are given: no loopback, no link-local. What to make of them is decided in
 * plan/foreign.c.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

typedef struct {
  char *path;
  unsigned line;
  char *interface;      /* as the file names or matches it; NULL: it names none */
  char *address;        /* without prefix */
  gboolean idle;        /* the interface does not come up by itself, or lies over no hardware */
  const char *why_idle; /* static; NULL: one of those */
  gboolean is_virtual;  /* beside the machine's own ones: one that routers hold in common, or pass on to each other */
  gboolean is_given; /* written together with a name of this machine's own: the template's only if a profile has it */
} StaticAddress;

GPtrArray *static_addresses_new(void);

/* static_addresses_add: where TEXT (quotes, prefix and what follows it do not count) is a global address. */
void static_addresses_add(GPtrArray *found, const char *path, unsigned line, const char *interface, const char *text,
                          gboolean idle);

/* static_addresses_add_words: of a file that cannot be read as what it is: whatever looks like a host's address with a
 * prefix. */
void static_addresses_add_words(GPtrArray *found, const char *path, GBytes *bytes);

/* static_address_interface_is_virtual: by its name it lies over no hardware (dummy0, tun0, docker0, a container's end).
 */
gboolean static_address_interface_is_virtual(const char *name);
/* static_address_interface_is_loopback: "lo", or an alias of it ("lo:1"). */
gboolean static_address_interface_is_loopback(const char *name);

/* The readers: files that are not there are none. Errors: a file that cannot be read. */
gboolean ifcfg_read(const Root *root, GPtrArray *found, GError **error);
gboolean netplan_read(const Root *root, GPtrArray *found, GError **error);
gboolean networkd_read(const Root *root, GPtrArray *found, GError **error);
gboolean ifupdown_read(const Root *root, GPtrArray *found, GError **error);
gboolean dhclient_read(const Root *root, GPtrArray *found, GError **error);
gboolean dhcpcd_read(const Root *root, GPtrArray *found, GError **error);
gboolean wicked_read(const Root *root, GPtrArray *found, GError **error);
gboolean scripts_read(const Root *root, GPtrArray *found, GError **error);
gboolean commands_read(const Root *root, GPtrArray *found, GError **error);
gboolean netctl_read(const Root *root, GPtrArray *found, GError **error);
gboolean nmstate_read(const Root *root, GPtrArray *found, GError **error);
gboolean wg_quick_read(const Root *root, GPtrArray *found, GError **error);
gboolean frr_read(const Root *root, GPtrArray *found, GError **error);
gboolean keepalived_read(const Root *root, GPtrArray *found, GError **error);
gboolean ucarp_read(const Root *root, GPtrArray *found, GError **error);
gboolean connman_read(const Root *root, GPtrArray *found, GError **error);
/* What cloud-init would render into a file: FOUND is empty. */
gboolean cloud_init_read(const Root *root, GPtrArray *found, GError **error);

/* ifupdown_interfaces: add to NAMES (char*, owned) the interfaces of /etc/network/interfaces and what it sources that
 * NetworkManager's plugin for it leaves alone. */
gboolean ifupdown_interfaces(const Root *root, GHashTable *names, GError **error);

/* For the readers. */

/* text_file_lines: PATH's lines without their ends; *LINES is NULL where the file is not there. */
gboolean text_file_lines(const Root *root, const char *path, char ***lines, GError **error);

/* text_file_joined_lines: the same; a line that goes on after a backslash is one, and the others of it are empty. */
gboolean text_file_joined_lines(const Root *root, const char *path, char ***lines, GError **error);

/* text_file_key: the KEY of a line "KEY = VALUE" (both stripped), or NULL; *VALUE points into what is returned. The
 * caller frees the key with g_free. A line that begins with # or ; is none. */
char *text_file_key(const char *line, const char **value);

/* text_files_in: the paths of the files in DIRECTORY for which TAKES says yes, sorted by name. NULL-terminated. */
char **text_files_in(const Root *root, const char *directory, gboolean (*takes)(const char *name), GError **error);
