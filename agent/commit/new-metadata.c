/* new-metadata.c - the owner and the permissions that an edit leaves on its file */
#include "new-metadata.h"

#include <linux/magic.h>
#include <sys/vfs.h>

/* In the kernel's headers since 6.7 only. */
#ifndef EXFAT_SUPER_MAGIC
#define EXFAT_SUPER_MAGIC 0x2011BAB0UL
#endif

enum { PERMISSIONS = 07777 };

/* The file's own, but nobody else reads a new secret, unless it is a group made for that. */
static mode_t mode_of(const ManifestEdit *edit, const struct stat *replaced) {
  if (replaced == NULL || (edit->flags & EDIT_SET_MODE) != 0)
    return edit->mode;
  if ((edit->flags & EDIT_SECRET) != 0)
    return replaced->st_mode & (replaced->st_gid != 0 ? 0640 : 0600);
  return replaced->st_mode & PERMISSIONS;
}

void new_metadata(const ManifestEdit *edit, const struct stat *replaced, struct stat *metadata) {
  metadata->st_mode = mode_of(edit, replaced);
  metadata->st_uid = replaced != NULL ? replaced->st_uid : edit->uid;
  metadata->st_gid = replaced != NULL ? replaced->st_gid : edit->gid;
}

gboolean new_metadata_is_same(const struct stat *a, const struct stat *b) {
  return (a->st_mode & PERMISSIONS) == (b->st_mode & PERMISSIONS) && a->st_uid == b->st_uid && a->st_gid == b->st_gid;
}

gboolean new_metadata_is_kept(int fd) {
  struct statfs volume;

  return fstatfs(fd, &volume) < 0 || (volume.f_type != MSDOS_SUPER_MAGIC && volume.f_type != EXFAT_SUPER_MAGIC);
}
