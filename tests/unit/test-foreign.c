/* Who else could put the template's address on a wire (agent/plan/foreign.c and the readers in agent/profiles/). */
#include <string.h>

#include "keyfile-fixture.h"
#include "plan-fixture.h"
#include "plan/foreign.h"
#include "profiles/network-stack.h"
#include "profiles/static-address.h"

typedef gboolean (*Reader)(const Root *root, GPtrArray *found, GError **error);

/* "LINE INTERFACE ADDRESS[ idle]", one item a line. */
static void reads(Fixture *fixture, Reader reader, const char *expected) {
  g_autoptr(GPtrArray) found = static_addresses_new();
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true(reader(&fixture->root, found, &error));
  g_assert_no_error(error);
  for (guint i = 0; i < found->len; i++) {
    const StaticAddress *item = found->pdata[i];
    g_string_append_printf(text, "%u %s %s%s\n", item->line, item->interface != NULL ? item->interface : "-",
                           item->address, item->idle ? " idle" : "");
  }
  g_assert_cmpstr(text->str, ==, expected);
}

static void test_ifcfg(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(
      fixture, "/etc/sysconfig/network-scripts/ifcfg-lan",
      "# IPADDR=10.0.0.1\nDEVICE=ens3\nIPADDR=\"10.40.0.4\"\nIPADDR1=10.40.0.5 # second\nIPV6ADDR=2001:db8::4/64\n"
      "IPV6ADDR_SECONDARIES=\"2001:db8::5/64 fe80::1/64\"\n");
  fixture_write(fixture, "/etc/sysconfig/network-scripts/ifcfg-ens4", "IPADDR=10.41.0.4\nONBOOT=no\n");
  fixture_write(fixture, "/etc/sysconfig/network-scripts/ifcfg-lo", "DEVICE=lo\nIPADDR=10.42.0.4\n");
  fixture_write(fixture, "/etc/sysconfig/network-scripts/ifcfg-ens5.bak", "IPADDR=10.43.0.4\n");
  reads(fixture, ifcfg_read,
        "1 ens4 10.41.0.4 idle\n3 ens3 10.40.0.4\n4 ens3 10.40.0.5\n5 ens3 2001:db8::4\n6 ens3 2001:db8::5\n");
}

static void test_shared(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/frr/frr.conf",
                "hostname golden\n! ip address 10.0.0.1/24\ninterface eth0\n ip address 10.40.0.4/24\n"
                " ipv6 address 2001:db8::4/64\n vrrp 5 version 3\n vrrp 5 ip 10.40.0.5\n ip ospf area 0\nexit\n"
                "interface lo\n ip address 10.41.0.4/32\nip route 10.0.0.0/8 10.40.0.1\n");
  reads(fixture, frr_read, "4 eth0 10.40.0.4\n5 eth0 2001:db8::4\n7 eth0 10.40.0.5\n11 lo 10.41.0.4 idle\n");
  fixture_write(fixture, "/etc/keepalived/keepalived.conf",
                "vrrp_instance a {\n interface eth0 # eth9\n unicast_src_ip 10.40.0.4\n virtual_ipaddress {\n"
                "  10.40.0.5/24 brd 10.40.0.255 dev eth0 ! 10.0.0.1\n  2001:db8::5\n }\n"
                " virtual_routes {\n  src 10.40.0.6 to 10.0.0.0/8\n }\n}\n");
  fixture_write(fixture, "/etc/keepalived/conf.d/b.conf", "vrrp_instance b { virtual_ipaddress { 10.40.0.7 } }\n");
  reads(fixture, keepalived_read, "5 eth0 10.40.0.5\n6 eth0 2001:db8::5\n1 - 10.40.0.7\n");
  fixture_write(fixture, "/etc/ucarp/vip-1.conf",
                "SOURCE_ADDRESS=10.40.0.4\nBIND_INTERFACE=eth0\nVIP_ADDRESS=\"10.40.0.5\"\n");
  reads(fixture, ucarp_read, "3 eth0 10.40.0.5\n");
}

static void test_wicked(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/sysconfig/network/ifcfg-eth0",
                "BOOTPROTO='static'\nIPADDR='10.40.0.4/24'\nIPADDR_1='10.40.0.5/24'\n");
  fixture_write(fixture, "/etc/wicked/ifconfig/eth1.xml",
                "<interface>\n<name>eth1</name>\n<local>10.41.0.4/24</local>\n");
  reads(fixture, wicked_read, "2 eth0 10.40.0.4\n3 eth0 10.40.0.5\n3 eth1 10.41.0.4\n");
}

