/* secret-keys.c - which keys of a profile hold a secret */
#include "secret-keys.h"

#include <NetworkManager.h>
#include <string.h>

#include "profiles.h"

/* Of keys that this libnm does not know or does not call secret, though their value may be one (a private key as data),
 * and of VPN plugins' ones. A key is split into words at everything that is no letter or digit: "Xauth password". */
static const char *const secret_words[] = {"password", "passwd", "passphrase", "pass", "psk",  "secret",
                                           "secrets",  "pin",    "cak",        "ckn",  "token"};
/* And these say something only together. */
static const char *const secret_phrases[] = {"wep-key",       "wireless-key", "private-key",
                                             "preshared-key", "privatekey",   "presharedkey"};

static gboolean is_secret_word(const char *word) {
  for (gsize i = 0; i < G_N_ELEMENTS(secret_words); i++)
    if (strcmp(word, secret_words[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean sounds_secret(const char *key) {
  g_autofree char *lower = g_ascii_strdown(key, -1);
  g_auto(GStrv) words = NULL;

  for (char *c = lower; *c != '\0'; c++)
    if (!g_ascii_isalnum(*c))
      *c = '-';
  for (gsize i = 0; i < G_N_ELEMENTS(secret_phrases); i++)
    if (strstr(lower, secret_phrases[i]) != NULL)
      return TRUE;
  words = g_strsplit(lower, "-", -1);
  for (char **word = words; *word != NULL; word++)
    if (is_secret_word(*word))
      return TRUE;
  return FALSE;
}

/* Keys of ifcfg files, which have no groups: WEP's KEY, KEY1, KEY_PASSPHRASE1. */
static gboolean is_of_shell(const char *key) {
  /* Not g_str_has_prefix(): GLib's macro of it asks for NULL, and GCC 14 then warns of what is read behind it. */
  if (strncmp(key, "KEY", strlen("KEY")) == 0 && key[strlen("KEY") + strspn(key + strlen("KEY"), "0123456789")] == '\0')
    return TRUE;
  return g_str_has_prefix(key, "KEY_PASSPHRASE") || sounds_secret(key);
}

/* A token of IPv6 is half an address: of NetworkManager, systemd.network(5), ifcfg files, netplan. */
static gboolean is_address_token(const char *setting, const char *key) {
  static const char *const keys[] = {"IPV6_TOKEN", "ipv6-address-token", NULL};
  static const char *const settings[] = {"ipv6", "IPv6AcceptRA", "IPv6Prefix", "DHCPPrefixDelegation", NULL};

  return g_strv_contains(keys, key) || (g_ascii_strcasecmp(key, "token") == 0 && g_strv_contains(settings, setting));
}

gboolean secret_key_is(const char *group, const char *key) {
  const char *setting = profile_setting_of_group(group);
  const GType type = nm_setting_lookup_type(setting);
  g_autoptr(GTypeClass) class = type != G_TYPE_INVALID ? g_type_class_ref(type) : NULL;
  const GParamSpec *property = class != NULL ? g_object_class_find_property((GObjectClass *)class, key) : NULL;

  if (is_address_token(setting, key))
    return FALSE;
  if (group[0] == '\0')
    return is_of_shell(key);
  if (g_ascii_strcasecmp(setting, "vpn-secrets") == 0)
    return TRUE;
  if (property != NULL && (property->flags & NM_SETTING_PARAM_SECRET) != 0)
    return TRUE;
  /* systemd.netdev(5), [MACsecTransmitAssociation]. */
  if (g_str_has_prefix(group, "MACsec") && strcmp(key, "Key") == 0)
    return TRUE;
  return sounds_secret(key);
}
