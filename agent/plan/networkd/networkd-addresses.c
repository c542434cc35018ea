/* networkd-addresses.c - addresses, gateway, DNS and DHCP of a .network file on a clone */
#include "networkd-addresses.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "decide/addresses.h"
#include "plan/outcome.h"
#include "plan/profile-assignment.h"
#include "plan/route-check.h"

static int other_family(int family) {
  return family == AF_INET ? AF_INET6 : AF_INET;
}

static gboolean is_address(const UnitEntry *entry, int family) {
  return networkd_family(entry->value) == family;
}

/* A pool is nobody's address. */
static gboolean is_static_address(const UnitEntry *entry, int family) {
  return is_address(entry, family) && !g_str_has_prefix(entry->value, "0.0.0.0") &&
         !g_str_has_prefix(entry->value, "::/");
}

static gboolean is_gateway(const UnitEntry *entry, int family) {
  return strcmp(entry->section->name, "Route") == 0 ? networkd_section_is_default_route(entry->section, family)
                                                    : is_address(entry, family);
}

/* The slot that the new value takes: the first that counts. */
static const NetworkdSlot *first_slot(const GArray *slots) {
  for (guint i = 0; i < slots->len; i++)
    if (g_array_index(slots, NetworkdSlot, i).counts)
      return &g_array_index(slots, NetworkdSlot, i);
  return NULL;
}

static void remove_slots(const GArray *slots, const NetworkdSlot *but) {
  array_each (const NetworkdSlot *, slot, slots)
    if (slot != but)
      networkd_edit_remove_slot(slot);
}

/* What an [Address] says beside it is of the old one. */
static void set_first(const NetworkdSlot *slot, const char *text) {
  static const char *const of_the_old[] = {"Peer", "Broadcast"};

  unit_text_set(slot->part->text, slot->entry, text);
  for (gsize i = 0; slot->section && i < G_N_ELEMENTS(of_the_old); i++)
    unit_text_remove_key(slot->part->text, slot->entry->section, of_the_old[i]);
}

/* A DHCP server without one of its own takes the first static address. A pool is none. */
static void remove_server_addresses(NetworkdEdit *edit, int family) {
  g_autoptr(GArray) slots = networkd_edit_slots(edit, "ServerAddress", "DHCPServer", is_static_address, family);

  array_each (const NetworkdSlot *, slot, slots)
    unit_text_remove_key(slot->part->text, slot->entry->section, "ServerAddress");
}

static void write_addresses(NetworkdEdit *edit, const Outcome *outcome) {
  g_autoptr(GArray) slots = networkd_edit_slots(edit, "Address", "Address", is_address, outcome->family);
  const NetworkdSlot *first = first_slot(slots);
  UnitEntry *after = first != NULL ? first->entry : NULL;
  g_auto(GStrv) addresses = address_texts(outcome->addresses);

  remove_slots(slots, first);
  remove_server_addresses(edit, outcome->family);
  for (char **text = addresses; *text != NULL; text++)
    if (text == addresses && first != NULL)
      set_first(first, *text);
    else if (first != NULL && !first->section)
      after = unit_text_insert(first->part->text, after->section, after, "Address", *text);
    else
      networkd_edit_insert(edit, "Address", *text);
}

/* Outside of all prefixes a gateway has to be said to be on the link all the same, which only a [Route] can. */
static void add_gateway(NetworkdEdit *edit, const Outcome *outcome) {
  NetworkdPart *part;

  if (outcome_is_reachable(outcome, outcome->gateway)) {
    networkd_edit_insert(edit, "Gateway", outcome->gateway);
    return;
  }
  UnitSection *section = networkd_edit_section(edit, "Route", &part);
  (void)unit_text_insert(part->text, section, NULL, "Gateway", outcome->gateway);
  (void)unit_text_insert(part->text, section, NULL, "GatewayOnLink", "yes");
}

