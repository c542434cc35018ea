/* address-target.c - which profile, or which card without one, an address of the policy is meant for */
#include "address-target.h"

#include <string.h>

#include "base/error.h"
#include "outcome.h"

typedef gboolean (*ProfileTest)(const Profile *profile, int family);

/* A profile that names no type is what NetworkManager's own default is: Ethernet. */
static gboolean is_hardware_type(const Profile *profile) {
  static const char *const types[] = {"802-3-ethernet", "802-11-wireless", "infiniband", NULL};

  return profile->type == NULL || g_strv_contains(types, profile->type);
}

/* The devices that a machine's default route goes through. An address for another kind (a WireGuard peer, a tunnel, a
 * dummy) has to be asked for by its name. */
static gboolean may_carry_default_route(const Profile *profile, int family) {
  static const char *const types[] = {"bond", "bridge", "macvlan", "ovs-interface", "team", "vlan", NULL};

  return is_hardware_type(profile) || g_strv_contains(types, profile->type);
}

static gboolean is_unbound(const Profile *profile) {
  return profile->interface_name == NULL && profile->mac_address == NULL;
}

/* A profile that is bound to a card which this machine does not have cannot come up. */
static gboolean can_come_up(const Profile *profile, int family) {
  return !is_hardware_type(profile) || profile->nic != NULL || is_unbound(profile);
}

static gboolean autoconnects(const Profile *profile, int family) {
  return profile_autoconnects(profile);
}

static gboolean is_family_enabled(const Profile *profile, int family) {
  return !profile_is_family_off(profile, family);
}

static gboolean may_be_default(const Profile *profile, int family) {
  g_autofree char *never = profile->text != NULL
                               ? keyfile_text_get(profile->text, family == AF_INET ? "ipv4" : "ipv6", "never-default")
                               : NULL;

  return g_strcmp0(never, "true") != 0 && g_strcmp0(never, "1") != 0;
}

static gboolean has_any_gateway(const Profile *profile, int family) {
  return profile_has_gateway(profile, AF_INET) || profile_has_gateway(profile, AF_INET6);
}

static gboolean has_any_static_address(const Profile *profile, int family) {
  return profile_has_static_address(profile, AF_INET) || profile_has_static_address(profile, AF_INET6);
}

/* A profile of a NIC that is not here carries nothing. Where a NIC is left without a profile it gets one of its own. */
static void keep_those_that_can_come_up(GPtrArray *profiles, int family) {
  for (guint i = profiles->len; i-- > 0;)
    if (!can_come_up(g_ptr_array_index(profiles, i), family))
      g_ptr_array_remove_index(profiles, i);
}

/* Keep those that pass TEST, unless none does: a preference, not a condition. */
static void narrow(GPtrArray *profiles, ProfileTest test, int family) {
  guint passed = 0;

  for (guint i = 0; i < profiles->len; i++)
    passed += test(g_ptr_array_index(profiles, i), family) ? 1 : 0;
  if (passed == 0)
    return;
  for (guint i = profiles->len; i-- > 0;)
    if (!test(g_ptr_array_index(profiles, i), family))
      g_ptr_array_remove_index(profiles, i);
}

static gint64 autoconnect_priority(const Profile *profile) {
  g_autofree char *text =
      profile->text != NULL ? keyfile_text_get(profile->text, "connection", "autoconnect-priority") : NULL;

  return text == NULL ? 0 : g_ascii_strtoll(text, NULL, 10);
}

static void narrow_to_highest_priority(GPtrArray *profiles) {
  gint64 highest = G_MININT64;

  for (guint i = 0; i < profiles->len; i++)
    highest = MAX(highest, autoconnect_priority(g_ptr_array_index(profiles, i)));
  for (guint i = profiles->len; i-- > 0;)
    if (autoconnect_priority(g_ptr_array_index(profiles, i)) != highest)
      g_ptr_array_remove_index(profiles, i);
}

/* Several profiles of one card: the one that NetworkManager would bring up, else the one that holds addresses. */
static void narrow_on_one_card(GPtrArray *profiles, int family) {
  narrow(profiles, autoconnects, family);
  narrow_to_highest_priority(profiles);
  narrow(profiles, profile_has_static_address, family);
  narrow(profiles, has_any_static_address, family);
}

