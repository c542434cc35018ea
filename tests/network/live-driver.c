/* live-driver - the network room alone, driven by the tests: `live-driver [OPTION...] PATH=NEWFILE...`
 *
 * Does to the given profiles what an apply does: prepare, replace the files, load and activate, verify, release; on a
 * failure the old files again and a roll back. An empty NEWFILE removes the profile. Prints the stages with
 * milliseconds.
 *   --no-verify   --die-at=written|loaded|STAGE   --stop-at=(the same); a stage by how it begins
 *   --recover   --verify   --probe=INTERFACE,ADDRESS   --isolate=WHY   --lift
 *   --hostname=NAME
 *   --inherit (as at boot after an initramfs: the files, then what a NetworkManager that has ended left behind)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "network/address-probe.h"
#include "network/inherited-state.h"
#include "network/isolation.h"
#include "network/live.h"
#include "network/verify.h"
#include "plan/steps.h"
#include "profiles/keyfile-text.h"
#include "system/running-system.h"

static gboolean arg_no_verify, arg_recover, arg_verify, arg_lift, arg_inherit;
static char *arg_die_at, *arg_stop_at, *arg_probe, *arg_isolate, *arg_hostname;
static char **arg_rest;
static gint64 started;

typedef struct {
  char *path;
  GBytes *old, *new;
} Replacement;

static void die_at(const char *point) {
  if (arg_die_at != NULL && g_str_has_prefix(point, arg_die_at))
    (void)kill(getpid(), SIGKILL);
  if (arg_stop_at != NULL && g_str_has_prefix(point, arg_stop_at)) {
    arg_stop_at = NULL;
    (void)kill(getpid(), SIGSTOP);
  }
}

static void say(const char *stage, gpointer data) {
  printf("%6.1f %s\n", (double)(g_get_monotonic_time() - started) / 1000, stage);
  (void)fflush(stdout);
  die_at(stage);
}

static GBytes *read_bytes(const char *path) {
  char *data = NULL;
  gsize size = 0;

  return *path != '\0' && g_file_get_contents(path, &data, &size, NULL) ? g_bytes_new_take(data, size) : NULL;
}

static void replacement_free(Replacement *replacement) {
  g_free(replacement->path);
  g_clear_pointer(&replacement->old, g_bytes_unref);
  g_clear_pointer(&replacement->new, g_bytes_unref);
  g_free(replacement);
}

static void put(const char *path, GBytes *content) {
  g_autofree char *directory = g_path_get_dirname(path);
  g_autofree char *temporary = g_build_filename(directory, ".new", NULL);

  if (content == NULL) {
    (void)g_unlink(path);
    return;
  }
  g_assert_true(
      g_file_set_contents(temporary, g_bytes_get_data(content, NULL), (gssize)g_bytes_get_size(content), NULL));
  g_assert_cmpint(g_chmod(temporary, 0600), ==, 0);
  g_assert_cmpint(g_rename(temporary, path), ==, 0);
}

static char *uuid_of(GBytes *content) {
  g_autoptr(KeyfileText) text = content != NULL ? keyfile_text_parse(content, NULL) : NULL;

  return text != NULL ? keyfile_text_get(text, "connection", "uuid") : NULL;
}

static void print_checks(const Verification *verification) {
  for (guint i = 0; i < verification->checks->len; i++) {
    const CheckRow *check = verification->checks->pdata[i];
    printf("check %s: %s: expected %s, found %s\n", check_result_name(check->result), check->what, check->expected,
           check->found);
  }
}

static gboolean verify(const Root *root, const GPtrArray *changes, const GPtrArray *dead, GError **error) {
  g_autoptr(Plan) plan = plan_new();
  if (changes == NULL)
    steps_check(root, plan);
  else
    plan_check(plan, "nm-profile", VERIFY_NETWORK, NULL, "");
  VerifyOptions options = {
      .root = root, .changes = changes, .failed_before = dead, .checks = plan->checks, .wait_s = 6, .progress = say};
  g_autoptr(Verification) verification = verify_run(&options, error);

  if (verification == NULL)
    return FALSE;
  print_checks(verification);
  g_autofree char *summary = verification_summary(verification);
  if (summary != NULL)
    g_set_error_literal(error, RI_ERROR, RI_ERROR_NETWORK, summary);
  return verification->ok;
}

static int probe(void) {
  g_auto(GStrv) parts = g_strsplit(arg_probe, ",", 2);
  AddressProbe question = {.family = strchr(parts[1], ':') != NULL ? AF_INET6 : AF_INET};
  g_autoptr(GError) error = NULL;

  (void)g_strlcpy(question.interface, parts[0], sizeof question.interface);
  g_assert_cmpint(inet_pton(question.family, parts[1], &question.ip), ==, 1);
  if (!addresses_probe(&question, 1, &error)) {
    printf("error %s\n", error->message);
    return 1;
  }
  printf("%s\n", question.state == ADDRESS_HELD   ? question.holder
                 : question.state == ADDRESS_FREE ? "free"
                                                  : question.why);
  return 0;
}

static int report(gboolean well, const GError *error, const char *good) {
  printf("%s\n", well ? good : error->message);
  return well ? 0 : 1;
}

static int isolate(const Root *root) {
  g_autoptr(GError) error = NULL;

  gboolean well = isolation_set(root, NULL, arg_isolate, &error);

  return report(well, error, "isolated");
}

static int lift(const Root *root) {
  g_autoptr(GError) error = NULL;
  gboolean was_set = FALSE;
  gboolean well = isolation_lift(root, &was_set, &error);

  return report(well, error, was_set ? "lifted" : "was not set");
}

/* The name is in /etc/hostname already. */
static int set_hostname(const Root *root) {
  const Action action = {.kind = ACTION_HOSTNAME};
  const Surroundings around = {.root = root, .has = NEEDS_LIVE | NEEDS_BUS};
  g_autoptr(GError) error = NULL;

  gboolean well = running_hostname(&action, &around, &error);

  return report(well, error, "named");
}

