/* machine.c - what nearly every command begins with */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree-memory.h"
#include "base/tree.h"
#include "commit/checks.h"
#include "observe/wait-nics.h"
#include "plan/nic-names.h"
#include "plan/steps.h"
#include "profiles/bound-nics.h"

enum { NIC_WAIT_MS = 10000, POLICY_ERRORS_TOLD = 5 };

/* An image that was not mounted there, or a directory too high or too low, is otherwise a machine without a record:
 * seal and adopt would write one where nobody reads it. */
static gboolean holds_system(const Root *root, const char *given, GError **error) {
  autofd fd = root_open_at(root, "/etc", O_RDONLY | O_DIRECTORY);

  if (fd >= 0)
    return TRUE;
  if (fd != -ENOENT && fd != -ENOTDIR)
    return ri_error_errno(error, fd, "/etc below %s (--root)", given);
  return ri_error(error, RI_ERROR_FAILED,
                  "there is no directory /etc below %s (--root): is the machine's root mounted there?", given);
}

gboolean machine_open(Machine *machine, const Arguments *arguments, GError **error) {
  *machine = (Machine){.arguments = arguments, .root.fd = -1, .hardware.fd = -1};
  policy_defaults(&machine->policy);
  int r = root_open(&machine->root, arguments->root);
  if (r < 0)
    return ri_error_errno(error, r, "cannot open the root directory %s (--root)", arguments->root);
  machine->can = capabilities_find(&machine->root, arguments);
  machine->root.is_host = capabilities_live(&machine->can);
  r = root_open(&machine->hardware, arguments->hardware);
  if (r < 0)
    return ri_error_errno(error, r, "cannot open the hardware directory %s (--hardware)", arguments->hardware);
  if (!holds_system(&machine->root, arguments->root, error))
    return FALSE;
  machine->nic_wait_ms = capabilities_live(&machine->can) && machine->hardware.is_host ? NIC_WAIT_MS : 0;
  return TRUE;
}

static void forget_policy(Machine *machine) {
  g_clear_error(&machine->policy_error);
  policy_errors_clear(&machine->policy_errors);
  machine->host = NULL;
  policy_clear(&machine->policy);
}

/* What came by standard input is there once only. */
static gboolean is_read_for_good(const Machine *machine) {
  return g_strcmp0(machine->arguments->policy, "-") == 0 && machine->files.count > 0;
}

static int read_files(Machine *machine, Problem *problem) {
  if (is_read_for_good(machine))
    return 0;
  policy_files_clear(&machine->files);
  return policy_files_read(&machine->root, machine->arguments->policy, &machine->files, problem);
}

void machine_close(Machine *machine) {
  forget_policy(machine);
  policy_files_clear(&machine->files);
  record_clear(&machine->record);
  facts_clear(&machine->facts);
  root_close(&machine->root);
  root_close(&machine->hardware);
}

/* The parser's first errors as one message, a line each: whoever writes the policy asks check-policy for all. */
static char *list_policy_errors(const PolicyErrors *errors) {
  GString *text = g_string_new("the policy is invalid, nothing is changed:");

  for (size_t i = 0; i < errors->count && i < POLICY_ERRORS_TOLD; i++)
    g_string_append_printf(text, "\n%s:%u: %s: %s", errors->items[i].file, errors->items[i].line,
                           errors->items[i].where, errors->items[i].text);
  if (errors->count > POLICY_ERRORS_TOLD)
    g_string_append_printf(text, "\n%" G_GSIZE_FORMAT " more: run `reset-identity check-policy`",
                           errors->count - POLICY_ERRORS_TOLD);
  return g_string_free(text, FALSE);
}

void machine_read_policy(Machine *machine) {
  Problem problem = {""};

  forget_policy(machine);
  policy_defaults(&machine->policy);
  int r = read_files(machine, &problem);
  if (r < 0) {
    g_set_error(&machine->policy_error, RI_ERROR, r == -EPERM || r == -EACCES ? RI_ERROR_UNTRUSTED : RI_ERROR_POLICY,
                "%s", *problem.text != '\0' ? problem.text : g_strerror(-r));
    return;
  }
  r = policy_parse(&machine->files, steps_names(), &machine->policy, &machine->policy_errors);
  if (r < 0) {
    g_autofree char *text = list_policy_errors(&machine->policy_errors);
    g_set_error_literal(&machine->policy_error, RI_ERROR, RI_ERROR_POLICY, text);
    policy_clear(&machine->policy);
    policy_defaults(&machine->policy);
  }
}

