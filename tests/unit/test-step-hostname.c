/* step-hostname.c: the name's own files; nothing else in them changes. */
#include "plan-fixture.h"

static void keeps_comments_and_blanks(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/hostname", "# set by hand\n\n golden \n# end\n");
  plan_fixture_run(machine, step_hostname);
  assert_written(machine, "/etc/hostname", "# set by hand\n\n web-17 \n# end\n");
}

static void ends_the_name_with_a_newline(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/hostname", "golden");
  plan_fixture_run(machine, step_hostname);
  assert_written(machine, "/etc/hostname", "web-17\n");
}

static void makes_a_missing_file(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  plan_fixture_rename(machine, "", "web-17");
  fixture_mkdir(machine->fixture, "/etc");
  plan_fixture_run(machine, step_hostname);
  assert_written(machine, "/etc/hostname", "web-17\n");
  g_assert_cmpuint(machine->plan->edits->len, ==, 1);
}

static void adds_the_name_behind_comments_only(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  plan_fixture_rename(machine, "", "web-17");
  fixture_write(machine->fixture, "/etc/hostname", "# nothing here");
  plan_fixture_run(machine, step_hostname);
  assert_written(machine, "/etc/hostname", "# nothing here\nweb-17\n");
}

static void replaces_bytes_that_are_no_text(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write_bytes(machine->fixture, "/etc/hostname", "\xff\0\xfe\nrest\n", 9, 0644);
  plan_fixture_run(machine, step_hostname);
  assert_written(machine, "/etc/hostname", "web-17\nrest\n");
}

static void changes_nothing_when_the_name_is_kept(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  plan_fixture_rename(machine, "golden", "golden");
  fixture_write(machine->fixture, "/etc/hostname", "golden");
  fixture_write(machine->fixture, "/etc/machine-info", "PRETTY_HOSTNAME=golden\n");
  plan_fixture_run(machine, step_hostname);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
}

static void renames_inside_the_pretty_name(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/hostname", "golden\n");
  fixture_write(machine->fixture, "/etc/machine-info",
                "CHASSIS=vm\nPRETTY_HOSTNAME=\"The Golden machine (golden.example.org), golden.\"\nLOCATION=golden\n");
  plan_fixture_run(machine, step_hostname);
  assert_written(machine, "/etc/machine-info",
                 "CHASSIS=vm\nPRETTY_HOSTNAME=\"The web-17 machine (web-17.example.org), web-17.\"\nLOCATION=golden\n");
}

static void leaves_a_pretty_name_that_only_resembles(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/hostname", "golden\n");
  fixture_write(machine->fixture, "/etc/machine-info", "PRETTY_HOSTNAME='golden-backup of mygolden, golden_2'");
  plan_fixture_run(machine, step_hostname);
  g_assert_null(plan_find(machine->plan, "/etc/machine-info"));
}

static void mail_name_follows_with_its_domain(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/hostname", "golden\n");
  fixture_write(machine->fixture, "/etc/mailname", "golden.example.org\n");
  plan_fixture_run(machine, step_hostname);
  assert_written(machine, "/etc/mailname", "web-17.example.org\n");
}

static void mail_name_of_the_site_stays(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/hostname", "golden\n");
  fixture_write(machine->fixture, "/etc/mailname", "example.org\n");
  plan_fixture_run(machine, step_hostname);
  g_assert_null(plan_find(machine->plan, "/etc/mailname"));
}

static void refuses_a_directory(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_mkdir(machine->fixture, "/etc/hostname");
  g_assert_false(step_hostname(&machine->context, machine->plan, &error));
  g_assert_nonnull(strstr(error->message, "/etc/hostname"));
}

static void a_mail_name_that_is_the_host_name_s_file_changes_once(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/srv/name", "# who we are\ngolden.\n");
  fixture_symlink(machine->fixture, "/etc/hostname", "/srv/name");
  fixture_symlink(machine->fixture, "/etc/mailname", "hostname");
  plan_fixture_run(machine, step_hostname);
  assert_written(machine, "/srv/name", "# who we are\nweb-17\n");
  g_assert_cmpuint(machine->plan->edits->len, ==, 1);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/step-hostname/a-mail-name-that-is-the-host-name-s-file-changes-once",
                  a_mail_name_that_is_the_host_name_s_file_changes_once);
  g_test_add_func("/step-hostname/keeps-comments-and-blanks", keeps_comments_and_blanks);
  g_test_add_func("/step-hostname/ends-the-name-with-a-newline", ends_the_name_with_a_newline);
  g_test_add_func("/step-hostname/makes-a-missing-file", makes_a_missing_file);
  g_test_add_func("/step-hostname/adds-the-name-behind-comments-only", adds_the_name_behind_comments_only);
  g_test_add_func("/step-hostname/replaces-bytes-that-are-no-text", replaces_bytes_that_are_no_text);
  g_test_add_func("/step-hostname/changes-nothing-when-the-name-is-kept", changes_nothing_when_the_name_is_kept);
  g_test_add_func("/step-hostname/renames-inside-the-pretty-name", renames_inside_the_pretty_name);
  g_test_add_func("/step-hostname/leaves-a-pretty-name-that-only-resembles", leaves_a_pretty_name_that_only_resembles);
  g_test_add_func("/step-hostname/mail-name-follows-with-its-domain", mail_name_follows_with_its_domain);
  g_test_add_func("/step-hostname/mail-name-of-the-site-stays", mail_name_of_the_site_stays);
  g_test_add_func("/step-hostname/refuses-a-directory", refuses_a_directory);
  return g_test_run();
}