static gboolean change(LiveNetwork *live, const Root *root, GPtrArray *replacements, GPtrArray *changes,
                       GError **error) {
  if (!live_network_prepare(live, changes, error))
    return FALSE;
  say("prepared", NULL);
  for (guint i = 0; i < replacements->len; i++) {
    Replacement *replacement = replacements->pdata[i];
    put(replacement->path, replacement->new);
  }
  die_at("written");
  if (!live_network_load_and_activate(live, error))
    return FALSE;
  say("active", NULL);
  die_at("loaded");
  return arg_no_verify || verify(root, changes, live_network_failed_before(live), error);
}

/* From the arguments PATH=NEWFILE. */
static GPtrArray *read_replacements(void) {
  GPtrArray *replacements = g_ptr_array_new_with_free_func((GDestroyNotify)replacement_free);

  for (char **argument = arg_rest; argument != NULL && *argument != NULL; argument++) {
    g_auto(GStrv) parts = g_strsplit(*argument, "=", 2);
    Replacement *replacement = g_new0(Replacement, 1);
    *replacement = (Replacement){g_strdup(parts[0]), read_bytes(parts[0]), read_bytes(parts[1])};
    g_ptr_array_add(replacements, replacement);
  }
  return replacements;
}

static int inherit(const Root *root) {
  g_autoptr(GPtrArray) replacements = read_replacements();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;
  gboolean adapted = FALSE, well;

  for (guint i = 0; i < replacements->len; i++) {
    Replacement *replacement = replacements->pdata[i];
    (void)plan_write(plan, "test", replacement->path, replacement->old, replacement->new, "test");
    put(replacement->path, replacement->new);
  }
  well = inherited_state_adapt(root, plan, &adapted, &error);
  return report(well, error, adapted ? "adapted" : "nothing left");
}

