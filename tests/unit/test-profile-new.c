/* agent/plan/profile-new.c: a card without a profile gets one when the policy gives it an address. */
#include "profile-world.h"
#include "profiles/selection/selection.h"

static World *world_with_policy(const char *text) {
  World *world = world_new();
  static char policy[1024];

  g_strlcpy(policy, text, sizeof policy);
  world_card(world, "eth0", "00:50:56:aa:00:01", "ens3", "52:54:00:cc:00:01");
  world_policy(world, policy);
  return world;
}

#define HOST "[host web-17]\nmatch-serial = x\naddress = 10.0.0.17/24, 2001:db8::17/64\n"

static void both_families_go_into_one_private_file(void) {
  g_autoptr(World) world = world_with_policy("[network]\ndns = 10.0.0.53\ndns-search = example.org\n" HOST
                                             "gateway = 10.0.0.1, 2001:db8::1\n");
  const Edit *edit;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  fixture_mkdir(world->fixture, PROFILES_DIR);
  world_read(world);
  world_assign(world, NULL, &world->present[0], AF_INET6);
  world_assign(world, NULL, &world->present[0], AF_INET);
  world_plan(world);
  g_assert_cmpuint(world->plan->edits->len, ==, 1);
  edit = world_edit(world, "ens3.nmconnection");
  g_assert_nonnull(edit);
  g_assert_null(edit->old);
  g_assert_cmpint(edit->mode, ==, 0600);
  g_assert_cmpint(edit->flags, ==, EDIT_KEYFILE);
  g_assert_cmpstr(edit->why, ==, "a profile for ens3, which has none: its addresses by [host web-17]");
  text = world_after(world, "ens3.nmconnection");
  lines = g_strsplit(text, "\n", -1);
  g_assert_true(g_str_has_prefix(lines[2], "uuid="));
  g_assert_cmpuint(strlen(lines[2]), ==, strlen("uuid=") + 36);
  g_assert_nonnull(strstr(text, "[connection]\nid=ens3\n"));
  g_assert_nonnull(strstr(text, "\ntype=ethernet\ninterface-name=ens3\n\n[ethernet]\nmac-address=52:54:00:cc:00:01\n"));
  g_assert_nonnull(strstr(text, "\n[ipv4]\naddress1=10.0.0.17/24\ngateway=10.0.0.1\ndns=10.0.0.53;\n"
                                "dns-search=example.org;\nmethod=manual\n"));
  g_assert_nonnull(strstr(text, "\n[ipv6]\naddress1=2001:db8::17/64\ngateway=2001:db8::1\ndns-search=example.org;\n"
                                "method=manual\n"));
}

static void the_other_family_goes_by_the_method(void) {
  static const struct {
    const char *policy;
    const char *ipv6;
  } cases[] = {{HOST, "\n[ipv6]\nmethod=auto\n"},
               {"[network]\nmethod = disabled\n" HOST, "\n[ipv6]\nmethod=disabled\n"}};

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(World) world = world_with_policy(cases[i].policy);
    g_autofree char *text = NULL;

    world_read(world);
    world_assign(world, NULL, &world->present[0], AF_INET);
    world_plan(world);
    text = world_after(world, "ens3.nmconnection");
    g_assert_nonnull(strstr(text, cases[i].ipv6));
  }
}

static void a_taken_name_gets_a_number(void) {
  g_autoptr(World) world = world_with_policy(HOST);

  world_profile(world, "ens3.nmconnection", "");
  fixture_symlink(world->fixture, PROFILES_DIR "/ens3-1.nmconnection", "nowhere");
  world_read(world);
  world_assign(world, NULL, &world->present[0], AF_INET);
  world_plan(world);
  g_assert_null(world_edit(world, "ens3.nmconnection"));
  g_assert_null(world_edit(world, "ens3-1.nmconnection"));
  g_assert_nonnull(world_edit(world, "ens3-2.nmconnection"));
}

static void clones_get_different_uuids_and_one_clone_always_the_same(void) {
  static char other_id[] = "00000000000000000000000000000001";
  g_autoptr(World) one = world_with_policy(HOST);
  g_autoptr(World) same = world_with_policy(HOST);
  g_autoptr(World) other = world_with_policy(HOST);
  World *const worlds[] = {one, same, other};
  g_autofree char *texts[G_N_ELEMENTS(worlds)] = {NULL};

  for (gsize i = 0; i < G_N_ELEMENTS(worlds); i++) {
    world_read(worlds[i]);
    if (worlds[i] == other)
      other->identity->machine_id = other_id;
    world_assign(worlds[i], NULL, &worlds[i]->present[0], AF_INET);
    world_plan(worlds[i]);
  }
  texts[0] = world_after(one, "ens3.nmconnection");
  {
    g_autofree char *second = world_after(same, "ens3.nmconnection");
    g_autofree char *third = world_after(other, "ens3.nmconnection");

    g_assert_cmpstr(texts[0], ==, second);
    g_assert_cmpstr(texts[0], !=, third);
  }
}

static void an_infiniband_card_gets_a_profile_of_its_type(void) {
  g_autoptr(World) world = world_new();
  static char policy[] = HOST;
  g_autofree char *text = NULL;

  world_card(world, NULL, NULL, "ib0", "80:00:00:6d:fe:80:00:00:00:00:00:00:00:02:55:00:70:33:cf:01");
  world_policy(world, policy);
  world_read(world);
  world_assign(world, NULL, &world->present[0], AF_INET);
  world_plan(world);
  text = world_after(world, "ib0.nmconnection");
  g_assert_nonnull(strstr(text, "type=infiniband\n"));
  g_assert_nonnull(strstr(text, "[infiniband]\nmac-address=80:00:00:6d:"));
}

