/* transaction-fixture.h - a plan of every kind of edit, committed, and as a power cut leaves it. */
#pragma once

#include "commit-fixture.h"

static inline Fixture *machine(void) {
  Fixture *fixture = commit_fixture_new();

  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/etc/ssh/key", "old secret\n");
  fixture_write(fixture, RI_RECORD_FILE, "old record\n");
  return fixture;
}

static inline Plan *plan_of(Fixture *fixture) {
  Plan *plan = plan_new();

  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  commit_plan_write(fixture, plan, "/etc/ssh/key", "new secret\n")->flags = EDIT_SECRET | EDIT_FORGET_OLD;
  commit_plan_made(fixture, plan);
  commit_plan_write(fixture, plan, RI_RECORD_FILE, "new record\n")->flags = EDIT_LAST;
  return plan;
}

static inline gboolean exists(Fixture *fixture, const char *path) {
  g_autofree char *full = fixture_path(fixture, path);

  return g_file_test(full, G_FILE_TEST_EXISTS);
}

static inline Recovery recover(Fixture *fixture, char **summary) {
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  (void)transaction_recover(&fixture->root, &recovery, summary, &error);
  g_assert_no_error(error);
  return recovery;
}

static inline void assert_closed(Fixture *fixture) {
  g_autoptr(GError) error = NULL;

  (void)transaction_close(&fixture->root, NULL, &error);
  g_assert_no_error(error);
  g_assert_false(transaction_is_open(&fixture->root));
}

/* The transaction as it is when a run is killed right behind its commit point. */
static inline void commit_and_go_back_to_the_commit_point(Fixture *fixture, const Plan *plan) {
  static const struct {
    const char *path, *old;
  } files[] = {{"/etc/hostname", "golden\n"}, {"/etc/ssh/key", "old secret\n"}};

  commit_open(fixture, plan);
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *content = fixture_read(fixture, files[i].path);
    g_autofree char *directory = g_path_get_dirname(files[i].path);
    g_autofree char *name = g_path_get_basename(files[i].path);
    g_autofree char *temporary = g_strdup_printf("%s/.%s.reset-identity", directory, name);
    fixture_write(fixture, temporary, content);
    fixture_write(fixture, files[i].path, files[i].old);
  }
}
