/* device-lists.c - NetworkManager's lists of devices, where a pattern of names in one means another NIC than before */
#include "device-lists.h"

#include <string.h>

#include "base/names.h"
#include "base/tree-entry.h"
#include "profiles/selection/device-spec.h"
#include "profiles/text/tokens.h"

typedef struct {
  const PlanContext *context;
  const char *path;
  GPtrArray *before; /* char**: the lists of the file as it is, in their order */
  guint at;          /* of them */
  Plan *plan;
} Reading;

/* NetworkManager.conf(5), "Device List Format". */
static gboolean is_device_list(const Token *token) {
  static const char *const keys[] = {"unmanaged-devices", "match-device",       "no-auto-default",
                                     "ignore-carrier",    "assume-ipv6ll-only", NULL};

  return token->key != NULL && g_strv_contains(keys, token->key);
}

static char **list_of(const Token *token) {
  g_autofree char *value = g_strndup(token->value, token->size);

  return device_specs_split(value);
}

static void note_list(const Token *token, gpointer data) {
  if (is_device_list(token))
    g_ptr_array_add(data, list_of(token));
}

/* The item that is a pattern of names and fits one of the two only; NULL: none is. Whole names follow. */
static const char *turned_item(char **specs, const NetDevice *old, const NetDevice *now) {
  for (char **spec = specs; *spec != NULL; spec++) {
    const gboolean excepts = g_ascii_strncasecmp(*spec, "except:", strlen("except:")) == 0;
    const char *item = *spec + (excepts ? strlen("except:") : 0);
    const char *const alone[] = {item, NULL};

    if (strpbrk(item, "*?") != NULL && device_specs_match(alone, old) != device_specs_match(alone, now))
      return *spec;
  }
  return NULL;
}

static void warn_of_nic(const Reading *reading, const Token *token, char **before, char **after,
                        const NicSuccession *item) {
  const NetDevice now = selection_world_device(reading->context->selection_world, item->present);
  NetDevice old = now;

  old.name = item->recorded->name;
  old.mac = item->recorded->mac;
  const char *turned = turned_item(after, &old, &now);
  gboolean meant = device_specs_match((const char *const *)before, &old) == DEVICE_SPEC_MATCHES;
  if (turned == NULL || meant == (device_specs_match((const char *const *)after, &now) == DEVICE_SPEC_MATCHES))
    return;
  plan_warn(reading->plan,
            "%s:%u: by its pattern %s, %s %s %s, and %s %s, which took its place; this line is not changed: check it.",
            reading->path, token->line, turned, token->key, meant ? "meant" : "did not mean", item->recorded->name,
            meant ? "does not mean" : "means", item->present->name);
}

static void warn_of_list(const Token *token, gpointer data) {
  Reading *reading = data;
  const NicMap *map = reading->context->nic_map;
  g_auto(GStrv) after = is_device_list(token) ? list_of(token) : NULL;
  char **before;

  if (after == NULL)
    return;
  before = reading->before->pdata[reading->at++];
  for (guint i = 0; map != NULL && i < map->items->len; i++) {
    const NicSuccession *item = &g_array_index(map->items, NicSuccession, i);
    if (item->present != NULL && strcmp(item->recorded->name, item->present->name) != 0)
      warn_of_nic(reading, token, before, after, item);
  }
}

gboolean device_lists_warn(const PlanContext *context, const char *path, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
  g_autofree char *resolved = NULL;
  g_autoptr(GBytes) old = NULL;

  if (strcmp(path, RI_ISOLATION_FILE) == 0)
    return TRUE;
  if (!tree_read_file(context->root, path, &old, &resolved, error))
    return FALSE;
  if (old == NULL)
    return TRUE;
  const Edit *edit = plan_find(plan, resolved);
  tokens_read(old, tokens_of_assignments, note_list, before);
  Reading reading = {.context = context, .path = resolved, .before = before, .plan = plan};
  tokens_read(edit != NULL && edit->content != NULL ? edit->content : old, tokens_of_assignments, warn_of_list,
              &reading);
  return TRUE;
}
