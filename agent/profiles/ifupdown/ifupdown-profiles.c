/* ifupdown-profiles.c - /etc/network/interfaces and what it sources as profiles: one for each interface, its aliases
 * (eth0:1) with it */
#include "ifupdown-profiles.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "interfaces-fault.h"
#include "profiles/child-names.h"
#include "profiles/mac-notation.h"
#include "profiles/static-address.h"

static const char *const slave_options[] = {"bridge-ports", "bond-slaves", "bond-members", "ovs-bonds", NULL};

/* bridge_ports: names, patterns, `all`, `none`, `regex EXPRESSION`; ifupdown2's `glob`. */
static gboolean lists_port(const StanzaLine *line, const char *name) {
  for (guint i = 1; i < line->n_words; i++)
    if (strcmp(line->words[i], "regex") == 0 && i + 1 < line->n_words) {
      g_autofree char *whole = g_strdup_printf("^(?:%s)$", line->words[++i]);
      if (g_regex_match_simple(whole, name, 0, 0))
        return TRUE;
    } else if (fnmatch(line->words[i], name, 0) == 0 || strcmp(line->words[i], "all") == 0) {
      return TRUE;
    }
  return FALSE;
}

static gboolean has_option(const InterfacesStanza *stanza, const char *keyword) {
  return interfaces_option(stanza, keyword, NULL) != NULL;
}

static const char *word_of(const InterfacesStanza *stanza, const char *keyword) {
  const StanzaLine *line = interfaces_option(stanza, keyword, NULL);

  return line != NULL && line->n_words > 1 ? line->words[1] : NULL;
}

/* Of Open vSwitch: what has addresses (a bridge has those of its own port), beside bonds and what is but a port. */
static const char *switch_type(const InterfacesStanza *stanza) {
  static const char *const types[][2] = {
      {"OVSBridge", "ovs-interface"}, {"OVSIntPort", "ovs-interface"}, {"OVSBond", "bond"}};
  const char *type = word_of(stanza, "ovs-type");

  for (gsize i = 0; type != NULL && i < G_N_ELEMENTS(types); i++)
    if (strcmp(type, types[i][0]) == 0)
      return types[i][1];
  return NULL;
}

/* By its own words. */
static const char *own_controller(const InterfacesStanza *stanza) {
  const char *master = word_of(stanza, "bond-master");

  return master != NULL || g_strcmp0(switch_type(stanza), "ovs-interface") == 0 ? master
                                                                                : word_of(stanza, "ovs-bridge");
}

/* What DEVICE is a port of, by its own bond-master or ovs_bridge or by what another one lists; NULL: nothing. */
static const char *controller_of(const Interfaces *interfaces, const char *device) {
  list_each (const InterfacesStanza *, stanza, interfaces->stanzas) {
    const gboolean own = strcmp(stanza->device, device) == 0;
    const char *master = own ? own_controller(stanza) : NULL;

    if (master != NULL)
      return master;
    for (const char *const *option = slave_options; !own && *option != NULL; option++) {
      const StanzaLine *line = interfaces_option(stanza, *option, NULL);
      if (line != NULL && lists_port(line, device))
        return stanza->device;
    }
  }
  return NULL;
}

static gboolean any_option(const InterfacesStanza *stanza, const char *prefix) {
  const GPtrArray *lines = stanza->file->text->lines;

  list_each (const StanzaLine *, line, lines)
    if (line->kind == STANZA_OPTION && line->head == stanza->head && g_str_has_prefix(line->words[0], prefix))
      return TRUE;
  return FALSE;
}

/* By what its stanzas say; NULL: nothing in this one. */
static const char *type_by_options(const InterfacesStanza *stanza) {
  static const struct {
    const char *method, *type;
  } methods[] = {{"loopback", "loopback"}, {"ppp", "pppoe"},          {"wvdial", "gsm"},
                 {"tunnel", "ip-tunnel"},  {"v4tunnel", "ip-tunnel"}, {"6to4", "ip-tunnel"}};

  for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
    if (g_strcmp0(stanza->method, methods[i].method) == 0)
      return methods[i].type;
  if (switch_type(stanza) != NULL)
    return switch_type(stanza);
  if (has_option(stanza, "vlan-raw-device"))
    return "vlan";
  if (any_option(stanza, "bridge"))
    return "bridge";
  if (any_option(stanza, "bond") && !has_option(stanza, "bond-master"))
    return "bond";
  return any_option(stanza, "wpa-") || any_option(stanza, "wireless") ? "802-11-wireless" : NULL;
}

