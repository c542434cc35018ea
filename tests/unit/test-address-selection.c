/* address-target.c: of several profiles that fit a NIC the address goes to the one that comes up there. */

#include "address-target-fixture.h"

static void of_two_files_with_one_uuid_the_newer_one_counts(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const char *text = "[connection]\nid=lan\nuuid=11111111-2222-4333-8444-555555555555\ntype=802-3-ethernet\n"
                     "interface-name=ens3\n";
  Profile *lan;

  add_profile(machine, "lan.bak", text)->changed.tv_sec = 10;
  lan = add_profile(machine, "lan", text);
  lan->changed.tv_sec = 20;
  assert_found(machine, "address", lan, "ens3");
}

static void what_was_up_last_comes_up_again(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  g_autoptr(SelectionWorld) world = selection_world_new();
  const Profile *second;

  machine->context.selection_world = world;
  add_ethernet(machine, "first", "ens3", STATIC_WITH_GATEWAY);
  second = add_ethernet(machine, "second", "ens3", "");
  assert_refused(machine, "address.ens3" DERIVED, "which of several profiles comes up on ens3",
                 "give the one meant a higher autoconnect-priority");
  forget_policy(machine);
  g_key_file_set_value(world->timestamps, "timestamps", second->uuid, "1700000000");
  assert_found(machine, "address.ens3", second, "ens3");
  forget_policy(machine);
  assert_found(machine, "address", second, "ens3");
}

static void what_somebody_activated_is_named(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  g_autoptr(SelectionWorld) world = selection_world_new();
  const Profile *by_hand;

  machine->context.selection_world = world;
  add_ethernet(machine, "first", "ens3", "[connection]\nautoconnect=false\n");
  by_hand = add_ethernet(machine, "second", "ens3", "[connection]\nautoconnect=false\n");
  g_autofree char *said = g_strconcat(by_hand->path, " was up there last, by hand", NULL);
  g_key_file_set_value(world->timestamps, "timestamps", by_hand->uuid, "1700000000");
  assert_refused(machine, "address.ens3", "which of several profiles comes up on ens3", said);
}

/* New ones are drawn in the order of the old ones. */
static void the_lowest_uuid_decides_where_all_are_drawn(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *first = add_ethernet(machine, "first", "ens3", "");
  const Profile *second = add_ethernet(machine, "second", "ens3", "");

  assert_found(machine, "address.ens3", strcmp(first->uuid, second->uuid) < 0 ? first : second, "ens3");
  forget_policy(machine);
  add_ethernet(machine, "vendor", "ens3", "")->why_not = g_strdup("a package's");
  assert_refused(machine, "address.ens3", "which of several profiles comes up on ens3", "autoconnect-priority");
}

static void a_uuid_that_stays_decides(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *first = add_ethernet(machine, "first", "ens3", "");
  const Profile *second = add_ethernet(machine, "second", "ens3", "");
  const Profile *lower = strcmp(first->uuid, second->uuid) < 0 ? first : second;
  g_autoptr(GError) error = NULL;
  AddressTarget target = {0};

  set_policy(machine, "[identity]\nconnection-uuid = keep\n[host web-17]\nmatch-uuid = " UUID_TEXT
                      "\naddress.ens3 = 10.0.0.17/24\n");
  g_assert_true(address_target_find(&machine->context, &machine->policy.hosts[0],
                                    &machine->policy.hosts[0].addresses.items[0], &target, &error));
  g_assert_no_error(error);
  g_assert_true(target.profile == lower);
}

static void a_profile_is_found_by_what_it_matches(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan;

  add_ethernet(machine, "storage", "ens3", STATIC);
  lan = add_ethernet(machine, "lan", NULL, "[match]\ninterface-name=!ens3;\n" STATIC_WITH_GATEWAY);
  assert_found(machine, "address.ens4", lan, "ens4");
  forget_policy(machine);
  assert_found(machine, "address", lan, "ens4");
}

static void one_profile_of_any_nic_is_the_default_routes_and_no_nics_own(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *wired = add_ethernet(machine, "wired", NULL, "");

  assert_found(machine, "address", wired, NULL);
  forget_policy(machine);
  assert_found(machine, "address.ens4", NULL, "ens4");
}

