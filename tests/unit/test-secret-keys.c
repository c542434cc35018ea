/* secret-keys.c: what libnm calls a secret, what it does not know and sounds like one, and what only sounds so. */
#include "profiles/secret-keys.h"

static void keys_are_secret_by_the_table(void) {
  static const struct {
    const char *group, *key;
    gboolean secret;
  } rows[] = {
      {"wifi-security", "psk", TRUE},
      {"802-11-wireless-security", "wep-key0", TRUE},
      {"802-1x", "password", TRUE},
      {"802-1x", "private-key", TRUE},
      {"wireguard", "private-key", TRUE},
      {"wireguard-peer.AbC=", "preshared-key", TRUE},
      {"macsec", "mka-cak", TRUE},
      {"vpn-secrets", "anything", TRUE},
      {"vpn", "Xauth password", TRUE},
      {"x-unknown", "api-token", TRUE},
      {"ipv6", "token", FALSE},
      {"IPv6Prefix", "Token", FALSE},
      {"DHCPPrefixDelegation", "Token", FALSE},
      {"", "ipv6-address-token", FALSE},
      {"", "wep_key0", TRUE},
      {"", "private_key_passwd", TRUE},
      {"ipv6", "password", TRUE},
      {"802-1x", "identity", FALSE},
      {"connection", "id", FALSE},
      {"x-unknown", "mapping", FALSE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
    g_assert_cmpint(secret_key_is(rows[i].group, rows[i].key), ==, rows[i].secret);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/secret-keys/keys-are-secret-by-the-table", keys_are_secret_by_the_table);
  return g_test_run();
}
