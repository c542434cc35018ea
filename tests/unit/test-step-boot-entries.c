/* step-boot-entries.c: what boots today boots tomorrow, and kernels to come get the name of those that are here. */
#include "plan-fixture.h"

#define ENTRY "/boot/loader/entries/" OLD_ID "-6.1.0.conf"
#define TOKEN "/etc/kernel/entry-token"
#define INFO "/etc/machine-info"
#define INSTALLER "/usr/bin/kernel-install"
#define GRUB_PLUGIN "/usr/lib/kernel/install.d/20-grub.install"

/* What each version says in itself. */
#define SINCE_251 ". /etc/machine-info\nENTRY_TOKEN_FILE=/etc/kernel/entry-token\n"
#define SINCE_249 ". /etc/machine-info\n"
#define BEFORE_249 "read MACHINE_ID < /etc/machine-id\n"
#define GRUBS "MACHINE_ID=$KERNEL_INSTALL_MACHINE_ID\nBLS_DIR=/boot/loader/entries\n"

static PlanFixture *machine_with(const char *installer, const char *plugin) {
  PlanFixture *machine = plan_fixture_new();

  fixture_write(machine->fixture, ENTRY, "title Linux\nlinux /vmlinuz-6.1.0\noptions quiet\n");
  fixture_write(machine->fixture, "/etc/hostname", "golden\n");
  if (installer != NULL)
    fixture_write(machine->fixture, INSTALLER, installer);
  if (plugin != NULL)
    fixture_write(machine->fixture, GRUB_PLUGIN, plugin);
  return machine;
}

/* No entry is removed, renamed or made: each has the name that it had. */
static void assert_entries_stay(const PlanFixture *machine) {
  for (guint i = 0; i < machine->plan->edits->len; i++) {
    const Edit *edit = machine->plan->edits->pdata[i];

    if (strstr(edit->path, "loader") != NULL) {
      g_assert_cmpint(edit->kind, ==, EDIT_WRITE);
      g_assert_nonnull(edit->old);
    }
  }
}

static void run(PlanFixture *machine, guint n_edits, guint n_warnings) {
  plan_fixture_run(machine, step_boot_entries);
  g_assert_cmpuint(machine->plan->edits->len, ==, n_edits);
  g_assert_cmpuint(machine->plan->warnings->len, ==, n_warnings);
  assert_entries_stay(machine);
}

static void the_name_is_pinned_by_token(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_251, NULL);

  run(machine, 2, 0);
  g_assert_cmpint(plan_find(machine->plan, "/etc/kernel")->kind, ==, EDIT_MAKE_DIRECTORY);
  assert_written(machine, TOKEN, OLD_ID "\n");
}

static void an_empty_token_is_none(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_251, NULL);

  fixture_write(machine->fixture, TOKEN, "\n");
  run(machine, 1, 0);
  assert_written(machine, TOKEN, OLD_ID "\n");
}

static void a_token_that_is_there_rules(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_251, NULL);

  fixture_write(machine->fixture, TOKEN, "fedora\n");
  run(machine, 0, 0);
}

static void grubs_plugin_goes_by_machine_info(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_251, GRUBS);

  fixture_write(machine->fixture, INFO, "CHASSIS=vm");
  run(machine, 3, 0);
  assert_written(machine, TOKEN, OLD_ID "\n");
  assert_written(machine, INFO, "CHASSIS=vm\nKERNEL_INSTALL_MACHINE_ID=" OLD_ID "\n");
}

static void a_plugin_that_knows_tokens_needs_no_machine_info(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_251, GRUBS "ID=$KERNEL_INSTALL_ENTRY_TOKEN\n");

  run(machine, 2, 0);
  g_assert_null(plan_find(machine->plan, INFO));
}

/* With that layout GRUB's plugin does nothing, and the id in machine-info would become systemd.machine_id=. */
static void kernels_in_directories_are_pinned_by_token_alone(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_251, GRUBS);

  fixture_write(machine->fixture, "/boot/efi/" OLD_ID "/6.1.0/linux", "kernel");
  fixture_write(machine->fixture, INFO, "PRETTY_HOSTNAME=x\nKERNEL_INSTALL_MACHINE_ID='" OLD_ID "'\n");
  run(machine, 3, 0);
  assert_written(machine, TOKEN, OLD_ID "\n");
  assert_written(machine, INFO, "PRETTY_HOSTNAME=x\n");
}

