/* step-ssh-host-keys.h - the step with its surroundings as parameters: what its tests call. */
#pragma once

#include "plan/steps.h"

/* ssh_host_keys_plan: KEYGEN is the program that makes keys, RUN_DIR where its private directory is. */
gboolean ssh_host_keys_plan(const PlanContext *context, const char *keygen, const char *run_dir, Plan *plan,
                            GError **error);