static void test_netplan(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(
      fixture, "/etc/netplan/60-lab.yaml",
      "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.40.0.4/24, \"2001:db8::4/64\"]\n"
      "      nameservers:\n        addresses: [10.40.0.53]\n      routes:\n      - to: default\n        via: "
      "10.40.0.1\n"
      "    ens4: # two\n      addresses:\n      - 10.41.0.4/24\n      - 10.41.0.5/24:\n          label: \"ens4:1\"\n"
      "  bridges:\n    br0:\n      interfaces: [ens5]\n      addresses:\n        - '10.42.0.4/24'\n"
      "    br1:\n      addresses: [10.43.0.4/24]\n"
      "  dummy-devices:\n    test0: {addresses: [10.44.0.4/24]}\n");
  reads(fixture, netplan_read,
        "5 ens3 10.40.0.4\n5 ens3 2001:db8::4\n13 ens4 10.41.0.4\n14 ens4 10.41.0.5\n20 br0 10.42.0.4\n22 br1 "
        "10.43.0.4 idle\n"
        "24 test0 10.44.0.4 idle\n");
}

static void test_netplan_flow_style(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/run/netplan/a.yaml",
                "{\"network\": {\"version\": 2,\n \"ethernets\": {\"ens3\": {\n\"addresses\": [\"10.40.0.4/24\"], "
                "\"dhcp4\": false}}}}\n");
  fixture_write(fixture, "/usr/lib/netplan/a.yaml", "network: {ethernets: {ens9: {addresses: [10.9.0.4/24]}}}\n");
  reads(fixture, netplan_read, "3 ens3 10.40.0.4\n");
}

static void test_networkd(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/systemd/network/20-lab.network",
                "[Match]\nName=ens3\n[Network]\nAddress=10.40.0.4/24\nGateway=10.40.0.1\n[Address]\n; "
                "Address=10.0.0.9/24\nAddress = 10.40.0.5/24\n");
  fixture_write(fixture, "/etc/systemd/network/20-lab.network.d/more.conf", "[Network]\nAddress=2001:db8::4/64\n");
  fixture_write(fixture, "/etc/systemd/network/30-br.netdev", "[NetDev]\nName=br0\nKind=bridge\n");
  fixture_write(fixture, "/etc/systemd/network/30-br.network", "[Match]\nName=br0\n[Network]\nAddress=10.42.0.4/24\n");
  fixture_write(fixture, "/etc/systemd/network/40-br.netdev", "[NetDev]\nName=br1\nKind=bridge\n");
  fixture_write(fixture, "/etc/systemd/network/40-br.network", "[Match]\nName=br1\n[Network]\nAddress=10.43.0.4/24\n");
  fixture_write(fixture, "/etc/systemd/network/50-port.network", "[Match]\nName=ens5\n[Network]\nBridge=br0\n");
  fixture_write(fixture, "/usr/lib/systemd/network/20-lab.network",
                "[Match]\nName=ens3\n[Network]\nAddress=10.99.0.4/24\n");
  reads(fixture, networkd_read,
        "4 ens3 10.40.0.4\n8 ens3 10.40.0.5\n2 ens3 2001:db8::4\n4 br0 10.42.0.4\n4 br1 10.43.0.4 idle\n");
}

static void test_networkd_in_every_folder_and_over_lines(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/usr/local/lib/systemd/network/21.network",
                "[Match]\nName=ens3\n[Network]\nAddress=10.40.0.4/24\n");
  fixture_write(fixture, "/lib/systemd/network/22.network", "[Match]\nName=ens4\n[Network]\nAddress=10.41.0.4/24\n");
  fixture_write(fixture, "/lib/systemd/network/21.network", "[Match]\nName=ens3\n[Network]\nAddress=10.99.0.4/24\n");
  fixture_write(fixture, "/run/systemd/network/23.network",
                "[Match]\r\nName=ens5\r\n[Network]\r\n# no more \\\r\nAddress=\\\r\n  10.42.0.4/24\r\n");
  reads(fixture, networkd_read, "5 ens5 10.42.0.4\n4 ens3 10.40.0.4\n4 ens4 10.41.0.4\n");
  fixture_write(fixture, "/etc/dhcpcd.conf", "interface  ens3\n\tstatic \\\n  ip_address=10.40.0.4/24\n");
  reads(fixture, dhcpcd_read, "2 ens3 10.40.0.4\n");
}

