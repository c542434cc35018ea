/* agent/plan/profile-follow.c: bindings to a NIC follow to the NIC that took its place. */
#include "profile-world.h"

#define HEAD "[connection]\nid=x\nuuid=7e570001-5a1e-4c0f-9d3b-00000000000a\n"

/* A settled machine whose two cards were replaced: only rebinding happens. */
static World *rewired(void) {
  World *world = world_new();

  world->context.verdict = VERDICT_REWIRED;
  world_card(world, "eth0", "00:50:56:aa:00:01", "ens3", "52:54:00:cc:00:01");
  world_card(world, "eth1", "00:50:56:aa:00:02", "ens4", "52:54:00:cc:00:02");
  return world;
}

static void assert_becomes(const char *rest, const char *new_rest) {
  g_autoptr(World) world = rewired();
  g_autofree char *text = g_strconcat(HEAD, rest, NULL);
  g_autofree char *expected = g_strconcat(HEAD, new_rest, NULL);

  world_profile(world, "x", text);
  world_plan(world);
  world_assert_quiet(world);
  world_assert_after(world, "x", expected);
}

static void addresses_follow_in_their_notation(void) {
  assert_becomes("type=ethernet\n[ethernet]\nmac-address=00:50:56:AA:00:01\ncloned-mac-address=00-50-56-aa-00-02\n",
                 "type=ethernet\n[ethernet]\nmac-address=52:54:00:CC:00:01\ncloned-mac-address=52-54-00-cc-00-02\n");
  assert_becomes("type=ethernet\n[802-3-ethernet]\nmac-address = 0;80;86;170;0;1;\ncloned-mac-address=stable\n",
                 "type=ethernet\n[802-3-ethernet]\nmac-address = 52:54:00:cc:00:01\ncloned-mac-address=stable\n");
  assert_becomes("type=bridge\ninterface-name=br0\n[bridge]\nmac-address=00:50:56:aa:00:01\n",
                 "type=bridge\ninterface-name=br0\n[bridge]\nmac-address=52:54:00:cc:00:01\n");
  assert_becomes("type=ethernet\n[ethernet]\nmac-address-blacklist=00:50:56:AA:00:02;02:00:00:00:00:01;\n",
                 "type=ethernet\n[ethernet]\nmac-address-blacklist=52:54:00:CC:00:02;02:00:00:00:00:01;\n");
  assert_becomes("type=wifi\n[wifi]\nssid=x\nmac-address-denylist=00-50-56-AA-00-02\n",
                 "type=wifi\n[wifi]\nssid=x\nmac-address-denylist=52-54-00-CC-00-02\n");
}

static void names_follow_wherever_networkmanager_reads_one(void) {
  assert_becomes("type=ethernet\ninterface-name=eth0\n", "type=ethernet\ninterface-name=ens3\n");
  assert_becomes("type=vlan\n[vlan]\nid=5\ninterface-name=eth0.5\nparent=eth0\n",
                 "type=vlan\n[vlan]\nid=5\ninterface-name=eth0.5\nparent=ens3\n");
  assert_becomes("type=bond\ninterface-name=bond0\n[bond]\nmode=1\nmiimon=100\nprimary=eth1\n",
                 "type=bond\ninterface-name=bond0\n[bond]\nmode=1\nmiimon=100\nprimary=ens4\n");
  assert_becomes("type=ethernet\n[match]\ninterface-name=!eth1;eth0;eth*;eth01;\n",
                 "type=ethernet\n[match]\ninterface-name=!ens4;ens3;eth*;eth01;\n");
  assert_becomes("type=ethernet\n[ipv4]\nmethod=auto\nrouting-rule1=priority 5 from 0.0.0.0/0 iif eth0 table 7\n",
                 "type=ethernet\n[ipv4]\nmethod=auto\nrouting-rule1=priority 5 from 0.0.0.0/0 iif ens3 table 7\n");
  assert_becomes("type=infiniband\ninterface-name=eth0.8003\n[infiniband]\np-key=32771\nparent=eth0\n"
                 "transport-mode=datagram\n",
                 "type=infiniband\ninterface-name=ens3.8003\n[infiniband]\np-key=32771\nparent=ens3\n"
                 "transport-mode=datagram\n");
}

static void a_group_that_is_not_read_follows_too(void) {
  assert_becomes("type=ethernet\n[ethernet]\nmac-address=00:50:56:AA:00:01\n[802-3-ethernet]\nmtu=1400\n",
                 "type=ethernet\n[ethernet]\nmac-address=52:54:00:CC:00:01\n[802-3-ethernet]\nmtu=1400\n");
}

static void swapped_names_are_not_chained(void) {
  g_autoptr(World) world = world_new();

  world->context.verdict = VERDICT_REWIRED;
  world_card(world, "eth0", "00:50:56:aa:00:01", "eth1", "52:54:00:cc:00:01");
  world_card(world, "eth1", "00:50:56:aa:00:02", "eth0", "52:54:00:cc:00:02");
  world_profile(world, "x", HEAD "type=ethernet\ninterface-name=eth0\n[match]\ninterface-name=eth0;eth1;\n");
  world_plan(world);
  world_assert_after(world, "x", HEAD "type=ethernet\ninterface-name=eth1\n[match]\ninterface-name=eth1;eth0;\n");
}

