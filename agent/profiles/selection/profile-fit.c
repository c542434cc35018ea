/* profile-fit.c - whether NetworkManager takes a profile for a NIC */
#include "profile-fit.h"

#include <fnmatch.h>
#include <string.h>

#include "observe/mac-address.h"
#include "profiles/id-path.h"
#include "profiles/mac-notation.h"
#include "profiles/name-patterns.h"

#define ORIGIN_TAG "org.freedesktop.NetworkManager.origin"

/* --- what recorded NICs became --- */

static const char *name_here(const FitContext *context, const char *name) {
  const NicSuccession *item = context->map != NULL ? nic_map_by_name(context->map, name) : NULL;

  return item != NULL && item->present != NULL ? item->present->name : name;
}

static gboolean is_mac_here(const FitContext *context, const char *text, const Nic *nic) {
  g_autofree char *mac = mac_notation_canonical(text);
  const NicSuccession *item = mac != NULL && context->map != NULL ? nic_map_by_mac(context->map, mac) : NULL;

  if (item != NULL && item->present != NULL)
    return item->present == nic || mac_equal(item->present->mac, nic->mac);
  return mac != NULL && mac_equal(mac, nic->mac);
}

/* A pattern that says a recorded NIC's bus path, with its successor's. */
static char *path_here(const FitContext *context, const char *pattern) {
  for (guint i = 0; context->map != NULL && i < context->map->items->len; i++) {
    const NicSuccession *item = &g_array_index(context->map->items, NicSuccession, i);
    g_autofree char *old = id_path(item->recorded->bus_path);
    g_autofree char *new = item->present != NULL ? id_path(item->present->bus_path) : NULL;
    const char *at = old != NULL && new != NULL ? strstr(pattern, old) : NULL;

    if (at != NULL)
      return g_strdup_printf("%.*s%s%s", (int)(at - pattern), pattern, new, at + strlen(old));
  }
  return g_strdup(pattern);
}

/* --- [match] --- */

gboolean profile_fit_patterns(const char *const *patterns, guint count, PatternFunction matches, gconstpointer data) {
  gboolean one_may = FALSE;
  gboolean one_does = FALSE;

  for (guint i = 0; i < count; i++) {
    const char *pattern = patterns[i];
    gboolean must = pattern[0] == '&' || pattern[0] == '!';
    gboolean is_not = FALSE;

    if (pattern[0] == '&' || pattern[0] == '|')
      pattern++;
    if (pattern[0] == '!') {
      is_not = TRUE;
      pattern++;
    }
    if (pattern[0] == '\\')
      pattern++;
    const gboolean passes = matches(pattern, data) != is_not;
    if (must && !passes)
      return FALSE;
    one_may |= !must;
    one_does |= !must && passes;
  }
  return one_does || !one_may;
}

typedef struct {
  const FitContext *context;
  const char *text;
} Matching;

static gboolean name_matches(const char *pattern, gconstpointer data) {
  const Matching *matching = data;

  return fnmatch(name_here(matching->context, pattern), matching->text, 0) == 0;
}

static gboolean path_matches(const char *pattern, gconstpointer data) {
  const Matching *matching = data;
  g_autofree char *here = path_here(matching->context, pattern);

  return fnmatch(here, matching->text, 0) == 0;
}

static gboolean text_matches(const char *pattern, gconstpointer data) {
  const Matching *matching = data;

  return fnmatch(pattern, matching->text, 0) == 0;
}

/* KEY=VALUE is that very word, KEY is one with any value or none. */
static gboolean word_matches(const char *pattern, gconstpointer data) {
  const Matching *matching = data;
  const SelectionWorld *world = matching->context->world;
  const gsize length = strlen(pattern);

  for (char **word = world != NULL ? world->command_line : NULL; word != NULL && *word != NULL; word++) {
    if (strcmp(*word, pattern) == 0)
      return TRUE;
    if (strchr(pattern, '=') == NULL && strncmp(*word, pattern, length) == 0 && (*word)[length] == '=')
      return TRUE;
  }
  return FALSE;
}

/* With what a pattern gets that does not fit it by itself. */
static char **patterns_here(const FitContext *context, const char *const *patterns, guint count, PatternsLost lost_of) {
  GPtrArray *all = g_ptr_array_new();

  for (guint i = 0; i < count; i++)
    g_ptr_array_add(all, g_strdup(patterns[i]));
  g_ptr_array_add(all, NULL);
  g_auto(GStrv) lost = lost_of(context->map, (const char *const *)all->pdata);
  g_ptr_array_set_size(all, (int)count);
  for (char **value = lost; *value != NULL; value++)
    g_ptr_array_add(all, g_strdup(*value));
  g_ptr_array_add(all, NULL);
  return (char **)g_ptr_array_free(all, FALSE);
}

