/* dhcp-names.h - DHCP clients that are told to send the template's name: a clone would ask for a lease with it. */
#pragma once

#include "steps.h"

/* dhcp_names_plan: words that are the old name become the new one in dhclient.conf(5)'s statements about host-name and
 * fqdn.fqdn-name, and in dhcpcd.conf(5)'s hostname. STEP is the name of the step that asks for it. */
gboolean dhcp_names_plan(const PlanContext *context, const char *step, Plan *plan, GError **error);
