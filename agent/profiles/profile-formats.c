/* profile-formats.c - the formats beside NetworkManager's keyfiles that give NICs their addresses */
#include "profile-formats.h"

#include "profiles/ifcfg/ifcfg-profiles.h"
#include "profiles/ifupdown/ifupdown-profiles.h"
#include "profiles/netplan/netplan-profiles.h"
#include "profiles/networkd/networkd-order.h"
#include "profiles/networkd/networkd-profiles.h"
#include "profiles/own-entries.h"

/* One row each; the array ends with an empty row. */
static const ProfileFormat rows[] = {
    {"ifcfg", "nm-ifcfg", "ifcfg", ifcfg_profiles, ifcfg_make, own_files_settle},
    {"ifupdown", "ifupdown", "ifupdown", ifupdown_profiles, ifupdown_make, own_entries_settle},
    {"systemd-networkd", "networkd", "systemd-networkd", networkd_profiles, networkd_make, networkd_settle},
    {"netplan", "netplan", "netplan", netplan_profiles, netplan_make, own_matches_settle},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
const ProfileFormat *const profile_formats = rows;
const gsize n_profile_formats = G_N_ELEMENTS(rows) - 1;