GPtrArray *machine_policy_warnings(const Machine *machine, const char *word, gboolean is_template) {
  GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);
  char **paths = NULL;
  int count = machine->arguments->policy == NULL ? policy_files_passed_over(&machine->root, &paths) : 0;

  for (size_t i = 0; i < machine->policy_errors.n_warnings; i++) {
    const PolicyError *w = &machine->policy_errors.warnings[i];
    g_ptr_array_add(warnings, g_strdup_printf("%s:%u: %s%s: %s", w->file, w->line, word, w->where, w->text));
  }
  if (machine->host != NULL && is_template)
    g_ptr_array_add(warnings, g_strdup_printf("%s:%u: %shost %s: this is the template itself, so that no clone is "
                                              "matched by it",
                                              machine->host->file, machine->host->line, word, machine->host->name));
  for (int i = 0; i < count; i++) {
    g_ptr_array_add(warnings,
                    g_strdup_printf("%s:0: %sthis file is not read: its name does not end in .ini", paths[i], word));
    free(paths[i]);
  }
  free(paths);
  return warnings;
}

static gboolean read_record(Machine *machine, GError **error) {
  record_clear(&machine->record);
  int r = record_read(&machine->root, &machine->record, &machine->record_problem);

  if (r == -EBADMSG || r == -EPROTONOSUPPORT) {
    machine->presence = r == -EBADMSG ? RECORD_IS_DAMAGED : RECORD_IS_NEWER;
    return TRUE;
  }
  if (r < 0)
    return ri_error_errno(error, r, "cannot read the record %s", RI_RECORD_FILE);
  machine->presence = r == 0 ? RECORD_ABSENT : RECORD_PRESENT;
  return TRUE;
}

static void decide(Machine *machine) {
  verdict_decide(machine->presence, &machine->record, &machine->facts, &machine->policy.detect, &machine->verdict);
  machine->judged = TRUE;
}

static gboolean nics_are_known(Machine *machine, int result, GError **error) {
  if (result < 0)
    return ri_error_errno(error, result, "cannot wait for the NICs");
  machine->facts.nics_read = true;
  return TRUE;
}

static gboolean read_nics(Machine *machine, GError **error) {
  Problem problem = {""};
  int r = facts_read_nics(&machine->hardware, &machine->facts, &problem);

  if (r < 0)
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "cannot read the NICs: %s", problem.text);
  return r >= 0;
}

/* Evidence may come late. *RAN_OUT: it has not come in time. */
static gboolean wait_for_evidence(Machine *machine, gboolean *ran_out, GError **error) {
  const NicList *recorded = &machine->record.nics;
  int r = nics_wait(&machine->hardware, recorded, recorded->count, machine->nic_wait_ms, &machine->facts.nics);

  *ran_out = r == 0;
  return nics_are_known(machine, r, error);
}

/* Names to plan with, which udev must have settled. */
static gboolean wait_to_plan(Machine *machine, gboolean ran_out, GError **error) {
  const size_t expected = machine->presence == RECORD_PRESENT ? machine->record.nics.count : 0;
  int r = nics_wait_to_plan(&machine->hardware, expected, ran_out, machine->nic_wait_ms, &machine->facts.nics);

  machine->names_pending = r == 0;
  return nics_are_known(machine, r, error);
}

/* Two [host] sections that name one machine are an error of the policy that only the machine shows. */
static void find_host(Machine *machine) {
  const Facts *facts = &machine->facts;
  Problem problem = {""};

  if (policy_host_for(&machine->policy, &facts->uuid, &facts->nics, facts->serial, &machine->host, &problem) < 0)
    g_set_error(&machine->policy_error, RI_ERROR, RI_ERROR_POLICY, "%s", problem.text);
}

