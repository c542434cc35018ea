/* address-target.c: the NIC that an address of the policy means, or a refusal that names the candidates. */
#include "plan/address-target.h"

#include "fixture.h"
#include "identity-fixture.h"

#define STATIC "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24\n"
#define STATIC_WITH_GATEWAY "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\n"

static IdentityFixture *machine_with_cards(void) {
  IdentityFixture *machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  return machine;
}

/* Where UUIDs are derived nobody knows which one is the lowest on the clone. */
#define DERIVED "\n[identity]\nconnection-uuid = derive"

/* The target of the one address of the one host: KEY is "address" or "address.NIC", and may have more behind it. */
static gboolean find(IdentityFixture *machine, const char *key, AddressTarget *target, GError **error) {
  const gsize size = strcspn(key, "\n");
  g_autofree char *text =
      g_strdup_printf("[host web-17]\nmatch-uuid = " UUID_TEXT "\n%.*s = 10.0.0.17/24%s\n", (int)size, key, key + size);

  set_policy(machine, text);
  return address_target_find(&machine->context, &machine->policy.hosts[0], &machine->policy.hosts[0].addresses.items[0],
                             target, error);
}

static void assert_found(IdentityFixture *machine, const char *key, const Profile *profile, const char *nic) {
  g_autoptr(GError) error = NULL;
  AddressTarget target = {0};
  gboolean found = find(machine, key, &target, &error);

  g_assert_no_error(error);
  g_assert_true(found);
  g_assert_true(target.profile == profile);
  g_assert_cmpstr(target.nic == NULL ? NULL : target.nic->name, ==, nic);
}

static void assert_refused(IdentityFixture *machine, const char *key, const char *first, const char *second) {
  g_autoptr(GError) error = NULL;
  AddressTarget target;

  g_assert_false(find(machine, key, &target, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_POLICY);
  if (strstr(error->message, first) == NULL || strstr(error->message, second) == NULL)
    g_error("\"%s\" does not say \"%s\" and \"%s\"", error->message, first, second);
  g_assert_nonnull(strstr(error->message, "/etc/reset-identity/policy.ini:3: host web-17"));
}

static void the_only_profile_carries_the_default_route(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens4", "");

  assert_found(machine, "address", lan, "ens4");
}

static void else_the_one_with_a_gateway(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan;

  add_ethernet(machine, "storage", "ens3", STATIC);
  lan = add_ethernet(machine, "lan", "ens4", STATIC_WITH_GATEWAY);
  assert_found(machine, "address", lan, "ens4");
}

static void else_the_one_with_a_gateway_of_the_other_family(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan;

  add_ethernet(machine, "storage", "ens3", STATIC);
  lan = add_ethernet(machine, "lan", "ens4", "[ipv6]\naddress1=2001:db8::5/64\ngateway=2001:db8::1\n");
  assert_found(machine, "address", lan, "ens4");
}

static void ambiguous_is_refused_with_the_candidates(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "one", "ens3", STATIC);
  add_ethernet(machine, "two", "ens4", STATIC);
  assert_refused(machine, "address", "one (" PROFILES_DIR "/one.nmconnection, ens3)",
                 "two (" PROFILES_DIR "/two.nmconnection, ens4)");
  policy_clear(&machine->policy);
  g_clear_pointer(&machine->file.text, g_free);
  assert_refused(machine, "address", "write address.NIC", "10.0.0.17/24");
}

static void profiles_that_do_not_connect_are_passed_over(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");

  add_ethernet(machine, "spare", "ens4", "[connection]\nautoconnect=false\n" STATIC_WITH_GATEWAY);
  assert_found(machine, "address", lan, "ens3");
}

static void profiles_of_absent_cards_are_passed_over(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");

  add_ethernet(machine, "gone", "ens192", STATIC_WITH_GATEWAY);
  assert_found(machine, "address", lan, "ens3");
}