static void a_profile_of_all_nics_at_once_takes_no_address(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "wired", NULL, "[connection]\nmulti-connect=3\n");
  assert_refused(machine, "address", "ambiguous: wired (", "write address.NIC for the one meant");
  forget_policy(machine);
  assert_found(machine, "address.ens4", NULL, "ens4");
}

static void what_networkmanager_leaves_alone_gets_no_new_profile(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  g_autoptr(Fixture) tree = fixture_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(SelectionWorld) world = NULL;
  const Profile *lan = add_ethernet(machine, "lan", "ens4", "");
  AddressTarget target = {0};

  fixture_write(tree, "/etc/NetworkManager/conf.d/x.conf", "[keyfile]\nunmanaged-devices=*\n");
  world = selection_world_read(&tree->root, NULL, NULL, &machine->facts.nics, &error);
  g_assert_no_error(error);
  machine->context.selection_world = world;
  assert_refused(machine, "address.ens3", "told to leave ens3 alone", "unmanaged-devices");
  forget_policy(machine);
  g_assert_true(find(machine, "address.ens4", &target, &error));
  g_assert_true(target.profile == lan && target.is_left_alone);
}

static void a_nic_that_is_not_here_is_meant_only_by_its_name(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *gone = add_ethernet(machine, "gone", "ens192", STATIC_WITH_GATEWAY);
  g_autoptr(GError) error = NULL;
  AddressTarget target = {0};

  g_assert_true(find(machine, "address.ens192", &target, &error));
  g_assert_true(target.profile == gone && target.is_absent);
  forget_policy(machine);
  assert_refused(machine, "address", "there is no profile, and several NICs", "address.NIC");
}

static void profiles_bound_to_other_macs_are_named(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "lan", NULL, "[ethernet]\nmac-address=52:54:00:aa:bb:01\n");
  add_ethernet(machine, "wan", NULL, "[ethernet]\nmac-address=52:54:00:aa:bb:02\n");
  assert_refused(machine, "address", "/lan.nmconnection, 52:54:00:aa:bb:01), wan (", "an interface-name in place of");
  forget_policy(machine);
  assert_refused(machine, "address", "/wan.nmconnection, 52:54:00:aa:bb:02); ", "write address.MAC for the NIC meant");
  forget_policy(machine);
  assert_found(machine, "address.52:54:00:00:00:02", NULL, "ens4");
}

static void the_priority_that_a_refusal_names_is_high_enough(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *own;

  add_ethernet(machine, "vendor", "ens3", "[connection]\nautoconnect-priority=6\n")->why_not = g_strdup("a package's");
  add_ethernet(machine, "low", "ens3", "");
  assert_refused(machine, "address.ens3", "vendor (", "with autoconnect-priority=7");
  forget_policy(machine);
  own = add_ethernet(machine, "own", "ens3", "[connection]\nautoconnect-priority=7\n");
  assert_found(machine, "address.ens3", own, "ens3");
}

static void the_nic_of_a_bond_is_no_port_where_another_profile_comes_up(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "[connection]\nautoconnect-priority=1\n");

  add_ethernet(machine, "port1", "ens3", "[connection]\ncontroller=bond0\nport-type=bond\n");
  assert_found(machine, "address.ens3", lan, "ens3");
}

static void add_some_profile(IdentityFixture *machine, guint number) {
  static const char *const extras[] = {"",
                                       "[connection]\nautoconnect=false\n",
                                       "[connection]\nautoconnect-priority=1\n",
                                       "[connection]\nmulti-connect=3\n",
                                       "[match]\ninterface-name=ens4;\n",
                                       STATIC,
                                       STATIC_WITH_GATEWAY,
                                       "[connection]\ncontroller=bond0\nport-type=bond\n"};
  static const char *const nics[] = {NULL, "ens3", "ens4", "ens192"};
  g_autofree char *name = g_strdup_printf("p%u", number);
  Profile *profile =
      add_ethernet(machine, name, nics[g_test_rand_int_range(0, 4)], extras[g_test_rand_int_range(0, 8)]);

  if (g_test_rand_int_range(0, 6) == 0)
    profile->why_not = g_strdup("it is rendered");
}

