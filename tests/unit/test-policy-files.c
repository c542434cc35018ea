/* The policy's files: their order, and which are trusted. */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/names.h"
#include "fixture.h"
#include "observe/policy-files.h"

/* Only root's files are trusted, and only root can make them. */
static gboolean is_root(void) {
  if (geteuid() == 0)
    return TRUE;
  g_test_skip("needs root");
  return FALSE;
}

static void assert_refused(Fixture *fixture, int error, const char *words) {
  PolicyFiles files;
  Problem problem = {""};

  g_assert_cmpint(policy_files_read(&fixture->root, NULL, &files, &problem), ==, error);
  g_test_message("%s", problem.text);
  g_assert_nonnull(strstr(problem.text, words));
  g_assert_cmpuint(files.count, ==, 0);
  g_assert_null(files.items);
}

static void test_no_policy_is_no_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  PolicyFiles files;

  g_assert_cmpint(policy_files_read(&fixture->root, NULL, &files, NULL), ==, 0);
  g_assert_cmpuint(files.count, ==, 0);
  policy_files_clear(&files);
}

/* Each file says its own path. */
static void assert_read(Fixture *fixture, const char *const *expected, gsize count) {
  PolicyFiles files;
  Problem problem = {""};

  g_assert_cmpint(policy_files_read(&fixture->root, NULL, &files, &problem), ==, 0);
  g_assert_cmpuint(files.count, ==, count);
  for (gsize i = 0; i < files.count; i++) {
    g_assert_cmpstr(files.items[i].path, ==, expected[i]);
    g_assert_cmpstr(files.items[i].text, ==, expected[i]);
    g_assert_cmpuint(files.items[i].size, ==, strlen(expected[i]));
  }
  policy_files_clear(&files);
}

static void test_the_main_file_then_drop_ins_by_name(void) {
  static const char *const expected[] = {RI_POLICY_FILE, RI_POLICY_DIR "/10-a.ini", RI_POLICY_DIR "/9-b.ini",
                                         RI_POLICY_DIR "/B.ini", RI_POLICY_DIR "/a.ini"};
  g_autoptr(Fixture) fixture = fixture_new();

  if (!is_root())
    return;
  for (gsize i = G_N_ELEMENTS(expected); i-- > 0;)
    fixture_write(fixture, expected[i], expected[i]);
  fixture_write(fixture, RI_POLICY_DIR "/.hidden.ini", "no");
  fixture_write(fixture, RI_POLICY_DIR "/.ini", "no");
  fixture_write(fixture, RI_POLICY_DIR "/old.ini~", "no");
  fixture_write(fixture, RI_POLICY_DIR "/README", "no");
  assert_read(fixture, expected, G_N_ELEMENTS(expected));
}

/* Lowest: what the admin says wins; and what they have under the same name stands for it. */
static void test_the_vendors_layer_comes_first(void) {
  static const char *const expected[] = {RI_VENDOR_POLICY_DIR "/10-a.ini", RI_VENDOR_POLICY_DIR "/90-z.ini",
                                         RI_POLICY_FILE, RI_POLICY_DIR "/05-own.ini", RI_POLICY_DIR "/50-both.ini"};
  g_autoptr(Fixture) fixture = fixture_new();

  if (!is_root())
    return;
  for (gsize i = G_N_ELEMENTS(expected); i-- > 0;)
    fixture_write(fixture, expected[i], expected[i]);
  fixture_write(fixture, RI_VENDOR_POLICY_DIR "/50-both.ini", "no");
  fixture_write(fixture, RI_VENDOR_POLICY_DIR "/README", "no");
  assert_read(fixture, expected, G_N_ELEMENTS(expected));
}

