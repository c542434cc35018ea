/* networkd-file.c - a .network or .netdev file with its drop-ins, as systemd-networkd reads them */
#include "networkd-file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/each.h"
#include "base/list.h"
#include "base/tree-entry.h"
#include "base/tree.h"

static const char *const directories[] = {"/etc/systemd/network", "/run/systemd/network",
                                          "/usr/local/lib/systemd/network", "/usr/lib/systemd/network",
                                          "/lib/systemd/network"};

static void part_free(NetworkdPart *part) {
  g_free(part->path);
  g_bytes_unref(part->bytes);
  unit_text_free(part->text);
  g_free(part);
}

NetworkdFile *networkd_file_ref(NetworkdFile *file) {
  file->references++;
  return file;
}

void networkd_file_unref(NetworkdFile *file) {
  if (file == NULL || --file->references > 0)
    return;
  g_free(file->name);
  g_ptr_array_unref(file->parts);
  g_free(file->refused);
  if (file->front != NULL)
    g_ptr_array_unref(file->front);
  g_free(file);
}

static NetworkdFile *file_new(const char *name) {
  NetworkdFile *file = g_new0(NetworkdFile, 1);

  file->references = 1;
  file->name = g_strdup(name);
  file->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
  return file;
}

NetworkdFile *networkd_file_copy(const NetworkdFile *file) {
  NetworkdFile *copy = file_new(file->name);

  copy->refused = g_strdup(file->refused);
  list_each (const NetworkdPart *, part, file->parts) {
    NetworkdPart *own = g_new0(NetworkdPart, 1);

    own->path = g_strdup(part->path);
    own->bytes = g_bytes_ref(part->bytes);
    own->text = unit_text_parse(part->bytes, NULL);
    own->editable = part->editable;
    own->is_new = part->is_new;
    g_ptr_array_add(copy->parts, own);
  }
  return copy;
}

static int compare_names(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files of these DIRECTORIES whose names end in ENDING, by name: char *name -> char *path, of the first directory
 * that has it. NAMES gets them in order, borrowed. */
static GHashTable *find_names(const Root *root, char *const *from, const char *ending, GPtrArray *names,
                              GError **error) {
  g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

  for (; *from != NULL; from++) {
    g_auto(GStrv) found = tree_list(root, *from, error);

    if (found == NULL)
      return NULL;
    for (char **name = found; *name != NULL; name++) {
      if (**name == '.' || !g_str_has_suffix(*name, ending) || g_hash_table_contains(paths, *name))
        continue;
      char *copy = g_strdup(*name);
      g_hash_table_insert(paths, copy, g_build_filename(*from, *name, NULL));
      g_ptr_array_add(names, copy);
    }
  }
  g_ptr_array_sort(names, compare_names);
  return g_steal_pointer(&paths);
}

/* /lib is /usr/lib almost everywhere. */
static char **directories_with(const char *below) {
  GPtrArray *all = g_ptr_array_new();

  for (gsize i = 0; i < G_N_ELEMENTS(directories); i++)
    g_ptr_array_add(all, below != NULL ? g_strdup_printf("%s/%s.d", directories[i], below) : g_strdup(directories[i]));
  return list_strv(all);
}

/* What is no regular file (a link to /dev/null, or to nowhere) says nothing. */
static gboolean is_file(const Root *root, const char *path) {
  if (tree_means_regular_file(root, path))
    return TRUE;
  if (tree_exists(root, path))
    return FALSE;
  const int fd = root_open_at(root, path, O_PATH);
  if (fd >= 0)
    (void)close(fd);
  return fd >= 0 || (fd != -ENOENT && fd != -ELOOP && fd != -ENOTDIR);
}

gboolean networkd_path_is_admins(const char *path) {
  return !g_str_has_prefix(path, "/usr/") && !g_str_has_prefix(path, "/lib/") && !g_str_has_prefix(path, "/run/");
}

/* TRUE without a part: there is nothing in it. */
static gboolean add_part(const Root *root, const char *path, NetworkdFile *file, GError **error) {
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) refusal = NULL;
  g_autofree char *resolved = NULL;

  if (!is_file(root, path))
    return TRUE;
  if (!tree_read(root, path, &bytes, &resolved, error))
    return FALSE;
  if (bytes == NULL || g_bytes_get_size(bytes) == 0)
    return TRUE;
  NetworkdPart *part = g_new0(NetworkdPart, 1);
  part->text = unit_text_parse(bytes, &refusal);
  part->editable = networkd_path_is_admins(resolved);
  part->path = g_steal_pointer(&resolved);
  part->bytes = g_steal_pointer(&bytes);
  g_ptr_array_add(file->parts, part);
  if (refusal != NULL && file->refused == NULL)
    file->refused = g_strdup_printf("%s: %s", part->path, refusal->message);
  return TRUE;
}

