/* commit-fixture.h - a small tree with a state directory, and short ways to plan and commit in it. */
#pragma once

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/names.h"
#include "base/tree.h"
#include "commit/history.h"
#include "commit/transaction.h"
#include "fixture.h"

static inline Fixture *commit_fixture_new(void) {
  Fixture *fixture = fixture_new();
  g_autofree char *state = NULL;

  fixture_mkdir(fixture, "/etc");
  fixture_mkdir(fixture, RI_STATE_DIR);
  state = fixture_path(fixture, RI_STATE_DIR);
  g_assert_cmpint(chmod(state, 0700), ==, 0);
  return fixture;
}

static inline GBytes *commit_read(Fixture *fixture, const char *path) {
  g_autoptr(GError) error = NULL;
  GBytes *bytes = NULL;

  g_assert_true(tree_read(&fixture->root, path, &bytes, NULL, &error));
  g_assert_no_error(error);
  return bytes;
}

static inline Edit *commit_plan_write(Fixture *fixture, Plan *plan, const char *path, const char *text) {
  g_autoptr(GBytes) old = commit_read(fixture, path);
  g_autoptr(GBytes) content = g_bytes_new(text, strlen(text));

  return plan_write(plan, "step", path, old, content, "a test");
}

static inline Edit *commit_plan_remove(Fixture *fixture, Plan *plan, const char *path) {
  g_autoptr(GBytes) old = commit_read(fixture, path);

  return plan_remove(plan, "step", path, old, "a test");
}

static inline gboolean commit_try(Fixture *fixture, const Plan *plan, const char *kind, GError **error) {
  char empty[] = "";
  TransactionInfo info = {.kind = kind, .verdict = "", .summary = empty, .reasons = empty};

  return transaction_commit(&fixture->root, plan, &info, NULL, NULL, NULL, error);
}

/* Committed and in place, not closed. */
static inline void commit_open(Fixture *fixture, const Plan *plan) {
  g_autoptr(GError) error = NULL;

  (void)commit_try(fixture, plan, "apply", &error);
  g_assert_no_error(error);
}

static inline unsigned commit_closed(Fixture *fixture, const Plan *plan, const char *kind) {
  g_autoptr(GError) error = NULL;
  unsigned number = 0;

  if (commit_try(fixture, plan, kind, &error))
    (void)transaction_close(&fixture->root, &number, &error);
  g_assert_no_error(error);
  return number;
}

/* /etc/made/by/us, in directories of its own. */
static inline void commit_plan_made(Fixture *fixture, Plan *plan) {
  (void)plan_make_directory(plan, "step", "/etc/made", 0755, "a test");
  (void)plan_make_directory(plan, "step", "/etc/made/by", 0755, "a test");
  (void)commit_plan_write(fixture, plan, "/etc/made/by/us", "made\n");
}

static inline void commit_assert_content(Fixture *fixture, const char *path, const char *expected) {
  g_autofree char *content = fixture_read(fixture, path);

  g_assert_cmpstr(content, ==, expected);
}