static void test_ifupdown(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/network/interfaces",
                "source /etc/network/interfaces.d/*\nauto lo ens3\niface lo inet loopback\niface ens3 inet static\n"
                "  address 10.40.0.4/24\n  gateway 10.40.0.1\n  up ip address add 10.40.0.5/24 \\\n    dev ens3\n"
                "iface ens9 inet static\n  address 10.49.0.4\n");
  fixture_write(fixture, "/etc/network/interfaces.d/br",
                "auto br0\niface br0 inet static\n\taddress 10.42.0.4\n\tbridge_ports none\n"
                "allow-hotplug ens4\niface ens4 inet6 static\n  address 2001:db8::4/64\n");
  reads(fixture, ifupdown_read,
        "3 br0 10.42.0.4 idle\n7 ens4 2001:db8::4\n5 ens3 10.40.0.4\n7 ens3 10.40.0.5\n10 ens9 10.49.0.4 idle\n");
}

#define COMMANDS                                                                                                       \
  "  up ip addr add 10.40.0.5/24 dev $IFACE label $IFACE:0\n  pre-up /sbin/ip address replace dev ens4 10.40.0.6/24\n" \
  "  up ip a a 10.40.0.7/24 brd 10.40.0.255 dev ens3 || true\n  up ip -6 a add local 2001:db8::8/64 dev ens3\n"        \
  "  up ifconfig ens4:1 10.40.0.9 netmask 255.255.255.0 up; ip a ch 10.40.0.10 peer 10.40.0.11 dev dummy0\n"           \
  "  up ifconfig $IFACE inet6 add 2001:db8::12/64\n  up ip route add 10.50.0.0/16 via 10.40.0.1; ip link set ens3 "    \
  "address "                                                                                                           \
  "52:54:00:00:00:01\n  down ip addr del 10.40.0.5/24 dev ens3\n  up ip addr add 10.40.0.13/32 dev lo\n"

/* ip(8) takes its words in any order, and cut short; what is behind `dev` has the address. */
static void test_commands_of_ifupdown(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/network/interfaces", "auto ens3\niface ens3 inet manual\n" COMMANDS);
  reads(fixture, ifupdown_read,
        "3 ens3 10.40.0.5\n4 ens4 10.40.0.6\n5 ens3 10.40.0.7\n6 ens3 2001:db8::8\n7 ens4 10.40.0.9\n"
        "7 dummy0 10.40.0.10 idle\n8 ens3 2001:db8::12\n11 lo 10.40.0.13 idle\n");
}

static void test_scripts(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/network/if-up.d/vip",
                "#!/bin/sh\n# ip addr add 10.40.0.3/24 dev ens3\n[ $IFACE = ens3 ] && \\\n"
                "  ip addr add 10.40.0.4/24 dev ens3\n");
  fixture_write(fixture, "/etc/NetworkManager/dispatcher.d/pre-up.d/vip", "/sbin/ip a a 10.40.0.5/24 dev \"$1\"\n");
  fixture_write(fixture, "/etc/rc.local",
                "#!/bin/sh -e\nifconfig eth0:0 10.40.0.6 up\nip token set ::5 dev ens4\nip -6 token set dev ens5 ::6\n"
                "mytool token set ::7\nip token del dev ens4\nexit 0\n");
  reads(fixture, scripts_read,
        "3 ens3 10.40.0.4 idle\n1 - 10.40.0.5 idle\n2 eth0 10.40.0.6 idle\n3 ens4 ::5 idle\n4 ens5 ::6 idle\n");
}

