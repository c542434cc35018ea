/* identity.c: name, machine-id and connection UUIDs by policy, drawn once. */
#include "identity-fixture.h"

#define MAC "52:54:00:5f:3a:1c"

static Identity *choose(IdentityFixture *machine) {
  g_autoptr(GError) error = NULL;
  Identity *identity = identity_choose(&machine->context, machine->plan, &error);

  g_assert_no_error(error);
  g_assert_nonnull(identity);
  return identity;
}

static void assert_refused(IdentityFixture *machine, const char *said) {
  g_autoptr(GError) error = NULL;

  g_assert_null(identity_choose(&machine->context, machine->plan, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_POLICY);
  if (strstr(error->message, said) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, said);
}

static void assert_hostname(IdentityFixture *machine, const char *expected) {
  g_autoptr(Identity) identity = choose(machine);

  g_assert_cmpstr(identity->hostname, ==, expected);
}

static void the_default_name_is_the_templates_and_the_mac(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", MAC);
  assert_hostname(machine, "golden-5f3a1c");
}

static void the_default_name_keeps_the_domain(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", MAC);
  g_strlcpy(machine->facts.hostname, "golden.example.org", sizeof machine->facts.hostname);
  assert_hostname(machine, "golden-5f3a1c.example.org");
}

static void a_clone_of_a_clone_is_named_by_the_first_template(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;

  add_card(machine, "ens3", MAC);
  g_strlcpy(machine->facts.hostname, "golden-000001", sizeof machine->facts.hostname);
  g_strlcpy(machine->record.template_name, "golden", sizeof machine->record.template_name);
  machine->context.record = &machine->record;
  identity = choose(machine);
  g_assert_cmpstr(identity->hostname, ==, "golden-5f3a1c");
  g_assert_cmpstr(identity->template_name, ==, "golden");
  g_assert_cmpstr(identity->old_hostname, ==, "golden-000001");
}

static void a_nameless_template_is_localhost(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", MAC);
  machine->facts.hostname[0] = '\0';
  assert_hostname(machine, "localhost-5f3a1c");
}

static void the_policys_template_is_expanded(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  g_strlcpy(machine->facts.serial, "VMware-42 1c", sizeof machine->facts.serial);
  set_policy(machine, "[identity]\nhostname = {template}-{uuid:8}-{serial}\n");
  assert_hostname(machine, "golden-4dc56075-vmware-421c");
}

static void the_host_section_names_the_machine(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  set_policy(machine, "[identity]\nhostname = node\n[host web-17]\nmatch-uuid = " UUID_SWAPPED "\n");
  assert_hostname(machine, "web-17");
}

static void the_planned_address_is_known_to_the_name(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", MAC);
  add_ethernet(machine, "lan", "ens3", "");
  set_policy(machine, "[host x]\nmatch-uuid = " UUID_TEXT "\nhostname = node-{ip[3]}\naddress = 10.0.0.17/24\n");
  assert_hostname(machine, "node-17");
}

static void the_mac_is_that_of_the_default_routes_card(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  add_ethernet(machine, "storage", "ens3", "[ipv4]\nmethod=manual\naddress1=192.168.5.1/24\n");
  add_ethernet(machine, "lan", "ens4", "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\n");
  assert_hostname(machine, "golden-000002");
}

static void random_digits_differ_each_time(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) first = NULL;
  g_autoptr(Identity) second = NULL;

  set_policy(machine, "[identity]\nhostname = n{random:16}\n");
  first = choose(machine);
  second = choose(machine);
  g_assert_cmpuint(strlen(first->hostname), ==, 17);
  g_assert_cmpstr(first->hostname, !=, second->hostname);
}

static void a_missing_mac_is_refused(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  assert_refused(machine, "identity.hostname");
}

static void a_hosts_bad_name_is_refused_with_file_and_line(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  set_policy(machine, "\n[host x]\nmatch-uuid = " UUID_TEXT "\nhostname = sn{serial}\n");
  assert_refused(machine, "/etc/reset-identity/policy.ini:2: host x.hostname");
}