static void test_the_vendors_layer_is_not_trusted_more(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *file = fixture_path(fixture, RI_VENDOR_POLICY_DIR "/x.ini");
  g_autofree char *directory = fixture_path(fixture, RI_VENDOR_POLICY_DIR);
  g_autofree char *home = fixture_path(fixture, RI_VENDOR_HOME);

  if (!is_root())
    return;
  fixture_write(fixture, RI_VENDOR_POLICY_DIR "/x.ini", "");
  g_assert_cmpint(chmod(file, 0664), ==, 0);
  assert_refused(fixture, -EPERM, RI_VENDOR_POLICY_DIR "/x.ini: not trusted, others can write it");
  g_assert_cmpint(chmod(file, 0644), ==, 0);
  g_assert_cmpint(chmod(directory, 0777), ==, 0);
  assert_refused(fixture, -EPERM, RI_VENDOR_POLICY_DIR ": not trusted, others can write it");
  g_assert_cmpint(chmod(directory, 0755), ==, 0);
  g_assert_cmpint(chown(home, 65534, 0), ==, 0);
  assert_refused(fixture, -EPERM, RI_VENDOR_HOME ": not trusted, it belongs to user 65534");
}

/* What takes its place is judged like everything there: it does not come back because that cannot be read. */
static void test_what_replaces_a_vendors_file_is_judged(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *link = fixture_path(fixture, RI_POLICY_DIR "/x.ini");
  PolicyFiles files;

  if (!is_root())
    return;
  fixture_write(fixture, RI_VENDOR_POLICY_DIR "/x.ini", "no");
  fixture_symlink(fixture, RI_POLICY_DIR "/x.ini", "/nowhere");
  assert_refused(fixture, -ENOENT, RI_POLICY_DIR "/x.ini: cannot be read");
  g_assert_cmpint(unlink(link), ==, 0);
  fixture_write(fixture, RI_POLICY_DIR "/x.ini", "");
  g_assert_cmpint(policy_files_read(&fixture->root, NULL, &files, NULL), ==, 0);
  g_assert_cmpuint(files.count, ==, 1);
  g_assert_cmpstr(files.items[0].text, ==, "");
  policy_files_clear(&files);
}

static void test_what_is_passed_over_in_either_layer(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  char **paths = NULL;

  fixture_write(fixture, RI_VENDOR_POLICY_DIR "/10-site.conf", "");
  fixture_write(fixture, RI_POLICY_DIR "/20-site.conf", "");
  fixture_write(fixture, RI_POLICY_DIR "/README", "");
  fixture_write(fixture, RI_POLICY_DIR "/ours.ini.dpkg-old", "");
  g_assert_cmpint(policy_files_passed_over(&fixture->root, &paths), ==, 2);
  g_assert_cmpstr(paths[0], ==, RI_VENDOR_POLICY_DIR "/10-site.conf");
  g_assert_cmpstr(paths[1], ==, RI_POLICY_DIR "/20-site.conf");
  g_assert_null(paths[2]);
  g_strfreev(paths);
}

static void test_drop_ins_alone_are_a_policy(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  PolicyFiles files;

  if (!is_root())
    return;
  fixture_write(fixture, RI_POLICY_DIR "/only.ini", "");
  g_assert_cmpint(policy_files_read(&fixture->root, NULL, &files, NULL), ==, 0);
  g_assert_cmpuint(files.count, ==, 1);
  g_assert_cmpuint(files.items[0].size, ==, 0);
  policy_files_clear(&files);
}

static void test_what_others_can_write_is_refused(void) {
  static const mode_t modes[] = {0664, 0646, 0666, 0620};
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *path = fixture_path(fixture, RI_POLICY_DIR "/x.ini");

  if (!is_root())
    return;
  fixture_write(fixture, RI_POLICY_FILE, "");
  fixture_write(fixture, RI_POLICY_DIR "/x.ini", "");
  for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
    g_assert_cmpint(chmod(path, modes[i]), ==, 0);
    assert_refused(fixture, -EPERM, "policy.d/x.ini: not trusted, others can write it");
  }
  g_assert_cmpint(chmod(path, 0644), ==, 0);
  g_assert_cmpint(chown(path, 65534, 0), ==, 0);
  assert_refused(fixture, -EPERM, "policy.d/x.ini: not trusted, it belongs to user 65534");
}