static void test_commands(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(
      fixture, "/etc/systemd/system/vip.service",
      "[Service]\nExecStart=/sbin/ip addr add 10.40.0.4/24 dev ens3\n"
      "ExecStart=-/bin/sh -c 'ip a a 10.40.0.5/24 dev ens4'\nExecStop=/sbin/ip addr del 10.40.0.3/24 dev ens3\n");
  fixture_write(fixture, "/etc/systemd/system/x.service.d/vip.conf",
                "[Service]\nExecStartPost=/sbin/ifconfig ens3:1 \\\n 10.40.0.6 up\n");
  fixture_write(fixture, "/etc/cron.d/vip", "@reboot root ip address replace 10.40.0.7/24 dev ens3\n");
  fixture_write(fixture, "/etc/cloud/cloud.cfg.d/vip.cfg",
                "# - ip addr add 10.40.0.3/24 dev ens3\nbootcmd:\n- ip addr add 10.40.0.8/24 dev ens3\n");
  fixture_write(fixture, "/var/lib/cloud/seed/nocloud/user-data", "runcmd:\n- ifconfig ens4 10.40.0.9\n");
  fixture_write(fixture, "/usr/lib/systemd/system/y.service", "[Service]\nExecStart=ip addr add 10.40.0.3/24 dev e\n");
  reads(fixture, commands_read,
        "2 ens3 10.40.0.4 idle\n3 ens4 10.40.0.5 idle\n2 ens3 10.40.0.6 idle\n1 ens3 10.40.0.7 idle\n"
        "3 ens3 10.40.0.8 idle\n2 ens4 10.40.0.9 idle\n");
}

static void test_netctl(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/netctl/lan",
                "Interface=ens3\nConnection=ethernet\nIP=static\nAddress=('10.40.0.4/24'\n \"10.40.0.5/24\") # two\n"
                "Gateway='10.40.0.1'\nIP6=static\nAddress6=2001:db8::4/64\nDNS=('10.40.0.53')\n");
  fixture_write(fixture, "/etc/netctl/dhcp", "Interface=ens4\nIP=dhcp\nAddress='10.41.0.4/24'\n");
  fixture_write(fixture, "/etc/netctl/examples/static", "Interface=ens5\nIP=static\nAddress='10.42.0.4/24'\n");
  reads(fixture, netctl_read, "4 ens3 10.40.0.4\n5 ens3 10.40.0.5\n8 ens3 2001:db8::4\n");
}

/* The instance of a unit says that its stack is enabled. */
static void test_netctl_is_refused(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_write(machine->fixture, "/etc/netctl/lan", "Interface=ens3\nIP=static\nAddress=('10.40.0.4/24')\n");
  g_assert_true(foreign_check(&machine->context, machine->plan, &error));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  fixture_write(machine->fixture, "/etc/systemd/system/multi-user.target.wants/netctl@lan.service", "");
  g_assert_false(foreign_check(&machine->context, machine->plan, &error));
  g_assert_nonnull(strstr(error->message, "/etc/netctl/lan:3: netctl gives ens3 the static address 10.40.0.4"));
}

static void test_nmstate(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  static const char two[] = "interfaces:\n- name: ens4\n  ipv4: {address: [{ip: 10.41.0.4, prefix-length: 24}]}\n";

  fixture_write(fixture, "/etc/nmstate/1.yml",
                "---\ninterfaces:\n- name: ens3\n  state: up\n  ipv4:\n    enabled: true\n    address:\n"
                "    - ip: 10.40.0.4\n      prefix-length: 24\n  ipv6:\n    enabled: false\n    address:\n"
                "    - ip: 2001:db8::4\n- name: ens5\n  state: absent\n  ipv4: {address: [{ip: 10.40.0.6}]}\n"
                "routes:\n  config:\n  - next-hop-address: 10.40.0.1\n");
  fixture_write(fixture, "/etc/nmstate/2.yaml", two);
  fixture_write(fixture, "/etc/nmstate/3.applied", "interfaces:\n- name: ens6\n  ipv4: {address: [{ip: 10.43.0.4}]}\n");
  fixture_write(fixture, "/etc/nmstate/4.yml", "interfaces: [\n ip: 10.44.0.4/24\n");
  reads(fixture, nmstate_read, "8 ens3 10.40.0.4\n16 ens5 10.40.0.6 idle\n3 ens4 10.41.0.4\n2 - 10.44.0.4\n");
  /* Kept, and applied as it is. */
  fixture_write(fixture, "/etc/nmstate/2.applied", two);
  reads(fixture, nmstate_read, "8 ens3 10.40.0.4\n16 ens5 10.40.0.6 idle\n2 - 10.44.0.4\n");
}