static void a_random_machine_id_is_a_new_version_4_id(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) first = NULL;
  g_autoptr(Identity) second = NULL;

  set_policy(machine, "[identity]\nhostname = node\n");
  first = choose(machine);
  second = choose(machine);
  g_assert_cmpuint(strlen(first->machine_id), ==, 32);
  g_assert_cmpint(first->machine_id[12], ==, '4');
  g_assert_cmpstr(first->machine_id, !=, second->machine_id);
  g_assert_cmpstr(first->machine_id, !=, first->old_machine_id);
}

static void a_derived_machine_id_is_the_same_in_either_byte_order(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) first = NULL;
  g_autoptr(Identity) second = NULL;
  g_autoptr(Identity) other = NULL;

  set_policy(machine, "[identity]\nhostname = node\nmachine-id = derive\n");
  first = choose(machine);
  g_assert_cmpint(product_uuid_parse(UUID_SWAPPED, &machine->facts.uuid), ==, 0);
  second = choose(machine);
  g_assert_cmpint(product_uuid_parse("5dc56075-50f3-466d-98f2-79838106e82f", &machine->facts.uuid), ==, 0);
  other = choose(machine);
  g_assert_cmpstr(first->machine_id, ==, second->machine_id);
  g_assert_cmpstr(first->machine_id, !=, other->machine_id);
  g_assert_cmpint(first->machine_id[12], ==, '4');
  g_assert_nonnull(strchr("89ab", first->machine_id[16]));
}

static void a_derived_machine_id_never_changes_between_releases(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;

  set_policy(machine, "[identity]\nhostname = node\nmachine-id = derive\n");
  identity = choose(machine);
  g_assert_cmpstr(identity->machine_id, ==, "6c6e1e0cf7eb4a1ab1a4cd04d80a86df");
}

static void derive_without_a_product_uuid_is_refused(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  machine->facts.uuid = (ProductUuid){0};
  set_policy(machine, "[identity]\nhostname = node\nmachine-id = derive\n");
  assert_refused(machine, "identity.machine-id");
}

static void a_kept_machine_id_is_made_where_there_is_none(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) kept = NULL;
  g_autoptr(Identity) made = NULL;

  set_policy(machine, "[identity]\nhostname = node\nmachine-id = keep\n");
  kept = choose(machine);
  g_assert_cmpstr(kept->machine_id, ==, kept->old_machine_id);
  machine->facts.machine_id[0] = '\0';
  made = choose(machine);
  g_assert_cmpuint(strlen(made->machine_id), ==, 32);
}

static void every_editable_profile_gets_a_uuid(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;
  const Profile *lan, *bare, *rendered;

  set_policy(machine, "[identity]\nhostname = node\n");
  lan = add_ethernet(machine, "lan", NULL, "");
  bare = add_profile(machine, "bare", "[connection]\nid=bare\ntype=802-3-ethernet\n");
  rendered = add_ethernet(machine, "rendered", NULL, "");
  ((Profile *)g_ptr_array_index(machine->profiles.items, 2))->why_not = g_strdup("netplan renders it");
  identity = choose(machine);
  g_assert_cmpuint(g_hash_table_size(identity->connection_uuids), ==, 1);
  g_assert_cmpstr(g_hash_table_lookup(identity->new_uuids, lan), ==,
                  g_hash_table_lookup(identity->connection_uuids, lan->uuid));
  g_assert_cmpstr(g_hash_table_lookup(identity->new_uuids, lan), !=, lan->uuid);
  g_assert_nonnull(g_hash_table_lookup(identity->new_uuids, bare));
  g_assert_null(g_hash_table_lookup(identity->new_uuids, rendered));
}

