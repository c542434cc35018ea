/* step-nm-profile.c - NetworkManager's keyfiles, all references in one plan */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "device-lists.h"
#include "plan/fixed-identity.h"
#include "plan/profile-addresses.h"
#include "plan/profile-follow.h"
#include "plan/profile-new.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"
#include "plan/yielding-entries.h"

static const char step_name[] = "nm-profile";

/* NetworkManager.conf(5), "Device List Format" and "Connection List Format", and the defaults of connections in its
 * [connection] sections. */
static const FollowedKey configuration_keys[] = {
    {"*", "unmanaged-devices|match-device|no-auto-default|ignore-carrier|assume-ipv6ll-only",
     RENAME_MAC | RENAME_NIC | RENAME_OWN_NAME, NULL},
    {"*", "allowed-connections", RENAME_UUID, "uuid:"},
    {"*", "*mac-address*", RENAME_MAC, NULL},
    {"*", "*.dhcp-client-id|*.dhcp-duid", RENAME_MAC | RENAME_HOST, NULL},
    {"*", "*.dhcp-hostname|*.dhcp-fqdn", RENAME_HOST, NULL},
    {"*", "*.secondaries", RENAME_UUID, NULL},
    {"*", "servers", RENAME_ADDRESS, NULL},
};

static const ScannedFormat configuration = {.step = step_name,
                                            .reader = tokens_of_assignments,
                                            .table = configuration_keys,
                                            .n_table = G_N_ELEMENTS(configuration_keys),
                                            .why = "what names a NIC or the machine follows to the clone"};
/* Files that only tell of themselves: a package's, a run's, other programs' and scripts. */
static const ScannedFormat others_configuration = {.step = step_name, .reader = tokens_of_assignments};
static const ScannedFormat scripts = {.step = step_name, .reader = tokens_of_lines};

static const ScannedPlace searched[] = {
    {&configuration, "/etc/NetworkManager", "NetworkManager.conf"},
    {&configuration, "/etc/NetworkManager/conf.d", "*.conf"},
    {&configuration, "/var/lib/NetworkManager", "NetworkManager-intern.conf"},
    {&others_configuration, "/run/NetworkManager/conf.d", "*.conf"},
    {&others_configuration, "/usr/lib/NetworkManager/conf.d", "*.conf"},
    {&scripts, "/etc/NetworkManager/dnsmasq.d", "*"},
    {&scripts, "/etc/NetworkManager/dnsmasq-shared.d", "*"},
    {&scripts, "/etc/NetworkManager/dispatcher.d", "*"},
    {&scripts, "/etc/NetworkManager/dispatcher.d/no-wait.d", "*"},
    {&scripts, "/etc/NetworkManager/dispatcher.d/pre-down.d", "*"},
    {&scripts, "/etc/NetworkManager/dispatcher.d/pre-up.d", "*"},
};

static void set_own_uuid(const PlanContext *context, ProfileEdit *edit) {
  const char *uuid = g_hash_table_lookup(context->identity->new_uuids, edit->profile);

  if (uuid != NULL && profile_edit_set(edit, "connection", "uuid", uuid))
    list_say(edit->reasons, "own connection UUID");
}

/* A key is an identity too, but only its peers can be told of a new one. */
static void warn_of_shared_key(const Profile *profile, Plan *plan) {
  g_autofree char *key = keyfile_text_get(profile->text, "wireguard", "private-key");

  if (key != NULL && key[0] != '\0')
    plan_warn(plan,
              "%s: holds the template's WireGuard key, which every clone has too; make a new one (wg genkey) and tell "
              "the peers.",
              profile->path);
}

static gboolean plan_profile(const PlanContext *context, const Profile *profile, Plan *plan, GError **error) {
  g_autoptr(ProfileEdit) edit = profile_edit_new(profile);

  set_own_uuid(context, edit);
  profile_follow(context, edit, plan);
  if (context->verdict == VERDICT_CLONE) {
    profile_addresses_apply(context, edit, plan);
    warn_of_shared_key(profile, plan);
  }
  if (profile->yields_to != NULL)
    yielding_entry_warn(profile, plan);
  else
    profile_follow_warn(context, edit, plan);
  return profile_edit_plan(edit, step_name, plan, error);
}

