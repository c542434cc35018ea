/* manifest.c: what is written is read back. */
#include <fcntl.h>

#include "base/autofd.h"
#include "manifest-fixture.h"

static void comes_back_as_it_was(void) {
  g_autoptr(Manifest) manifest = make_manifest();
  g_autofree char *text = manifest_format(manifest);
  g_autoptr(GError) error = NULL;
  g_autoptr(Manifest) read = manifest_parse(text, strlen(text), "manifest", &error);
  g_autofree char *again = NULL;
  const ManifestEdit *edit;

  g_assert_no_error(error);
  again = manifest_format(read);
  g_assert_cmpstr(text, ==, again);
  edit = read->edits->pdata[0];
  g_assert_cmpstr(edit->path, ==, "/etc/odd \n\x1b\xff = name");
  g_assert_cmpint(edit->flags, ==, EDIT_SECRET | EDIT_FORGET_OLD | EDIT_LAST | EDIT_KEYFILE | EDIT_VOLATILE);
  g_assert_cmpuint(edit->parents, ==, 2);
  g_assert_null(edit->old_sha256);
  g_assert_cmpstr(read->info.reasons, ==, "one\ntwo\t\\");
  g_assert_cmpuint(read->info.undoes, ==, 7);
}

static void reads_files_only(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *fifo = fixture_path(fixture, "/fifo");
  autofd top = root_open_at(&fixture->root, "/", O_RDONLY | O_DIRECTORY, 0);
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
  g_autofree char *rename = manifest_change(manifest->edits->pdata[2]);

  g_assert_cmpstr(removal, ==, "remove /var/lease (dhcp): stale");
  g_assert_cmpstr(rename, ==, "rename /var/log/old to /var/log/new (machine-id): follows");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/comes-back-as-it-was", comes_back_as_it_was);
  g_test_add_func("/manifest/reads-files-only", reads_files_only);
  g_test_add_func("/manifest/tells-a-change-in-a-line", tells_a_change_in_a_line);
  return g_test_run();
}
