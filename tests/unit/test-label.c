/* base/label.c: below another root a new file is labelled like a file beside it. What the running machine's policy
 * says is seen in a guest with SELinux on. */
#include "base/label.h"

#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/root-file.h"
#include "fixture.h"

#define ATTRIBUTE "security.selinux"
#define KEY_LABEL "system_u:object_r:sshd_key_t:s0"

static void set_label(Fixture *fixture, const char *path, const char *label) {
  g_autofree char *file = fixture_path(fixture, path);

  g_assert_cmpint(setxattr(file, ATTRIBUTE, label, strlen(label) + 1, 0), ==, 0);
}

static char *label_of_new(Fixture *fixture, const char *path) {
  g_autofree char *file = fixture_path(fixture, path);
  const char *name = NULL;
  int parent = root_open_parent(&fixture->root, path, &name);
  int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  char label[256] = "";

  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpint(label_new(&fixture->root, fd, path, S_IFREG | 0600, parent), ==, 0);
  (void)fgetxattr(fd, ATTRIBUTE, label, sizeof label);
  (void)close(fd);
  (void)close(parent);
  return g_strdup(label);
}

static void a_new_file_is_labelled_like_its_neighbour(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *label = NULL;

  fixture_mkdir(fixture, "/etc/ssh/a-directory");
  set_label(fixture, "/etc/ssh/a-directory", "system_u:object_r:etc_t:s0");
  fixture_write(fixture, "/etc/ssh/no-label", "");
  fixture_symlink(fixture, "/etc/ssh/a-link", "ssh_host_rsa_key");
  fixture_write(fixture, "/etc/ssh/ssh_host_rsa_key", "");
  set_label(fixture, "/etc/ssh/ssh_host_rsa_key", KEY_LABEL);
  label = label_of_new(fixture, "/etc/ssh/ssh_host_ed25519_key");
  g_assert_cmpstr(label, ==, KEY_LABEL);
}

static void a_new_directory_is_not_labelled_like_a_file(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *directory = fixture_path(fixture, "/etc/ssh/new");
  char label[256];

  fixture_write(fixture, "/etc/ssh/ssh_host_rsa_key", "");
  set_label(fixture, "/etc/ssh/ssh_host_rsa_key", KEY_LABEL);
  g_assert_cmpint(root_file_write(&fixture->root, "/etc/ssh/new/file", "x", 1, 0600), ==, 0);
  g_assert_cmpint(getxattr(directory, ATTRIBUTE, label, sizeof label), <, 0);
}

static void where_nothing_is_labelled_nothing_is_done(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *label = NULL;

  fixture_write(fixture, "/etc/one", "");
  label = label_of_new(fixture, "/etc/two");
  g_assert_cmpstr(label, ==, "");
}

static void the_running_machine_without_selinux_has_no_labels(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *label = NULL;

  if (g_file_test("/sys/fs/selinux/enforce", G_FILE_TEST_EXISTS))
    return; /* the machine that runs the tests has a policy of its own */
  fixture_write(fixture, "/etc/one", "");
  set_label(fixture, "/etc/one", KEY_LABEL);
  fixture->root.is_host = true;
  label = label_of_new(fixture, "/etc/two");
  g_assert_cmpstr(label, ==, "");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/label/a-new-file-is-labelled-like-its-neighbour", a_new_file_is_labelled_like_its_neighbour);
  g_test_add_func("/label/a-new-directory-is-not-labelled-like-a-file", a_new_directory_is_not_labelled_like_a_file);
  g_test_add_func("/label/where-nothing-is-labelled-nothing-is-done", where_nothing_is_labelled_nothing_is_done);
  g_test_add_func("/label/the-running-machine-without-selinux-has-no-labels",
                  the_running_machine_without_selinux_has_no_labels);
  return g_test_run();
}
