/* Which interfaces are cards of this machine, told from everything else that looks like one. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "observe/nics.h"

typedef struct {
  const char *name, *bus_path, *driver, *address, *assign_type, *type;
} Card;

static void write_attribute(Fixture *fixture, const char *directory, const char *name, const char *value) {
  g_autofree char *path = g_build_filename(directory, name, NULL);
  g_autofree char *line = g_strconcat(value, "\n", NULL);

  if (value != NULL)
    fixture_write(fixture, path, line);
}

/* As sysfs has it: the interface below its device, links to and fro. */
static void add_card(Fixture *fixture, const Card *card) {
  g_autofree char *device = g_build_filename("/sys/devices", card->bus_path, NULL);
  g_autofree char *interface = g_build_filename(device, "net", card->name, NULL);
  g_autofree char *class = g_build_filename("/sys/class/net", card->name, NULL);
  g_autofree char *class_target = g_strdup_printf("../../devices/%s/net/%s", card->bus_path, card->name);
  g_autofree char *back = g_build_filename(interface, "device", NULL);
  g_autofree char *driver = g_build_filename(device, "driver", NULL);
  g_autofree char *driver_target = g_build_filename("/sys/bus/drivers", card->driver, NULL);

  write_attribute(fixture, interface, "address", card->address);
  write_attribute(fixture, interface, "addr_assign_type", card->assign_type);
  write_attribute(fixture, interface, "type", card->type);
  fixture_symlink(fixture, class, class_target);
  fixture_symlink(fixture, back, "../..");
  if (card->driver != NULL && faccessat(fixture->root.fd, driver + 1, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
    fixture_symlink(fixture, driver, driver_target);
}

/* Bonds, bridges, VLANs, veth, tap: no device. */
static void add_virtual(Fixture *fixture, const char *name, const char *address) {
  g_autofree char *interface = g_build_filename("/sys/devices/virtual/net", name, NULL);
  g_autofree char *class = g_build_filename("/sys/class/net", name, NULL);
  g_autofree char *target = g_strdup_printf("../../devices/virtual/net/%s", name);

  write_attribute(fixture, interface, "address", address);
  write_attribute(fixture, interface, "addr_assign_type", "0");
  write_attribute(fixture, interface, "type", "1");
  fixture_symlink(fixture, class, target);
}

static const Card ens192 = {"ens192", "pci0000:00/0000:00:16.0/0000:0b:00.0", "vmxnet3", "00:50:56:aa:bb:01", "0", "1"};

static void assert_is_no_card(Fixture *fixture, const char *name) {
  Nic nic;

  g_test_message("%s", name);
  g_assert_cmpint(nic_read(&fixture->root, name, &nic), ==, 0);
}

static void test_a_card_and_what_stays_of_it(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  Nic nic;

  add_card(fixture, &ens192);
  g_assert_cmpint(nic_read(&fixture->root, "ens192", &nic), ==, 1);
  g_assert_cmpstr(nic.name, ==, "ens192");
  g_assert_cmpstr(nic.mac, ==, "00:50:56:aa:bb:01");
  g_assert_cmpstr(nic.bus_path, ==, "pci0000:00/0000:00:16.0/0000:0b:00.0");
  g_assert_cmpuint(nic.position, ==, 0);
}

static void test_a_machine_with_everything(void) {
  static const Card cards[] = {
      {"eth10", "pci0000:00/0000:00:03.0/virtio10", "virtio_net", "52:54:00:00:00:10", "0", "1"},
      {"eth2", "pci0000:00/0000:00:03.0/virtio2", "virtio_net", "52:54:00:00:00:02", "0", "1"},
      {"port1", "pci0000:00/0000:00:0a.0", "mlx5_core", "b8:ce:f6:00:00:01", "0", "1"},
      {"port0", "pci0000:00/0000:00:0a.0", "mlx5_core", "b8:ce:f6:00:00:02", "0", "1"},
      {"early", "pci0000:00/0000:00:09.0", "e1000", "08:00:27:00:00:01", "0", "1"},
      {"late", "pci0000:00/0000:00:1c.0", "e1000", "08:00:27:00:00:02", "0", "1"},
  };
  static const char *const expected[] = {"eth2", "eth10", "early", "port0", "port1", "late"};
  g_autoptr(Fixture) fixture = fixture_new();
  NicList list;

  for (gsize i = 0; i < G_N_ELEMENTS(cards); i++)
    add_card(fixture, &cards[i]);
  add_virtual(fixture, "lo", "00:00:00:00:00:00");
  add_virtual(fixture, "bond0", "52:54:00:00:00:02");
  add_virtual(fixture, "br0", "52:54:00:00:00:02");
  add_virtual(fixture, "eth2.100", "52:54:00:00:00:02");
  add_virtual(fixture, "veth12ab", "52:54:00:00:00:77");
  fixture_write(fixture, "/sys/class/net/bonding_masters", "bond0\n");

  g_assert_cmpint(nics_read(&fixture->root, &list), ==, 0);
  g_assert_cmpuint(list.count, ==, G_N_ELEMENTS(expected));
  for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
    g_assert_cmpstr(list.items[i].name, ==, expected[i]);
    g_assert_cmpuint(list.items[i].position, ==, i);
  }
  nics_clear(&list);
  g_assert_cmpuint(list.count, ==, 0);
  g_assert_null(list.items);
}

static void test_a_machine_without_cards(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  NicList list;

  g_assert_cmpint(nics_read(&fixture->root, &list), ==, 0);
  g_assert_cmpuint(list.count, ==, 0);
  fixture_mkdir(fixture, "/sys/class/net");
  g_assert_cmpint(nics_read(&fixture->root, &list), ==, 0);
  g_assert_cmpuint(list.count, ==, 0);
}

static void test_what_has_no_address_of_its_own(void) {
  static const Card cards[] = {
      {"random", "pci0000:00/0000:00:01.0", "iavf", "52:54:00:00:00:01", "1", "1"},
      {"stolen", "pci0000:00/0000:00:02.0", "e1000", "52:54:00:00:00:01", "2", "1"},
      {"set", "pci0000:00/0000:00:03.0", "e1000", "52:54:00:00:00:01", "3", "1"},
      {"zero", "pci0000:00/0000:00:04.0", "e1000", "00:00:00:00:00:00", "0", "1"},
      {"empty", "pci0000:00/0000:00:05.0", "e1000", "", "0", "1"},
      {"nonsense", "pci0000:00/0000:00:06.0", "e1000", "zz:00:00:00:00:00", "0", "1"},
      {"nothing", "pci0000:00/0000:00:07.0", "e1000", NULL, "0", "1"},
      {"can0", "pci0000:00/0000:00:08.0", "mcp251x", "00:11:22:33:44:55", "0", "280"},
      {"unsaid", "pci0000:00/0000:00:09.0", "e1000", "52:54:00:00:00:01", NULL, "1"},
  };
  g_autoptr(Fixture) fixture = fixture_new();

  for (gsize i = 0; i < G_N_ELEMENTS(cards); i++) {
    add_card(fixture, &cards[i]);
    assert_is_no_card(fixture, cards[i].name);
  }
}

static void test_virtual_functions_are_none(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  add_card(fixture, &ens192);
  fixture_symlink(fixture, "/sys/devices/pci0000:00/0000:00:16.0/0000:0b:00.0/physfn", "../0000:0b:00.1");
  assert_is_no_card(fixture, "ens192");
}

static void test_phones_and_modems_are_none(void) {
  static const struct {
    Card card;
    gboolean hardware;
  } cases[] = {
      {{"usb0", "pci0/usb1/1-1/1-1:1.0", "rndis_host", "00:11:22:33:44:55", "0", "1"}, FALSE},
      {{"usb1", "pci0/usb1/1-2/1-2:1.0", "ipheth", "00:11:22:33:44:55", "0", "1"}, FALSE},
      {{"wwan0", "pci0/usb1/1-3/1-3:1.0", "qmi_wwan", "00:11:22:33:44:55", "0", "1"}, FALSE},
      {{"wwan1", "pci0/usb1/1-4/1-4:1.0", "cdc_mbim", "00:11:22:33:44:55", "0", "1"}, FALSE},
      {{"phone", "pci0/usb1/1-5/1-5:1.0", "cdc_ncm", "02:11:22:33:44:55", "0", "1"}, FALSE},
      {{"bmc", "pci0/usb1/1-6/1-6:1.0", "cdc_ether", "0a:11:22:33:44:55", "0", "1"}, FALSE},
      {{"dock", "pci0/usb1/1-7/1-7:1.0", "cdc_ncm", "00:e0:4c:33:44:55", "0", "1"}, TRUE},
      {{"stick", "pci0/usb1/1-8/1-8:1.0", "r8152", "00:e0:4c:33:44:56", "0", "1"}, TRUE},
      {{"bnep0", "pci0/usb1/1-9/1-9:1.0/bluetooth/hci0/hci0:11", NULL, "00:11:22:33:44:55", "0", "1"}, FALSE},
      {{"qemu", "pci0/virtio0", "virtio_net", "52:54:00:00:00:01", "0", "1"}, TRUE},
  };
  g_autoptr(Fixture) fixture = fixture_new();

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    Nic nic;

    g_test_message("%s", cases[i].card.name);
    add_card(fixture, &cases[i].card);
    g_assert_cmpint(nic_read(&fixture->root, cases[i].card.name, &nic), ==, cases[i].hardware);
  }
}