static gboolean fits_match(const FitContext *context, NMConnection *connection, const Nic *nic) {
  NMSettingMatch *setting = NM_SETTING_MATCH(nm_connection_get_setting(connection, NM_TYPE_SETTING_MATCH));
  const NetDevice device = selection_world_device(context->world, nic);
  g_autofree char *path = id_path(nic->bus_path);
  const Matching name = {context, nic->name};
  const Matching driver = {context, device.driver != NULL ? device.driver : ""};
  const Matching place = {context, path != NULL ? path : ""};
  const char *const *patterns;
  guint count = 0;

  if (setting == NULL)
    return TRUE;
  patterns = nm_setting_match_get_interface_names(setting, &count);
  g_auto(GStrv) names = patterns_here(context, patterns, count, name_patterns_lost);
  if (!profile_fit_patterns((const char *const *)names, g_strv_length(names), name_matches, &name))
    return FALSE;
  patterns = nm_setting_match_get_drivers(setting, &count);
  if (!profile_fit_patterns(patterns, count, text_matches, &driver))
    return FALSE;
  patterns = nm_setting_match_get_paths(setting, &count);
  g_auto(GStrv) paths = patterns_here(context, patterns, count, path_patterns_lost);
  if (!profile_fit_patterns((const char *const *)paths, g_strv_length(paths), path_matches, &place))
    return FALSE;
  patterns = nm_setting_match_get_kernel_command_lines(setting, &count);
  return profile_fit_patterns(patterns, count, word_matches, &name);
}

/* --- the rest --- */

/* The type of profile that is NIC's; PPPoE runs over an Ethernet NIC of its own, unless it names one. */
static gboolean has_type_for(const FitContext *context, NMConnection *connection, const Nic *nic) {
  const char *type = nm_connection_get_connection_type(connection);
  const NetDevice device = selection_world_device(context->world, nic);
  NMSettingPppoe *pppoe = nm_connection_get_setting_pppoe(connection);

  if (g_strcmp0(device.type, "infiniband") == 0)
    return g_strcmp0(type, NM_SETTING_INFINIBAND_SETTING_NAME) == 0;
  if (g_strcmp0(device.type, "wifi") == 0)
    return g_strcmp0(type, NM_SETTING_WIRELESS_SETTING_NAME) == 0;
  if (g_strcmp0(type, NM_SETTING_PPPOE_SETTING_NAME) == 0)
    return pppoe != NULL && nm_setting_pppoe_get_parent(pppoe) == NULL;
  return g_strcmp0(type, NM_SETTING_WIRED_SETTING_NAME) == 0;
}

static NMSetting *hardware_setting(NMConnection *connection) {
  static const char *const names[] = {NM_SETTING_WIRED_SETTING_NAME, NM_SETTING_WIRELESS_SETTING_NAME,
                                      NM_SETTING_INFINIBAND_SETTING_NAME};

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    NMSetting *setting = nm_connection_get_setting_by_name(connection, names[i]);

    if (setting != NULL)
      return setting;
  }
  return NULL;
}

static gboolean fits_macs(const FitContext *context, NMConnection *connection, const Nic *nic) {
  NMSetting *setting = hardware_setting(connection);
  g_autofree char *mac = NULL;
  g_auto(GStrv) denied = NULL;

  if (setting == NULL)
    return TRUE;
  g_object_get(setting, "mac-address", &mac, NULL);
  if (mac != NULL && !is_mac_here(context, mac, nic))
    return FALSE;
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(setting), "mac-address-blacklist") != NULL)
    g_object_get(setting, "mac-address-blacklist", &denied, NULL);
  for (char **item = denied; item != NULL && *item != NULL; item++)
    if (is_mac_here(context, *item, nic))
      return FALSE;
  return TRUE;
}

/* A profile of some users comes up when one of them has logged in. */
static gboolean is_for_all_users(NMConnection *connection) {
  return nm_setting_connection_get_num_permissions(nm_connection_get_setting_connection(connection)) == 0;
}

/* [device] allowed-connections. UUIDs are compared as they are: where they change, that list follows. */
static gboolean is_allowed_on(const FitContext *context, NMConnection *connection, const Nic *nic) {
  const NetDevice device = selection_world_device(context->world, nic);
  NMSettingUser *user = NM_SETTING_USER(nm_connection_get_setting(connection, NM_TYPE_SETTING_USER));
  const NetConnection described = {.id = nm_connection_get_id(connection),
                                   .uuid = nm_connection_get_uuid(connection),
                                   .origin = user != NULL ? nm_setting_user_get_data(user, ORIGIN_TAG) : NULL};

  return context->world == NULL || managed_devices_allow(context->world->managed, &device, &described);
}

gboolean profile_may_fit(const FitContext *context, const Profile *profile, const Nic *nic) {
  return (profile->interface_name == NULL || strcmp(name_here(context, profile->interface_name), nic->name) == 0) &&
         (profile->mac_address == NULL || is_mac_here(context, profile->mac_address, nic));
}

gboolean profile_fits(const FitContext *context, const Profile *profile, NMConnection *connection, const Nic *nic) {
  const char *name = nm_connection_get_interface_name(connection);

  return has_type_for(context, connection, nic) && (name == NULL || strcmp(name_here(context, name), nic->name) == 0) &&
         fits_macs(context, connection, nic) && fits_match(context, connection, nic) && is_for_all_users(connection) &&
         is_allowed_on(context, connection, nic);
}
