/* networkd-file.h - a .network or .netdev file with its drop-ins, as systemd-networkd reads them (systemd.network(5),
 * systemd.netdev(5)).
 *
 * Files of all directories count in the order of their names; of several with one name that in /etc hides that in /run,
 * and that one those in /usr/local/lib and /usr/lib; an empty one (also a link to /dev/null) only hides. Drop-ins
 * (NAME.d/X.conf) likewise, behind the file itself.
 */
#pragma once

#include "base/root.h"
#include "profiles/text/unit-text.h"

typedef struct {
  char *path; /* resolved, below the root */
  GBytes *bytes;
  UnitText *text;    /* NULL: systemd-networkd refuses it, and with it the whole of the file */
  gboolean editable; /* networkd_path_is_admins */
  gboolean is_new;   /* it is not there yet */
} NetworkdPart;

typedef struct {
  guint references;
  char *name;       /* "20-lan.network" */
  GPtrArray *parts; /* NetworkdPart*: the file itself, then its drop-ins */
  char *refused;    /* "/etc/...: line 4 is no section's head"; NULL: it is not */
  GPtrArray *front; /* NetworkdFile*: those of packages in front of it that are no profiles; NULL: none */
} NetworkdFile;

typedef GPtrArray NetworkdFiles; /* NetworkdFile*, in the order in which they count */

/* networkd_path_is_admins: a resolved path in /etc, or where a link in /etc leads, but for packages' files and /run. */
gboolean networkd_path_is_admins(const char *path);

/* networkd_files_read: those whose name ends in ENDING (".network", ".netdev"). Errors: what cannot be read. */
NetworkdFiles *networkd_files_read(const Root *root, const char *ending, GError **error);

/* networkd_file_read: the file of this PATH alone, with its drop-ins; NULL with *ERROR unset: it is not there. */
NetworkdFile *networkd_file_read(const Root *root, const char *path, GError **error);
/* networkd_file_new: a file that is not there yet: PATH is resolved, BYTES are what it begins as. */
NetworkdFile *networkd_file_new(const char *path, GBytes *bytes);
NetworkdFile *networkd_file_ref(NetworkdFile *file);
void networkd_file_unref(NetworkdFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetworkdFile, networkd_file_unref)
/* networkd_file_copy: with texts of its own, to be changed. */
NetworkdFile *networkd_file_copy(const NetworkdFile *file);

/* networkd_file_main: the first part that may be edited, else the first. */
NetworkdPart *networkd_file_main(const NetworkdFile *file);

/* networkd_file_foreach: every entry of every section of all parts, in the order in which they count. */
typedef void (*NetworkdEntryFunction)(NetworkdPart *part, UnitEntry *entry, gpointer data);
void networkd_file_foreach(const NetworkdFile *file, NetworkdEntryFunction function, gpointer data);

/* networkd_file_value: the last assignment of KEY in the sections of that name; NULL: there is none. */
const char *networkd_file_value(const NetworkdFile *file, const char *section, const char *key);
/* networkd_file_words: of a list, all words in effect: assignments add up, an empty one takes back. NULL-terminated;
 * the caller frees with g_strfreev. */
char **networkd_file_words(const NetworkdFile *file, const char *section, const char *key);

/* networkd_family: AF_INET or AF_INET6 of "10.0.0.1/24", "[fd00::1]:53", "10.0.0.1#name", "fd00::1%eth0"; 0: it is no
 * address. */
int networkd_family(const char *text);

/* networkd_is_address_key: KEY of a [SECTION] puts an address on the NIC; a DHCP server's own is one (systemd 249). */
gboolean networkd_is_address_key(const char *section, const char *key);
/* networkd_file_addresses: the static ones in effect of FAMILY, as written; pools (0.0.0.0/28) are none. */
GPtrArray *networkd_file_addresses(const NetworkdFile *file, int family);
/* networkd_file_gateway: that of the default route in the main table, or NULL. The caller frees. */
char *networkd_file_gateway(const NetworkdFile *file, int family);
/* networkd_file_dhcp: does FAMILY ask a DHCP server? */
gboolean networkd_file_dhcp(const NetworkdFile *file, int family);

/* networkd_boolean: systemd's words; FALLBACK for what is none of them and for NULL. */
gboolean networkd_boolean(const char *text, gboolean fallback);
/* networkd_names_fit: [Match] Name= of WORDS fits NAME: some word does, as a pattern of fnmatch(3), and none that a "!"
 * turns round. */
gboolean networkd_names_fit(char **words, const char *name);
/* networkd_section_is_default_route: SECTION, a [Route], has a gateway address of FAMILY, the default destination and
 * the main table. */
gboolean networkd_section_is_default_route(const UnitSection *section, int family);
