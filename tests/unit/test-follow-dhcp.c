/* agent/plan/profile-follow.c: a clone does not tell DHCP servers that it is the template. */
#include "profile-world.h"

#define HEAD "[connection]\nid=x\nuuid=7e570001-5a1e-4c0f-9d3b-00000000000a\ntype=ethernet\n"
#define HEAD_AFTER "[connection]\nid=x\nuuid=c10e0000-5a1e-4c0f-9d3b-00000000000a\ntype=ethernet\n"

static World *planned(const char *rest) {
  World *world = world_new();
  g_autofree char *text = g_strconcat(HEAD, rest, NULL);

  world_card(world, "eth0", "00:50:56:aa:00:01", "eth0", "52:54:00:cc:00:01");
  world_profile(world, "x", text);
  world_plan(world);
  return world;
}

static void assert_becomes(const char *rest, const char *new_rest) {
  g_autoptr(World) world = planned(rest);
  g_autofree char *expected = g_strconcat(HEAD_AFTER, new_rest, NULL);

  world_assert_quiet(world);
  world_assert_after(world, "x", expected);
}

static void the_name_follows(void) {
  assert_becomes(
      "[ipv4]\nmethod=auto\ndhcp-hostname=golden\n[ipv6]\nmethod=auto\ndhcp-hostname=GOLDEN.example.org\n",
      "[ipv4]\nmethod=auto\ndhcp-hostname=clone-7\n[ipv6]\nmethod=auto\ndhcp-hostname=clone-7.example.org\n");
  assert_becomes("[ipv4]\nmethod=auto\ndhcp-fqdn=golden.example.org\n",
                 "[ipv4]\nmethod=auto\ndhcp-fqdn=clone-7.example.org\n");
  assert_becomes("[ipv4]\nmethod=auto\ndhcp-hostname=printer\n", "[ipv4]\nmethod=auto\ndhcp-hostname=printer\n");
}

static void ids_with_the_cards_address_follow(void) {
  assert_becomes("[ipv4]\nmethod=auto\ndhcp-client-id=01:00:50:56:AA:00:01\n",
                 "[ipv4]\nmethod=auto\ndhcp-client-id=01:52:54:00:CC:00:01\n");
  assert_becomes("[ipv6]\nmethod=auto\ndhcp-duid=00:03:00:01:00:50:56:aa:00:01\n",
                 "[ipv6]\nmethod=auto\ndhcp-duid=00:03:00:01:52:54:00:cc:00:01\n");
  assert_becomes("[ipv4]\nmethod=auto\ndhcp-client-id=golden\n", "[ipv4]\nmethod=auto\ndhcp-client-id=clone-7\n");
}

static void ids_that_networkmanager_makes_stay(void) {
  static const char *const words[] = {"mac", "perm-mac", "duid", "ipv6-duid", "stable", "none"};

  for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
    g_autofree char *rest = g_strdup_printf("[ipv4]\nmethod=auto\ndhcp-client-id=%s\n", words[i]);

    assert_becomes(rest, rest);
  }
  assert_becomes("[ipv6]\nmethod=auto\ndhcp-duid=stable-uuid\n", "[ipv6]\nmethod=auto\ndhcp-duid=stable-uuid\n");
}

static void a_fixed_id_is_a_warning(void) {
  g_autoptr(World) world = planned("[ipv4]\nmethod=auto\ndhcp-client-id=rack7-slot3\n");

  world_assert_after(world, "x", HEAD_AFTER "[ipv4]\nmethod=auto\ndhcp-client-id=rack7-slot3\n");
  g_assert_true(world_warns(world, "/x:7: ipv4.dhcp-client-id = rack7-slot3 is a fixed identity"));
}

static void a_kept_name_stays(void) {
  g_autoptr(World) world = world_new();

  world_profile(world, "x", HEAD "[ipv4]\nmethod=auto\ndhcp-hostname=golden\n");
  world_read(world);
  world->identity->hostname = world->identity->old_hostname;
  world_plan(world);
  world_assert_after(world, "x", HEAD_AFTER "[ipv4]\nmethod=auto\ndhcp-hostname=golden\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/follow-dhcp/the-name-follows", the_name_follows);
  g_test_add_func("/follow-dhcp/ids-with-the-cards-address-follow", ids_with_the_cards_address_follow);
  g_test_add_func("/follow-dhcp/ids-that-networkmanager-makes-stay", ids_that_networkmanager_makes_stay);
  g_test_add_func("/follow-dhcp/a-fixed-id-is-a-warning", a_fixed_id_is_a_warning);
  g_test_add_func("/follow-dhcp/a-kept-name-stays", a_kept_name_stays);
  return g_test_run();
}
