/* networkd-follow.c - what in a file of systemd-networkd is the template's follows to the clone */
#include "networkd-follow.h"

#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "plan/fixed-identity.h"
#include "plan/renames/scanner.h"
#include "profiles/id-path.h"
#include "profiles/networkd/networkd-match.h"

/* systemd.network(5), systemd.netdev(5), networkd.conf(5). */
static const FollowedKey table[] = {
    {"Match", "MACAddress|PermanentMACAddress", RENAME_MAC, NULL},
    {"Link|NetDev", "MACAddress", RENAME_MAC, NULL},
    {"Bond", "AdActorSystem", RENAME_MAC, NULL},
    {"Match", "Name|OriginalName", RENAME_NIC, NULL},
    {"NetDev", "Name", RENAME_NIC, NULL},
    {"Network", "BindCarrier", RENAME_NIC, NULL},
    {"RoutingPolicyRule", "IncomingInterface|OutgoingInterface", RENAME_NIC, NULL},
    {"IPv6SendRA|DHCPServer|DHCPPrefixDelegation", "UplinkInterface", RENAME_NIC, NULL},
    {"Match", "Path", RENAME_BUS_PATH, NULL},
    {"Network|DHCPServer|IPv6SendRA", "DNS", RENAME_ADDRESS, NULL},
    {"Route", "PreferredSource", RENAME_ADDRESS, NULL},
    {"RoutingPolicyRule", "From", RENAME_ADDRESS, NULL},
    {"Tunnel|VXLAN|L2TP|FooOverUDP", "Local", RENAME_ADDRESS, NULL},
    {"Match", "Host", RENAME_HOST, NULL},
    {"DHCP*", "Hostname", RENAME_HOST, NULL},
    {"DHCP*", "DUIDRawData", RENAME_MAC, NULL},
};

static Token token_of(const UnitEntry *entry) {
  return (Token){.group = entry->section->name,
                 .key = entry->key,
                 .value = entry->raw,
                 .size = strlen(entry->raw),
                 .line = entry->line};
}

/* The entries of the files that may be edited and were there before; what is removed meanwhile is not among them. */
typedef struct {
  NetworkdPart *part;
  UnitEntry *entry;
} Place;

static void collect(NetworkdPart *part, UnitEntry *entry, gpointer data) {
  const Place place = {part, entry};

  if (part->editable && entry->line != 0)
    g_array_append_val((GArray *)data, place);
}

static GArray *places_of(const NetworkdEdit *edit) {
  GArray *places = g_array_new(FALSE, FALSE, sizeof(Place));

  networkd_file_foreach(edit->draft, collect, places);
  return places;
}

static void say(const Token *token, const char *word, const Mention *mention, gpointer data) {
  const NetworkdEdit *edit = data;

  list_say(edit->reasons, "[%s] %s %s becomes %s", token->group, token->key, word, mention->replacement);
}

static void follow(NetworkdEdit *edit, const Place *place) {
  const Token token = token_of(place->entry);
  g_autofree char *followed = scanner_value(edit->context->renames, table, G_N_ELEMENTS(table), &token, say, edit);

  if (followed != NULL)
    unit_text_set(place->part->text, place->entry, followed);
}

/* Without it systemd-networkd makes one of the machine-id. The type says how to read what is gone. */
static void drop_duid(NetworkdEdit *edit, const Place *place) {
  UnitSection *section = place->entry->section;

  list_say(edit->reasons, "the template's DUID removed: one is made of the machine-id");
  unit_text_remove_key(place->part->text, section, "DUIDType");
  unit_text_remove_key(place->part->text, section, "DUIDRawData");
}

static gboolean is_fixed_duid(const NetworkdEdit *edit, const UnitEntry *entry) {
  return strcmp(entry->key, "DUIDRawData") == 0 && g_str_has_prefix(entry->section->name, "DHCP") &&
         fixed_dhcp_id(edit->context, entry->value);
}

/* [DHCPv4] RequestAddress=: each clone would ask for the same one. */
static gboolean is_fixed_request(const NetworkdEdit *edit, const UnitEntry *entry) {
  return strcmp(entry->key, "RequestAddress") == 0 && g_str_has_prefix(entry->section->name, "DHCP") &&
         fixed_dhcp_request(edit->context, entry->value);
}

/* systemd-networkd sets no route before this machine has the address that it is to come from, and until then the NIC is
 * not configured (networkd-route.c, route_is_ready_to_configure). */
static gboolean is_lost_source(const NetworkdEdit *edit, const UnitEntry *entry) {
  return strcmp(entry->section->name, "Route") == 0 && strcmp(entry->key, "PreferredSource") == 0 &&
         renames_is_gone(edit->context->renames, entry->value);
}

/* The first of what has to go; FALSE: nothing of it is left. */
static gboolean drop_one(NetworkdEdit *edit) {
  g_autoptr(GArray) places = places_of(edit);

  array_each (const Place *, place, places) {
    if (is_fixed_duid(edit, place->entry)) {
      drop_duid(edit, place);
      return TRUE;
    }
    if (is_fixed_request(edit, place->entry)) {
      list_say(edit->reasons, "[%s] RequestAddress %s removed: every clone would ask for it",
               place->entry->section->name, place->entry->value);
      unit_text_remove(place->part->text, place->entry);
      return TRUE;
    }
    if (is_lost_source(edit, place->entry)) {
      list_say(edit->reasons, "[Route] PreferredSource %s removed: this machine does not have it", place->entry->value);
      unit_text_remove(place->part->text, place->entry);
      return TRUE;
    }
  }
  return FALSE;
}