/* "eth0.100", "vlan100": ifupdown makes a VLAN of it. */
static gboolean is_vlan_name(const char *name) {
  const char *dot = strrchr(name, '.');
  const char *number = dot != NULL ? dot + 1 : name + strlen("vlan");

  return (dot != NULL || g_str_has_prefix(name, "vlan")) && *number != '\0' &&
         number[strspn(number, G_CSET_DIGITS)] == '\0';
}

static const char *type_by_name(const char *name) {
  if (strcmp(name, "lo") == 0)
    return "loopback";
  if (is_vlan_name(name))
    return "vlan";
  return static_address_interface_is_virtual(name) ? "dummy" : "802-3-ethernet";
}

static void take_parent(const InterfacesStanza *stanza, PlainProfile *plain) {
  const StanzaLine *raw = interfaces_option(stanza, "vlan-raw-device", NULL);

  if (raw != NULL && raw->n_words > 1) {
    g_free(plain->parent);
    plain->parent = g_strdup(raw->words[1]);
  } else if (plain->parent == NULL) {
    plain->parent = child_parent(stanza->device);
  }
}

static gboolean is_method(const InterfacesStanza *stanza, const char *const *methods) {
  return stanza->method != NULL && g_strv_contains(methods, stanza->method);
}

/* `use dhcp` of ifupdown-ng, without a family, is for IPv4. */
static gboolean is_automatic(const InterfacesStanza *stanza, int family) {
  static const char *const v4[] = {"dhcp", "bootp", NULL};
  static const char *const v6[] = {"auto", "dhcp", NULL};
  const StanzaLine *use = interfaces_option(stanza, "use", NULL);

  if (stanza->family == family)
    return is_method(stanza, family == AF_INET ? v4 : v6);
  return stanza->family == AF_UNSPEC && family == AF_INET && use != NULL && g_strcmp0(use->words[1], "dhcp") == 0;
}

/* `netmask 24` or `netmask 255.255.255.0`; -1: none that is clear. */
static int prefix_of(const InterfacesStanza *stanza) {
  const StanzaLine *line = interfaces_option(stanza, "netmask", NULL);
  const char *text = line != NULL && line->n_words > 1 ? line->words[1] : "";
  struct in_addr mask;
  guint64 number = 0;

  if (strchr(text, '.') != NULL && inet_pton(AF_INET, text, &mask) == 1)
    return __builtin_popcount(mask.s_addr);
  return g_ascii_string_to_unsigned(text, 10, 0, 128, &number, NULL) ? (int)number : -1;
}

/* With the prefix that `netmask` says. */
static char *whole_address(const InterfacesStanza *stanza, const char *text) {
  const int prefix = strchr(text, '/') == NULL ? prefix_of(stanza) : -1;

  return prefix >= 0 ? g_strdup_printf("%s/%d", text, prefix) : g_strdup(text);
}

static void take_family(const InterfacesStanza *stanza, int family, PlainFamily *plain) {
  for (StanzaLine *line = interfaces_option_of(stanza, "address", family, NULL); line != NULL;
       line = interfaces_option_of(stanza, "address", family, line))
    g_ptr_array_add(plain->addresses, whole_address(stanza, line->words[1]));
  for (StanzaLine *line = interfaces_option(stanza, "gateway", NULL); line != NULL && plain->gateway == NULL;
       line = interfaces_option(stanza, "gateway", line))
    if (interfaces_family_of(line->words[1]) == family)
      plain->gateway = g_strdup(line->words[1]);
  plain->automatic |= !stanza->inherited && is_automatic(stanza, family);
}

/* Which NIC it is for, where its name is not the NIC's. */
static void take_selection(const Interfaces *interfaces, Profile *profile) {
  const InterfacesSelection *selection = interfaces_selection(interfaces, profile->id);

  if (selection == NULL)
    profile->interface_name = g_strdup(profile->id);
  else if (selection->variable == NULL)
    profile->interface_name = g_strdup(selection->value);
  else if (strcmp(selection->variable, "mac") == 0)
    profile->mac_address = mac_notation_canonical(selection->value);
  else if (*selection->variable == '\0')
    profile->plain->name_globs = g_strsplit(selection->value, "\n", 1);
  else
    profile->why_not =
        g_strdup_printf("which NIC is %s is found by %s/%s", profile->id, selection->variable, selection->value);
}

static void judge(const Interfaces *interfaces, Profile *profile, guint heirs) {
  if (profile->why_not != NULL)
    return;
  if (strpbrk(profile->id, "[]*?") != NULL)
    profile->why_not = g_strdup_printf("%s stands for several interfaces", profile->id);
  else if (heirs > 1)
    profile->why_not = g_strdup_printf("several interfaces inherit from %s", profile->id);
  else if (interfaces_is_mapped(interfaces, profile->id))
    profile->why_not = g_strdup_printf("a mapping script says which NIC is %s", profile->id);
}

