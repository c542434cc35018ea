/* ifcfg-profiles.c - connections in /etc/sysconfig/network-scripts, as records */
#include "ifcfg-profiles.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/list.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "ifcfg-families.h"
#include "ifcfg-keys.h"
#include "profiles/child-names.h"
#include "profiles/mac-notation.h"
#include "profiles/static-address.h"

typedef struct {
  const Root *root;
  const ProfileFormat *format;
  Profiles *profiles;
  GHashTable *parts; /* name -> GPtrArray of names: the files that are parts of that one */
  ShellText *common; /* IFCFG_COMMON_FILE, empty where there is none */
} Reading;

static void part_free(IfcfgPart *part) {
  g_free(part->path);
  g_bytes_unref(part->bytes);
  shell_text_free(part->text);
  g_free(part);
}

static void own_free(IfcfgProfile *own) {
  g_free(own->name);
  shell_text_free(own->text);
  g_ptr_array_unref(own->parts);
  g_free(own);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IfcfgProfile, own_free)

const IfcfgProfile *ifcfg_of(const Profile *profile) {
  return profile->plain->own;
}

/* The file that NAME's is a part of: "ifcfg-eth0" of "ifcfg-eth0:1" and "ifcfg-eth0-range0"; NULL: none that is there.
 */
static char *whole_of(GHashTable *names, const char *name) {
  const char *colon = strrchr(name, ':');
  const char *range = strstr(name, "-range");
  const char *end = colon != NULL ? colon : range;
  g_autofree char *whole = end != NULL ? g_strndup(name, (gsize)(end - name)) : NULL;

  if (colon == NULL && range != NULL &&
      strspn(range + strlen("-range"), "0123456789") != strlen(range + strlen("-range")))
    return NULL;
  return whole != NULL && g_hash_table_contains(names, whole) ? g_steal_pointer(&whole) : NULL;
}

/* In order of preference, as the plugin has it; the last two of a VRF, whose ports keep their addresses. */
static const char *const controllers[] = {"BRIDGE_UUID", "BRIDGE",        "MASTER_UUID", "MASTER",   "TEAM_MASTER_UUID",
                                          "TEAM_MASTER", "OVS_PORT_UUID", "OVS_PORT",    "VRF_UUID", "VRF"};

static char *first_value(const ShellText *text, const char *const *keys, gsize n_keys) {
  char *value = NULL;

  for (gsize i = 0; value == NULL && i < n_keys; i++)
    value = ifcfg_value(text, keys[i]);
  return value;
}

static gboolean is_port(const ShellText *text) {
  g_autofree char *value = first_value(text, controllers, G_N_ELEMENTS(controllers) - 2);

  return value != NULL || ifcfg_is(text, "DEVICETYPE", "TeamPort");
}

/* A VLAN without PHYSDEV is found by its name. The network scripts go by the name of any (ifup), NetworkManager by
 * PHYSDEV; an InfiniBand partition has to be called after it. */
static char *named_after(const Profile *profile, const ShellText *text) {
  g_autofree char *parent = ifcfg_value(text, "PHYSDEV");
  g_autofree char *stem = child_parent(profile->interface_name);
  const gboolean is_parents = g_strcmp0(parent, stem) == 0;

  if (strcmp(profile->type, "infiniband") == 0)
    return is_parents ? g_steal_pointer(&stem) : NULL;
  if (strcmp(profile->type, "vlan") != 0 ||
      (parent != NULL && !(is_parents && !ifcfg_is_true(text, "NM_CONTROLLED", TRUE))))
    return NULL;
  return g_steal_pointer(&stem);
}

/* NetworkManager makes a name of PHYSDEV for a VLAN that has none. */
static void name_vlan(Profile *profile, const ShellText *text) {
  g_autofree char *parent = ifcfg_value(text, "PHYSDEV");
  g_autofree char *id = ifcfg_value(text, "VLAN_ID");

  if (strcmp(profile->type, "vlan") != 0 || profile->interface_name != NULL || parent == NULL || id == NULL ||
      g_uuid_string_is_valid(parent))
    return;
  profile->interface_name = child_name(parent, id);
  profile->named_after = profile->interface_name != NULL ? g_strdup(parent) : NULL;
}