static void report_unedited(const PlanContext *context, const Profile *profile, Plan *plan) {
  plan_warn(plan, "%s is not edited: %s.", profile->path, profile->why_not);
  scanner_bytes(context->renames, profile->path, profile->bytes, tokens_of_assignments, plan);
}

/* What a pattern of names in it means is not said in any token. */
static gboolean warn_of_lists(const PlanContext *context, const char *directory, const char *glob, Plan *plan,
                              GError **error) {
  g_autofree char *pattern = g_build_filename(directory, glob, NULL);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(context->root, pattern, paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!device_lists_warn(context, paths->pdata[i], plan, error))
      return FALSE;
  return TRUE;
}

typedef struct {
  const PlanContext *context;
  const char *path;
  Plan *plan;
} Defaults;

/* What a [connection] section gives every profile that says nothing else. What follows to this machine is its own. */
static void warn_of_default(const Token *token, gpointer data) {
  const Defaults *defaults = data;
  g_autofree char *value = g_strndup(token->value, token->size);

  if (token->group == NULL || token->key == NULL || !g_str_has_prefix(token->group, "connection"))
    return;
  g_autofree char *followed = scanner_value(defaults->context->renames, configuration_keys,
                                            G_N_ELEMENTS(configuration_keys), token, NULL, NULL);
  if (followed != NULL)
    return;
  if (g_str_has_suffix(token->key, ".dhcp-client-id") || g_str_has_suffix(token->key, ".dhcp-duid"))
    fixed_dhcp_id_warn(defaults->context, defaults->path, token->line, token->key, value, defaults->plan);
  else if (g_str_has_suffix(token->key, ".cloned-mac-address") && defaults->context->verdict == VERDICT_CLONE &&
           strange_mac(defaults->context, value))
    plan_warn(defaults->plan, "%s:%u: %s = %s" EVERY_CLONES_MAC, defaults->path, token->line, token->key, value);
}

