/* address-command.c - commands that put an address on a NIC: ip(8), ifconfig(8) */
#include "address-command.h"

#include <string.h>

#include "static-address.h"

/* ip(8) takes its words cut short. */
static gboolean is_short_for(const char *word, const char *whole) {
  return *word != '\0' && g_str_has_prefix(whole, word);
}

static gboolean is_verb(const char *word, gboolean whole) {
  static const char *const verbs[] = {"add", "change", "chg", "replace"};

  for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
    if (whole ? strcmp(word, verbs[i]) == 0 : is_short_for(word, verbs[i]))
      return TRUE;
  return FALSE;
}

/* `ip address add`, `$IP addr replace`, `ip -6 a a`: does what is added stand behind AT? */
static gboolean is_ip(char *const *words, guint at) {
  if (at < 2 || !is_short_for(words[at - 1], "address"))
    return FALSE;
  return is_verb(words[at], TRUE) ||
         (is_verb(words[at], FALSE) && (g_str_has_suffix(words[at - 2], "ip") || *words[at - 2] == '-'));
}

/* `ip token set ::5 dev eth0`: the half of an address that every router advertisement makes a whole one of. */
static gboolean is_ip_token(char *const *words, guint at) {
  return at >= 2 && is_short_for(words[at - 1], "token") && is_short_for(words[at], "set") &&
         (g_str_has_suffix(words[at - 2], "ip") || *words[at - 2] == '-');
}

/* `ifconfig eth0 A`: AT is the NIC. */
static gboolean is_ifconfig(char *const *words, guint at) {
  return at > 0 && g_str_has_suffix(words[at - 1], "ifconfig");
}

/* The next command of the line. */
static gboolean ends(const char *word) {
  return strpbrk(word, ";|&") != NULL;
}

/* What says something else of the address, or of the NIC, with the word behind it. */
static gboolean has_value(const char *word) {
  static const char *const keys[] = {"dev",      "label",     "scope",         "brd",    "broadcast",   "peer",
                                     "remote",   "anycast",   "netmask",       "tunnel", "pointopoint", "dstaddr",
                                     "del",      "hw",        "metric",        "mtu",    "proto",       "prio",
                                     "priority", "valid_lft", "preferred_lft", NULL};

  return g_strv_contains(keys, word);
}

/* A variable is the NIC that the command is run for. */
static const char *name_in(const char *word) {
  return strchr(word, '$') == NULL ? word : NULL;
}

static const char *interface_of(char *const *words, guint at, guint n_words) {
  if (is_ifconfig(words, at))
    return name_in(words[at]);
  for (guint i = at; i + 1 < n_words && !ends(words[i]); i++)
    if (strcmp(words[i], "dev") == 0)
      return name_in(words[i + 1]);
  return NULL;
}

void address_command_take(GPtrArray *found, const char *path, unsigned line, const char *interface, char *const *words,
                          guint n_words, gboolean idle) {
  for (guint at = 1; at + 1 < n_words; at++) {
    if (!is_ip(words, at) && !is_ip_token(words, at) && !is_ifconfig(words, at))
      continue;
    const char *named = interface_of(words, at, n_words);
    g_autofree char *name = named != NULL ? g_strndup(named, strcspn(named, ":;\"'")) : g_strdup(interface);
    gboolean last = FALSE;
    for (guint i = at + 1; i < n_words && !last; i++) {
      last = ends(words[i]);
      if (has_value(words[i]))
        i++;
      else
        static_addresses_add(found, path, line, name, words[i], idle);
    }
  }
}
