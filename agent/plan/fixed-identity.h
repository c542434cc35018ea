/* fixed-identity.h - values that identify a machine to others and that no rename covers: every clone has the same. */
#pragma once

#include "plan-context.h"

/* fixed_dhcp_id: VALUE, a DHCP client identifier or DUID, is written down and not made of a NIC that is here. FALSE
 * where nobody is cloned. */
gboolean fixed_dhcp_id(const PlanContext *context, const char *value);
/* fixed_dhcp_id_warn: says so of NAME = VALUE in NetworkManager's file PATH, line LINE, with the cure. */
void fixed_dhcp_id_warn(const PlanContext *context, const char *path, guint line, const char *name, const char *value,
                        Plan *plan);

/* fixed_dhcp_request: VALUE is an address that DHCP servers are asked for, and not one that this machine has of its
 * own. FALSE where nobody is cloned. */
gboolean fixed_dhcp_request(const PlanContext *context, const char *value);

/* strange_mac: VALUE is a MAC address that no NIC has had or has. */
gboolean strange_mac(const PlanContext *context, const char *value);

/* What is said of one that something sends from, behind where it stands. */
#define EVERY_CLONES_MAC " is no NIC's own address; every clone will send from it."
