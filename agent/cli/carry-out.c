/* carry-out.c - a signed plan becomes the machine's identity */
#include "carry-out.h"

#include <string.h>

#include "base/error.h"
#include "network/inherited-state.h"
#include "network/isolation.h"
#include "network/profile-changes.h"
#include "network/verify.h"
#include "system/stale-services.h"
#include "system/system-manager.h"

enum { VERIFY_WAIT_S = 15, RELOAD_S = 30 };

gboolean carry_out_touches_network(const Run *run) {
  return run->machine.root.is_host && !run->machine.arguments->no_network;
}

gboolean carry_out_open(Run *run, const Plan *plan, LiveNetwork **live, GError **error) {
  g_autoptr(GError) live_error = NULL;
  NetworkPresence presence = NETWORK_NO_BUS;

  *live = NULL;
  if (!carry_out_touches_network(run))
    return TRUE;
  *live = live_network_open(&run->machine.root, &presence, &live_error);
  if (live_error != NULL) {
    g_propagate_error(error, g_steal_pointer(&live_error));
    return FALSE;
  }
  if (*live != NULL) {
    live_network_set_progress(*live, run_progress, run);
    return TRUE;
  }
  const char *stack = live_network_stack();
  if (!run->at_boot && stack == NULL)
    g_ptr_array_add(run->report.warnings,
                    g_strdup("NetworkManager does not run: its profiles are in force when it starts"));
  if (run->at_boot || stack == NULL)
    return TRUE;
  g_set_error(error, RI_ERROR, RI_ERROR_NETWORK,
              "the network of this machine is configured by %s, which reset-identity cannot restart: nothing is "
              "changed. Give --no-network to change the files only, then restart the network or reboot",
              stack);
  return FALSE;
}

static gboolean verify(Run *run, LiveNetwork *live, const GPtrArray *changes, GError **error) {
  VerifyOptions options = {
      .root = &run->machine.root,
      .changes = changes,
      .failed_before = live_network_failed_before(live),
      .network = TRUE,
      .wait_s = VERIFY_WAIT_S,
      .progress = run_progress,
      .data = run,
  };
  g_autoptr(Verification) verification = verify_run(&options, error);

  if (verification == NULL)
    return FALSE;
  if (verification->ok)
    return TRUE;
  g_autofree char *summary = verification_summary(verification);
  g_set_error(error, RI_ERROR, RI_ERROR_NETWORK, "the new network does not work: %s", summary);
  return FALSE;
}

/* What is not the network's own: a failure here leaves right files that a reboot puts in force. */
static gboolean adopt(Run *run, GError **error) {
  run_progress("adopting the host name and machine-id", run);
  return run_adopt_identity(run, error);
}

/* Back to what was: files first, then what runs. ERROR keeps its cause and learns how it ended. */
static void take_back(Run *run, LiveNetwork *live, gboolean was_isolated, GError **error) {
  const Root *root = &run->machine.root;
  g_autoptr(GError) back = NULL;
  gboolean good;

  run_progress("taking everything back", run);
  good = !was_isolated || isolation_set(root, &run->machine.facts.nics, (*error)->message, &back);
  /* Each of these is tried whatever became of the others; the first failure is the one that is told. */
  good &= transaction_revert(root, NULL, back == NULL ? &back : NULL) &&
          transaction_close(root, NULL, back == NULL ? &back : NULL);
  good &= run_adopt_identity(run, back == NULL ? &back : NULL);
  good &= live_network_roll_back(live, back == NULL ? &back : NULL);
  g_autofree char *message =
      good ? g_strdup_printf("%s. Everything is as it was before this run", (*error)->message)
           : g_strdup_printf("%s. Taking it back failed too: %s", (*error)->message, back->message);
  g_free((*error)->message);
  (*error)->message = g_steal_pointer(&message);
}

void carry_out_serve_host_keys(Run *run) {
  static const char *const units[] = {"ssh.service", "sshd.service"};

  for (gsize i = 0; !run->at_boot && run->machine.root.is_host && system_manager_runs() && i < G_N_ELEMENTS(units);
       i++) {
    g_autoptr(GError) error = NULL;
    /* A unit that is not there, or does not run, is no error of try-. */
    if (!system_manager_do("try-reload-or-restart", units[i], RELOAD_S, &error))
      g_ptr_array_add(run->report.warnings,
                      g_strdup_printf("%s; it serves the old host keys until then", error->message));
  }
}

static gboolean changes_host_keys(const Plan *plan) {
  for (guint i = 0; i < plan->edits->len; i++)
    if (g_strcmp0(((const Edit *)plan->edits->pdata[i])->step, "ssh-host-keys") == 0)
      return TRUE;
  return FALSE;
}

/* Programs that were started with the old id and keep it: to be restarted by the person who knows when. */
static void name_stale_services(Run *run) {
  const Report *report = &run->report;

  if (run->at_boot || !run->machine.root.is_host || *report->old_machine_id == '\0' ||
      strcmp(report->old_machine_id, report->machine_id) == 0)
    return;
  run_progress("looking for programs that keep the old machine-id", run);
  g_autoptr(GPtrArray) stale = stale_services_find("/proc", report->old_machine_id, NULL);
  g_autoptr(GString) names = g_string_new(NULL);
  for (guint i = 0; stale != NULL && i < stale->len; i++) {
    const StaleService *service = stale->pdata[i];
    g_string_append_printf(names, "%s%s%s", i > 0 ? ", " : "",
                           *service->unit != '\0' ? service->unit : service->command,
                           service->certain ? "" : " (perhaps)");
  }
  if (names->len > 0)
    g_ptr_array_add(run->report.warnings,
                    g_strdup_printf("restart these, they keep the old machine-id: %s", names->str));
}

static gboolean in_force(Run *run, const Plan *plan, LiveNetwork *live, const GPtrArray *changes, GError **error) {
  if (!adopt(run, error))
    return FALSE;
  if (live != NULL)
    return live_network_load_and_activate(live, error) && verify(run, live, changes, error);
  /* What a NetworkManager of the initramfs left on the cards. */
  return !run->at_boot || !carry_out_touches_network(run) ||
         inherited_state_adapt(&run->machine.root, plan, NULL, error);
}

gboolean carry_out(Run *run, const Plan *plan, const TransactionInfo *info, LiveNetwork *live, GError **error) {
  const Root *root = &run->machine.root;
  g_autoptr(GPtrArray) changes = profile_changes_from_plan(plan);
  g_autoptr(GError) cause = NULL;
  gboolean was_isolated = isolation_is_set(root);

  run_hold_signals();
  if (live != NULL && !live_network_prepare(live, changes, error))
    return FALSE;
  if (!transaction_commit(root, plan, info, NULL, run_progress, run, &cause)) {
    if (live != NULL && !g_error_matches(cause, RI_ERROR, RI_ERROR_OPEN))
      (void)live_network_release(live, NULL);
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
  }
  if (!in_force(run, plan, live, changes, &cause)) {
    if (live != NULL) {
      take_back(run, live, was_isolated, &cause);
      g_propagate_error(error, g_steal_pointer(&cause));
      return FALSE;
    }
    g_ptr_array_add(run->report.warnings,
                    g_strdup_printf("%s: the files are right, a reboot puts them in force", cause->message));
  }
  if ((live != NULL && !live_network_release(live, error)) || !transaction_close(root, &run->report.history, error))
    return FALSE;
  if (changes_host_keys(plan))
    carry_out_serve_host_keys(run);
  name_stale_services(run);
  return TRUE;
}
