/* cloud-init-network.h - would cloud-init's configuration render the template's network again? */
#pragma once

#include "plan/plan-context.h"

#define CLOUD_INIT_STEP "cloud-init"

/* cloud_init_is_switched_off: *OFF where cloud-init's configuration would render an address, MAC or name of the
 * template's over what the other steps edit, and the step is on. CONTEXT has renames. */
gboolean cloud_init_is_switched_off(const PlanContext *context, gboolean *off,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
