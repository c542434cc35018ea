/* The note of a live run, and the strays and shadows that it is for (agent/network/live-note.c, live-files.c,
 * active-profiles.c). */
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/names.h"
#include "fixture.h"
#include "network/active-profiles.h"
#include "network/live-files.h"
#include "network/live-note.h"

#define DIRECTORY "/etc/NetworkManager/system-connections"
#define SHADOW "/run/NetworkManager/system-connections/a.nmconnection"
#define OLD "11111111-1111-4111-8111-111111111111"
#define NEW "22222222-2222-4222-8222-222222222222"
#define APART "33333333-3333-4333-8333-333333333333"

static LiveNote *make_note(void) {
  LiveNote *note = live_note_new();
  ActiveProfile *active = g_new0(ActiveProfile, 1);
  g_autoptr(GBytes) shadow = g_bytes_new("[connection]\nid=\0\xff\n", 18);

  note->boot_id = g_strdup("boot");
  note->checkpoint = g_strdup("/org/freedesktop/NetworkManager/Checkpoint/1");
  note->names = g_strsplit("a.nmconnection,na;me b", ",", -1);
  g_ptr_array_add(note->changes, profile_change_new(DIRECTORY "/a.nmconnection", OLD, NEW));
  g_ptr_array_add(note->changes, profile_change_new(DIRECTORY "/new one.nmconnection", NULL, APART));
  *active = (ActiveProfile){.interface = g_strdup("ens192"),
                            .uuid = g_strdup(OLD),
                            .path = g_strdup(DIRECTORY "/a.nmconnection"),
                            .concerned = TRUE};
  g_ptr_array_add(note->active, active);
  g_ptr_array_add(note->shadows, shadow_profile_new(SHADOW, shadow));
  return note;
}

static LiveNote *read_note(Fixture *fixture) {
  g_autoptr(GError) error = NULL;
  LiveNote *note = NULL;

  g_assert_true(live_note_read(&fixture->root, &note, &error));
  g_assert_no_error(error);
  return note;
}

static void test_comes_back_as_it_was(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(LiveNote) note = make_note();
  g_autoptr(GError) error = NULL;

  g_assert_true(live_note_write(&fixture->root, note, &error));
  g_autoptr(LiveNote) again = read_note(fixture);
  const ProfileChange *fresh = again->changes->pdata[1];
  const ActiveProfile *active = again->active->pdata[0];
  const ShadowProfile *shadow = again->shadows->pdata[0];
  g_assert_cmpstr(again->boot_id, ==, "boot");
  g_assert_cmpstr(again->checkpoint, ==, note->checkpoint);
  g_assert_cmpstr(again->names[1], ==, "na;me b");
  g_assert_cmpstr(((const ProfileChange *)again->changes->pdata[0])->new_uuid, ==, NEW);
  g_assert_null(fresh->old_uuid);
  g_assert_cmpstr(active->interface, ==, "ens192");
  g_assert_true(active->concerned);
  g_assert_false(active->generated);
  g_assert_true(g_bytes_equal(shadow->content, ((const ShadowProfile *)note->shadows->pdata[0])->content));
}

static void test_is_private(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(LiveNote) note = make_note();
  g_autofree char *path = fixture_path(fixture, RI_STATE_DIR "/live-network");
  struct stat about;

  g_assert_true(live_note_write(&fixture->root, note, NULL));
  g_assert_cmpint(stat(path, &about), ==, 0);
  g_assert_cmpint(about.st_mode & 07777, ==, 0600);
}

static void test_is_gone_when_removed(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(LiveNote) note = make_note();

  g_assert_null(read_note(fixture));
  g_assert_true(live_note_write(&fixture->root, note, NULL));
  g_assert_true(live_note_remove(&fixture->root, NULL));
  g_assert_null(read_note(fixture));
  g_assert_true(live_note_remove(&fixture->root, NULL));
}

static void test_damaged_note_is_an_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;
  LiveNote *note = NULL;

  fixture_write(fixture, RI_STATE_DIR "/live-network", "no key file\n");
  g_assert_false(live_note_read(&fixture->root, &note, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
  g_assert_nonnull(strstr(error->message, RI_STATE_DIR "/live-network"));
}

static void write_profile(Fixture *fixture, const char *name, const char *uuid) {
  g_autofree char *path = g_build_filename(DIRECTORY, name, NULL);
  g_autofree char *text = g_strdup_printf("[connection]\nid=%s\nuuid=%s\ntype=ethernet\n", name, uuid);

  fixture_write(fixture, path, text);
}

/* Only what NetworkManager's rollback can have written goes. */
static void test_only_strays_are_removed(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(LiveNote) note = make_note();
  g_autoptr(GPtrArray) loaded = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GError) error = NULL;

  write_profile(fixture, "a.nmconnection", NEW);
  write_profile(fixture, "na;me b", OLD);
  write_profile(fixture, "a-" OLD ".nmconnection", OLD);
  write_profile(fixture, "somebody's.nmconnection", "44444444-4444-4444-8444-444444444444");
  fixture_write(fixture, DIRECTORY "/broken.nmconnection", "uuid=" OLD "\n");
  fixture_mkdir(fixture, DIRECTORY "/directory");
  g_assert_true(live_files_remove_strays(&fixture->root, note, loaded, &error));
  g_assert_no_error(error);
  g_assert_cmpint(loaded->len, ==, 1);
  g_assert_cmpstr(loaded->pdata[0], ==, DIRECTORY "/a-" OLD ".nmconnection");
  g_auto(GStrv) names = live_files_list(&fixture->root, &error);
  g_autofree char *list = g_strjoinv(" ", names);
  g_assert_cmpstr(list, ==, "a.nmconnection broken.nmconnection directory na;me b somebody's.nmconnection");
}

static void test_shadows_go_and_come_back(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(LiveNote) note = make_note();
  g_autoptr(GPtrArray) loaded = g_ptr_array_new_with_free_func(g_free);

  fixture_write(fixture, SHADOW, "[connection]\n");
  g_assert_true(live_files_hide_shadows(&fixture->root, note, loaded, NULL));
  g_autofree char *gone = fixture_read(fixture, SHADOW);
  g_assert_null(gone);
  g_assert_true(live_files_restore_shadows(&fixture->root, note, loaded, NULL));
  g_autofree char *back = fixture_read(fixture, SHADOW);
  g_assert_cmpstr(back, ==, "[connection]\nid=");
  g_assert_cmpint(loaded->len, ==, 2);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/live-note/comes-back-as-it-was", test_comes_back_as_it_was);
  g_test_add_func("/live-note/is-private", test_is_private);
  g_test_add_func("/live-note/is-gone-when-removed", test_is_gone_when_removed);
  g_test_add_func("/live-note/damaged-note-is-an-error", test_damaged_note_is_an_error);
  g_test_add_func("/live-files/only-strays-are-removed", test_only_strays_are_removed);
  g_test_add_func("/live-files/shadows-go-and-come-back", test_shadows_go_and_come_back);
  return g_test_run();
}
