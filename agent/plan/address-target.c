/* address-target.c - which profile, or which NIC without one, an address of the policy is meant for */
#include "address-target.h"

#include <string.h>

#include "address-places.h"
#include "base/each.h"
#include "base/error.h"
#include "outcome.h"
#include "profile-maker.h"

typedef gboolean (*PlaceTest)(const PlanContext *context, const AddressPlace *place);

static GPtrArray *choose_places(const PlanContext *context, const AddressPlaces *places, PlaceTest test) {
  GPtrArray *chosen = g_ptr_array_new();

  array_each (AddressPlace *, place, places->items)
    if (test(context, place))
      g_ptr_array_add(chosen, place);
  return chosen;
}

static const AddressPlace *nth(const GPtrArray *places, guint n) {
  return g_ptr_array_index(places, n);
}

/* --- the default route --- */

/* The devices that a machine's default route goes through; some, batman-adv's (generic) too, only where they say so by
 * a gateway. An address for another kind (a WireGuard peer, a tunnel, a VRF, a dummy) has to be asked for by name. */
static gboolean may_carry_default_route(const Profile *profile) {
  static const char *const types[] = {"802-3-ethernet", "802-11-wireless", "infiniband", "bond", "bridge", "macvlan",
                                      "macsec",         "ovs-interface",   "team",       "vlan", NULL};
  static const char *const with_gateway[] = {"generic", "vxlan", NULL};

  return profile->type == NULL || g_strv_contains(types, profile->type) ||
         (g_strv_contains(with_gateway, profile->type) &&
          (profile_has_gateway(profile, AF_INET) || profile_has_gateway(profile, AF_INET6)));
}

static gboolean may_be_default(const Profile *profile, int family) {
  g_autofree char *never = profile->text != NULL
                               ? keyfile_text_get(profile->text, family == AF_INET ? "ipv4" : "ipv6", "never-default")
                               : NULL;

  return g_strcmp0(never, "true") != 0 && g_strcmp0(never, "1") != 0;
}

static gboolean uses_gateway(const Profile *profile, int family) {
  return !profile_is_family_off(profile, family) && profile_has_gateway(profile, family);
}

/* How much speaks for PROFILE as the default route's: what stands first outweighs all that comes after it. A family
 * that is off where the gateway is goes there all the same. */
static guint default_score(const PlanContext *context, const Profile *profile, int family) {
  const gboolean reasons[] = {
      profile_autoconnects(profile),           may_be_default(profile, family),
      uses_gateway(profile, family),           uses_gateway(profile, AF_INET) || uses_gateway(profile, AF_INET6),
      !profile_is_family_off(profile, family), profile_is_edited(context, profile),
  };
  guint score = 0;

  for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++)
    score = score << 1 | (reasons[i] ? 1 : 0);
  return score;
}

static gboolean has_profile(const PlanContext *context, const AddressPlace *place) {
  return place->kind != PLACE_ABSENT && !place->is_port && place->profile != NULL &&
         may_carry_default_route(place->profile);
}

/* Somebody's files can get a profile for it. */
static gboolean can_be_made(const PlanContext *context, const AddressPlace *place) {
  const ProfileFormat *maker;

  return place->kind == PLACE_NIC && profile_maker(context, place->left_alone, &maker);
}

/* NICs that can get a new profile: neither ports nor what everybody leaves alone. */
static gboolean is_bare(const PlanContext *context, const AddressPlace *place) {
  return !place->is_port && place->profile == NULL && can_be_made(context, place);
}

/* The places whose profiles most speaks for; where none has a profile, the NICs. */
static GPtrArray *default_candidates(const PlanContext *context, const AddressPlaces *places, int family) {
  g_autoptr(GPtrArray) all = choose_places(context, places, has_profile);
  GPtrArray *best = g_ptr_array_new();
  guint highest = 0;

  for (guint i = 0; i < all->len; i++)
    highest = MAX(highest, default_score(context, nth(all, i)->profile, family));
  for (guint i = 0; i < all->len; i++)
    if (default_score(context, nth(all, i)->profile, family) == highest)
      g_ptr_array_add(best, g_ptr_array_index(all, i));
  if (best->len > 0)
    return best;
  g_ptr_array_unref(best);
  return choose_places(context, places, is_bare);
}

/* One profile of several NICs that is up on one of them at a time: whichever that is. */
static gboolean is_one_profile(const GPtrArray *candidates) {
  for (guint i = 0; i < candidates->len; i++)
    if (nth(candidates, i)->profile == NULL || nth(candidates, i)->profile != nth(candidates, 0)->profile ||
        !nth(candidates, i)->shared || nth(candidates, i)->many)
      return FALSE;
  return candidates->len > 0;
}

/* --- what a place gives --- */