/* The link may be anyone's: the file that it opens is judged. */
static void test_a_link_is_judged_by_its_file(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *path = fixture_path(fixture, "/srv/policy.ini");
  PolicyFiles files;

  if (!is_root())
    return;
  fixture_symlink(fixture, RI_POLICY_FILE, "/srv/policy.ini");
  fixture_write(fixture, "/srv/policy.ini", "[run]\n");
  g_assert_cmpint(policy_files_read(&fixture->root, NULL, &files, NULL), ==, 0);
  g_assert_cmpstr(files.items[0].text, ==, "[run]\n");
  policy_files_clear(&files);
  g_assert_cmpint(chmod(path, 0666), ==, 0);
  assert_refused(fixture, -EPERM, "policy.ini: not trusted");
}

static void test_what_is_no_file_is_refused(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *fifo = fixture_path(fixture, RI_POLICY_FILE);
  g_autofree char *big = g_strnfill((1 << 20) + 1, ';');

  fixture_mkdir(fixture, RI_POLICY_DIR "/directory.ini");
  assert_refused(fixture, -EINVAL, "directory.ini: not a regular file");
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  assert_refused(fixture, -EINVAL, "policy.ini: not a regular file");
  /* Its mode is none of the matter: nobody is told to change that of a device. */
  g_assert_cmpint(chmod(fifo, 0666), ==, 0);
  assert_refused(fixture, -EINVAL, "policy.ini: not a regular file");
  g_assert_cmpint(unlink(fifo), ==, 0);
  fixture_symlink(fixture, RI_POLICY_FILE, "policy.ini");
  assert_refused(fixture, -ELOOP, "policy.ini: cannot be read");
  g_assert_cmpint(unlink(fifo), ==, 0);
  if (!is_root())
    return;
  fixture_write(fixture, RI_POLICY_FILE, big);
  assert_refused(fixture, -EINVAL, "policy.ini: longer than 1 MiB");
}

static void test_a_given_file_is_the_only_one(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *given = fixture_path(fixture, "/given");
  PolicyFiles files;
  Problem problem = {""};

  if (!is_root())
    return;
  fixture_write(fixture, RI_POLICY_FILE, "no");
  fixture_write(fixture, RI_POLICY_DIR "/x.ini", "no");
  fixture_write(fixture, "/given", "yes");
  g_assert_cmpint(policy_files_read(&fixture->root, given, &files, NULL), ==, 0);
  g_assert_cmpuint(files.count, ==, 1);
  g_assert_cmpstr(files.items[0].path, ==, given);
  g_assert_cmpstr(files.items[0].text, ==, "yes");
  policy_files_clear(&files);
  g_assert_cmpint(chmod(given, 0666), ==, 0);
  g_assert_cmpint(policy_files_read(&fixture->root, given, &files, &problem), ==, -EPERM);
  g_assert_cmpint(policy_files_read(&fixture->root, fixture->path, &files, &problem), ==, -EINVAL);
  g_assert_cmpint(policy_files_read(&fixture->root, "/no/such/file", &files, &problem), ==, -ENOENT);
  g_assert_nonnull(strstr(problem.text, "/no/such/file: cannot be read: No such file"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/policy-files/no-policy-is-no-error", test_no_policy_is_no_error);
  g_test_add_func("/policy-files/the-main-file-then-drop-ins-by-name", test_the_main_file_then_drop_ins_by_name);
  g_test_add_func("/policy-files/the-vendors-layer-comes-first", test_the_vendors_layer_comes_first);
  g_test_add_func("/policy-files/the-vendors-layer-is-not-trusted-more", test_the_vendors_layer_is_not_trusted_more);
  g_test_add_func("/policy-files/what-replaces-a-vendors-file-is-judged", test_what_replaces_a_vendors_file_is_judged);
  g_test_add_func("/policy-files/what-is-passed-over-in-either-layer", test_what_is_passed_over_in_either_layer);
  g_test_add_func("/policy-files/drop-ins-alone-are-a-policy", test_drop_ins_alone_are_a_policy);
  g_test_add_func("/policy-files/what-others-can-write-is-refused", test_what_others_can_write_is_refused);
  g_test_add_func("/policy-files/a-link-is-judged-by-its-file", test_a_link_is_judged_by_its_file);
  g_test_add_func("/policy-files/what-is-no-file-is-refused", test_what_is_no_file_is_refused);
  g_test_add_func("/policy-files/a-given-file-is-the-only-one", test_a_given_file_is_the_only_one);
  return g_test_run();
}
