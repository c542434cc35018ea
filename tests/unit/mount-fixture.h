/* mount-fixture.h - mounts of a test's own: a private mount namespace, where that is allowed. */
#pragma once

#include <glib.h>
#include <sched.h>
#include <sys/mount.h>

/* Before any root is opened: descriptors stay in the namespace where they were opened. FALSE where this process may not
 * mount. */
static inline gboolean mount_fixture_enter(void) {
  return unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
}

static inline void mount_fixture_tmpfs(const char *path, unsigned long flags, const char *options) {
  g_assert_cmpint(mount("tmpfs", path, "tmpfs", flags, options), ==, 0);
}
