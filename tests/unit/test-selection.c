/* agent/profiles/selection/selection.c, profile-fit.c, selection-world.c: which profile comes up on which NIC. */
#include "profiles/selection/selection.h"

#include "profile-world.h"
#include "profiles/selection/profile-fit.h"

#define UUID(n) "aaaaaaaa-0000-4000-8000-00000000000" #n
#define ETHERNET(n) "[connection]\nid=p" #n "\nuuid=" UUID(n) "\ntype=ethernet\n"

typedef struct {
  World *machine;
  SelectionWorld *world;
  Selections *selections;
} Fits;

/* Two NICs, ens3 and ens4, that were eth0 and eth1 on the template. */
static Fits *fits_new(void) {
  Fits *fits = g_new0(Fits, 1);

  fits->machine = world_new();
  fits->world = selection_world_new();
  world_card(fits->machine, "eth0", "00:50:56:aa:00:01", "ens3", "52:54:00:cc:00:01");
  world_card(fits->machine, "eth1", "00:50:56:aa:00:02", "ens4", "52:54:00:cc:00:02");
  return fits;
}

static void fits_free(Fits *fits) {
  g_clear_pointer(&fits->selections, selections_free);
  g_clear_pointer(&fits->world, selection_world_free);
  world_free(fits->machine);
  g_free(fits);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fits, fits_free)

static void add(Fits *fits, const char *name, const char *content) {
  g_autofree char *file = g_strconcat(name, ".nmconnection", NULL);

  world_profile(fits->machine, file, content);
}

static const Selections *select_all(Fits *fits, SelectionTime time) {
  g_clear_pointer(&fits->selections, selections_free);
  if (fits->machine->profiles == NULL)
    world_read(fits->machine);
  fits->selections =
      selections_new(fits->world, fits->machine->profiles, fits->machine->map, &fits->machine->facts.nics, time);
  return fits->selections;
}

static const char *id_of(const Profile *profile) {
  return profile != NULL ? profile->id : NULL;
}

/* What comes up on ens3 and ens4, for certain. */
static void assert_up(Fits *fits, const char *first, const char *second) {
  const char *const expected[] = {first, second};
  const Selections *selections = select_all(fits, SELECTION_NOW);

  for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
    Selection selection = selections_on(selections, &fits->machine->present[i]);

    g_assert_cmpstr(id_of(selection.profile), ==, expected[i]);
    g_assert_true(selection.certain);
    g_assert_null(selection.rival);
  }
}

static void nothing_comes_up_without_profiles(void) {
  g_autoptr(Fits) fits = fits_new();

  assert_up(fits, NULL, NULL);
  g_assert_cmpint(selections_winning_priority(fits->selections, &fits->machine->present[0], NULL), ==, 0);
}

static void a_profile_fits_by_what_the_successor_is_called(void) {
  static const struct {
    const char *extra;
    gboolean first, second;
  } cases[] = {
      {"interface-name=eth0\n", TRUE, FALSE},
      {"interface-name=ens3\n", TRUE, FALSE},
      {"interface-name=eth7\n", FALSE, FALSE},
      {"[ethernet]\nmac-address=00:50:56:AA:00:02\n", FALSE, TRUE},
      {"[ethernet]\nmac-address=52:54:00:cc:00:02\n", FALSE, TRUE},
      {"[ethernet]\nmac-address=02:00:00:00:00:09\n", FALSE, FALSE},
      {"interface-name=eth0\n[ethernet]\nmac-address=00:50:56:aa:00:02\n", FALSE, FALSE},
      {"[ethernet]\nmac-address-blacklist=00:50:56:aa:00:01;\n", FALSE, TRUE},
      {"[match]\ninterface-name=eth0;\n", TRUE, FALSE},
      {"[match]\ninterface-name=!eth0;\n", FALSE, TRUE},
      {"[match]\ninterface-name=ens*;&!ens4;\n", TRUE, FALSE},
      {"[match]\ndriver=virtio*;\n", TRUE, FALSE},
      {"[match]\ndriver=!virtio_net;\n", FALSE, TRUE},
      {"permissions=user:ann:;\n", FALSE, FALSE},
      {"autoconnect=false\n", FALSE, FALSE},
      {"[match]\nkernel-command-line=quiet;\ninterface-name=ens3;\n", TRUE, FALSE},
      {"[match]\nkernel-command-line=root=/dev/vdb;\n", FALSE, FALSE},
      {"[match]\nkernel-command-line=!root;\n", FALSE, FALSE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Fits) fits = fits_new();
    g_autofree char *text = g_strconcat(ETHERNET(1), cases[i].extra, NULL);

    selection_world_describe(fits->world, &(NetDevice){.name = "ens3", .type = "ethernet", .driver = "virtio_net"});
    fits->world->command_line = g_strsplit("root=/dev/vda quiet", " ", -1);
    add(fits, "p1", text);
    assert_up(fits, cases[i].first ? "p1" : NULL, cases[i].second ? "p1" : NULL);
  }
}