static gboolean can_be_edited(const PlanContext *context, const AddressPlace *place) {
  return place->profile == NULL || place->shared || profile_is_edited(context, place->profile);
}

static gboolean is_clear(const PlanContext *context, const AddressPlace *place) {
  return !place->is_port && place->rival == NULL && can_be_edited(context, place) &&
         (place->profile != NULL || can_be_made(context, place));
}

static void set_target(const PlanContext *context, const AddressPlace *place, AddressTarget *target) {
  *target = (AddressTarget){
      .profile = place->shared ? NULL : place->profile,
      .nic = place->nic,
      .is_absent = place->kind == PLACE_ABSENT,
      .is_left_alone = place->left_alone && place->profile != NULL && !place->shared,
  };
  if (target->profile == NULL && target->nic != NULL)
    (void)profile_maker(context, place->left_alone, &target->maker);
}

static gboolean take_default(const PlanContext *context, const GPtrArray *candidates, AddressTarget *target) {
  if (is_one_profile(candidates) && profile_is_edited(context, nth(candidates, 0)->profile)) {
    *target = (AddressTarget){.profile = nth(candidates, 0)->profile};
    return TRUE;
  }
  if (candidates->len != 1 || !is_clear(context, nth(candidates, 0)))
    return FALSE;
  set_target(context, nth(candidates, 0), target);
  return TRUE;
}

gboolean address_target_default_route(const PlanContext *context, int family, AddressTarget *target) {
  g_autoptr(AddressPlaces) places = address_places_new(context);
  g_autoptr(GPtrArray) candidates = default_candidates(context, places, family);

  return take_default(context, candidates, target);
}

/* --- refusals: each with advice that leads to no other one --- */

static const char *or_none(const char *text) {
  return text == NULL ? "no name" : text;
}

/* "lan (/etc/.../lan.nmconnection, ens192)"; with the reason: why it cannot be edited. */
static void describe_profile(const PlanContext *context, const Profile *profile, const char *device, GString *text) {
  g_string_append_printf(text, "%s%s (%s, %s", text->len == 0 ? "" : ", ", or_none(profile->id), profile->path,
                         device == NULL ? "any interface" : device);
  if (profile->why_not != NULL)
    g_string_append_printf(text, ": %s", profile->why_not);
  else if (!profile_is_edited(context, profile))
    g_string_append_printf(text, ": the step %s is off", profile_step(profile));
  g_string_append_c(text, ')');
}

static char *describe_places(const PlanContext *context, const GPtrArray *places) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < places->len; i++) {
    const AddressPlace *place = nth(places, i);

    if (place->profile != NULL)
      describe_profile(context, place->profile, place->name, text);
    else
      g_string_append_printf(text, "%s%s (%s)", i == 0 ? "" : ", ", place->name, place->nic->mac);
    if (place->rival != NULL)
      describe_profile(context, place->rival, place->name, text);
  }
  return g_string_free(text, FALSE);
}

/* What is asked for, and where a refusal goes. */
typedef struct {
  const PlanContext *context;
  const AddressPlaces *places;
  const HostPolicy *host;
  const PolicyAddress *address;
  GError **error;
} Question;

/* "FILE:LINE: host NAME: address 10.0.0.17/24: " and the cause. */
G_GNUC_PRINTF(2, 3)
static gboolean refuse(const Question *question, const char *format, ...) {
  const PolicyAddress *address = question->address;
  const HostPolicy *host = question->host;
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *cause = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  return ri_error(question->error, RI_ERROR_POLICY, "%s:%u: host %s: address%s%s = %s/%u: %s", address->file,
                  address->line, host->name, address->nic[0] == '\0' ? "" : ".", address->nic, address->text,
                  address->prefix, cause);
}

/* A profile beside it that comes up in its place can be edited. */
static gboolean refuse_fixed(const Question *question, const GPtrArray *places, const char *cause) {
  const AddressPlace *place = nth(places, 0);
  g_autofree char *candidates = describe_places(question->context, places);
  const int priority = place->nic != NULL && place->profile->format == NULL
                           ? selections_winning_priority(question->places->selections, place->nic, NULL)
                           : -1;

  if (priority < 0 || question->context->profiles->lacks_manager)
    return refuse(question, "%s: %s; set the address where that profile is made", cause, candidates);
  return refuse(question,
                "%s: %s; set the address where that profile is made, or give %s a profile in %s with "
                "autoconnect-priority=%d",
                cause, candidates, place->name, question->context->profiles->directory, priority);
}

/* NetworkManager ranks its own; of others the one is to be taken that does not give the device an address any more. */
static gboolean are_ranked(const AddressPlace *place) {
  return profile_is_managers(place->profile) && profile_is_managers(place->rival);
}

