/* static-address.c - what the readers of other network files share */
#include "static-address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "base/list.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "profiles/text/tokens.h"

static void static_address_free(StaticAddress *item) {
  g_free(item->path);
  g_free(item->interface);
  g_free(item->address);
  g_free(item);
}

GPtrArray *static_addresses_new(void) {
  return g_ptr_array_new_with_free_func((GDestroyNotify)static_address_free);
}

static gboolean is_global(const char *text) {
  struct in_addr v4;
  struct in6_addr v6;

  if (inet_pton(AF_INET, text, &v4) == 1) {
    guint32 host = ntohl(v4.s_addr);
    return host >> 24 != 0 && host >> 24 != 127 && host >> 16 != 0xa9fe && host >> 28 < 0xe;
  }
  return inet_pton(AF_INET6, text, &v6) == 1 && !IN6_IS_ADDR_UNSPECIFIED(&v6) && !IN6_IS_ADDR_LOOPBACK(&v6) &&
         !IN6_IS_ADDR_LINKLOCAL(&v6) && !IN6_IS_ADDR_MULTICAST(&v6);
}

gboolean static_address_interface_is_loopback(const char *name) {
  return name != NULL && g_str_has_prefix(name, "lo") && (name[2] == '\0' || name[2] == ':');
}

void static_addresses_add(GPtrArray *found, const char *path, unsigned line, const char *interface, const char *text,
                          gboolean idle) {
  const char *start = text + strspn(text, " \t\"'[");
  g_autofree char *address = g_strndup(start, strcspn(start, "/ \t\"',;]%#"));

  if (!is_global(address))
    return;
  StaticAddress *item = g_new0(StaticAddress, 1);
  *item = (StaticAddress){.path = g_strdup(path),
                          .line = line,
                          .interface = g_strdup(interface),
                          .address = g_steal_pointer(&address),
                          .idle = idle || static_address_interface_is_loopback(interface) ||
                                  static_address_interface_is_virtual(interface)};
  g_ptr_array_add(found, item);
}

/* A/P is a host's address, and not a network's: some bit behind the prefix is set, or there is none. */
static gboolean is_host(const char *word) {
  g_auto(GStrv) parts = g_strsplit(word, "/", 2);
  guint8 bytes[16] = {0};
  const int family = strchr(word, ':') != NULL ? AF_INET6 : AF_INET;
  const guint bits = family == AF_INET ? 32 : 128;
  guint64 prefix;

  if (parts[0] == NULL || parts[1] == NULL || inet_pton(family, parts[0], bytes) != 1 ||
      !g_ascii_string_to_unsigned(parts[1], 10, 0, bits, &prefix, NULL))
    return FALSE;
  for (guint bit = (guint)prefix; bit < bits; bit++)
    if ((bytes[bit / 8] & (0x80 >> bit % 8)) != 0)
      return TRUE;
  return prefix == bits;
}

typedef struct {
  const char *path;
  GPtrArray *found;
} Words;

static void take_words(const Token *token, gpointer data) {
  const Words *words = data;
  g_autofree char *line = g_strndup(token->value, token->size);
  g_auto(GStrv) items = NULL;

  line[strcspn(line, "#")] = '\0';
  items = g_strsplit_set(line, " \t,[]{}\"'", -1);
  for (char **item = items; *item != NULL; item++) {
    (*item)[strlen(*item) - (g_str_has_suffix(*item, ":") ? 1 : 0)] = '\0';
    if (is_host(*item))
      static_addresses_add(words->found, words->path, token->line, NULL, *item, FALSE);
  }
}

void static_addresses_add_words(GPtrArray *found, const char *path, GBytes *bytes) {
  Words words = {path, found};
  gsize size = 0;
  const char *text = bytes_text(bytes, &size);

  tokens_of_lines(text, size, take_words, &words);
}

gboolean static_address_interface_is_virtual(const char *name) {
  static const char *const prefixes[] = {"dummy", "tun",   "tap",  "wg",  "docker", "podman", "cni", "lxcbr", "lxdbr",
                                         "incus", "virbr", "vnet", "ve-", "vb-",    "vz-",    "ppp", NULL};

  for (gsize i = 0; name != NULL && prefixes[i] != NULL; i++)
    if (g_str_has_prefix(name, prefixes[i]))
      return TRUE;
  return FALSE;
}

gboolean text_file_lines(const Root *root, const char *path, char ***lines, GError **error) {
  g_autoptr(GBytes) content = NULL;
  gsize size = 0;

  *lines = NULL;
  if (!tree_read(root, path, &content, NULL, error))
    return FALSE;
  if (content == NULL)
    return TRUE;
  const char *data = bytes_text(content, &size);
  g_autofree char *text = g_strndup(data, size);
  *lines = g_strsplit(text, "\n", -1);
  for (char **line = *lines; *line != NULL; line++)
    g_strchomp(*line);
  return TRUE;
}

/* A comment ends with its line. */
static gboolean goes_on(const char *line) {
  const char *start = line + strspn(line, " \t");

  return *start != '#' && *start != ';' && g_str_has_suffix(line, "\\");
}

gboolean text_file_joined_lines(const Root *root, const char *path, char ***lines, GError **error) {
  if (!text_file_lines(root, path, lines, error))
    return FALSE;
  for (char **line = *lines; line != NULL && *line != NULL; line++)
    for (char **next = line + 1; *next != NULL && goes_on(*line); next++) {
      char *joined = NULL;

      (*line)[strlen(*line) - 1] = ' ';
      joined = g_strconcat(*line, *next, NULL);
      g_free(*line);
      *line = joined;
      (*next)[0] = '\0';
    }
  return TRUE;
}

char *text_file_key(const char *line, const char **value) {
  const char *start = line + strspn(line, " \t");
  const char *equals = strchr(start, '=');

  if (*start == '#' || *start == ';' || equals == NULL)
    return NULL;
  *value = equals + 1 + strspn(equals + 1, " \t");
  return g_strchomp(g_strndup(start, (gsize)(equals - start)));
}

char **text_files_in(const Root *root, const char *directory, gboolean (*takes)(const char *name), GError **error) {
  g_auto(GStrv) names = NULL;
  g_autoptr(GPtrArray) paths = NULL;

  /* /etc/sysconfig/network is SUSE's directory, and a file of RHEL's. */
  names = tree_means_regular_file(root, directory) ? g_new0(char *, 1) : tree_list(root, directory, error);
  if (names == NULL)
    return NULL;
  paths = g_ptr_array_new();
  for (char **name = names; *name != NULL; name++)
    if (takes(*name))
      g_ptr_array_add(paths, g_build_filename(directory, *name, NULL));
  return list_strv(g_steal_pointer(&paths));
}
