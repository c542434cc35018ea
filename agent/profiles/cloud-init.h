/* cloud-init.h - what cloud-init's own configuration says of the network. */
#pragma once

#include <glib.h>

#include "base/root.h"

/* The name of a file by which the network is switched off: it counts before those that are called something earlier. */
#define CLOUD_INIT_OFF "/etc/cloud/cloud.cfg.d/99-reset-identity.cfg"

/* cloud_init_networks: YamlText*, the configuration's files as far as CLOUD_INIT_OFF would take their `network` from
 * cloud-init; none where it is off already. The caller unrefs. */
GPtrArray *cloud_init_networks(const Root *root, GError **error);
