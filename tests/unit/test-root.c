/* What a path means below a root: the same with openat2 and without, and never anything outside. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fixture.h"

enum { OPENAT2 = 437 }; /* older headers do not have it */

typedef int (*Opener)(const Root *root, const char *path, int flags);

static const struct {
  const char *name;
  Opener open;
} openers[] = {{"openat2", root_open_at}, {"walking", root_open_at_walking}};

static Fixture *machine_new(void) {
  Fixture *fixture = fixture_new();
  g_autofree char *fifo = fixture_path(fixture, "/fifo");

  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/a/b/c/deep", "deep\n");
  fixture_symlink(fixture, "/etc/absolute", "/etc/hostname");
  fixture_symlink(fixture, "/etc/relative", "../etc/hostname");
  fixture_symlink(fixture, "/etc/climbs", "../../../../../../../etc/hostname");
  fixture_symlink(fixture, "/etc/chain1", "chain2");
  fixture_symlink(fixture, "/etc/chain2", "/etc/absolute");
  fixture_symlink(fixture, "/etc/loop", "loop");
  fixture_symlink(fixture, "/etc/ping", "/etc/pong");
  fixture_symlink(fixture, "/etc/pong", "/etc/ping");
  fixture_symlink(fixture, "/etc/dangling", "/etc/nothing");
  fixture_symlink(fixture, "/etc/into-nowhere", "/nowhere/nothing");
  fixture_symlink(fixture, "/etc/slashed", "hostname/");
  fixture_symlink(fixture, "/etc/to-root", "/");
  fixture_symlink(fixture, "/linked", "a/b");
  fixture_symlink(fixture, "/up-through-link", "linked/../b/c/deep");
  fixture_symlink(fixture, "/var", "/a");
  g_assert_cmpint(mkfifo(fifo, 0644), ==, 0);
  return fixture;
}

static char *content_of(int fd) {
  char buffer[64];
  ssize_t length = read(fd, buffer, sizeof buffer - 1);

  return length < 0 ? g_strdup_printf("(%s)", g_strerror(errno)) : g_strndup(buffer, (gsize)length);
}

static void test_reads_what_the_path_means_inside(void) {
  static const struct {
    const char *path, *content;
  } cases[] = {
      {"/etc/hostname", "golden\n"},
      {"etc/hostname", "golden\n"},
      {"//etc///hostname", "golden\n"},
      {"/etc/./hostname", "golden\n"},
      {"/etc/../etc/hostname", "golden\n"},
      {"/../../etc/hostname", "golden\n"},
      {"/etc/absolute", "golden\n"},
      {"/etc/relative", "golden\n"},
      {"/etc/climbs", "golden\n"},
      {"/etc/chain1", "golden\n"},
      {"/etc/to-root/etc/hostname", "golden\n"},
      {"/etc/to-root/../../etc/to-root/etc/absolute", "golden\n"},
      {"/linked/c/deep", "deep\n"},
      {"/linked/../b/c/deep", "deep\n"},
      {"/up-through-link", "deep\n"},
      {"/var/b/c/deep", "deep\n"},
      {"/a/b/c/../../b/c/deep", "deep\n"},
  };
  g_autoptr(Fixture) fixture = machine_new();

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
    for (gsize o = 0; o < G_N_ELEMENTS(openers); o++) {
      int fd = openers[o].open(&fixture->root, cases[i].path, O_RDONLY);
      g_autofree char *content = NULL;

      g_test_message("%s: %s", openers[o].name, cases[i].path);
      g_assert_cmpint(fd, >=, 0);
      content = content_of(fd);
      g_assert_cmpstr(content, ==, cases[i].content);
      g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
      (void)close(fd);
    }
}

