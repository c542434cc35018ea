/* ifcfg-keys.c - what the keys of an ifcfg file mean */
#include "ifcfg-keys.h"

#include <arpa/inet.h>
#include <string.h>

#include "profiles/profile.h"

/* rpm's name for a file that it is about to put in place: NAME;5f3a9c01. */
static gboolean is_of_rpm(const char *name) {
  const char *end = strrchr(name, ';');

  return end != NULL && strspn(end + 1, "0123456789abcdefABCDEF") == 8 && strlen(end + 1) == 8;
}

gboolean ifcfg_is_read_name(const char *name) {
  static const char *const endings[] = {"~", ".bak", ".orig", ".rej", ".rpmnew", ".augnew", ".augtmp"};

  if (!g_str_has_prefix(name, "ifcfg-") || strcmp(name, "ifcfg-") == 0 || strcmp(name, "ifcfg-lo") == 0)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
    if (strlen(name) >= strlen(endings[i]) &&
        g_ascii_strcasecmp(name + strlen(name) - strlen(endings[i]), endings[i]) == 0)
      return FALSE;
  return !is_of_rpm(name);
}

char *ifcfg_value(const ShellText *text, const char *key) {
  g_autofree char *value = shell_text_get(text, key);

  return value != NULL && value[0] != '\0' ? g_steal_pointer(&value) : NULL;
}

static gboolean is_one_of(const char *const *words, const char *value) {
  for (; *words != NULL; words++)
    if (g_ascii_strcasecmp(*words, value) == 0)
      return TRUE;
  return FALSE;
}

gboolean ifcfg_is_true(const ShellText *text, const char *key, gboolean fallback) {
  static const char *const yes[] = {"yes", "true", "t", "y", "1", NULL};
  static const char *const no[] = {"no", "false", "f", "n", "0", NULL};
  g_autofree char *value = ifcfg_value(text, key);

  if (value != NULL && is_one_of(yes, value))
    return TRUE;
  return (value == NULL || !is_one_of(no, value)) && fallback;
}

gboolean ifcfg_is(const ShellText *text, const char *key, const char *word) {
  g_autofree char *value = ifcfg_value(text, key);

  return value != NULL && g_ascii_strcasecmp(value, word) == 0;
}

typedef struct {
  const char *name;
  GArray *numbers;
} Numbering;

static void collect_number(const char *key, const char *value, guint line, gpointer data) {
  const Numbering *numbering = data;
  const gint64 number = profile_key_number(key, numbering->name);

  if (number > -2)
    g_array_append_val(numbering->numbers, number);
}

static int compare_numbers(gconstpointer a, gconstpointer b) {
  const gint64 left = *(const gint64 *)a;
  const gint64 right = *(const gint64 *)b;

  return left < right ? -1 : left > right;
}

GArray *ifcfg_numbered(const ShellText *text, const char *name) {
  Numbering numbering = {.name = name, .numbers = g_array_new(FALSE, FALSE, sizeof(gint64))};

  shell_text_foreach(text, collect_number, &numbering);
  g_array_sort(numbering.numbers, compare_numbers);
  return numbering.numbers;
}

char *ifcfg_key(const char *name, gint64 number) {
  return number < 0 ? g_strdup(name) : g_strdup_printf("%s%" G_GINT64_FORMAT, name, number);
}

/* The network scripts know more kinds than the plugin; what is not here is an ifup-TYPE script's business. */
static const struct {
  const char *type, *canonical;
} types[] = {
    {"Ethernet", "802-3-ethernet"},
    {"CTC", "802-3-ethernet"},
    {"Wireless", "802-11-wireless"},
    {"InfiniBand", "infiniband"},
    {"Bond", "bond"},
    {"Team", "team"},
    {"TeamPort", "802-3-ethernet"},
    {"Vlan", "vlan"},
    {"Bridge", "bridge"},
    {"dummy", "dummy"},
    {"macvlan", "macvlan"},
    {"IPIP", "ip-tunnel"},
    {"GRE", "ip-tunnel"},
    {"sit", "ip-tunnel"},
    {"OVSBridge", "ovs-interface"},
    {"OVSIntPort", "ovs-interface"},
    {"OVSPort", "ovs-port"},
    {"xDSL", "pppoe"},
    {"Modem", "gsm"},
};

static const char *canonical_type(const char *type) {
  for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
    if (g_ascii_strcasecmp(type, types[i].type) == 0)
      return types[i].canonical;
  return "generic";
}

static gboolean has(const ShellText *text, const char *key) {
  g_autofree char *value = ifcfg_value(text, key);

  return value != NULL;
}

/* Without TYPE: what other keys give away. */
static const char *guessed_type(const ShellText *text) {
  if (ifcfg_is_true(text, "BONDING_MASTER", FALSE) || has(text, "BONDING_OPTS"))
    return "bond";
  if (ifcfg_is_true(text, "VLAN", FALSE))
    return "vlan";
  if (has(text, "ESSID"))
    return "802-11-wireless";
  if (has(text, "IPV6TUNNELIPV4") || has(text, "MY_OUTER_IPADDR"))
    return "ip-tunnel";
  return "802-3-ethernet";
}

/* Ethernet by its TYPE, or by none, and nobody is on the other end. */
static gboolean is_dummy(const ShellText *text) {
  g_autofree char *device = ifcfg_value(text, "DEVICE");

  return device != NULL && g_str_has_prefix(device, "dummy");
}

const char *ifcfg_type(const ShellText *text) {
  g_autofree char *type = ifcfg_value(text, "TYPE");

  if (ifcfg_is(text, "DEVICETYPE", "Team") || (has(text, "TEAM_CONFIG") && !ifcfg_is(text, "DEVICETYPE", "TeamPort")))
    return "team";
  const char *canonical = type != NULL ? canonical_type(type) : guessed_type(text);
  if (strcmp(canonical, "802-3-ethernet") == 0 && is_dummy(text))
    return "dummy";
  if (type == NULL)
    return canonical;
  /* What the scripts take for a bond the plugin does too. */
  if (strcmp(canonical, "802-3-ethernet") == 0 &&
      (has(text, "BONDING_OPTS") || ifcfg_is_true(text, "BONDING_MASTER", FALSE)))
    return "bond";
  if (strcmp(canonical, "802-3-ethernet") == 0 && ifcfg_is_true(text, "VLAN", FALSE))
    return "vlan";
  return canonical;
}

int ifcfg_prefix(const char *netmask) {
  struct in_addr address;

  if (inet_pton(AF_INET, netmask, &address) != 1)
    return -1;
  guint32 mask = ntohl(address.s_addr);
  int prefix = __builtin_popcount(mask);
  return mask == (prefix == 0 ? 0 : ~(guint32)0 << (32 - prefix)) ? prefix : -1;
}