static void write_gateway(NetworkdEdit *edit, const Outcome *outcome) {
  g_autoptr(GArray) slots = networkd_edit_slots(edit, "Gateway", "Route", is_gateway, outcome->family);
  const NetworkdSlot *first = outcome->gateway != NULL ? first_slot(slots) : NULL;

  /* A plain Gateway= cannot say that it is on the link. */
  if (first != NULL && !first->section && !outcome_is_reachable(outcome, outcome->gateway))
    first = NULL;
  remove_slots(slots, first);
  if (first != NULL) {
    const char *on_link = unit_section_value(first->entry->section, "GatewayOnLink");

    unit_text_set(first->part->text, first->entry, outcome->gateway);
    if (!outcome_is_reachable(outcome, outcome->gateway) && !networkd_boolean(on_link, FALSE)) {
      unit_text_remove_key(first->part->text, first->entry->section, "GatewayOnLink");
      (void)unit_text_insert(first->part->text, first->entry->section, first->entry, "GatewayOnLink", "yes");
    }
  } else if (outcome->gateway != NULL) {
    add_gateway(edit, outcome);
  }
}

/* Lists. ------------------------------------------------------------------------------------------------------------*/

typedef gboolean (*IsWord)(const char *word, int family);

static gboolean is_server(const char *word, int family) {
  return networkd_family(word) == family;
}

/* "~lab.example" routes questions and is no search domain. */
static gboolean is_search_domain(const char *word, int family) {
  return *word != '~';
}

static gboolean any(const UnitEntry *entry, int family) {
  return *entry->value != '\0';
}

/* The words of ENTRY without those that go; NEW ones, where not NULL, in the place of the first of them. NULL: none of
 * them goes. */
