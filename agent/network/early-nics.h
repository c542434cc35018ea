/* early-nics.h - NICs that are up before this boot's network is: those of the root file system, and of the initramfs.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

/* early_nics: names of the NICs that are up, where the kernel command line has the initramfs set up the network (ip=,
 * rd.neednet, ...) or the root file system lies on one (NFS, iSCSI, nbd); else none. Taken down they would hang the
 * machine. NULL-terminated; the caller frees with g_strfreev. */
char **early_nics(const Root *hardware);
