/* agent/profiles/profiles.c: the profiles that NetworkManager loads, and why others are not edited. */
#include <fcntl.h>
#include <sys/stat.h>

#include "profile-world.h"

#define ETHERNET(id, uuid, rest) "[connection]\nid=" id "\nuuid=" uuid "\ntype=ethernet\n" rest
#define UUID_A "11111111-aaaa-4aaa-8aaa-000000000001"
#define META_A "11111111-aaaa-4aaa-8aaa-000000000001.nmmeta"
#define UUID_B "22222222-bbbb-4bbb-8bbb-000000000002"

static void assert_why_not(const World *world, const char *name, const char *part) {
  const Profile *profile = world_find(world, name);

  g_assert_nonnull(profile);
  g_assert_nonnull(profile->why_not);
  if (strstr(profile->why_not, part) == NULL)
    g_error("%s: \"%s\" does not say \"%s\"", name, profile->why_not, part);
}

static void only_names_that_networkmanager_loads(void) {
  static const char *const ignored[] = {".hidden", "backup~", "lan.nmconnection.Ab3dE6", "lan.backup", META_A,
                                        "ca.pem",  "key.DER"};
  static const char *const loaded[] = {"lan.nmconnection", "lan.tmp", "lan.bak", "no ending", "ca.pem.bak"};
  g_autoptr(World) world = world_new();

  for (gsize i = 0; i < G_N_ELEMENTS(ignored); i++)
    world_profile(world, ignored[i], ETHERNET("x", UUID_A, ""));
  for (gsize i = 0; i < G_N_ELEMENTS(loaded); i++)
    world_profile(world, loaded[i], ETHERNET("x", UUID_A, ""));
  world_read(world);
  g_assert_cmpuint(world->profiles->items->len, ==, G_N_ELEMENTS(loaded));
  for (gsize i = 0; i < G_N_ELEMENTS(loaded); i++) {
    g_assert_nonnull(world_find(world, loaded[i]));
    g_assert_null(world_find(world, loaded[i])->why_not);
  }
  for (guint i = 1; i < world->profiles->items->len; i++) {
    const Profile *before = g_ptr_array_index(world->profiles->items, i - 1);
    const Profile *profile = g_ptr_array_index(world->profiles->items, i);

    g_assert_cmpstr(before->path, <, profile->path);
  }
}

static void fields_are_the_values_in_force(void) {
  g_autoptr(World) world = world_new();
  const Profile *profile;

  world_profile(world, "a",
                "[connection]\nid=first\nid=A card\nuuid=" UUID_A "\ntype=ethernet\ncontroller=br0\nport-type=bridge\n"
                "[ethernet]\nmac-address=00-50-56-AA-00-01\n");
  world_profile(world, "b", "[connection]\nid=b\ntype=bridge\n[bridge]\ninterface-name=br0\n");
  world_profile(world, "c", "[connection]\nid=c\n[ethernet]\nmtu=1400\n");
  world_read(world);
  profile = world_find(world, "a");
  g_assert_cmpstr(profile->id, ==, "A card");
  g_assert_cmpstr(profile->uuid, ==, UUID_A);
  g_assert_cmpstr(profile->type, ==, "802-3-ethernet");
  g_assert_null(profile->interface_name);
  g_assert_cmpstr(profile->controller, ==, "br0");
  g_assert_cmpstr(profile->mac_address, ==, "00:50:56:aa:00:01");
  profile = world_find(world, "b");
  g_assert_null(profile->uuid);
  g_assert_cmpstr(profile->type, ==, "bridge");
  g_assert_cmpstr(profile->interface_name, ==, "br0");
  g_assert_cmpstr(world_find(world, "c")->type, ==, "802-3-ethernet");
}

static void the_card_is_the_one_that_took_its_place(void) {
  g_autoptr(World) world = world_new();

  world_card(world, "eth0", "00:50:56:00:00:01", "ens3", "52:54:00:00:00:01");
  world_card(world, "eth1", "00:50:56:00:00:02", "ens4", "52:54:00:00:00:02");
  world_profile(world, "mac", ETHERNET("mac", UUID_A, "[ethernet]\nmac-address=0;80;86;0;0;2;\n"));
  world_profile(world, "name", ETHERNET("name", UUID_A, "interface-name=eth0\n"));
  world_profile(world, "present-mac", ETHERNET("m", UUID_A, "[ethernet]\nmac-address=52:54:00:00:00:01\n"));
  world_profile(world, "present-name", ETHERNET("n", UUID_A, "interface-name=ens4\n"));
  world_profile(world, "unbound", ETHERNET("u", UUID_A, ""));
  world_profile(world, "vlan", "[connection]\nid=v\ntype=vlan\ninterface-name=eth0\n[vlan]\nid=5\nparent=eth1\n");
  world_read(world);
  g_assert_true(world_find(world, "mac")->nic == &world->present[1]);
  g_assert_true(world_find(world, "name")->nic == &world->present[0]);
  g_assert_true(world_find(world, "present-mac")->nic == &world->present[0]);
  g_assert_true(world_find(world, "present-name")->nic == &world->present[1]);
  g_assert_null(world_find(world, "unbound")->nic);
  g_assert_null(world_find(world, "vlan")->nic);
}