/* PHYSDEV, else what the name of a VLAN says: "eth0.9". */
static char *parent_of(const ShellText *text, const char *type) {
  g_autofree char *parent = ifcfg_value(text, "PHYSDEV");
  g_autofree char *device = ifcfg_value(text, "DEVICE");

  if (parent != NULL)
    return g_steal_pointer(&parent);
  return strcmp(type, "vlan") == 0 ? child_parent(device) : NULL;
}

static void read_ipv4(const Reading *reading, IfcfgProfile *own, PlainFamily *family, const char *device) {
  g_autoptr(GPtrArray) more = g_ptr_array_new();

  for (guint i = 0; i < own->parts->len; i++)
    g_ptr_array_add(more, ((const IfcfgPart *)own->parts->pdata[i])->text);
  own->common_gateway[0] = ifcfg_ipv4_read(reading->common, own->text, more, device, family);
}

static void read_ipv6(const Reading *reading, IfcfgProfile *own, PlainFamily *family, const char *device) {
  own->common_gateway[1] = ifcfg_ipv6_read(reading->common, own->text, device, family);
}

/* Where the plugin finds no UUID it makes one of the file's name (nm_uuid_generate_from_string, legacy): the same one
 * on every clone. */
static char *made_uuid(const char *path) {
  g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, path, -1);

  return g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", hash, hash + 8, hash + 12, hash + 16, hash + 20);
}

/* What the plugin makes no connection of has no UUID of its making. */
static char *uuid_of(const char *name, const ShellText *text) {
  g_autofree char *path = g_strdup_printf(IFCFG_DIR "/ifcfg-%s", name);
  g_autofree char *device = ifcfg_value(text, "DEVICE");
  g_autofree char *said = ifcfg_value(text, "TYPE");
  char *uuid = ifcfg_value(text, "UUID");

  if (uuid != NULL)
    return uuid;
  if (strcmp(ifcfg_type(text), "generic") == 0 || !ifcfg_is_true(text, "NM_CONTROLLED", TRUE) ||
      ifcfg_is(text, "BOOTPROTO", "ibft") || (device == NULL && said == NULL))
    return NULL;
  return made_uuid(path);
}

/* A part has none. */
char *ifcfg_uuid(const char *path, GBytes *bytes) {
  g_autoptr(ShellText) text = shell_text_parse(bytes);
  const char *name = path + strlen(IFCFG_DIR "/ifcfg-");

  return strchr(name, ':') == NULL && strstr(name, "-range") == NULL ? uuid_of(name, text) : NULL;
}

static char *id_of(const IfcfgProfile *own) {
  char *name = ifcfg_value(own->text, "NAME");

  return name != NULL ? name : g_strdup_printf("System %s", own->name);
}

static char *mac_of(const ShellText *text) {
  g_autofree char *value = ifcfg_value(text, "HWADDR");

  return value != NULL ? mac_notation_canonical(value) : NULL;
}

/* Of what is dialled the peer decides; iBFT's addresses are the firmware's. */
static gboolean carries_ip(const IfcfgProfile *own, const char *type) {
  static const char *const dialled[] = {"pppoe", "gsm", "ovs-port", NULL};

  return !g_strv_contains(dialled, type) && !ifcfg_is(own->text, "BOOTPROTO", "ibft");
}

/* The network scripts, which take what NetworkManager is told to leave alone. */
static gboolean has_scripts(const Root *root) {
  g_autofree char *ifup = tree_resolve(root, IFCFG_DIR "/ifup");

  return ifup != NULL;
}

static char **paths_of_parts(const IfcfgProfile *own) {
  GPtrArray *paths = g_ptr_array_new();

  for (guint i = 0; i < own->parts->len; i++)
    g_ptr_array_add(paths, g_strdup(((const IfcfgPart *)own->parts->pdata[i])->path));
  return list_strv(paths);
}

/* MATCH_INTERFACE_NAME or MATCH_PATH, where nothing else says which NIC; NULL: it says more than words and patterns. */
static char **globs_of(const ShellText *text, const char *key) {
  g_autofree char *value = ifcfg_value(text, key);

  return value != NULL && strpbrk(value, "!&|") == NULL ? g_strsplit_set(g_strstrip(value), " \t,", -1) : NULL;
}

static int priority_of(const ShellText *text) {
  g_autofree char *value = ifcfg_value(text, "AUTOCONNECT_PRIORITY");

  return value != NULL ? (int)g_ascii_strtoll(value, NULL, 10) : 0;
}

