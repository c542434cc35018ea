/* fixture.h - a small machine tree under a temporary root, and whole-tree comparison. */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "base/root.h"

typedef struct {
  char *path; /* of the directory that is the root */
  Root root;
} Fixture;

/* How often what is done a great many times is done: FULL times, and a twentieth of that where
 * RESET_IDENTITY_FEW_ROUNDS is set: under valgrind each takes fifty times as long. */
guint fixture_rounds(guint full);

Fixture *fixture_new(void);
void fixture_free(Fixture *fixture); /* removes the tree */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fixture, fixture_free)

/* Make PATH (absolute inside the root) with its directories. */
void fixture_write(Fixture *fixture, const char *path, const char *content);
void fixture_write_bytes(Fixture *fixture, const char *path, const void *data, gsize size, mode_t mode);
void fixture_mkdir(Fixture *fixture, const char *path);
void fixture_symlink(Fixture *fixture, const char *path, const char *target);
/* The file's content, or NULL when it is not there. The caller frees. */
char *fixture_read(Fixture *fixture, const char *path);
/* The name of PATH on the host. The caller frees. */
char *fixture_path(Fixture *fixture, const char *path);
/* One line per entry (type, mode, owner, path, checksum or link target), sorted: equal texts are equal trees. SKIP,
 * where not NULL, is a path prefix to leave out. The caller frees. */
char *fixture_snapshot(Fixture *fixture, const char *skip);
