/* stale-services.c - which long-running programs still carry the machine's old machine-id */
#include "stale-services.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "process-memory.h"

#define MACHINE_ID_FILE "/etc/machine-id"

enum { ID_TEXT = 32, ID_BYTES = 16, NEEDLES = 2 };

/* All memory together; on a machine with much of it the rest is listed as "may". */
static const gint64 search_usec = (gint64)5 * G_USEC_PER_SEC;

void stale_service_free(StaleService *service) {
  g_free(service->unit);
  g_free(service->command);
  g_free(service);
}

static char *read_line(const char *proc, pid_t pid, const char *name) {
  g_autofree char *path = g_strdup_printf("%s/%d/%s", proc, (int)pid, name);
  char *text = NULL;

  if (!g_file_get_contents(path, &text, NULL, NULL))
    return g_strdup("");
  return g_strchomp(text);
}

/* "0::/system.slice/cron.service" or, with control groups v1, "1:name=systemd:/system.slice/cron.service": the last
 * component that is a service or a scope. */
static char *unit_of(const char *proc, pid_t pid) {
  g_autofree char *text = read_line(proc, pid, "cgroup");
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

  for (char **line = lines; *line != NULL; line++) {
    const char *path = strchr(*line, '/');
    if (path == NULL || !(g_str_has_prefix(*line, "0::") || strstr(*line, ":name=systemd:") != NULL))
      continue;
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    for (guint i = g_strv_length(parts); i > 0; i--)
      if (g_str_has_suffix(parts[i - 1], ".service") || g_str_has_suffix(parts[i - 1], ".scope"))
        return g_strdup(parts[i - 1]);
  }
  return g_strdup("");
}

static GBytes *text_needle(const char *id) {
  return g_bytes_new(id, ID_TEXT);
}

/* As sd_id128_t and libdbus keep it. */
static GBytes *byte_needle(const char *id) {
  guchar bytes[ID_BYTES];

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = (guchar)(g_ascii_xdigit_value(id[2 * i]) << 4 | g_ascii_xdigit_value(id[2 * i + 1]));
  return g_bytes_new(bytes, sizeof bytes);
}

/* One per unit: a certain one takes the place of one that only may. */
static void add(GHashTable *services, StaleService *service) {
  g_autofree char *key = *service->unit != '\0' ? g_strdup(service->unit) : g_strdup_printf("%d", (int)service->pid);
  const StaleService *other = g_hash_table_lookup(services, key);

  if (other == NULL || (service->certain && !other->certain))
    (void)g_hash_table_insert(services, g_steal_pointer(&key), service);
  else
    stale_service_free(service);
}

typedef struct {
  const char *proc;
  GBytes *needles[NEEDLES];
  GHashTable *known;
  GHashTable *services;
  gint64 deadline;
} Search;

static void examine(Search *search, pid_t pid) {
  MemoryAnswer answer;

  if (pid == getpid() || !process_maps_knowing(search->proc, pid, MACHINE_ID_FILE, search->known))
    return;
  answer = process_memory_holds(search->proc, pid, search->needles, NEEDLES, search->deadline);
  if (answer == MEMORY_WITHOUT)
    return;
  StaleService *service = g_new0(StaleService, 1);
  service->unit = unit_of(search->proc, pid);
  service->command = read_line(search->proc, pid, "comm");
  service->pid = pid;
  service->certain = answer == MEMORY_WITH;
  add(search->services, service);
}

static int compare_services(gconstpointer a, gconstpointer b) {
  const StaleService *first = *(const StaleService *const *)a, *second = *(const StaleService *const *)b;
  int by_unit = strcmp(first->unit, second->unit);

  return by_unit != 0 ? by_unit : first->pid < second->pid ? -1 : first->pid > second->pid;
}

static GPtrArray *sorted(GHashTable *services) {
  GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)stale_service_free);
  GHashTableIter iterator;
  gpointer key, value;

  g_hash_table_iter_init(&iterator, services);
  while (g_hash_table_iter_next(&iterator, &key, &value)) {
    g_hash_table_iter_steal(&iterator);
    g_free(key);
    g_ptr_array_add(list, value);
  }
  g_ptr_array_sort(list, compare_services);
  return list;
}

GPtrArray *stale_services_find(const char *proc, const char *old_id, GError **error) {
  g_autoptr(GDir) directory = g_dir_open(proc, 0, error);
  const char *name;

  if (directory == NULL || strlen(old_id) != ID_TEXT) {
    g_prefix_error(error, "the processes cannot be listed: ");
    return directory == NULL ? NULL : g_ptr_array_new_with_free_func((GDestroyNotify)stale_service_free);
  }
  g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) services =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)stale_service_free);
  g_autoptr(GBytes) text = text_needle(old_id), bytes = byte_needle(old_id);
  Search search = {.proc = proc,
                   .needles = {text, bytes},
                   .known = known,
                   .services = services,
                   .deadline = g_get_monotonic_time() + search_usec};
  while ((name = g_dir_read_name(directory)) != NULL) {
    gint64 pid = g_ascii_strtoll(name, NULL, 10);
    if (pid > 0)
      examine(&search, (pid_t)pid);
  }
  return sorted(services);
}
