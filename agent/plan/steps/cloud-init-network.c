/* cloud-init-network.c - would cloud-init's configuration render the template's network again? */
#include "cloud-init-network.h"

#include "base/bytes.h"
#include "plan/renames/renames.h"
#include "profiles/cloud-init.h"
#include "profiles/network-stack.h"
#include "profiles/static-address.h"
#include "profiles/text/yaml-text.h"

static gboolean mentions(const PlanContext *context, const YamlText *text, unsigned kinds) {
  const YamlNode *network = yaml_node_get(yaml_text_root(text), "network");
  g_auto(Mention) mention = {0};
  gsize at = 0;

  return network != NULL &&
         renames_next(context->renames, kinds, bytes_text(yaml_text_bytes(text), NULL) + network->start,
                      network->end - network->start, &at, &mention);
}

/* An address in one of NETWORKS is the template's, so that a rendered file has it too. Or a NIC is, where there is such
 * a file: without one the clone would have no network at all. */
static gboolean judge(const PlanContext *context, const GPtrArray *networks, const GPtrArray *addresses) {
  const gboolean rendered = context->profiles->items->len > 0 && addresses->len == 0;

  for (guint i = 0; i < networks->len; i++)
    if (mentions(context, networks->pdata[i], RENAME_ADDRESS | (rendered ? RENAME_MAC | RENAME_NIC : 0)))
      return TRUE;
  return FALSE;
}

gboolean cloud_init_is_switched_off(const PlanContext *context, gboolean *off, GError **error) {
  const NetworkStack *stack = network_stack_named("cloud-init");
  g_autoptr(GPtrArray) addresses = static_addresses_new();
  g_autoptr(GPtrArray) networks = NULL;

  *off = FALSE;
  if (!policy_step_enabled(context->policy, CLOUD_INIT_STEP, TRUE) || !network_stack_is_enabled(context->root, stack))
    return TRUE;
  networks = cloud_init_networks(context->root, error);
  if (networks == NULL || !stack->read(context->root, addresses, error))
    return FALSE;
  *off = judge(context, networks, addresses);
  return TRUE;
}
