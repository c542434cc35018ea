/* shared-addresses.c - addresses in the files of routers: FRR's own ones, and those that it, keepalived and ucarp share
 * with other machines */
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "static-address.h"

/* One file while it is read. */
typedef struct {
  const char *path;
  char *interface; /* whose settings these are; NULL: none yet */
  gboolean shares; /* what stands here is shared: keepalived's virtual_ipaddress { } */
  GPtrArray *found;
} Reading;

typedef void (*LineReader)(Reading *reading, char **words, unsigned line);

static void add(const Reading *reading, const char *text, unsigned line, gboolean is_virtual) {
  const guint before = reading->found->len;

  static_addresses_add(reading->found, reading->path, line, reading->interface, text, FALSE);
  for (guint i = before; i < reading->found->len; i++)
    ((StaticAddress *)reading->found->pdata[i])->is_virtual = is_virtual;
}

static gboolean is(char **words, const char *first, const char *second) {
  return words[0] != NULL && strcmp(words[0], first) == 0 && words[1] != NULL &&
         (second == NULL || strcmp(words[1], second) == 0);
}

static void take_interface(Reading *reading, const char *name) {
  g_free(reading->interface);
  reading->interface = g_strdup(name);
}

/* `interface X`, then `ip address A/P`, `ipv6 address A/P`, `vrrp ID ip A`. */
static void read_frr(Reading *reading, char **words, unsigned line) {
  if (is(words, "interface", NULL))
    take_interface(reading, words[1]);
  else if ((is(words, "ip", "address") || is(words, "ipv6", "address")) && words[2] != NULL)
    add(reading, words[2], line, FALSE);
  else if (is(words, "vrrp", NULL) && words[2] != NULL && words[3] != NULL && g_str_has_prefix(words[2], "ip"))
    add(reading, words[3], line, TRUE);
}

/* keepalived.conf(5): the first word of each line of `virtual_ipaddress { }`; the block may stand in one line. */
static void read_keepalived(Reading *reading, char **words, unsigned line) {
  gboolean first = TRUE;

  if (is(words, "interface", NULL))
    take_interface(reading, words[1]);
  for (char **word = words; *word != NULL; word++) {
    if (g_str_has_prefix(*word, "virtual_ipaddress"))
      reading->shares = TRUE;
    else if (strcmp(*word, "}") == 0)
      reading->shares = FALSE;
    else if (reading->shares && first && strcmp(*word, "{") != 0)
      add(reading, *word, line, TRUE);
    first = g_str_has_prefix(*word, "virtual_ipaddress") || strcmp(*word, "{") == 0;
  }
}

/* BIND_INTERFACE=eth0, VIP_ADDRESS=10.0.0.5 */
static void read_ucarp(Reading *reading, char **words, unsigned line) {
  const char *value = "";
  g_autofree char *key = words[0] != NULL ? text_file_key(words[0], &value) : NULL;

  if (g_strcmp0(key, "BIND_INTERFACE") == 0)
    take_interface(reading, value);
  else if (g_strcmp0(key, "VIP_ADDRESS") == 0)
    add(reading, value, line, TRUE);
}

static char **words_of(const char *line) {
  g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
  GPtrArray *kept = g_ptr_array_new();

  for (char **word = words; *word != NULL && strchr("!#", **word) == NULL; word++)
    g_ptr_array_add(kept, g_strdup(*word));
  return list_strv(kept);
}

static void read_file(const Root *root, const char *path, LineReader reader, GPtrArray *found) {
  Reading reading = {.path = path, .found = found};
  g_auto(GStrv) lines = NULL;

  if (!tree_means_regular_file(root, path) || !text_file_lines(root, path, &lines, NULL))
    return;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    g_auto(GStrv) words = words_of(g_strstrip(lines[i]));

    reader(&reading, words, i + 1);
  }
  g_free(reading.interface);
}

static gboolean read_places(const Root *root, const char *const *places, gsize n, LineReader reader, GPtrArray *found,
                            GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(root, places, n, paths, error))
    return FALSE;
  list_each (const char *, path, paths)
    read_file(root, path, reader, found);
  return TRUE;
}

gboolean frr_read(const Root *root, GPtrArray *found, GError **error) {
  static const char *const places[] = {"/etc/frr/*.conf", "/etc/quagga/*.conf"};

  return read_places(root, places, G_N_ELEMENTS(places), read_frr, found, error);
}

gboolean keepalived_read(const Root *root, GPtrArray *found, GError **error) {
  static const char *const places[] = {"/etc/keepalived/*.conf", "/etc/keepalived/*/*.conf"};

  return read_places(root, places, G_N_ELEMENTS(places), read_keepalived, found, error);
}

gboolean ucarp_read(const Root *root, GPtrArray *found, GError **error) {
  static const char *const places[] = {"/etc/ucarp/*.conf"};

  return read_places(root, places, G_N_ELEMENTS(places), read_ucarp, found, error);
}