static void two_files_of_one_uuid_stay_together(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;
  const char *text = "[connection]\nid=a\nuuid=AAAAAAAA-2222-4333-8444-555555555555\ntype=802-3-ethernet\n";
  g_autofree char *small = g_strdelimit(g_strdup(text), "A", 'a');
  const Profile *first, *second;

  set_policy(machine, "[identity]\nhostname = node\n");
  first = add_profile(machine, "a", text);
  second = add_profile(machine, "b", small);
  identity = choose(machine);
  g_assert_cmpstr(g_hash_table_lookup(identity->new_uuids, first), ==,
                  g_hash_table_lookup(identity->new_uuids, second));
}

static void a_derived_uuid_is_the_same_on_a_second_run(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) first = NULL;
  g_autoptr(Identity) second = NULL;
  Profile *lan;

  set_policy(machine, "[identity]\nhostname = node\nconnection-uuid = derive\n");
  lan = add_ethernet(machine, "lan", NULL, "");
  add_ethernet(machine, "other", NULL, "");
  first = choose(machine);
  g_assert_cmpuint(g_hash_table_size(first->connection_uuids), ==, 2);
  g_free(lan->uuid);
  lan->uuid = g_strdup(g_hash_table_lookup(first->new_uuids, lan));
  second = choose(machine);
  g_assert_null(g_hash_table_lookup(second->new_uuids, lan));
  g_assert_cmpuint(g_hash_table_size(second->connection_uuids), ==, 1);
}

static void a_uuid_that_an_unedited_profile_refers_to_stays(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;
  Profile *bond = add_ethernet(machine, "bond", NULL, "");
  Profile *other = add_ethernet(machine, "other", NULL, "");
  g_autofree char *master = g_ascii_strup(bond->uuid, -1);
  g_autofree char *extra = g_strdup_printf("master=%s\n# master=%s\n", master, other->uuid);
  Profile *rendered = add_ethernet(machine, "netplan-port", NULL, extra);

  rendered->why_not = g_strdup("netplan renders it");
  set_policy(machine, "[identity]\nhostname = node\n");
  identity = choose(machine);
  g_assert_null(g_hash_table_lookup(identity->new_uuids, bond));
  g_assert_null(g_hash_table_lookup(identity->connection_uuids, bond->uuid));
  g_assert_nonnull(g_hash_table_lookup(identity->new_uuids, other));
  g_assert_nonnull(strstr(g_ptr_array_index(machine->plan->warnings, 0), "bond.nmconnection: keeps the template's"));
}

static void kept_uuids_are_in_no_table(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;

  set_policy(machine, "[identity]\nhostname = node\nconnection-uuid = keep\n");
  add_ethernet(machine, "lan", NULL, "");
  identity = choose(machine);
  g_assert_cmpuint(g_hash_table_size(identity->connection_uuids), ==, 0);
  g_assert_cmpuint(g_hash_table_size(identity->new_uuids), ==, 0);
}

static void a_rewired_machine_keeps_everything(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;

  set_policy(machine, "[host web-17]\nmatch-uuid = " UUID_TEXT "\naddress = 10.0.0.17/24\n");
  add_ethernet(machine, "lan", NULL, "");
  machine->context.verdict = VERDICT_REWIRED;
  identity = choose(machine);
  g_assert_cmpstr(identity->hostname, ==, "golden");
  g_assert_cmpstr(identity->machine_id, ==, identity->old_machine_id);
  g_assert_cmpuint(g_hash_table_size(identity->new_uuids), ==, 0);
  g_assert_cmpuint(identity->assignments->len, ==, 0);
}

static void a_machine_that_no_host_names_is_warned_of_or_refused(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;
  g_autoptr(GError) error = NULL;

  set_policy(machine, "[identity]\nhostname = node\n[host web-17]\nmatch-serial = other\n");
  identity = choose(machine);
  g_assert_cmpstr(identity->hostname, ==, "node");
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], "no [host] section of the policy names this clone"));
  set_policy(machine, "[network]\nunmatched = refuse\n[host web-17]\nmatch-serial = other\n");
  g_assert_null(identity_choose(&machine->context, machine->plan, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_POLICY);
  g_assert_nonnull(strstr(error->message, "unmatched = refuse"));
}

