/* step-ssh-host-keys.c - the step with its surroundings as parameters */
#include "step-ssh-host-keys.h"

#include <string.h>
#include <unistd.h>

#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/names.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/plan-tree.h"
#include "ssh-keygen.h"
#include "ssh-other-keys.h"
#include "sshd-config.h"

#define STEP "ssh-host-keys"
#define SSH_DIR "/etc/ssh"

enum { RSA_MINIMUM = 3072, RSA_MAXIMUM = 16384 };

/* A host key of the template that is to be regenerated. */
typedef struct {
  char *path, *public_path; /* resolved */
  GBytes *old, *old_public; /* NULL: not there */
  SshKeyType type;
} HostKey;

static void host_key_free(HostKey *key) {
  g_free(key->path);
  g_free(key->public_path);
  g_clear_pointer(&key->old, g_bytes_unref);
  g_clear_pointer(&key->old_public, g_bytes_unref);
  g_free(key);
}

/* The usual names that are there, and those that sshd is configured for. */
static GPtrArray *key_paths(const PlanContext *context, const SshdConfig *config, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) names = tree_list(context->root, SSH_DIR, error);

  if (names == NULL)
    return NULL;
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *path = g_build_filename(SSH_DIR, *name, NULL);

    if (g_str_has_prefix(*name, "ssh_host_") && g_str_has_suffix(*name, "_key"))
      list_add_once(paths, g_strdup(path));
  }
  for (guint i = 0; i < config->host_keys->len; i++)
    list_add_once(paths, g_strdup(((const SshdPath *)config->host_keys->pdata[i])->path));
  return g_steal_pointer(&paths);
}

/* The private half is the key; the public one only helps where that does not tell. */
static gboolean find_type(HostKey *key) {
  g_autofree char *name = g_path_get_basename(key->path);
  SshKeyType public_type = {0};
  gboolean has_public = key->old_public != NULL && ssh_key_type_of_public(key->old_public, &public_type);

  if (!ssh_key_type_of_private(key->old, &key->type)) {
    if (has_public)
      key->type = public_type;
    else if (!ssh_key_type_of_file_name(name, &key->type))
      return FALSE;
  }
  if (key->type.bits == 0 && has_public && strcmp(key->type.name, public_type.name) == 0)
    key->type.bits = public_type.bits;
  if (strcmp(key->type.name, "rsa") == 0)
    key->type.bits = CLAMP(key->type.bits, RSA_MINIMUM, RSA_MAXIMUM);
  return TRUE;
}

static gboolean is_known(const GPtrArray *keys, const char *path) {
  for (guint i = 0; i < keys->len; i++)
    if (strcmp(((const HostKey *)g_ptr_array_index(keys, i))->path, path) == 0)
      return TRUE;
  return FALSE;
}

/* HostKey may name a public key whose private half an agent holds (sshd_config(5), HostKeyAgent). */
static gboolean is_agents_key(GBytes *content) {
  SshKeyType type;

  return !ssh_key_type_of_private(content, &type) && ssh_key_type_of_public(content, &type);
}

/* Both halves as they are; *KEY is NULL for a path that is not to be regenerated: not there, known under another name,
 * or an agent's. */
static gboolean read_key(const PlanContext *context, const char *path, const GPtrArray *keys, HostKey **key,
                         GError **error) {
  g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
  HostKey *read = g_new0(HostKey, 1);

  *key = NULL;
  if (!tree_read(context->root, path, &read->old, &read->path, error) ||
      !tree_read(context->root, public_path, &read->old_public, &read->public_path, error)) {
    host_key_free(read);
    return FALSE;
  }
  if (read->old == NULL || is_known(keys, read->path) || is_agents_key(read->old))
    host_key_free(read);
  else
    *key = read;
  return TRUE;
}

static GPtrArray *read_keys(const PlanContext *context, const SshdConfig *config, GError **error) {
  g_autoptr(GPtrArray) paths = key_paths(context, config, error);
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)host_key_free);

  for (guint i = 0; paths != NULL && i < paths->len; i++) {
    const char *path = g_ptr_array_index(paths, i);
    HostKey *key;

    if (!tree_means_regular_file(context->root, path))
      continue;
    if (!read_key(context, path, keys, &key, error))
      return NULL;
    if (key == NULL)
      continue;
    g_ptr_array_add(keys, key);
    if (find_type(key))
      continue;
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED,
                "%s: the type of this host key is not known, so it cannot be regenerated; remove it, or set "
                "ssh-host-keys = off in [steps] and replace it yourself",
                key->path);
    return NULL;
  }
  return paths == NULL ? NULL : g_steal_pointer(&keys);
}

static gboolean remove_certificate(const PlanContext *context, Plan *plan, const char *path, GError **error) {
  Edit *edit;

  if (!plan_remove_file(plan, context->root, STEP, path, EDIT_FORGET_OLD, "it certifies the template's host key", &edit,
                        error))
    return FALSE;
  if (edit != NULL)
    plan_warn(plan, "The host certificate %s is for the template's key and is removed: have the new key signed.",
              edit->path);
  return TRUE;
}

static gboolean remove_certificates(const PlanContext *context, const SshdConfig *config, const GPtrArray *keys,
                                    Plan *plan, GError **error) {
  list_each (const HostKey *, key, keys) {
    g_autofree char *path = g_strconcat(key->path, "-cert.pub", NULL);

    if (!remove_certificate(context, plan, path, error))
      return FALSE;
  }
  for (guint i = 0; keys->len > 0 && i < config->certificates->len; i++)
    if (!remove_certificate(context, plan, ((const SshdPath *)config->certificates->pdata[i])->path, error))
      return FALSE;
  return TRUE;
}