/* All ports of a bond go by one address; each keeps its own. */
static void test_a_port_of_a_bond_keeps_its_own_address(void) {
  static const Card port = {"eth1", "pci0000:00/0000:00:03.0", "e1000", "52:54:00:00:00:01", "3", "1"};
  g_autoptr(Fixture) fixture = fixture_new();
  Nic nic;

  add_card(fixture, &port);
  fixture_symlink(fixture, "/sys/devices/pci0000:00/0000:00:03.0/net/eth1/master", "/sys/devices/virtual/net/bond0");
  add_virtual(fixture, "bond0", "52:54:00:00:00:01");
  fixture_write(fixture, "/sys/class/net/eth1/bonding_slave/perm_hwaddr", "52:54:00:00:00:02\n");
  g_assert_cmpint(nic_read(&fixture->root, "eth1", &nic), ==, 1);
  g_assert_cmpstr(nic.mac, ==, "52:54:00:00:00:02");
}

/* Hyper-V shows a card twice: the synthetic one and, below it, the function it is passed through to. */
static void test_the_pass_through_half_of_a_card_is_none(void) {
  static const Card synthetic = {"eth0", "vmbus/0d3a", "hv_netvsc", "00:0d:3a:00:00:01", "0", "1"};
  static const Card half = {"enP1", "vmbus/pci0001:00/0001:00:02.0", "mlx5_core", "00:0d:3a:00:00:01", "0", "1"};
  g_autoptr(Fixture) fixture = fixture_new();
  NicList list;

  add_card(fixture, &synthetic);
  add_card(fixture, &half);
  fixture_symlink(fixture, "/sys/devices/vmbus/pci0001:00/0001:00:02.0/net/enP1/master",
                  "/sys/devices/vmbus/0d3a/net/eth0");
  g_assert_cmpint(nics_read(&fixture->root, &list), ==, 0);
  g_assert_cmpuint(list.count, ==, 1);
  g_assert_cmpstr(list.items[0].name, ==, "eth0");
  nics_clear(&list);
}

