/* identity.c, identity-choices.c: every choice with its old value, its new one and a source that a person can check. */
#include "identity-fixture.h"

#define MAC "52:54:00:5f:3a:1c"

static IdentityFixture *golden(const char *policy) {
  IdentityFixture *machine = identity_fixture_new();

  add_card(machine, "ens3", MAC);
  if (policy != NULL)
    set_policy(machine, policy);
  return machine;
}

static const Choice *find(const Plan *plan, const char *name) {
  for (guint i = 0; i < plan->choices->len; i++) {
    const Choice *choice = plan->choices->pdata[i];
    if (strcmp(choice->name, name) == 0)
      return choice;
  }
  return NULL;
}

static void assert_choice(IdentityFixture *machine, const char *name, const char *old, const char *new,
                          const char *source) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Identity) identity = identity_choose(&machine->context, machine->plan, &error);
  const Choice *choice = find(machine->plan, name);

  g_assert_no_error(error);
  g_assert_nonnull(identity);
  g_assert_nonnull(choice);
  g_assert_cmpstr(choice->old, ==, old);
  if (new != NULL)
    g_assert_cmpstr(choice->new, ==, new);
  g_assert_cmpstr(choice->source, ==, source);
  g_assert_false(choice->secret);
}

static void a_name_by_default(void) {
  g_autoptr(IdentityFixture) machine = golden(NULL);

  assert_choice(machine, "hostname", "golden", "golden-5f3a1c", "default {template}-{mac:6}");
}

static void a_name_by_the_policy(void) {
  g_autoptr(IdentityFixture) machine = golden("[identity]\n\nhostname = node-{mac:6}\n");

  assert_choice(machine, "hostname", "golden", "node-5f3a1c", "policy.ini:3");
}

static void a_hosts_name_is_its_sections_or_its_keys(void) {
  g_autoptr(IdentityFixture) section = golden("[host web-17]\nmatch-uuid = " UUID_TEXT "\n");
  g_autoptr(IdentityFixture) key = golden("[host web-17]\nmatch-uuid = " UUID_TEXT "\nhostname = web\n");

  assert_choice(section, "hostname", "golden", "web-17", "policy.ini:1");
  assert_choice(key, "hostname", "golden", "web", "policy.ini:3");
}

static void a_file_elsewhere_is_named_whole(void) {
  static char path[] = "/tmp/site.ini";
  g_autoptr(IdentityFixture) machine = golden("[identity]\nhostname = node\n");

  machine->policy.hostname_at.file = path;
  assert_choice(machine, "hostname", "golden", "node", "/tmp/site.ini:2");
}

static void a_machine_id_drawn_derived_or_kept(void) {
  g_autoptr(IdentityFixture) drawn = golden(NULL);
  g_autoptr(IdentityFixture) derived = golden("[identity]\nmachine-id = derive\n");
  g_autoptr(IdentityFixture) kept = golden("[identity]\nmachine-id = keep\n");

  assert_choice(drawn, "machine-id", drawn->facts.machine_id, NULL, "random");
  assert_choice(derived, "machine-id", derived->facts.machine_id, NULL, "derived from the product UUID");
  assert_choice(kept, "machine-id", kept->facts.machine_id, kept->facts.machine_id, "kept, policy.ini:2");
}

static void a_connection_uuid_by_its_file(void) {
  g_autoptr(IdentityFixture) machine = golden(NULL);
  const Profile *profile = add_ethernet(machine, "lan", "ens3", "");

  assert_choice(machine, "connection-uuid " PROFILES_DIR "/lan.nmconnection", profile->uuid, NULL, "random");
}

static void an_address_by_nic_with_its_gateway(void) {
  g_autoptr(IdentityFixture) machine = golden("[host x]\nmatch-uuid = " UUID_TEXT "\n"
                                              "address = 10.0.0.17/24, 2001:db8::17/64\ngateway = 10.0.0.1\n");

  (void)add_ethernet(machine, "lan", "ens3", "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.254\n");
  assert_choice(machine, "address ens3", "10.0.0.5/24", "10.0.0.17/24, 2001:db8::17/64", "policy.ini:3");
  assert_choice(machine, "gateway ens3", "10.0.0.254", "10.0.0.1", "policy.ini:4");
}

static void an_address_for_a_nic_without_a_profile(void) {
  g_autoptr(IdentityFixture) machine = golden("[host x]\nmatch-uuid = " UUID_TEXT "\naddress = 10.0.0.17/24\n");

  assert_choice(machine, "address ens3", NULL, "10.0.0.17/24", "policy.ini:3");
}

static void a_static_address_that_nobody_replaces(void) {
  static const char addresses[] = "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24\n";
  g_autoptr(IdentityFixture) automatic = golden(NULL);
  g_autoptr(IdentityFixture) kept = golden("[network]\nmethod = keep\n");
  g_autoptr(IdentityFixture) off = golden("[network]\ngateway = 10.0.0.1\n[network ens3]\nmethod = disabled\n");

  (void)add_ethernet(automatic, "lan", "ens3", addresses);
  (void)add_ethernet(kept, "lan", "ens3", addresses);
  (void)add_ethernet(off, "lan", "ens3", addresses);
  assert_choice(automatic, "address ens3", "10.0.0.5/24", "DHCP", "default");
  assert_choice(kept, "address ens3", "10.0.0.5/24", "10.0.0.5/24", "kept, policy.ini:2");
  assert_choice(off, "address ens3", "10.0.0.5/24", NULL, "policy.ini:4");
  g_assert_null(find(off->plan, "address ens3")->new);
}

typedef struct {
  guint asked;
  gboolean before_the_name;
} Asked;

static gboolean refuse(const GPtrArray *assignments, Plan *plan, gpointer data, GError **error) {
  Asked *asked = data;

  asked->asked += assignments->len;
  asked->before_the_name = plan->choices->len == 0;
  g_set_error_literal(error, RI_ERROR, RI_ERROR_NETWORK, "somebody has it");
  return FALSE;
}

static void the_wire_is_asked_before_anything_is_drawn(void) {
  g_autoptr(IdentityFixture) machine = golden("[host x]\nmatch-uuid = " UUID_TEXT "\naddress = 10.0.0.17/24\n");
  g_autoptr(GError) error = NULL;
  Asked asked = {0};
  const Wire wire = {.are_free = refuse, .data = &asked};

  machine->context.wire = &wire;
  g_assert_null(identity_choose(&machine->context, machine->plan, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_NETWORK);
  g_assert_cmpuint(asked.asked, ==, 1);
  g_assert_true(asked.before_the_name);
}

#define TEST(name, function) g_test_add_func("/identity-choices/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("a-name-by-default", a_name_by_default);
  TEST("a-name-by-the-policy", a_name_by_the_policy);
  TEST("a-hosts-name-is-its-sections-or-its-keys", a_hosts_name_is_its_sections_or_its_keys);
  TEST("a-file-elsewhere-is-named-whole", a_file_elsewhere_is_named_whole);
  TEST("a-machine-id-drawn-derived-or-kept", a_machine_id_drawn_derived_or_kept);
  TEST("a-connection-uuid-by-its-file", a_connection_uuid_by_its_file);
  TEST("an-address-by-nic-with-its-gateway", an_address_by_nic_with_its_gateway);
  TEST("an-address-for-a-nic-without-a-profile", an_address_for_a_nic_without_a_profile);
  TEST("a-static-address-that-nobody-replaces", a_static_address_that_nobody_replaces);
  TEST("the-wire-is-asked-before-anything-is-drawn", the_wire_is_asked_before_anything_is_drawn);
  return g_test_run();
}
