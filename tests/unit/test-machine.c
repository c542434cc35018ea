/* What a boot waits for before it plans (agent/cli/machine.c, agent/plan/nic-names.c): the machine and its udev are a
 * tree's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "cli/machine.h"
#include "fixture.h"
#include "plan/nic-names.h"

enum { SHORT_MS = 50, LONG_MS = 1500 };

#define PROFILE "/etc/NetworkManager/system-connections/lan.nmconnection"
#define ADDRESS_1 "52:54:00:00:00:01"
#define ADDRESS_2 "52:54:00:00:00:02"

typedef struct {
  Fixture *fixture;
  Arguments arguments;
  Machine machine;
} World;

static void add_card(Fixture *fixture, const char *name, const char *address, const char *index) {
  const struct {
    const char *file, *content;
  } files[] = {{"type", "1\n"}, {"ifindex", index}, {"addr_assign_type", "0\n"}, {"address", address}};
  g_autofree char *device = g_strdup_printf("/sys/class/net/%s/device", name);

  fixture_mkdir(fixture, device);
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *path = g_strdup_printf("/sys/class/net/%s/%s", name, files[i].file);
    fixture_write(fixture, path, files[i].content);
  }
}

/* A settled machine without a UUID, whose recorded NICs are not there any more: one other is, so that it is a clone,
 * but only once evidence has been waited for in vain. */
static World *world_new(const char *profile) {
  World *world = g_new0(World, 1);
  Nic nics[] = {{.name = "eth0", .mac = ADDRESS_1}, {.name = "eth1", .mac = "52:54:00:00:00:09", .position = 1}};
  const Record record = {.state = RECORD_SETTLED, .nics = {nics, 2}};
  g_autoptr(GError) error = NULL;
  char *text = NULL;

  world->fixture = fixture_new();
  g_assert_cmpint(record_format(&record, &text), ==, 0);
  fixture_write(world->fixture, RI_RECORD_FILE, text);
  fixture_write(world->fixture, RI_RECORD_COPY_FILE, text);
  free(text);
  fixture_write(world->fixture, "/etc/hostname", "golden\n");
  fixture_write(world->fixture, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  fixture_write_bytes(world->fixture, PROFILE, profile, strlen(profile), 0600);
  add_card(world->fixture, "eth0", ADDRESS_2 "\n", "2\n");
  fixture_write(world->fixture, "/run/udev/control", "");
  world->arguments.root = world->fixture->path;
  world->arguments.hardware = world->fixture->path;
  world->arguments.hardware_given = TRUE;
  g_assert_true(machine_open(&world->machine, &world->arguments, &error));
  g_assert_no_error(error);
  g_assert_cmpint(world->machine.nic_wait_ms, ==, 0); /* a tree's NICs are not waited for */
  world->machine.nic_wait_ms = SHORT_MS;
  return world;
}

static void world_free(World *world) {
  machine_close(&world->machine);
  fixture_free(world->fixture);
  g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

static gint64 observe(World *world, gboolean wait) {
  gint64 start = g_get_monotonic_time();
  g_autoptr(GError) error = NULL;

  g_assert_true(machine_observe(&world->machine, wait, &error));
  g_assert_no_error(error);
  g_assert_cmpint(world->machine.verdict.kind, ==, VERDICT_CLONE);
  return (g_get_monotonic_time() - start) / 1000;
}

static const char by_name[] = "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-000000000000\ntype=ethernet\n"
                              "interface-name=eth0\n\n[ipv4]\nmethod=auto\n";
static const char by_nothing[] = "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-000000000000\ntype=ethernet\n\n"
                                 "[ipv4]\nmethod=auto\n";

static void a_name_that_udev_has_not_settled_is_not_written(void) {
  g_autoptr(World) world = world_new(by_name);
  g_autoptr(GError) error = NULL;

  (void)observe(world, TRUE);
  g_assert_true(world->machine.names_pending);
  g_autoptr(Proposal) proposal = machine_propose(&world->machine, TRUE, NULL, &error);
  g_assert_null(proposal);
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, PROFILE));
  /* Whoever starts it by hand has not waited, and is not refused. */
  (void)observe(world, FALSE);
  g_clear_error(&error);
  proposal = machine_propose(&world->machine, TRUE, NULL, &error);
  g_assert_no_error(error);
}

