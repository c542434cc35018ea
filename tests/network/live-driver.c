/* live-driver - the network room alone, driven by the tests: `live-driver [OPTION...] PATH=NEWFILE...`
 *
 * Does to the given profiles what an apply does: note, replace the files, converge, verify, release; on a failure the
 * old files again, and the same. An empty NEWFILE removes the profile. Prints the stages with milliseconds.
 *   --no-verify   --no-network (the files, and what is remembered)   --die-at=noted|written|active|STAGE --stop-at=(the
 * same); a stage by how it begins
 *   --leap-at=(the same, or probe): as it looks next for what comes up, or listens, it has stood still for an hour
 *   --verify   --probe=INTERFACE,ADDRESS   --isolate=WHY   --lift
 *   --die-at=connect with it: before anybody is told
 *   --hostname=NAME
 *   --inherit (as at boot after an initramfs: the files, then what a NetworkManager that has ended left behind)
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/names.h"
#include "network/adapt.h"
#include "network/address-probe.h"
#include "network/isolation.h"
#include "network/libnm.h"
#include "network/live.h"
#include "network/profile-changes.h"
#include "network/verify.h"
#include "plan/steps.h"
#include "system/running-system.h"

static gboolean arg_no_verify, arg_no_network, arg_verify, arg_lift, arg_inherit, arg_waits;
static char *arg_die_at, *arg_stop_at, *arg_leap_at, *arg_probe, *arg_isolate, *arg_hostname;
static char **arg_rest;
static gint64 started, leapt;
static int looks_until_leap;   /* at the clock */
static gboolean leaps_at_next; /* look at what comes up */

/* In GLib's place, for our own code: time passes while we stand still. */
gint64 g_get_monotonic_time(void) {
  struct timespec now;

  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  if (looks_until_leap > 0 && --looks_until_leap == 0)
    leapt += G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC;
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000 + leapt;
}

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
  if (arg_leap_at != NULL && g_str_has_prefix(point, arg_leap_at)) {
    arg_leap_at = NULL;
    leaps_at_next = TRUE;
  }
}

static void say(const char *stage, gpointer data) {
  printf("%6.1f %s\n", (double)(g_get_monotonic_time() - started) / 1000, stage);
  (void)fflush(stdout);
  die_at(stage);
}

/* In libnm's place, to see the look. */
NMActiveConnectionState nm_active_connection_get_state(NMActiveConnection *active) {
  NMActiveConnectionState (*real)(NMActiveConnection *) = dlsym(RTLD_NEXT, "nm_active_connection_get_state");

  if (leaps_at_next)
    leapt += G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC;
  leaps_at_next = FALSE;
  return real(active);
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
  looks_until_leap = arg_leap_at != NULL ? 3 : 0; /* as it is about to listen, on a card that is up */
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

  gboolean well = isolation_set(root, root, NULL, arg_isolate, NULL, &error);

  return report(well, error, "isolated");
}

/* In the place of libc's, for the libraries too. */
int connect(int fd, const struct sockaddr *address, socklen_t size) {
  if (arg_lift && g_strcmp0(arg_die_at, "connect") == 0)
    (void)raise(SIGKILL);
  return (int)syscall(SYS_connect, fd, address, size);
}

static int lift(const Root *root) {
  g_autoptr(GError) error = NULL;
  gboolean was_set = FALSE;
  gboolean well = isolation_lift(root, &was_set, &error);

  return report(well, error, was_set ? "lifted" : "was not set");
}

static int set_hostname(const Root *root) {
  const Action action = {.kind = ACTION_HOSTNAME};
  const Surroundings around = {.root = root, .has = NEEDS_LIVE | NEEDS_BUS};
  g_autoptr(GError) error = NULL;

  gboolean well = running_hostname(&action, &around, &error);

  return report(well, error, "named");
}

/* As the command's own transaction, which tells the helper that the run goes on. */
static void open_transaction(gboolean open) {
  if (open)
    (void)g_mkdir_with_parents(RI_TRANSACTION_DIR "/open", 0700);
  else if (g_rmdir(RI_TRANSACTION_DIR "/open") == 0)
    (void)g_rmdir(RI_TRANSACTION_DIR);
}

static void put_all(const GPtrArray *replacements, gboolean forward) {
  for (guint i = 0; i < replacements->len; i++) {
    const Replacement *replacement = replacements->pdata[i];
    put(replacement->path, forward ? replacement->new : replacement->old);
  }
}