static gboolean equals(const char *pattern, gconstpointer text) {
  return strcmp(pattern, text) == 0;
}

static void patterns_must_may_or_must_not(void) {
  static const struct {
    const char *patterns[3];
    gboolean fits;
  } cases[] = {
      {{NULL}, TRUE},     {{"a"}, TRUE},        {{"b"}, FALSE},       {{"|a"}, TRUE},
      {{"b", "a"}, TRUE}, {{"&a", "b"}, FALSE}, {{"&b", "a"}, FALSE}, {{"!a"}, FALSE},
      {{"!b"}, TRUE},     {{"!b", "c"}, FALSE}, {{"|!b", "c"}, TRUE}, {{"&!b"}, TRUE},
      {{"&!a"}, FALSE},   {{"\\a"}, TRUE},      {{"!\\a"}, FALSE},    {{"&a", "!b"}, TRUE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    guint count = 0;

    while (count < G_N_ELEMENTS(cases[i].patterns) && cases[i].patterns[count] != NULL)
      count++;
    if (profile_fit_patterns(cases[i].patterns, count, equals, "a") != cases[i].fits)
      g_error("case %zu", i);
  }
}

static void priority_then_timestamp_then_uuid(void) {
  g_autoptr(Fits) fits = fits_new();

  add(fits, "p1", ETHERNET(1) "interface-name=ens3\n");
  add(fits, "p2", ETHERNET(2) "interface-name=ens3\n");
  add(fits, "p3", ETHERNET(3) "interface-name=ens3\nautoconnect-priority=-1\n");
  add(fits, "p4", ETHERNET(4) "interface-name=ens3\nautoconnect=false\nautoconnect-priority=9\n");
  assert_up(fits, "p1", NULL);
  g_key_file_set_value(fits->world->timestamps, "timestamps", UUID(2), "0");
  assert_up(fits, "p2", NULL);
  g_key_file_set_value(fits->world->timestamps, "timestamps", UUID(1), "1700000000");
  assert_up(fits, "p1", NULL);
  g_key_file_set_value(fits->world->timestamps, "timestamps", UUID(3), "1800000000");
  assert_up(fits, "p1", NULL);
  g_key_file_set_value(fits->world->timestamps, "timestamps", UUID(2), "1700000001");
  assert_up(fits, "p2", NULL);
}

static void what_only_the_uuid_decides_is_not_certain_where_it_changes(void) {
  g_autoptr(Fits) fits = fits_new();
  Selection selection;

  add(fits, "p1", ETHERNET(1) "interface-name=ens3\n");
  add(fits, "p2", ETHERNET(2) "interface-name=ens3\n");
  selection = selections_on(select_all(fits, SELECTION_UUIDS_CHANGE), &fits->machine->present[0]);
  g_assert_cmpstr(id_of(selection.profile), ==, "p1");
  g_assert_false(selection.certain);
  g_assert_cmpstr(id_of(selection.rival), ==, "p2");
}

static void one_profile_of_two_nics_is_not_certain(void) {
  g_autoptr(Fits) fits = fits_new();
  const Nic *first = &fits->machine->present[0];
  Selection selection;

  add(fits, "p1", ETHERNET(1));
  selection = selections_on(select_all(fits, SELECTION_NOW), first);
  g_assert_cmpstr(id_of(selection.profile), ==, "p1");
  g_assert_false(selection.certain);
  g_assert_null(selection.rival);
  g_assert_true(selections_may_come_up(fits->selections, first, NULL));
}

static void one_that_is_beaten_on_the_other_nic_is_certain(void) {
  g_autoptr(Fits) fits = fits_new();

  add(fits, "p1", ETHERNET(1));
  add(fits, "p2", ETHERNET(2) "interface-name=ens4\nautoconnect-priority=1\n");
  assert_up(fits, "p1", "p2");
}

static void one_that_may_be_up_several_times_is_certain(void) {
  g_autoptr(Fits) fits = fits_new();

  add(fits, "p1", ETHERNET(1) "multi-connect=3\n");
  assert_up(fits, "p1", "p1");
}

static void of_files_with_one_uuid_one_counts(void) {
  static const char path[] = "/run/NetworkManager/system-connections/r.nmconnection";
  static const char shadow[] = "[connection]\nid=shadow\nuuid=" UUID(1) "\ntype=ethernet\ninterface-name=ens9\n";
  g_autoptr(Fits) fits = fits_new();

  add(fits, "p1", ETHERNET(1) "interface-name=ens3\n");
  add(fits, "p2", ETHERNET(2) "interface-name=ens4\n");
  fixture_write_bytes(fits->machine->fixture, path, shadow, strlen(shadow), 0600);
  assert_up(fits, NULL, "p2");
}

static void nothing_comes_up_where_networkmanager_is_told_to_stay_off(void) {
  g_autoptr(Fits) fits = fits_new();
  guint64 timestamp = 0;
  g_autoptr(GError) error = NULL;

  add(fits, "p1", ETHERNET(1) "interface-name=ens3\n");
  add(fits, "p2", ETHERNET(2));
  fixture_write(fits->machine->fixture, "/etc/NetworkManager/conf.d/x.conf",
                "[keyfile]\nunmanaged-devices=mac:52:54:00:cc:00:01\n");
  fixture_write(fits->machine->fixture, "/var/lib/NetworkManager/timestamps", "[timestamps]\n" UUID(2) "=17\n");
  selection_world_free(fits->world);
  fits->world =
      selection_world_read(&fits->machine->fixture->root, NULL, fits->machine->map, &fits->machine->facts.nics, &error);
  g_assert_no_error(error);
  assert_up(fits, NULL, "p2");
  g_assert_false(selections_on(fits->selections, &fits->machine->present[0]).managed);
  g_assert_true(selection_world_timestamp(fits->world, UUID(2), &timestamp));
  g_assert_cmpuint(timestamp, ==, 17);
}

static void ifupdown_has_the_successor_of_the_nic_it_names(void) {
  g_autoptr(Fits) fits = fits_new();
  Fixture *fixture = fits->machine->fixture;
  g_autoptr(GError) error = NULL;

  add(fits, "p1", ETHERNET(1) "interface-name=ens3\n");
  add(fits, "p2", ETHERNET(2) "interface-name=ens4\n");
  fixture_write(fixture, "/usr/lib/x86_64-linux-gnu/NetworkManager/1/libnm-settings-plugin-ifupdown.so", "");
  fixture_write(fixture, "/etc/network/interfaces", "iface eth0 inet dhcp\n");
  world_read(fits->machine);
  selection_world_free(fits->world);
  fits->world = selection_world_read(&fixture->root, NULL, fits->machine->map, &fits->machine->facts.nics, &error);
  g_assert_no_error(error);
  assert_up(fits, NULL, "p2");
}

static void the_hardware_says_drivers_kinds_and_the_command_line(void) {
  g_autoptr(Fits) fits = fits_new();
  Fixture *fixture = fits->machine->fixture;
  g_autoptr(GError) error = NULL;

  fixture_mkdir(fixture, "/sys/bus/virtio/drivers/virtio_net");
  fixture_mkdir(fixture, "/sys/class/net/ens3/device");
  fixture_symlink(fixture, "/sys/class/net/ens3/device/driver", "/sys/bus/virtio/drivers/virtio_net");
  fixture_mkdir(fixture, "/sys/class/net/ens4/phy80211");
  fixture_write(fixture, "/proc/cmdline", "quiet site=b\n");
  add(fits, "p1", ETHERNET(1) "[match]\ndriver=virtio_net;\nkernel-command-line=site=b;quiet;\n");
  add(fits, "p2", "[connection]\nid=p2\nuuid=" UUID(2) "\ntype=wifi\n[wifi]\nssid=s\n");
  selection_world_free(fits->world);
  fits->world = selection_world_read(&fixture->root, &fixture->root, NULL, &fits->machine->facts.nics, &error);
  g_assert_no_error(error);
  assert_up(fits, "p1", "p2");
}

static void a_new_profile_wins_by_its_priority(void) {
  g_autoptr(Fits) fits = fits_new();
  const Nic *first = &fits->machine->present[0];
  const Nic *second = &fits->machine->present[1];
  const Profile *strongest = NULL;

  add(fits, "p1", ETHERNET(1) "autoconnect-priority=-5\n");
  add(fits, "p2", ETHERNET(2) "interface-name=ens3\nautoconnect-priority=7\n");
  add(fits, "p3", ETHERNET(3) "interface-name=ens3\nautoconnect-priority=70\nautoconnect=false\n");
  select_all(fits, SELECTION_UUIDS_CHANGE);
  g_assert_cmpint(selections_winning_priority(fits->selections, first, NULL), ==, 8);
  g_assert_cmpint(selections_winning_priority(fits->selections, second, NULL), ==, 0);
  g_clear_pointer(&fits->machine->profiles, profiles_free);
  add(fits, "p4", ETHERNET(4) "multi-connect=3\nautoconnect-priority=999\n");
  fits->machine->profiles =
      profiles_read(&fits->machine->fixture->root, fits->machine->map, &fits->machine->facts.nics, NULL);
  select_all(fits, SELECTION_UUIDS_CHANGE);
  g_assert_cmpint(selections_winning_priority(fits->selections, second, &strongest), ==, -1);
  g_assert_cmpstr(id_of(strongest), ==, "p4");
}

/* "uuid:" in the list follows where UUIDs change, so that it means the profile that it meant. */
static void what_a_device_does_not_allow_stays_down(void) {
  g_autoptr(Fits) fits = fits_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fits->machine->fixture, "/etc/NetworkManager/conf.d/10.conf",
                "[device-a]\nmatch-device=interface-name:ens3\nallowed-connections=uuid:" UUID(
                    1) "\n[device-b]\nmatch-device=interface-name:ens4\nallowed-connections=except:origin:generator\n");
  fits->world->managed = managed_devices_read(&fits->machine->fixture->root, NULL, &error);
  g_assert_no_error(error);
  add(fits, "p1", ETHERNET(1));
  add(fits, "p2", ETHERNET(2) "autoconnect-priority=5\n[user]\norg.freedesktop.NetworkManager.origin=generator\n");
  add(fits, "p3", ETHERNET(3) "interface-name=ens4\nautoconnect-priority=2\n");
  assert_up(fits, "p1", "p3");
}

