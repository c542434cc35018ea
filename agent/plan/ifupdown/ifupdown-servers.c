/* ifupdown-servers.c - gateway and DNS in the stanzas of one interface */
#include "ifupdown-servers.h"

#include <string.h>

#include "base/each.h"

gboolean ifupdown_set_gateways(const GPtrArray *stanzas, int family, const char *gateway) {
  gboolean set = FALSE;

  list_each (const InterfacesStanza *, stanza, stanzas) {
    StanzaLine *line = interfaces_option_of(stanza, "gateway", family, NULL);

    if (line != NULL && gateway != NULL && !set) {
      (void)stanza_line_set_word(line, 1, gateway);
      line = interfaces_option_of(stanza, "gateway", family, line);
      set = TRUE;
    }
    for (StanzaLine *next; line != NULL; line = next) {
      next = interfaces_option_of(stanza, "gateway", family, line);
      stanza_text_remove(stanza->file->text, line);
    }
  }
  return set;
}

/* The servers of the line that are of the other family. */
static char *other_servers(const StanzaLine *line, int family) {
  GString *others = g_string_new(NULL);

  for (guint i = 1; i < line->n_words; i++)
    if (interfaces_family_of(line->words[i]) != family)
      g_string_append_printf(others, "%s%s", others->len > 0 ? " " : "", line->words[i]);
  return g_string_free(others, FALSE);
}

/* SERVERS (NULL: none) in the place of the line's of the family; a line that is left empty goes. Returns whether it is
 * there still. */
static gboolean set_servers(const InterfacesStanza *stanza, StanzaLine *line, int family, const char *servers) {
  g_autofree char *others = other_servers(line, family);
  g_autofree char *all =
      g_strconcat(servers != NULL ? servers : "", servers != NULL && *others != '\0' ? " " : "", others, NULL);

  if (*all != '\0')
    (void)stanza_line_set_value(line, all);
  else
    stanza_text_remove(stanza->file->text, line);
  return *all != '\0';
}

gboolean ifupdown_set_servers(const InterfacesStanza *stanza, int family, const char *servers) {
  static const char *const keywords[] = {"dns-nameservers", "dns-nameserver", NULL};
  gboolean set = FALSE;

  for (const char *const *keyword = keywords; *keyword != NULL; keyword++)
    for (StanzaLine *line = interfaces_option(stanza, *keyword, NULL), *next; line != NULL; line = next) {
      next = interfaces_option(stanza, *keyword, line);
      set = set_servers(stanza, line, family, set ? NULL : servers) || set;
    }
  return set;
}

static gboolean set_search_of_stanza(const InterfacesStanza *stanza, const char *search) {
  StanzaLine *line = interfaces_option(stanza, "dns-search", NULL);

  if (line == NULL)
    return FALSE;
  (void)stanza_line_set_value(line, search);
  for (StanzaLine *more; (more = interfaces_option(stanza, "dns-search", line)) != NULL;)
    stanza_text_remove(stanza->file->text, more);
  return TRUE;
}

const StanzaLine *ifupdown_last_of(const StanzaText *text, const StanzaLine *head) {
  static const char *const keywords[] = {"address", "netmask", "network", "broadcast", "gateway", NULL};
  const StanzaLine *last = head;

  list_each (const StanzaLine *, line, text->lines) {
    for (const char *const *keyword = keywords; line->head == head && *keyword != NULL; keyword++)
      if (line->kind == STANZA_OPTION && stanza_line_is(line, *keyword))
        last = line;
  }
  return last;
}

void ifupdown_set_dns(const GPtrArray *stanzas, const Outcome *outcome, StanzaText *text, const StanzaLine *head) {
  g_autofree char *servers = outcome->dns != NULL ? g_strjoinv(" ", outcome->dns) : NULL;
  g_autofree char *search = outcome->search != NULL ? g_strjoinv(" ", outcome->search) : NULL;
  gboolean has_servers = FALSE, has_search = FALSE;

  list_each (const InterfacesStanza *, stanza, stanzas) {
    if (stanza->family != outcome->family && stanza->family != AF_UNSPEC)
      continue;
    if (servers != NULL)
      has_servers = ifupdown_set_servers(stanza, outcome->family, has_servers ? NULL : servers) || has_servers;
    if (search != NULL)
      has_search |= set_search_of_stanza(stanza, search);
  }
  if (servers != NULL && !has_servers)
    (void)stanza_text_insert(text, ifupdown_last_of(text, head), "dns-nameservers", servers);
  if (search != NULL && !has_search)
    (void)stanza_text_insert(text, ifupdown_last_of(text, head), "dns-search", search);
}