static void ports_carry_nothing_their_bond_does(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *bond;

  add_ethernet(machine, "port1", "ens3", "[connection]\ncontroller=bond0\nport-type=bond\n");
  add_ethernet(machine, "port2", "ens4", "[connection]\ncontroller=bond0\nport-type=bond\n");
  bond = add_profile(machine, "bond", "[connection]\nid=bond\ntype=bond\ninterface-name=bond0\n");
  assert_found(machine, "address", bond, NULL);
}

static void a_port_by_name_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "port1", "ens3", "[connection]\ncontroller=bond0\nport-type=bond\n");
  add_profile(machine, "bond", "[connection]\nid=bond\ntype=bond\ninterface-name=bond0\n");
  assert_refused(machine, "address.ens3", "ens3 is a port", "name that device");
}

static void a_vlan_with_the_gateway_beats_its_disabled_parent(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *vlan;

  add_ethernet(machine, "parent", "ens3", "[ipv4]\nmethod=disabled\n");
  vlan = add_profile(machine, "vlan", "[connection]\nid=vlan\ntype=vlan\ninterface-name=ens3.7\n" STATIC);
  assert_found(machine, "address", vlan, NULL);
}

static void a_profile_that_is_never_the_default_is_passed_over(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");

  add_ethernet(machine, "storage", "ens4", STATIC "never-default=true\n");
  assert_found(machine, "address", lan, "ens3");
}

static void a_tunnel_is_meant_only_by_its_name(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");
  const Profile *tunnel = add_profile(machine, "wg", "[connection]\nid=wg\ntype=wireguard\ninterface-name=wg0\n");

  assert_found(machine, "address", lan, "ens3");
  policy_clear(&machine->policy);
  g_clear_pointer(&machine->file.text, g_free);
  assert_found(machine, "address.wg0", tunnel, NULL);
}

static void two_profiles_of_the_card_the_one_that_would_come_up(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan;

  add_ethernet(machine, "dhcp", "ens3", "");
  lan = add_ethernet(machine, "lan", "ens3", "[connection]\nautoconnect-priority=10\n");
  assert_found(machine, "address", lan, "ens3");
}

static void a_name_a_glob_and_a_mac_find_the_profile(void) {
  static const char *const keys[] = {"address.ens4", "address.*4", "address.52:54:00:00:00:02"};

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autoptr(IdentityFixture) machine = machine_with_cards();
    const Profile *two;

    add_ethernet(machine, "one", "ens3", STATIC);
    two = add_ethernet(machine, "two", "ens4", STATIC);
    assert_found(machine, keys[i], two, "ens4");
  }
}

static void a_glob_over_two_cards_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "one", "ens3", STATIC);
  add_ethernet(machine, "two", "ens4", "");
  assert_refused(machine, "address.ens*", "one (", "two (");
}

static void a_card_without_a_profile_gets_one(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "one", "ens3", STATIC);
  assert_found(machine, "address.ens4", NULL, "ens4");
}

static void the_only_card_without_any_profile_gets_one(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  assert_found(machine, "address", NULL, "ens3");
}

static void several_cards_without_profiles_are_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  assert_refused(machine, "address", "ens3 (52:54:00:00:00:01)", "ens4 (52:54:00:00:00:02)");
}

static void no_card_at_all_is_refused(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  assert_refused(machine, "address", "neither a profile", "nor a NIC");
}

static void an_unknown_nic_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  assert_refused(machine, "address.ens9", "ens9", "no profile and no NIC");
}

static void the_unbound_profile_is_the_only_cards(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  const Profile *wired;

  add_card(machine, "ens3", "52:54:00:00:00:01");
  wired = add_ethernet(machine, "wired", NULL, "");
  assert_found(machine, "address.ens3", wired, "ens3");
}

static void a_profile_that_something_else_renders_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "netplan", "ens3", "")->why_not = g_strdup("netplan renders it");
  assert_refused(machine, "address", "netplan renders it", "set the address where");
  policy_clear(&machine->policy);
  g_clear_pointer(&machine->file.text, g_free);
  assert_refused(machine, "address.ens3", "netplan renders it", "set the address where");
}

static void forget_policy(IdentityFixture *machine) {
  policy_clear(&machine->policy);
  g_clear_pointer(&machine->file.text, g_free);
}

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

