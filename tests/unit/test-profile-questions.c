/* agent/profiles/profile-questions.c: what the choice of an identity asks of a profile, as libnm would answer. */
#include <NetworkManager.h>

#include "keyfile-fixture.h"
#include "profile-world.h"
#include "profiles/keyfile/keyfile-addresses.h"
#include "profiles/profiles.h"

static void assert_addresses(const Profile *profile, int family, const char *expected) {
  g_auto(GStrv) addresses = profile_static_addresses(profile, family);
  g_autofree char *joined = g_strjoinv(" ", addresses);

  g_assert_cmpstr(joined, ==, expected);
  g_assert_true(profile_has_static_address(profile, family) == (expected[0] != '\0'));
}

#define MIXTURE                                                                                                        \
  "[connection]\nid=x\ntype=ethernet\n[ipv4]\nmethod=manual\naddresses1=10.7.0.13;24;10.7.0.1;\naddress=10.7.0.10/"    \
  "24\n"                                                                                                               \
  "address10=10.7.0.15/24\naddress2=10.7.0.14\naddress1=10.7.0.12/24,10.7.0.2\naddresses=10.7.0.11;24;0.0.0.0;\n"      \
  "address03=10.7.0.99/24\naddress4=bogus\naddress5=10.7.0.16/10.7.0.3\naddress2147483648=10.7.0.98/24\n"              \
  "[ipv6]\nmethod=manual\naddress=2001:db8:7::10/64,2001:db8:7::1\naddresses0=2001:db8:7::11/64\n"

static void addresses_are_those_that_libnm_reads_in_its_order(void) {
  g_auto(Profile) profile = {0};
  g_autoptr(GKeyFile) keyfile = g_key_file_new();
  g_autoptr(NMConnection) connection = NULL;
  const int families[] = {AF_INET, AF_INET6};

  keyfile_profile_read(&profile, NULL, MIXTURE);
  g_assert_true(g_key_file_load_from_data(keyfile, MIXTURE, strlen(MIXTURE), G_KEY_FILE_NONE, NULL));
  connection = nm_keyfile_read(keyfile, "/tmp", NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
    NMSettingIPConfig *setting = families[i] == AF_INET ? nm_connection_get_setting_ip4_config(connection)
                                                        : nm_connection_get_setting_ip6_config(connection);
    g_autofree char *gateway = keyfile_gateway(profile.text, families[i]);
    GString *theirs = g_string_new(NULL);

    for (guint j = 0; j < nm_setting_ip_config_get_num_addresses(setting); j++)
      g_string_append_printf(theirs, "%s%s", j == 0 ? "" : " ",
                             nm_ip_address_get_address(nm_setting_ip_config_get_address(setting, (int)j)));
    g_assert_cmpuint(theirs->len, >, 0);
    assert_addresses(&profile, families[i], theirs->str);
    g_string_free(theirs, TRUE);
    if (families[i] == AF_INET6)
      g_assert_cmpstr(gateway, ==, nm_setting_ip_config_get_gateway(setting));
  }
}