static void test_refuses_with_the_same_errors(void) {
  static const struct {
    const char *path;
    int flags, error;
  } cases[] = {
      {"", O_RDONLY, -ENOENT},
      {"/nothing", O_RDONLY, -ENOENT},
      {"/nowhere/nothing", O_RDONLY, -ENOENT},
      {"/etc/hostname/below", O_RDONLY, -ENOTDIR},
      {"/etc/hostname/..", O_RDONLY, -ENOTDIR},
      {"/etc/hostname/.", O_RDONLY, -ENOTDIR},
      {"/etc/hostname/", O_RDONLY, -ENOTDIR},
      {"/etc/absolute/", O_RDONLY, -ENOTDIR},
      {"/etc/slashed", O_RDONLY, -ENOTDIR},
      {"/etc/hostname", O_RDONLY | O_DIRECTORY, -ENOTDIR},
      {"/etc/loop", O_RDONLY, -ELOOP},
      {"/etc/ping", O_RDONLY, -ELOOP},
      {"/etc/loop/below", O_RDONLY, -ELOOP},
      {"/etc/absolute", O_RDONLY | O_NOFOLLOW, -ELOOP},
      {"/etc/dangling", O_RDONLY, -ENOENT},
      {"/a", O_WRONLY, -EISDIR},
      {"/", O_WRONLY, -EISDIR},
      {"/fifo", O_WRONLY | O_NONBLOCK, -ENXIO},
  };
  g_autoptr(Fixture) fixture = machine_new();
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
    for (gsize o = 0; o < G_N_ELEMENTS(openers); o++) {
      g_test_message("%s: \"%s\" with flags %#x", openers[o].name, cases[i].path, (guint)cases[i].flags);
      g_assert_cmpint(openers[o].open(&fixture->root, cases[i].path, cases[i].flags), ==, cases[i].error);
    }
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void test_opens_a_link_itself_when_asked(void) {
  g_autoptr(Fixture) fixture = machine_new();

  for (gsize o = 0; o < G_N_ELEMENTS(openers); o++) {
    int fd = openers[o].open(&fixture->root, "/etc/loop", O_PATH | O_NOFOLLOW);
    struct stat info;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(fstat(fd, &info), ==, 0);
    g_assert_true(S_ISLNK(info.st_mode));
    (void)close(fd);
  }
}

/* /proc/self/root and the like lead anywhere whatever their text says; /proc/self and /proc/mounts are plain links. */
static void test_does_not_jump_through_magic_links(void) {
  static const char *const magic[] = {"/proc/self/root/etc", "/proc/self/cwd", "/proc/self/exe", "/proc/self/fd/0"};
  Root host;

  if (access("/proc/self/root", F_OK) != 0) {
    g_test_skip("no procfs here");
    return;
  }
  g_assert_cmpint(root_open(&host, "/"), ==, 0);
  for (gsize o = 0; o < G_N_ELEMENTS(openers); o++) {
    int fd;

    for (gsize i = 0; i < G_N_ELEMENTS(magic); i++) {
      g_test_message("%s: %s", openers[o].name, magic[i]);
      g_assert_cmpint(openers[o].open(&host, magic[i], O_PATH), ==, -ELOOP);
    }
    fd = openers[o].open(&host, "/proc/mounts", O_RDONLY);
    g_assert_cmpint(fd, >=, 0);
    (void)close(fd);
  }
  root_close(&host);
}

static void test_follows_forty_links_and_no_more(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/link0", "end\n");
  for (int i = 1; i <= 41; i++) {
    g_autofree char *path = g_strdup_printf("/link%d", i);
    g_autofree char *target = g_strdup_printf("/link%d", i - 1);
    fixture_symlink(fixture, path, target);
  }
  for (gsize o = 0; o < G_N_ELEMENTS(openers); o++) {
    int fd = openers[o].open(&fixture->root, "/link40", O_RDONLY);

    g_assert_cmpint(fd, >=, 0);
    (void)close(fd);
    g_assert_cmpint(openers[o].open(&fixture->root, "/link41", O_RDONLY), ==, -ELOOP);
  }
}

static void test_names_too_long_are_an_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *name = g_strnfill(300, 'x');
  g_autofree char *path = g_strnfill(5000, '/');

  for (gsize o = 0; o < G_N_ELEMENTS(openers); o++) {
    g_assert_cmpint(openers[o].open(&fixture->root, name, O_RDONLY), ==, -ENAMETOOLONG);
    g_assert_cmpint(openers[o].open(&fixture->root, path, O_RDONLY), ==, -ENAMETOOLONG);
  }
}

static void test_only_the_host_is_the_host(void) {
  static const struct {
    const char *path;
    gboolean host;
  } cases[] = {{"/", TRUE}, {"//", TRUE}, {"/./", TRUE}, {"/..", TRUE}, {"/tmp", FALSE}, {"/tmp/..", FALSE}};
  Root root;

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_assert_cmpint(root_open(&root, cases[i].path), ==, 0);
    g_assert_cmpint(root.is_host, ==, cases[i].host);
    root_close(&root);
    g_assert_cmpint(root.fd, ==, -1);
  }
  g_assert_cmpint(root_open(&root, "/no/such/directory"), ==, -ENOENT);
  g_assert_cmpint(root.fd, ==, -1);
  g_assert_cmpint(root_open(&root, "/dev/null"), ==, -ENOTDIR);
}

