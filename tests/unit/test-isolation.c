/* Isolation's drop-ins below a root (agent/network/isolation.c, root-file.c); what NetworkManager makes of them is
 * tests/network/isolation.t. */
#include <string.h>

#include "base/names.h"
#include "base/root-file.h"
#include "fixture.h"
#include "network/isolation.h"

#define UNIT_DROP_IN "/run/systemd/system/NetworkManager.service.d/99-reset-identity-isolate.conf"

static char *set(Fixture *fixture, const char *why) {
  Nic card = {.name = "ens192", .mac = "00:50:56:aa:bb:01"};
  NicList cards = {.items = &card, .count = 1};
  g_autoptr(GError) error = NULL;

  g_assert_true(isolation_set(&fixture->root, &cards, why, &error));
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
  g_assert_nonnull(strstr(text, "# Card: ens192 00:50:56:aa:bb:01\n"));
  g_assert_nonnull(strstr(text, "\n[keyfile]\nunmanaged-devices=*,except:interface-name:lo\n"));
  g_assert_null(strstr(text, "managed=0"));
}

static void test_second_way_where_etc_overrides(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/NetworkManager/conf.d/10-site.conf", "[keyfile]\nunmanaged-devices=none\n");
  g_autofree char *text = set(fixture, "why");
  g_autofree char *unit = fixture_read(fixture, UNIT_DROP_IN);
  g_assert_nonnull(strstr(text, "\n[device-reset-identity-isolate]\n"));
  g_assert_null(unit);
}

static void test_third_way_where_etc_overrides_both(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/NetworkManager/NetworkManager.conf", "[device]\nmanaged=1\n");
  fixture_write(fixture, "/etc/NetworkManager/conf.d/10-site.conf", "[keyfile]\nunmanaged-devices=none\n");
  fixture_write(fixture, "/etc/NetworkManager/conf.d/broken.conf", "this is no key file");
  g_autofree char *text = set(fixture, "why");
  g_assert_nonnull(strstr(text, "why"));
  g_autofree char *unit = fixture_read(fixture, UNIT_DROP_IN);
  g_assert_nonnull(strstr(unit, "\nConditionPathExists=!" RI_ISOLATION_FILE "\n"));
  lift(fixture, TRUE);
  g_autofree char *gone = fixture_read(fixture, UNIT_DROP_IN);
  g_assert_null(gone);
}

static void test_lifts_once(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  lift(fixture, FALSE);
  g_free(set(fixture, "why"));
  lift(fixture, TRUE);
  lift(fixture, FALSE);
}

static void test_leaves_no_temporary(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *before = NULL;

  g_free(set(fixture, "one"));
  before = fixture_snapshot(fixture, RI_ISOLATION_FILE);
  g_free(set(fixture, "two"));
  g_autofree char *after = fixture_snapshot(fixture, RI_ISOLATION_FILE);
  g_assert_cmpstr(after, ==, before);
}

static void test_cannot_be_written(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/run/NetworkManager", "a file where a directory should be");
  g_assert_false(isolation_set(&fixture->root, NULL, "why", &error));
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
  g_test_add_func("/isolation/says-why-and-whom", test_says_why_and_whom);
  g_test_add_func("/isolation/second-way-where-etc-overrides", test_second_way_where_etc_overrides);
  g_test_add_func("/isolation/third-way-where-etc-overrides-both", test_third_way_where_etc_overrides_both);
  g_test_add_func("/isolation/lifts-once", test_lifts_once);
  g_test_add_func("/isolation/leaves-no-temporary", test_leaves_no_temporary);
  g_test_add_func("/isolation/cannot-be-written", test_cannot_be_written);
  g_test_add_func("/isolation/link-stays-inside-the-root", test_link_stays_inside_the_root);
  return g_test_run();
}