static void fill(const Reading *reading, Profile *profile, IfcfgProfile *own) {
  PlainProfile *plain = profile_make_plain(profile);
  const ShellText *text = own->text;

  plain->own = own;
  plain->free_own = (GDestroyNotify)own_free;
  plain->line = 1;
  plain->more_paths = paths_of_parts(own);
  profile->type = g_strdup(ifcfg_type(text));
  profile->id = id_of(own);
  profile->uuid = uuid_of(own->name, text);
  profile->interface_name = ifcfg_value(text, "DEVICE");
  profile->named_after = named_after(profile, text);
  name_vlan(profile, text);
  profile->mac_address = mac_of(text);
  profile->controller = first_value(text, controllers, G_N_ELEMENTS(controllers));
  if (profile->interface_name == NULL && profile->mac_address == NULL) {
    plain->name_globs = globs_of(text, "MATCH_INTERFACE_NAME");
    plain->path_globs = globs_of(text, "MATCH_PATH");
  }
  /* Neither NetworkManager ("mismatching interface name") nor the scripts, which look in /sys/class/net, know another.
   */
  plain->by_own_name = TRUE;
  plain->parent = parent_of(text, profile->type);
  plain->is_port = is_port(text);
  plain->carries_ip = carries_ip(own, profile->type);
  plain->takes_one = shell_text_line(text, IFCFG_INNER_ADDRESS) > 0;
  plain->starts =
      ifcfg_is_true(text, "ONBOOT", TRUE) && (ifcfg_is_true(text, "NM_CONTROLLED", TRUE) || has_scripts(reading->root));
  plain->is_managers = profile->uuid != NULL && ifcfg_is_true(text, "NM_CONTROLLED", TRUE);
  plain->priority = priority_of(text);
  read_ipv4(reading, own, plain_family(plain, AF_INET), profile->interface_name);
  read_ipv6(reading, own, plain_family(plain, AF_INET6), profile->interface_name);
}

/* Why it must not be edited, with the file where it is a part. */
static char *why_not(const IfcfgProfile *own) {
  const char *reason = shell_text_why_not(own->text);

  for (guint i = 0; reason == NULL && i < own->parts->len; i++) {
    const IfcfgPart *part = own->parts->pdata[i];
    const char *of_part = shell_text_why_not(part->text);

    if (of_part != NULL)
      return g_strdup_printf("%s belongs to it, and %s", part->path, of_part);
  }
  return g_strdup(reason);
}

static gboolean is_known(const Profiles *profiles, const ProfileFormat *format, const char *path) {
  list_each (const Profile *, profile, profiles->items)
    if (profile->format == format && strcmp(profile->path, path) == 0)
      return TRUE;
  return FALSE;
}

static gboolean read_named(const Root *root, const char *name, GBytes **bytes, char **resolved, GError **error) {
  g_autofree char *path = g_build_filename(IFCFG_DIR, name, NULL);

  return tree_read_file(root, path, bytes, resolved, error);
}

static gboolean read_parts(const Reading *reading, const char *name, IfcfgProfile *own, GError **error) {
  const GPtrArray *names = g_hash_table_lookup(reading->parts, name);

  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *path = NULL;

    if (!read_named(reading->root, names->pdata[i], &bytes, &path, error))
      return FALSE;
    if (bytes == NULL)
      continue;
    IfcfgPart *part = g_new0(IfcfgPart, 1);
    part->path = g_steal_pointer(&path);
    part->text = shell_text_parse(bytes);
    part->bytes = g_steal_pointer(&bytes);
    g_ptr_array_add(own->parts, part);
  }
  return TRUE;
}

static void read_age(const Root *root, Profile *profile) {
  const int fd = root_open_at(root, profile->path, O_PATH);
  struct stat info;

  if (fd < 0)
    return;
  if (fstat(fd, &info) == 0)
    profile->changed = info.st_mtim;
  (void)close(fd);
}

