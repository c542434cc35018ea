/* diff.c: what an admin is shown before signing. */
#include "commit-fixture.h"
#include "commit/diff.h"

static char *show(Edit *edit) {
  g_autoptr(GString) out = g_string_new(NULL);

  diff_edit(edit, out);
  return g_strdup(out->str);
}

static Edit *edit_of(Plan *plan, const char *path, const char *old, const char *new) {
  g_autoptr(GBytes) old_bytes = old != NULL ? g_bytes_new(old, strlen(old)) : NULL;
  g_autoptr(GBytes) new_bytes = new != NULL ? g_bytes_new(new, strlen(new)) : NULL;

  return new != NULL ? plan_write(plan, "step", path, old_bytes, new_bytes, "why")
                     : plan_remove(plan, "step", path, old_bytes, "why");
}

static void assert_shown(const char *path, const char *old, const char *new, EditFlags flags, const char *expected) {
  g_autoptr(Plan) plan = plan_new();
  Edit *edit = edit_of(plan, path, old, new);
  g_autofree char *shown = NULL;

  edit->flags = flags;
  shown = show(edit);
  g_assert_cmpstr(shown, ==, expected);
}

static void a_changed_file_is_a_unified_diff(void) {
  assert_shown("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 golden\n", "127.0.0.1 localhost\n127.0.1.1 clone\n", 0,
               "--- a/etc/hosts\n+++ b/etc/hosts\n@@ -1,2 +1,2 @@\n 127.0.0.1 localhost\n-127.0.1.1 golden\n"
               "+127.0.1.1 clone\n");
}

static void a_missing_last_newline_is_said(void) {
  assert_shown("/etc/hostname", "golden", "clone\n", 0,
               "--- a/etc/hostname\n+++ b/etc/hostname\n@@ -1 +1 @@\n-golden\n\\ No newline at end of file\n+clone\n");
}

static void files_come_from_and_go_to_dev_null(void) {
  assert_shown("/etc/made", NULL, "x\n", 0, "--- /dev/null\n+++ b/etc/made\n@@ -0,0 +1 @@\n+x\n");
  assert_shown("/etc/gone", "x\n", NULL, 0, "--- a/etc/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n");
  assert_shown("/etc/empty", "", NULL, 0, "--- a/etc/empty\n+++ /dev/null\n");
}

static void a_secret_is_never_shown(void) {
  assert_shown("/etc/ssh/key", "old", "new", EDIT_SECRET, "/etc/ssh/key: contents hidden (secret), replaced\n");
  assert_shown("/etc/ssh/key", NULL, "new", EDIT_SECRET, "/etc/ssh/key: contents hidden (secret), made\n");
  assert_shown("/etc/ssh/key", "old", NULL, EDIT_SECRET, "/etc/ssh/key: contents hidden (secret), removed\n");
}

static void what_is_made_later_is_announced(void) {
  g_autoptr(Plan) plan = plan_new();
  Edit *edit = plan_write(plan, "step", "/etc/ssh/key", NULL, NULL, "why");
  g_autofree char *shown = NULL;

  edit->flags = EDIT_SECRET | EDIT_DEFERRED;
  shown = show(edit);
  g_assert_cmpstr(shown, ==, "/etc/ssh/key: will be regenerated\n");
}

static void secrets_of_profiles_are_masked_on_both_sides(void) {
  assert_shown("/etc/p", "[c]\nuuid=a\n[wifi-security]\npsk=hush\n", "[c]\nuuid=b\n[wifi-security]\npsk=hush2\n",
               EDIT_KEYFILE,
               "--- a/etc/p\n+++ b/etc/p\n@@ -1,4 +1,4 @@\n [c]\n-uuid=a\n+uuid=b\n [wifi-security]\n psk=<hidden>\n");
  assert_shown("/etc/p", "[wifi-security]\npsk=hush\n", "[wifi-security]\npsk=hush2\n", EDIT_KEYFILE,
               "/etc/p: only hidden values change\n");
}

static void comments_beside_a_secret_are_hidden_in_every_format(void) {
  assert_shown("/etc/p", "n:\n  mtu: 9\n  password: x # hush\n  # hush\n",
               "n:\n  mtu: 8\n  password: x # hush\n  # hush\n", EDIT_YAML,
               "--- a/etc/p\n+++ b/etc/p\n@@ -1,4 +1,4 @@\n n:\n-  mtu: 9\n+  mtu: 8\n"
               "   password: <hidden> # <hidden>\n   # <hidden>\n");
  assert_shown("/etc/p", "[c]\nuuid=a\n; hush\npsk=x\n", "[c]\nuuid=b\n; hush\npsk=x\n", EDIT_KEYFILE,
               "--- a/etc/p\n+++ b/etc/p\n@@ -1,4 +1,4 @@\n [c]\n-uuid=a\n+uuid=b\n # <hidden>\n psk=<hidden>\n");
  assert_shown("/etc/p", "a\nsecret x; # hush\n", "b\nsecret x; # hush\n", 0,
               "--- a/etc/p\n+++ b/etc/p\n@@ -1,2 +1,2 @@\n-a\n+b\n secret <hidden>; # <hidden>\n");
}