static gboolean warn_of_defaults(const PlanContext *context, Plan *plan, GError **error) {
  static const char *const globs[] = {"/etc/NetworkManager/NetworkManager.conf", "/etc/NetworkManager/conf.d/*.conf",
                                      "/usr/lib/NetworkManager/conf.d/*.conf"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (context->verdict != VERDICT_CLONE)
    return TRUE;
  if (!tree_glob_all(context->root, globs, G_N_ELEMENTS(globs), paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++) {
    Defaults defaults = {.context = context, .path = paths->pdata[i], .plan = plan};
    g_autoptr(GBytes) content = NULL;

    if (tree_read_file(context->root, defaults.path, &content, NULL, NULL) && content != NULL)
      tokens_read(content, tokens_of_assignments, warn_of_default, &defaults);
  }
  return TRUE;
}

static gboolean search_configuration(const PlanContext *context, Plan *plan, GError **error) {
  for (gsize i = 0; i < G_N_ELEMENTS(searched); i++)
    if (!scanner_directory(context, searched[i].format, searched[i].directory, searched[i].glob, plan, error) ||
        (searched[i].format != &scripts &&
         !warn_of_lists(context, searched[i].directory, searched[i].glob, plan, error)))
      return FALSE;
  return warn_of_defaults(context, plan, error);
}

/* NetworkManager reads the file only where its uuid= is that of its name (nms-keyfile-utils.c). */
static gboolean plan_nmmeta_file(const PlanContext *context, const char *path, const char *new_path,
                                 const char *new_uuid, const char *why, Plan *plan, GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autoptr(KeyfileText) text = NULL;
  g_autofree char *uuid = NULL;

  if (!tree_read(context->root, path, &old, NULL, error))
    return FALSE;
  if (old != NULL)
    text = keyfile_text_parse(old, NULL);
  uuid = text != NULL ? keyfile_text_get(text, "nmmeta", "uuid") : NULL;
  if (uuid == NULL) {
    plan_warn(plan, "%s is left alone: NetworkManager does not read it, because it has no UUID.", path);
    return TRUE;
  }
  keyfile_text_set(text, "nmmeta", "uuid", new_uuid);
  content = keyfile_text_bytes(text);
  Edit *edit = plan_write(plan, step_name, new_path, NULL, content, why);
  edit->mode = 0600;
  plan_remove(plan, step_name, path, old, why);
  return TRUE;
}

/* UUID.nmmeta: what NetworkManager remembers of a connection beside its profile, a tombstone (a link to /dev/null) when
 * that is deleted. */
static gboolean plan_nmmeta(const PlanContext *context, const char *directory, const char *name, Plan *plan,
                            GError **error) {
  g_autofree char *uuid = g_strndup(name, strlen(name) - strlen(".nmmeta"));
  const Rename *rename = renames_lookup(context->renames, RENAME_UUID, uuid);

  if (rename == NULL)
    return TRUE;
  g_autofree char *new_name = g_strconcat(rename->new_value, ".nmmeta", NULL);
  g_autofree char *path = g_build_filename(directory, name, NULL);
  g_autofree char *new_path = g_build_filename(directory, new_name, NULL);
  g_autofree char *why = g_strdup_printf("NetworkManager's notes on a connection follow to its new UUID");
  if (tree_is_regular_file(context->root, path))
    return plan_nmmeta_file(context, path, new_path, rename->new_value, why, plan, error);
  g_autofree char *to = tree_read_link(context->root, path);
  if (to != NULL) {
    (void)plan_unlink(plan, step_name, path, to, why);
    (void)plan_link(plan, step_name, new_path, to, why);
  }
  return TRUE;
}

/* The directory of the profiles with its links followed; NULL with *ERROR unset: there is none. */
static char *resolve_directory(const PlanContext *context, GError **error) {
  char *resolved = NULL;
  int result = root_resolve(context->root, context->profiles->directory, &resolved);

  if (result < 0) {
    if (result != -ENOENT)
      ri_error_errno(error, result, "%s", context->profiles->directory);
    return NULL;
  }
  char *copy = g_strdup(resolved);
  free(resolved);
  return copy;
}

static gboolean plan_all_nmmeta(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GError) local = NULL;
  g_autofree char *directory = resolve_directory(context, &local);
  g_auto(GStrv) names = NULL;

  if (local != NULL)
    return ri_error_pass(error, g_steal_pointer(&local));
  if (directory == NULL)
    return TRUE;
  names = tree_list(context->root, directory, error);
  for (char **name = names; name != NULL && *name != NULL; name++)
    if (g_str_has_suffix(*name, ".nmmeta") && !plan_nmmeta(context, directory, *name, plan, error))
      return FALSE;
  return names != NULL;
}

static gboolean plan_files(const PlanContext *context, Plan *plan, GError **error) {
  list_each (const Profile *, profile, context->profiles->items) {
    if (profile->format != NULL)
      continue;
    if (profile->why_not != NULL)
      report_unedited(context, profile, plan);
    else if (!plan_profile(context, profile, plan, error))
      return FALSE;
  }
  if (context->verdict == VERDICT_CLONE &&
      (!profile_new_plan(context, step_name, plan, error) || !plan_all_nmmeta(context, plan, error)))
    return FALSE;
  return search_configuration(context, plan, error);
}

gboolean step_nm_profile(const PlanContext *context, Plan *plan, GError **error) {
  if (!plan_files(context, plan, error))
    return FALSE;
  if (plan_has_step(plan, step_name))
    plan_act_manager(plan, step_name, "NetworkManager takes the profiles");
  return TRUE;
}

void step_nm_profile_check(const Root *root, Plan *plan) {
  plan_check(plan, step_name, VERIFY_NETWORK, NULL, "what the profiles say");
}