/* Beside the address the key is one that every clone has, also where only a command reads the file. */
static void test_wireguard(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/wireguard/office.conf",
                "[Interface]\nAddress = 10.40.0.4/24, 2001:db8::4/64 # mine\nprivatekey = hidden\n[Peer]\nAllowedIPs = "
                "10.0.0.0/8\n");
  fixture_write(machine->fixture, "/etc/wireguard/bare.conf", "[Interface]\nPrivateKey=hidden\n");
  fixture_write(machine->fixture, "/etc/wireguard/keys.conf/x", "PrivateKey=hidden\n");
  reads(machine->fixture, wg_quick_read, "2 office 10.40.0.4 idle\n2 office 2001:db8::4 idle\n");
  g_assert_true(foreign_check(&machine->context, machine->plan, NULL));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 4);
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], "/etc/wireguard/office.conf:2: wg-quick gives office"));
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[2], "/etc/wireguard/bare.conf:2: this is the template's"));
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[3], "/etc/wireguard/office.conf:3: this is the template's"));
  g_assert_null(strstr(machine->plan->warnings->pdata[3], "hidden"));
}

static void test_scripts_are_named(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/rc.local", "#!/bin/sh -e\nip addr add 10.40.0.6/24 dev ens3\n");
  g_assert_true(foreign_check(&machine->context, machine->plan, NULL));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  g_assert_cmpstr(
      machine->plan->warnings->pdata[0], ==,
      "/etc/rc.local:2: a script gives ens3 the static address 10.40.0.6 of the template, and this file is not "
      "edited; whether it does is for the script to say");
}

static void test_dhcpcd_and_connman(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/dhcpcd.conf",
                "hostname\n# static ip_address=10.0.0.9/24\ninterface eth0\nstatic ip_address=10.40.0.4/24\n"
                "static routers=10.40.0.1\nstatic ip6_address=2001:db8::4/64\n");
  fixture_write(fixture, "/var/lib/connman/lan.config",
                "[service_lan]\nType=ethernet\nIPv4 = 10.41.0.4/24/10.41.0.1\n");
  reads(fixture, dhcpcd_read, "4 eth0 10.40.0.4\n6 eth0 2001:db8::4\n");
  reads(fixture, connman_read, "3 - 10.41.0.4\n");
}

#define NETPLAN "network:\n  ethernets:\n    ens3:\n      addresses: [10.40.0.4/24]\n"

static void test_an_enabled_stack_is_an_error_with_file_and_line(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_write(machine->fixture, "/etc/netplan/60-lab.yaml", NETPLAN);
  fixture_write(machine->fixture, "/etc/systemd/network/20-lab.network",
                "[Match]\nName=ens4\n[Network]\nAddress=10.41.0.4/24\n");
  fixture_write(machine->fixture, "/usr/sbin/netplan", "");
  fixture_mkdir(machine->fixture, "/etc/systemd/system/multi-user.target.wants");
  fixture_symlink(machine->fixture, "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service",
                  "/lib/systemd/system/systemd-networkd.service");
  g_assert_false(foreign_check(&machine->context, machine->plan, &error));
  g_assert_nonnull(strstr(error->message, "/etc/netplan/60-lab.yaml:4: "));
  g_assert_nonnull(strstr(error->message, "/etc/systemd/network/20-lab.network:4: "));
  g_clear_error(&error);
  machine->policy.foreign = FOREIGN_WARN;
  g_assert_true(foreign_check(&machine->context, machine->plan, &error));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 2);
  machine->context.verdict = VERDICT_REWIRED;
  machine->policy.foreign = FOREIGN_REFUSE;
  g_assert_true(foreign_check(&machine->context, machine->plan, &error));
}

static void test_a_stack_that_is_not_enabled_only_warns(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_write(machine->fixture, "/etc/netplan/60-lab.yaml", NETPLAN);
  fixture_write(machine->fixture, "/etc/network/interfaces",
                "auto ens3\niface ens3 inet static\n address 10.40.0.4/24\n");
  fixture_write(machine->fixture, "/usr/sbin/ifup", "");
  fixture_symlink(machine->fixture, "/etc/systemd/system/networking.service", "/dev/null");
  g_assert_true(foreign_check(&machine->context, machine->plan, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 2);
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], "netplan is not enabled here"));
}

static void command_line(PlanFixture *machine, const char *text) {
  fixture_write(machine->fixture, "/proc/cmdline", text);
  machine->context.hardware = &machine->fixture->root;
}