static void words_are_masked_in_yaml_too(void) {
  assert_shown(
      "/etc/p", "n: 1\n# password = hush\nu: http://a:hush@b/\n", "n: 2\n# password = hush\nu: http://a:hush@b/\n",
      EDIT_YAML,
      "--- a/etc/p\n+++ b/etc/p\n@@ -1,3 +1,3 @@\n-n: 1\n+n: 2\n # password = <hidden>\n u: http://<hidden>@b/\n");
}

static void what_is_no_text_is_said_to_differ(void) {
  assert_shown("/etc/x", "\x1b[2J\n", "y\n", 0, "Binary files a/etc/x and b/etc/x differ\n");
  assert_shown("/etc/x", NULL, "\x01", 0, "Binary files /dev/null and b/etc/x differ\n");
}

static void a_byte_that_is_not_utf8_hides_nothing(void) {
  assert_shown("/etc/x", "# caf\xe9\nuuid=a\n", "# caf\xe9\nuuid=b\n", 0,
               "--- a/etc/x\n+++ b/etc/x\n@@ -1,2 +1,2 @@\n # caf\\xE9\n-uuid=a\n+uuid=b\n");
  assert_shown("/etc/x",
               "\xc2\x9b"
               "2J\n",
               "y\n", 0, "--- a/etc/x\n+++ b/etc/x\n@@ -1 +1 @@\n-\\xC2\\x9B2J\n+y\n");
}

static void links_and_directories_are_a_line_each(void) {
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *made = show(plan_make_directory(plan, "step", "/etc/d", 0750, "why"));
  g_autofree char *removed = show(plan_remove_directory(plan, "step", "/etc/d", "why"));
  g_autofree char *link = show(plan_link(plan, "step", "/etc/l", "/dev/null", "why"));
  g_autofree char *unlinked = show(plan_unlink(plan, "step", "/etc/l", "/dev/null", "why"));

  g_assert_cmpstr(made, ==, "/etc/d: directory, made (mode 0750)\n");
  g_assert_cmpstr(removed, ==, "/etc/d: directory, removed\n");
  g_assert_cmpstr(link, ==, "/etc/l: symbolic link to /dev/null, made\n");
  g_assert_cmpstr(unlinked, ==, "/etc/l: symbolic link to /dev/null, removed\n");
}

static void a_nul_is_no_text(void) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GBytes) old = g_bytes_new("a\0b", 3);
  g_autofree char *shown = show(plan_remove(plan, "step", "/etc/x", old, "why"));

  g_assert_cmpstr(shown, ==, "Binary files a/etc/x and /dev/null differ\n");
}

static void a_name_writes_no_lines_of_its_own(void) {
  g_autoptr(Plan) plan = plan_new();
  Edit *edit = edit_of(plan, "/etc/a\n+++ b/etc/shadow", "x\n", "y\n");
  g_autofree char *shown = show(edit);

  g_assert_true(g_str_has_prefix(shown, "--- a/etc/a\\n+++ b/etc/shadow\n+++ b/etc/a\\n+++"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/diff/a-changed-file-is-a-unified-diff", a_changed_file_is_a_unified_diff);
  g_test_add_func("/diff/a-missing-last-newline-is-said", a_missing_last_newline_is_said);
  g_test_add_func("/diff/files-come-from-and-go-to-dev-null", files_come_from_and_go_to_dev_null);
  g_test_add_func("/diff/a-secret-is-never-shown", a_secret_is_never_shown);
  g_test_add_func("/diff/what-is-made-later-is-announced", what_is_made_later_is_announced);
  g_test_add_func("/diff/secrets-of-profiles-are-masked-on-both-sides", secrets_of_profiles_are_masked_on_both_sides);
  g_test_add_func("/diff/comments-beside-a-secret-are-hidden-in-every-format",
                  comments_beside_a_secret_are_hidden_in_every_format);
  g_test_add_func("/diff/words-are-masked-in-yaml-too", words_are_masked_in_yaml_too);
  g_test_add_func("/diff/what-is-no-text-is-said-to-differ", what_is_no_text_is_said_to_differ);
  g_test_add_func("/diff/a-byte-that-is-not-utf8-hides-nothing", a_byte_that_is_not_utf8_hides_nothing);
  g_test_add_func("/diff/links-and-directories-are-a-line-each", links_and_directories_are_a_line_each);
  g_test_add_func("/diff/a-nul-is-no-text", a_nul_is_no_text);
  g_test_add_func("/diff/a-name-writes-no-lines-of-its-own", a_name_writes_no_lines_of_its_own);
  return g_test_run();
}