/* All that the files say of the profile's interface. */
static void take_stanzas(const Interfaces *interfaces, Profile *profile) {
  PlainProfile *plain = profile->plain;
  g_autoptr(GPtrArray) more = g_ptr_array_new();
  const char *type = NULL;
  gboolean has_raw_device = FALSE;
  guint heirs = 0;

  list_each (const InterfacesStanza *, stanza, interfaces->stanzas) {
    if (strcmp(stanza->device, profile->id) != 0)
      continue;
    family_each (family)
      take_family(stanza, family, plain_family(plain, family));
    take_parent(stanza, plain);
    has_raw_device |= interfaces_option(stanza, "vlan-raw-device", NULL) != NULL;
    type = type != NULL ? type : type_by_options(stanza);
    profile->has_no_ports |= interfaces_is_bridge_of_nothing(stanza);
    heirs = MAX(heirs, stanza->inherited ? 0 : stanza->heirs);
    if (strcmp(stanza->file->path, profile->path) != 0 &&
        !g_ptr_array_find_with_equal_func(more, stanza->file->path, g_str_equal, NULL))
      g_ptr_array_add(more, g_strdup(stanza->file->path));
  }
  profile->type = g_strdup(type != NULL ? type : type_by_name(profile->id));
  if (!has_raw_device && strcmp(profile->type, "vlan") == 0)
    profile->named_after = child_parent(profile->interface_name);
  if (more->len > 0)
    plain->more_paths = list_strv(g_steal_pointer(&more));
  judge(interfaces, profile, heirs);
}

static void fill(const Interfaces *interfaces, const char *fault, Profile *profile) {
  static const char *const others[] = {"loopback", "pppoe", "gsm", NULL};
  PlainProfile *plain = profile->plain;

  if (fault != NULL)
    profile->why_not = g_strdup_printf("ifupdown refuses the file: %s", fault);
  take_selection(interfaces, profile);
  take_stanzas(interfaces, profile);
  profile->controller = g_strdup(controller_of(interfaces, profile->id));
  plain->is_port = plain->port_has_ip = profile->controller != NULL;
  plain->carries_ip = !plain->is_port && !g_strv_contains(others, profile->type);
  plain->starts = interfaces_starts(interfaces, profile->id);
  family_each (af) {
    PlainFamily *family = plain_family(plain, af);
    family->off = family->addresses->len == 0 && !family->automatic;
  }
}

static gboolean is_known(const Profiles *profiles, const ProfileFormat *format, const char *device) {
  list_each (const Profile *, profile, profiles->items)
    if (profile->format == format && strcmp(profile->id, device) == 0)
      return TRUE;
  return FALSE;
}

gboolean ifupdown_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error) {
  g_autoptr(Interfaces) interfaces = interfaces_read(root, error);
  g_autofree char *fault = interfaces != NULL ? interfaces_fault(root, interfaces) : NULL;

  if (interfaces == NULL)
    return FALSE;
  list_each (const InterfacesStanza *, stanza, interfaces->stanzas) {
    if (stanza->inherited || stanza->is_virtual || stanza->family == -1 || is_known(profiles, format, stanza->device))
      continue;
    Profile *profile = profiles_add(profiles, format, stanza->file->path, stanza->file->bytes);
    profile->id = g_strdup(stanza->device);
    profile_make_plain(profile)->line = stanza->head->number;
    fill(interfaces, fault, profile);
  }
  return TRUE;
}

gboolean ifupdown_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error) {
  g_autoptr(Interfaces) interfaces = interfaces_read(root, error);
  g_autofree char *fault = interfaces != NULL ? interfaces_fault(root, interfaces) : NULL;
  g_autofree char *path = interfaces != NULL ? interfaces_new_path(root, interfaces, nic->name, error) : NULL;

  if (path == NULL)
    return FALSE;
  if (fault != NULL)
    return ri_error(error, RI_ERROR_FAILED,
                    "%s: ifupdown refuses that and brings nothing up, so that %s would not come up either; nothing is "
                    "changed: fix it",
                    fault, nic->name);
  g_autoptr(GBytes) bytes = bytes_take(g_strdup_printf("auto %s\niface %s inet dhcp\n", nic->name, nic->name));
  interfaces_add(interfaces, path, bytes);
  Profile *profile = profiles_add(made, format, path, bytes);
  profile->id = g_strdup(nic->name);
  profile_make_plain(profile)->line = 1;
  fill(interfaces, NULL, profile);
  return TRUE;
}
