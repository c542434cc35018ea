/* manifest-parse.c: nothing but what manifest.c writes is read. */
#include "manifest-fixture.h"

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void assert_bad(const char *text, gsize size, const char *says) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Manifest) manifest = manifest_parse(text, size, "/var/lib/x/manifest", &error);

  g_assert_null(manifest);
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
  g_assert_true(g_str_has_prefix(error->message, "/var/lib/x/manifest: "));
  if (says != NULL && strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
}

static void any_changed_byte_is_damage(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  g_autofree char *text = manifest_format(manifest);
  const gsize size = strlen(text);

  for (gsize i = 0; i < size; i++) {
    text[i] ^= 1;
    assert_bad(text, size, NULL);
    text[i] ^= 1;
  }
}

static void any_cut_is_damage(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  g_autofree char *text = manifest_format(manifest);

  for (gsize size = 0; size < strlen(text); size++)
    assert_bad(text, size, NULL);
}

static void garbage_is_damage(void) {
  static const char zeros[4096];

  assert_bad(zeros, sizeof zeros, "damaged");
  assert_bad("", 0, "damaged");
  assert_bad("sha256=" SUM "\n", strlen("sha256=" SUM "\n"), "damaged");
}

/* TEXT with WHAT replaced and a right sum: written by somebody who knows the format. */
static void assert_forged(const char *what, const char *by, const char *says) {
  g_autoptr(Manifest) manifest = make_manifest();
  g_autofree char *text = manifest_format(manifest);
  g_autofree char *sum = NULL;
  g_autofree char *full = NULL;

  *strstr(text, "sha256=") = '\0';
  g_auto(GStrv) parts = g_strsplit(text, what, 2);
  g_assert_cmpuint(g_strv_length(parts), ==, 2);
  g_autofree char *forged = g_strconcat(parts[0], by, parts[1], NULL);
  sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, forged, -1);
  full = g_strconcat(forged, "sha256=", sum, "\n", NULL);
  assert_bad(full, strlen(full), says);
}

static void every_rule_is_kept_by_force(void) {
  assert_forged("version=1", "version=2", "version '2' is not known here");
  assert_forged("kind=undo\n", "", "line 2: 'kind=' expected");
  assert_forged("undoes=7", "undoes=-7", "line 6: 'undoes' is no number");
  assert_forged("edits=3", "edits=2", "more lines than edits");
  assert_forged("edits=3", "edits=4", "'edit=' expected");
  assert_forged("edits=3", "edits=99999999999", "'edits' is no number");
  assert_forged("edit=1", "edit=2", "edit 1 expected, not 2");
  assert_forged("kind=remove", "kind=format", "'kind' is not known here: 'format'");
  assert_forged("flags=\n", "flags=setuid\n", "the flag 'setuid' is not known");
  assert_forged("path=/var/lease", "path=var/lease", "no absolute path");
  assert_forged("path=/var/lease", "path=/var/../lease", "no absolute path");
  assert_forged("path=/var/lease", "path=/var//lease", "no absolute path");
  assert_forged("path=/var/lease", "path=/", "no absolute path");
  assert_forged("path=/var/lease", "path=/var/lease/", "no absolute path");
  assert_forged("path=/var/lease", "path=/var/le\tase", "not escaped as it should be");
  assert_forged("path=/var/lease", "path=/var/lease\\", "half an escape");
  assert_forged("path=/var/lease", "path=/var/\\101", "not escaped as it should be");
  assert_forged("destination=/var/log/new", "destination=../new", "no absolute path");
  assert_forged("destination=\n", "destination=/etc/shadow\n", "a destination where nothing is renamed");
  assert_forged("new=absent", "new=present", "neither 'absent' nor a SHA-256 sum");
  assert_forged("new=absent", "new=" SUM, "content where nothing is written");
  assert_forged("attributes=kept", "attributes=some", "'attributes' is not known");
  assert_forged("parents=2", "parents=10000", "'parents' is no number");
  assert_forged("moved=4", "moved=3", "'moved' is odd");
  assert_forged("name=b~", "name=../b", "no name of a file");
  assert_forged("name=b~", "name=..", "no name of a file");
}

static void a_write_has_content(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  ManifestEdit *edit = manifest->edits->pdata[0];
  g_autofree char *text = NULL;

  g_clear_pointer(&edit->new_sha256, g_free);
  text = manifest_format(manifest);
  assert_bad(text, strlen(text), "a write without content");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest-parse/any-changed-byte-is-damage", any_changed_byte_is_damage);
  g_test_add_func("/manifest-parse/any-cut-is-damage", any_cut_is_damage);
  g_test_add_func("/manifest-parse/garbage-is-damage", garbage_is_damage);
  g_test_add_func("/manifest-parse/every-rule-is-kept-by-force", every_rule_is_kept_by_force);
  g_test_add_func("/manifest-parse/a-write-has-content", a_write_has_content);
  return g_test_run();
}
