/* address-target-fixture.h - two NICs, and what the one address of the one host is found or refused for. */
#pragma once

#include "fixture.h"
#include "identity-fixture.h"
#include "plan/address-target.h"

#define STATIC "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24\n"
#define STATIC_WITH_GATEWAY "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\n"

static inline IdentityFixture *machine_with_cards(void) {
  IdentityFixture *machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  return machine;
}

/* Where UUIDs are derived nobody knows which one is the lowest on the clone. */
#define DERIVED "\n[identity]\nconnection-uuid = derive"

/* The target of the one address of the one host: KEY is "address" or "address.NIC", and may have more behind it. */
static inline gboolean find(IdentityFixture *machine, const char *key, AddressTarget *target, GError **error) {
  const gsize size = strcspn(key, "\n");
  g_autofree char *text =
      g_strdup_printf("[host web-17]\nmatch-uuid = " UUID_TEXT "\n%.*s = 10.0.0.17/24%s\n", (int)size, key, key + size);

  set_policy(machine, text);
  return address_target_find(&machine->context, &machine->policy.hosts[0], &machine->policy.hosts[0].addresses.items[0],
                             target, error);
}

static inline void assert_found(IdentityFixture *machine, const char *key, const Profile *profile, const char *nic) {
  g_autoptr(GError) error = NULL;
  AddressTarget target = {0};
  gboolean found = find(machine, key, &target, &error);

  g_assert_no_error(error);
  g_assert_true(found);
  g_assert_true(target.profile == profile);
  g_assert_cmpstr(target.nic == NULL ? NULL : target.nic->name, ==, nic);
}

static inline void assert_refused(IdentityFixture *machine, const char *key, const char *first, const char *second) {
  g_autoptr(GError) error = NULL;
  AddressTarget target;

  g_assert_false(find(machine, key, &target, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_POLICY);
  if (strstr(error->message, first) == NULL || strstr(error->message, second) == NULL)
    g_error("\"%s\" does not say \"%s\" and \"%s\"", error->message, first, second);
  g_assert_nonnull(strstr(error->message, "/etc/reset-identity/policy.ini:3: host web-17"));
}

static inline void forget_policy(IdentityFixture *machine) {
  policy_clear(&machine->policy);
  g_clear_pointer(&machine->file.text, g_free);
}