static void test_infiniband_goes_by_its_port_guid(void) {
  static const Card ib0 = {"ib0", "pci0/ib", "mlx5_core", "00:00:10:49:fe:80:00:00:00:00:00:00:50:6b:4b:03:00:af:e4:ba",
                           "0",   "32"};
  g_autoptr(Fixture) fixture = fixture_new();
  NicList list;

  add_card(fixture, &ib0);
  g_assert_cmpint(nics_read(&fixture->root, &list), ==, 0);
  g_assert_cmpuint(list.count, ==, 1);
  g_assert_cmpstr(list.items[0].mac, ==, ib0.address);
  g_assert_nonnull(nics_find_mac(&list, "80:00:02:08:fe:80:00:00:00:00:00:00:50:6B:4B:03:00:AF:E4:BA"));
  g_assert_null(nics_find_mac(&list, "00:00:10:49:fe:80:00:00:00:00:00:00:50:6b:4b:03:00:af:e4:bb"));
  nics_clear(&list);
}

/* A capture made with cp -L: directories where sysfs has links. */
static void test_a_capture_without_links(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  Nic nic;

  fixture_write(fixture, "/sys/class/net/eth0/address", "52:54:00:00:00:01\n");
  fixture_write(fixture, "/sys/class/net/eth0/addr_assign_type", "0\n");
  fixture_mkdir(fixture, "/sys/class/net/eth0/device");
  g_assert_cmpint(nic_read(&fixture->root, "eth0", &nic), ==, 1);
  g_assert_cmpstr(nic.bus_path, ==, "/sys/class/net/eth0/device");
  fixture_write(fixture, "/sys/class/net/eth1/address", "52:54:00:00:00:02\n");
  fixture_write(fixture, "/sys/class/net/eth1/addr_assign_type", "0\n");
  fixture_mkdir(fixture, "/sys/devices/pci0/0000:00:04.0");
  fixture_symlink(fixture, "/sys/class/net/eth1/device", "../../../devices/pci0/0000:00:04.0");
  g_assert_cmpint(nic_read(&fixture->root, "eth1", &nic), ==, 1);
  g_assert_cmpstr(nic.bus_path, ==, "pci0/0000:00:04.0");
}

