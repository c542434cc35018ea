/* networkd.c - static addresses in systemd-networkd's .network files and their drop-ins (systemd.network(5)) */
#include <string.h>

#include "networkd-file.h"
#include "profiles/static-address.h"

static const char *const directories[] = {"/etc/systemd/network",           "/run/systemd/network",
                                          "/usr/local/lib/systemd/network", "/usr/lib/systemd/network",
                                          "/lib/systemd/network",           NULL};

typedef struct {
  char *section, *interface;
} Place;

static void place_clear(Place *place) {
  g_free(place->section);
  g_free(place->interface);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static gboolean is_network(const char *name) {
  return g_str_has_suffix(name, ".network");
}

static gboolean is_network_or_netdev(const char *name) {
  return is_network(name) || g_str_has_suffix(name, ".netdev");
}

static gboolean is_drop_in(const char *name) {
  return g_str_has_suffix(name, ".conf");
}

static void enter_section(const char *line, Place *place) {
  g_free(place->section);
  place->section = g_strndup(line + 1, strcspn(line + 1, "]"));
}

static void take_line(const char *path, unsigned number, const char *line, Place *place, GPtrArray *found) {
  const char *value;

  if (*line == '[') {
    enter_section(line, place);
    return;
  }
  g_autofree char *key = text_file_key(line, &value);
  if (key == NULL || place->section == NULL)
    return;
  if (strcmp(place->section, "Match") == 0 && strcmp(key, "Name") == 0) {
    g_free(place->interface);
    place->interface = g_strdup(value);
  } else if (networkd_is_address_key(place->section, key)) {
    static_addresses_add(found, path, number, place->interface, value, FALSE);
  }
}

/* MASKED (may be NULL): there is nothing in it, which hides all files of its name, with their drop-ins. */
static gboolean read_file(const Root *root, const char *path, Place *place, GPtrArray *found, gboolean *masked,
                          GError **error) {
  g_auto(GStrv) lines = NULL;

  g_clear_pointer(&place->section, g_free);
  if (!text_file_joined_lines(root, path, &lines, error))
    return FALSE;
  if (masked != NULL)
    *masked = lines == NULL || lines[0] == NULL;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    take_line(path, i + 1, lines[i], place, found);
  return TRUE;
}

static gboolean read_drop_ins(const Root *root, const char *name, Place *place, GPtrArray *found, GError **error) {
  for (gsize i = 0; directories[i] != NULL; i++) {
    g_autofree char *directory = g_strdup_printf("%s/%s.d", directories[i], name);
    g_auto(GStrv) paths = text_files_in(root, directory, is_drop_in, error);
    if (paths == NULL)
      return FALSE;
    for (char **path = paths; *path != NULL; path++)
      if (!read_file(root, *path, place, found, NULL, error))
        return FALSE;
  }
  return TRUE;
}

/* What the other files say of a virtual interface: its kind (.netdev), and the bridges and bonds that have a port. */
typedef struct {
  GHashTable *kinds; /* char *name -> char *kind */
  GHashTable *ported;
} Overlays;

static gboolean note_overlays(const Root *root, const char *path, Overlays *overlays, GError **error) {
  g_auto(GStrv) lines = NULL;
  g_autofree char *name = NULL;
  g_autofree char *kind = NULL;

  if (!text_file_joined_lines(root, path, &lines, error))
    return FALSE;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    const char *value;
    g_autofree char *key = text_file_key(lines[i], &value);
    if (key == NULL)
      continue;
    if (strcmp(key, "Bridge") == 0 || strcmp(key, "Bond") == 0)
      g_hash_table_add(overlays->ported, g_strdup(value));
    if (!is_network(path) && strcmp(key, "Name") == 0 && name == NULL)
      name = g_strdup(value);
    if (!is_network(path) && strcmp(key, "Kind") == 0 && kind == NULL)
      kind = g_strdup(value);
  }
  if (name != NULL && kind != NULL)
    g_hash_table_insert(overlays->kinds, g_steal_pointer(&name), g_steal_pointer(&kind));
  return TRUE;
}

static gboolean is_idle(const Overlays *overlays, const char *interface) {
  static const char *const over_nothing[] = {"dummy", "tun", "tap",  "wireguard", "veth",
                                             "vxlan", "gre", "ipip", "sit",       NULL};
  const char *kind = interface != NULL ? g_hash_table_lookup(overlays->kinds, interface) : NULL;

  if (kind == NULL)
    return FALSE;
  if (strcmp(kind, "bridge") == 0 || strcmp(kind, "bond") == 0)
    return !g_hash_table_contains(overlays->ported, interface);
  return g_strv_contains(over_nothing, kind);
}

static gboolean read_directory(const Root *root, const char *directory, GHashTable *seen, Overlays *overlays,
                               GPtrArray *found, GError **error) {
  g_auto(GStrv) paths = text_files_in(root, directory, is_network_or_netdev, error);

  for (char **path = paths; path != NULL && *path != NULL; path++) {
    g_autofree char *name = g_path_get_basename(*path);
    g_auto(Place) place = {NULL, NULL};
    gboolean masked = TRUE;
    /* A file in /etc hides one of the same name in /run, and that one in /usr/lib. */
    if (!g_hash_table_add(seen, g_strdup(name)))
      continue;
    if (!note_overlays(root, *path, overlays, error))
      return FALSE;
    if (is_network(name) && !read_file(root, *path, &place, found, &masked, error))
      return FALSE;
    if (!masked && !read_drop_ins(root, name, &place, found, error))
      return FALSE;
  }
  return paths != NULL;
}

gboolean networkd_read(const Root *root, GPtrArray *found, GError **error) {
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) ported = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Overlays overlays = {kinds, ported};
  guint first = found->len;

  for (gsize i = 0; directories[i] != NULL; i++)
    if (!read_directory(root, directories[i], seen, &overlays, found, error))
      return FALSE;
  for (guint i = first; i < found->len; i++) {
    StaticAddress *item = found->pdata[i];
    item->idle |= is_idle(&overlays, item->interface);
  }
  return TRUE;
}
