/* profile-judge.c - libnm as the judge of an edited profile */
#include "profile-judge.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "profile-connection.h"
#include "profile-groups.h"

/* Collect what libnm ignores: "group.key" -> its words. */
static gboolean note_warning(GKeyFile *keyfile, NMConnection *connection, NMKeyfileHandlerType type,
                             NMKeyfileHandlerData *data, void *warnings) {
  NMKeyfileWarnSeverity severity = NM_KEYFILE_WARN_SEVERITY_DEBUG;
  const char *message = NULL;
  const char *group = NULL;
  const char *key = NULL;

  if (type != NM_KEYFILE_HANDLER_TYPE_WARN)
    return FALSE;
  nm_keyfile_handler_data_get_context(data, &group, &key, NULL, NULL);
  nm_keyfile_handler_data_warn_get(data, &message, &severity);
  if (warnings != NULL && severity >= NM_KEYFILE_WARN_SEVERITY_WARN)
    g_hash_table_insert(warnings, g_strdup_printf("%s.%s", group != NULL ? group : "", key != NULL ? key : ""),
                        g_strdup(message));
  return TRUE;
}

struct JudgedProfile {
  NMConnection *connection;
  GHashTable *warnings; /* "group.key" -> libnm's words */
};

JudgedProfile *profile_judge_loaded(GKeyFile *keyfile, const char *path, GError **error) {
  g_autoptr(GHashTable) warnings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  NMConnection *connection = profile_connection_of(keyfile, path, note_warning, warnings, error);

  if (connection == NULL)
    return NULL;
  JudgedProfile *judged = g_new0(JudgedProfile, 1);
  judged->connection = connection;
  judged->warnings = g_steal_pointer(&warnings);
  return judged;
}

JudgedProfile *profile_judge_read(GBytes *bytes, const char *path, GError **error) {
  g_autoptr(GKeyFile) keyfile = keyfile_load(bytes, error);

  return keyfile != NULL ? profile_judge_loaded(keyfile, path, error) : NULL;
}

void judged_profile_free(JudgedProfile *judged) {
  if (judged == NULL)
    return;
  g_object_unref(judged->connection);
  g_hash_table_unref(judged->warnings);
  g_free(judged);
}

struct _NMConnection *judged_profile_connection(const JudgedProfile *judged) {
  return judged->connection;
}

gboolean profile_judge_accepts(GBytes *bytes, const char *path, GError **error) {
  g_autoptr(JudgedProfile) judged = profile_judge_read(bytes, path, error);

  return judged != NULL;
}

static void allow(GHashTable *properties, const char *setting, const char *property) {
  g_hash_table_add(properties, g_strconcat(setting, ".", property, NULL));
}

/* "address", "address12", "addresses3" of an IP setting are one property, as are its routes and rules. */
static void allow_ip(GHashTable *properties, const char *setting, const char *key) {
  if (g_str_has_prefix(key, "address")) {
    allow(properties, setting, "addresses");
    allow(properties, setting, "gateway");
  } else if (g_str_has_prefix(key, "routing-rule")) {
    allow(properties, setting, "routing-rules");
  } else if (g_str_has_prefix(key, "route")) {
    allow(properties, setting, "routes");
  }
  /* libnm evens out may-fail where a family is switched off. */
  if (strcmp(key, "method") == 0)
    allow(properties, setting, "may-fail");
  /* Without a mode that is said, a token means eui64. */
  if (strcmp(key, "token") == 0)
    allow(properties, setting, "addr-gen-mode");
  allow(properties, setting, key);
}

/* Properties with two names, an old and a new one; libnm shows either or both, by version. */
static const struct {
  const char *setting; /* NULL: any */
  const char *names[2];
} twins[] = {
    {"connection", {"master", "controller"}},
    {"connection", {"slave-type", "port-type"}},
    {NULL, {"mac-address-blacklist", "mac-address-denylist"}},
};

static void allow_twins(GHashTable *properties, const char *setting, const char *key) {
  for (gsize i = 0; i < G_N_ELEMENTS(twins); i++) {
    if (twins[i].setting != NULL && strcmp(twins[i].setting, setting) != 0)
      continue;
    if (strcmp(key, twins[i].names[0]) == 0 || strcmp(key, twins[i].names[1]) == 0) {
      allow(properties, setting, twins[i].names[0]);
      allow(properties, setting, twins[i].names[1]);
    }
  }
}