static void before_tokens_machine_info_is_all(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_249, NULL);

  fixture_write(machine->fixture, "/boot/" OLD_ID "/6.1.0/linux", "kernel");
  run(machine, 1, 0);
  assert_written(machine, INFO, "KERNEL_INSTALL_MACHINE_ID=" OLD_ID "\n");
}

static void machine_info_that_says_a_name_rules(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_249, NULL);

  fixture_write(machine->fixture, INFO, "KERNEL_INSTALL_MACHINE_ID=" OLD_ID "\n");
  run(machine, 0, 0);
}

static void what_can_be_told_nothing_is_named(void) {
  static const char *const installers[] = {BEFORE_249, NULL};

  for (gsize i = 0; i < G_N_ELEMENTS(installers); i++) {
    g_autoptr(PlanFixture) machine = machine_with(installers[i], GRUBS);

    run(machine, 0, 1);
    g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], ENTRY));
  }
}

static void both_changes_of_machine_info_are_in_one_edit(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_249, NULL);

  fixture_write(machine->fixture, INFO, "PRETTY_HOSTNAME=golden\n");
  plan_fixture_run(machine, step_hostname);
  const guint n_edits = machine->plan->edits->len;
  run(machine, n_edits, 0);
  assert_written(machine, INFO, "PRETTY_HOSTNAME=web-17\nKERNEL_INSTALL_MACHINE_ID=" OLD_ID "\n");
  g_assert_nonnull(strstr(plan_find(machine->plan, INFO)->why, "pretty host name"));
  g_assert_nonnull(strstr(plan_find(machine->plan, INFO)->why, "kernels installed later"));
}

static void entries_of_another_name_need_nothing(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, INSTALLER, SINCE_251);
  fixture_write(machine->fixture, "/boot/loader/entries/fedora-6.1.conf", "title x\n");
  fixture_write(machine->fixture, "/boot/loader/entries/" NEW_ID "-6.1.conf", "title x\n");
  run(machine, 0, 0);
}

static void a_kept_machine_id_changes_nothing(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_251, GRUBS);

  g_free(machine->identity.machine_id);
  machine->identity.machine_id = g_strdup(OLD_ID);
  fixture_write(machine->fixture, "/etc/kernel/cmdline", "systemd.machine_id=" OLD_ID "\n");
  run(machine, 0, 0);
}

/* What PID 1 would make the machine-id again, and what the boot menu is sorted by. */
static void the_id_in_an_entry_follows(void) {
  g_autoptr(PlanFixture) machine = machine_with(SINCE_251, NULL);

  fixture_write(machine->fixture, TOKEN, OLD_ID "\n");
  fixture_write(machine->fixture, ENTRY,
                "title Linux\r\nmachine-id \t" OLD_ID "\r\nlinux /" OLD_ID "/6.1.0/linux\r\noptions quiet "
                "systemd.machine_id=" OLD_ID " x=" OLD_ID "\r\n");
  fixture_write(machine->fixture, "/efi/loader/entries/other.conf", "title x\nmachine-id " OLD_ID);
  run(machine, 2, 0);
  assert_written(machine, ENTRY,
                 "title Linux\r\nmachine-id \t" NEW_ID "\r\nlinux /" OLD_ID "/6.1.0/linux\r\noptions quiet "
                 "systemd.machine_id=" NEW_ID " x=" OLD_ID "\r\n");
  assert_written(machine, "/efi/loader/entries/other.conf", "title x\nmachine-id " NEW_ID);
}

