/* manifest.h - the text that says what a transaction does: written once at staging, read by recovery, `log` and `undo`.
 *
 * Lines "key=value" in one fixed order, values with C escapes so that any file name fits on a line; a last line holds
 * the SHA-256 of everything before it. Whatever is not exactly so is refused, with file, line and what to do. */
#pragma once

#include <glib.h>

#include "plan/plan.h"
#include "transaction.h"

typedef struct {
  EditKind kind;
  EditFlags flags;
  char *step;
  char *path;
  char *destination; /* EDIT_RENAME; else NULL */
  char *why;
  char *old_sha256;    /* NULL: nothing was there (or a rename) */
  char *new_sha256;    /* NULL: nothing is there afterwards (or a rename) */
  gboolean attributes; /* new/N carries the extended attributes that the target shall have */
  unsigned parents;    /* how many directories above PATH come and go with it */
  char **moved;        /* rename onto a directory that was there: "name", "name there", ...; else NULL */
} ManifestEdit;

typedef struct {
  TransactionInfo info;
  char *time;       /* UTC, ISO 8601 */
  GPtrArray *edits; /* ManifestEdit*; the index is the N of new/N and old/N */
} Manifest;

/* manifest_new: what PLAN says; staging fills in what it finds (attributes, parents, moved). */
Manifest *manifest_new(const Plan *plan, const TransactionInfo *info);
void manifest_free(Manifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Manifest, manifest_free)

char *manifest_format(const Manifest *manifest);

/* manifest_parse: NAME is the file in messages. RI_ERROR_BAD_STATE. */
Manifest *manifest_parse(const char *text, gsize size, const char *name, GError **error);

/* manifest_read: NAME in DIRECTORY; SHOWN is how people know DIRECTORY. Not there: NULL without an error. */
Manifest *manifest_read(int directory, const char *name, const char *shown, GError **error);

/* manifest_change: "write /etc/hostname (hostname): why". */
char *manifest_change(const ManifestEdit *edit);
