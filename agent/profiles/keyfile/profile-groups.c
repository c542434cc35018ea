/* profile-groups.c - by which groups of a keyfile NetworkManager reads its settings */
#include "profile-groups.h"

#include <string.h>

static const struct {
  const char *setting;
  const char *alias;
} aliases[] = {
    {"802-3-ethernet", "ethernet"},
    {"802-11-wireless", "wifi"},
    {"802-11-wireless-security", "wifi-security"},
};

const char *profile_setting_of_group(const char *group) {
  for (gsize i = 0; i < G_N_ELEMENTS(aliases); i++)
    if (strcmp(group, aliases[i].alias) == 0)
      return aliases[i].setting;
  return group;
}

const char *profile_group(const KeyfileText *text, const char *setting) {
  if (keyfile_text_has_group(text, setting))
    return setting;
  for (gsize i = 0; i < G_N_ELEMENTS(aliases); i++)
    if (strcmp(setting, aliases[i].setting) == 0 && keyfile_text_has_group(text, aliases[i].alias))
      return aliases[i].alias;
  return NULL;
}

char *profile_value(const KeyfileText *text, const char *setting, const char *key) {
  const char *group = profile_group(text, setting);

  return group != NULL ? keyfile_text_get(text, group, key) : NULL;
}
