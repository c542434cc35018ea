/* network-memory.c, profile-shape.c: what is remembered of profiles is read as it was written, holds no secret, and
 * tells a profile under another name from another profile. */
#include "network/network-memory.h"

#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "fixture.h"
#include "network/profile-shape.h"

#define UUID "aaaaaaaa-0000-4000-8000-000000000001"
#define OTHER "bbbbbbbb-0000-4000-8000-000000000001"

static GBytes *profile(const char *uuid, const char *interface, const char *address) {
  g_autofree char *text =
      g_strdup_printf("[connection]\nid=lan\nuuid=%s\ntype=ethernet\ninterface-name=%s\n[802-1x]\neap=ttls;\n"
                      "identity=me\npassword=geheim\nphase2-auth=pap\n[ipv4]\naddress1=%s\nmethod=manual\n",
                      uuid, interface, address);

  return g_bytes_new(text, strlen(text));
}

static char *shape_of(const char *uuid, const char *interface, const char *address) {
  g_autoptr(GBytes) content = profile(uuid, interface, address);

  return profile_shape(content);
}

static void test_names_have_no_shape(void) {
  g_autofree char *one = shape_of(UUID, "ens3", "192.0.2.10/24,192.0.2.1");
  g_autofree char *renamed = shape_of(OTHER, "ens4", "192.0.2.10/24,192.0.2.1");
  g_autofree char *moved = shape_of(UUID, "ens3", "192.0.2.11/24,192.0.2.1");
  g_autofree char *gateway = shape_of(UUID, "ens3", "192.0.2.10/24,192.0.2.254");
  g_autofree char *prefix = shape_of(UUID, "ens3", "192.0.2.10/25,192.0.2.1");
  g_autofree char *none = profile_shape(NULL);

  g_assert_cmpstr(one, ==, renamed);
  g_assert_cmpstr(one, !=, moved);
  g_assert_cmpstr(one, !=, gateway);
  g_assert_cmpstr(one, !=, prefix);
  g_assert_cmpstr(none, ==, "");
}

static void test_it_is_read_as_it_was_written(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GBytes) content = profile(UUID, "ens3", "192.0.2.10/24");
  static char path[] = "/etc/lan", uuid[] = UUID, other_shape[] = "later";
  g_autofree char *shape = profile_shape(content);
  const LiveProfile first = {.path = path, .uuid = uuid, .shape = shape};
  const LiveProfile later = {.path = path, .uuid = uuid, .shape = other_shape};
  g_autoptr(NetworkMemory) memory = network_memory_new(), read = NULL, absent = NULL;
  g_autoptr(GError) error = NULL;
  char *text = NULL;
  size_t size = 0;

  g_assert_true(network_memory_read(&fixture->root, &absent, &error) && absent == NULL);
  memory->machine_id = g_strdup("0123456789abcdef0123456789abcdef");
  memory->active = g_strdup("what was active");
  (void)g_hash_table_add(memory->held, g_strdup("ens4"));
  network_memory_add(memory, &first);
  network_memory_add(memory, &later);
  g_assert_true(network_memory_write(&fixture->root, memory, &error));
  g_assert_true(network_memory_read(&fixture->root, &read, &error));
  g_assert_cmpuint(read->profiles->len, ==, 1);
  g_assert_cmpstr(network_memory_find(read, UUID)->shape, ==, shape);
  g_assert_null(network_memory_find(read, OTHER));
  g_assert_cmpstr(read->machine_id, ==, memory->machine_id);
  g_assert_cmpstr(read->active, ==, memory->active);
  g_assert_true(g_hash_table_contains(read->held, "ens4"));
  g_assert_cmpint(root_read_file(&fixture->root, RI_NETWORK_FILE, 65536, &text, &size, NULL), ==, 0);
  g_assert_null(strstr(text, "geheim"));
  free(text);
  g_assert_true(network_memory_remove(&fixture->root, &error));
}

static void test_what_is_damaged_is_refused(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(NetworkMemory) memory = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint(root_file_write(&fixture->root, RI_NETWORK_FILE, "('half", 6, 0600), >=, 0);
  g_assert_false(network_memory_read(&fixture->root, &memory, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
  g_assert_nonnull(strstr(error->message, RI_NETWORK_FILE));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/network-memory/names-have-no-shape", test_names_have_no_shape);
  g_test_add_func("/network-memory/it-is-read-as-it-was-written", test_it_is_read_as_it_was_written);
  g_test_add_func("/network-memory/what-is-damaged-is-refused", test_what_is_damaged_is_refused);
  return g_test_run();
}
