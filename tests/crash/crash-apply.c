/* crash-apply - commit/ with a fixed plan of edits of every kind and an action, to be ended at every system call.
 *
 *   crash-apply ROOT commit    recover, then the plan as one apply, closed
 *   crash-apply ROOT revert    recover, then the plan committed, its action carried out, and undone
 *   crash-apply ROOT undo      recover, then the newest apply undone as a transaction
 *   crash-apply ROOT take-back undo what is open, whatever its direction
 *   crash-apply ROOT recover   recover only
 *   crash-apply ROOT empty     a closed apply that changes nothing
 *
 * Exit status: 0 done, 1 failed and nothing changed, 3 open (recovery ends it), 4 in effect but not closed cleanly. The
 * tree is made by commit.t. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "base/tree.h"
#include "commit/history.h"
#include "commit/transaction.h"
#include "plan/plan.h"

enum { EXIT_UNTOUCHED = 1, EXIT_OPEN = 3, EXIT_IN_EFFECT = 4 };

#define NEW_ID "00000000000000000000000000000002"

static Edit *write_text(const Root *root, Plan *plan, const char *path, const char *text) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = g_bytes_new(text, strlen(text));
  g_autoptr(GError) error = NULL;

  if (!tree_read(root, path, &old, NULL, &error))
    g_error("%s", error->message);
  return plan_write(plan, "step", path, old, content, "crash test");
}

static Edit *remove_file(const Root *root, Plan *plan, const char *path) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GError) error = NULL;

  if (!tree_read(root, path, &old, NULL, &error))
    g_error("%s", error->message);
  return plan_remove(plan, "step", path, old, "crash test");
}

static void flag(Edit *edit, EditFlags flags) {
  if (edit != NULL)
    edit->flags |= flags;
}

static Plan *make_plan(const Root *root) {
  static const char *const profiles[] = {"ens192", "bond0", "vlan 7"};
  Plan *plan = plan_new();
  Edit *edit;

  flag(write_text(root, plan, RI_RECORD_FILE, "[record]\nstate = settled\nuuid = new\n"), EDIT_LAST);
  (void)write_text(root, plan, "/etc/machine-id", NEW_ID "\n");
  (void)write_text(root, plan, "/etc/hostname", "clone\n");
  (void)write_text(root, plan, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 clone\n");
  for (gsize i = 0; i < G_N_ELEMENTS(profiles); i++) {
    g_autofree char *path = g_strdup_printf("/etc/NetworkManager/system-connections/%s.nmconnection", profiles[i]);
    g_autofree char *text = g_strdup_printf("[connection]\nid=%s\nuuid=new-%s\n", profiles[i], profiles[i]);
    flag(write_text(root, plan, path, text), EDIT_KEYFILE);
  }
  (void)remove_file(root, plan, "/var/lib/NetworkManager/internal-old-ens192.lease");
  flag(write_text(root, plan, "/etc/ssh/ssh_host_ed25519_key", "new private key\n"), EDIT_SECRET | EDIT_FORGET_OLD);
  flag(remove_file(root, plan, "/etc/ssh/ssh_host_ed25519_key-cert.pub"), EDIT_FORGET_OLD);
  (void)plan_make_directory(plan, "step", "/etc/made", 0755, "crash test");
  (void)plan_make_directory(plan, "step", "/etc/made/by", 0750, "crash test");
  edit = write_text(root, plan, "/etc/made/by/state", "new file in new directories\n");
  if (edit != NULL) {
    edit->mode = 0640;
    edit->uid = 1;
    edit->gid = 2;
  }
  (void)write_text(root, plan, "/etc/made/sibling", "");
  (void)plan_link(plan, "step", "/etc/made/link", "sibling", "crash test");
  (void)remove_file(root, plan, "/var/lib/tree/deep/file");
  (void)plan_unlink(plan, "step", "/var/lib/tree/deep/link", "file", "crash test");
  (void)plan_remove_directory(plan, "step", "/var/lib/tree/deep", "crash test");
  (void)plan_remove_directory(plan, "step", "/var/lib/tree", "crash test");
  (void)plan_act(plan, "step", ACTION_HOSTNAME, NULL, "/run/hostname", "crash test");
  (void)plan_act(plan, "step", ACTION_MACHINE_ID, NULL, "/run/machine-id", "crash test");
  return plan;
}

static int exit_of(const GError *error) {
  fprintf(stderr, "%s\n", error->message);
  return g_error_matches(error, RI_ERROR, RI_ERROR_OPEN) ? EXIT_OPEN : EXIT_UNTOUCHED;
}

/* An action converges: what runs, here a file, becomes what the files say now. */
static gboolean converge(const Root *root, const Action *action, GError **error) {
  g_autoptr(GBytes) content = NULL;
  const char *source = action->kind == ACTION_HOSTNAME ? "/etc/hostname" : "/etc/machine-id";
  int result;

  if (!tree_read(root, source, &content, NULL, error))
    return FALSE;
  result = root_file_write(root, action->object, g_bytes_get_data(content, NULL), g_bytes_get_size(content), 0644);
  return result == 0 || ri_error_errno(error, result, "%s", action->object);
}