static void test_parent_and_name(void) {
  g_autoptr(Fixture) fixture = machine_new();
  const char *name = NULL;
  int fd = root_open_parent(&fixture->root, "/var/b/c/deep", &name);

  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpstr(name, ==, "deep");
  g_assert_cmpint(faccessat(fd, name, F_OK, 0), ==, 0);
  (void)close(fd);
  fd = root_open_parent(&fixture->root, "/new", &name);
  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpstr(name, ==, "new");
  (void)close(fd);
  fd = root_open_parent(&fixture->root, "new", &name);
  g_assert_cmpint(fd, >=, 0);
  (void)close(fd);
  g_assert_cmpint(root_open_parent(&fixture->root, "/nowhere/new", &name), ==, -ENOENT);
  g_assert_cmpint(root_open_parent(&fixture->root, "/etc/hostname/new", &name), ==, -ENOTDIR);
  g_assert_cmpint(root_open_parent(&fixture->root, "/etc/", &name), ==, -EINVAL);
  g_assert_cmpint(root_open_parent(&fixture->root, "/etc/..", &name), ==, -EINVAL);
  g_assert_cmpint(root_open_parent(&fixture->root, "/", &name), ==, -EINVAL);
}

static void test_reads_whole_files(void) {
  g_autoptr(Fixture) fixture = machine_new();
  g_autofree char *big = g_strnfill(1 << 20, 'x');
  static const char binary[] = "a\0b\xff\n";
  char *data = NULL;
  size_t size = 0;
  Problem problem = {""};

  fixture_write(fixture, "/big", big);
  fixture_write(fixture, "/empty", "");
  fixture_write_bytes(fixture, "/binary", binary, sizeof binary - 1, 0644);

  g_assert_cmpint(root_read_file(&fixture->root, "/binary", 100, &data, &size, &problem), ==, 0);
  g_assert_cmpmem(data, size, binary, sizeof binary - 1);
  g_assert_cmpint(data[size], ==, '\0');
  g_clear_pointer(&data, free);
  g_assert_cmpint(root_read_file(&fixture->root, "/empty", 100, &data, &size, &problem), ==, 0);
  g_assert_cmpuint(size, ==, 0);
  g_assert_cmpstr(data, ==, "");
  g_clear_pointer(&data, free);
  g_assert_cmpint(root_read_file(&fixture->root, "/big", 1 << 20, &data, &size, &problem), ==, 0);
  g_assert_cmpuint(size, ==, 1 << 20);
  g_clear_pointer(&data, free);
  g_assert_cmpstr(problem.text, ==, "");
  g_assert_cmpint(root_read_file(&fixture->root, "/big", (1 << 20) - 1, &data, &size, &problem), ==, -EFBIG);
  g_assert_null(data);
  g_assert_nonnull(strstr(problem.text, "/big: longer than 1048575 bytes"));
  g_assert_cmpint(root_read_file(&fixture->root, "/none", 1, &data, &size, &problem), ==, -ENOENT);
  g_assert_cmpstr(problem.text, ==, "/none: cannot be read: No such file or directory");
}

/* The files of /proc tell no size. */
static void test_reads_files_that_tell_no_size(void) {
  Root host;
  char *data = NULL;
  size_t size = 0;

  g_assert_cmpint(root_open(&host, "/"), ==, 0);
  if (access("/proc/filesystems", R_OK) == 0) {
    g_assert_cmpint(root_read_file(&host, "/proc/filesystems", 1 << 20, &data, &size, NULL), ==, 0);
    g_assert_nonnull(strstr(data, "proc"));
    g_clear_pointer(&data, free);
    g_assert_cmpint(root_read_file(&host, "/proc/filesystems", 10, &data, &size, NULL), ==, -EFBIG);
  } else {
    g_test_skip("no procfs here");
  }
  root_close(&host);
}

