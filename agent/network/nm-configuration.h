/* nm-configuration.h - the configuration of a running NetworkManager, to which this program adds drop-ins below /run.
 */
#pragma once

#include <glib.h>

/* nm_configuration_reload: NetworkManager, where it runs, reads its configuration again. Errors: RI_ERROR_FAILED. */
gboolean nm_configuration_reload(GError **error);
