/* step-random-seed.c - the seeds of the random number generator, and the key of encrypted credentials */
#include <string.h>

#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/plan-tree.h"
#include "plan/steps.h"
#include "profiles/text/tokens.h"

#define STEP "random-seed"
#define UNIT "systemd-random-seed.service"

/* systemd-random-seed.service(8), systemd-boot(7) for each place of the boot loader's partition, seedrng and the init
 * scripts of OpenRC, Debian and Red Hat. Whoever owns one makes a new one. */
static const char *const seeds[] = {
    "/var/lib/systemd/random-seed", "/boot/loader/random-seed",     "/efi/loader/random-seed",
    "/boot/efi/loader/random-seed", "/var/lib/seedrng/seed.credit", "/var/lib/seedrng/seed.no-credit",
    "/var/lib/misc/random-seed",    "/var/lib/urandom/random-seed", "/var/lib/random-seed",
};

static gboolean remove_secret(const Root *root, const char *path, EditFlags flags, const char *why, Plan *plan,
                              GError **error) {
  return plan_remove_file(plan, root, STEP, path, EDIT_SECRET | flags, why, NULL, error);
}

static gboolean remove_seeds_of_template(const Root *root, Plan *plan, GError **error) {
  for (gsize i = 0; i < G_N_ELEMENTS(seeds); i++)
    if (!remove_secret(root, seeds[i], EDIT_VOLATILE | EDIT_FORGET_OLD, "no two machines begin with one seed", plan,
                       error))
      return FALSE;
  return TRUE;
}

/* A boot partition that is mounted read-only is no reason to keep a clone off the wire: the seed is mixed with others.
 */
static gboolean remove_seeds_of_clone(const Root *root, Plan *plan, GError **error) {
  for (gsize i = 0; i < G_N_ELEMENTS(seeds); i++)
    if (tree_is_read_only(root, seeds[i]) && tree_means_regular_file(root, seeds[i]))
      plan_warn(plan, "%s stays, because its file system is mounted read-only: every clone begins with this seed.",
                seeds[i]);
    else if (!remove_secret(root, seeds[i], EDIT_VOLATILE, "no two machines begin with one seed", plan, error))
      return FALSE;
  return TRUE;
}

/* systemd.exec(5), LoadCredentialEncrypted=: where files lie that may be encrypted with the host's key. Those of users
 * are not looked for: homes may be on the network, and at boot there is none. */
static const char *const stores[] = {
    "/etc/credstore.encrypted/*",
    "/usr/lib/credstore.encrypted/*",
    "/usr/local/lib/credstore.encrypted/*",
};

static const char *const units[] = {
    "/etc/systemd/system/*.service",     "/etc/systemd/system/*.service.d/*.conf",
    "/usr/lib/systemd/system/*.service", "/usr/lib/systemd/system/*.service.d/*.conf",
    "/lib/systemd/system/*.service",     "/lib/systemd/system/*.service.d/*.conf",
};

static void note_encrypted(const Token *token, gpointer data) {
  gboolean *found = data;

  if (token->key != NULL && token->size > 0 &&
      (strcmp(token->key, "LoadCredentialEncrypted") == 0 || strcmp(token->key, "SetCredentialEncrypted") == 0))
    *found = TRUE;
}

static gboolean says_encrypted(const Root *root, const char *path) {
  g_autoptr(GBytes) content = NULL;
  gboolean found = FALSE;

  if (!tree_read_file(root, path, &content, NULL, NULL) || content == NULL)
    return FALSE;
  tokens_read(content, tokens_of_assignments, note_encrypted, &found);
  return found;
}

/* *USER: the first file that may need the key, NULL: there is none. The caller frees. */
static gboolean find_user(const Root *root, char **user, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(root, stores, G_N_ELEMENTS(stores), paths, error))
    return FALSE;
  if (paths->len > 0) {
    *user = g_strdup(paths->pdata[0]);
    return TRUE;
  }
  if (!tree_glob_all(root, units, G_N_ELEMENTS(units), paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len && *user == NULL; i++)
    if (says_encrypted(root, paths->pdata[i]))
      *user = g_strdup(paths->pdata[i]);
  return TRUE;
}

/* systemd-creds(1): made when something is encrypted for the first time. */
static gboolean remove_credential_key(const Root *root, Plan *plan, GError **error) {
  static const char key[] = "/var/lib/systemd/credential.secret";
  g_autofree char *user = NULL;

  if (!tree_means_regular_file(root, key))
    return TRUE;
  if (!find_user(root, &user, error))
    return FALSE;
  if (user == NULL)
    return remove_secret(root, key, EDIT_PLAIN, "the template's key of encrypted credentials; systemd makes a new one",
                         plan, error);
  plan_warn(
      plan,
      "%s is kept, and every clone has the same one, because %s may be encrypted with it: encrypt anew what needs "
      "it (systemd-creds encrypt) after removing it.",
      key, user);
  return TRUE;
}

gboolean step_random_seed(const PlanContext *context, Plan *plan, GError **error) {
  return remove_seeds_of_clone(context->root, plan, error) && remove_credential_key(context->root, plan, error);
}

/* Stopped, because it saves a seed when the machine goes down: after this one. */
gboolean step_random_seed_seal(const Root *root, Plan *plan, GError **error) {
  if (tree_means_regular_file(root, "/usr/lib/systemd/system/" UNIT) ||
      tree_means_regular_file(root, "/lib/systemd/system/" UNIT))
    plan_act(plan, STEP, ACTION_UNIT, "stop", UNIT, "no seed is saved at shutdown")->phase = PHASE_BEFORE;
  return remove_seeds_of_template(root, plan, error);
}
