/* process-memory.c - what another process has mapped, and whether its memory holds given bytes */
#include "process-memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

/* A part of a process's memory is read in pieces that overlap, so that no needle is cut in two. */
enum { PIECE = 1 << 20, OVERLAP = 64 };

static const off_t library_limit = (off_t)256 << 20;

/* More than that is address space that a runtime has reserved, not a place where an id is kept. */
static const guint64 mapping_limit = (guint64)1 << 30;

/* One line of /proc/PID/maps. */
typedef struct {
  guint64 start, end;
  char permissions[5];
  const char *path; /* inside the line; "" for anonymous memory */
} Mapping;

static gboolean parse_mapping(char *line, Mapping *mapping) {
  char *rest = NULL;

  mapping->start = g_ascii_strtoull(line, &rest, 16);
  if (*rest != '-')
    return FALSE;
  mapping->end = g_ascii_strtoull(rest + 1, &rest, 16);
  if (*rest != ' ' || strlen(rest) < sizeof mapping->permissions)
    return FALSE;
  (void)g_strlcpy(mapping->permissions, rest + 1, sizeof mapping->permissions);
  mapping->path = strchr(line, '/') != NULL ? strchr(line, '/') : "";
  return mapping->end > mapping->start;
}

static char *read_maps(const char *proc, pid_t pid) {
  g_autofree char *path = g_strdup_printf("%s/%d/maps", proc, (int)pid);
  char *text = NULL;

  (void)g_file_get_contents(path, &text, NULL, NULL);
  return text;
}

/* Through the process's own root: in a container the library is another one. */
static gboolean file_contains(const char *proc, pid_t pid, const char *path, const char *text) {
  g_autofree char *full = g_strdup_printf("%s/%d/root%s", proc, (int)pid, path);
  int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat about;
  gboolean found = FALSE;

  if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= library_limit) {
    g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd(fd, FALSE, NULL);
    const char *content = file != NULL ? g_mapped_file_get_contents(file) : NULL;
    found = content != NULL && memmem(content, g_mapped_file_get_length(file), text, strlen(text)) != NULL;
  }
  if (fd >= 0)
    (void)close(fd);
  return found;
}

static gboolean knows(const char *proc, pid_t pid, const char *path, const char *text, GHashTable *known) {
  int answer = GPOINTER_TO_INT(g_hash_table_lookup(known, path));

  if (answer == 0) {
    answer = file_contains(proc, pid, path, text) ? 2 : 1;
    (void)g_hash_table_insert(known, g_strdup(path), GINT_TO_POINTER(answer));
  }
  return answer == 2;
}

gboolean process_maps_knowing(const char *proc, pid_t pid, const char *text, GHashTable *known) {
  g_autofree char *maps = read_maps(proc, pid);
  g_auto(GStrv) lines = g_strsplit(maps != NULL ? maps : "", "\n", -1);
  gboolean found = FALSE;

  for (char **line = lines; *line != NULL && !found; line++) {
    Mapping mapping;
    found = parse_mapping(*line, &mapping) && mapping.permissions[2] == 'x' && *mapping.path == '/' &&
            knows(proc, pid, mapping.path, text, known);
  }
  return found;
}

static gboolean contains(const char *data, gsize size, GBytes *const *needles, gsize count) {
  for (gsize i = 0; i < count; i++)
    if (memmem(data, size, bytes_text(needles[i], NULL), g_bytes_get_size(needles[i])) != NULL)
      return TRUE;
  return FALSE;
}

static MemoryAnswer search(int fd, const Mapping *mapping, GBytes *const *needles, gsize count, gint64 deadline,
                           char *buffer) {
  for (guint64 at = mapping->start; at < mapping->end; at += PIECE - OVERLAP) {
    ssize_t size = pread(fd, buffer, MIN((guint64)PIECE, mapping->end - at), (off_t)at);
    if (size < 0 && (errno == EPERM || errno == EACCES))
      return MEMORY_UNREADABLE;
    if (size <= 0)
      break; /* a guard page, a device: nothing of ours */
    if (contains(buffer, (gsize)size, needles, count))
      return MEMORY_WITH;
    if (g_get_monotonic_time() > deadline)
      return MEMORY_UNREADABLE;
  }
  return MEMORY_WITHOUT;
}

MemoryAnswer process_memory_holds(const char *proc, pid_t pid, GBytes *const *needles, gsize count, gint64 deadline) {
  g_autofree char *path = g_strdup_printf("%s/%d/mem", proc, (int)pid);
  g_autofree char *maps = read_maps(proc, pid);
  g_auto(GStrv) lines = g_strsplit(maps != NULL ? maps : "", "\n", -1);
  g_autofree char *buffer = g_malloc(PIECE);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  MemoryAnswer answer = fd < 0 || maps == NULL ? MEMORY_UNREADABLE : MEMORY_WITHOUT;

  for (char **line = lines; fd >= 0 && *line != NULL && answer != MEMORY_WITH; line++) {
    Mapping mapping;
    MemoryAnswer here;
    if (!parse_mapping(*line, &mapping) || !g_str_has_prefix(mapping.permissions, "rw") ||
        mapping.permissions[3] != 'p')
      continue;
    here = mapping.end - mapping.start > mapping_limit ? MEMORY_UNREADABLE
                                                       : search(fd, &mapping, needles, count, deadline, buffer);
    if (here != MEMORY_WITHOUT)
      answer = here;
  }
  g_assert(buffer != NULL); /* g_malloc() does not return without memory */
  explicit_bzero(buffer, PIECE);
  if (fd >= 0)
    (void)close(fd);
  return answer;
}