void profile_judge_allow(GHashTable *properties, const char *group, const char *key) {
  const char *setting = profile_setting_of_group(group);

  if (strcmp(setting, "ipv4") == 0 || strcmp(setting, "ipv6") == 0) {
    allow_ip(properties, setting, key);
    return;
  }
  if (g_str_has_prefix(setting, "wireguard-peer.")) {
    allow(properties, "wireguard", "peers");
    return;
  }
  allow(properties, setting, key);
  allow_twins(properties, setting, key);
  /* Groups whose keys are the entries of one property. */
  if (strcmp(setting, "bond") == 0)
    allow(properties, setting, "options");
  if (strcmp(setting, "vpn") == 0 || strcmp(setting, "ovs-external-ids") == 0 ||
      strcmp(setting, "ovs-other-config") == 0)
    allow(properties, setting, "data");
  /* libnm reads teamd's JSON and has some of it as properties. */
  if (g_str_has_prefix(setting, "team") && strcmp(key, "config") == 0)
    allow(properties, setting, "link-watchers");
  /* The name of a virtual device used to stand in its own group. */
  if (strcmp(key, "interface-name") == 0 && strcmp(setting, "match") != 0)
    allow(properties, "connection", key);
}

/* The first property that differs without being named, as "setting.property"; NULL: none. */
static char *unnamed_difference(NMConnection *old_connection, NMConnection *new_connection, GHashTable *properties) {
  g_autoptr(GHashTable) settings = NULL;
  GHashTableIter of_settings, of_properties;
  gpointer setting, differences, property;

  if (nm_connection_diff(old_connection, new_connection, NM_SETTING_COMPARE_FLAG_EXACT, &settings))
    return NULL;
  g_hash_table_iter_init(&of_settings, settings);
  while (g_hash_table_iter_next(&of_settings, &setting, &differences)) {
    g_hash_table_iter_init(&of_properties, differences);
    while (g_hash_table_iter_next(&of_properties, &property, NULL)) {
      g_autofree char *name = g_strconcat(setting, ".", property, NULL);

      if (!g_hash_table_contains(properties, name))
        return g_steal_pointer(&name);
    }
  }
  return NULL;
}

/* "group.key: words" of something that is ignored only now; NULL: nothing is. */
static char *new_warning(GHashTable *old_warnings, GHashTable *new_warnings) {
  GHashTableIter iterator;
  gpointer where, words;

  g_hash_table_iter_init(&iterator, new_warnings);
  while (g_hash_table_iter_next(&iterator, &where, &words))
    if (!g_hash_table_contains(old_warnings, where))
      return g_strdup_printf("%s: %s", (const char *)where, (const char *)words);
  return NULL;
}

gboolean profile_judge_compare(const JudgedProfile *old_judged, GBytes *new_bytes, const char *path,
                               GHashTable *properties, GError **error) {
  g_autoptr(GError) refusal = NULL;
  g_autoptr(JudgedProfile) new_judged = profile_judge_read(new_bytes, path, &refusal);

  if (new_judged == NULL)
    return ri_error(
        error, RI_ERROR_FAILED,
        "%s: NetworkManager would refuse the edited profile: %s; nothing is changed: fix the profile or the policy, "
        "or switch the step nm-profile off",
        path, refusal->message);
  g_autofree char *difference = unnamed_difference(old_judged->connection, new_judged->connection, properties);
  if (difference != NULL)
    return ri_error(
        error, RI_ERROR_FAILED,
        "%s: the edit would also change %s, which it does not mean to; nothing is changed: simplify the profile "
        "(nmcli connection edit) or switch the step nm-profile off",
        path, difference);
  g_autofree char *warning = new_warning(old_judged->warnings, new_judged->warnings);
  if (warning != NULL)
    return ri_error(
        error, RI_ERROR_FAILED,
        "%s: NetworkManager would ignore a part of the edited profile: %s; nothing is changed: fix the profile "
        "or the policy, or switch the step nm-profile off",
        path, warning);
  return TRUE;
}