static gboolean is_of_enabled_stack(const Profile *profile, int family) {
  return profile->enabled;
}

/* Those of a stack that runs here come first. */
static GPtrArray *select_profiles(const PlanContext *context, gboolean editable) {
  GPtrArray *found = g_ptr_array_new();

  for (guint i = 0; i < context->profiles->items->len; i++) {
    Profile *profile = g_ptr_array_index(context->profiles->items, i);

    if (profile_is_loaded(profile) && profile_is_edited(context, profile) == editable && profile->hidden_by == NULL &&
        profile_carries_ip(profile))
      g_ptr_array_add(found, profile);
  }
  narrow(found, is_of_enabled_stack, AF_UNSPEC);
  return found;
}

static gboolean is_port_card(const PlanContext *context, const Nic *nic) {
  for (guint i = 0; i < context->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(context->profiles->items, i);

    if (profile->nic == nic && profile_is_port(profile))
      return TRUE;
  }
  return FALSE;
}

/* Cards that can carry an address of their own: all but the ports of bonds, bridges, ... */
static GPtrArray *select_cards(const PlanContext *context) {
  GPtrArray *cards = g_ptr_array_new();

  for (size_t i = 0; i < context->facts->nics.count; i++) {
    Nic *nic = &context->facts->nics.items[i];

    if (!is_port_card(context, nic))
      g_ptr_array_add(cards, nic);
  }
  return cards;
}

/* The card of a profile; one that names no card means the only one. */
static const Nic *card_of(const PlanContext *context, const Profile *profile) {
  g_autoptr(GPtrArray) cards = NULL;

  if (profile->nic != NULL || !is_hardware_type(profile) || !is_unbound(profile))
    return profile->nic;
  cards = select_cards(context);
  return cards->len == 1 ? g_ptr_array_index(cards, 0) : NULL;
}

static gboolean are_on_one_card(const PlanContext *context, const GPtrArray *profiles) {
  const Nic *first = card_of(context, g_ptr_array_index(profiles, 0));

  for (guint i = 1; i < profiles->len; i++)
    if (first == NULL || card_of(context, g_ptr_array_index(profiles, i)) != first)
      return FALSE;
  return TRUE;
}

/* Leaves one profile in the result when the default route's profile is clear, several or none otherwise. */
static GPtrArray *default_route_candidates(const PlanContext *context, int family) {
  GPtrArray *profiles = select_profiles(context, TRUE);

  for (guint i = profiles->len; i-- > 0;)
    if (!may_carry_default_route(g_ptr_array_index(profiles, i), family))
      g_ptr_array_remove_index(profiles, i);
  keep_those_that_can_come_up(profiles, family);
  if (profiles->len == 0)
    return profiles;
  if (are_on_one_card(context, profiles)) {
    narrow_on_one_card(profiles, family);
    return profiles;
  }
  narrow(profiles, autoconnects, family);
  narrow(profiles, is_family_enabled, family);
  narrow(profiles, may_be_default, family);
  narrow(profiles, profile_has_gateway, family);
  narrow(profiles, has_any_gateway, family);
  if (profiles->len > 1 && are_on_one_card(context, profiles))
    narrow_on_one_card(profiles, family);
  return profiles;
}

static void set_profile(const PlanContext *context, const Profile *profile, AddressTarget *target) {
  *target = (AddressTarget){.profile = profile, .nic = card_of(context, profile)};
}

gboolean address_target_default_route(const PlanContext *context, int family, AddressTarget *target) {
  g_autoptr(GPtrArray) profiles = default_route_candidates(context, family);
  g_autoptr(GPtrArray) fixed = select_profiles(context, FALSE);
  g_autoptr(GPtrArray) cards = select_cards(context);

  if (profiles->len == 1) {
    set_profile(context, g_ptr_array_index(profiles, 0), target);
    return TRUE;
  }
  if (profiles->len > 1 || fixed->len > 0 || cards->len != 1)
    return FALSE;
  *target = (AddressTarget){.nic = g_ptr_array_index(cards, 0)};
  return TRUE;
}

static const char *or_none(const char *text) {
  return text == NULL ? "no name" : text;
}

