/* profile-groups.h - where keyfile profiles lie, and by which groups NetworkManager reads their settings. */
#pragma once

#include "profiles/text/keyfile-text.h"

#define PROFILES_DIR "/etc/NetworkManager/system-connections"

/* profile_setting_of_group: the setting that a group means: "ethernet" -> "802-3-ethernet"; others are their own. */
const char *profile_setting_of_group(const char *group);
/* profile_group: the group that NetworkManager reads for SETTING: the one of that very name where it is there, even
 * empty, else its alias (nm-keyfile-utils.c); NULL: neither is. */
const char *profile_group(const KeyfileText *text, const char *setting);
/* profile_value: raw value of KEY in SETTING ("802-3-ethernet", "ipv4"), by the group that NetworkManager reads, or
 * NULL. The caller frees. */
char *profile_value(const KeyfileText *text, const char *setting, const char *key);
