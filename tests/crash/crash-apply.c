/* crash-apply - commit/ with a fixed plan of edits of every kind, to be ended at every system call.
 *
 *   crash-apply ROOT commit    recover, then the plan as one apply, closed
 *   crash-apply ROOT revert    recover, then the plan committed and taken back
 *   crash-apply ROOT undo      recover, then the newest apply taken back as a transaction
 *   crash-apply ROOT recover   recover only
 *
 * Exit status: 0 done, 1 failed and nothing changed, 3 open (recovery ends it), 4 in force but not closed cleanly. The
 * tree is made by crash.t. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/names.h"
#include "base/tree.h"
#include "commit/history.h"
#include "commit/transaction.h"
#include "plan/plan.h"

enum { EXIT_UNTOUCHED = 1, EXIT_OPEN = 3, EXIT_IN_FORCE = 4 };

#define OLD_ID "00000000000000000000000000000001"
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
  edit = write_text(root, plan, "/etc/made/by/us/state", "new file in new directories\n");
  if (edit != NULL) {
    edit->mode = 0640;
    edit->uid = 1;
    edit->gid = 2;
  }
  (void)write_text(root, plan, "/etc/made/by/sibling", "");
  (void)plan_rename(plan, "step", "/var/log/journal/" OLD_ID, "/var/log/journal/" NEW_ID, "crash test");
  (void)plan_rename(plan, "step", "/var/lib/old-name", "/var/lib/new-name", "crash test");
  (void)plan_rename(plan, "step", "/run/log/journal/" OLD_ID, "/run/log/journal/" NEW_ID, "crash test");
  return plan;
}

static int exit_of(const GError *error) {
  fprintf(stderr, "%s\n", error->message);
  return g_error_matches(error, RI_ERROR, RI_ERROR_OPEN) ? EXIT_OPEN : EXIT_UNTOUCHED;
}

static int commit(const Root *root, const Plan *plan, const TransactionInfo *info, gboolean take_back) {
  g_autoptr(GError) error = NULL;

  if (!transaction_commit(root, plan, info, NULL, NULL, NULL, &error))
    return exit_of(error);
  if (take_back ? transaction_revert(root, &error) : transaction_close(root, NULL, &error))
    return 0;
  return exit_of(error) == EXIT_OPEN ? EXIT_OPEN : EXIT_IN_FORCE;
}

static int apply(const Root *root, gboolean take_back) {
  g_autoptr(Plan) plan = make_plan(root);
  char kind[] = "apply", verdict[] = "clone", summary[] = "golden -> clone", reasons[] = "the UUID differs";
  TransactionInfo info = {.kind = kind, .verdict = verdict, .summary = summary, .reasons = reasons};

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

static int run(const Root *root, const char *command) {
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  if (!transaction_recover(root, &recovery, NULL, &error))
    return exit_of(error);
  if (strcmp(command, "commit") == 0 || strcmp(command, "revert") == 0)
    return apply(root, *command == 'r');
  return strcmp(command, "undo") == 0 ? undo(root) : 0;
}

int main(int argc, char **argv) {
  g_autoptr(GError) error = NULL;
  Root root;

  if (argc != 3 || root_open(&root, argv[1]) < 0) {
    fprintf(stderr, "usage: crash-apply ROOT commit|revert|undo|recover\n");
    return 2;
  }
  int lock = state_lock(&root, NULL, NULL, &error);
  int result = lock < 0 ? exit_of(error) : run(&root, argv[2]);
  if (lock >= 0)
    (void)close(lock);
  root_close(&root);
  return result;
}