/* The last [Match] KEY= of the draft; its part NULL: there is none. */
static Place match_place(const NetworkdEdit *edit, const char *key) {
  g_autoptr(GArray) places = places_of(edit);
  Place found = {NULL, NULL};

  array_each (const Place *, place, places)
    if (strcmp(place->entry->section->name, "Match") == 0 && strcmp(place->entry->key, key) == 0)
      found = *place;
  return found;
}

/* A pattern that fitted what the recorded NIC is known by (OLD), and does not fit that of the one that took its place,
 * gets that. */
static void follow_pattern(NetworkdEdit *edit, const char *key, const char *old, const char *now) {
  g_auto(GStrv) words = networkd_file_words(networkd_profile_file(edit->profile), "Match", key);
  g_auto(GStrv) edited = networkd_file_words(edit->draft, "Match", key);
  const Place place = match_place(edit, key);
  g_autofree char *raw = NULL;

  if (old == NULL || now == NULL || place.part == NULL || words[0] == NULL || !networkd_names_fit(words, old) ||
      networkd_names_fit(edited, now) || strchr(place.entry->raw, '!') != NULL)
    return;
  raw = g_strdup_printf("%s %s", place.entry->raw, now);
  unit_text_set(place.part->text, place.entry, raw);
  list_say(edit->reasons, "[Match] %s fitted %s, which is %s now", key, old, now);
}

static void follow_patterns(NetworkdEdit *edit) {
  const NicMap *map = edit->context->nic_map;

  for (guint i = 0; edit->profile != NULL && map != NULL && i < map->items->len; i++) {
    const NicSuccession *item = &g_array_index(map->items, NicSuccession, i);
    g_autofree char *old_path = id_path(item->recorded->bus_path);
    g_autofree char *path = item->present != NULL ? id_path(item->present->bus_path) : NULL;

    follow_pattern(edit, "Name", item->recorded->name, item->present != NULL ? item->present->name : NULL);
    follow_pattern(edit, "Path", old_path, path);
  }
}

/* [Match] Host= is for what a machine is called or its machine-id: a file that was the template's stays this machine's,
 * and one that was for all but the template for all but this machine. */
static void follow_host(NetworkdEdit *edit, const Place *place) {
  const Identity *identity = edit->context->identity;
  const char *value = place->entry->value;
  const gboolean is_not = *value == '!';
  const char *word = value + (is_not ? 1 : 0);
  const gboolean is_id = networkd_host_is_machine_id(word);

  if (strcmp(place->entry->section->name, "Match") != 0 || strcmp(place->entry->key, "Host") != 0 ||
      !networkd_host_fits(word, identity->old_hostname, identity->old_machine_id) ||
      networkd_host_fits(word, identity->hostname, identity->machine_id))
    return;
  g_autofree char *raw = g_strconcat(is_not ? "!" : "", is_id ? identity->machine_id : identity->hostname, NULL);
  list_say(edit->reasons, "[Match] Host %s becomes %s", value, raw);
  unit_text_set(place->part->text, place->entry, raw);
}

void networkd_follow(NetworkdEdit *edit) {
  g_autoptr(GArray) places = places_of(edit);

  for (guint i = 0; i < places->len; i++) {
    follow_host(edit, &g_array_index(places, Place, i));
    follow(edit, &g_array_index(places, Place, i));
  }
  follow_patterns(edit);
  while (drop_one(edit))
    ;
}

/* A MAC address that no NIC has had or has. */
static void warn_of_strange_mac(const NetworkdEdit *edit, const Place *place) {
  const char *section = place->entry->section->name;
  const gboolean binds = strcmp(section, "Match") == 0;

  if (!g_str_has_suffix(place->entry->key, "MACAddress") ||
      (!binds && strcmp(section, "Link") != 0 && strcmp(section, "NetDev") != 0) ||
      !strange_mac(edit->context, place->entry->value))
    return;
  if (binds)
    plan_warn(edit->plan,
              "%s:%u: [Match] %s=%s is no NIC of this machine, nor of the recorded one: the file is for no NIC here.",
              place->part->path, place->entry->line, place->entry->key, place->entry->value);
  else if (edit->context->verdict == VERDICT_CLONE)
    plan_warn(edit->plan, "%s:%u: [%s] %s=%s" EVERY_CLONES_MAC, place->part->path, place->entry->line, section,
              place->entry->key, place->entry->value);
}

static void warn_of_shared_key(const NetworkdEdit *edit, const Place *place) {
  if (edit->context->verdict == VERDICT_CLONE && strcmp(place->entry->section->name, "WireGuard") == 0 &&
      g_str_has_prefix(place->entry->key, "PrivateKey") && *place->entry->value != '\0')
    plan_warn_wireguard_key(edit->plan, place->part->path, place->entry->line);
}

/* The file is taken for one that counts. */
static void warn_of_condition(const NetworkdEdit *edit, const Place *place) {
  const UnitEntry *entry = place->entry;

  if (edit->context->verdict == VERDICT_CLONE && strcmp(entry->section->name, "Match") == 0 && *entry->value != '\0' &&
      networkd_is_condition(entry->key))
    plan_warn(edit->plan,
              "%s:%u: [Match] %s=%s: whether this machine meets that is not known here; the file is edited as one that "
              "counts.",
              place->part->path, entry->line, entry->key, entry->value);
}

void networkd_follow_warn(const NetworkdEdit *edit) {
  g_autoptr(GArray) places = places_of(edit);

  array_each (const Place *, place, places) {
    const Token token = token_of(place->entry);

    scanner_warn(edit->context->renames, table, G_N_ELEMENTS(table), place->part->path, &token, NULL, edit->plan);
    warn_of_strange_mac(edit, place);
    warn_of_shared_key(edit, place);
    warn_of_condition(edit, place);
  }
}
