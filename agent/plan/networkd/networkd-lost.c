/* networkd-lost.c - NICs that a file of systemd-networkd was for which is not edited, and that no file is for now */
#include "networkd-lost.h"

#include <string.h>

#include "base/each.h"
#include "profiles/id-path.h"
#include "profiles/network-stack.h"
#include "profiles/networkd/networkd-match.h"
#include "profiles/networkd/networkd-profiles.h"

static gboolean is_known_by_other(const NicSuccession *item) {
  g_autofree char *old_path = id_path(item->recorded->bus_path);
  g_autofree char *path = id_path(item->present->bus_path);

  return strcmp(item->recorded->name, item->present->name) != 0 || g_strcmp0(old_path, path) != 0;
}

static const NetworkdPart *first_part(const NetworkdFile *file) {
  return g_ptr_array_index(file->parts, 0);
}

static gboolean has_word(const NetworkdFile *file, const char *key, const char *word) {
  g_auto(GStrv) words = networkd_file_words(file, "Match", key);

  return word != NULL && g_strv_contains((const char *const *)words, word);
}

/* Old values themselves are told of by file and line. */
static gboolean says_nic(const NetworkdFile *file, const Nic *nic) {
  g_autofree char *path = id_path(nic->bus_path);

  return networkd_file_value(file, "Match", "MACAddress") != NULL ||
         networkd_file_value(file, "Match", "PermanentMACAddress") != NULL || has_word(file, "Name", nic->name) ||
         has_word(file, "Path", path);
}

/* The file that the recorded NIC had; NULL: it is edited, or another one is for the NIC that took its place. */
static const NetworkdFile *lost_file(const NetworkdFiles *files, const NicSuccession *item) {
  const NetworkdFile *lost = NULL;

  list_each (const NetworkdFile *, file, files) {
    if (networkd_is_passing(file))
      continue;
    if (networkd_may_match(file, item->present) ||
        (networkd_file_main(file)->editable && networkd_may_match(file, item->recorded)))
      return NULL;
    if (lost == NULL && networkd_surely_matches(file, item->recorded))
      lost = file;
  }
  return lost != NULL && !says_nic(lost, item->recorded) ? lost : NULL;
}

static void warn(const NetworkdFile *file, const NicSuccession *item, Plan *plan) {
  const char *now = item->present->name;

  plan_warn(plan,
            "%s: [Match] fitted %s, which is %s now, and no file is for %s: this one is not below /etc and not edited; "
            "put one for %s into /etc/systemd/network.",
            first_part(file)->path, item->recorded->name, now, now, now);
}

gboolean networkd_lost_warn(const PlanContext *context, Plan *plan, GError **error) {
  const NicMap *map = context->nic_map;
  g_autoptr(GPtrArray) files = NULL;

  for (guint i = 0; map != NULL && i < map->items->len; i++) {
    const NicSuccession *item = &g_array_index(map->items, NicSuccession, i);

    if (item->present == NULL || !is_known_by_other(item))
      continue;
    if (files == NULL && !network_stack_is_enabled(context->root, network_stack_named("systemd-networkd")))
      return TRUE;
    if (files == NULL)
      files = networkd_files_read(context->root, ".network", error);
    if (files == NULL)
      return FALSE;
    const NetworkdFile *file = lost_file(files, item);
    if (file != NULL)
      warn(file, item, plan);
  }
  return TRUE;
}