static gboolean add_drop_ins(const Root *root, NetworkdFile *file, GError **error) {
  g_auto(GStrv) from = directories_with(file->name);
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  g_autoptr(GHashTable) paths = find_names(root, from, ".conf", names, error);

  for (guint i = 0; paths != NULL && i < names->len; i++)
    if (!add_part(root, g_hash_table_lookup(paths, names->pdata[i]), file, error))
      return FALSE;
  return paths != NULL;
}

NetworkdFile *networkd_file_read(const Root *root, const char *path, GError **error) {
  g_autofree char *name = g_path_get_basename(path);
  g_autoptr(NetworkdFile) file = file_new(name);

  if (!add_part(root, path, file, error) || file->parts->len == 0 || !add_drop_ins(root, file, error))
    return NULL;
  return g_steal_pointer(&file);
}

NetworkdFile *networkd_file_new(const char *path, GBytes *bytes) {
  g_autofree char *name = g_path_get_basename(path);
  NetworkdFile *file = file_new(name);
  NetworkdPart *part = g_new0(NetworkdPart, 1);

  *part = (NetworkdPart){.path = g_strdup(path),
                         .bytes = g_bytes_ref(bytes),
                         .text = unit_text_parse(bytes, NULL),
                         .editable = TRUE,
                         .is_new = TRUE};
  g_ptr_array_add(file->parts, part);
  return file;
}

NetworkdFiles *networkd_files_read(const Root *root, const char *ending, GError **error) {
  g_auto(GStrv) from = directories_with(NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify)networkd_file_unref);
  g_autoptr(GHashTable) paths = find_names(root, from, ending, names, error);

  for (guint i = 0; paths != NULL && i < names->len; i++) {
    g_autoptr(GError) local = NULL;
    NetworkdFile *file = networkd_file_read(root, g_hash_table_lookup(paths, names->pdata[i]), &local);

    if (file != NULL)
      g_ptr_array_add(files, file);
    if (local == NULL)
      continue;
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
  }
  return paths != NULL ? g_steal_pointer(&files) : NULL;
}

NetworkdPart *networkd_file_main(const NetworkdFile *file) {
  list_each (NetworkdPart *, part, file->parts)
    if (part->editable)
      return part;
  return g_ptr_array_index(file->parts, 0);
}

void networkd_file_foreach(const NetworkdFile *file, NetworkdEntryFunction function, gpointer data) {
  list_each (NetworkdPart *, part, file->parts) {
    const GPtrArray *sections = part->text != NULL ? unit_text_sections(part->text) : NULL;

    for (guint s = 0; sections != NULL && s < sections->len; s++) {
      const UnitSection *section = g_ptr_array_index(sections, s);

      for (guint e = 0; e < section->entries->len; e++)
        function(part, g_ptr_array_index(section->entries, e), data);
    }
  }
}

/* What is asked of a key, while the entries go by. */
typedef struct {
  const char *section, *key;
  const char *value;
  GPtrArray *words;
} Question;

static gboolean is_asked(const Question *question, const UnitEntry *entry) {
  return strcmp(entry->section->name, question->section) == 0 && strcmp(entry->key, question->key) == 0;
}

static void take_value(NetworkdPart *part, UnitEntry *entry, gpointer data) {
  Question *question = data;

  if (is_asked(question, entry))
    question->value = entry->value;
}

const char *networkd_file_value(const NetworkdFile *file, const char *section, const char *key) {
  Question question = {.section = section, .key = key};

  networkd_file_foreach(file, take_value, &question);
  return question.value;
}

static void take_words(NetworkdPart *part, UnitEntry *entry, gpointer data) {
  Question *question = data;
  g_auto(GStrv) words = NULL;

  if (!is_asked(question, entry))
    return;
  if (*entry->value == '\0')
    g_ptr_array_set_size(question->words, 0);
  words = g_strsplit_set(entry->value, " \t\r\n", -1);
  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_ptr_array_add(question->words, g_strdup(*word));
}

char **networkd_file_words(const NetworkdFile *file, const char *section, const char *key) {
  Question question = {.section = section, .key = key, .words = g_ptr_array_new_with_free_func(g_free)};
  char **words;

  networkd_file_foreach(file, take_words, &question);
  g_ptr_array_add(question.words, NULL);
  words = g_strdupv((char **)question.words->pdata);
  g_ptr_array_unref(question.words);
  return words;
}

int networkd_family(const char *text) {
  const gboolean bracket = *text == '[';
  g_autofree char *address = g_strndup(text + bracket, strcspn(text + bracket, bracket ? "]%" : "/#%"));
  char *colon = strchr(address, ':');
  struct in6_addr ignored;

  if (inet_pton(AF_INET6, address, &ignored) == 1)
    return AF_INET6;
  if (colon != NULL)
    *colon = '\0';
  return inet_pton(AF_INET, address, &ignored) == 1 ? AF_INET : 0;
}

