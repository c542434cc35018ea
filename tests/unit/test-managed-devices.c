/* agent/profiles/selection/managed-devices.c: which NICs NetworkManager is told to leave alone. */
#include "base/names.h"
#include "fixture.h"
#include "profiles/selection/managed-devices.h"

#define MAIN "/etc/NetworkManager/NetworkManager.conf"
#define ETC "/etc/NetworkManager/conf.d/"
#define RUN "/run/NetworkManager/conf.d/"
#define LIB "/usr/lib/NetworkManager/conf.d/"
#define PLUGIN "/usr/lib/x86_64-linux-gnu/NetworkManager/1.42.4/libnm-settings-plugin-ifupdown.so"

/* The names of those of ens3, ens4 and ens5 that are NetworkManager's. */
static void assert_managed(Fixture *fixture, const char *expected) {
  static const char *const names[] = {"ens3", "ens4", "ens5"};
  g_autoptr(GError) error = NULL;
  g_autoptr(ManagedDevices) devices = managed_devices_read(&fixture->root, NULL, &error);
  g_autoptr(GString) managed = g_string_new(NULL);

  g_assert_no_error(error);
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    const NetDevice device = {.name = names[i], .type = "ethernet"};

    if (managed_devices_has(devices, &device))
      g_string_append_printf(managed, "%s%s", managed->len > 0 ? " " : "", names[i]);
  }
  g_assert_cmpstr(managed->str, ==, expected);
}

static void without_a_word_it_has_all(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  static const NetDevice device = {.name = "ens3"};

  assert_managed(fixture, "ens3 ens4 ens5");
  g_assert_true(managed_devices_has(NULL, &device));
}

static void unmanaged_devices_of_the_last_file_count(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, LIB "10-a.conf", "[keyfile]\nunmanaged-devices=interface-name:ens5\n");
  assert_managed(fixture, "ens3 ens4");
  fixture_write(fixture, RUN "10-b.conf", "[keyfile]\nunmanaged-devices=interface-name:ens4\n");
  assert_managed(fixture, "ens3 ens5");
  fixture_write(fixture, MAIN, "[keyfile]\nunmanaged-devices=ens3\n");
  assert_managed(fixture, "ens4 ens5");
  fixture_write(fixture, ETC "10-c.conf", "[keyfile]\nunmanaged-devices=*,except:interface-name:ens4\n");
  assert_managed(fixture, "ens4");
}

static void a_list_grows_and_shrinks(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, MAIN, "[keyfile]\nunmanaged-devices=ens3;ens4\n");
  fixture_write(fixture, ETC "10.conf", "[keyfile]\nunmanaged-devices+=ens5\n");
  assert_managed(fixture, "");
  fixture_write(fixture, ETC "20.conf", "[keyfile]\nunmanaged-devices-=ens3,ens5\n");
  assert_managed(fixture, "ens3 ens5");
}

static void of_files_with_one_name_one_counts(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, LIB "10.conf", "[keyfile]\nunmanaged-devices=ens3\n");
  fixture_write(fixture, RUN "10.conf", "[keyfile]\n");
  assert_managed(fixture, "ens3 ens4 ens5");
  fixture_write(fixture, RUN "10.conf", "[keyfile]\nunmanaged-devices=ens4\n");
  fixture_write(fixture, ETC "10.conf", "");
  assert_managed(fixture, "ens3 ens4 ens5");
}

static void sections_count_from_the_last_file_on_and_from_the_top(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, MAIN,
                "[device]\nmanaged=0\n[device-a]\nmatch-device=interface-name:ens3\nmanaged=1\n"
                "[device-b]\nmatch-device=interface-name:ens*\nmanaged=false\n");
  assert_managed(fixture, "ens3");
  fixture_write(fixture, ETC "10.conf",
                "[device-c]\nmatch-device=interface-name:ens5\nmanaged=yes\n"
                "[device-d]\nmatch-device=interface-name:ens4\n[device-e]\nmatch-device=ens5\nmanaged=off\n");
  assert_managed(fixture, "ens3 ens5");
  fixture_write(fixture, ETC "10.conf", "[device-d]\nmatch-device=interface-name:ens4\nstop-match=true\n");
  assert_managed(fixture, "ens3 ens4");
}

static void unmanaged_devices_beat_sections(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, MAIN, "[keyfile]\nunmanaged-devices=ens3\n[device-a]\nmatch-device=*\nmanaged=1\n");
  assert_managed(fixture, "ens4 ens5");
}

