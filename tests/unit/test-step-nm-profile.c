/* agent/plan/steps/step-nm-profile.c: all profiles of a machine in one plan, and what lies beside them. */
#include <time.h>

#include "base/bytes.h"
#include "base/error.h"
#include "profile-world.h"

#define UUID_BOND "7e570001-5a1e-4c0f-9d3b-00000000000a"
#define NEW_BOND "c10e0000-5a1e-4c0f-9d3b-00000000000a"
#define UUID_PORT "7e570001-5a1e-4c0f-9d3b-00000000000b"
#define BOND                                                                                                           \
  "[connection]\nid=bond0\nuuid=" UUID_BOND "\ntype=bond\ninterface-name=bond0\n[bond]\nmode=1\n"                      \
  "[ipv4]\naddress1=10.9.0.10/24\nmethod=manual\n"
#define PORT                                                                                                           \
  "[connection]\nid=port\nuuid=" UUID_PORT "\ntype=ethernet\nmaster=" UUID_BOND "\nslave-type=bond\n"                  \
  "[ethernet]\nmac-address=00:50:56:aa:00:01\n"

static World *bonded(void) {
  World *world = world_new();

  world_card(world, "eth0", "00:50:56:aa:00:01", "eth0", "52:54:00:cc:00:01");
  world_profile(world, "bond0.nmconnection", BOND);
  world_profile(world, "port.nmconnection", PORT);
  return world;
}

static void a_clone_gets_uuids_references_cards_and_addresses_at_once(void) {
  g_autoptr(World) world = bonded();

  world_plan(world);
  world_assert_after(world, "bond0.nmconnection",
                     "[connection]\nid=bond0\nuuid=" NEW_BOND "\ntype=bond\ninterface-name=bond0\n[bond]\nmode=1\n"
                     "[ipv4]\nmethod=auto\n");
  world_assert_after(world, "port.nmconnection",
                     "[connection]\nid=port\nuuid=c10e0000-5a1e-4c0f-9d3b-00000000000b\ntype=ethernet\nmaster=" NEW_BOND
                     "\nslave-type=bond\n[ethernet]\nmac-address=52:54:00:cc:00:01\n");
  g_assert_cmpstr(world_edit(world, "port.nmconnection")->why, ==,
                  "own connection UUID; bond port follows bond0's new UUID; ethernet.mac-address 00:50:56:aa:00:01 "
                  "becomes 52:54:00:cc:00:01");
  g_assert_cmpuint(world->plan->edits->len, ==, 2);
  world_assert_quiet(world);
}

static void a_rewired_machine_only_gets_its_cards(void) {
  g_autoptr(World) world = bonded();
  const char *const meta = PROFILES_DIR "/" UUID_BOND ".nmmeta";

  world->context.verdict = VERDICT_REWIRED;
  fixture_symlink(world->fixture, meta, "/dev/null");
  world_plan(world);
  world_assert_after(world, "bond0.nmconnection", BOND);
  world_assert_after(world, "port.nmconnection",
                     "[connection]\nid=port\nuuid=" UUID_PORT "\ntype=ethernet\nmaster=" UUID_BOND
                     "\nslave-type=bond\n[ethernet]\nmac-address=52:54:00:cc:00:01\n");
  g_assert_cmpuint(world->plan->edits->len, ==, 1);
  world_assert_quiet(world);
}

static void nothing_is_written_by_planning(void) {
  g_autoptr(World) world = bonded();
  g_autofree char *before = fixture_snapshot(world->fixture, NULL);
  g_autofree char *after = NULL;

  world_plan(world);
  after = fixture_snapshot(world->fixture, NULL);
  g_assert_cmpstr(after, ==, before);
}

static void a_tombstone_is_renamed_and_stays_a_link(void) {
  g_autoptr(World) world = bonded();
  const Edit *edit, *made;

  fixture_symlink(world->fixture, PROFILES_DIR "/" UUID_BOND ".nmmeta", "/dev/null");
  fixture_symlink(world->fixture, PROFILES_DIR "/99999999-5a1e-4c0f-9d3b-000000000099.nmmeta", "/dev/null");
  world_plan(world);
  edit = world_edit(world, UUID_BOND ".nmmeta");
  g_assert_nonnull(edit);
  g_assert_cmpint(edit->kind, ==, EDIT_UNLINK);
  made = world_edit(world, NEW_BOND ".nmmeta");
  g_assert_nonnull(made);
  g_assert_cmpint(made->kind, ==, EDIT_LINK);
  g_assert_cmpmem(g_bytes_get_data(made->content, NULL), g_bytes_get_size(made->content), "/dev/null", 9);
  g_assert_null(world_edit(world, "99999999-5a1e-4c0f-9d3b-000000000099.nmmeta"));
}