static void a_plan_without_names_goes_on(void) {
  g_autoptr(World) world = world_new(by_nothing);
  g_autoptr(GError) error = NULL;

  (void)observe(world, TRUE);
  g_assert_true(world->machine.names_pending);
  g_autoptr(Proposal) proposal = machine_propose(&world->machine, TRUE, NULL, &error);
  g_assert_no_error(error);
  g_assert_nonnull(proposal);
}

static void without_udev_a_name_is_final(void) {
  g_autoptr(World) world = world_new(by_name);
  g_autofree char *control = fixture_path(world->fixture, "/run/udev/control");
  g_autoptr(GError) error = NULL;

  g_assert_cmpint(remove(control), ==, 0);
  (void)observe(world, TRUE);
  g_assert_false(world->machine.names_pending);
  g_autoptr(Proposal) proposal = machine_propose(&world->machine, TRUE, NULL, &error);
  g_assert_no_error(error);
  g_assert_nonnull(proposal);
}

static void fewer_nics_are_waited_for_once(void) {
  g_autoptr(World) world = world_new(by_name);

  fixture_write(world->fixture, "/run/udev/data/n2", "I:1\n");
  world->machine.nic_wait_ms = LONG_MS;
  const gint64 ms = observe(world, TRUE);
  g_assert_cmpint(ms, >=, LONG_MS);
  g_assert_cmpint(ms, <, 2 * LONG_MS);
  g_assert_false(world->machine.names_pending);
}

static const char *named(const char *path, const char *step, const char *text) {
  static Nic nics[] = {{.name = "eth0"}, {.name = "ens192"}};
  const NicList list = {nics, 2};
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GBytes) content = text != NULL ? g_bytes_new(text, strlen(text)) : NULL;

  if (content != NULL)
    (void)plan_write(plan, step, path, NULL, content, "test");
  else
    (void)plan_remove(plan, step, path, NULL, "test");
  return g_intern_string(plan_names_nic(plan, &list));
}

static void whole_words_are_names(void) {
  g_assert_cmpstr(named("/etc/a", "s", "x=eth0"), ==, "/etc/a");
  g_assert_cmpstr(named("/etc/a", "s", "eth0.100;b"), ==, "/etc/a");
  g_assert_cmpstr(named("/etc/ens192.conf", "s", "x"), ==, "/etc/ens192.conf");
  g_assert_null(named("/etc/a", "s", "eth01 xeth0 ens19"));
  g_assert_null(named("/etc/a", "record", "[nic eth0]"));
  g_assert_null(named("/etc/eth0", "s", NULL));
  g_assert_null(named("/etc/a", "s", ""));
}

/* Also where the machine is looked at again, as after a file has changed during the question. */
static void a_policy_of_standard_input_is_read_once(void) {
  g_autoptr(World) world = world_new("");
  char standard_input[] = "-";

  fixture_write(world->fixture, "/policy", "[identity]\nhostname = node\n");
  g_autofree char *path = fixture_path(world->fixture, "/policy");
  g_assert_nonnull(freopen(path, "r", stdin));
  world->arguments.policy = standard_input;
  for (guint i = 0; i < 3; i++) {
    machine_read_policy(&world->machine);
    g_assert_no_error(world->machine.policy_error);
    g_assert_cmpstr(world->machine.policy.hostname, ==, "node");
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/machine/a-name-that-udev-has-not-settled-is-not-written",
                  a_name_that_udev_has_not_settled_is_not_written);
  g_test_add_func("/machine/a-plan-without-names-goes-on", a_plan_without_names_goes_on);
  g_test_add_func("/machine/without-udev-a-name-is-final", without_udev_a_name_is_final);
  g_test_add_func("/machine/fewer-nics-are-waited-for-once", fewer_nics_are_waited_for_once);
  g_test_add_func("/machine/a-policy-of-standard-input-is-read-once", a_policy_of_standard_input_is_read_once);
  g_test_add_func("/machine/whole-words-are-names", whole_words_are_names);
  return g_test_run();
}