static int run(LiveNetwork *live, const Root *root) {
  g_autoptr(GPtrArray) replacements = read_replacements();
  g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func((GDestroyNotify)profile_change_free);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) back = NULL;

  for (guint i = 0; i < replacements->len; i++) {
    const Replacement *replacement = replacements->pdata[i];
    g_autofree char *old_uuid = uuid_of(replacement->old), *new_uuid = uuid_of(replacement->new);
    g_ptr_array_add(changes, profile_change_new(replacement->path, old_uuid, new_uuid));
  }
  if (change(live, root, replacements, changes, &error) && live_network_release(live, &error)) {
    say("done", NULL);
    return 0;
  }
  printf("failed: %s\n", error->message);
  for (guint i = 0; i < replacements->len; i++) {
    Replacement *replacement = replacements->pdata[i];
    put(replacement->path, replacement->old);
  }
  if (!live_network_roll_back(live, &back))
    printf("not back: %s\n", back->message);
  else
    say("rolled back", NULL);
  return 1;
}

static int recover(LiveNetwork *live, const Root *root) {
  g_autoptr(GError) error = NULL;
  gboolean recovered = FALSE;

  if (!live_network_recover(live, root, &recovered, &error)) {
    printf("failed: %s\n", error->message);
    return 1;
  }
  printf("%s\n", recovered ? "recovered" : "nothing to recover");
  return 0;
}

int main(int argc, char **argv) {
  const GOptionEntry entries[] = {{"no-verify", 0, 0, G_OPTION_ARG_NONE, &arg_no_verify, NULL, NULL},
                                  {"recover", 0, 0, G_OPTION_ARG_NONE, &arg_recover, NULL, NULL},
                                  {"verify", 0, 0, G_OPTION_ARG_NONE, &arg_verify, NULL, NULL},
                                  {"die-at", 0, 0, G_OPTION_ARG_STRING, &arg_die_at, NULL, NULL},
                                  {"stop-at", 0, 0, G_OPTION_ARG_STRING, &arg_stop_at, NULL, NULL},
                                  {"probe", 0, 0, G_OPTION_ARG_STRING, &arg_probe, NULL, NULL},
                                  {"isolate", 0, 0, G_OPTION_ARG_STRING, &arg_isolate, NULL, NULL},
                                  {"lift", 0, 0, G_OPTION_ARG_NONE, &arg_lift, NULL, NULL},
                                  {"hostname", 0, 0, G_OPTION_ARG_STRING, &arg_hostname, NULL, NULL},
                                  {"inherit", 0, 0, G_OPTION_ARG_NONE, &arg_inherit, NULL, NULL},
                                  {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &arg_rest, NULL, NULL},
                                  {NULL}};
  g_autoptr(GOptionContext) context = g_option_context_new(NULL);
  g_autoptr(GError) error = NULL;
  NetworkPresence presence;
  Root root;

  g_option_context_add_main_entries(context, entries, NULL);
  g_assert_true(g_option_context_parse(context, &argc, &argv, NULL));
  g_assert_cmpint(root_open(&root, "/"), ==, 0);
  started = g_get_monotonic_time();
  if (arg_probe != NULL)
    return probe();
  if (arg_isolate != NULL)
    return isolate(&root);
  if (arg_lift)
    return lift(&root);
  if (arg_hostname != NULL)
    return set_hostname(&root);
  if (arg_inherit)
    return inherit(&root);
  if (arg_verify) {
    gboolean well = verify(&root, NULL, NULL, &error);
    return report(well, error, "verified");
  }
  g_autoptr(LiveNetwork) live = live_network_open(&root, &presence, &error);
  if (live == NULL && !arg_recover) {
    printf("no NetworkManager: %s\n", error != NULL                ? error->message
                                      : presence == NETWORK_NO_BUS ? "no bus"
                                                                   : "it does not run");
    return 3;
  }
  if (live != NULL)
    live_network_set_progress(live, say, NULL);
  say("open", NULL);
  return arg_recover ? recover(live, &root) : run(live, &root);
}
