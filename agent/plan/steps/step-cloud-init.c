/* step-cloud-init.c - what cloud-init's configuration says of the network does not take the place of the clone's */
#include <string.h>

#include "base/tree.h"
#include "cloud-init-network.h"
#include "plan/steps.h"
#include "profiles/cloud-init.h"

static const char off_text[] = "# reset-identity: what is said of the network in the files beside this one is the "
                               "template's. The clone's network\n"
                               "# stands where cloud-init rendered it for the template.\n"
                               "network: {config: disabled}\n";

gboolean step_cloud_init(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GBytes) content = g_bytes_new_static(off_text, strlen(off_text));
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;
  gboolean off;

  if (!cloud_init_is_switched_off(context, &off, error))
    return FALSE;
  if (!off)
    return TRUE;
  if (!tree_read(context->root, CLOUD_INIT_OFF, &old, &resolved, error))
    return FALSE;
  (void)plan_write(plan, CLOUD_INIT_STEP, resolved != NULL ? resolved : CLOUD_INIT_OFF, old, content,
                   "cloud-init would render the template's network again");
  return TRUE;
}