static char *replace_words(const UnitEntry *entry, IsWord goes, int family, char **new) {
  g_auto(GStrv) words = g_strsplit_set(entry->value, " \t\r\n", -1);
  g_autoptr(GString) text = g_string_new(NULL);
  gboolean found = FALSE;

  for (char **word = words; *word != NULL; word++) {
    if (**word == '\0')
      continue;
    if (!goes(*word, family)) {
      g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", *word);
      continue;
    }
    for (char **item = found ? NULL : new; item != NULL &&*item != NULL; item++)
      g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", *item);
    found = TRUE;
  }
  return found ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

static char *list_of(const NetworkdEdit *edit, const char *key) {
  g_auto(GStrv) words = networkd_file_words(edit->draft, "Network", key);

  return g_strjoinv(" ", words);
}

/* Whether it changes anything. */
static gboolean set_list(NetworkdEdit *edit, const char *key, IsWord goes, int family, char **new) {
  g_autofree char *before = list_of(edit, key);
  g_autoptr(GArray) slots = networkd_edit_slots(edit, key, NULL, any, family);
  char **left = new;

  array_each (const NetworkdSlot *, slot, slots) {
    g_autofree char *text = replace_words(slot->entry, goes, family, slot->counts ? left : NULL);

    if (text == NULL)
      continue;
    if (slot->counts)
      left = NULL;
    if (*text == '\0')
      unit_text_remove(slot->part->text, slot->entry);
    else if (strcmp(text, slot->entry->value) != 0)
      unit_text_set(slot->part->text, slot->entry, text);
  }
  for (char **item = left; item != NULL && *item != NULL; item++)
    networkd_edit_insert(edit, key, *item);
  g_autofree char *after = list_of(edit, key);
  return strcmp(before, after) != 0;
}

static void set_dns(NetworkdEdit *edit, const Outcome *outcome, char **servers) {
  if (set_list(edit, "DNS", is_server, outcome->family, servers))
    list_say(edit->reasons, servers != NULL ? "%s DNS by the policy" : "the template's %s DNS servers removed",
             address_family_name(outcome->family));
}

static void set_search(NetworkdEdit *edit, const Outcome *outcome) {
  if (outcome->search != NULL && set_list(edit, "Domains", is_search_domain, 0, outcome->search))
    list_say(edit->reasons, "DNS search domains by the policy");
}

/* DHCP and routers. -------------------------------------------------------------------------------------------------*/

static void set_dhcp(NetworkdEdit *edit, int family, gboolean on) {
  static const char *const words[2][2] = {{"no", "ipv6"}, {"ipv4", "yes"}};
  const gboolean other = networkd_file_dhcp(edit->draft, other_family(family));
  const gboolean v4 = family == AF_INET ? on : other;
  const gboolean v6 = family == AF_INET6 ? on : other;

  if (networkd_file_dhcp(edit->draft, family) != on)
    (void)networkd_edit_set(edit, "DHCP", words[v4][v6]);
}

static void set_link_local(NetworkdEdit *edit, gboolean on) {
  const char *value = networkd_file_value(edit->draft, "Network", "LinkLocalAddressing");
  const gboolean v4 = value != NULL && (strcmp(value, "ipv4") == 0 || networkd_boolean(value, FALSE));
  const gboolean v6 = value == NULL || strcmp(value, "ipv6") == 0 || networkd_boolean(value, FALSE);

  if (v6 != on)
    (void)networkd_edit_set(edit, "LinkLocalAddressing", v4 ? (on ? "yes" : "ipv4") : (on ? "ipv6" : "no"));
}

/* The DHCPv6 client waits for a router to say so. */
static void take_routers(NetworkdEdit *edit) {
  const char *value = networkd_file_value(edit->draft, "Network", "IPv6AcceptRA");

  set_link_local(edit, TRUE);
  if (!networkd_boolean(value, TRUE))
    (void)networkd_edit_set(edit, "IPv6AcceptRA", "yes");
}

static gboolean is_token(const UnitEntry *entry) {
  return strcmp(entry->value, "eui64") != 0 && !g_str_has_prefix(entry->value, "prefixstable") &&
         strchr(entry->value, ':') != NULL;
}

static void drop_token(NetworkdEdit *edit, const NetworkdPart *part, UnitEntry *entry, gboolean keeps) {
  if (keeps) {
    plan_warn(edit->plan, "%s:%u: keeps the template's token %s; every clone has the same address with it.", part->path,
              entry->line, entry->value);
    return;
  }
  list_say(edit->reasons, "the template's token %s removed", entry->value);
  unit_text_remove(part->text, entry);
}

/* From behind: what is removed moves the rest. */
static void drop_tokens_of(NetworkdEdit *edit, const NetworkdPart *part, const char *key, const UnitSection *section,
                           gboolean keeps) {
  for (guint i = section->entries->len; i > 0; i--) {
    UnitEntry *entry = g_ptr_array_index(section->entries, i - 1);
    if (strcmp(entry->key, key) == 0 && is_token(entry))
      drop_token(edit, part, entry, keeps);
  }
}

/* A tokenised interface identifier is a static address in all but name; a section may have several, and each makes
 * one. KEEPS: the policy keeps those. */
static void drop_tokens(NetworkdEdit *edit, const char *name, const char *key, gboolean keeps) {
  list_each (const NetworkdPart *, part, edit->draft->parts) {
    const GPtrArray *sections = part->editable && part->text != NULL ? unit_text_sections(part->text) : NULL;

    for (guint j = sections != NULL ? sections->len : 0; j > 0; j--) {
      const UnitSection *section = g_ptr_array_index(sections, j - 1);
      if (strcmp(section->name, name) == 0)
        drop_tokens_of(edit, part, key, section, keeps);
    }
  }
}

/* The outcomes. -----------------------------------------------------------------------------------------------------*/

static void remove_addresses(NetworkdEdit *edit, int family) {
  g_autoptr(GArray) addresses = networkd_edit_slots(edit, "Address", "Address", is_static_address, family);
  g_autoptr(GArray) gateways = networkd_edit_slots(edit, "Gateway", "Route", is_gateway, family);

  remove_slots(addresses, NULL);
  remove_slots(gateways, NULL);
  remove_server_addresses(edit, family);
}

typedef struct {
  const Outcome *outcome;
  Plan *plan;
} Checking;

/* Of a [Route] that stays. */
static void check_route(NetworkdPart *part, UnitEntry *entry, gpointer data) {
  const Checking *checking = data;

  if (strcmp(entry->section->name, "Route") == 0 && strcmp(entry->key, "Gateway") == 0 &&
      networkd_family(entry->value) == checking->outcome->family)
    route_check(checking->plan, part->path, entry->line, entry->value, FALSE,
                networkd_boolean(unit_section_value(entry->section, "GatewayOnLink"), FALSE), checking->outcome);
}

static void say_outcome(NetworkdEdit *edit, const Outcome *outcome) {
  g_autofree char *reason = outcome_reason(edit->context, outcome);

  if (reason != NULL)
    list_say(edit->reasons, "%s", reason);
}

static void set_static(NetworkdEdit *edit, const Outcome *outcome) {
  g_autofree char *old = networkd_file_gateway(edit->draft, outcome->family);
  Checking checking = {outcome, edit->plan};

  write_addresses(edit, outcome);
  write_gateway(edit, outcome);
  set_dhcp(edit, outcome->family, FALSE);
  if (outcome->dns != NULL)
    set_dns(edit, outcome, outcome->dns);
  set_search(edit, outcome);
  say_outcome(edit, outcome);
  if (old != NULL && outcome->gateway == NULL)
    list_say(edit->reasons, "the template's gateway %s removed", old);
  networkd_file_foreach(edit->draft, check_route, &checking);
}

static void set_auto(NetworkdEdit *edit, const Outcome *outcome) {
  if (outcome->had_static) {
    set_dhcp(edit, outcome->family, TRUE);
    if (outcome->family == AF_INET6)
      take_routers(edit);
    remove_addresses(edit, outcome->family);
    say_outcome(edit, outcome);
  }
  if ((outcome->had_static && profile_takes_dns(edit->profile, outcome->family)) || outcome->dns != NULL)
    set_dns(edit, outcome, outcome->dns);
}

static void set_disabled(NetworkdEdit *edit, const Outcome *outcome) {
  remove_addresses(edit, outcome->family);
  set_dns(edit, outcome, NULL);
  say_outcome(edit, outcome);
  if (outcome->no_auto)
    return;
  set_dhcp(edit, outcome->family, FALSE);
  if (outcome->family == AF_INET6) {
    set_link_local(edit, FALSE);
    if (networkd_boolean(networkd_file_value(edit->draft, "Network", "IPv6AcceptRA"), TRUE))
      (void)networkd_edit_set(edit, "IPv6AcceptRA", "no");
  }
}

static void set_family(NetworkdEdit *edit, const Outcome *outcome) {
  switch (outcome->kind) {
  case OUTCOME_STATIC:
    set_static(edit, outcome);
    break;
  case OUTCOME_AUTO:
    set_auto(edit, outcome);
    break;
  case OUTCOME_DISABLED:
    set_disabled(edit, outcome);
    break;
  case OUTCOME_LEAVE:
    break;
  }
}

void networkd_addresses_apply(NetworkdEdit *edit) {
  /* In a prefix that a router announces, and in one that this machine does. */
  static const char *const token_keys[][2] = {
      {"Network", "IPv6Token"}, {"IPv6AcceptRA", "Token"}, {"IPv6Prefix", "Token"}};

  family_each (family) {
    g_auto(Outcome) outcome = {0};

    outcome_of(edit->context, edit->profile, family, edit->plan, &outcome);
    for (gsize i = 0; family == AF_INET6 && i < G_N_ELEMENTS(token_keys); i++)
      drop_tokens(edit, token_keys[i][0], token_keys[i][1], outcome.keeps_token);
    set_family(edit, &outcome);
  }
}