static void command_lines_in_files_follow(void) {
  static const char *const paths[] = {
      "/etc/kernel/cmdline",  "/etc/default/grub",    "/etc/default/grub.d/50-x.cfg",  "/boot/grub/grub.cfg",
      "/boot/grub2/grub.cfg", "/boot/grub2/grubenv",  "/boot/efi/EFI/debian/grub.cfg", "/extlinux/extlinux.conf",
      "/boot/uEnv.txt",       "/boot/armbianEnv.txt", "/boot/refind_linux.conf"};
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
    fixture_write(machine->fixture, paths[i], "a=\"quiet systemd.machine_id=" OLD_ID "\"\n" OLD_ID "\n\xff####");
  run(machine, G_N_ELEMENTS(paths), 0);
  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
    assert_written(machine, paths[i], "a=\"quiet systemd.machine_id=" NEW_ID "\"\n" OLD_ID "\n\xff####");
}

static void a_longer_word_is_another(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/kernel/cmdline", "systemd.machine_id=" OLD_ID "0 my-machine-id " OLD_ID "\n");
  run(machine, 0, 0);
}

static void a_command_line_that_no_file_holds_is_named(void) {
  static const char *const lines[] = {"quiet systemd.machine_id=" OLD_ID "\n", "systemd.machine_id=" NEW_ID "\n"};

  for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    g_autoptr(Fixture) hardware = fixture_new();

    machine->context.hardware = &hardware->root;
    fixture_write(hardware, "/proc/cmdline", lines[i]);
    run(machine, 0, 1);
    g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], "systemd.machine_id="));
  }
}

static void a_command_line_that_a_file_holds_is_not(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(Fixture) hardware = fixture_new();

  machine->context.hardware = &hardware->root;
  fixture_write(hardware, "/proc/cmdline", "quiet systemd.machine_id=" OLD_ID "\n");
  fixture_write(machine->fixture, "/boot/loader/entries/x.conf", "options quiet systemd.machine_id=" OLD_ID "\n");
  run(machine, 1, 0);
}

static void what_zipl_reads_is_not_in_effect(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(Fixture) hardware = fixture_new();

  machine->context.hardware = &hardware->root;
  fixture_write(hardware, "/proc/cmdline", "quiet systemd.machine_id=" OLD_ID "\n");
  fixture_write(machine->fixture, "/etc/zipl.conf", "parameters=\"quiet systemd.machine_id=" OLD_ID "\"\n");
  run(machine, 0, 1);
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], "remove it from the boot loader's configuration"));
}

#define TEST(name, function) g_test_add_func("/step-boot-entries/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("the-name-is-pinned-by-token", the_name_is_pinned_by_token);
  TEST("an-empty-token-is-none", an_empty_token_is_none);
  TEST("a-token-that-is-there-rules", a_token_that_is_there_rules);
  TEST("grubs-plugin-goes-by-machine-info", grubs_plugin_goes_by_machine_info);
  TEST("a-plugin-that-knows-tokens-needs-no-machine-info", a_plugin_that_knows_tokens_needs_no_machine_info);
  TEST("kernels-in-directories-are-pinned-by-token-alone", kernels_in_directories_are_pinned_by_token_alone);
  TEST("before-tokens-machine-info-is-all", before_tokens_machine_info_is_all);
  TEST("machine-info-that-says-a-name-rules", machine_info_that_says_a_name_rules);
  TEST("what-can-be-told-nothing-is-named", what_can_be_told_nothing_is_named);
  TEST("both-changes-of-machine-info-are-in-one-edit", both_changes_of_machine_info_are_in_one_edit);
  TEST("entries-of-another-name-need-nothing", entries_of_another_name_need_nothing);
  TEST("a-kept-machine-id-changes-nothing", a_kept_machine_id_changes_nothing);
  TEST("the-id-in-an-entry-follows", the_id_in_an_entry_follows);
  TEST("command-lines-in-files-follow", command_lines_in_files_follow);
  TEST("a-longer-word-is-another", a_longer_word_is_another);
  TEST("a-command-line-that-no-file-holds-is-named", a_command_line_that_no_file_holds_is_named);
  TEST("a-command-line-that-a-file-holds-is-not", a_command_line_that_a_file_holds_is_not);
  TEST("what-zipl-reads-is-not-in-effect", what_zipl_reads_is_not_in_effect);
  return g_test_run();
}
