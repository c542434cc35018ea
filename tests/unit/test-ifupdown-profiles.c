/* agent/profiles/ifupdown/interfaces.c, ifupdown-profiles.c: what /etc/network/interfaces says of each interface. */
#include <netinet/in.h>

#include "fixture.h"
#include "profiles/ifupdown/ifupdown-profiles.h"
#include "profiles/ifupdown/interfaces-fault.h"

#define INTERFACES "/etc/network/interfaces"

static const ProfileFormat format = {"ifupdown", "ifupdown", "ifupdown", ifupdown_profiles, ifupdown_make, NULL};

static void describe_family(const Profile *profile, int family, GString *text) {
  g_auto(GStrv) addresses = profile_static_addresses(profile, family);
  g_autofree char *list = g_strjoinv("+", addresses);
  const PlainFamily *plain = plain_family(profile->plain, family);

  g_string_append_printf(text, " %s%s%s%s", *list != '\0' ? list : "-", plain->gateway != NULL ? " via " : "",
                         plain->gateway != NULL ? plain->gateway : "", plain->automatic ? " auto" : "");
}

static char *describe(const Profiles *profiles) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < profiles->items->len; i++) {
    const Profile *profile = profiles->items->pdata[i];
    const PlainProfile *plain = profile->plain;

    g_string_append_printf(text, "%s:%u %s %s", profile->id, plain->line, profile->type,
                           profile->interface_name != NULL ? profile->interface_name
                           : profile->mac_address != NULL  ? profile->mac_address
                           : plain->name_globs != NULL     ? plain->name_globs[0]
                                                           : "?");
    describe_family(profile, AF_INET, text);
    describe_family(profile, AF_INET6, text);
    g_string_append_printf(text, "%s%s%s%s%s%s%s\n", plain->starts ? "" : " idle",
                           profile->controller != NULL ? " port of " : "",
                           profile->controller != NULL ? profile->controller : "",
                           plain->carries_ip || plain->is_port ? "" : " no-ip", plain->parent != NULL ? " over " : "",
                           plain->parent != NULL ? plain->parent : "", profile->why_not != NULL ? " FIXED" : "");
  }
  return g_string_free(text, FALSE);
}

static void assert_reads(Fixture *fixture, const char *expected) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Profiles) profiles = profiles_new();
  gboolean read = ifupdown_profiles(&fixture->root, &format, profiles, &error);
  g_autofree char *found = describe(profiles);

  g_assert_no_error(error);
  g_assert_true(read);
  g_assert_cmpstr(found, ==, expected);
}

static void assert_file(const char *content, const char *expected) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, INTERFACES, content);
  assert_reads(fixture, expected);
}

static void nothing_is_no_profile(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  assert_reads(fixture, "");
  assert_file("auto eth0\n# iface eth0 inet dhcp\n", "");
}

static void families_and_aliases_are_one_profile(void) {
  assert_file("auto lo eth0 eth0:1\niface lo inet loopback\niface eth0 inet static\n address 10.0.0.10\n"
              " netmask 255.255.255.0\n gateway 10.0.0.1\niface eth0:1 inet static\n address 10.0.0.11/24\n"
              "iface eth0 inet6 static\n address 2001:db8::10/64\niface eth1 inet dhcp\niface eth1 inet6 auto\n",
              "lo:2 loopback lo - - no-ip\n"
              "eth0:3 802-3-ethernet eth0 10.0.0.10+10.0.0.11 via 10.0.0.1 2001:db8::10\n"
              "eth1:11 802-3-ethernet eth1 - auto - auto idle\n");
}

static void an_address_has_the_prefix_of_its_netmask(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = profiles_new();

  fixture_write(fixture, INTERFACES,
                "iface a inet static\n address 10.0.0.10\n netmask 255.255.252.0\niface a inet6 static\n"
                " address 2001:db8::10\n netmask 56\niface a inet static\n address 10.0.0.11/8\n netmask 24\n");
  g_assert_true(ifupdown_profiles(&fixture->root, &format, profiles, NULL));
  PlainProfile *plain = ((Profile *)profiles->items->pdata[0])->plain;
  const GPtrArray *v4 = plain_family(plain, AF_INET)->addresses;
  g_assert_cmpstr(v4->pdata[0], ==, "10.0.0.10/22");
  g_assert_cmpstr(v4->pdata[1], ==, "10.0.0.11/8");
  g_assert_cmpstr(plain_family(plain, AF_INET6)->addresses->pdata[0], ==, "2001:db8::10/56");
}