static void a_gateway_stands_alone_or_behind_an_address(void) {
  static const struct {
    const char *text;
    const char *gateway;
  } cases[] = {
      {"[ipv4]\naddress1=10.0.0.1/24\ngateway=10.0.0.254\n", "10.0.0.254"},
      {"[ipv4]\naddress1=10.0.0.1/24,10.0.0.253\ngateway=10.0.0.254\n", "10.0.0.254"},
      {"[ipv4]\naddress1=10.0.0.1/24\naddress2=10.0.0.2/24,10.0.0.252\n", "10.0.0.252"},
      {"[ipv4]\naddresses1=10.0.0.1;24;10.0.0.251;\n", "10.0.0.251"},
      {"[ipv4]\naddress1=10.0.0.1/10.0.0.250\n", "10.0.0.250"},
      {"[ipv4]\naddress1=10.0.0.1/24,0.0.0.0\n", NULL},
      {"[ipv4]\ngateway=\n", NULL},
      {"[ipv6]\ngateway=2001:db8::1\n", NULL},
      {"[ipv4]\nmethod=auto\n", NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(Profile) profile = {0};
    g_autofree char *gateway = NULL;

    keyfile_profile_read(&profile, NULL, cases[i].text);
    gateway = keyfile_gateway(profile.text, AF_INET);
    g_assert_cmpstr(gateway, ==, cases[i].gateway);
    g_assert_true(profile_has_gateway(&profile, AF_INET) == (cases[i].gateway != NULL));
  }
}

static void a_group_is_read_by_its_own_name_before_its_alias(void) {
  g_auto(Profile) both = {0};
  g_auto(Profile) alias = {0};
  g_autofree char *of_both = NULL;
  g_autofree char *of_alias = NULL;

  keyfile_profile_read(&both, NULL, "[ethernet]\nmtu=1\n[802-3-ethernet]\n");
  keyfile_profile_read(&alias, NULL, "[wifi]\nmtu=2\n");
  of_both = profile_value(both.text, "802-3-ethernet", "mtu");
  of_alias = profile_value(alias.text, "802-11-wireless", "mtu");
  g_assert_cmpstr(profile_group(both.text, "802-3-ethernet"), ==, "802-3-ethernet");
  g_assert_null(of_both);
  g_assert_cmpstr(of_alias, ==, "2");
  g_assert_null(profile_group(alias.text, "802-3-ethernet"));
  g_assert_cmpstr(profile_setting_of_group("wifi-security"), ==, "802-11-wireless-security");
  g_assert_cmpstr(profile_setting_of_group("bond"), ==, "bond");
}

static void ports_carry_no_addresses_but_those_of_a_vrf(void) {
  g_auto(Profile) bond = {0};
  g_auto(Profile) vrf = {0};
  g_auto(Profile) newer = {0};
  g_auto(Profile) plain = {0};
  g_auto(Profile) vpn = {0};

  keyfile_profile_read(&bond, NULL, "[connection]\nslave-type=bond\nmaster=b\n");
  keyfile_profile_read(&vrf, NULL, "[connection]\nslave-type=vrf\nmaster=v\n");
  keyfile_profile_read(&newer, NULL, "[connection]\nport-type=bridge\ncontroller=b\n");
  keyfile_profile_read(&plain, NULL, "[connection]\nid=x\n");
  keyfile_profile_read(&vpn, NULL, "[connection]\nid=x\ntype=vpn\n");
  g_assert_true(profile_is_port(&bond));
  g_assert_true(profile_is_port(&newer));
  g_assert_false(profile_is_port(&vrf));
  g_assert_false(profile_is_port(&plain));
  g_assert_false(profile_carries_ip(&bond));
  g_assert_true(profile_carries_ip(&vrf));
  g_assert_true(profile_carries_ip(&plain));
  g_assert_false(profile_carries_ip(&vpn));
}

static void autoconnect_is_what_networkmanager_makes_of_it(void) {
  static const struct {
    const char *value;
    gboolean autoconnects;
  } cases[] = {{"true", TRUE}, {"false", FALSE}, {"0", FALSE}, {"1", TRUE},
               {"no", TRUE},   {"FALSE", TRUE},  {"", TRUE},   {"false  ", FALSE}};

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = g_strdup_printf("[connection]\nid=x\ntype=ethernet\nautoconnect=%s\n", cases[i].value);
    g_auto(Profile) profile = {0};
    g_autoptr(GKeyFile) keyfile = g_key_file_new();
    g_autoptr(NMConnection) connection = NULL;

    keyfile_profile_read(&profile, NULL, text);
    g_assert_true(g_key_file_load_from_data(keyfile, text, strlen(text), G_KEY_FILE_NONE, NULL));
    connection = nm_keyfile_read(keyfile, "/tmp", NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, NULL);
    g_assert_true(profile_autoconnects(&profile) == cases[i].autoconnects);
    g_assert_true(nm_setting_connection_get_autoconnect(nm_connection_get_setting_connection(connection)) ==
                  cases[i].autoconnects);
  }
}

static void an_unreadable_profile_answers_no(void) {
  Profile profile = {0};

  assert_addresses(&profile, AF_INET, "");
  g_assert_false(profile_has_gateway(&profile, AF_INET));
  g_assert_false(profile_is_port(&profile));
  g_assert_false(profile_carries_ip(&profile));
  g_assert_false(profile_autoconnects(&profile));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/profile-questions/addresses-are-those-that-libnm-reads-in-its-order",
                  addresses_are_those_that_libnm_reads_in_its_order);
  g_test_add_func("/profile-questions/a-gateway-stands-alone-or-behind-an-address",
                  a_gateway_stands_alone_or_behind_an_address);
  g_test_add_func("/profile-questions/a-group-is-read-by-its-own-name-before-its-alias",
                  a_group_is_read_by_its_own_name_before_its_alias);
  g_test_add_func("/profile-questions/ports-carry-no-addresses-but-those-of-a-vrf",
                  ports_carry_no_addresses_but_those_of_a_vrf);
  g_test_add_func("/profile-questions/autoconnect-is-what-networkmanager-makes-of-it",
                  autoconnect_is_what_networkmanager_makes_of_it);
  g_test_add_func("/profile-questions/an-unreadable-profile-answers-no", an_unreadable_profile_answers_no);
  return g_test_run();
}
