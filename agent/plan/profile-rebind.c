/* profile-rebind.c - what in a profile names a NIC follows to the NIC that took its place */
#include "profile-rebind.h"

#include <string.h>

#include "profiles/mac-notation.h"

typedef struct {
  const PlanContext *context;
  ProfileEdit *edit;
  Plan *plan;
} Rebinding;

static gboolean is_present_name(const PlanContext *context, const char *name) {
  for (size_t i = 0; i < context->facts->nics.count; i++)
    if (strcmp(context->facts->nics.items[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

/* The new name of the LENGTH bytes NAME, or NULL when it stays. */
static const char *new_name(const PlanContext *context, const char *name, gsize length) {
  g_autofree char *text = g_strndup(name, length);
  const NicSuccession *item = nic_map_by_name(context->nic_map, text);

  if (item == NULL || item->present == NULL || strcmp(item->present->name, text) == 0)
    return NULL;
  return item->present->name;
}

/* The new address in the notation of TEXT, or NULL when it stays. */
static char *new_mac(const PlanContext *context, const char *text) {
  g_autofree char *mac = mac_notation_canonical(text);
  const NicSuccession *item = mac != NULL ? nic_map_by_mac(context->nic_map, mac) : NULL;

  if (item == NULL || item->present == NULL || strcmp(item->present->mac, mac) == 0)
    return NULL;
  return mac_notation_like(text, item->present->mac);
}

static void set(Rebinding *rebinding, const char *group, const char *key, const char *old_value, const char *value) {
  profile_edit_set(rebinding->edit, group, key, value);
  profile_edit_say(rebinding->edit, "%s.%s %s becomes %s", group, key, old_value, value);
}

static gboolean is_card_group(const char *group) {
  static const char *const settings[] = {"802-3-ethernet", "802-11-wireless", "infiniband", NULL};

  return g_strv_contains(settings, profile_setting_of_group(group));
}

/* NetworkManager ignores the alias of a group that is there under its own name. */
static gboolean is_read(const Rebinding *rebinding, const char *group) {
  return g_strcmp0(profile_group(rebinding->edit->profile->text, profile_setting_of_group(group)), group) == 0;
}

static void warn_of_mac(const Rebinding *rebinding, const char *group, const char *key, const char *value) {
  const PlanContext *context = rebinding->context;
  const char *path = rebinding->edit->profile->path;
  g_autofree char *mac = mac_notation_canonical(value);
  const NicSuccession *item = mac != NULL ? nic_map_by_mac(context->nic_map, mac) : NULL;

  if (mac == NULL || nics_find_mac(&context->facts->nics, mac) != NULL)
    return;
  if (item != NULL && item->present == NULL)
    plan_warn(
        rebinding->plan,
        "%s: %s.%s = %s is the former card %s, and which present card took its place is not clear; the profile is "
        "not rebound and will not come up: set %s to the right card's.",
        path, group, key, value, item->recorded->name, key);
  else if (item == NULL && strcmp(key, "mac-address") == 0)
    plan_warn(rebinding->plan,
              "%s: %s.%s = %s is neither a recorded nor a present card; the profile will not come up here.", path,
              group, key, value);
  else if (item == NULL && context->verdict == VERDICT_CLONE)
    plan_warn(rebinding->plan, "%s: %s.%s = %s is no card's own address; every clone will send from it.", path, group,
              key, value);
}

static void rebind_mac(Rebinding *rebinding, const char *group, const char *key, const char *value) {
  g_autofree char *mac = new_mac(rebinding->context, value);

  if (mac != NULL)
    set(rebinding, group, key, value, mac);
  else if (is_card_group(group))
    warn_of_mac(rebinding, group, key, value);
}

static void rebind_mac_list(Rebinding *rebinding, const char *group, const char *key, const char *value) {
  g_auto(GStrv) items = g_strsplit(value, ";", -1);
  g_autofree char *joined = NULL;

  for (char **item = items; *item != NULL; item++) {
    char *mac = new_mac(rebinding->context, *item);

    if (mac == NULL)
      continue;
    g_free(*item);
    *item = mac;
  }
  joined = g_strjoinv(";", items);
  if (strcmp(joined, value) != 0)
    set(rebinding, group, key, value, joined);
}

static void warn_of_name(const Rebinding *rebinding, const char *group, const char *key, const char *value) {
  const PlanContext *context = rebinding->context;
  const NicSuccession *item = nic_map_by_name(context->nic_map, value);

  if (item == NULL || item->present != NULL || is_present_name(context, value))
    return;
  plan_warn(rebinding->plan,
            "%s: %s.%s = %s is a former card, and which present card took its place is not clear; the profile is not "
            "rebound: set %s to the right card's name.",
            rebinding->edit->profile->path, group, key, value, key);
}

static void rebind_name(Rebinding *rebinding, const char *group, const char *key, const char *value) {
  const char *name = new_name(rebinding->context, value, strlen(value));

  if (name != NULL)
    set(rebinding, group, key, value, name);
  else
    warn_of_name(rebinding, group, key, value);
}

/* An InfiniBand partition's device is called PARENT.PKEY, and libnm insists on it. */
static void rebind_partition(Rebinding *rebinding) {
  const KeyfileText *text = rebinding->edit->profile->text;
  g_autofree char *parent = keyfile_text_get(text, "infiniband", "parent");
  g_autofree char *name = keyfile_text_get(text, "connection", "interface-name");
  const char *new_parent = parent != NULL ? new_name(rebinding->context, parent, strlen(parent)) : NULL;
  g_autofree char *new_value = NULL;

  if (new_parent == NULL || name == NULL || !g_str_has_prefix(name, parent) || name[strlen(parent)] != '.')
    return;
  new_value = g_strconcat(new_parent, name + strlen(parent), NULL);
  set(rebinding, "connection", "interface-name", name, new_value);
}

/* "en0;!eth1;|ens*;": an item's first letters may be signs (nm-settings(5), match.interface-name). */
static void rebind_name_list(Rebinding *rebinding, const char *group, const char *key, const char *value) {
  GString *text = g_string_new(NULL);
  const char *at = value;

  while (*at != '\0') {
    const gsize signs = strspn(at, "!&|; ");
    const gsize length = strcspn(at + signs, ";");
    const char *name = new_name(rebinding->context, at + signs, length);

    g_string_append_len(text, at, (gssize)signs);
    if (name != NULL)
      g_string_append(text, name);
    else
      g_string_append_len(text, at + signs, (gssize)length);
    at += signs + length;
  }
  if (strcmp(text->str, value) != 0)
    set(rebinding, group, key, value, text->str);
  g_string_free(text, TRUE);
}

/* "priority 5 from 0.0.0.0/0 iif eth0 table 100". */
static void rebind_rule(Rebinding *rebinding, const char *group, const char *key, const char *value) {
  g_auto(GStrv) words = g_strsplit(value, " ", -1);
  g_autofree char *joined = NULL;

  for (guint i = 0; words[i] != NULL && words[i + 1] != NULL; i++) {
    const char *name = NULL;

    if (strcmp(words[i], "iif") == 0 || strcmp(words[i], "oif") == 0)
      name = new_name(rebinding->context, words[i + 1], strlen(words[i + 1]));
    if (name == NULL)
      continue;
    g_free(words[i + 1]);
    words[i + 1] = g_strdup(name);
  }
  joined = g_strjoinv(" ", words);
  if (strcmp(joined, value) != 0)
    set(rebinding, group, key, value, joined);
}

/* Keys whose value is the name of an interface. The controller's is one where it is no UUID. */
static gboolean is_name_key(const char *group, const char *key) {
  static const struct {
    const char *group; /* NULL: any */
    const char *key;
  } keys[] = {
      {NULL, "interface-name"}, {NULL, "parent"},         {"connection", "master"}, {"connection", "controller"},
      {"bond", "primary"},      {"bond", "active_slave"}, {"hsr", "port1"},         {"hsr", "port2"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
    if (strcmp(key, keys[i].key) == 0 && (keys[i].group == NULL || strcmp(group, keys[i].group) == 0))
      return TRUE;
  return FALSE;
}

static void rebind_value(const char *group, const char *key, const char *value, guint line, gpointer data) {
  static const char *const foreign[] = {"user", ".nmmeta", "vpn", "vpn-secrets", NULL};
  Rebinding *rebinding = data;

  if (g_strv_contains(foreign, group) || !is_read(rebinding, group))
    return;
  if (strcmp(key, "mac-address") == 0 || strcmp(key, "cloned-mac-address") == 0)
    rebind_mac(rebinding, group, key, value);
  else if (strcmp(key, "mac-address-denylist") == 0 || strcmp(key, "mac-address-blacklist") == 0)
    rebind_mac_list(rebinding, group, key, value);
  else if (strcmp(group, "match") == 0 && strcmp(key, "interface-name") == 0)
    rebind_name_list(rebinding, group, key, value);
  else if (is_name_key(group, key))
    rebind_name(rebinding, group, key, value);
  else if (g_str_has_prefix(key, "routing-rule"))
    rebind_rule(rebinding, group, key, value);
}

void profile_rebind(const PlanContext *context, ProfileEdit *edit, Plan *plan) {
  Rebinding rebinding = {.context = context, .edit = edit, .plan = plan};

  keyfile_text_foreach(edit->profile->text, rebind_value, &rebinding);
  rebind_partition(&rebinding);
}