gboolean machine_observe(Machine *machine, gboolean wait, GError **error) {
  Problem problem = {""};

  machine_read_policy(machine);
  facts_clear(&machine->facts);
  machine->names_pending = FALSE;
  int r = facts_read_quick(&machine->root, &machine->hardware, &machine->facts, &problem);
  if (r < 0)
    return ri_error(error, RI_ERROR_FAILED, "cannot read the machine's facts: %s", problem.text);
  if (machine->arguments->force)
    machine->facts.override = OVERRIDE_FORCE;
  if (!read_record(machine, error))
    return FALSE;
  decide(machine);
  if (machine->verdict.kind == VERDICT_OFF || verdict_is_unreadable(machine->verdict.kind)) {
    if (wait)
      return TRUE;
  }
  const gboolean waits = wait && machine->nic_wait_ms > 0;
  gboolean ran_out = FALSE;
  if (!(waits && machine->verdict.needs_nics ? wait_for_evidence(machine, &ran_out, error) : read_nics(machine, error)))
    return FALSE;
  decide(machine);
  if (wait && verdict_has_work(machine->verdict.kind)) {
    if (!(waits ? wait_to_plan(machine, ran_out, error) : read_nics(machine, error)))
      return FALSE;
    decide(machine);
  }
  find_host(machine);
  return TRUE;
}

static void copy_text(char *to, gsize size, const char *from) {
  (void)g_strlcpy(to, from, size);
}

gboolean machine_is_sealed_from_outside(const Machine *machine) {
  return !capabilities_live(&machine->can) && !machine->arguments->hardware_given;
}

static void fill_record(const Machine *machine, RecordState state, const char *template_name, gboolean trust_uuid,
                        Record *record) {
  const RecordPresence presence = trust_uuid ? RECORD_ABSENT : machine->presence;

  *record = (Record){.state = state};
  record->no_machine = state == RECORD_TEMPLATE && machine_is_sealed_from_outside(machine);
  if (!record->no_machine)
    verdict_remember(presence, &machine->record, &machine->facts, &machine->verdict, record);
  copy_text(record->template_name, sizeof record->template_name, template_name);
  if (!trust_uuid) {
    record->uuid_changes = machine->verdict.uuid_changes;
    record->uuid_unstable = machine->verdict.uuid_unstable;
  }
}

static char *record_text_of(const Record *record, const char *time) {
  Record stamped = *record;
  char *text = NULL;

  copy_text(stamped.time, sizeof stamped.time, time);
  if (record_format(&stamped, &text) < 0)
    g_error("out of memory");
  char *copy = g_strdup(text);
  free(text);
  return copy;
}

char *machine_record_text(const Machine *machine, RecordState state, const char *template_name, gboolean trust_uuid) {
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
  Record record;

  fill_record(machine, state, template_name, trust_uuid, &record);
  return record_text_of(&record, time);
}

char *machine_record_again(const Machine *machine) {
  const Record *recorded = &machine->record;
  g_autofree char *old = record_text_of(recorded, recorded->time);
  Record record;

  fill_record(machine, recorded->state, recorded->template_name, FALSE, &record);
  g_autofree char *same = record_text_of(&record, recorded->time);
  return strcmp(same, old) == 0 ? g_steal_pointer(&old)
                                : machine_record_text(machine, recorded->state, recorded->template_name, FALSE);
}

/* The name that {template} stands for: that of the template this machine descends from, else its own. */
static const char *template_name(const Machine *machine) {
  if (machine->presence == RECORD_PRESENT && *machine->record.template_name != '\0')
    return machine->record.template_name;
  return machine->facts.hostname;
}

void proposal_free(Proposal *proposal) {
  g_clear_pointer(&proposal->plan, plan_free);
  g_clear_pointer(&proposal->identity, identity_free);
  g_clear_pointer(&proposal->profiles, profiles_free);
  g_clear_pointer(&proposal->nic_map, nic_map_free);
  g_clear_pointer(&proposal->bound, g_array_unref);
  g_free(proposal);
}

static gboolean names_may_be_written(const Machine *machine, const Plan *plan, GError **error) {
  const char *path = machine->names_pending ? plan_names_nic(plan, &machine->facts.nics) : NULL;

  if (path == NULL)
    return TRUE;
  return ri_error(error, RI_ERROR_FAILED,
                  "udev has not settled the names of the NICs in time, and %s would name one: nothing is changed; "
                  "`udevadm settle` and `systemctl status systemd-udevd` tell what it waits for",
                  path);
}

