/* step-persistent-net.c, initramfs.c: names by MAC follow to the NIC that took the place; what the initramfs holds. */
#include "plan-fixture.h"

#define RULES "/etc/udev/rules.d/70-persistent-net.rules"
#define LINK "/etc/systemd/network/10-lan.link"

/* lan0 and lan1 of the template, which clones call ens3 and lan1. */
typedef struct {
  PlanFixture *plain;
  NicMap *map;
  Fixture *hardware;
} World;

static Nic recorded[] = {{.name = "lan0", .mac = "52:54:00:00:00:01", .bus_path = "pci0000:00/0000:00:03.0/virtio0"},
                         {.name = "lan1", .mac = "52:54:00:00:00:02", .bus_path = "pci0000:00/0000:00:04.0/virtio1"}};
static Nic present[] = {{.name = "ens3", .mac = "52:54:00:aa:00:01", .bus_path = "pci0000:00/0000:00:03.0/virtio0"},
                        {.name = "lan1", .mac = "52:54:00:aa:00:02", .bus_path = "pci0000:00/0000:00:04.0/virtio1"}};

static World *world_new(size_t n_present) {
  World *world = g_new0(World, 1);
  const NicList before = {recorded, G_N_ELEMENTS(recorded)};
  const NicList after = {present, n_present};

  world->plain = plan_fixture_new();
  world->map = nic_map_new(&before, &after);
  world->hardware = fixture_new();
  world->plain->facts.nics = after;
  world->plain->context.nic_map = world->map;
  world->plain->context.hardware = &world->hardware->root;
  return world;
}

static void world_free(World *world) {
  plan_fixture_free(world->plain);
  nic_map_free(world->map);
  fixture_free(world->hardware);
  g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

static void write_file(World *world, const char *path, const char *content) {
  fixture_write(world->plain->fixture, path, content);
}

static void run(World *world, guint n_edits, guint n_warnings) {
  plan_fixture_run(world->plain, step_persistent_net);
  g_assert_cmpuint(world->plain->plan->edits->len, ==, n_edits);
  g_assert_cmpuint(world->plain->plan->warnings->len, ==, n_warnings);
}

static void assert_warned(const World *world, guint index, const char *word) {
  g_assert_cmpuint(index, <, world->plain->plan->warnings->len);
  g_assert_nonnull(strstr(world->plain->plan->warnings->pdata[index], word));
}

static void rules_mean_the_successor(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, RULES,
             "# PCI device 52:54:00:00:00:01 (virtio), lan0\n"
             "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{address}==\"52:54:00:00:00:01\", "
             "ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"lan0\"\r\n"
             "  ATTR{address}==i\"52:54:00:00:00:02\", \\\n\tNAME=\"lan1\"\n");
  run(world, 1, 0);
  assert_written(world->plain, RULES,
                 "# PCI device 52:54:00:00:00:01 (virtio), lan0\n"
                 "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{address}==\"52:54:00:aa:00:01\", "
                 "ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"ens3\"\r\n"
                 "  ATTR{address}==i\"52:54:00:aa:00:02\", \\\n\tNAME=\"lan1\"\n");
}

static void every_file_of_rules_is_read(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, "/etc/udev/rules.d/99-tune.rules", "ACTION==\"add\", KERNEL==\"lan0\", RUN+=\"/sbin/tune lan0\"\n");
  write_file(world, "/etc/udev/rules.d/99-tune.rules.bak", "KERNEL==\"lan0\"\n");
  run(world, 1, 1);
  assert_written(world->plain, "/etc/udev/rules.d/99-tune.rules",
                 "ACTION==\"add\", KERNEL==\"ens3\", RUN+=\"/sbin/tune lan0\"\n");
  assert_warned(world, 0, "/etc/udev/rules.d/99-tune.rules:1: the NIC name lan0");
}

/* What udev itself would refuse is read as far as it goes, and nothing of it is lost. */
static void odd_rules_stay_as_they_are(void) {
  static const char *const texts[] = {
      "",
      "\"lan0\"",
      "NAME=\"lan0",
      "NAME=lan0\n",
      "NAME",
      "=== \"lan0\"\n",
      "ATTR{address}==\"52:54:00:00:00:01\n",
      "NAME=\"a\\\"lan0 \\",
      "#NAME=\"lan0\"\n \t# NAME=\"lan0\"\n",
      "NAME\xff=\"lan0\"\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(World) world = world_new(2);

    write_file(world, RULES, texts[i]);
    plan_fixture_run(world->plain, step_persistent_net);
    g_assert_cmpuint(world->plain->plan->edits->len, ==, 0);
  }
}

