/* manifest.h - what a transaction does: written once when it is staged, read by recovery, the executor, `log` and
 * `undo`.
 *
 * One line that names the format, one with the SHA-256 of the rest, and the rest: one GVariant. Whatever is not exactly
 * so is refused, with the file and what to do. */
#pragma once

#include <glib.h>

#include "plan/plan.h"
#include "transaction-info.h"

/* What is or shall be at a path. */
typedef enum { NODE_ABSENT, NODE_FILE, NODE_LINK, NODE_DIRECTORY } NodeType;

typedef struct {
  EditKind kind;
  EditFlags flags;
  char *step;
  char *path;
  char *why;
  char *old_sha256; /* of a file's content or a link's text; NULL: nothing was there (or a directory) */
  char *new_sha256; /* likewise */
  mode_t mode;      /* as an edit's: new-metadata.h */
  uid_t uid;
  gid_t gid;
} ManifestEdit;

typedef struct {
  TransactionInfo info;
  char *time;         /* UTC, ISO 8601 */
  GPtrArray *choices; /* Choice*; a secret one has neither its old nor its new value */
  GPtrArray *edits;   /* ManifestEdit*; the index is the N of old/N */
  GPtrArray *actions; /* Action* */
  guint owners;
} Manifest;

Manifest *manifest_new(const Plan *plan, const TransactionInfo *info);
/* manifest_ref: one more owner, each of which calls manifest_free; what is shared is only read. */
Manifest *manifest_ref(Manifest *manifest);
void manifest_free(Manifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Manifest, manifest_free)

/* manifest_old_type, manifest_new_type: what EDIT finds and leaves. */
NodeType manifest_old_type(const ManifestEdit *edit);
NodeType manifest_new_type(const ManifestEdit *edit);

GBytes *manifest_format(const Manifest *manifest);

/* manifest_parse: NAME is the file in messages. RI_ERROR_BAD_STATE. */
Manifest *manifest_parse(GBytes *bytes, const char *name, GError **error);

/* manifest_read: NAME in DIRECTORY; SHOWN is how people know DIRECTORY. Not there: NULL without an error. */
Manifest *manifest_read(int directory, const char *name, const char *shown, GError **error);

/* manifest_verify: NAME in DIRECTORY holds WRITTEN, which is MANIFEST's, and what it says would be followed: the next
 * boot can read it back. */
gboolean manifest_verify(const Manifest *manifest, GBytes *written, int directory, const char *name, const char *shown,
                         GError **error);

/* manifest_change: "write /etc/hostname (hostname): why". */
char *manifest_change(const ManifestEdit *edit);