#define TEST(name, function) g_test_add_func("/address-target/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("the-only-profile-carries-the-default-route", the_only_profile_carries_the_default_route);
  TEST("else-the-one-with-a-gateway", else_the_one_with_a_gateway);
  TEST("else-the-one-with-a-gateway-of-the-other-family", else_the_one_with_a_gateway_of_the_other_family);
  TEST("ambiguous-is-refused-with-the-candidates", ambiguous_is_refused_with_the_candidates);
  TEST("profiles-that-do-not-connect-are-passed-over", profiles_that_do_not_connect_are_passed_over);
  TEST("profiles-of-absent-cards-are-passed-over", profiles_of_absent_cards_are_passed_over);
  TEST("ports-carry-nothing-their-bond-does", ports_carry_nothing_their_bond_does);
  TEST("a-port-by-name-is-refused", a_port_by_name_is_refused);
  TEST("a-vlan-with-the-gateway-beats-its-disabled-parent", a_vlan_with_the_gateway_beats_its_disabled_parent);
  TEST("a-profile-that-is-never-the-default-is-passed-over", a_profile_that_is_never_the_default_is_passed_over);
  TEST("a-tunnel-is-meant-only-by-its-name", a_tunnel_is_meant_only_by_its_name);
  TEST("two-profiles-of-the-card-the-one-that-would-come-up", two_profiles_of_the_card_the_one_that_would_come_up);
  TEST("a-name-a-glob-and-a-mac-find-the-profile", a_name_a_glob_and_a_mac_find_the_profile);
  TEST("a-glob-over-two-cards-is-refused", a_glob_over_two_cards_is_refused);
  TEST("a-card-without-a-profile-gets-one", a_card_without_a_profile_gets_one);
  TEST("the-only-card-without-any-profile-gets-one", the_only_card_without_any_profile_gets_one);
  TEST("several-cards-without-profiles-are-refused", several_cards_without_profiles_are_refused);
  TEST("no-card-at-all-is-refused", no_card_at_all_is_refused);
  TEST("an-unknown-nic-is-refused", an_unknown_nic_is_refused);
  TEST("the-unbound-profile-is-the-only-cards", the_unbound_profile_is_the_only_cards);
  TEST("a-profile-that-something-else-renders-is-refused", a_profile_that_something_else_renders_is_refused);
  TEST("of-two-files-with-one-uuid-the-newer-one-counts", of_two_files_with_one_uuid_the_newer_one_counts);
  TEST("what-was-up-last-comes-up-again", what_was_up_last_comes_up_again);
  TEST("the-lowest-uuid-decides-where-all-are-drawn", the_lowest_uuid_decides_where_all_are_drawn);
  TEST("a-uuid-that-stays-decides", a_uuid_that_stays_decides);
  TEST("a-profile-is-found-by-what-it-matches", a_profile_is_found_by_what_it_matches);
  TEST("one-profile-of-any-nic-is-the-default-routes-and-no-nics-own",
       one_profile_of_any_nic_is_the_default_routes_and_no_nics_own);
  TEST("a-profile-of-all-nics-at-once-takes-no-address", a_profile_of_all_nics_at_once_takes_no_address);
  TEST("what-networkmanager-leaves-alone-gets-no-new-profile", what_networkmanager_leaves_alone_gets_no_new_profile);
  TEST("a-nic-that-is-not-here-is-meant-only-by-its-name", a_nic_that_is_not_here_is_meant_only_by_its_name);
  TEST("the-priority-that-a-refusal-names-is-high-enough", the_priority_that_a_refusal_names_is_high_enough);
  TEST("the-nic-of-a-bond-is-no-port-where-another-profile-comes-up",
       the_nic_of_a_bond_is_no_port_where_another_profile_comes_up);
  TEST("the-advice-leads-to-no-other-refusal", the_advice_leads_to_no_other_refusal);
  TEST("one-that-cannot-be-beaten-is-named-at-once", one_that_cannot_be_beaten_is_named_at_once);
  return g_test_run();
}
