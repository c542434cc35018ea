/* diff.c - a plan as a unified diff that an admin would sign, secrets masked */
#include "diff.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/bytes.h"
#include "base/error.h"
#include "file-copy.h"

#define DIFF_PROGRAM "/usr/bin/diff"
/* Where the two contents are in diff's own process. */
enum { OLD_FD = 3, NEW_FD = 4 };

/* What is shown of one side: NULL where there is no file. */
static GBytes *shown_side(const Edit *edit, GBytes *bytes) {
  gsize size = 0, masked_size = 0;
  const char *data;
  char *masked;

  if (bytes == NULL)
    return NULL;
  if ((edit->flags & EDIT_KEYFILE) == 0)
    return g_bytes_ref(bytes);
  data = bytes_text(bytes, &size);
  masked = diff_mask_secrets(data, size, &masked_size);
  return g_bytes_new_take(masked, masked_size);
}

/* Text that a terminal shows as it is. */
static gboolean is_text(GBytes *bytes) {
  gsize size = 0;
  const char *data = bytes != NULL ? bytes_text(bytes, &size) : NULL;

  if (data == NULL)
    return TRUE;
  for (gsize i = 0; i < size; i++)
    if (g_ascii_iscntrl(data[i]) && data[i] != '\n' && data[i] != '\t' && data[i] != '\r')
      return FALSE;
  return g_utf8_validate(data, (gssize)size, NULL);
}

/* A name with a line break or an escape sequence in it must not write lines of its own. */
static char *shown_path(const char *path) {
  gboolean plain = g_utf8_validate(path, -1, NULL);

  for (const char *c = path; plain && *c != '\0'; c++)
    plain = !g_ascii_iscntrl(*c);
  return plain ? g_strdup(path) : g_strescape(path, NULL);
}

static int content_fd(const char *name, GBytes *bytes) {
  autofd fd = memfd_create(name, MFD_CLOEXEC);
  gsize size = 0;
  const char *data = bytes != NULL ? bytes_text(bytes, &size) : NULL;
  int result = fd < 0 ? -errno : file_write_all(fd, data, size);

  if (result == 0 && lseek(fd, 0, SEEK_SET) < 0)
    result = -errno;
  return result < 0 ? result : autofd_steal(&fd);
}

static GSubprocess *spawn_diff(const char *old_label, const char *new_label, int old_fd, int new_fd, GError **error) {
  char locale[] = "LC_ALL=C";
  char *environment[] = {locale, NULL};
  g_autoptr(GSubprocessLauncher) launcher =
      g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);

  g_subprocess_launcher_set_environ(launcher, environment);
  g_subprocess_launcher_take_fd(launcher, old_fd, OLD_FD);
  g_subprocess_launcher_take_fd(launcher, new_fd, NEW_FD);
  return g_subprocess_launcher_spawn(launcher, error, DIFF_PROGRAM, "-u", "--label", old_label, "--label", new_label,
                                     "/proc/self/fd/3", "/proc/self/fd/4", NULL);
}

static gboolean run_diff(const char *old_label, const char *new_label, GBytes *old, GBytes *new, GString *out,
                         GError **error) {
  g_autoptr(GSubprocess) diff = NULL;
  g_autoptr(GBytes) output = NULL;
  autofd old_fd = content_fd("old", old);
  autofd new_fd = old_fd < 0 ? -1 : content_fd("new", new);
  gsize size = 0;
  const char *text;

  if (old_fd < 0 || new_fd < 0)
    return ri_error_errno(error, old_fd < 0 ? old_fd : new_fd, "%s: a copy in memory to compare", new_label);
  diff = spawn_diff(old_label, new_label, autofd_steal(&old_fd), autofd_steal(&new_fd), error);
  if (diff == NULL) {
    g_prefix_error(error, "the changes cannot be shown without " DIFF_PROGRAM " (package diffutils): ");
    return FALSE;
  }
  if (!g_subprocess_communicate(diff, NULL, NULL, &output, NULL, error))
    return FALSE;
  text = bytes_text(output, &size);
  if (!g_subprocess_get_if_exited(diff) || g_subprocess_get_exit_status(diff) > 1) {
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, DIFF_PROGRAM " failed on %s: %.*s", new_label, (int)size, text);
    return FALSE;
  }
  g_string_append_len(out, text, (gssize)size);
  return TRUE;
}

static const char *what_happens(const Edit *edit) {
  if (edit->kind == EDIT_REMOVE)
    return "removed";
  return edit->old != NULL ? "replaced" : "made";
}

/* What is said instead of a diff, where there is none to show; NULL: there is one. */
static char *summary_line(const Edit *edit, const char *path) {
  if (edit->kind == EDIT_RENAME) {
    g_autofree char *destination = shown_path(edit->destination);
    return g_strdup_printf("rename from %s\nrename to %s\n", path, destination);
  }
  if ((edit->flags & EDIT_DEFERRED) != 0 || (edit->kind == EDIT_WRITE && edit->content == NULL))
    return g_strdup_printf("%s: will be made anew\n", path);
  if ((edit->flags & EDIT_SECRET) != 0)
    return g_strdup_printf("%s: contents hidden (secret), %s\n", path, what_happens(edit));
  return NULL;
}

static gboolean diff_contents(const Edit *edit, const char *path, GString *out, GError **error) {
  g_autoptr(GBytes) old = shown_side(edit, edit->old);
  g_autoptr(GBytes) new = edit->kind == EDIT_WRITE ? shown_side(edit, edit->content) : NULL;
  g_autofree char *old_label = old != NULL ? g_strconcat("a", path, NULL) : g_strdup("/dev/null");
  g_autofree char *new_label = new != NULL ? g_strconcat("b", path, NULL) : g_strdup("/dev/null");
  gsize old_size = old != NULL ? g_bytes_get_size(old) : 0;
  gsize new_size = new != NULL ? g_bytes_get_size(new) : 0;

  if (!is_text(old) || !is_text(new))
    g_string_append_printf(out, "Binary files %s and %s differ\n", old_label, new_label);
  else if (old != NULL && new != NULL && g_bytes_equal(old, new))
    g_string_append_printf(out, "%s: only hidden values change\n", path);
  else if (old_size == 0 && new_size == 0) /* diff has nothing to say of a file that is empty */
    g_string_append_printf(out, "--- %s\n+++ %s\n", old_label, new_label);
  else
    return run_diff(old_label, new_label, old, new, out, error);
  return TRUE;
}

gboolean diff_edit(const Edit *edit, GString *out, GError **error) {
  g_autofree char *path = shown_path(edit->path);
  g_autofree char *line = summary_line(edit, path);

  if (line == NULL)
    return diff_contents(edit, path, out, error);
  g_string_append(out, line);
  return TRUE;
}
