/* file-copy.h - one file's content and everything that hangs on it: owner, mode, times and extended attributes (ACLs,
 * capabilities, the SELinux label). Functions return 0 or a negative errno; the caller knows the names. */
#pragma once

#include <glib.h>
#include <sys/stat.h>

typedef enum {
  COPY_PLAIN = 0,
  COPY_ATTRIBUTES = 1 << 0, /* extended attributes too; without: those that the directory gives a new file */
} CopyFlags;

/* file_create: a new file NAME in DIRECTORY to be filled, mode 0600; whatever had the name before is unlinked first.
 * Returns an fd. */
int file_create(int directory, const char *name);

/* file_open_regular: NAME in DIRECTORY for reading. A link is -ELOOP, what is not a regular file -EINVAL, and never
 * opened. Returns an fd, *INFO (may be NULL) is its stat. */
int file_open_regular(int directory, const char *name, struct stat *info);

/* file_copy_content: from where FROM stands to its end, to TO (-1: nowhere, it is only summed); *SHA256 (may be NULL)
 * is the hex sum of what was copied. */
int file_copy_content(int from, int to, char **sha256);

/* file_holds: 1 when what FD holds from where it stands to its end is CONTENT, else 0. */
int file_holds(int fd, GBytes *content);

/* file_copy_attributes: every extended attribute but security.ima and security.evm, which the kernel makes itself.
 * *FAILED, where not NULL, names the one that could not be set. */
int file_copy_attributes(int from, int to, char **failed);

/* file_copy_metadata: owner, mode and modification time (UTIME_OMIT: the present one) of LIKE, and with COPY_ATTRIBUTES
 * those of FROM. */
int file_copy_metadata(int fd, const struct stat *like, int from, CopyFlags flags, char **failed);

/* file_sha256: hex sum of BYTES, or NULL for NULL. */
char *file_sha256(GBytes *bytes);
