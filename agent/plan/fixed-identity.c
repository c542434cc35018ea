/* fixed-identity.c - values that identify a machine to others and that no rename covers */
#include "fixed-identity.h"

#include "plan/renames/renames.h"
#include "profiles/mac-notation.h"

/* nm-settings(5), nm-settings-ifcfg-rh(5): words that NetworkManager makes an id of by itself. */
static gboolean is_generated(const char *value) {
  static const char *const words[] = {"mac", "perm-mac", "duid",       "ipv6-duid", "stable",      "none", "lease",
                                      "llt", "ll",       "stable-llt", "stable-ll", "stable-uuid", NULL};

  return value[0] == '\0' || g_strv_contains(words, value);
}

/* 01:MAC (RFC 2132, 9.14), 00:03:00:01:MAC (RFC 8415, 11.4), 00:01:00:01:TIME:MAC (11.2), of a NIC that is here. */
static gboolean ends_in_own_mac(const Facts *facts, const char *value) {
  g_autofree char *lower = g_ascii_strdown(value, -1);

  for (size_t i = 0; i < facts->nics.count; i++)
    if (g_str_has_suffix(lower, facts->nics.items[i].mac))
      return TRUE;
  return FALSE;
}

gboolean fixed_dhcp_id(const PlanContext *context, const char *value) {
  return context->verdict == VERDICT_CLONE && !is_generated(value) && !ends_in_own_mac(context->facts, value);
}

void fixed_dhcp_id_warn(const PlanContext *context, const char *path, guint line, const char *name, const char *value,
                        Plan *plan) {
  if (fixed_dhcp_id(context, value))
    plan_warn(plan,
              "%s:%u: %s = %s is a fixed identity towards DHCP servers; every clone has the same: use mac, stable or "
              "duid instead.",
              path, line, name, value);
}

gboolean fixed_dhcp_request(const PlanContext *context, const char *value) {
  g_autofree char *address = rename_canonical_address(value);

  return context->verdict == VERDICT_CLONE && address != NULL && !renames_is_own_address(context->renames, address);
}

gboolean strange_mac(const PlanContext *context, const char *value) {
  g_autofree char *mac = mac_notation_of_systemd(value);

  return mac != NULL && nics_find_mac(&context->facts->nics, mac) == NULL &&
         nic_map_by_mac(context->nic_map, mac) == NULL;
}