static void the_same_cards_change_nothing(void) {
  g_autoptr(World) world = world_new();

  world->context.verdict = VERDICT_REWIRED;
  world_card(world, "eth0", "00:50:56:aa:00:01", "eth0", "00:50:56:aa:00:01");
  world_profile(world, "x", HEAD "type=ethernet\ninterface-name=eth0\n[ethernet]\nmac-address=00:50:56:AA:00:01\n");
  world_plan(world);
  g_assert_cmpuint(world->plan->edits->len, ==, 0);
  world_assert_quiet(world);
}

static void what_cannot_follow_is_said(void) {
  g_autoptr(World) world = world_new();

  world_card(world, "eth0", "00:50:56:aa:00:01", "ens3", "52:54:00:cc:00:01");
  /* Gone, and of two others nobody can say which one it is. */
  world_card(world, "eth1", "00:50:56:aa:00:02", NULL, NULL);
  world_card(world, NULL, NULL, "ens7", "52:54:00:cc:00:07");
  world_card(world, NULL, NULL, "ens8", "52:54:00:cc:00:08");
  world_profile(world, "gone-mac", HEAD "type=ethernet\n[ethernet]\nmac-address=00:50:56:aa:00:02\n");
  world_profile(world, "gone-name", HEAD "type=ethernet\ninterface-name=eth1\n");
  world_profile(world, "stranger", HEAD "type=ethernet\n[ethernet]\nmac-address=02:00:00:00:00:09\n");
  world_profile(world, "spoofed", HEAD "type=ethernet\n[ethernet]\ncloned-mac-address=02:00:00:00:00:08\n");
  world_profile(world, "present", HEAD "type=ethernet\n[ethernet]\nmac-address=52:54:00:cc:00:01\n");
  world_plan(world);
  g_assert_true(world_warns(
      world, "/gone-mac:6: the MAC address 00:50:56:aa:00:02 is mentioned here (ethernet.mac-address), and which"));
  g_assert_true(
      world_warns(world, "/gone-name:5: the NIC name eth1 is mentioned here (connection.interface-name), and which"));
  g_assert_true(world_warns(world, "/stranger: ethernet.mac-address = 02:00:00:00:00:09 is no NIC of"));
  g_assert_true(world_warns(world, "/spoofed: ethernet.cloned-mac-address = 02:00:00:00:00:08 is no NIC's own"));
  g_assert_false(world_warns(world, "/present"));
}

static void a_nic_that_is_absent_is_said_to_be(void) {
  g_autoptr(World) world = world_new();

  world_card(world, "eth0", "00:50:56:aa:00:01", "ens3", "52:54:00:cc:00:01");
  world_card(world, "eth1", "00:50:56:aa:00:02", NULL, NULL);
  world_profile(world, "gone-mac", HEAD "type=ethernet\n[ethernet]\nmac-address=00:50:56:aa:00:02\n");
  world_profile(world, "gone-name", HEAD "type=ethernet\ninterface-name=eth1\n");
  world_plan(world);
  g_assert_true(world_warns(world, "/gone-mac:6: the MAC address 00:50:56:aa:00:02 is mentioned here "
                                   "(ethernet.mac-address), and this machine has no NIC in the place of that one; "));
  g_assert_true(world_warns(world, "/gone-name:5: the NIC name eth1 is mentioned here (connection.interface-name), and "
                                   "this machine has no NIC in the place of that one; "));
}

static void the_reason_says_what_becomes_what(void) {
  g_autoptr(World) world = rewired();

  world_profile(world, "x", HEAD "type=ethernet\ninterface-name=eth0\n");
  world_plan(world);
  g_assert_cmpstr(world_edit(world, "x")->why, ==, "connection.interface-name eth0 becomes ens3");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/follow-nics/addresses-follow-in-their-notation", addresses_follow_in_their_notation);
  g_test_add_func("/follow-nics/names-follow-wherever-networkmanager-reads-one",
                  names_follow_wherever_networkmanager_reads_one);
  g_test_add_func("/follow-nics/a-group-that-is-not-read-follows-too", a_group_that_is_not_read_follows_too);
  g_test_add_func("/follow-nics/swapped-names-are-not-chained", swapped_names_are_not_chained);
  g_test_add_func("/follow-nics/the-same-cards-change-nothing", the_same_cards_change_nothing);
  g_test_add_func("/follow-nics/what-cannot-follow-is-said", what_cannot_follow_is_said);
  g_test_add_func("/follow-nics/a-nic-that-is-absent-is-said-to-be", a_nic_that_is_absent_is_said_to_be);
  g_test_add_func("/follow-nics/the-reason-says-what-becomes-what", the_reason_says_what_becomes_what);
  return g_test_run();
}