static void ports_are_listed_or_say_so(void) {
  assert_file("auto br0 bond0\niface eth0 inet manual\niface br0 inet static\n bridge_ports eth0 regex eth[1-3]\n"
              " address 10.0.0.10/24\niface eth2 inet manual\niface eth7 inet manual\n bond-master bond0\n"
              "iface bond0 inet dhcp\n bond-mode 1\n bond-slaves none\n",
              "eth0:2 802-3-ethernet eth0 - - idle port of br0\n"
              "br0:3 bridge br0 10.0.0.10 -\n"
              "eth2:6 802-3-ethernet eth2 - - idle port of br0\n"
              "eth7:7 802-3-ethernet eth7 - - idle port of bond0\n"
              "bond0:9 bond bond0 - auto -\n");
}

static void vlans_lie_over_what_they_are_called_by(void) {
  assert_file("auto /*\niface eth0.100 inet dhcp\niface vlan7 inet dhcp\n vlan_raw_device eth1\n",
              "eth0.100:2 vlan eth0.100 - auto - over eth0\nvlan7:3 vlan vlan7 - auto - over eth1\n");
}

static void logical_names_are_found_by_what_selects_them(void) {
  assert_file(
      "auto eth0=a mac/00:50:56:AA:00:01=b /en*=c type/1=d\nrename eth5=e\niface a inet dhcp\niface b inet dhcp\n"
      "iface c inet dhcp\niface d inet dhcp\niface e inet dhcp\n",
      "a:3 802-3-ethernet eth0 - auto -\nb:4 802-3-ethernet 00:50:56:aa:00:01 - auto -\n"
      "c:5 802-3-ethernet en* - auto -\nd:6 802-3-ethernet ? - auto - FIXED\n"
      "e:7 802-3-ethernet eth5 - auto - idle\n");
}

static void what_stands_for_several_is_fixed(void) {
  assert_file("auto eth0 eth1\nmapping eth2\n script x\n map home work\niface home inet dhcp\n"
              "iface t inet static\n address 10.0.0.10/24\niface eth0 inet static inherits t\n"
              "iface eth1 inet static inherits t\niface swp[1-4] inet dhcp\n",
              "home:5 802-3-ethernet home - auto - idle FIXED\nt:6 802-3-ethernet t 10.0.0.10 - idle FIXED\n"
              "eth0:8 802-3-ethernet eth0 - -\n"
              "eth1:9 802-3-ethernet eth1 - -\n"
              "swp[1-4]:10 802-3-ethernet swp[1-4] - auto - idle FIXED\n");
}

static void what_one_inherits_is_its_own(void) {
  assert_file("auto eth0\niface t inet static\n address 10.0.0.10/24\niface u inet static inherits t\n"
              "iface eth0 inet static inherits u\n gateway 10.0.0.1\n",
              "eth0:5 802-3-ethernet eth0 10.0.0.10 via 10.0.0.1 -\n");
}

static void sourced_files_are_read_once(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, INTERFACES,
                "source interfaces.d/*.cfg /etc/network/none ~/x\nsource-directory interfaces.d\nsource interfaces\n"
                "iface z inet dhcp\n");
  fixture_write(fixture, "/etc/network/interfaces.d/a.cfg", "iface a inet dhcp\nsource b\n");
  fixture_write(fixture, "/etc/network/interfaces.d/b", "iface b inet dhcp\nsource a.cfg\niface a inet6 auto\n");
  fixture_write(fixture, "/etc/network/interfaces.d/c.bak", "iface c inet dhcp\n");
  assert_reads(fixture, "a:1 802-3-ethernet a - auto - auto idle\nb:1 802-3-ethernet b - auto - idle\n"
                        "z:4 802-3-ethernet z - auto - idle\n");
  g_autoptr(Interfaces) interfaces = interfaces_read(&fixture->root, NULL);
  g_assert_cmpuint(interfaces->files->len, ==, 3);
  g_assert_cmpuint(interfaces->unread->len, ==, 1);
  g_assert_cmpstr(interfaces->unread->pdata[0], ==, "/etc/network/interfaces:1: source ~/x");
}

static void a_profile_knows_all_its_files(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = profiles_new();

  fixture_write(fixture, INTERFACES, "iface a inet dhcp\nsource more/*\n");
  fixture_write(fixture, "/etc/network/more/a", "iface a inet6 auto\n");
  g_assert_true(ifupdown_profiles(&fixture->root, &format, profiles, NULL));
  const Profile *profile = profiles->items->pdata[0];
  g_assert_cmpstr(profile->path, ==, INTERFACES);
  g_assert_cmpstr(profile->plain->more_paths[0], ==, "/etc/network/more/a");
  g_assert_null(profile->plain->more_paths[1]);
}

