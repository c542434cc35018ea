/* netplan-files.h - netplan's files in the order in which netplan reads them, and what they define.
 *
 * By name across /usr/lib/netplan, /run/netplan and /etc/netplan, a file hiding those of its name in the directories
 * before (netplan(5), "General structure"). Keys of a later file take the place of those of earlier ones, lists add up.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "profiles/text/yaml-text.h"

#define NETPLAN_DIR "/etc/netplan"

typedef struct {
  char *name;       /* in its directory: what it is sorted by */
  char *path;       /* resolved, below the root */
  GBytes *bytes;    /* as read */
  YamlText *text;   /* NULL: cannot be read */
  char *refused;    /* why not, with file and line; NULL: it can */
  gboolean is_ours; /* it lies in /etc */
  gboolean is_new;  /* it is not there yet */
} NetplanFile;

/* netplan_files_read: NetplanFile*; the caller unrefs. What is no YAML is no error.
 */
GPtrArray *netplan_files_read(const Root *root, GError **error);

/* netplan_files_add: as if PATH (resolved), in /etc, held BYTES, which are YAML. */
NetplanFile *netplan_files_add(GPtrArray *files, const char *path, GBytes *bytes);

/* netplan_section_has_interfaces: "ethernets", "bonds", ...: a mapping of ids. */
gboolean netplan_section_has_interfaces(const char *section);

/* One interface, as all files together define it. */
typedef struct {
  const char *id, *section;
  GPtrArray *nodes; /* YamlNode*: its mapping in each file that has one, in order */
  GPtrArray *files; /* NetplanFile*, of each of them */
} NetplanInterface;

/* netplan_interfaces: NetplanInterface*, in order of first appearance; borrows from FILES. The caller unrefs. */
GPtrArray *netplan_interfaces(const GPtrArray *files);
/* netplan_interface: the one that is called ID; NULL: none. The caller frees. */
NetplanInterface *netplan_interface(const GPtrArray *files, const char *id);
void netplan_interface_free(NetplanInterface *interface);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetplanInterface, netplan_interface_free)

/* netplan_is_manager: NetworkManager is its back end, and not networkd. */
gboolean netplan_is_manager(const GPtrArray *files, const NetplanInterface *interface);

/* netplan_value: the value in effect, of a NULL-terminated way of keys: that of the last file. */
const YamlNode *netplan_value(const NetplanInterface *interface, const char *key, ...) G_GNUC_NULL_TERMINATED;
/* netplan_text: the same as text; NULL: none. */
const char *netplan_text(const NetplanInterface *interface, const char *key);
/* netplan_items: YamlNode*, the items of the list KEY of all files. The caller unrefs. */
GPtrArray *netplan_items(const NetplanInterface *interface, const char *key);
/* netplan_is_true: as netplan reads a boolean. */
gboolean netplan_is_true(const char *text);

/* netplan_address: of an item of `addresses`: "10.0.0.4/24", also where options are with it; NULL: it is none. */
const char *netplan_address(const YamlNode *item);
/* netplan_is_default: an item of `routes` is a default route of the main table. FAMILY: AF_INET or AF_INET6. */
gboolean netplan_is_default(const YamlNode *route, int family);
/* netplan_family: AF_INET6 where TEXT has a colon. */
int netplan_family(const char *text);