static gboolean read_connection(const Reading *reading, const char *name, GError **error) {
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *path = NULL;
  g_autoptr(IfcfgProfile) own = g_new0(IfcfgProfile, 1);

  own->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
  if (!read_named(reading->root, name, &bytes, &path, error))
    return FALSE;
  if (bytes == NULL || is_known(reading->profiles, reading->format, path))
    return TRUE;
  own->name = g_strdup(name + strlen("ifcfg-"));
  own->text = shell_text_parse(bytes);
  g_autofree char *device = ifcfg_value(own->text, "DEVICE");
  if (static_address_interface_is_loopback(device))
    return TRUE;
  if (!read_parts(reading, name, own, error))
    return FALSE;
  Profile *profile = profiles_add(reading->profiles, reading->format, path, bytes);
  profile->why_not = why_not(own);
  read_age(reading->root, profile);
  fill(reading, profile, g_steal_pointer(&own));
  return TRUE;
}

/* NULL: an error; empty where there is none. */
static ShellText *read_common(const Root *root, GError **error) {
  g_autoptr(GBytes) content = NULL;
  g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);

  if (!tree_read_file(root, IFCFG_COMMON_FILE, &content, NULL, error))
    return NULL;
  return shell_text_parse(content != NULL ? content : nothing);
}

/* Of NAMES those that the plugin reads: the ones that are parts of others into PARTS, the rest is returned. */
static GPtrArray *sort_out(char **names, GHashTable *parts) {
  g_autoptr(GHashTable) there = g_hash_table_new(g_str_hash, g_str_equal);
  GPtrArray *whole_ones = g_ptr_array_new();

  for (char **name = names; *name != NULL; name++)
    g_hash_table_add(there, *name);
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *whole = ifcfg_is_read_name(*name) ? whole_of(there, *name) : NULL;
    GPtrArray *of_whole = whole != NULL ? g_hash_table_lookup(parts, whole) : whole_ones;

    if (!ifcfg_is_read_name(*name))
      continue;
    if (of_whole == NULL) {
      of_whole = g_ptr_array_new();
      g_hash_table_insert(parts, g_steal_pointer(&whole), of_whole);
    }
    g_ptr_array_add(of_whole, *name);
  }
  return whole_ones;
}

/* ONLY: a name in the directory; NULL: all. */
static gboolean read_directory(const Root *root, const ProfileFormat *format, const char *only, Profiles *profiles,
                               GError **error) {
  g_auto(GStrv) names = tree_list(root, IFCFG_DIR, error);
  g_autoptr(ShellText) common = names != NULL ? read_common(root, error) : NULL;
  g_autoptr(GHashTable) parts =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  const Reading reading = {.root = root, .format = format, .profiles = profiles, .parts = parts, .common = common};

  if (common == NULL)
    return FALSE;
  g_autoptr(GPtrArray) whole_ones = sort_out(names, parts);
  list_each (const char *, name, whole_ones)
    if ((only == NULL || strcmp(name, only) == 0) && !read_connection(&reading, name, error))
      return FALSE;
  return TRUE;
}

gboolean ifcfg_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error) {
  return read_directory(root, format, NULL, profiles, error);
}

Profiles *ifcfg_profiles_at(const Root *root, const char *path) {
  g_autofree char *name = g_path_get_basename(path);
  Profiles *profiles = profiles_new();

  (void)read_directory(root, NULL, name, profiles, NULL);
  return profiles;
}

gboolean ifcfg_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error) {
  g_autofree char *stem = g_strdup_printf("ifcfg-%s", nic->name);
  g_autofree char *path = tree_unused(root, IFCFG_DIR, stem, "", error);
  const char *type = mac_is_infiniband(nic->mac) ? "InfiniBand" : "Ethernet";
  g_autoptr(ShellText) common = path != NULL ? read_common(root, error) : NULL;
  const Reading reading = {.root = root, .format = format, .profiles = made, .common = common};

  if (common == NULL)
    return FALSE;
  g_autoptr(GBytes) bytes =
      bytes_take(g_strdup_printf("TYPE=%s\nNAME=%s\nDEVICE=%s\nHWADDR=%s\nONBOOT=yes\nBOOTPROTO=dhcp\nIPV6INIT=yes\n"
                                 "IPV6_AUTOCONF=yes\n",
                                 type, nic->name, nic->name, nic->mac));
  IfcfgProfile *own = g_new0(IfcfgProfile, 1);
  own->name = g_strdup(strrchr(path, '/') + strlen("/ifcfg-"));
  own->text = shell_text_parse(bytes);
  own->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
  Profile *profile = profiles_add(made, format, path, bytes);
  fill(&reading, profile, own);
  return TRUE;
}