static gboolean act(const Root *root, GError **error) {
  gboolean backward = FALSE;
  g_autoptr(GPtrArray) actions = transaction_actions(root, &backward, error);

  for (guint i = 0; actions != NULL && i < actions->len; i++) {
    const OpenAction *open = actions->pdata[i];
    if (!open->done && (!converge(root, open->action, error) || !transaction_action_done(root, i, error)))
      return FALSE;
  }
  return actions != NULL;
}

static int finish(const Root *root) {
  g_autoptr(GError) error = NULL;

  if (!act(root, &error)) {
    fprintf(stderr, "%s\n", error->message);
    return EXIT_OPEN;
  }
  if (transaction_close(root, NULL, &error))
    return 0;
  return exit_of(error) == EXIT_OPEN ? EXIT_OPEN : EXIT_IN_EFFECT;
}

static int commit(const Root *root, const Plan *plan, const TransactionInfo *info, gboolean take_back) {
  g_autoptr(GError) error = NULL;

  if (!transaction_commit(root, plan, info, NULL, NULL, NULL, &error))
    return exit_of(error);
  if (take_back && (!act(root, &error) || !transaction_revert(root, NULL, &error))) {
    fprintf(stderr, "%s\n", error->message);
    return EXIT_OPEN;
  }
  return finish(root);
}

static int apply(const Root *root, const Plan *plan, gboolean take_back) {
  char summary[] = "golden -> clone", reasons[] = "the UUID differs";
  TransactionInfo info = {.kind = "apply", .verdict = "clone", .summary = summary, .reasons = reasons};

  return commit(root, plan, &info, take_back);
}

static int undo(const Root *root) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) kept = NULL;
  TransactionInfo info = {0};
  unsigned number = 0;
  g_autoptr(Plan) plan = history_undo_plan(root, FALSE, &number, &kept, &info, &error);

  if (plan == NULL)
    return exit_of(error);
  int result = commit(root, plan, &info, FALSE);
  transaction_info_clear(&info);
  return result;
}

static int take_back(const Root *root) {
  g_autoptr(GError) error = NULL;

  return transaction_revert(root, NULL, &error) ? finish(root) : exit_of(error);
}

static int recover(const Root *root) {
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  if (!transaction_recover(root, &recovery, NULL, &error))
    return exit_of(error);
  return recovery == RECOVERED_FINISHED || recovery == RECOVERED_REVERTED ? finish(root) : 0;
}

static int run(const Root *root, const char *command) {
  int result = strcmp(command, "take-back") == 0 ? take_back(root) : recover(root);

  if (result != 0 || strcmp(command, "take-back") == 0 || strcmp(command, "recover") == 0)
    return result;
  if (strcmp(command, "undo") == 0)
    return undo(root);
  g_autoptr(Plan) plan = strcmp(command, "empty") == 0 ? plan_new() : make_plan(root);
  return apply(root, plan, strcmp(command, "revert") == 0);
}

int main(int argc, char **argv) {
  g_autoptr(GError) error = NULL;
  Root root;

  if (argc != 3 || root_open(&root, argv[1]) < 0) {
    fprintf(stderr, "usage: crash-apply ROOT commit|revert|undo|take-back|recover|empty\n");
    return 2;
  }
  int lock = state_lock(&root, NULL, NULL, &error);
  int result = lock < 0 ? exit_of(error) : run(&root, argv[2]);
  if (lock >= 0)
    (void)close(lock);
  root_close(&root);
  return result;
}