/* OpenSSH no longer makes or uses DSA keys (removed in 10.0, refused by default since 7.0). */
static void remove_dsa(const HostKey *key, Plan *plan) {
  Edit *edit = plan_remove(plan, STEP, key->path, key->old, "the template's DSA key, which OpenSSH no longer uses");

  edit->flags |= EDIT_SECRET | EDIT_FORGET_OLD;
  edit = plan_remove(plan, STEP, key->public_path, key->old_public, "its private half is removed");
  if (edit != NULL)
    edit->flags |= EDIT_FORGET_OLD;
  plan_warn(plan, "The DSA host key %s is removed and not regenerated: OpenSSH no longer uses DSA.", key->path);
}

/* What ssh-keygen shall make, in the order of KEYS. */
static GPtrArray *requests_for(const GPtrArray *keys) {
  GPtrArray *pairs = g_ptr_array_new_with_free_func((GDestroyNotify)ssh_key_pair_free);

  list_each (const HostKey *, key, keys) {
    SshKeyPair *pair = g_new0(SshKeyPair, 1);

    pair->type = key->type;
    g_ptr_array_add(pairs, pair);
  }
  return pairs;
}

static void write_pair(const HostKey *key, const SshKeyPair *pair, Plan *plan) {
  const EditFlags deferred = pair->private_key == NULL ? EDIT_DEFERRED : EDIT_PLAIN;
  g_autofree char *why = g_strdup_printf("a new %s host key", key->type.name);
  Edit *edit = plan_write(plan, STEP, key->path, key->old, pair->private_key, why);

  edit->flags |= EDIT_SECRET | EDIT_FORGET_OLD | deferred;
  edit->mode = 0600;
  edit = plan_write(plan, STEP, key->public_path, key->old_public, pair->public_key, why);
  edit->flags |= EDIT_FORGET_OLD | deferred;
  if (deferred != EDIT_PLAIN)
    edit->flags |= EDIT_SECRET;
}

static void say(const PlanContext *context, const char *stage) {
  if (context->wire != NULL && context->wire->say != NULL)
    context->wire->say(stage, context->wire->data);
}

static gboolean make_keys(const PlanContext *context, const char *keygen, const char *run_dir, const char *comment,
                          GPtrArray *pairs, GError **error) {
  say(context, "making new SSH host keys");
  if (!ssh_keygen_run(keygen, run_dir, comment, pairs, error))
    return FALSE;
  say(context, "planning");
  return TRUE;
}

static gboolean replace_keys(const PlanContext *context, const GPtrArray *keys, const char *keygen, const char *run_dir,
                             Plan *plan, GError **error) {
  g_autoptr(GPtrArray) pairs = requests_for(keys);
  const char *hostname = context->identity->hostname;
  g_autofree char *comment = g_strconcat("root@", hostname[0] == '\0' ? "localhost" : hostname, NULL);

  if (context->for_apply && !make_keys(context, keygen, run_dir, comment, pairs, error))
    return FALSE;
  if (!context->for_apply && access(keygen, X_OK) < 0)
    plan_warn(plan,
              "%s is not there: an apply would be refused. Install OpenSSH's ssh-keygen, or set "
              "ssh-host-keys = off in [steps].",
              keygen);
  for (guint i = 0; i < keys->len; i++)
    write_pair(g_ptr_array_index(keys, i), g_ptr_array_index(pairs, i), plan);
  return TRUE;
}

/* sshd serves the keys that it has loaded. A unit that is not there, or does not run, is no error of try-. */
static void act(Plan *plan) {
  static const char *const units[] = {"ssh.service", "sshd.service"};

  for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
    (void)plan_act(plan, STEP, ACTION_UNIT, "try-reload-or-restart", units[i], "sshd serves the new host keys");
}

/* DSA keys leave KEYS for the plan's removals. */
static void take_out_dsa(GPtrArray *keys, Plan *plan) {
  for (guint i = keys->len; i-- > 0;) {
    const HostKey *key = g_ptr_array_index(keys, i);

    if (strcmp(key->type.name, "dsa") != 0)
      continue;
    remove_dsa(key, plan);
    g_ptr_array_remove_index(keys, i);
  }
}

static gboolean warn_of_others(const PlanContext *context, const SshdConfig *config, const GPtrArray *keys, Plan *plan,
                               GError **error) {
  g_autoptr(GPtrArray) regenerated = g_ptr_array_new();

  for (guint i = 0; i < keys->len; i++)
    g_ptr_array_add(regenerated, ((const HostKey *)keys->pdata[i])->path);
  return ssh_other_keys_warn(context->root, config, regenerated, plan, error);
}

gboolean ssh_host_keys_plan(const PlanContext *context, const char *keygen, const char *run_dir, Plan *plan,
                            GError **error) {
  g_autoptr(SshdConfig) config = sshd_config_read(context->root, error);
  g_autoptr(GPtrArray) keys = config == NULL ? NULL : read_keys(context, config, error);

  if (keys == NULL || !warn_of_others(context, config, keys, plan, error) ||
      !remove_certificates(context, config, keys, plan, error))
    return FALSE;
  if (keys->len > 0)
    act(plan);
  take_out_dsa(keys, plan);
  return keys->len == 0 || replace_keys(context, keys, keygen, run_dir, plan, error);
}

gboolean step_ssh_host_keys(const PlanContext *context, Plan *plan, GError **error) {
  return ssh_host_keys_plan(context, SSH_KEYGEN_PROGRAM, RI_RUN_DIR, plan, error);
}
