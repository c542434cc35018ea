/* agent/network/ifupdown-link.c: what is not to be taken down is not. What is, tests/nspawn/ifupdown.t tries. */
#include "base/error.h"
#include "fixture.h"
#include "network/ifupdown-link.h"

static char **names(const char *list) {
  return g_strsplit(list, " ", -1);
}

static void an_image_runs_nothing(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/run/network/ifstate", "lo=lo\n");
  fixture_write(fixture, "/usr/sbin/ifup", "");
  g_assert_false(ifupdown_link_runs(&fixture->root));
}

static void what_the_root_lies_on_is_not_taken_down(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) nics = names("ens4 ens3");

  fixture_write(fixture, "/proc/cmdline", "quiet ip=dhcp\n");
  fixture_write(fixture, "/sys/class/net/ens3/flags", "0x1003\n");
  fixture_mkdir(fixture, "/sys/class/net/ens3/device");
  fixture_write(fixture, "/etc/network/interfaces", "auto ens3\niface ens3 inet static\n address 10.0.0.10/24\n");
  g_assert_false(ifupdown_link_down(&fixture->root, nics, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_NETWORK);
  g_assert_true(g_str_has_prefix(error->message, "ens3 is up for the root file system"));
}

/* Any command would fail: there is no such interface, and ifupdown is not installed. */
static void what_the_files_do_not_bring_up_is_left_alone(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) nics = names("test0 test1 lo");

  fixture_write(fixture, "/etc/network/interfaces",
                "auto lo test2\niface lo inet loopback\niface test0 inet dhcp\niface test2 inet dhcp\n");
  g_assert_true(ifupdown_link_down(&fixture->root, nics, &error));
  g_assert_true(ifupdown_link_up(&fixture->root, nics, &error));
  g_assert_no_error(error);
}

static void what_cannot_be_brought_up_is_an_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) nics = names("test-none");

  /* Below a root that is not the machine's, the program of that name does not exist. */
  fixture_write(fixture, "/etc/network/interfaces", "auto test-none\niface test-none inet manual\n pre-up false\n");
  g_assert_false(ifupdown_link_up(&fixture->root, nics, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_NETWORK);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ifupdown-link/an-image-runs-nothing", an_image_runs_nothing);
  g_test_add_func("/ifupdown-link/what-the-root-lies-on-is-not-taken-down", what_the_root_lies_on_is_not_taken_down);
  g_test_add_func("/ifupdown-link/what-the-files-do-not-bring-up-is-left-alone",
                  what_the_files_do_not_bring_up_is_left_alone);
  g_test_add_func("/ifupdown-link/what-cannot-be-brought-up-is-an-error", what_cannot_be_brought_up_is_an_error);
  return g_test_run();
}