static void a_very_deep_chain_ends(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Interfaces) interfaces = NULL;

  fixture_write(fixture, INTERFACES, "source 0\n");
  for (guint i = 0; i < 40; i++) {
    g_autofree char *path = g_strdup_printf("/etc/network/%u", i);
    g_autofree char *text = g_strdup_printf("source %u\n", i + 1);
    fixture_write(fixture, path, text);
  }
  interfaces = interfaces_read(&fixture->root, NULL);
  g_assert_cmpuint(interfaces->files->len, ==, 9);
}

static void assert_fault(Fixture *fixture, const char *text, const char *expected) {
  g_autofree char *fault = NULL;
  g_autoptr(Interfaces) interfaces = NULL;

  fixture_write(fixture, INTERFACES, text);
  interfaces = interfaces_read(&fixture->root, NULL);
  fault = interfaces_fault(&fixture->root, interfaces);
  g_assert_cmpstr(fault, ==, expected);
}

static void faults_are_found_as_ifupdown_finds_them(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  assert_fault(fixture, "auto a\niface a inet dhcp\n mtu 1400\niface b inherits a\niface c can static\n", NULL);
  assert_fault(fixture, "\nmtu 1400\n", INTERFACES ":2: an option that belongs to no definition");
  assert_fault(fixture, "iface a inet dhcp\nauto a\nmtu 1\n", INTERFACES ":3: an option that belongs to no definition");
  assert_fault(fixture, "iface a inet dhcp\n mtu\n", INTERFACES ":2: an option without a value");
  assert_fault(fixture, "iface\n", INTERFACES ":1: a definition without a name");
  assert_fault(fixture, "iface a\n", INTERFACES ":1: a definition without an address family");
  assert_fault(fixture, "iface a inet auto\n", INTERFACES ":1: a definition without a method that ifupdown knows");
  assert_fault(fixture, "iface a inherits\n", INTERFACES ":1: inherits without a name");
  assert_fault(fixture, "iface a inherits b\niface b inet dhcp\n",
               INTERFACES ":1: inherits from what no definition before it is, of its family");
  assert_fault(fixture, "iface b inet6 auto\niface a inet6 tunnel inherits b\niface a inet inherits b\n",
               INTERFACES ":3: inherits from what no definition before it is, of its family");
  assert_fault(fixture, "iface a link manual\n",
               INTERFACES ":1: a definition with an address family that ifupdown does not know");
  assert_fault(fixture, "mapping a\n script /x\n odd b\n", INTERFACES ":3: a mapping knows script and map only");
  assert_fault(fixture, "template a\n", INTERFACES ":1: only ifupdown-ng knows this");
  fixture_write(fixture, "/sbin/ifparse", "");
  assert_fault(fixture, "iface a\n", NULL);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ifupdown-profiles/nothing-is-no-profile", nothing_is_no_profile);
  g_test_add_func("/ifupdown-profiles/families-and-aliases-are-one-profile", families_and_aliases_are_one_profile);
  g_test_add_func("/ifupdown-profiles/an-address-has-the-prefix-of-its-netmask",
                  an_address_has_the_prefix_of_its_netmask);
  g_test_add_func("/ifupdown-profiles/ports-are-listed-or-say-so", ports_are_listed_or_say_so);
  g_test_add_func("/ifupdown-profiles/vlans-lie-over-what-they-are-called-by", vlans_lie_over_what_they_are_called_by);
  g_test_add_func("/ifupdown-profiles/logical-names-are-found-by-what-selects-them",
                  logical_names_are_found_by_what_selects_them);
  g_test_add_func("/ifupdown-profiles/what-stands-for-several-is-fixed", what_stands_for_several_is_fixed);
  g_test_add_func("/ifupdown-profiles/what-one-inherits-is-its-own", what_one_inherits_is_its_own);
  g_test_add_func("/ifupdown-profiles/sourced-files-are-read-once", sourced_files_are_read_once);
  g_test_add_func("/ifupdown-profiles/a-profile-knows-all-its-files", a_profile_knows_all_its_files);
  g_test_add_func("/ifupdown-profiles/a-very-deep-chain-ends", a_very_deep_chain_ends);
  g_test_add_func("/ifupdown-profiles/faults-are-found-as-ifupdown-finds-them",
                  faults_are_found_as_ifupdown_finds_them);
  return g_test_run();
}