static void a_directory_that_is_missing_is_made(void) {
  g_autoptr(World) world = world_with_policy("[network]\ndns = 10.0.0.53\n" HOST);
  const Edit *edit;

  fixture_mkdir(world->fixture, "/etc/NetworkManager");
  world_read(world);
  world_assign(world, NULL, &world->present[0], AF_INET);
  world_plan(world);
  edit = world->plan->edits->pdata[0];
  g_assert_cmpint(edit->kind, ==, EDIT_MAKE_DIRECTORY);
  g_assert_cmpstr(edit->path, ==, PROFILES_DIR);
  g_assert_nonnull(world_edit(world, "ens3.nmconnection"));
}

/* The planned file is written and all is read again: what NetworkManager brings up on the NIC then. */
static void assert_new_one_comes_up(World *world, SelectionTime time) {
  g_autoptr(SelectionWorld) selection_world = NULL;
  g_autoptr(Selections) selections = NULL;
  g_autoptr(Profiles) profiles = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = world_after(world, "ens3.nmconnection");
  Selection selection;

  world_profile(world, "ens3.nmconnection", text);
  profiles = profiles_read(&world->fixture->root, world->map, &world->facts.nics, &error);
  g_assert_no_error(error);
  selection_world = selection_world_read(&world->fixture->root, NULL, world->map, &world->facts.nics, &error);
  g_assert_no_error(error);
  selections = selections_new(selection_world, profiles, world->map, &world->facts.nics, time);
  selection = selections_on(selections, &world->present[0]);
  g_assert_true(selection.certain);
  g_assert_true(g_str_has_suffix(selection.profile->path, "/ens3.nmconnection"));
}

static void the_new_one_comes_up_whatever_else_fits(void) {
  static const char *const others[] = {
      "[ethernet]\n",
      "multi-connect=3\n[ethernet]\n",
      "multi-connect=3\nautoconnect-priority=41\n[ethernet]\n",
      "autoconnect-priority=-7\n[ethernet]\n",
      "interface-name=eth0\nautoconnect-priority=2\n[ethernet]\n",
      "autoconnect-priority=3\n[ethernet]\nmac-address=00:50:56:AA:00:01\n",
      "multi-connect=3\nautoconnect-priority=4\n[ethernet]\n[match]\ninterface-name=ens?;\n",
      "autoconnect=false\nautoconnect-priority=999\n[ethernet]\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
    g_autoptr(World) world = world_with_policy(HOST);
    g_autofree char *text = g_strconcat(
        "[connection]\nid=other\nuuid=00000000-0000-4000-8000-000000000001\ntype=ethernet\n", others[i], NULL);

    world_profile(world, "other.nmconnection", text);
    fixture_write(world->fixture, "/var/lib/NetworkManager/timestamps",
                  "[timestamps]\n00000000-0000-4000-8000-000000000001=1700000000\n");
    world_read(world);
    world_assign(world, NULL, &world->present[0], AF_INET);
    world_plan(world);
    assert_new_one_comes_up(world, SELECTION_NOW);
    assert_new_one_comes_up(world, SELECTION_UUIDS_CHANGE);
  }
}

static void one_that_cannot_be_beaten_is_named(void) {
  g_autoptr(World) world = world_with_policy(HOST);
  g_autoptr(GError) error = NULL;

  world_profile(world, "other.nmconnection",
                "[connection]\nid=other\ntype=ethernet\nmulti-connect=3\nautoconnect-priority=999\n[ethernet]\n");
  world_read(world);
  world_assign(world, NULL, &world->present[0], AF_INET);
  g_assert_false(world_try_plan(world, &error));
  g_assert_nonnull(strstr(error->message, "other.nmconnection: it fits ens3 too"));
}

static void one_that_would_stay_down_is_refused(void) {
  g_autoptr(World) world = world_with_policy(HOST);
  g_autoptr(SelectionWorld) others = selection_world_new();
  g_autoptr(GError) error = NULL;

  fixture_write(world->fixture, "/etc/NetworkManager/NetworkManager.conf", "[device]\nallowed-connections=id:lan\n");
  others->managed = managed_devices_read(&world->fixture->root, NULL, &error);
  g_assert_no_error(error);
  world_read(world);
  world->context.selection_world = others;
  world_assign(world, NULL, &world->present[0], AF_INET);
  g_assert_false(world_try_plan(world, &error));
  g_assert_nonnull(strstr(error->message, "allowed-connections would keep a new profile for ens3 down"));
  g_assert_nonnull(strstr(error->message, "add id:ens3 to it"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/profile-new/both-families-go-into-one-private-file", both_families_go_into_one_private_file);
  g_test_add_func("/profile-new/the-other-family-goes-by-the-method", the_other_family_goes_by_the_method);
  g_test_add_func("/profile-new/a-taken-name-gets-a-number", a_taken_name_gets_a_number);
  g_test_add_func("/profile-new/clones-get-different-uuids-and-one-clone-always-the-same",
                  clones_get_different_uuids_and_one_clone_always_the_same);
  g_test_add_func("/profile-new/an-infiniband-card-gets-a-profile-of-its-type",
                  an_infiniband_card_gets_a_profile_of_its_type);
  g_test_add_func("/profile-new/a-directory-that-is-missing-is-made", a_directory_that_is_missing_is_made);
  g_test_add_func("/profile-new/the-new-one-comes-up-whatever-else-fits", the_new_one_comes_up_whatever_else_fits);
  g_test_add_func("/profile-new/one-that-cannot-be-beaten-is-named", one_that_cannot_be_beaten_is_named);
  g_test_add_func("/profile-new/one-that-would-stay-down-is-refused", one_that_would_stay_down_is_refused);
  return g_test_run();
}
