/* profiles.h - what gives NICs their addresses, as it lies in the tree: one plain record for each connection, whatever
 * file of which format it stands in. Read once, shared by the steps.
 *
 * NetworkManager's keyfiles are read here:
 * /etc/NetworkManager/system-connections (or what [keyfile] path in its configuration says) with the names that
 * NetworkManager loads: no leading dot, no trailing "~", no ending of six letters or digits as mkstemp's (so
 * "NAME.nmmeta" is none), no .pem or .der (nm-keyfile.c, nm_keyfile_utils_ignore_filename). Profiles in /run and
 * /usr/lib and those that NetworkManager does not load are listed with why they are not edited.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "decide/nic-map.h"
#include "profile.h"

/* profiles_read: keyfiles and all other formats. */
Profiles *profiles_read(const Root *root, const NicMap *map, const NicList *present, GError **error);

/* profiles_read_formats: the formats other than keyfiles alone, of a machine that is what its record says. */
Profiles *profiles_read_formats(const Root *root, const NicList *present, GError **error);
