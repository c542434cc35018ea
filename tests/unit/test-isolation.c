/* Isolation's drop-ins below a root (agent/network/isolation.c, root-file.c); what NetworkManager makes of them is
 * tests/network/isolation.t. */
#include <string.h>

#include "base/names.h"
#include "base/root-file.h"
#include "fixture.h"
#include "network/held-units.h"
#include "network/isolation.h"
#include "network/lifted-file.h"

#define HELD RI_HOLD_DIR "/NetworkManager"
#define DROP_IN RI_UNITDIR "/NetworkManager.service.d/50-reset-identity.conf"

static char *set(Fixture *fixture, const char *why) {
  Nic card = {.name = "ens192", .mac = "00:50:56:aa:bb:01"};
  NicList cards = {.items = &card, .count = 1};
  g_autoptr(GError) error = NULL;

  g_assert_true(isolation_set(&fixture->root, &fixture->root, &cards, why, NULL, &error));
  g_assert_no_error(error);
  g_assert_true(isolation_is_set(&fixture->root));
  return fixture_read(fixture, RI_ISOLATION_FILE);
}

static void lift(Fixture *fixture, gboolean expected) {
  g_autoptr(GError) error = NULL;
  gboolean was_set = !expected;

  g_assert_true(isolation_lift(&fixture->root, &was_set, &error));
  g_assert_no_error(error);
  g_assert_cmpint(was_set, ==, expected);
  g_assert_false(isolation_is_set(&fixture->root));
}

static void test_says_why_and_whom(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *text = set(fixture, "line one\nunmanaged-devices=none");

  g_assert_nonnull(strstr(text, "# Why: line one unmanaged-devices=none\n"));
  g_assert_nonnull(strstr(text, "# NIC: ens192 00:50:56:aa:bb:01\n"));
  g_assert_nonnull(
      strstr(text, "\n[keyfile]\nunmanaged-devices=*,except:interface-name:lo,except:interface-name:docker*"));
  g_assert_null(strstr(text, "managed=0"));
}

static void test_second_way_where_etc_overrides(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/NetworkManager/conf.d/10-site.conf", "[keyfile]\nunmanaged-devices=none\n");
  g_autofree char *text = set(fixture, "why");
  g_autofree char *unit = fixture_read(fixture, HELD);
  g_assert_nonnull(strstr(text, "\n[device-reset-identity-isolate]\n"));
  g_assert_null(unit);
}

static void test_third_way_where_etc_overrides_both(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/NetworkManager/NetworkManager.conf", "[device]\nmanaged=1\n");
  fixture_write(fixture, "/etc/NetworkManager/conf.d/10-site.conf", "[keyfile]\nunmanaged-devices=none\n");
  fixture_write(fixture, "/etc/NetworkManager/conf.d/broken.conf", "this is no key file");
  fixture_write(fixture, DROP_IN, "");
  g_autofree char *text = set(fixture, "why");
  g_assert_nonnull(strstr(text, "why"));
  g_autofree char *unit = fixture_read(fixture, HELD);
  g_assert_nonnull(unit);
  lift(fixture, TRUE);
  g_autofree char *gone = fixture_read(fixture, HELD);
  g_assert_null(gone);
}

/* NetworkManager that cannot be told is not started; where its drop-in is missing that is no isolation. */
static void test_a_manager_that_cannot_be_told_is_held(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/run/NetworkManager", "a file where a directory should be");
  fixture_write(fixture, DROP_IN, "");
  g_assert_true(isolation_set(&fixture->root, &fixture->root, NULL, "why", NULL, &error));
  g_assert_no_error(error);
  g_autofree char *held = fixture_read(fixture, HELD);
  g_assert_nonnull(held);
}

