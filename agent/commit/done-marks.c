/* done-marks.c - which actions are carried out */
#include "done-marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/root-file.h"
#include "file-copy.h"

/* Two lines for each action, forward and backward: a sign, the number, and an end. */
enum { SIZE_LIMIT = 1 << 20, MARK_SIZE = 12 };

static const char marks_name[] = "done";

static char sign_of(gboolean backward) {
  return backward ? '-' : '+';
}

gboolean *done_marks_read(int entry, gboolean backward, guint n_actions) {
  gboolean *marks = g_new0(gboolean, n_actions + 1);
  autofd fd = file_open_regular(entry, marks_name, NULL);
  char *data = NULL;
  size_t size = 0;

  if (fd < 0 || root_read_fd(fd, SIZE_LIMIT, &data, &size) < 0)
    return marks; /* what cannot be read is done again */
  g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
  free(data);
  for (char **line = lines; *line != NULL; line++) {
    guint64 index = 0;
    if (**line == sign_of(backward) && n_actions > 0 &&
        g_ascii_string_to_unsigned(*line + 1, 10, 0, n_actions - 1, &index, NULL))
      marks[index] = TRUE;
  }
  return marks;
}

static int open_marks(int entry) {
  int fd = openat(entry, marks_name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

  return fd < 0 ? -errno : fd;
}

int done_marks_reserve(int entry, guint n_actions) {
  g_autofree char *empty = g_strnfill((gsize)n_actions * 2 * MARK_SIZE, '\n');
  autofd fd = n_actions > 0 ? open_marks(entry) : -1;

  return n_actions == 0 ? 0 : fd < 0 ? fd : file_write_all(fd, empty, strlen(empty));
}

int done_marks_add(int entry, gboolean backward, guint index) {
  autofd fd = open_marks(entry);
  g_autofree char *line = g_strdup_printf("%c%010u\n", sign_of(backward), index);

  if (fd >= 0 && lseek(fd, ((off_t)index * 2 + (backward ? 1 : 0)) * MARK_SIZE, SEEK_SET) < 0)
    return -errno;
  return fd < 0 ? fd : file_write_all(fd, line, strlen(line));
}