static void an_nmmeta_file_follows_with_its_content(void) {
  g_autoptr(World) world = bonded();
  const Edit *written, *removed;
  g_autofree char *text = NULL;

  world_profile(world, UUID_BOND ".nmmeta", "[nmmeta]\nuuid=" UUID_BOND "\nloaded-path=bond0.nmconnection\n");
  world_plan(world);
  removed = world_edit(world, UUID_BOND ".nmmeta");
  written = world_edit(world, NEW_BOND ".nmmeta");
  g_assert_cmpint(removed->kind, ==, EDIT_REMOVE);
  g_assert_cmpint(written->kind, ==, EDIT_WRITE);
  g_assert_cmpint(written->mode, ==, 0600);
  text = world_after(world, NEW_BOND ".nmmeta");
  g_assert_cmpstr(text, ==, "[nmmeta]\nuuid=" NEW_BOND "\nloaded-path=bond0.nmconnection\n");
}

static void an_unreadable_nmmeta_file_is_left_alone(void) {
  g_autoptr(World) world = bonded();

  world_profile(world, UUID_BOND ".nmmeta", "no keyfile");
  world_plan(world);
  g_assert_null(world_edit(world, UUID_BOND ".nmmeta"));
  g_assert_true(world_warns(world, UUID_BOND ".nmmeta is left alone"));
}

static void what_is_not_edited_is_reported_with_its_references(void) {
  static const char of_a_run[] =
      "[connection]\nid=v\ntype=vlan\ninterface-name=v\n[vlan]\nid=5\nparent=" UUID_BOND "\n";
  g_autoptr(World) world = bonded();

  fixture_write_bytes(world->fixture, "/run/NetworkManager/system-connections/v.nmconnection", of_a_run,
                      strlen(of_a_run), 0600);
  world_profile(world, "broken", "[connection]\nmaster=" UUID_BOND "\nid\n");
  world_plan(world);
  g_assert_null(plan_find(world->plan, "/run/NetworkManager/system-connections/v.nmconnection"));
  g_assert_null(world_edit(world, "broken"));
  g_assert_true(world_warns(world, "/v.nmconnection is not edited: it lives in /run"));
  g_assert_true(world_warns(world, "/v.nmconnection:7: the connection UUID " UUID_BOND));
  g_assert_true(world_warns(world, "/broken is not edited: NetworkManager refuses it"));
  g_assert_true(world_warns(world, "/broken:2: "));
}

static void scripts_and_configuration_that_name_a_uuid_are_reported(void) {
  g_autoptr(World) world = bonded();

  fixture_write(world->fixture, "/etc/NetworkManager/dispatcher.d/50-vpn",
                "#!/bin/sh\n# " UUID_BOND "\nx=" UUID_PORT "\n");
  fixture_write(world->fixture, "/etc/NetworkManager/dispatcher.d/pre-up.d/10-x", "nmcli con up " UUID_BOND "\n");
  fixture_write(world->fixture, "/etc/NetworkManager/conf.d/x.conf", "\n[connection]\nmatch=" UUID_BOND "\n");
  fixture_write(world->fixture, "/etc/NetworkManager/NetworkManager.conf", "a\nb\nc=" UUID_BOND);
  fixture_symlink(world->fixture, "/etc/NetworkManager/dispatcher.d/dangling", "nowhere");
  world_plan(world);
  g_assert_true(world_warns(world, "/etc/NetworkManager/dispatcher.d/50-vpn:3: "));
  g_assert_true(world_warns(world, "/etc/NetworkManager/dispatcher.d/pre-up.d/10-x:1: "));
  g_assert_true(world_warns(world, "/etc/NetworkManager/conf.d/x.conf:3: "));
  g_assert_true(world_warns(world, "/etc/NetworkManager/NetworkManager.conf:3: "));
  g_assert_cmpuint(world->plan->warnings->len, ==, 4);
}

static void a_list_of_allowed_connections_follows(void) {
  g_autoptr(World) world = bonded();
  g_autofree char *after = NULL;
  const Edit *edit;

  fixture_write(world->fixture, "/etc/NetworkManager/conf.d/y.conf",
                "[device]\nallowed-connections=id:a,except:uuid:" UUID_BOND "\n");
  world_plan(world);
  edit = plan_find(world->plan, "/etc/NetworkManager/conf.d/y.conf");
  g_assert_nonnull(edit);
  after = bytes_dup(edit->content);
  g_assert_cmpstr(after, ==, "[device]\nallowed-connections=id:a,except:uuid:" NEW_BOND "\n");
  world_assert_quiet(world);
}