/* A NIC gets a profile of its own beside one that is up on several, unless that one cannot be beaten. */
static void one_that_cannot_be_beaten_is_named_at_once(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "wired", NULL, "[connection]\nmulti-connect=3\nautoconnect-priority=999\n");
  assert_refused(machine, "address", "write address.NIC for the one meant, and lower the autoconnect-priority of",
                 "wired.nmconnection");
}

/* Whoever writes address.NIC as the refusal says gets no other one. */
static void the_advice_leads_to_no_other_refusal(void) {
  guint advised = 0;

  for (guint round = 0; round < fixture_rounds(2000); round++) {
    g_autoptr(IdentityFixture) machine = machine_with_cards();
    g_autoptr(GError) error = NULL;
    AddressTarget target = {0};

    for (gint i = g_test_rand_int_range(0, 5); i > 0; i--)
      add_some_profile(machine, (guint)i);
    if (find(machine, "address", &target, &error) || strstr(error->message, "write address.NIC") == NULL ||
        strstr(error->message, "and where it has several") != NULL)
      continue;
    for (gsize i = 0; i < machine->facts.nics.count; i++) {
      const char *name = machine->nics[i].name;
      g_autofree char *key = g_strconcat("address.", name, NULL);
      g_autoptr(GError) other = NULL;

      if (strstr(error->message, name) == NULL)
        continue;
      forget_policy(machine);
      if (!find(machine, key, &target, &other))
        g_error("\"%s\" leads to \"%s\"", error->message, other->message);
      advised++;
    }
  }
  g_assert_cmpuint(advised, >, 10);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/address-selection/of-two-files-with-one-uuid-the-newer-one-counts",
                  of_two_files_with_one_uuid_the_newer_one_counts);
  g_test_add_func("/address-selection/what-was-up-last-comes-up-again", what_was_up_last_comes_up_again);
  g_test_add_func("/address-selection/what-somebody-activated-is-named", what_somebody_activated_is_named);
  g_test_add_func("/address-selection/the-lowest-uuid-decides-where-all-are-drawn",
                  the_lowest_uuid_decides_where_all_are_drawn);
  g_test_add_func("/address-selection/a-uuid-that-stays-decides", a_uuid_that_stays_decides);
  g_test_add_func("/address-selection/a-profile-is-found-by-what-it-matches", a_profile_is_found_by_what_it_matches);
  g_test_add_func("/address-selection/one-profile-of-any-nic-is-the-default-routes-and-no-nics-own",
                  one_profile_of_any_nic_is_the_default_routes_and_no_nics_own);
  g_test_add_func("/address-selection/a-profile-of-all-nics-at-once-takes-no-address",
                  a_profile_of_all_nics_at_once_takes_no_address);
  g_test_add_func("/address-selection/what-networkmanager-leaves-alone-gets-no-new-profile",
                  what_networkmanager_leaves_alone_gets_no_new_profile);
  g_test_add_func("/address-selection/a-nic-that-is-not-here-is-meant-only-by-its-name",
                  a_nic_that_is_not_here_is_meant_only_by_its_name);
  g_test_add_func("/address-selection/profiles-bound-to-other-macs-are-named", profiles_bound_to_other_macs_are_named);
  g_test_add_func("/address-selection/the-priority-that-a-refusal-names-is-high-enough",
                  the_priority_that_a_refusal_names_is_high_enough);
  g_test_add_func("/address-selection/the-nic-of-a-bond-is-no-port-where-another-profile-comes-up",
                  the_nic_of_a_bond_is_no_port_where_another_profile_comes_up);
  g_test_add_func("/address-selection/the-advice-leads-to-no-other-refusal", the_advice_leads_to_no_other_refusal);
  g_test_add_func("/address-selection/one-that-cannot-be-beaten-is-named-at-once",
                  one_that_cannot_be_beaten_is_named_at_once);
  return g_test_run();
}
