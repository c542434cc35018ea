/* What only the walk knows: the name of a path once every link is followed. */
#include <errno.h>
#include <glib.h>
#include <stdlib.h>

#include "fixture.h"

static void test_names_the_file_behind_the_links(void) {
  static const struct {
    const char *path, *resolved;
    int error;
  } cases[] = {
      {"/etc/hostname", "/srv/state/hostname", 0},
      {"/etc/../etc/./hostname", "/srv/state/hostname", 0},
      {"/srv/state/hostname", "/srv/state/hostname", 0},
      {"/linked/hostname", "/srv/state/hostname", 0},
      {"/linked/", "/srv/state", 0},
      {"/linked/..", "/srv", 0},
      {"/", "/", 0},
      {"/..", "/", 0},
      {"/new", "/new", 0},
      {"/linked/new", "/srv/state/new", 0},
      {"/dangling", "/srv/state/later", 0},
      {"/escapes", "/srv/state/hostname", 0},
      {"/nowhere/new", NULL, -ENOENT},
      {"/nowhere/new/", NULL, -ENOENT},
      {"/srv/nowhere/new/er", NULL, -ENOENT},
      {"/srv//state/hostname", "/srv/state/hostname", 0},
      {"srv/state/hostname", "/srv/state/hostname", 0},
      {"/srv/state/hostname/new", NULL, -ENOTDIR},
      {"/srv/state/hostname/", NULL, -ENOTDIR},
      {"/loop", NULL, -ELOOP},
      {"", NULL, -ENOENT},
  };
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/srv/state/hostname", "golden\n");
  fixture_symlink(fixture, "/etc/hostname", "/srv/state/hostname");
  fixture_symlink(fixture, "/linked", "srv/state");
  fixture_symlink(fixture, "/dangling", "/linked/later");
  fixture_symlink(fixture, "/escapes", "../../../../linked/../state/hostname");
  fixture_symlink(fixture, "/loop", "/loop");
  for (gsize i = 0; i < G_N_ELEMENTS(cases) * 2; i++) {
    char *resolved = NULL;

    g_test_message("\"%s\"", cases[i / 2].path);
    g_assert_cmpint((i % 2 == 0 ? root_resolve : root_resolve_walking)(&fixture->root, cases[i / 2].path, &resolved),
                    ==, cases[i / 2].error);
    g_assert_cmpstr(resolved, ==, cases[i / 2].resolved);
    free(resolved);
  }
}

/* On the running machine the kernel is asked: it says what the walk finds, errors too. */
static void test_the_machine_itself_is_asked(void) {
  static const char *const paths[] = {"/etc/hostname", "/linked/hostname",     "/linked/",          "/linked/..",
                                      "/new",          "/linked/new",          "/dangling",         "/escapes",
                                      "/nowhere/new/", "/etc/../linked/state", "/linked/hostname/", "/loop",
                                      "/was (deleted)"};
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *top = fixture_path(fixture, "");
  g_autofree char *absolute = fixture_path(fixture, "/srv/state/hostname");
  Root host;

  fixture_write(fixture, "/srv/state/hostname", "golden\n");
  fixture_write(fixture, "/srv/state/x (deleted)", "");
  fixture_symlink(fixture, "/etc/hostname", absolute);
  fixture_symlink(fixture, "/linked", "srv/state");
  fixture_symlink(fixture, "/dangling", "linked/later");
  fixture_symlink(fixture, "/escapes", "linked/../state/hostname");
  fixture_symlink(fixture, "/loop", "loop");
  fixture_symlink(fixture, "/was (deleted)", "linked/x (deleted)");
  g_assert_cmpint(root_open(&host, "/"), ==, 0);
  g_assert_true(host.is_host);
  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autofree char *path = g_strconcat(top, paths[i], NULL);
    char *asked = NULL, *walked = NULL;

    g_test_message("%s", paths[i]);
    g_assert_cmpint(root_resolve(&host, path, &asked), ==, root_resolve_walking(&host, path, &walked));
    g_assert_cmpstr(asked, ==, walked);
    free(asked);
    free(walked);
  }
  root_close(&host);
}

/* A root that only says that it is the machine is walked: what the kernel tells is of another one. */
static void test_what_the_kernel_tells_is_looked_at(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  char *resolved = NULL;

  fixture_write(fixture, "/srv/state/hostname", "golden\n");
  fixture_symlink(fixture, "/linked", "srv/state");
  fixture->root.is_host = true;
  g_assert_cmpint(root_resolve(&fixture->root, "/linked/hostname", &resolved), ==, 0);
  g_assert_cmpstr(resolved, ==, "/srv/state/hostname");
  free(resolved);
}

/* Each link doubles the rest of the way until it no longer fits: an error, not a crash. */
static void test_links_that_grow_without_end_are_an_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *long_target = g_strnfill(4000, '/');
  g_autofree char *grows = g_strconcat(long_target, "grows/grows", NULL);
  char *resolved = NULL;

  fixture_symlink(fixture, "/grows", grows);
  g_assert_cmpint(root_resolve(&fixture->root, "/grows", &resolved), <, 0);
  g_assert_null(resolved);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/root-walk/names-the-file-behind-the-links", test_names_the_file_behind_the_links);
  g_test_add_func("/root-walk/the-machine-itself-is-asked", test_the_machine_itself_is_asked);
  g_test_add_func("/root-walk/what-the-kernel-tells-is-looked-at", test_what_the_kernel_tells_is_looked_at);
  g_test_add_func("/root-walk/links-that-grow-without-end-are-an-error", test_links_that_grow_without_end_are_an_error);
  return g_test_run();
}
