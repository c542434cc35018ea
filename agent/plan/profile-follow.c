/* profile-follow.c - what in a profile is the template's follows to the clone */
#include "profile-follow.h"

#include <string.h>

#include "base/list.h"
#include "fixed-identity.h"
#include "plan/renames/scanner.h"
#include "profiles/name-patterns.h"

/* nm-settings-keyfile(5). The first row is the only one for VPN plugins' data, whose other keys are theirs. */
static const FollowedKey table[] = {
    {"*", "*", RENAME_UUID, NULL},
    {"*", "mac-address|cloned-mac-address|mac-address-denylist|mac-address-blacklist", RENAME_MAC, NULL},
    {"bond", "ad_actor_system", RENAME_MAC, NULL},
    {"*", "interface-name|parent", RENAME_NIC | RENAME_OWN_NAME, NULL},
    {"connection", "master|controller", RENAME_NIC | RENAME_OWN_NAME, NULL},
    {"bond", "primary|active_slave", RENAME_NIC | RENAME_OWN_NAME, NULL},
    {"hsr", "port?", RENAME_NIC | RENAME_OWN_NAME, NULL},
    {"match", "path", RENAME_BUS_PATH, NULL},
    {"team", "config", RENAME_NIC | RENAME_OWN_NAME | RENAME_ADDRESS | RENAME_MAC, "\""},
    {"team-port", "config", RENAME_ADDRESS, "\""},
    {"vxlan|ip-tunnel", "local", RENAME_ADDRESS, NULL},
    {"ipv?", "dns", RENAME_ADDRESS, NULL},
    {"ipv?", "route*_options", RENAME_ADDRESS, "src="},
    {"ipv?", "routing-rule*", RENAME_ADDRESS, "from "},
    {"ipv?", "routing-rule*", RENAME_NIC | RENAME_OWN_NAME, "if "}, /* iif and oif */
    {"ipv?", "dhcp-hostname|dhcp-fqdn", RENAME_HOST, NULL},
    {"ipv?", "dhcp-client-id|dhcp-duid", RENAME_HOST | RENAME_MAC, NULL},
    {"802-1x", "identity|anonymous-identity", RENAME_HOST, "host/"},
};

typedef struct {
  const PlanContext *context;
  ProfileEdit *edit;
  Plan *plan;
} Following;

/* How much of the table counts in GROUP: what others than NetworkManager read is not touched, and names and addresses
 * of what is for no NIC stay as they are. */
static gsize rows_for(const Profile *profile, const char *group) {
  static const char *const foreign[] = {"user", ".nmmeta", "vpn-secrets", NULL};

  if (group == NULL || g_strv_contains(foreign, group))
    return 0;
  return profile->yields_to != NULL || strcmp(group, "vpn") == 0 ? 1 : G_N_ELEMENTS(table);
}

static gboolean is_own_uuid(const char *group, const char *key) {
  return strcmp(group, "connection") == 0 && strcmp(key, "uuid") == 0;
}

static void say_reference(ProfileEdit *edit, const Token *token, const Rename *rename) {
  g_autofree char *new_type = keyfile_text_get(edit->text, "connection", "port-type");
  g_autofree char *old_type = keyfile_text_get(edit->text, "connection", "slave-type");
  const char *type = new_type != NULL ? new_type : old_type;
  g_autofree char *subject = g_strdup_printf("%s.%s", token->group, token->key);

  if (strcmp(subject, "connection.controller") == 0 || strcmp(subject, "connection.master") == 0) {
    g_free(subject);
    subject = g_strdup_printf("%s%sport", type != NULL ? type : "", type != NULL ? " " : "");
  }
  if (rename->of != NULL)
    list_say(edit->reasons, "%s follows %s's new UUID", subject, rename->of);
  else
    list_say(edit->reasons, "%s follows a new UUID", subject);
}

static void say(const Token *token, const char *word, const Mention *mention, gpointer data) {
  const Following *following = data;

  if (mention->rename->kind == RENAME_UUID)
    say_reference(following->edit, token, mention->rename);
  else
    list_say(following->edit->reasons, "%s.%s %s becomes %s", token->group, token->key, word, mention->replacement);
}

static void warn_of_fixed_id(const Following *following, const Token *token, const char *value) {
  static const char *const keys[] = {"dhcp-client-id", "dhcp-duid", NULL};

  if (!g_str_has_prefix(token->group, "ipv") || !g_strv_contains(keys, token->key))
    return;
  g_autofree char *name = g_strdup_printf("%s.%s", token->group, token->key);
  fixed_dhcp_id_warn(following->context, following->edit->profile->path, token->line, name, value, following->plan);
}