static void links_mean_the_successor(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, LINK,
             "# lan0\n[Match]\nPermanentMACAddress=52-54-00-00-00-01 52:54:00:00:00:02\nPath=pci-0000:00:03.0\n"
             "Host=golden\n\n[Link]\nName=lan0\nMTUBytes=9000\n");
  write_file(world, "/etc/systemd/network/10-lan.link.d/wake.conf", "[Match]\nMACAddress = 52:54:00:00:00:02\n");
  run(world, 2, 0);
  assert_written(world->plain, LINK,
                 "# lan0\n[Match]\nPermanentMACAddress=52-54-00-aa-00-01 52:54:00:aa:00:02\nPath=pci-0000:00:03.0\n"
                 "Host=web-17\n\n[Link]\nName=ens3\nMTUBytes=9000\n");
  assert_written(world->plain, "/etc/systemd/network/10-lan.link.d/wake.conf",
                 "[Match]\nMACAddress = 52:54:00:aa:00:02\n");
}

static void networks_are_not_links(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, "/etc/systemd/network/10-lan.network", "[Match]\nName=lan0\nMACAddress=52:54:00:00:00:01\n");
  write_file(world, "/run/systemd/network/10-lan.link", "[Match]\nMACAddress=52:54:00:00:00:01\n");
  run(world, 0, 0);
}

static void a_nic_without_successor_is_named(void) {
  g_autoptr(World) world = world_new(1);

  write_file(world, LINK, "[Match]\nMACAddress=52:54:00:00:00:02\n[Link]\nName=wan0\n");
  write_file(world, RULES, "ATTR{address}==\"52:54:00:00:00:02\", NAME=\"wan0\"\n");
  run(world, 0, 2);
  assert_warned(world, 0, LINK ":2: the MAC address 52:54:00:00:00:02");
  assert_warned(world, 1, RULES ":1: the MAC address 52:54:00:00:00:02");
}

/* The template was not booted again after it was written. */
static void a_name_that_is_not_in_effect_is_named(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, LINK, "[Match]\nMACAddress=52:54:00:00:00:01\n[Link]\nName=wan0\n");
  run(world, 1, 1);
  assert_written(world->plain, LINK, "[Match]\nMACAddress=52:54:00:aa:00:01\n[Link]\nName=wan0\n");
  assert_warned(world, 0, LINK ":4: calls the NIC 52:54:00:aa:00:01");
}

/* What a sample clone of the template shows: its NICs have the template's names. */
static void a_name_by_mac_is_named_where_it_holds_for_the_template_alone(void) {
  static const struct {
    const char *path, *content;
    guint n_edits, n_warnings;
  } files[] = {
      {LINK, "[Match]\nMACAddress=52:54:00:00:00:02\n[Link]\nName=lan1\n", 1, 1},
      {RULES, "ATTR{address}==\"52:54:00:00:00:02\", NAME=\"lan1\"\n", 1, 1},
      {LINK, "[Match]\nMACAddress=52:54:00:00:00:02\n[Link]\nMTUBytes=9000\n", 1, 0},
      {LINK, "[Match]\nPath=pci-0000:00:04.0\n[Link]\nName=lan1\n", 0, 0},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(World) world = world_new(2);

    write_file(world, files[i].path, files[i].content);
    run(world, files[i].n_edits, files[i].n_warnings);
    if (files[i].n_warnings > 0)
      assert_warned(world, 0, "Match by slot");
  }
}

static void an_address_that_is_given_is_named(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, LINK, "[Match]\nOriginalName=eth*\n[Link]\nMACAddress=02:00:00:00:00:09\n");
  run(world, 0, 1);
  assert_warned(world, 0, LINK ":4: gives its NIC the MAC address 02:00:00:00:00:09");
}

static void a_given_address_of_the_template_follows(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, LINK, "[Match]\nOriginalName=eth*\n[Link]\nMACAddress=52-54-00-00-00-01\n");
  run(world, 1, 0);
  assert_written(world->plain, LINK, "[Match]\nOriginalName=eth*\n[Link]\nMACAddress=52-54-00-aa-00-01\n");
}