/* "lan (/etc/.../lan.nmconnection, ens192), backup (...)"; with reasons: why each cannot be edited. */
static char *describe_profiles(const PlanContext *context, const GPtrArray *profiles) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < profiles->len; i++) {
    const Profile *profile = g_ptr_array_index(profiles, i);
    const char *interface = profile->nic != NULL ? profile->nic->name : profile->interface_name;

    g_string_append_printf(text, "%s%s (%s", i == 0 ? "" : ", ", or_none(profile->id), profile->path);
    g_string_append_printf(text, ", %s", interface == NULL ? "any interface" : interface);
    if (profile->why_not != NULL)
      g_string_append_printf(text, ": %s", profile->why_not);
    else if (!profile_is_edited(context, profile))
      g_string_append_printf(text, ": the step %s is off", profile_step(profile));
    g_string_append_c(text, ')');
  }
  return g_string_free(text, FALSE);
}

static char *describe_cards(const GPtrArray *cards) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < cards->len; i++) {
    const Nic *nic = g_ptr_array_index(cards, i);

    g_string_append_printf(text, "%s%s (%s)", i == 0 ? "" : ", ", nic->name, nic->mac);
  }
  return g_string_free(text, FALSE);
}

/* "FILE:LINE: host NAME: address 10.0.0.17/24: " and the cause. */
static gboolean refuse(GError **error, const HostPolicy *host, const PolicyAddress *address, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static gboolean refuse(GError **error, const HostPolicy *host, const PolicyAddress *address, const char *format, ...) {
  g_autofree char *cause = NULL;
  va_list arguments;

  va_start(arguments, format);
  cause = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_set_error(error, RI_ERROR, RI_ERROR_POLICY, "%s:%u: host %s: address%s%s = %s/%u: %s",
              address->file == NULL ? host->file : address->file, address->line == 0 ? host->line : address->line,
              host->name, address->nic[0] == '\0' ? "" : ".", address->nic, address->text, address->prefix, cause);
  return FALSE;
}

static gboolean find_default(const PlanContext *context, const HostPolicy *host, const PolicyAddress *address,
                             AddressTarget *target, GError **error) {
  g_autoptr(GPtrArray) profiles = default_route_candidates(context, address->family);
  g_autoptr(GPtrArray) fixed = select_profiles(context, FALSE);
  g_autoptr(GPtrArray) cards = select_cards(context);
  g_autofree char *candidates = NULL;

  if (address_target_default_route(context, address->family, target))
    return TRUE;
  if (profiles->len > 1) {
    candidates = describe_profiles(context, profiles);
    return refuse(error, host, address,
                  "which profile carries the default route is ambiguous: %s; write address.NIC for the one meant",
                  candidates);
  }
  if (fixed->len > 0) {
    candidates = describe_profiles(context, fixed);
    return refuse(error, host, address,
                  "no profile that can be edited carries the default route: %s; "
                  "set the address where that profile is made, or give the NIC a profile in %s",
                  candidates, PROFILES_DIR);
  }
  if (cards->len == 0)
    return refuse(error, host, address, "there is neither a profile nor a network card for it");
  candidates = describe_cards(cards);
  return refuse(error, host, address, "there is no profile, and several cards: %s; write address.NIC for the one meant",
                candidates);
}

static gboolean profile_is_named(const Profile *profile, const char *pattern) {
  if (profile->nic != NULL)
    return policy_nic_matches(pattern, profile->nic->name, profile->nic);
  return profile->interface_name != NULL && policy_nic_matches(pattern, profile->interface_name, NULL);
}

static void keep_named(GPtrArray *profiles, const char *pattern) {
  for (guint i = profiles->len; i-- > 0;)
    if (!profile_is_named(g_ptr_array_index(profiles, i), pattern))
      g_ptr_array_remove_index(profiles, i);
}

/* One card, or one device that is no card: what a glob may match and still be clear. */
static gboolean are_on_one_device(const GPtrArray *profiles) {
  const Profile *first = g_ptr_array_index(profiles, 0);

  for (guint i = 1; i < profiles->len; i++) {
    const Profile *profile = g_ptr_array_index(profiles, i);

    if (profile->nic != first->nic ||
        (first->nic == NULL && g_strcmp0(profile->interface_name, first->interface_name) != 0))
      return FALSE;
  }
  return TRUE;
}

static GPtrArray *named_cards(const PlanContext *context, const char *pattern) {
  GPtrArray *cards = g_ptr_array_new();

  for (size_t i = 0; i < context->facts->nics.count; i++) {
    Nic *nic = &context->facts->nics.items[i];

    if (policy_nic_matches(pattern, nic->name, nic))
      g_ptr_array_add(cards, nic);
  }
  return cards;
}

/* The editable profile that names no card and so is the one of NIC, the only card; else NULL. */
static const Profile *unbound_profile_of(const PlanContext *context, const Nic *nic, int family) {
  g_autoptr(GPtrArray) profiles = select_profiles(context, TRUE);

  for (guint i = profiles->len; i-- > 0;)
    if (card_of(context, g_ptr_array_index(profiles, i)) != nic)
      g_ptr_array_remove_index(profiles, i);
  if (profiles->len == 0)
    return NULL;
  narrow_on_one_card(profiles, family);
  return profiles->len == 1 ? g_ptr_array_index(profiles, 0) : NULL;
}

/* No profile names the NIC: a card that it matches gets a new one. */
static gboolean find_card(const PlanContext *context, const HostPolicy *host, const PolicyAddress *address,
                          AddressTarget *target, GError **error) {
  g_autoptr(GPtrArray) cards = named_cards(context, address->nic);
  g_autoptr(GPtrArray) fixed = select_profiles(context, FALSE);
  g_autofree char *candidates = NULL;
  const Nic *nic;

  keep_named(fixed, address->nic);
  if (fixed->len > 0) {
    candidates = describe_profiles(context, fixed);
    return refuse(error, host, address, "the NIC's profile cannot be edited: %s; set the address where it is made",
                  candidates);
  }
  if (cards->len == 0)
    return refuse(error, host, address, "no profile and no network card of this machine is called %s", address->nic);
  if (cards->len > 1) {
    candidates = describe_cards(cards);
    return refuse(error, host, address, "%s is ambiguous: %s; write the name of the one meant", address->nic,
                  candidates);
  }
  nic = g_ptr_array_index(cards, 0);
  if (is_port_card(context, nic))
    return refuse(error, host, address,
                  "%s is a port of a bond, bridge or team and carries no address; name that device instead", nic->name);
  *target = (AddressTarget){.profile = unbound_profile_of(context, nic, address->family), .nic = nic};
  return TRUE;
}

static gboolean find_named(const PlanContext *context, const HostPolicy *host, const PolicyAddress *address,
                           AddressTarget *target, GError **error) {
  g_autoptr(GPtrArray) profiles = select_profiles(context, TRUE);
  g_autofree char *candidates = NULL;

  keep_named(profiles, address->nic);
  if (profiles->len == 0)
    return find_card(context, host, address, target, error);
  if (are_on_one_device(profiles))
    narrow_on_one_card(profiles, address->family);
  if (profiles->len > 1) {
    candidates = describe_profiles(context, profiles);
    return refuse(error, host, address,
                  "%s is ambiguous: %s; name one NIC, or let only one profile of it connect by itself", address->nic,
                  candidates);
  }
  set_profile(context, g_ptr_array_index(profiles, 0), target);
  return TRUE;
}

gboolean address_target_find(const PlanContext *context, const HostPolicy *host, const PolicyAddress *address,
                             AddressTarget *target, GError **error) {
  const gboolean found = address->nic[0] == '\0' ? find_default(context, host, address, target, error)
                                                 : find_named(context, host, address, target, error);

  /* The profile that would be made is NetworkManager's. */
  if (found && target->profile == NULL && context->profiles->lacks_manager)
    return refuse(error, host, address,
                  "no file gives %s its addresses, and NetworkManager, for which one could be made, is not installed; "
                  "add the NIC to the files of what configures the network here",
                  target->nic->name);
  return found;
}

gboolean address_target_equal(const AddressTarget *a, const AddressTarget *b) {
  return a->profile == b->profile && (a->profile != NULL || a->nic == b->nic);
}

const char *address_target_name(const AddressTarget *target) {
  if (target->nic != NULL)
    return target->nic->name;
  return target->profile == NULL ? NULL : target->profile->interface_name;
}
