/* What a plan does to profiles (agent/network/profile-changes.c). */
#include <string.h>

#include <glib.h>

#include "network/profile-changes.h"

#define DIRECTORY "/srv/profiles"
#define OLD "[connection]\nid=a\nuuid=11111111-1111-4111-8111-111111111111\ntype=ethernet\n"
#define NEW "[connection]\nid=a\nuuid=22222222-2222-4222-8222-222222222222\ntype=ethernet\n"

static void add(Plan *plan, const char *path, const char *old, const char *content) {
  g_autoptr(GBytes) before = old != NULL ? g_bytes_new(old, strlen(old)) : NULL;
  g_autoptr(GBytes) after = content != NULL ? g_bytes_new(content, strlen(content)) : NULL;

  if (after != NULL)
    (void)plan_write(plan, "step", path, before, after, "why");
  else
    (void)plan_remove(plan, "step", path, before, "why");
}

static void test_each_kind(void) {
  g_autoptr(Plan) plan = plan_new();

  add(plan, DIRECTORY "/changed", OLD, NEW);
  add(plan, DIRECTORY "/new", NULL, NEW);
  add(plan, DIRECTORY "/removed", OLD, NULL);
  add(plan, DIRECTORY "/without", "[connection]\nid=a\n", "[connection]\nid=b\n");
  g_autoptr(GPtrArray) changes = profile_changes_from_plan(plan);
  const ProfileChange *const *change = (const ProfileChange *const *)changes->pdata;
  g_assert_cmpint(changes->len, ==, 4);
  g_assert_cmpstr(change[0]->path, ==, DIRECTORY "/changed");
  g_assert_cmpstr(change[0]->old_uuid, ==, "11111111-1111-4111-8111-111111111111");
  g_assert_cmpstr(change[0]->new_uuid, ==, "22222222-2222-4222-8222-222222222222");
  g_assert_null(change[1]->old_uuid);
  g_assert_null(change[2]->new_uuid);
  g_assert_nonnull(change[2]->old_uuid);
  g_assert_null(change[3]->old_uuid);
  g_assert_null(change[3]->new_uuid);
}

static void test_ifcfg_files_are_profiles_and_their_aliases_are_none(void) {
  g_autoptr(Plan) plan = plan_new();

  add(plan, "/etc/sysconfig/network-scripts/ifcfg-lan", "UUID='11111111-1111-4111-8111-111111111111'\n",
      "UUID='22222222-2222-4222-8222-222222222222'\n");
  add(plan, "/etc/sysconfig/network-scripts/ifcfg-eth0", "DEVICE=eth0\n", "DEVICE=eth1\n");
  add(plan, "/etc/sysconfig/network-scripts/ifcfg-eth0:1", "DEVICE=eth0:1\nIPADDR=192.0.2.1\n", NULL);
  add(plan, "/etc/sysconfig/network-scripts/route-eth0", "192.0.2.0/24 dev eth0\n", "192.0.2.0/24 dev eth1\n");
  g_autoptr(GPtrArray) changes = profile_changes_from_plan(plan);
  const ProfileChange *const *change = (const ProfileChange *const *)changes->pdata;
  g_assert_cmpint(changes->len, ==, 2);
  g_assert_cmpstr(change[0]->old_uuid, ==, "11111111-1111-4111-8111-111111111111");
  g_assert_cmpstr(change[0]->new_uuid, ==, "22222222-2222-4222-8222-222222222222");
  /* Of the file's name. */
  g_assert_cmpstr(change[1]->old_uuid, ==, "5fb06bd0-0bb0-7ffb-45f1-d6edd65f3e03");
}

static void test_other_files_are_no_profiles(void) {
  g_autoptr(Plan) plan = plan_new();

  add(plan, "/etc/hostname", "golden\n", "clone\n");
  add(plan, "/etc/NetworkManager/NetworkManager.conf", NULL, "[connection]\nipv6.dhcp-duid=uuid\n");
  add(plan, "/var/lib/NetworkManager/timestamps", "[timestamps]\nuuid=1\n", "[timestamps]\nuuid=2\n");
  (void)plan_unlink(plan, "step", "/etc/NetworkManager/system-connections/a.nmmeta", "/dev/null", "why");
  g_autoptr(GPtrArray) changes = profile_changes_from_plan(plan);
  g_assert_cmpint(changes->len, ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/profile-changes/each-kind", test_each_kind);
  g_test_add_func("/profile-changes/ifcfg-files-are-profiles-and-their-aliases-are-none",
                  test_ifcfg_files_are_profiles_and_their_aliases_are_none);
  g_test_add_func("/profile-changes/other-files-are-no-profiles", test_other_files_are_no_profiles);
  return g_test_run();
}