static void a_rewired_machine_rebinds(void) {
  g_autoptr(World) world = world_new(2);

  world->plain->context.verdict = VERDICT_REWIRED;
  write_file(world, LINK, "[Match]\nMACAddress=52:54:00:00:00:01\nHost=golden\n[Link]\nName=lan0\n");
  run(world, 1, 0);
  assert_written(world->plain, LINK, "[Match]\nMACAddress=52:54:00:aa:00:01\nHost=golden\n[Link]\nName=ens3\n");
}

static void an_initramfs_with_a_copy_is_named(void) {
  static const char *const builders[][2] = {{"/usr/sbin/update-initramfs", "update-initramfs -u -k all"},
                                            {"/usr/bin/dracut", "dracut -f --regenerate-all"},
                                            {"/usr/bin/mkinitcpio", "mkinitcpio -P"}};

  for (gsize i = 0; i < G_N_ELEMENTS(builders); i++) {
    g_autoptr(World) world = world_new(2);

    write_file(world, builders[i][0], "");
    write_file(world, LINK, "[Match]\nMACAddress=52:54:00:00:00:02\n");
    run(world, 1, 1);
    assert_warned(world, 0, builders[i][1]);
    assert_warned(world, 0, LINK);
  }
}

static void an_initramfs_without_one_is_not(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, "/usr/sbin/update-initramfs", "");
  write_file(world, "/etc/initramfs-tools/initramfs.conf", "# IP=10.0.0.5\nIP=\nDEVICE=\n");
  fixture_write(world->hardware, "/proc/cmdline", "quiet ip=off\n");
  run(world, 0, 0);
}

static void an_initramfs_with_a_network_is_named(void) {
  static const char *const lines[] = {"ip=dhcp quiet\n", "quiet rd.neednet=1\n", "root=/dev/nfs nfsroot=10.0.0.1:/x\n"};

  for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
    g_autoptr(World) world = world_new(2);

    write_file(world, "/usr/bin/dracut", "");
    fixture_write(world->hardware, "/proc/cmdline", lines[i]);
    run(world, 0, 1);
    assert_warned(world, 0, "dracut -f --regenerate-all");
  }
}

static void an_address_in_the_initramfs_is_named(void) {
  g_autoptr(World) world = world_new(2);

  write_file(world, "/usr/sbin/update-initramfs", "");
  write_file(world, "/etc/initramfs-tools/conf.d/ip", "IP=10.0.0.5::10.0.0.1:255.255.255.0::eth0:off\n");
  run(world, 0, 1);
  assert_warned(world, 0, "/etc/initramfs-tools/conf.d/ip");
}

#define TEST(name, function) g_test_add_func("/step-persistent-net/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("rules-mean-the-successor", rules_mean_the_successor);
  TEST("every-file-of-rules-is-read", every_file_of_rules_is_read);
  TEST("odd-rules-stay-as-they-are", odd_rules_stay_as_they_are);
  TEST("links-mean-the-successor", links_mean_the_successor);
  TEST("networks-are-not-links", networks_are_not_links);
  TEST("a-nic-without-successor-is-named", a_nic_without_successor_is_named);
  TEST("a-name-that-is-not-in-effect-is-named", a_name_that_is_not_in_effect_is_named);
  TEST("a-name-by-mac-is-named-where-it-holds-for-the-template-alone",
       a_name_by_mac_is_named_where_it_holds_for_the_template_alone);
  TEST("an-address-that-is-given-is-named", an_address_that_is_given_is_named);
  TEST("a-given-address-of-the-template-follows", a_given_address_of_the_template_follows);
  TEST("a-rewired-machine-rebinds", a_rewired_machine_rebinds);
  TEST("an-initramfs-with-a-copy-is-named", an_initramfs_with_a_copy_is_named);
  TEST("an-initramfs-without-one-is-not", an_initramfs_without_one_is_not);
  TEST("an-initramfs-with-a-network-is-named", an_initramfs_with_a_network_is_named);
  TEST("an-address-in-the-initramfs-is-named", an_address_in_the_initramfs_is_named);
  return g_test_run();
}
