/* manager-configuration.h - NetworkManager's configuration, merged as NetworkManager does it.
 *
 * That is (nm-config.c, read_entire_config): /usr/lib/NetworkManager/conf.d, /run/NetworkManager/conf.d,
 * NetworkManager.conf, /etc/NetworkManager/conf.d; of files with one name the one in /etc counts, else the one in /run.
 * The drop-in that isolates a clone is left out: it is gone when the clone has its identity.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

/* manager_configuration_read: ORDER gets the names of the [device*] sections, the first that counts first. Errors: a
 * file that cannot be read. One that NetworkManager could not parse is passed over. */
GKeyFile *manager_configuration_read(const Root *root, GPtrArray *order, GError **error);

/* manager_configuration_truth: 1, 0, or -1 where TEXT is no truth value (nm-shared-utils.c,
 * _nm_utils_ascii_str_to_bool). TEXT may be NULL. */
int manager_configuration_truth(const char *text);

/* manager_configuration_plugins: [main] plugins, the first that counts first; NULL: not said, or it cannot be read. The
 * caller frees. */
char **manager_configuration_plugins(const Root *root);

/* manager_configuration_profiles: where keyfiles lie that can be edited: [keyfile] path, else PROFILES_DIR
 * (nms-keyfile-plugin.c). Where the configuration cannot be read: PROFILES_DIR. */
char *manager_configuration_profiles(const Root *root);