static void a_profile_bound_to_nothing_means_the_only_card(void) {
  g_autoptr(World) world = world_new();

  world_card(world, "eth0", "00:50:56:00:00:01", "ens3", "52:54:00:00:00:01");
  world_profile(world, "unbound", ETHERNET("u", UUID_A, ""));
  world_profile(world, "matched", ETHERNET("u", UUID_A, "[match]\ninterface-name=en*;\n"));
  world_read(world);
  g_assert_true(world_find(world, "unbound")->nic == &world->present[0]);
  g_assert_null(world_find(world, "matched")->nic);
}

static void touch(const World *world, const char *name, time_t seconds) {
  g_autofree char *path = g_build_filename(PROFILES_DIR, name, NULL);
  g_autofree char *file = fixture_path(world->fixture, path);
  const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};

  g_assert_cmpint(utimensat(AT_FDCWD, file, times, 0), ==, 0);
}

static void of_two_files_with_one_uuid_the_newer_counts(void) {
  g_autoptr(World) world = world_new();

  world_profile(world, "lan", ETHERNET("lan", UUID_A, ""));
  world_profile(world, "lan.bak", ETHERNET("lan", UUID_A, ""));
  world_profile(world, "other", ETHERNET("other", UUID_B, ""));
  touch(world, "lan", 2000);
  touch(world, "lan.bak", 1000);
  world_read(world);
  g_assert_true(world_find(world, "lan.bak")->hidden_by == world_find(world, "lan"));
  g_assert_null(world_find(world, "lan")->hidden_by);
  g_assert_null(world_find(world, "other")->hidden_by);
}

static void of_two_files_of_one_time_the_later_name_counts(void) {
  g_autoptr(World) world = world_new();

  world_profile(world, "lan", ETHERNET("lan", UUID_A, ""));
  world_profile(world, "lan.bak", ETHERNET("lan", UUID_A, ""));
  touch(world, "lan", 1000);
  touch(world, "lan.bak", 1000);
  world_read(world);
  g_assert_true(world_find(world, "lan")->hidden_by == world_find(world, "lan.bak"));
}

static void says_why_a_profile_is_not_edited(void) {
  g_autoptr(World) world = world_new();
  g_autofree char *path = NULL;

  world_profile(world, "broken", "[connection]\nid\n");
  world_profile(world, "empty", "");
  world_profile(world, "bad-uuid", ETHERNET("x", "yes", ""));
  world_profile(world, "bom", "\xef\xbb\xbf" ETHERNET("x", UUID_A, ""));
  world_profile(world, "origin",
                ETHERNET("x", UUID_A, "[user]\norg.freedesktop.NetworkManager.origin=nm-cloud-setup\n"));
  world_profile(world, "netplan-eth0.nmconnection", ETHERNET("x", UUID_A, ""));
  fixture_write_bytes(world->fixture, PROFILES_DIR "/open", ETHERNET("x", UUID_A, ""),
                      strlen(ETHERNET("x", UUID_A, "")), 0644);
  fixture_write_bytes(world->fixture, "/run/NetworkManager/system-connections/run.nmconnection",
                      ETHERNET("x", UUID_B, ""), strlen(ETHERNET("x", UUID_B, "")), 0600);
  fixture_write_bytes(world->fixture, "/run/NetworkManager/system-connections/no-ending", ETHERNET("x", UUID_B, ""),
                      strlen(ETHERNET("x", UUID_B, "")), 0600);
  fixture_write_bytes(world->fixture, "/usr/lib/NetworkManager/system-connections/lib.nmconnection",
                      ETHERNET("x", UUID_B, ""), strlen(ETHERNET("x", UUID_B, "")), 0600);
  world_profile(world, "owned", ETHERNET("x", UUID_A, ""));
  path = fixture_path(world->fixture, PROFILES_DIR "/owned");
  g_assert_cmpint(chown(path, 1000, 0), ==, 0);
  world_read(world);
  assert_why_not(world, "broken", "refuses it: line ");
  assert_why_not(world, "empty", "refuses it");
  assert_why_not(world, "bad-uuid", "connection.uuid");
  assert_why_not(world, "bom", "refuses it: line ");
  g_assert_null(world_find(world, "origin")->why_not);
  g_assert_null(world_find(world, "netplan-eth0.nmconnection")->why_not);
  assert_why_not(world, "open", "mode 0644");
  assert_why_not(world, "run.nmconnection", "/run");
  assert_why_not(world, "lib.nmconnection", "package");
  assert_why_not(world, "owned", "user 1000");
  g_assert_null(world_find(world, "no-ending"));
  g_assert_null(world_find(world, "open")->text);
  g_assert_null(world_find(world, "bad-uuid")->uuid);
  g_assert_cmpstr(world_find(world, "run.nmconnection")->uuid, ==, UUID_B);
}

