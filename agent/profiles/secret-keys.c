/* secret-keys.c - which keys of a profile hold a secret */
#include "secret-keys.h"

#include <NetworkManager.h>
#include <string.h>

#include "profiles.h"

/* In keys that this libnm does not know, and in those of plugins. */
static const char *const secret_words[] = {"password",      "passwd",  "passphrase", "secret", "psk",  "private-key",
                                           "preshared-key", "wep-key", "pin",        "cak",    "token"};

static gboolean sounds_secret(const char *key) {
  g_autofree char *lower = g_ascii_strdown(key, -1);

  if (g_str_has_suffix(lower, "-flags"))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(secret_words); i++)
    if (strstr(lower, secret_words[i]) != NULL)
      return TRUE;
  return FALSE;
}

gboolean secret_key_is(const char *group, const char *key) {
  const char *setting = profile_setting_of_group(group);
  const GType type = nm_setting_lookup_type(setting);
  g_autoptr(GTypeClass) class = type != G_TYPE_INVALID ? g_type_class_ref(type) : NULL;
  const GParamSpec *property = class != NULL ? g_object_class_find_property((GObjectClass *)class, key) : NULL;

  if (strcmp(setting, "vpn-secrets") == 0)
    return TRUE;
  if (property != NULL)
    return (property->flags & NM_SETTING_PARAM_SECRET) != 0;
  return sounds_secret(key);
}