static gboolean change(const Root *root, GPtrArray *replacements, const Plan *plan, const char *network,
                       GError **error) {
  g_autoptr(GPtrArray) failed_before = live_network_failed_before(network);
  g_autoptr(GPtrArray) changes = profile_changes_from_plan(plan);

  say("noted", NULL);
  open_transaction(!arg_no_network);
  put_all(replacements, TRUE);
  die_at("written");
  if (arg_no_network)
    return TRUE;
  if (!live_network_converge(root, network, TRUE, say, NULL, error))
    return FALSE;
  say("active", NULL);
  return (arg_no_verify || verify(root, changes, failed_before, error)) && live_network_release(root, error);
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

static Plan *plan_of(const GPtrArray *replacements) {
  Plan *plan = plan_new();

  for (guint i = 0; i < replacements->len; i++) {
    const Replacement *replacement = replacements->pdata[i];
    if (replacement->new != NULL)
      (void)plan_write(plan, "test", replacement->path, replacement->old, replacement->new, "test");
    else
      (void)plan_remove(plan, "test", replacement->path, replacement->old, "test");
  }
  return plan;
}

static int inherit(const Root *root) {
  g_autoptr(GPtrArray) replacements = read_replacements();
  g_autoptr(Plan) plan = plan_of(replacements);
  g_autoptr(GError) error = NULL;
  gboolean adapted = FALSE, well;

  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *network = live_network_note(root, plan, arg_waits, warnings, &error);
  const gboolean remembered = root_exists(root, RI_NETWORK_FILE);
  put_all(replacements, TRUE);
  well = network != NULL && adapt_network(root, FALSE, &adapted, &error);
  return report(well, error, adapted ? "adapted" : remembered ? "nothing left" : "nothing remembered");
}

static int run(const Root *root) {
  g_autoptr(GPtrArray) replacements = read_replacements();
  g_autoptr(Plan) plan = plan_of(replacements);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) back = NULL;

  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *network = live_network_note(root, plan, FALSE, warnings, &error);
  if (network == NULL || change(root, replacements, plan, network, &error)) {
    open_transaction(FALSE);
    if (network == NULL)
      printf("failed: %s\n", error->message);
    else
      say("done", NULL);
    return network == NULL;
  }
  printf("failed: %s\n", error->message);
  put_all(replacements, FALSE);
  if (!live_network_converge(root, network, FALSE, say, NULL, &back) || !live_network_release(root, &back))
    printf("not back: %s\n", back->message);
  else
    say("rolled back", NULL);
  open_transaction(FALSE);
  return 1;
}

int main(int argc, char **argv) {
  const GOptionEntry entries[] = {{"no-verify", 0, 0, G_OPTION_ARG_NONE, &arg_no_verify, NULL, NULL},
                                  {"no-network", 0, 0, G_OPTION_ARG_NONE, &arg_no_network, NULL, NULL},
                                  {"verify", 0, 0, G_OPTION_ARG_NONE, &arg_verify, NULL, NULL},
                                  {"die-at", 0, 0, G_OPTION_ARG_STRING, &arg_die_at, NULL, NULL},
                                  {"stop-at", 0, 0, G_OPTION_ARG_STRING, &arg_stop_at, NULL, NULL},
                                  {"leap-at", 0, 0, G_OPTION_ARG_STRING, &arg_leap_at, NULL, NULL},
                                  {"probe", 0, 0, G_OPTION_ARG_STRING, &arg_probe, NULL, NULL},
                                  {"isolate", 0, 0, G_OPTION_ARG_STRING, &arg_isolate, NULL, NULL},
                                  {"lift", 0, 0, G_OPTION_ARG_NONE, &arg_lift, NULL, NULL},
                                  {"hostname", 0, 0, G_OPTION_ARG_STRING, &arg_hostname, NULL, NULL},
                                  {"inherit", 0, 0, G_OPTION_ARG_NONE, &arg_inherit, NULL, NULL},
                                  {"waits", 0, 0, G_OPTION_ARG_NONE, &arg_waits, NULL, NULL},
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
  if (!live_network_look(&presence, &error)) {
    printf("%s\n", error->message);
    return 1;
  }
  static const char *const presences[] = {"it runs", "it runs apart", "it does not run", "no bus"};
  say(presences[presence], NULL);
  return run(&root);
}