static void a_machine_that_two_hosts_name_is_refused(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(GError) error = NULL;

  set_policy(machine, "[host a]\nmatch-uuid = " UUID_TEXT "\n[host b]\nmatch-serial = 4711\n");
  g_strlcpy(machine->facts.serial, "4711", sizeof machine->facts.serial);
  g_assert_null(identity_choose(&machine->context, machine->plan, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_POLICY);
  g_assert_nonnull(strstr(error->message, "[host a] too"));
}

static void a_step_that_is_off_chooses_nothing(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  g_autoptr(Identity) identity = NULL;

  set_policy(machine,
             "[host web-17]\nmatch-uuid = " UUID_TEXT "\naddress = 10.0.0.17/24\n[steps]\nmachine-id = off\nhostname = "
             "off\nnm-profile = off\nnm-ifcfg = off\nifupdown = off\nnetworkd = off\n");
  add_ethernet(machine, "lan", NULL, "");
  identity = choose(machine);
  g_assert_cmpstr(identity->hostname, ==, "golden");
  g_assert_cmpstr(identity->machine_id, ==, identity->old_machine_id);
  g_assert_cmpuint(g_hash_table_size(identity->new_uuids), ==, 0);
  g_assert_cmpuint(identity->assignments->len, ==, 0);
}

#define TEST(name, function) g_test_add_func("/identity/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("the-default-name-is-the-templates-and-the-mac", the_default_name_is_the_templates_and_the_mac);
  TEST("the-default-name-keeps-the-domain", the_default_name_keeps_the_domain);
  TEST("a-clone-of-a-clone-is-named-by-the-first-template", a_clone_of_a_clone_is_named_by_the_first_template);
  TEST("a-nameless-template-is-localhost", a_nameless_template_is_localhost);
  TEST("the-policys-template-is-expanded", the_policys_template_is_expanded);
  TEST("the-host-section-names-the-machine", the_host_section_names_the_machine);
  TEST("the-planned-address-is-known-to-the-name", the_planned_address_is_known_to_the_name);
  TEST("the-mac-is-that-of-the-default-routes-card", the_mac_is_that_of_the_default_routes_card);
  TEST("random-digits-differ-each-time", random_digits_differ_each_time);
  TEST("a-missing-mac-is-refused", a_missing_mac_is_refused);
  TEST("a-machine-that-no-host-names-is-warned-of-or-refused", a_machine_that_no_host_names_is_warned_of_or_refused);
  TEST("a-machine-that-two-hosts-name-is-refused", a_machine_that_two_hosts_name_is_refused);
  TEST("a-hosts-bad-name-is-refused-with-file-and-line", a_hosts_bad_name_is_refused_with_file_and_line);
  TEST("a-random-machine-id-is-a-new-version-4-id", a_random_machine_id_is_a_new_version_4_id);
  TEST("a-derived-machine-id-is-the-same-in-either-byte-order", a_derived_machine_id_is_the_same_in_either_byte_order);
  TEST("a-derived-machine-id-never-changes-between-releases", a_derived_machine_id_never_changes_between_releases);
  TEST("derive-without-a-product-uuid-is-refused", derive_without_a_product_uuid_is_refused);
  TEST("a-kept-machine-id-is-made-where-there-is-none", a_kept_machine_id_is_made_where_there_is_none);
  TEST("every-editable-profile-gets-a-uuid", every_editable_profile_gets_a_uuid);
  TEST("two-files-of-one-uuid-stay-together", two_files_of_one_uuid_stay_together);
  TEST("a-derived-uuid-is-the-same-on-a-second-run", a_derived_uuid_is_the_same_on_a_second_run);
  TEST("a-uuid-that-an-unedited-profile-refers-to-stays", a_uuid_that_an_unedited_profile_refers_to_stays);
  TEST("kept-uuids-are-in-no-table", kept_uuids_are_in_no_table);
  TEST("a-rewired-machine-keeps-everything", a_rewired_machine_keeps_everything);
  TEST("a-step-that-is-off-chooses-nothing", a_step_that_is_off_chooses_nothing);
  return g_test_run();
}