static void test_the_kernel_command_line(void) {
  static const char *const harmless[] = {"quiet ip=dhcp", "ip=ens3:dhcp", "ip=::::web:ens3:dhcp",
                                         "ip=169.254.1.1::::", NULL};
  static const char *const refused[] = {"ip=10.40.0.4::10.40.0.1:255.255.255.0:golden:ens3:none",
                                        "ro ip=[2001:db8::4]::[2001:db8::1]:64::ens3:none",
                                        "ip=10.40.0.4",
                                        "quiet \"ip=10.40.0.4::10.40.0.1:24::ens3:none\"",
                                        "ip=\"10.40.0.4:::24\"",
                                        "nfsaddrs=10.40.0.4:10.40.0.1",
                                        NULL};

  for (gsize i = 0; harmless[i] != NULL; i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    command_line(machine, harmless[i]);
    g_assert_true(foreign_check(&machine->context, machine->plan, NULL));
    g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
  }
  for (gsize i = 0; refused[i] != NULL; i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    g_autoptr(GError) error = NULL;
    command_line(machine, refused[i]);
    g_assert_false(foreign_check(&machine->context, machine->plan, &error));
    g_assert_nonnull(strstr(error->message, "/proc/cmdline:1: "));
    if (strstr(refused[i], "ens3") != NULL)
      g_assert_nonnull(strstr(error->message, "gives ens3 "));
  }
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  command_line(machine, "quiet systemd.hostname=golden\n");
  g_assert_true(foreign_check(&machine->context, machine->plan, NULL));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], "systemd.hostname="));
  machine->context.hardware = NULL;
  g_assert_true(foreign_check(&machine->context, machine->plan, NULL));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
}

static void test_a_profile_that_is_not_edited(void) {
  static char why[] = "it lives in /run";
  static char path[] = "/run/NetworkManager/system-connections/lan.nmconnection";
  static const char content[] =
      "[connection]\nid=lan\ntype=ethernet\ninterface-name=ens3\n[ipv4]\nmethod=manual\naddress1=10.40.0.4/24\n";
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GError) error = NULL;
  g_auto(Profile) profile = {.why_not = g_strdup(why), .enabled = TRUE};

  keyfile_profile_read(&profile, path, content);
  g_ptr_array_add(machine->profiles.items, &profile);
  g_assert_false(foreign_check(&machine->context, machine->plan, &error));
  g_assert_nonnull(strstr(error->message, "lan.nmconnection:7: "));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/foreign/ifcfg", test_ifcfg);
  g_test_add_func("/foreign/shared", test_shared);
  g_test_add_func("/foreign/wicked", test_wicked);
  g_test_add_func("/foreign/netplan", test_netplan);
  g_test_add_func("/foreign/netplan-flow-style", test_netplan_flow_style);
  g_test_add_func("/foreign/networkd", test_networkd);
  g_test_add_func("/foreign/networkd-in-every-folder-and-over-lines", test_networkd_in_every_folder_and_over_lines);
  g_test_add_func("/foreign/ifupdown", test_ifupdown);
  g_test_add_func("/foreign/commands-of-ifupdown", test_commands_of_ifupdown);
  g_test_add_func("/foreign/scripts", test_scripts);
  g_test_add_func("/foreign/scripts-are-named", test_scripts_are_named);
  g_test_add_func("/foreign/commands", test_commands);
  g_test_add_func("/foreign/netctl", test_netctl);
  g_test_add_func("/foreign/nmstate", test_nmstate);
  g_test_add_func("/foreign/netctl-is-refused", test_netctl_is_refused);
  g_test_add_func("/foreign/wireguard", test_wireguard);
  g_test_add_func("/foreign/dhcpcd-and-connman", test_dhcpcd_and_connman);
  g_test_add_func("/foreign/an-enabled-stack-is-an-error-with-file-and-line",
                  test_an_enabled_stack_is_an_error_with_file_and_line);
  g_test_add_func("/foreign/a-stack-that-is-not-enabled-only-warns", test_a_stack_that_is_not_enabled_only_warns);
  g_test_add_func("/foreign/the-kernel-command-line", test_the_kernel_command_line);
  g_test_add_func("/foreign/a-profile-that-is-not-edited", test_a_profile_that_is_not_edited);
  return g_test_run();
}
