/* file-copy.c: content, and everything that hangs on a file. */
#include <errno.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/root-file.h"
#include "commit/file-copy.h"
#include "fixture.h"

/* The on-disk form of a POSIX ACL (linux/posix_acl_xattr.h): owner rwx, user 7 r, group r, mask rwx, others none. */
static const unsigned char acl[] = {2, 0, 0,    0,    1,    0,    7,    0, 0xff, 0xff, 0xff, 0xff, 2,    0,    4,
                                    0, 7, 0,    0,    0,    4,    0,    4, 0,    0xff, 0xff, 0xff, 0xff, 0x10, 0,
                                    7, 0, 0xff, 0xff, 0xff, 0xff, 0x20, 0, 0,    0,    0xff, 0xff, 0xff, 0xff};

static int open_path(Fixture *fixture, const char *path, int flags) {
  g_autofree char *full = fixture_path(fixture, path);
  int fd = open(full, flags | O_CLOEXEC);

  g_assert_cmpint(fd, >=, 0);
  return fd;
}

static void copies_content_and_sums_it(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *large = g_strnfill(200000, 'x');
  g_autofree char *sum = NULL;
  g_autofree char *expected = g_compute_checksum_for_string(G_CHECKSUM_SHA256, large, -1);
  autofd from = -1;
  autofd to = -1;

  fixture_write(fixture, "/from", large);
  fixture_write(fixture, "/to", "");
  from = open_path(fixture, "/from", O_RDONLY);
  to = open_path(fixture, "/to", O_WRONLY);
  g_assert_cmpint(file_copy_content(from, to, &sum), ==, 0);
  g_autofree char *copied = fixture_read(fixture, "/to");
  g_assert_cmpstr(copied, ==, large);
  g_assert_cmpstr(sum, ==, expected);
}

static void dresses_like_the_model(void) {
  const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1000000000, .tv_nsec = 123456789}};
  g_autoptr(Fixture) fixture = fixture_new();
  autofd from = -1;
  autofd to = -1;
  struct stat like, dressed;
  char value[16];

  fixture_write(fixture, "/from", "");
  fixture_write(fixture, "/to", "");
  from = open_path(fixture, "/from", O_RDONLY);
  to = open_path(fixture, "/to", O_WRONLY);
  if (geteuid() == 0)
    g_assert_cmpint(fchown(from, 3, 4), ==, 0);
  g_assert_cmpint(fchmod(from, 04751), ==, 0);
  g_assert_cmpint(futimens(from, times), ==, 0);
  if (fsetxattr(from, "user.test", "kept", 4, 0) < 0) {
    g_test_skip("no extended attributes here");
    return;
  }
  g_assert_cmpint(fstat(from, &like), ==, 0);
  g_assert_cmpint(file_copy_metadata(to, &like, from, COPY_ATTRIBUTES, NULL), ==, 0);
  g_assert_cmpint(fstat(to, &dressed), ==, 0);
  g_assert_cmpint(dressed.st_mode, ==, like.st_mode);
  g_assert_cmpint(dressed.st_uid, ==, like.st_uid);
  g_assert_cmpint(dressed.st_gid, ==, like.st_gid);
  g_assert_cmpint(dressed.st_mtim.tv_sec, ==, 1000000000);
  g_assert_cmpint(dressed.st_mtim.tv_nsec, ==, 123456789);
  g_assert_cmpint(fgetxattr(to, "user.test", value, sizeof value), ==, 4);
}

static void keeps_acls_and_drops_inherited_ones(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  autofd directory = -1;
  autofd plain = -1;
  autofd with_acl = -1;
  autofd made = -1;
  struct stat like, dressed;

  fixture_mkdir(fixture, "/d");
  fixture_write(fixture, "/plain", "");
  fixture_write(fixture, "/with-acl", "");
  directory = open_path(fixture, "/d", O_RDONLY | O_DIRECTORY);
  plain = open_path(fixture, "/plain", O_RDONLY);
  with_acl = open_path(fixture, "/with-acl", O_RDONLY);
  if (fsetxattr(directory, "system.posix_acl_default", acl, sizeof acl, 0) < 0) {
    g_test_skip("no ACLs here");
    return;
  }
  g_assert_cmpint(fsetxattr(with_acl, "system.posix_acl_access", acl, sizeof acl, 0), ==, 0);
  made = file_create(directory, "made");
  g_assert_cmpint(made, >=, 0);
  g_assert_cmpint(fgetxattr(made, "system.posix_acl_access", NULL, 0), >, 0);
  g_assert_cmpint(fstat(plain, &like), ==, 0);
  g_assert_cmpint(file_copy_metadata(made, &like, plain, COPY_ATTRIBUTES, NULL), ==, 0);
  g_assert_cmpint(fgetxattr(made, "system.posix_acl_access", NULL, 0), ==, -1);
  g_assert_cmpint(fstat(made, &dressed), ==, 0);
  g_assert_cmpint(dressed.st_mode, ==, like.st_mode);
  g_assert_cmpint(fstat(with_acl, &like), ==, 0);
  g_assert_cmpint(file_copy_metadata(made, &like, with_acl, COPY_ATTRIBUTES, NULL), ==, 0);
  g_assert_cmpint(fgetxattr(made, "system.posix_acl_access", NULL, 0), ==, sizeof acl);
}

static void makes_over_a_stale_file_or_link(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  autofd top = open_path(fixture, "/", O_RDONLY | O_DIRECTORY);
  autofd made = -1;
  g_autofree char *victim = NULL;

  fixture_write(fixture, "/victim", "untouched");
  fixture_symlink(fixture, "/stale", "victim");
  made = file_create(top, "stale");
  g_assert_cmpint(made, >=, 0);
  g_assert_cmpint(file_write_all(made, "x", 1), ==, 0);
  victim = fixture_read(fixture, "/victim");
  g_assert_cmpstr(victim, ==, "untouched");
}

static void opens_regular_files_only(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *fifo = fixture_path(fixture, "/fifo");
  autofd top = open_path(fixture, "/", O_RDONLY | O_DIRECTORY);
  autofd file = -1;

  fixture_write(fixture, "/file", "");
  fixture_mkdir(fixture, "/directory");
  fixture_symlink(fixture, "/link", "file");
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  g_assert_cmpint(file_open_regular(top, "fifo", NULL), ==, -EINVAL);
  g_assert_cmpint(file_open_regular(top, "directory", NULL), ==, -EINVAL);
  g_assert_cmpint(file_open_regular(top, "link", NULL), ==, -ELOOP);
  g_assert_cmpint(file_open_regular(top, "absent", NULL), ==, -ENOENT);
  file = file_open_regular(top, "file", NULL);
  g_assert_cmpint(file, >=, 0);
}

static void nothing_has_no_sum(void) {
  g_assert_null(file_sha256(NULL));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/file-copy/copies-content-and-sums-it", copies_content_and_sums_it);
  g_test_add_func("/file-copy/dresses-like-the-model", dresses_like_the_model);
  g_test_add_func("/file-copy/keeps-acls-and-drops-inherited-ones", keeps_acls_and_drops_inherited_ones);
  g_test_add_func("/file-copy/makes-over-a-stale-file-or-link", makes_over_a_stale_file_or_link);
  g_test_add_func("/file-copy/opens-regular-files-only", opens_regular_files_only);
  g_test_add_func("/file-copy/nothing-has-no-sum", nothing_has_no_sum);
  return g_test_run();
}
