/* clone-check.c - the program of every boot (ExecCondition= of reset-identity.service).
 *
 * Exit 0: there is work for `reset-identity apply --boot`, or a doubt that it has to report; 1: nothing to do; 255: bad
 * usage. On a machine that has not changed it looks at the transaction, the kernel command line, the record, the
 * product UUID and its NICs, and is gone: no policy, no list of NICs. Only when something differs does it read
 * the policy and weigh all the evidence, and only where the verdict hangs on NICs that udev has not brought in yet
 * does it wait for them, so that late drivers do not start the large program at each boot.
 *
 * Where this is the recorded machine it leaves the mark that keeps the door open (door.h), whatever becomes of the
 * large program afterwards.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/door.h"
#include "decide/policy-parse.h"
#include "decide/shortcut.h"
#include "decide/verdict.h"
#include "observe/facts.h"
#include "observe/nic-permanent-mac.h"
#include "observe/policy-files.h"
#include "observe/record.h"
#include "observe/wait-nics.h"

enum { EXIT_WORK = 0, EXIT_NOTHING = 1, EXIT_USAGE = 255 };

enum { NICS_TIMEOUT_MS = 10000 };

typedef enum {
  WORK_NONE,
  WORK_OF_RECORD, /* this is the recorded machine, only the record is written */
  WORK_OR_DOUBT,
} Work;

static const char *arg_root = "/";
static const char *arg_hardware = "/";

/* The cheap question: do the interfaces still have the recorded addresses for life? Whether they are hardware was asked
 * when they were recorded. All of them: where one is gone the list may have to follow. */
static bool recorded_nics_are_in_place(const Root *hardware, const NicList *recorded) {
  for (size_t i = 0; i < recorded->count; i++) {
    Nic now = {.position = 0};

    if (nic_permanent_mac(hardware, recorded->items[i].name, now.mac) != 1 ||
        nics_find_mac(&(NicList){&now, 1}, recorded->items[i].mac) == NULL)
      return false;
  }
  return recorded->count > 0;
}

static bool is_plainly_the_same(const Root *hardware, const Record *record) {
  ProductUuid uuid;

  if (product_uuid_read(hardware, &uuid) < 0)
    return false;
  Shortcut shortcut = shortcut_find(record, &uuid);
  if (shortcut == SHORTCUT_BY_NICS)
    return recorded_nics_are_in_place(hardware, &record->nics);
  return shortcut == SHORTCUT_SAME;
}

/* WAIT: for those that udev has not brought in yet. */
static int read_nics(const Root *hardware, const Record *record, bool wait, Facts *facts) {
  if (!wait || !hardware->is_host)
    return facts_read_nics(hardware, facts, NULL);
  int result = nics_wait(hardware, &record->nics, record->nics.count, NICS_TIMEOUT_MS, &facts->nics);
  facts->nics_read = result >= 0;
  return result;
}

/* What `reset-identity apply --boot` would find to do, or to report. */
static Work weigh(const Root *hardware, const Record *record, const DetectPolicy *detect, Facts *facts) {
  Verdict verdict;

  verdict_decide(RECORD_PRESENT, record, facts, detect, &verdict);
  /* Where the verdict does not hang on them they are only looked at: a NIC that was replaced is there at once, or at
   * the next boot. */
  if (!verdict_has_work(verdict.kind)) {
    if (read_nics(hardware, record, verdict.needs_nics, facts) < 0)
      return WORK_OR_DOUBT;
    verdict_decide(RECORD_PRESENT, record, facts, detect, &verdict);
  }
  if (!verdict_calls(&verdict))
    return WORK_NONE;
  return verdict.kind == VERDICT_SAME ? WORK_OF_RECORD : WORK_OR_DOUBT;
}

static Work work_by_policy(const Root *root, const Root *hardware, const Record *record) {
  PolicyFiles files;
  PolicyErrors errors;
  Policy policy;
  Facts facts;
  Work work = WORK_OR_DOUBT;

  if (policy_files_read(root, NULL, &files, NULL) < 0)
    return WORK_OR_DOUBT;
  if (policy_parse(&files, NULL, &policy, &errors) == 0 && facts_read_quick(root, hardware, &facts, NULL) == 0) {
    work = weigh(hardware, record, &policy.detect, &facts);
    facts_clear(&facts);
  }
  policy_clear(&policy);
  policy_errors_clear(&errors);
  policy_files_clear(&files);
  return work;
}

static Work find_work(const Root *root, const Root *hardware) {
  Override override;
  Record record;
  bool is_open;

  if (facts_read_open_transaction(root, &is_open) < 0 || is_open)
    return WORK_OR_DOUBT;
  if (facts_read_override(hardware, &override) < 0)
    return WORK_OR_DOUBT;
  if (override == OVERRIDE_UNREADABLE)
    (void)fputs("clone-check: " VERDICT_OVERRIDE_WARNING "\n", stderr);
  if (override == OVERRIDE_OFF || override == OVERRIDE_FORCE)
    return override == OVERRIDE_FORCE ? WORK_OR_DOUBT : WORK_NONE;
  if (record_read(root, &record, NULL) != 1)
    return WORK_OR_DOUBT; /* none, or none that can be read: recorded, or reported */
  Work work = is_plainly_the_same(hardware, &record) ? WORK_NONE : work_by_policy(root, hardware, &record);
  record_clear(&record);
  return work;
}

static bool open_roots(Root *root, Root *hardware) {
  if (root_open(root, arg_root) < 0) {
    (void)fprintf(stderr, "clone-check: --root=%s: %m: name a directory\n", arg_root);
    return false;
  }
  if (strcmp(arg_root, arg_hardware) == 0) {
    *hardware = *root;
  } else if (root_open(hardware, arg_hardware) < 0) {
    (void)fprintf(stderr, "clone-check: --hardware=%s: %m: name a directory\n", arg_hardware);
    return false;
  }
  return true;
}

static bool parse_arguments(int argc, char **argv) {
  static const struct option options[] = {
      {"root", required_argument, NULL, 'r'}, {"hardware", required_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
  int option;

  while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
    switch (option) {
    case 'r':
      arg_root = optarg;
      break;
    case 'h':
      arg_hardware = optarg;
      break;
    default:
      return false;
    }
  return optind == argc;
}

int main(int argc, char **argv) {
  Root root, hardware;

  if (!parse_arguments(argc, argv)) {
    (void)fputs("usage: clone-check [--root=DIR] [--hardware=DIR]\n"
                "exit status: 0 there is work for reset-identity, 1 there is none, 255 bad usage\n",
                stderr);
    return EXIT_USAGE;
  }
  if (!open_roots(&root, &hardware))
    return EXIT_USAGE;
  /* The roots are left to the exit: a call saved on every boot. */
  Work work = find_work(&root, &hardware);
  /* Without the mark the large program has to decide again. */
  if (work != WORK_OR_DOUBT && door_mark(&root) < 0)
    return EXIT_WORK;
  return work == WORK_NONE ? EXIT_NOTHING : EXIT_WORK;
}