/* A MAC address that no NIC has had or has. */
static void warn_of_strange_mac(const Following *following, const Token *token, const char *value) {
  static const char *const settings[] = {"802-3-ethernet", "802-11-wireless", "infiniband", "bridge", NULL};
  const char *path = following->edit->profile->path;
  const gboolean names = strcmp(token->key, "mac-address") == 0;
  const gboolean binds = names && strcmp(token->group, "bridge") != 0;

  if ((!names && strcmp(token->key, "cloned-mac-address") != 0) ||
      !g_strv_contains(settings, profile_setting_of_group(token->group)) || !strange_mac(following->context, value))
    return;
  if (binds)
    plan_warn(following->plan,
              "%s: %s.%s = %s is no NIC of this machine, nor of the recorded one: the profile does not come up here.",
              path, token->group, token->key, value);
  else if (following->context->verdict == VERDICT_CLONE)
    plan_warn(following->plan, "%s: %s.%s = %s" EVERY_CLONES_MAC, path, token->group, token->key, value);
}

static void follow_value(const char *group, const char *key, const char *value, guint line, gpointer data) {
  Following *following = data;
  const Token token = {.group = group, .key = key, .value = value, .size = strlen(value), .line = line};

  if (is_own_uuid(group, key))
    return;
  g_autofree char *followed = scanner_value(following->context->renames, table,
                                            rows_for(following->edit->profile, group), &token, say, following);
  if (followed != NULL)
    profile_edit_set(following->edit, group, key, followed);
  if (followed != NULL || following->edit->profile->yields_to != NULL)
    return;
  warn_of_fixed_id(following, &token, value);
  warn_of_strange_mac(following, &token, value);
}

/* [match] interface-name=eth*; where eth0 is ens192 now. */
static void follow_patterns(const Following *following, const char *key, PatternsLost lost_of) {
  g_autofree char *old = keyfile_text_get(following->edit->profile->text, "match", key);
  g_autofree char *now = keyfile_text_get(following->edit->text, "match", key);
  g_auto(GStrv) patterns = g_strsplit_set(old != NULL ? old : "", ";,", -1);
  g_auto(GStrv) lost = lost_of(following->context->nic_map, (const char *const *)patterns);
  g_autofree char *values = g_strjoinv(";", lost);

  if (*lost == NULL || now == NULL)
    return;
  g_autofree char *longer = g_strdup_printf("%s%s%s;", now, g_str_has_suffix(now, ";") ? "" : ";", values);
  profile_edit_set(following->edit, "match", key, longer);
  list_say(following->edit->reasons, "match.%s no longer fits all that it did: %s", key, values);
}

void profile_follow(const PlanContext *context, ProfileEdit *edit, Plan *plan) {
  Following following = {.context = context, .edit = edit, .plan = plan};

  keyfile_text_foreach(edit->profile->text, follow_value, &following);
  if (edit->profile->yields_to != NULL)
    return;
  follow_patterns(&following, "interface-name", name_patterns_lost);
  follow_patterns(&following, "path", path_patterns_lost);
}

typedef struct {
  const PlanContext *context;
  const ProfileEdit *edit;
  Plan *plan;
} Leftover;

/* A line that a later one of the same key overrides is not followed, and stays when the later one is only changed. */
static void warn_of_token(const Token *token, gpointer data) {
  const Leftover *leftover = data;
  const ProfileEdit *edit = leftover->edit;

  if (token->key == NULL) {
    scanner_warn(leftover->context->renames, NULL, 0, edit->profile->path, token, NULL, leftover->plan);
    return;
  }
  g_autofree char *final = keyfile_text_get(edit->text, token->group, token->key);
  if (final == NULL)
    return;
  g_autofree char *value = keyfile_text_get(edit->profile->text, token->group, token->key);
  gboolean counts = value != NULL && strncmp(value, token->value, token->size) == 0;
  scanner_warn(leftover->context->renames, table, counts ? rows_for(edit->profile, token->group) : 0,
               edit->profile->path, token, counts ? final : NULL, leftover->plan);
}

void profile_follow_warn(const PlanContext *context, const ProfileEdit *edit, Plan *plan) {
  Leftover leftover = {.context = context, .edit = edit, .plan = plan};

  tokens_read(edit->profile->bytes, tokens_of_assignments, warn_of_token, &leftover);
}