/* Somebody has activated a profile there that does not connect by itself: it was up last of all that fit. As an advice;
 * empty: none. */
static char *advice_for_idle(const Question *question, const AddressPlace *place) {
  const SelectionWorld *world = question->context->selection_world;
  const Selections *selections = question->places->selections;
  g_autoptr(GPtrArray) fitting = place->nic != NULL ? selections_fitting(selections, place->nic)
                                                    : selections_fitting_device(selections, place->name);
  const Profile *last = NULL;
  guint64 newest = 0, timestamp;

  list_each (const Profile *, profile, fitting)
    if (world != NULL && selection_world_timestamp(world, profile->uuid, &timestamp) && timestamp > newest) {
      newest = timestamp;
      last = profile;
    }
  if (last == NULL || profile_autoconnects(last))
    return g_strdup("");
  return g_strdup_printf("; %s was up there last, by hand: if it is the one meant, let it alone have autoconnect=true",
                         last->path);
}

/* PLACES is one place, with what it lacks. */
static gboolean refuse_place(const Question *question, const GPtrArray *places, const char *cause_if_fixed) {
  const AddressPlace *place = nth(places, 0);
  g_autofree char *candidates = describe_places(question->context, places);

  if (place->is_port)
    return refuse(question, "%s is a port of a bond, bridge or team and carries no address; name that device instead",
                  place->name);
  if (place->profile == NULL && !place->left_alone)
    return refuse(question, "no file gives %s its addresses, and the steps that could make one are off in [steps]",
                  place->name);
  if (place->profile == NULL)
    return refuse(question,
                  "NetworkManager is told to leave %s alone, and nothing else gives it an address: take it out of "
                  "unmanaged-devices, [device] managed=0 or /etc/network/interfaces",
                  place->name);
  g_autofree char *idle = advice_for_idle(question, place);
  if (place->rival != NULL)
    return refuse(question, "which of several profiles comes up on %s is ambiguous: %s; %s%s", place->name, candidates,
                  are_ranked(place)
                      ? "give the one meant a higher autoconnect-priority, or let only one of them connect by itself"
                      : "leave the device to one of them, and take it out of the other",
                  idle);
  return refuse_fixed(question, places, cause_if_fixed);
}

/* What keeps a NIC from a profile of its own beside the one that it shares with others; NULL: nothing does. */
static const Profile *unbeaten_on(const Question *question, const AddressPlace *place) {
  const Profile *strongest = NULL;

  if (place->shared && place->nic != NULL)
    (void)selections_winning_priority(question->places->selections, place->nic, &strongest);
  return strongest;
}

/* That one name is written is not enough where the device has several profiles, or one that nothing can beat. */
static char *advice_for_rivals(const Question *question, const GPtrArray *places) {
  for (guint i = 0; i < places->len; i++) {
    const Profile *strongest = unbeaten_on(question, nth(places, i));

    if (nth(places, i)->rival != NULL)
      return g_strdup(are_ranked(nth(places, i))
                          ? ", and where it has several profiles give one a higher autoconnect-priority"
                          : ", and where it has several profiles leave it to one of them");
    if (strongest != NULL)
      return g_strdup_printf(", and lower the autoconnect-priority of %s, which no profile of its own could beat",
                             strongest->path);
  }
  return g_strdup("");
}

static gboolean none_can_be_edited(const Question *question, const GPtrArray *places) {
  for (guint i = 0; i < places->len; i++)
    if (can_be_edited(question->context, nth(places, i)))
      return FALSE;
  return TRUE;
}

/* Profiles that are bound to the MAC addresses of other NICs, as "lan (/etc/.../lan.nmconnection, 52:54:...)". */
static char *describe_bound(const Question *question) {
  GString *text = g_string_new(NULL);

  array_each (const AddressPlace *, place, question->places->items)
    if (place->kind == PLACE_ABSENT && place->profile->mac_address != NULL)
      describe_profile(question->context, place->profile, place->profile->mac_address, text);
  return g_string_free(text, text->len == 0);
}

static gboolean refuse_several(const Question *question, const GPtrArray *places) {
  g_autofree char *candidates = describe_places(question->context, places);
  g_autofree char *advice = advice_for_rivals(question, places);
  g_autofree char *bound = nth(places, 0)->profile == NULL ? describe_bound(question) : NULL;

  /* What the NICs of an image's clones are called is made up. */
  if (bound != NULL)
    return refuse(
        question,
        "which of several NICs takes which profile is not clear, because the MAC addresses in them are of other "
        "machines: %s; give the profiles an interface-name in place of the MAC address, or write address.MAC "
        "for the NIC meant",
        bound);
  if (nth(places, 0)->profile == NULL)
    return refuse(question, "there is no profile, and several NICs: %s; write address.NIC for the one meant",
                  candidates);
  return refuse(question,
                "which profile carries the default route is ambiguous: %s; write address.NIC for the one meant%s",
                candidates, advice);
}

