/* ssh-keygen.c: keys come out whole or not at all, and no private directory is left behind. */
#include "plan/steps/ssh-keygen.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "fixture.h"

static GPtrArray *pairs_of(const char *first, const char *second) {
  GPtrArray *pairs = g_ptr_array_new_with_free_func((GDestroyNotify)ssh_key_pair_free);
  const char *names[] = {first, second};

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    SshKeyPair *pair = g_new0(SshKeyPair, 1);

    pair->type.name = names[i];
    g_ptr_array_add(pairs, pair);
  }
  return pairs;
}

/* A program of the test's own instead of ssh-keygen: its last argument, the key's file, is in $FILE. */
static char *script(Fixture *fixture, const char *body) {
  g_autofree char *text = g_strdup_printf("#!/bin/sh\nfor last; do FILE=$last; done\n%s\n", body);

  fixture_write_bytes(fixture, "/keygen", text, strlen(text), 0755);
  return fixture_path(fixture, "/keygen");
}

static void assert_empty(const char *run_dir) {
  g_autoptr(GDir) dir = g_dir_open(run_dir, 0, NULL);

  g_assert_nonnull(dir);
  g_assert_null(g_dir_read_name(dir));
}

static void makes_pairs_with_the_comment(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *run_dir = fixture_path(fixture, "/run/reset-identity");
  g_autoptr(GPtrArray) pairs = pairs_of("ed25519", "ecdsa");
  g_autoptr(GError) error = NULL;

  g_assert_true(ssh_keygen_run(SSH_KEYGEN_PROGRAM, run_dir, "root@web-17", pairs, &error));
  g_assert_no_error(error);
  for (guint i = 0; i < pairs->len; i++) {
    const SshKeyPair *pair = g_ptr_array_index(pairs, i);
    const char *text = g_bytes_get_data(pair->private_key, NULL);

    g_assert_true(g_str_has_prefix(text, "-----BEGIN OPENSSH PRIVATE KEY-----"));
    g_assert_nonnull(g_strstr_len(g_bytes_get_data(pair->public_key, NULL), (gssize)g_bytes_get_size(pair->public_key),
                                  " root@web-17\n"));
  }
  assert_empty(run_dir);
}

static void assert_refused(const char *body, const char *said) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *run_dir = fixture_path(fixture, "/run");
  g_autofree char *program = script(fixture, body);
  g_autoptr(GPtrArray) pairs = pairs_of("ed25519", "ecdsa");
  g_autoptr(GError) error = NULL;

  g_assert_false(ssh_keygen_run(program, run_dir, "root@web-17", pairs, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, said));
  for (guint i = 0; i < pairs->len; i++) {
    g_assert_null(((SshKeyPair *)g_ptr_array_index(pairs, i))->private_key);
    g_assert_null(((SshKeyPair *)g_ptr_array_index(pairs, i))->public_key);
  }
  assert_empty(run_dir);
}

static void says_what_the_program_said(void) {
  assert_refused("echo 'no entropy today' >&2; exit 1", "no entropy today");
}

static void refuses_no_file(void) {
  assert_refused("exit 0", "made no");
}

static void refuses_empty_files(void) {
  assert_refused(": > $FILE; : > $FILE.pub", "empty");
}

static void refuses_what_is_no_key(void) {
  assert_refused("echo key > $FILE; echo key > $FILE.pub", "no ed25519 key");
}

static void refuses_another_type_than_asked(void) {
  assert_refused("exec " SSH_KEYGEN_PROGRAM " -q -t ecdsa -N '' -f $FILE", "no ed25519 key");
}

static void a_missing_program_says_what_to_do(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *run_dir = fixture_path(fixture, "/run");
  g_autoptr(GPtrArray) pairs = pairs_of("ed25519", "ecdsa");
  g_autoptr(GError) error = NULL;

  g_assert_false(ssh_keygen_run("/nonexistent/ssh-keygen", run_dir, "x", pairs, &error));
  g_assert_nonnull(strstr(error->message, "/nonexistent/ssh-keygen"));
  g_assert_nonnull(strstr(error->message, "ssh-host-keys = off"));
  assert_empty(run_dir);
}

static void removes_what_a_killed_run_left_and_no_living_one(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *run_dir = fixture_path(fixture, "/run");
  g_autofree char *living = fixture_path(fixture, "/run/ssh-host-keys-living");
  g_autofree char *stale = fixture_path(fixture, "/run/ssh-host-keys-stale");
  g_autoptr(GPtrArray) pairs = pairs_of("ed25519", "ed25519");
  g_autofree char *kept = NULL;
  int fd;

  fixture_write(fixture, "/run/ssh-host-keys-stale/0", "secret");
  fixture_write(fixture, "/run/ssh-host-keys-living/0", "secret");
  fixture_write(fixture, "/run/last.json", "{}");
  fd = g_open(living, O_RDONLY | O_DIRECTORY, 0);
  g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
  g_assert_true(ssh_keygen_run(SSH_KEYGEN_PROGRAM, run_dir, "x", pairs, NULL));
  g_assert_false(g_file_test(stale, G_FILE_TEST_EXISTS));
  g_assert_true(g_file_test(living, G_FILE_TEST_EXISTS));
  kept = fixture_read(fixture, "/run/last.json");
  g_assert_cmpstr(kept, ==, "{}");
  (void)close(fd);
}

/* In a domain of its own, which SELinux gives it elsewhere, it may not write into our directory. */
static void it_runs_as_we_do(void) {
  assert_refused("grep NoNewPrivs /proc/self/status >&2; exit 1", "NoNewPrivs:\t1");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ssh-keygen/makes-pairs-with-the-comment", makes_pairs_with_the_comment);
  g_test_add_func("/ssh-keygen/says-what-the-program-said", says_what_the_program_said);
  g_test_add_func("/ssh-keygen/refuses-no-file", refuses_no_file);
  g_test_add_func("/ssh-keygen/refuses-empty-files", refuses_empty_files);
  g_test_add_func("/ssh-keygen/refuses-what-is-no-key", refuses_what_is_no_key);
  g_test_add_func("/ssh-keygen/refuses-another-type-than-asked", refuses_another_type_than_asked);
  g_test_add_func("/ssh-keygen/it-runs-as-we-do", it_runs_as_we_do);
  g_test_add_func("/ssh-keygen/a-missing-program-says-what-to-do", a_missing_program_says_what_to_do);
  g_test_add_func("/ssh-keygen/removes-what-a-killed-run-left-and-no-living-one",
                  removes_what_a_killed_run_left_and_no_living_one);
  return g_test_run();
}
