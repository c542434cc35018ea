/* done-marks.c - which actions are carried out */
#include "done-marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/autofd.h"
#include "base/root-file.h"
#include "file-copy.h"

enum { SIZE_LIMIT = 1 << 20 };

static const char *name_of(gboolean backward) {
  return backward ? "done.revert" : "done";
}

gboolean *done_marks_read(int entry, gboolean backward, guint n_actions) {
  gboolean *marks = g_new0(gboolean, n_actions + 1);
  autofd fd = file_open_regular(entry, name_of(backward), NULL);
  char *data = NULL;
  size_t size = 0;

  if (fd < 0 || root_read_fd(fd, SIZE_LIMIT, &data, &size) < 0)
    return marks; /* what cannot be read is done again */
  g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
  free(data);
  for (char **line = lines; *line != NULL; line++) {
    guint64 index = 0;
    if (n_actions > 0 && g_ascii_string_to_unsigned(*line, 10, 0, n_actions - 1, &index, NULL))
      marks[index] = TRUE;
  }
  return marks;
}

int done_marks_add(int entry, gboolean backward, guint index) {
  autofd fd =
      openat(entry, name_of(backward), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  g_autofree char *line = g_strdup_printf("%u\n", index);

  return fd < 0 ? -errno : file_write_all(fd, line, strlen(line));
}