gboolean networkd_boolean(const char *text, gboolean fallback) {
  static const char *const yes[] = {"1", "yes", "y", "true", "t", "on"};
  static const char *const no[] = {"0", "no", "n", "false", "f", "off"};

  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS(yes); i++) {
    if (g_ascii_strcasecmp(text, yes[i]) == 0)
      return TRUE;
    if (g_ascii_strcasecmp(text, no[i]) == 0)
      return FALSE;
  }
  return fallback;
}

gboolean networkd_file_dhcp(const NetworkdFile *file, int family) {
  const char *value = networkd_file_value(file, "Network", "DHCP");

  if (value == NULL)
    return FALSE;
  if (strcmp(value, "both") == 0)
    return TRUE;
  if (strcmp(value, family == AF_INET ? "ipv4" : "ipv6") == 0 || strcmp(value, family == AF_INET ? "v4" : "v6") == 0)
    return TRUE;
  return networkd_boolean(value, FALSE);
}

/* The static addresses, while the entries go by. */
typedef struct {
  GPtrArray *found;
  int family;
} Collecting;

static gboolean is_pool(const char *text) {
  return g_str_has_prefix(text, "0.0.0.0") || g_str_has_prefix(text, "::/");
}

gboolean networkd_is_address_key(const char *section, const char *key) {
  static const char *const places[][2] = {
      {"Network", "Address"}, {"Address", "Address"}, {"DHCPServer", "ServerAddress"}};

  for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
    if (strcmp(places[i][0], section) == 0 && strcmp(places[i][1], key) == 0)
      return TRUE;
  return FALSE;
}

static void take_address(NetworkdPart *part, UnitEntry *entry, gpointer data) {
  Collecting *collecting = data;
  const char *section = entry->section->name;

  if (!networkd_is_address_key(section, entry->key))
    return;
  /* Of one [Address] the last counts. An empty assignment takes addresses back in new releases only: what is before it
   * is on the wire of the others. */
  if (strcmp(section, "Network") != 0 && entry->value != unit_section_value(entry->section, entry->key))
    return;
  if (networkd_family(entry->value) == collecting->family && !is_pool(entry->value) &&
      !g_ptr_array_find_with_equal_func(collecting->found, entry->value, g_str_equal, NULL))
    g_ptr_array_add(collecting->found, g_strdup(entry->value));
}

GPtrArray *networkd_file_addresses(const NetworkdFile *file, int family) {
  Collecting collecting = {.found = g_ptr_array_new_with_free_func(g_free), .family = family};

  networkd_file_foreach(file, take_address, &collecting);
  return collecting.found;
}

static gboolean is_default_destination(const char *text) {
  return text == NULL || *text == '\0' || strcmp(text, "0.0.0.0/0") == 0 || strcmp(text, "::/0") == 0;
}

static gboolean is_main_table(const char *text) {
  return text == NULL || *text == '\0' || strcmp(text, "main") == 0 || strcmp(text, "default") == 0 ||
         strcmp(text, "254") == 0;
}

gboolean networkd_section_is_default_route(const UnitSection *section, int family) {
  const char *gateway = unit_section_value(section, "Gateway");

  return strcmp(section->name, "Route") == 0 && gateway != NULL && networkd_family(gateway) == family &&
         is_default_destination(unit_section_value(section, "Destination")) &&
         is_main_table(unit_section_value(section, "Table"));
}

static void take_gateway(NetworkdPart *part, UnitEntry *entry, gpointer data) {
  Collecting *collecting = data;
  const gboolean network = strcmp(entry->section->name, "Network") == 0;

  if (strcmp(entry->key, "Gateway") != 0)
    return;
  if ((network && networkd_family(entry->value) == collecting->family) ||
      (networkd_section_is_default_route(entry->section, collecting->family) &&
       entry->value == unit_section_value(entry->section, "Gateway")))
    g_ptr_array_add(collecting->found, g_strdup(entry->value));
}

char *networkd_file_gateway(const NetworkdFile *file, int family) {
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
  Collecting collecting = {.found = found, .family = family};

  networkd_file_foreach(file, take_gateway, &collecting);
  return found->len > 0 ? g_strdup(found->pdata[0]) : NULL;
}

gboolean networkd_names_fit(char **words, const char *name) {
  gboolean found = FALSE, positive = FALSE;
  const gboolean inverted = words[0] != NULL && words[0][0] == '!';

  for (char **word = words; *word != NULL; word++) {
    const char *pattern = **word == '!' ? *word + 1 : *word;
    /* Asked of each interface by each file: a name is compared in no time. */
    const gboolean match =
        strpbrk(pattern, "*?[\\") != NULL ? fnmatch(pattern, name, 0) == 0 : strcmp(pattern, name) == 0;

    if (match && (inverted || **word == '!'))
      return FALSE;
    positive |= !inverted && **word != '!';
    found |= match;
  }
  return found || (words[0] != NULL && !positive);
}