static void test_names_that_no_interface_has(void) {
  static const char *const names[] = {"", ".", "..", "../net/ens192", "a/b", "sixteen-letters-", "no-such"};
  g_autoptr(Fixture) fixture = fixture_new();

  add_card(fixture, &ens192);
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    assert_is_no_card(fixture, names[i]);
}

static void test_a_device_link_leads_nowhere_outside(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_symlink(fixture, "/sys/class/net/eth0", "../../../../../../../../../../sys/class/net/lo");
  fixture_symlink(fixture, "/sys/class/net/eth1/device", "/");
  assert_is_no_card(fixture, "eth0");
  assert_is_no_card(fixture, "eth1");
}

static void test_macs_in_any_notation(void) {
  static const struct {
    const char *text, *canonical;
  } cases[] = {
      {"00:50:56:AA:BB:01", "00:50:56:aa:bb:01"},
      {"00-50-56-aa-Bb-01", "00:50:56:aa:bb:01"},
      {"00:50:56:aa:bb:01", "00:50:56:aa:bb:01"},
      {"", NULL},
      {"00:50:56:aa:bb", NULL},
      {"00:50:56:aa:bb:0", NULL},
      {"00:50:56:aa:bb:01:", NULL},
      {"00:50:56:aa:bb-01", NULL},
      {"00:50:56:aa:bb:0g", NULL},
      {"0050.56aa.bb01", NULL},
      {":00:50:56:aa:bb:1", NULL},
  };
  char mac[NIC_MAC_TEXT];

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_test_message("%s", cases[i].text);
    g_assert_cmpint(mac_canonical(cases[i].text, mac), ==, cases[i].canonical != NULL ? 0 : -EINVAL);
    g_assert_cmpstr(mac, ==, cases[i].canonical != NULL ? cases[i].canonical : "");
  }
}

static void test_a_card_is_found_by_any_notation(void) {
  Nic items[] = {{.name = "a", .mac = "00:50:56:aa:bb:01"}, {.name = "b", .mac = "00:50:56:aa:bb:02"}};
  NicList list = {items, G_N_ELEMENTS(items)}, none = {NULL, 0};

  g_assert_true(nics_find_mac(&list, "00-50-56-AA-BB-02") == &items[1]);
  g_assert_null(nics_find_mac(&list, "00:50:56:aa:bb:03"));
  g_assert_null(nics_find_mac(&list, "rubbish"));
  g_assert_null(nics_find_mac(&none, "00:50:56:aa:bb:01"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/nics/a-card-and-what-stays-of-it", test_a_card_and_what_stays_of_it);
  g_test_add_func("/nics/a-machine-with-everything", test_a_machine_with_everything);
  g_test_add_func("/nics/a-machine-without-cards", test_a_machine_without_cards);
  g_test_add_func("/nics/what-has-no-address-of-its-own", test_what_has_no_address_of_its_own);
  g_test_add_func("/nics/virtual-functions-are-none", test_virtual_functions_are_none);
  g_test_add_func("/nics/phones-and-modems-are-none", test_phones_and_modems_are_none);
  g_test_add_func("/nics/a-port-of-a-bond-keeps-its-own-address", test_a_port_of_a_bond_keeps_its_own_address);
  g_test_add_func("/nics/the-pass-through-half-of-a-card-is-none", test_the_pass_through_half_of_a_card_is_none);
  g_test_add_func("/nics/infiniband-goes-by-its-port-guid", test_infiniband_goes_by_its_port_guid);
  g_test_add_func("/nics/a-capture-without-links", test_a_capture_without_links);
  g_test_add_func("/nics/names-that-no-interface-has", test_names_that_no_interface_has);
  g_test_add_func("/nics/a-device-link-leads-nowhere-outside", test_a_device_link_leads_nowhere_outside);
  g_test_add_func("/nics/macs-in-any-notation", test_macs_in_any_notation);
  g_test_add_func("/nics/a-card-is-found-by-any-notation", test_a_card_is_found_by_any_notation);
  return g_test_run();
}
