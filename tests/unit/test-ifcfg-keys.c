/* agent/profiles/ifcfg/ifcfg-keys.c: what the keys mean, as NetworkManager's plugin and the network scripts have it. */
#include <string.h>

#include "fixture.h"
#include "profiles/ifcfg/ifcfg-keys.h"
#include "profiles/profile.h"

static ShellText *parse(const char *data) {
  g_autoptr(GBytes) bytes = g_bytes_new(data, strlen(data));

  return shell_text_parse(bytes);
}

static void names_that_are_backups_are_not_read(void) {
  static const char *const read[] = {"ifcfg-eth0", "ifcfg-eth0:1", "ifcfg-my lan", "ifcfg-eth0.rpmsave", "ifcfg-a;b"};
  static const char *const not_read[] = {"ifcfg-",
                                         "ifcfg-lo",
                                         "ifcfg-eth0~",
                                         "ifcfg-eth0.bak",
                                         "ifcfg-eth0.orig",
                                         "ifcfg-eth0.RPMNEW",
                                         "ifcfg-eth0;5f3a9c01",
                                         "route-eth0",
                                         ".ifcfg-eth0",
                                         "ifup"};

  for (gsize i = 0; i < G_N_ELEMENTS(read); i++)
    g_assert_true(ifcfg_is_read_name(read[i]));
  for (gsize i = 0; i < G_N_ELEMENTS(not_read); i++)
    g_assert_false(ifcfg_is_read_name(not_read[i]));
}

static void numbers_are_strict(void) {
  g_assert_cmpint(profile_key_number("IPADDR", "IPADDR"), ==, -1);
  g_assert_cmpint(profile_key_number("IPADDR0", "IPADDR"), ==, 0);
  g_assert_cmpint(profile_key_number("IPADDR12", "IPADDR"), ==, 12);
  g_assert_cmpint(profile_key_number("IPADDR012", "IPADDR"), ==, -2);
  g_assert_cmpint(profile_key_number("IPADDR_START", "IPADDR"), ==, -2);
  g_assert_cmpint(profile_key_number("GATEWAYDEV", "GATEWAY"), ==, -2);
  g_assert_cmpint(profile_key_number("DNS1", "IPADDR"), ==, -2);
}

static void the_type_is_what_the_keys_give_away(void) {
  static const struct {
    const char *text, *type;
  } cases[] = {
      {"DEVICE=eth0\n", "802-3-ethernet"},
      {"TYPE=ethernet\n", "802-3-ethernet"},
      {"TYPE=CTC\n", "802-3-ethernet"},
      {"DEVICE=bond0\nBONDING_MASTER=yes\n", "bond"},
      {"TYPE=Ethernet\nBONDING_OPTS=\"mode=1\"\n", "bond"},
      {"TYPE=Vlan\n", "vlan"},
      {"DEVICE=eth0.9\nVLAN=yes\n", "vlan"},
      {"TYPE=Bridge\n", "bridge"},
      {"DEVICETYPE=Team\n", "team"},
      {"TEAM_CONFIG='{}'\n", "team"},
      {"DEVICETYPE=TeamPort\nTEAM_MASTER=team0\n", "802-3-ethernet"},
      {"TYPE=InfiniBand\n", "infiniband"},
      {"ESSID=attic\n", "802-11-wireless"},
      {"TYPE=GRE\n", "ip-tunnel"},
      {"TYPE=IPoAC\n", "generic"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(ShellText) text = parse(cases[i].text);

    g_assert_cmpstr(ifcfg_type(text), ==, cases[i].type);
  }
}

static void booleans_and_masks_are_the_scripts_own(void) {
  g_autoptr(ShellText) text = parse("A=YES\nB=f\nC=perhaps\nD=\n");

  g_assert_true(ifcfg_is_true(text, "A", FALSE));
  g_assert_false(ifcfg_is_true(text, "B", TRUE));
  g_assert_true(ifcfg_is_true(text, "C", TRUE));
  g_assert_false(ifcfg_is_true(text, "D", FALSE));
  g_assert_cmpint(ifcfg_prefix("255.255.255.128"), ==, 25);
  g_assert_cmpint(ifcfg_prefix("0.0.0.0"), ==, 0);
  g_assert_cmpint(ifcfg_prefix("255.255.255.255"), ==, 32);
  g_assert_cmpint(ifcfg_prefix("255.0.255.0"), ==, -1);
  g_assert_cmpint(ifcfg_prefix("24"), ==, -1);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ifcfg-keys/names-that-are-backups-are-not-read", names_that_are_backups_are_not_read);
  g_test_add_func("/ifcfg-keys/numbers-are-strict", numbers_are_strict);
  g_test_add_func("/ifcfg-keys/the-type-is-what-the-keys-give-away", the_type_is_what_the_keys_give_away);
  g_test_add_func("/ifcfg-keys/booleans-and-masks-are-the-scripts-own", booleans_and_masks_are_the_scripts_own);
  return g_test_run();
}
