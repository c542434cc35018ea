/* The kernel's own answer about permanent addresses. */
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "fixture.h"
#include "observe/nic-permanent-mac.h"

static char *class_attribute(const char *interface, const char *name) {
  g_autofree char *path = g_build_filename("/sys/class/net", interface, name, NULL);
  char *value = NULL;

  if (!g_file_get_contents(path, &value, NULL, NULL))
    return g_strdup("");
  return g_strstrip(value);
}

/* Where nobody has set another address, the permanent one is the one in use. */
static void test_agrees_with_an_untouched_card(void) {
  g_autoptr(GDir) directory = g_dir_open("/sys/class/net", 0, NULL);
  const char *name;
  guint cards = 0;
  Root host;

  g_assert_cmpint(root_open(&host, "/"), ==, 0);
  while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
    g_autofree char *device = g_build_filename("/sys/class/net", name, "device", NULL);
    g_autofree char *assigned = class_attribute(name, "addr_assign_type");
    g_autofree char *address = class_attribute(name, "address");
    char mac[NIC_MAC_TEXT];

    if (!g_file_test(device, G_FILE_TEST_IS_DIR) || !g_str_equal(assigned, "0"))
      continue;
    g_assert_cmpint(nic_permanent_mac(&host, name, mac), ==, 1);
    g_assert_cmpstr(mac, ==, address);
    cards++;
  }
  root_close(&host);
  if (cards == 0)
    g_test_skip("this machine has no card");
}

static void test_what_has_none(void) {
  char mac[NIC_MAC_TEXT];
  Root host;

  g_assert_cmpint(root_open(&host, "/"), ==, 0);
  g_assert_cmpint(nic_permanent_mac(&host, "lo", mac), ==, 0);
  g_assert_cmpint(nic_permanent_mac(&host, "no-such-card", mac), ==, 0);
  root_close(&host);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/nic-permanent-mac/agrees-with-an-untouched-card", test_agrees_with_an_untouched_card);
  g_test_add_func("/nic-permanent-mac/what-has-none", test_what_has_none);
  return g_test_run();
}