/* Of a template that was sealed without NICs, those that its profiles are bound to. */
static gboolean map_nics(const Machine *machine, Proposal *proposal, GError **error) {
  const gboolean known = machine->presence == RECORD_PRESENT && machine->record.nics.count > 0;

  gboolean all = TRUE;

  proposal->bound = g_array_new(FALSE, TRUE, sizeof(Nic));
  if (!known && machine->verdict.kind == VERDICT_CLONE &&
      !bound_nics_read(&machine->root, proposal->bound, &all, error))
    return FALSE;
  /* The NIC that is here may be that of a profile which is bound to none. */
  if (!all)
    g_array_set_size(proposal->bound, 0);
  const NicList bound = {(Nic *)(void *)proposal->bound->data, proposal->bound->len};
  proposal->nic_map = nic_map_new(known ? &machine->record.nics : &bound, &machine->facts.nics);
  /* What a machine in use has is worth more than a guess. */
  if (proposal->nic_map->slots_moved && machine->verdict.kind == VERDICT_REWIRED)
    nic_map_forget(proposal->nic_map);
  nic_map_set_former(proposal->nic_map, &machine->facts.nics);
  return TRUE;
}

static gboolean propose(const Machine *machine, gboolean for_apply, const Wire *wire, Proposal *proposal,
                        GError **error) {
  if (!map_nics(machine, proposal, error))
    return FALSE;
  g_autoptr(TreeMemory) of_root = machine->root.memory == NULL ? tree_memory_new() : NULL;
  g_autoptr(TreeMemory) of_hardware = machine->hardware.memory == NULL ? tree_memory_new() : NULL;
  const Root root = {machine->root.fd, machine->root.is_host, of_root != NULL ? of_root : machine->root.memory};
  const Root devices = {machine->hardware.fd, machine->hardware.is_host,
                        of_hardware != NULL ? of_hardware : machine->hardware.memory};
  if (of_root != NULL)
    tree_look_around(&root);
  const Root *hardware = machine->root.is_host || machine->arguments->hardware_given ? &devices : NULL;
  proposal->profiles = profiles_read(&root, proposal->nic_map, &machine->facts.nics, error);
  if (proposal->profiles == NULL)
    return FALSE;
  g_autoptr(SelectionWorld) world =
      selection_world_read(&root, hardware, proposal->nic_map, &machine->facts.nics, error);
  if (world == NULL)
    return FALSE;
  PlanContext context = {
      .root = &root,
      .hardware = hardware,
      .facts = &machine->facts,
      .record = machine->presence == RECORD_PRESENT ? &machine->record : NULL,
      .policy = &machine->policy,
      .verdict = machine->verdict.kind,
      .nic_map = proposal->nic_map,
      .profiles = proposal->profiles,
      .selection_world = world,
      .wire = wire,
      .for_apply = for_apply,
  };
  g_autofree char *record = machine_record_text(machine, RECORD_SETTLED, template_name(machine), FALSE);
  proposal->plan = steps_plan(&context, record, &proposal->identity, error);
  if (proposal->plan == NULL || !names_may_be_written(machine, proposal->plan, error))
    return FALSE;
  checks_warn(&machine->root, proposal->plan);
  return TRUE;
}

Proposal *machine_propose(const Machine *machine, gboolean for_apply, const Wire *wire, GError **error) {
  Proposal *proposal = g_new0(Proposal, 1);

  if (propose(machine, for_apply, wire, proposal, error))
    return proposal;
  proposal_free(proposal);
  return NULL;
}

char *machine_title(const Machine *machine, const Proposal *proposal) {
  const Identity *identity = proposal->identity;
  const HostPolicy *host = identity->host;
  g_autofree char *place =
      host != NULL ? g_strdup_printf("  [host %s] %s:%u", host->name, host->file, host->line) : NULL;

  if (strcmp(identity->old_hostname, identity->hostname) == 0)
    return g_strdup_printf("%s keeps its name%s", identity->hostname, place != NULL ? place : "");
  return g_strdup_printf("%s -> %s%s", *identity->old_hostname != '\0' ? identity->old_hostname : "a nameless machine",
                         identity->hostname, place != NULL ? place : "");
}

int exit_code_of(const GError *error) {
  if (g_error_matches(error, RI_ERROR, RI_ERROR_POLICY))
    return RI_EXIT_POLICY;
  if (g_error_matches(error, RI_ERROR, RI_ERROR_UNTRUSTED))
    return RI_EXIT_UNTRUSTED;
  if (g_error_matches(error, RI_ERROR, RI_ERROR_USAGE))
    return RI_EXIT_USAGE;
  return RI_EXIT_FAILED;
}