static void a_profile_that_libnm_would_then_refuse_stops_the_plan(void) {
  g_autoptr(World) world = bonded();
  g_autoptr(GError) error = NULL;

  world_read(world);
  g_hash_table_insert(world->identity->new_uuids, world_find(world, "bond0.nmconnection"), g_strdup("no uuid"));
  g_assert_false(world_try_plan(world, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, PROFILES_DIR "/bond0.nmconnection: "));
}

static void a_wireguard_key_is_said_to_be_shared(void) {
  g_autoptr(World) world = world_new();

  world_profile(world, "wg0",
                "[connection]\nid=wg0\nuuid=" UUID_BOND "\ntype=wireguard\ninterface-name=wg0\n[wireguard]\n"
                "private-key=YFAnE0psgIdiAF7XR4abxiwQ9d4yHOKPgLBLFWHB1Vo=\n[ipv4]\nmethod=disabled\n"
                "[ipv6]\nmethod=disabled\n");
  world_plan(world);
  g_assert_true(world_warns(world, "/wg0: holds the template's WireGuard key"));
  g_assert_false(world_warns(world, "YFAnE0psgIdiAF7X"));
}

static void no_profiles_are_nothing_to_do(void) {
  g_autoptr(World) world = world_new();

  world_plan(world);
  g_assert_cmpuint(world->plan->edits->len, ==, 0);
  world_assert_quiet(world);
}

/* Processor time, in microseconds: other work on the machine does not count. */
static gint64 time_of(guint count) {
  g_autoptr(World) world = world_new();
  clock_t start;

  for (guint i = 0; i < count; i++) {
    g_autofree char *name = g_strdup_printf("p%u.nmconnection", i);
    g_autofree char *text = g_strdup_printf(
        "[connection]\nid=p%u\nuuid=7e57%04x-5a1e-4c0f-9d3b-0000000%05x\ntype=vlan\ninterface-name=v%u\n"
        "[vlan]\nid=%u\nparent=7e57%04x-5a1e-4c0f-9d3b-0000000%05x\n[ipv4]\naddress1=10.0.0.1/24\nmethod=manual\n",
        i, i & 0xffff, i, i, i % 4000 + 1, (i + 1) & 0xffff, i + 1);

    world_profile(world, name, text);
  }
  start = clock();
  world_plan(world);
  g_assert_cmpuint(world->plan->edits->len, ==, count);
  return (clock() - start) * (G_USEC_PER_SEC / CLOCKS_PER_SEC);
}

static void many_profiles_take_proportionally_long(void) {
  const gint64 few = time_of(50);
  const gint64 many = time_of(500);

  g_test_message("50 profiles: %" G_GINT64_FORMAT " us, 500: %" G_GINT64_FORMAT " us", few, many);
  /* Ten times as many; quadratic would be a hundred times as long. */
  g_assert_cmpint(many, <, 40 * few);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/step-nm-profile/a-clone-gets-uuids-references-cards-and-addresses-at-once",
                  a_clone_gets_uuids_references_cards_and_addresses_at_once);
  g_test_add_func("/step-nm-profile/a-rewired-machine-only-gets-its-cards", a_rewired_machine_only_gets_its_cards);
  g_test_add_func("/step-nm-profile/nothing-is-written-by-planning", nothing_is_written_by_planning);
  g_test_add_func("/step-nm-profile/a-tombstone-is-renamed-and-stays-a-link", a_tombstone_is_renamed_and_stays_a_link);
  g_test_add_func("/step-nm-profile/an-nmmeta-file-follows-with-its-content", an_nmmeta_file_follows_with_its_content);
  g_test_add_func("/step-nm-profile/an-unreadable-nmmeta-file-is-left-alone", an_unreadable_nmmeta_file_is_left_alone);
  g_test_add_func("/step-nm-profile/what-is-not-edited-is-reported-with-its-references",
                  what_is_not_edited_is_reported_with_its_references);
  g_test_add_func("/step-nm-profile/a-list-of-allowed-connections-follows", a_list_of_allowed_connections_follows);
  g_test_add_func("/step-nm-profile/scripts-and-configuration-that-name-a-uuid-are-reported",
                  scripts_and_configuration_that_name_a_uuid_are_reported);
  g_test_add_func("/step-nm-profile/a-profile-that-libnm-would-then-refuse-stops-the-plan",
                  a_profile_that_libnm_would_then_refuse_stops_the_plan);
  g_test_add_func("/step-nm-profile/a-wireguard-key-is-said-to-be-shared", a_wireguard_key_is_said_to_be_shared);
  g_test_add_func("/step-nm-profile/no-profiles-are-nothing-to-do", no_profiles_are_nothing_to_do);
  g_test_add_func("/step-nm-profile/many-profiles-take-proportionally-long", many_profiles_take_proportionally_long);
  return g_test_run();
}
