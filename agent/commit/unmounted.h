/* unmounted.h - file systems of an image that are not mounted: what is written there goes below a mount point, where no
 * boot of the image reads it. What runs has its own; whether they could be mounted is not ours to judge. */
#pragma once

#include <glib.h>

#include "base/root.h"

/* unmounted_read: those that /etc/fstab or an enabled unit of ROOT mounts at boot, for unmounted_reason; of what runs
 * none. NULL: the error is set. */
GPtrArray *unmounted_read(const Root *root, GError **error);

/* unmounted_reason: why PATH must not be written, with what to do; NULL: it may. The caller frees. */
char *unmounted_reason(const Root *root, const GPtrArray *unmounted, const char *path);

/* unmounted_check_record: refused where the record belongs there: it is not seen either. */
gboolean unmounted_check_record(const Root *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