static void test_other_stacks(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  static const char *const held[] = {"networking", "ifup",    "wicked",      "dhcpcd",         "connman",
                                     "network",    "netctl",  "netctl-auto", "netctl-ifplugd", "frr",
                                     "zebra",      "nmstate", NULL};
  g_autofree char *manager = set(fixture, "why");
  g_autofree char *networkd = fixture_read(fixture, RI_NETWORKD_ISOLATION_FILE);

  g_assert_nonnull(manager);
  g_assert_nonnull(strstr(networkd, "# Why: why\n"));
  g_assert_nonnull(strstr(networkd, "\n[Match]\nName=en* eth* ib* wl* ww* sl* ens192\n\n[Link]\nUnmanaged=yes\n"));
  for (gsize i = 0; held[i] != NULL; i++) {
    g_autofree char *path = g_build_filename(RI_HOLD_DIR, held[i], NULL);
    g_autofree char *text = fixture_read(fixture, path);
    g_assert_nonnull(text);
  }
  lift(fixture, TRUE);
  g_autofree char *gone = fixture_read(fixture, RI_NETWORKD_ISOLATION_FILE);
  g_assert_null(gone);
}

/* What the boot would have started is known by its links. */
static void test_instances(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/etc/systemd/system/multi-user.target.wants/netctl@lan.service", "");
  fixture_write(fixture, "/etc/systemd/system/network-online.target.wants/netctl@lan.service", "");
  fixture_write(fixture, "/etc/systemd/system/sys-subsystem-net-devices-wlan0.device.wants/netctl-auto@wlan0.service",
                "");
  g_assert_true(held_unit_instances(&fixture->root, "netctl", units, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(units->len, ==, 1);
  g_assert_cmpstr(units->pdata[0], ==, "netctl@lan.service");
  g_assert_true(held_unit_instances(&fixture->root, "netctl-auto", units, &error));
  g_assert_cmpstr(units->pdata[1], ==, "netctl-auto@wlan0.service");
}

/* ens3 is up before the network is, ens4 is not. */
static void set_early(Fixture *fixture, const char *command_line) {
  fixture_write(fixture, "/proc/cmdline", command_line);
  fixture_write(fixture, "/sys/class/net/ens3/flags", "0x1003\n");
  fixture_write(fixture, "/sys/class/net/ens3/ifindex", "2\n");
  fixture_mkdir(fixture, "/sys/class/net/ens3/device");
  fixture_write(fixture, "/sys/class/net/ens4/flags", "0x1002\n");
  fixture_mkdir(fixture, "/sys/class/net/ens4/device");
  fixture_write(fixture, "/run/NetworkManager/devices/2", "[device]\nmanaged=1\n");
}

static void test_a_nic_of_the_root_file_system_stays_up(void) {
  static const char *const lines[] = {"quiet ip=dhcp", "root=/dev/nfs nfsroot=10.0.0.1:/x",
                                      "netroot=iscsi:10.0.0.1::::x", NULL};

  for (gsize i = 0; lines[i] != NULL; i++) {
    g_autoptr(Fixture) fixture = fixture_new();
    g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func(g_free);
    set_early(fixture, lines[i]);
    g_assert_true(isolation_set(&fixture->root, &fixture->root, NULL, "why", said, NULL));
    g_autofree char *text = fixture_read(fixture, RI_ISOLATION_FILE);
    g_assert_nonnull(strstr(text, ",except:interface-name:ens3\n"));
    g_assert_cmpuint(said->len, ==, 1);
    g_assert_nonnull(strstr(said->pdata[0], "ens3 is not taken down"));
  }
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func(g_free);
  set_early(fixture, "quiet");
  g_assert_true(isolation_set(&fixture->root, &fixture->root, NULL, "why", said, NULL));
  g_autofree char *text = fixture_read(fixture, RI_ISOLATION_FILE);
  g_assert_null(strstr(text, "ens3"));
  g_assert_cmpuint(said->len, ==, 0);
}

static void test_lifts_once(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  lift(fixture, FALSE);
  g_free(set(fixture, "why"));
  lift(fixture, TRUE);
  lift(fixture, FALSE);
}

/* A death at any instant of a lift: what is left counts as set, and the next one lifts it. */
static void test_a_lift_that_was_cut_off_is_done_again(void) {
  static const char *const heeded[] = {RI_ISOLATION_FILE, RI_NETWORKD_ISOLATION_FILE, HELD, RI_HOLD_DIR "/networking"};

  for (gsize i = 0; i < G_N_ELEMENTS(heeded); i++) {
    g_autoptr(Fixture) fixture = fixture_new();
    g_autoptr(GError) error = NULL;
    gboolean due = FALSE;

    fixture_write(fixture, heeded[i], "");
    g_assert_true(lifted_begin(&fixture->root, heeded[i], &due, &error));
    g_assert_no_error(error);
    g_assert_true(due);
    g_autofree char *gone = fixture_read(fixture, heeded[i]);
    g_assert_null(gone);
    g_assert_true(isolation_is_set(&fixture->root));
    g_assert_true(isolation_is_being_lifted(&fixture->root));
    lift(fixture, TRUE);
    lift(fixture, FALSE);
  }
}

/* Killed before it was in its place, it holds nobody. */
static void test_a_file_that_never_came_into_its_place_holds_nothing(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, RI_HOLD_DIR "/.networking.reset-identity", "");
  g_assert_false(isolation_is_set(&fixture->root));
  g_assert_false(isolation_is_being_lifted(&fixture->root));
}

static void test_leaves_no_temporary(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *before = NULL;

  g_free(set(fixture, "one"));
  before = fixture_snapshot(fixture, RI_ISOLATION_FILE);
  g_free(set(fixture, "one"));
  g_autofree char *after = fixture_snapshot(fixture, RI_ISOLATION_FILE);
  g_assert_cmpstr(after, ==, before);
}

static void test_cannot_be_written(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/run/NetworkManager", "a file where a directory should be");
  g_assert_false(isolation_set(&fixture->root, &fixture->root, NULL, "why", NULL, &error));
  g_assert_nonnull(strstr(error->message, RI_ISOLATION_FILE));
}

static void test_link_stays_inside_the_root(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_mkdir(fixture, "/run");
  fixture_mkdir(fixture, "/elsewhere");
  fixture_symlink(fixture, "/run/NetworkManager", "/elsewhere");
  g_free(set(fixture, "why"));
  g_autofree char *text = fixture_read(fixture, "/elsewhere/conf.d/99-reset-identity-isolate.conf");
  g_assert_nonnull(text);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/isolation/instances", test_instances);
  g_test_add_func("/isolation/says-why-and-whom", test_says_why_and_whom);
  g_test_add_func("/isolation/second-way-where-etc-overrides", test_second_way_where_etc_overrides);
  g_test_add_func("/isolation/third-way-where-etc-overrides-both", test_third_way_where_etc_overrides_both);
  g_test_add_func("/isolation/a-manager-that-cannot-be-told-is-held", test_a_manager_that_cannot_be_told_is_held);
  g_test_add_func("/isolation/other-stacks", test_other_stacks);
  g_test_add_func("/isolation/a-nic-of-the-root-file-system-stays-up", test_a_nic_of_the_root_file_system_stays_up);
  g_test_add_func("/isolation/lifts-once", test_lifts_once);
  g_test_add_func("/isolation/a-lift-that-was-cut-off-is-done-again", test_a_lift_that_was_cut_off_is_done_again);
  g_test_add_func("/isolation/a-file-that-never-came-into-its-place-holds-nothing",
                  test_a_file_that_never_came_into_its_place_holds_nothing);
  g_test_add_func("/isolation/leaves-no-temporary", test_leaves_no_temporary);
  g_test_add_func("/isolation/cannot-be-written", test_cannot_be_written);
  g_test_add_func("/isolation/link-stays-inside-the-root", test_link_stays_inside_the_root);
  return g_test_run();
}