static void what_fits_stands_in_order_and_virtual_devices_by_name(void) {
  g_autoptr(Fits) fits = fits_new();
  g_autoptr(GPtrArray) fitting = NULL;
  g_autoptr(GPtrArray) named = NULL;

  add(fits, "p1", ETHERNET(1) "interface-name=ens3\nautoconnect=false\n");
  add(fits, "p2", ETHERNET(2));
  add(fits, "p3", ETHERNET(3) "autoconnect-priority=1\n");
  add(fits, "p4", "[connection]\nid=p4\nuuid=" UUID(4) "\ntype=bridge\ninterface-name=br0\n");
  fitting = selections_fitting(select_all(fits, SELECTION_NOW), &fits->machine->present[0]);
  named = selections_fitting_device(fits->selections, "br0");
  g_assert_cmpuint(fitting->len, ==, 3);
  g_assert_cmpstr(id_of(fitting->pdata[0]), ==, "p3");
  g_assert_cmpstr(id_of(fitting->pdata[1]), ==, "p2");
  g_assert_cmpstr(id_of(fitting->pdata[2]), ==, "p1");
  g_assert_cmpuint(named->len, ==, 1);
  g_assert_cmpstr(id_of(named->pdata[0]), ==, "p4");
  g_assert_cmpstr(id_of(selections_on_device(fits->selections, "br0").profile), ==, "p4");
}

