/* agent/plan/profile-edit.c: what was changed is allowed to differ, judged, and explained. */
#include "base/error.h"
#include "base/list.h"
#include "plan/profile-edit.h"
#include "profile-world.h"

#define TEXT "[connection]\nid=x\nuuid=4e80a56d-c99f-4aad-a6dd-b449bc398c57\ntype=ethernet\ninterface-name=eth0\n"

static const Profile *only_profile(World *world) {
  world_profile(world, "x", TEXT);
  world_read(world);
  world->plan = plan_new();
  return world_find(world, "x");
}

static void an_edit_carries_its_reasons_each_once(void) {
  g_autoptr(World) world = world_new();
  g_autoptr(ProfileEdit) edit = profile_edit_new(only_profile(world));
  g_autoptr(GError) error = NULL;
  const char *const old_keys[] = {"interface-name", NULL};
  const char *const pairs[] = {"interface-name", "eth1", "autoconnect", "false", NULL};
  const Edit *planned;

  g_assert_true(profile_edit_replace(edit, "connection", old_keys, pairs));
  g_assert_true(profile_edit_set(edit, "connection", "id", "y"));
  list_say(edit->reasons, "%s first", "the");
  list_say(edit->reasons, "the second");
  list_say(edit->reasons, "the first");
  g_assert_true(profile_edit_plan(edit, "nm-profile", world->plan, &error));
  g_assert_no_error(error);
  planned = world_edit(world, "x");
  g_assert_cmpstr(planned->why, ==, "the first; the second");
  g_assert_cmpstr(planned->step, ==, "nm-profile");
  g_assert_cmpint(planned->flags, ==, EDIT_KEYFILE);
  g_assert_true(planned->old == edit->profile->bytes);
  world_assert_after(world, "x",
                     "[connection]\nid=y\nuuid=4e80a56d-c99f-4aad-a6dd-b449bc398c57\ntype=ethernet\n"
                     "interface-name=eth1\nautoconnect=false\n");
}

static void nothing_changed_is_no_edit(void) {
  g_autoptr(World) world = world_new();
  g_autoptr(ProfileEdit) edit = profile_edit_new(only_profile(world));
  g_autoptr(GError) error = NULL;
  const char *const old_keys[] = {"interface-name", NULL};
  const char *const pairs[] = {"interface-name", "eth0", NULL};

  g_assert_false(profile_edit_set(edit, "connection", "id", "x"));
  g_assert_false(profile_edit_remove(edit, "connection", "no-such-key"));
  g_assert_false(profile_edit_replace(edit, "connection", old_keys, pairs));
  g_assert_true(profile_edit_plan(edit, "nm-profile", world->plan, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(world->plan->edits->len, ==, 0);
}

static void an_edit_that_libnm_would_refuse_is_not_planned(void) {
  g_autoptr(World) world = world_new();
  g_autoptr(ProfileEdit) edit = profile_edit_new(only_profile(world));
  g_autoptr(GError) error = NULL;

  g_assert_true(profile_edit_set(edit, "connection", "uuid", "no uuid"));
  g_assert_false(profile_edit_plan(edit, "nm-profile", world->plan, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, PROFILES_DIR "/x: "));
  g_assert_cmpuint(world->plan->edits->len, ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/profile-edit/an-edit-carries-its-reasons-each-once", an_edit_carries_its_reasons_each_once);
  g_test_add_func("/profile-edit/nothing-changed-is-no-edit", nothing_changed_is_no_edit);
  g_test_add_func("/profile-edit/an-edit-that-libnm-would-refuse-is-not-planned",
                  an_edit_that_libnm_would_refuse_is_not_planned);
  return g_test_run();
}