/* Each way gives the same where the root is "/". */
static void test_opens_of_the_machine_plainly(void) {
  static const char *const paths[] = {
      "/",           "//",   "",      "/proc",       "/proc/self/status", "/proc/../proc",
      "/not/there/", "/not", "proc/", "/../../proc", "/proc/mounts/x",    "/proc/mounts"};
  Root host;

  g_assert_cmpint(root_open(&host, "/"), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
    int walked = root_open_at_walking(&host, paths[i], O_PATH);
    int plain = root_open_at_plainly(&host, paths[i], O_PATH);
    struct stat one, other;

    if (walked < 0) {
      g_assert_cmpint(plain, ==, walked);
      continue;
    }
    g_assert_cmpint(plain, >=, 0);
    g_assert_cmpint(fstat(walked, &one), ==, 0);
    g_assert_cmpint(fstat(plain, &other), ==, 0);
    g_assert_true(one.st_dev == other.st_dev && one.st_ino == other.st_ino);
    g_assert_cmpint(close(walked), ==, 0);
    g_assert_cmpint(close(plain), ==, 0);
  }
  root_close(&host);
}

/* As in a unit whose system calls are filtered. */
static void refuse_openat2(void) {
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OPENAT2, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog program = {.len = G_N_ELEMENTS(filter), .filter = filter};

  g_assert_cmpint(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  g_assert_cmpint(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
  g_assert_cmpint(syscall(OPENAT2, AT_FDCWD, "/", NULL, 0), ==, -1);
  g_assert_cmpint(errno, ==, ENOSYS);
}

static void test_opens_the_same_without_openat2(void) {
  static const char *const paths[] = {"/proc/cmdline",  "/proc/mounts",   "/proc/self",     "/proc/self/status",
                                      "/proc/self/exe", "/proc/self/cwd", "/proc/not",      "/proc//cmdline",
                                      "/proc/.",        "/proc/..",       "//proc/cmdline", "/proc/mounts/x",
                                      "/proc/net/dev",  "/proc/sys",      "/etc/hostname",  "/proc/self/root/etc"};
  static const int flags[] = {O_RDONLY, O_PATH, O_PATH | O_NOFOLLOW, O_RDONLY | O_DIRECTORY, O_RDONLY | O_NOFOLLOW};
  Root host;

  if (!g_test_subprocess()) {
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed();
    return;
  }
  refuse_openat2();
  g_assert_cmpint(root_open(&host, "/"), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS(paths) * G_N_ELEMENTS(flags); i++) {
    const char *path = paths[i / G_N_ELEMENTS(flags)];
    const int how = flags[i % G_N_ELEMENTS(flags)];
    const int walked = root_open_at_walking(&host, path, how);
    const int fd = root_open_at(&host, path, how);
    struct stat one, other;

    if (walked < 0 || fd < 0) {
      if (fd != walked)
        g_error("%s with flags %#x: %d, expected %d", path, (guint)how, fd, walked);
      continue;
    }
    g_assert_cmpint(fstat(walked, &one), ==, 0);
    g_assert_cmpint(fstat(fd, &other), ==, 0);
    if (one.st_dev != other.st_dev || one.st_ino != other.st_ino)
      g_error("%s with flags %#x: another file", path, (guint)how);
    g_assert_cmpint(close(walked), ==, 0);
    g_assert_cmpint(close(fd), ==, 0);
  }
  root_close(&host);
}

static void test_asks_of_the_machine_plainly(void) {
  static const char *const paths[] = {"/",
                                      "//",
                                      "",
                                      "/proc",
                                      "/proc/",
                                      "/proc/../proc",
                                      "/not/there",
                                      "/not",
                                      "/../../proc",
                                      "/proc/mounts/x",
                                      "/bin",
                                      "/bin/",
                                      "/etc/mtab",
                                      "/etc/os-release"};
  Root host;

  g_assert_cmpint(root_open(&host, "/"), ==, 0);
  for (gsize i = 0; i < 2 * G_N_ELEMENTS(paths); i++) {
    struct stat one = {0}, other = {0};
    const bool follow = i % 2 == 0;

    g_test_message("%s", paths[i / 2]);
    g_assert_cmpint(root_stat(&host, paths[i / 2], follow, &one), ==,
                    root_stat_plainly(&host, paths[i / 2], follow, &other));
    g_assert_true(one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_mode == other.st_mode);
  }
  root_close(&host);
}

/* An absolute path is one below the root, whatever root it is. */
static void test_opens_plainly_below_the_root(void) {
  g_autoptr(Fixture) fixture = machine_new();
  struct stat info;
  int fd;

  fixture_write(fixture, "/etc/only-here", "x");
  g_assert_cmpint(root_stat_plainly(&fixture->root, "/etc/only-here", true, &info), ==, 0);
  fd = root_open_at_plainly(&fixture->root, "/etc/only-here", O_RDONLY);
  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpint(close(fd), ==, 0);
}

static void test_refuses_what_is_no_regular_file(void) {
  g_autoptr(Fixture) fixture = machine_new();
  g_autofree char *device = fixture_path(fixture, "/device");
  char *data = NULL;
  size_t size = 0;
  Problem problem = {""};

  g_assert_cmpint(root_read_file(&fixture->root, "/fifo", 100, &data, &size, &problem), ==, -EINVAL);
  g_assert_nonnull(strstr(problem.text, "/fifo: not a regular file"));
  g_assert_cmpint(root_read_file(&fixture->root, "/etc", 100, &data, &size, &problem), ==, -EINVAL);
  g_assert_null(data);
  if (mknod(device, S_IFCHR | 0644, makedev(1, 5)) == 0)
    g_assert_cmpint(root_read_file(&fixture->root, "/device", 100, &data, &size, &problem), ==, -EINVAL);
  fixture->root.is_host = true; /* the way of the running machine, which does without the look before the open */
  g_assert_cmpint(root_read_file(&fixture->root, "/fifo", 100, &data, &size, &problem), ==, -EINVAL);
  g_assert_cmpint(root_read_file(&fixture->root, "/etc", 100, &data, &size, &problem), ==, -EINVAL);
}

static void test_reads_one_line(void) {
  static const struct {
    const char *content;
    gsize size;
    const char *line;
  } cases[] = {
      {"one\n", 4, "one"},   {"one\ntwo\n", 8, "one"},
      {"one", 3, "one"},     {"one \t\r\n", 7, "one"},
      {"", 0, ""},           {"\n", 1, ""},
      {"tree\0", 5, "tree"}, {" in ner \n", 9, " in ner"},
      {"   \n", 4, ""},      {"0123456789abcdefXYZ", 19, "0123456789abcde"},
  };
  g_autoptr(Fixture) fixture = machine_new();
  char buffer[16];

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    fixture_write_bytes(fixture, "/line", cases[i].content, cases[i].size, 0644);
    g_assert_cmpint(root_read_line(&fixture->root, "/line", buffer, sizeof buffer), ==, (int)strlen(cases[i].line));
    g_assert_cmpstr(buffer, ==, cases[i].line);
  }
  g_assert_cmpint(root_read_line(&fixture->root, "/none", buffer, sizeof buffer), ==, -ENOENT);
  g_assert_cmpint(root_read_line(&fixture->root, "/etc", buffer, sizeof buffer), ==, -EISDIR);
  g_assert_cmpint(root_read_line(&fixture->root, "/fifo", buffer, sizeof buffer), <=, 0); /* and comes back at once */
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/root/reads-what-the-path-means-inside", test_reads_what_the_path_means_inside);
  g_test_add_func("/root/refuses-with-the-same-errors", test_refuses_with_the_same_errors);
  g_test_add_func("/root/opens-a-link-itself-when-asked", test_opens_a_link_itself_when_asked);
  g_test_add_func("/root/does-not-jump-through-magic-links", test_does_not_jump_through_magic_links);
  g_test_add_func("/root/follows-forty-links-and-no-more", test_follows_forty_links_and_no_more);
  g_test_add_func("/root/names-too-long-are-an-error", test_names_too_long_are_an_error);
  g_test_add_func("/root/only-the-host-is-the-host", test_only_the_host_is_the_host);
  g_test_add_func("/root/parent-and-name", test_parent_and_name);
  g_test_add_func("/root/reads-whole-files", test_reads_whole_files);
  g_test_add_func("/root/reads-files-that-tell-no-size", test_reads_files_that_tell_no_size);
  g_test_add_func("/root/opens-of-the-machine-plainly", test_opens_of_the_machine_plainly);
  g_test_add_func("/root/opens-the-same-without-openat2", test_opens_the_same_without_openat2);
  g_test_add_func("/root/asks-of-the-machine-plainly", test_asks_of_the_machine_plainly);
  g_test_add_func("/root/opens-plainly-below-the-root", test_opens_plainly_below_the_root);
  g_test_add_func("/root/refuses-what-is-no-regular-file", test_refuses_what_is_no_regular_file);
  g_test_add_func("/root/reads-one-line", test_reads_one_line);
  return g_test_run();
}
