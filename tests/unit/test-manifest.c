/* manifest.c: what is written is read back, and nothing else is. */
#include <fcntl.h>

#include "base/autofd.h"
#include "manifest-fixture.h"

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void comes_back_as_it_was(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  g_autoptr(GBytes) bytes = manifest_format(manifest);
  g_autoptr(GError) error = NULL;
  g_autoptr(Manifest) read = manifest_parse(bytes, "manifest", &error);
  const ManifestEdit *edit;

  g_assert_no_error(error);
  g_autoptr(GBytes) again = manifest_format(read);
  g_assert_true(g_bytes_equal(bytes, again));
  edit = read->edits->pdata[0];
  g_assert_cmpstr(edit->path, ==, "/etc/odd \n\x1b\xff = name");
  g_assert_cmpint(edit->flags, ==, EDIT_SECRET | EDIT_FORGET_OLD | EDIT_LAST | EDIT_KEYFILE | EDIT_VOLATILE);
  g_assert_null(edit->old_sha256);
  g_assert_cmpuint(edit->mode, ==, 0644);
  g_assert_cmpuint(edit->gid, ==, 12);
  g_assert_cmpstr(read->info.reasons, ==, "one\ntwo\t\\");
  g_assert_cmpuint(read->info.undoes, ==, 7);
}

static void keeps_choices_and_actions(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  g_autoptr(GBytes) bytes = manifest_format(manifest);
  g_autoptr(Manifest) read = manifest_parse(bytes, "manifest", NULL);
  const Choice *choice = read->choices->pdata[0];
  const Action *action = read->actions->pdata[0];

  g_assert_cmpstr(choice->old, ==, "golden");
  g_assert_cmpstr(choice->new, ==, "clone");
  g_assert_cmpstr(choice->source, ==, "policy.ini:2");
  g_assert_cmpint(action->kind, ==, ACTION_MACHINE_ID);
  g_assert_cmpint(action->phase, ==, PHASE_AFTER);
  g_assert_cmpint(action->needs, ==, NEEDS_LIVE);
  g_assert_cmpuint(action->time_limit_s, ==, 30);
  g_assert_true(action->must_succeed);
  g_assert_cmpstr(action->data, ==, "0123\xff");
  action = read->actions->pdata[1];
  g_assert_cmpstr(action->verb, ==, "try-restart");
  g_assert_cmpstr(action->object, ==, "ssh.service");
  g_assert_null(action->data);
}

static void a_secret_choice_keeps_no_value(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  g_autoptr(GBytes) bytes = manifest_format(manifest);
  gsize size = 0;
  const char *data = g_bytes_get_data(bytes, &size);

  g_assert_null(memmem(data, size, "hush", 4));
}

static void assert_bad(const void *data, gsize size, const char *says) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new(data, size);
  g_autoptr(Manifest) manifest = manifest_parse(bytes, "/var/lib/x/manifest", &error);

  g_assert_null(manifest);
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
  g_assert_true(g_str_has_prefix(error->message, "/var/lib/x/manifest: damaged"));
  if (says != NULL && strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
}

static void any_changed_byte_and_any_cut_is_damage(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  gsize size = 0;
  g_autofree char *data = g_bytes_unref_to_data(manifest_format(manifest), &size);

  for (gsize i = 0; i < size; i++) {
    data[i] ^= 1;
    assert_bad(data, size, NULL);
    data[i] ^= 1;
    assert_bad(data, i, NULL);
  }
}

static void garbage_is_damage(void) {
  static const char zeros[4096];

  assert_bad(zeros, sizeof zeros, "not a manifest of this version");
  assert_bad("", 0, "not a manifest of this version");
  assert_bad("version=1\nkind=apply\n", 21, "not a manifest of this version");
  assert_bad("reset-identity manifest 3\n" SUM "\n", 26 + 65, "checksum");
}

/* A right sum over something that manifest_new never makes: written by somebody who knows the format. */
static void assert_forged(Manifest *manifest, const char *says) {
  g_autoptr(GBytes) bytes = manifest_format(manifest);
  gsize size = 0;
  const void *data = g_bytes_get_data(bytes, &size);

  assert_bad(data, size, says);
  manifest_free(manifest);
}

static Manifest *forge_path(const char *path) {
  Manifest *manifest = make_manifest();
  ManifestEdit *edit = manifest->edits->pdata[1];

  g_free(edit->path);
  edit->path = g_strdup(path);
  return manifest;
}

static Manifest *forge_sums(guint index, const char *old, const char *new) {
  Manifest *manifest = make_manifest();
  ManifestEdit *edit = manifest->edits->pdata[index];

  g_free(edit->old_sha256);
  g_free(edit->new_sha256);
  edit->old_sha256 = g_strdup(old);
  edit->new_sha256 = g_strdup(new);
  return manifest;
}

static void every_rule_is_kept_by_force(void) {
  static const char *const paths[] = {"var/lease", "/var/../lease", "/var//lease", "/", "/var/lease/", "/var/./lease",
                                      ""};
  Manifest *manifest = make_manifest();

  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
    assert_forged(forge_path(paths[i]), "a path that is not absolute");
  assert_forged(forge_sums(0, NULL, NULL), "a sum that does not fit");
  assert_forged(forge_sums(0, NULL, "absent"), "not a SHA-256 sum");
  assert_forged(forge_sums(1, SUM, SUM), "a sum that does not fit");
  assert_forged(forge_sums(2, NULL, NULL), "a sum that does not fit");
  assert_forged(forge_sums(3, NULL, SUM), "a sum that does not fit");
  ((ManifestEdit *)manifest->edits->pdata[0])->flags = 1 << 20;
  assert_forged(manifest, "a kind that is not known");
  manifest = make_manifest();
  ((Action *)manifest->actions->pdata[0])->kind = (ActionKind)17;
  assert_forged(manifest, "an action that is not known");
}

static void reads_files_only(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *fifo = fixture_path(fixture, "/fifo");
  autofd top = root_open_at(&fixture->root, "/", O_RDONLY | O_DIRECTORY);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  g_assert_null(manifest_read(top, "absent", "/x", &error));
  g_assert_no_error(error);
  g_assert_null(manifest_read(top, "fifo", "/x", &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
}

static void tells_a_change_in_a_line(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  g_autofree char *removal = manifest_change(manifest->edits->pdata[1]);
  g_autofree char *directory = manifest_change(manifest->edits->pdata[3]);

  g_assert_cmpstr(removal, ==, "remove /var/lease (dhcp): stale");
  g_assert_cmpstr(directory, ==, "make-directory /etc/made (record): for what comes into it");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/comes-back-as-it-was", comes_back_as_it_was);
  g_test_add_func("/manifest/keeps-choices-and-actions", keeps_choices_and_actions);
  g_test_add_func("/manifest/a-secret-choice-keeps-no-value", a_secret_choice_keeps_no_value);
  g_test_add_func("/manifest/any-changed-byte-and-any-cut-is-damage", any_changed_byte_and_any_cut_is_damage);
  g_test_add_func("/manifest/garbage-is-damage", garbage_is_damage);
  g_test_add_func("/manifest/every-rule-is-kept-by-force", every_rule_is_kept_by_force);
  g_test_add_func("/manifest/reads-files-only", reads_files_only);
  g_test_add_func("/manifest/tells-a-change-in-a-line", tells_a_change_in_a_line);
  return g_test_run();
}