static gboolean is_left_alone(const PlanContext *context, const AddressPlace *place) {
  return place->left_alone && !place->is_port;
}

static gboolean find_default(const Question *question, AddressTarget *target) {
  static const char fixed[] = "no profile that can be edited carries the default route";
  g_autoptr(GPtrArray) candidates = default_candidates(question->context, question->places, question->address->family);
  g_autoptr(GPtrArray) left_alone = choose_places(question->context, question->places, is_left_alone);
  const Profile *best = candidates->len > 0 ? nth(candidates, 0)->profile : NULL;
  const Profile *absent = address_places_absent_default(question->places, best, question->address->family);

  if (absent != NULL)
    return refuse(question,
                  "the profile with the default gateway, %s (%s), is for a NIC that is not here, and which one took "
                  "its place is not clear; write address.NIC for the one meant",
                  or_none(absent->id), absent->path);
  if (take_default(question->context, candidates, target))
    return TRUE;
  if (candidates->len > 1)
    return none_can_be_edited(question, candidates) ? refuse_fixed(question, candidates, fixed)
                                                    : refuse_several(question, candidates);
  if (candidates->len == 1)
    return refuse_place(question, candidates, fixed);
  if (left_alone->len > 0)
    return refuse_place(question, left_alone, fixed);
  return refuse(question, "there is neither a profile nor a NIC for it");
}

/* --- by name --- */

static gboolean is_named(const AddressPlace *place, const char *pattern) {
  const Nic *child = place->nic == NULL && place->profile != NULL ? place->profile->child : NULL;

  return (place->name != NULL && policy_nic_matches(pattern, place->name, place->nic)) ||
         (child != NULL && policy_nic_matches(pattern, child->name, child));
}

/* How well a place answers to a name: a device with a profile that can be edited, one with another, a NIC without, a
 * port, a NIC that gets nothing, one that is not here. */
static guint named_score(const PlanContext *context, const AddressPlace *place) {
  if (place->kind == PLACE_ABSENT)
    return profile_is_edited(context, place->profile) ? 2 : 1;
  if (place->is_port)
    return 4;
  if (place->profile == NULL || place->shared)
    return place->left_alone ? 3 : 5;
  return profile_is_edited(context, place->profile) ? 7 : 6;
}

static GPtrArray *named_candidates(const Question *question) {
  const GArray *items = question->places->items;
  GPtrArray *best = g_ptr_array_new();
  guint highest = 0;

  array_each (AddressPlace *, place, items) {
    const guint score = named_score(question->context, place);

    if (!is_named(place, question->address->nic) || score < highest)
      continue;
    if (score > highest)
      g_ptr_array_set_size(best, 0);
    highest = score;
    g_ptr_array_add(best, place);
  }
  return best;
}

static gboolean find_named(const Question *question, AddressTarget *target) {
  static const char fixed[] = "the NIC's profile cannot be edited";
  g_autoptr(GPtrArray) candidates = named_candidates(question);
  g_autofree char *list = describe_places(question->context, candidates);
  g_autofree char *advice = advice_for_rivals(question, candidates);

  if (candidates->len == 0)
    return refuse(question,
                  "no profile and no NIC of this machine is called %s: write the name that it has on this machine, or "
                  "its MAC address",
                  question->address->nic);
  if (candidates->len > 1 && none_can_be_edited(question, candidates))
    return refuse_fixed(question, candidates, fixed);
  if (candidates->len > 1)
    return refuse(question, "%s is ambiguous: %s; write the name of the one meant%s", question->address->nic, list,
                  advice);
  if (!is_clear(question->context, nth(candidates, 0)))
    return refuse_place(question, candidates, fixed);
  set_target(question->context, nth(candidates, 0), target);
  return TRUE;
}

gboolean address_target_find(const PlanContext *context, const HostPolicy *host, const PolicyAddress *address,
                             AddressTarget *target, GError **error) {
  g_autoptr(AddressPlaces) places = address_places_new(context);
  const Question question = {context, places, host, address, error};

  return address->nic[0] == '\0' ? find_default(&question, target) : find_named(&question, target);
}

gboolean address_target_equal(const AddressTarget *a, const AddressTarget *b) {
  return a->profile == b->profile && (a->profile != NULL || a->nic == b->nic);
}

const Nic *address_target_device(const AddressTarget *target) {
  return target->nic != NULL || target->profile == NULL ? target->nic : target->profile->child;
}

const char *address_target_name(const AddressTarget *target) {
  const Nic *device = address_target_device(target);

  return device != NULL ? device->name : target->profile != NULL ? target->profile->interface_name : NULL;
}