static void a_drop_in_may_be_off_and_our_own_does_not_count(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, ETC "10.conf", "[.config]\nenable=false\n[keyfile]\nunmanaged-devices=ens3\n");
  fixture_write(fixture, ETC "20.conf", "[keyfile\nunmanaged-devices=ens4\n");
  fixture_write(fixture, RI_ISOLATION_FILE, "[keyfile]\nunmanaged-devices=*\n");
  assert_managed(fixture, "ens3 ens4 ens5");
}

static void what_ifupdown_has_is_left_alone(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/network/interfaces",
                "source interfaces.d/*\nauto ens4\niface lo inet loopback\niface br0 inet dhcp\n bridge_ports ens5\n");
  fixture_write(fixture, "/etc/network/interfaces.d/ens3", "iface ens3 inet dhcp\n");
  assert_managed(fixture, "ens3 ens4 ens5");
  fixture_write(fixture, PLUGIN, "");
  assert_managed(fixture, "ens4");
  fixture_write(fixture, MAIN, "[main]\nplugins=keyfile\n");
  assert_managed(fixture, "ens3 ens4 ens5");
  fixture_write(fixture, MAIN, "[main]\nplugins=ifupdown,keyfile\n[ifupdown]\nmanaged=false\n");
  assert_managed(fixture, "ens4");
  fixture_write(fixture, MAIN, "[main]\nplugins=ifupdown,keyfile\n[ifupdown]\nmanaged=true\n");
  assert_managed(fixture, "ens3 ens4 ens5");
}

/* Which of three profiles may come up on ens3, by their ids. */
static void assert_allowed(Fixture *fixture, const char *expected) {
  static const NetDevice device = {.name = "ens3", .type = "ethernet"};
  static const NetConnection profiles[] = {
      {.id = "lan", .uuid = "11111111-2222-4333-8444-555555555555"},
      {.id = "wan", .uuid = "11111111-2222-4333-8444-666666666666", .origin = "nm-initrd-generator"},
      {.id = "LAN"},
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(ManagedDevices) devices = managed_devices_read(&fixture->root, NULL, &error);
  g_autoptr(GString) allowed = g_string_new(NULL);

  g_assert_no_error(error);
  for (gsize i = 0; i < G_N_ELEMENTS(profiles); i++)
    if (managed_devices_allow(devices, &device, &profiles[i]))
      g_string_append_printf(allowed, "%s%s", allowed->len > 0 ? " " : "", profiles[i].id);
  g_assert_cmpstr(allowed->str, ==, expected);
}

static void allowed_connections_keep_the_others_off(void) {
  static const char *const cases[][2] = {
      {"*", "lan wan LAN"},
      {"", ""},
      {"id:lan", "lan"},
      {"ID:lan,uuid:11111111-2222-4333-8444-666666666666", "lan wan"},
      {"except:origin:nm-initrd-generator", "lan LAN"},
      {"id:wan;except:origin:nm-initrd-generator", ""},
      {"*,except:id:lan", "wan LAN"},
      {"lan", ""},
  };
  g_autoptr(Fixture) fixture = fixture_new();

  assert_allowed(fixture, "lan wan LAN");
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = g_strdup_printf("[device]\nallowed-connections=%s\n", cases[i][0]);

    fixture_write(fixture, MAIN, text);
    assert_allowed(fixture, cases[i][1]);
  }
  fixture_write(fixture, ETC "10.conf",
                "[device-a]\nmatch-device=ens4\nallowed-connections=*\n[device-b]\nmanaged=1\n");
  assert_allowed(fixture, "");
  fixture_write(fixture, ETC "20.conf", "[device-c]\nmatch-device=ens3\nallowed-connections=id:wan\n");
  assert_allowed(fixture, "wan");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/managed-devices/without-a-word-it-has-all", without_a_word_it_has_all);
  g_test_add_func("/managed-devices/unmanaged-devices-of-the-last-file-count",
                  unmanaged_devices_of_the_last_file_count);
  g_test_add_func("/managed-devices/a-list-grows-and-shrinks", a_list_grows_and_shrinks);
  g_test_add_func("/managed-devices/of-files-with-one-name-one-counts", of_files_with_one_name_one_counts);
  g_test_add_func("/managed-devices/sections-count-from-the-last-file-on-and-from-the-top",
                  sections_count_from_the_last_file_on_and_from_the_top);
  g_test_add_func("/managed-devices/unmanaged-devices-beat-sections", unmanaged_devices_beat_sections);
  g_test_add_func("/managed-devices/a-drop-in-may-be-off-and-our-own-does-not-count",
                  a_drop_in_may_be_off_and_our_own_does_not_count);
  g_test_add_func("/managed-devices/what-ifupdown-has-is-left-alone", what_ifupdown_has_is_left_alone);
  g_test_add_func("/managed-devices/allowed-connections-keep-the-others-off", allowed_connections_keep_the_others_off);
  return g_test_run();
}