#define TEST(name, function) g_test_add_func("/selection/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  TEST("nothing-comes-up-without-profiles", nothing_comes_up_without_profiles);
  TEST("a-profile-fits-by-what-the-successor-is-called", a_profile_fits_by_what_the_successor_is_called);
  TEST("patterns-must-may-or-must-not", patterns_must_may_or_must_not);
  TEST("priority-then-timestamp-then-uuid", priority_then_timestamp_then_uuid);
  TEST("what-only-the-uuid-decides-is-not-certain-where-it-changes",
       what_only_the_uuid_decides_is_not_certain_where_it_changes);
  TEST("one-profile-of-two-nics-is-not-certain", one_profile_of_two_nics_is_not_certain);
  TEST("one-that-is-beaten-on-the-other-nic-is-certain", one_that_is_beaten_on_the_other_nic_is_certain);
  TEST("one-that-may-be-up-several-times-is-certain", one_that_may_be_up_several_times_is_certain);
  TEST("of-files-with-one-uuid-one-counts", of_files_with_one_uuid_one_counts);
  TEST("nothing-comes-up-where-networkmanager-is-told-to-stay-off",
       nothing_comes_up_where_networkmanager_is_told_to_stay_off);
  TEST("ifupdown-has-the-successor-of-the-nic-it-names", ifupdown_has_the_successor_of_the_nic_it_names);
  TEST("the-hardware-says-drivers-kinds-and-the-command-line", the_hardware_says_drivers_kinds_and_the_command_line);
  TEST("a-new-profile-wins-by-its-priority", a_new_profile_wins_by_its_priority);
  TEST("what-fits-stands-in-order-and-virtual-devices-by-name", what_fits_stands_in_order_and_virtual_devices_by_name);
  TEST("what-a-device-does-not-allow-stays-down", what_a_device_does_not_allow_stays_down);
  return g_test_run();
}
