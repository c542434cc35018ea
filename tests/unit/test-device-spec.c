/* agent/profiles/selection/device-spec.c: NetworkManager's device lists. */
#include "profiles/selection/device-spec.h"

static const NetDevice nic = {.name = "ens3", .type = "ethernet", .driver = "virtio_net", .mac = "52:54:00:aa:00:01"};

static void a_list_is_split_and_joined_as_networkmanager_does(void) {
  static const struct {
    const char *value;
    const char *items[4];
  } cases[] = {
      {"", {NULL}},
      {" , ;", {NULL}},
      {"a,b;c", {"a", "b", "c", NULL}},
      {"  a b  ; c ", {"a b", "c", NULL}},
      {"a\\,b;c\\\\d\\;", {"a,b", "c\\d;", NULL}},
      {"\\s a \\s,x", {"  a  ", "x", NULL}},
      {"a\\qb", {"a\\qb", NULL}},
      {"a\\", {"a", NULL}},
      {"\\t\\n\\r", {"\t\n\r", NULL}},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(GStrv) items = device_specs_split(cases[i].value);
    g_autofree char *joined = device_specs_join((const char *const *)items);
    g_auto(GStrv) again = device_specs_split(joined);

    g_assert_true(g_strv_equal((const char *const *)items, cases[i].items));
    g_assert_true(g_strv_equal((const char *const *)again, cases[i].items));
  }
}

static void items_say_what_they_mean(void) {
  static const struct {
    const char *value;
    DeviceSpecResult result;
  } cases[] = {
      {"", DEVICE_SPEC_SILENT},
      {"*", DEVICE_SPEC_MATCHES},
      {"**", DEVICE_SPEC_SILENT},
      {"ens3", DEVICE_SPEC_MATCHES},
      {"ens*", DEVICE_SPEC_SILENT},
      {"52:54:00:AA:00:01", DEVICE_SPEC_MATCHES},
      {"52-54-00-aa-00-01", DEVICE_SPEC_MATCHES},
      {"mac:52:54:00:aa:00:01", DEVICE_SPEC_MATCHES},
      {"MAC:52:54:00:aa:00:02", DEVICE_SPEC_SILENT},
      {"mac:ens3", DEVICE_SPEC_SILENT},
      {"interface-name:ens3", DEVICE_SPEC_MATCHES},
      {"interface-name:ens?", DEVICE_SPEC_MATCHES},
      {"interface-name:~e*3", DEVICE_SPEC_MATCHES},
      {"interface-name:=ens*", DEVICE_SPEC_SILENT},
      {"interface-name:=ens3", DEVICE_SPEC_MATCHES},
      {"interface-name: ens3", DEVICE_SPEC_SILENT},
      {"type:ethernet", DEVICE_SPEC_MATCHES},
      {"Type:ethernet", DEVICE_SPEC_MATCHES},
      {"type:Ethernet", DEVICE_SPEC_SILENT},
      {"driver:virtio_net", DEVICE_SPEC_MATCHES},
      {"driver:virtio_net/*", DEVICE_SPEC_MATCHES},
      {"driver:e1000", DEVICE_SPEC_SILENT},
      {"except:ens3", DEVICE_SPEC_MATCHES}, /* without a tag: no exception */
      {"except:interface-name:ens3", DEVICE_SPEC_EXCEPTED},
      {"except:interface-name:ens4", DEVICE_SPEC_MATCHES},
      {"*,except:interface-name:ens3", DEVICE_SPEC_EXCEPTED},
      {"except:interface-name:ens3;*", DEVICE_SPEC_EXCEPTED},
      {"*,except:interface-name:ens4", DEVICE_SPEC_MATCHES},
      {"ens4,except:interface-name:ens5", DEVICE_SPEC_SILENT},
      {"dhcp-plugin:internal", DEVICE_SPEC_SILENT},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(GStrv) specs = device_specs_split(cases[i].value);
    DeviceSpecResult result = device_specs_match((const char *const *)specs, &nic);

    if (result != cases[i].result)
      g_error("\"%s\" gives %d", cases[i].value, result);
  }
}

static void what_is_unknown_matches_nothing(void) {
  static const NetDevice bare = {.name = "veth0", .type = "veth"};
  static const char *const specs[] = {"mac:52:54:00:aa:00:01", "driver:", "driver:/", NULL};

  g_assert_cmpint(device_specs_match(specs, &bare), ==, DEVICE_SPEC_SILENT);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/device-spec/a-list-is-split-and-joined-as-networkmanager-does",
                  a_list_is_split_and_joined_as_networkmanager_does);
  g_test_add_func("/device-spec/items-say-what-they-mean", items_say_what_they_mean);
  g_test_add_func("/device-spec/what-is-unknown-matches-nothing", what_is_unknown_matches_nothing);
  return g_test_run();
}