static void what_networkmanager_makes_by_itself_is_passed_over(void) {
  g_autoptr(World) world = world_new();
  static const char generated[] = ETHERNET("Wired connection 1", UUID_A, "[.nmmeta]\nnm-generated=true\n");
  static const char shadow[] = ETHERNET("x", UUID_B, "[.nmmeta]\nnm-generated=false\n");

  fixture_write_bytes(world->fixture, "/run/NetworkManager/system-connections/lo.nmconnection", generated,
                      strlen(generated), 0600);
  fixture_write_bytes(world->fixture, "/run/NetworkManager/system-connections/shadow.nmconnection", shadow,
                      strlen(shadow), 0600);
  world_profile(world, "kept", generated);
  world_read(world);
  g_assert_null(world_find(world, "lo.nmconnection"));
  g_assert_nonnull(world_find(world, "shadow.nmconnection"));
  g_assert_nonnull(world_find(world, "kept"));
}

static void odd_files_are_reported_and_never_waited_for(void) {
  g_autoptr(World) world = world_new();
  g_autofree char *fifo = NULL;
  g_autofree char *huge = NULL;

  fixture_mkdir(world->fixture, PROFILES_DIR "/directory");
  fifo = fixture_path(world->fixture, PROFILES_DIR "/fifo");
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  world_profile(world, "huge", "");
  huge = fixture_path(world->fixture, PROFILES_DIR "/huge");
  g_assert_cmpint(truncate(huge, (off_t)17 * 1024 * 1024), ==, 0);
  fixture_symlink(world->fixture, PROFILES_DIR "/dangling", "nowhere");
  fixture_symlink(world->fixture, PROFILES_DIR "/loop", "loop");
  world_read(world);
  g_assert_cmpuint(world->profiles->items->len, ==, 2);
  assert_why_not(world, "fifo", "no regular file");
  assert_why_not(world, "huge", "16 MiB");
}

static void links_stay_inside_the_root_and_count_once(void) {
  g_autoptr(World) world = world_new();
  const Profile *profile;

  fixture_write_bytes(world->fixture, "/srv/shared.nmconnection", ETHERNET("x", UUID_A, ""),
                      strlen(ETHERNET("x", UUID_A, "")), 0600);
  fixture_mkdir(world->fixture, PROFILES_DIR);
  fixture_symlink(world->fixture, PROFILES_DIR "/one.nmconnection", "/srv/shared.nmconnection");
  fixture_symlink(world->fixture, PROFILES_DIR "/two.nmconnection", "../../../../../../../srv/shared.nmconnection");
  world_read(world);
  g_assert_cmpuint(world->profiles->items->len, ==, 1);
  profile = g_ptr_array_index(world->profiles->items, 0);
  g_assert_cmpstr(profile->path, ==, "/srv/shared.nmconnection");
  g_assert_null(profile->why_not);
}

static void no_directory_is_no_profile(void) {
  g_autoptr(World) world = world_new();

  world_read(world);
  g_assert_cmpuint(world->profiles->items->len, ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/profiles/of-two-files-with-one-uuid-the-newer-counts", of_two_files_with_one_uuid_the_newer_counts);
  g_test_add_func("/profiles/of-two-files-of-one-time-the-later-name-counts",
                  of_two_files_of_one_time_the_later_name_counts);
  g_test_add_func("/profiles/only-names-that-networkmanager-loads", only_names_that_networkmanager_loads);
  g_test_add_func("/profiles/fields-are-the-values-in-force", fields_are_the_values_in_force);
  g_test_add_func("/profiles/the-card-is-the-one-that-took-its-place", the_card_is_the_one_that_took_its_place);
  g_test_add_func("/profiles/a-profile-bound-to-nothing-means-the-only-card",
                  a_profile_bound_to_nothing_means_the_only_card);
  g_test_add_func("/profiles/says-why-a-profile-is-not-edited", says_why_a_profile_is_not_edited);
  g_test_add_func("/profiles/what-networkmanager-makes-by-itself-is-passed-over",
                  what_networkmanager_makes_by_itself_is_passed_over);
  g_test_add_func("/profiles/odd-files-are-reported-and-never-waited-for", odd_files_are_reported_and_never_waited_for);
  g_test_add_func("/profiles/links-stay-inside-the-root-and-count-once", links_stay_inside_the_root_and_count_once);
  g_test_add_func("/profiles/no-directory-is-no-profile", no_directory_is_no_profile);
  return g_test_run();
}
