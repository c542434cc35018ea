/* interfaces-fault.c - what ifupdown refuses in its files */
#include "interfaces-fault.h"

#include <netinet/in.h>
#include <string.h>

static const char *const v4_methods[] = {"loopback", "static", "manual", "dhcp",   "bootp",
                                         "tunnel",   "ppp",    "wvdial", "ipv4ll", NULL};
static const char *const v6_methods[] = {"auto", "loopback", "static", "manual", "dhcp", "v4tunnel", "6to4", NULL};

/* A family or method that it does not know, unless it is to be inherited. */
static const char *fault_of_iface(const StanzaLine *line) {
  const char *family = line->n_words > 2 ? line->words[2] : NULL;
  const char *const *methods = g_strcmp0(family, "inet") == 0 ? v4_methods : v6_methods;

  if (line->n_words < 2)
    return "a definition without a name";
  for (guint i = 2; i < line->n_words; i++)
    if (strcmp(line->words[i], "inherits") == 0)
      return NULL;
  if (family == NULL)
    return "a definition without an address family";
  if (strcmp(family, "inet") != 0 && strcmp(family, "inet6") != 0)
    return NULL;
  if (line->n_words < 4 || !g_strv_contains(methods, line->words[3]))
    return "a definition without a method that ifupdown knows";
  return NULL;
}

static const char *fault_of_option(const StanzaLine *line) {
  const gboolean belongs =
      line->head != NULL && (stanza_line_is(line->head, "iface") || stanza_line_is(line->head, "mapping"));

  if (!belongs)
    return "an option that belongs to no definition";
  return line->n_words < 2 ? "an option without a value" : NULL;
}

static const char *fault_of(const StanzaLine *line) {
  static const char *const others[] = {"template", "interface", "defaults", NULL};

  if (line->kind == STANZA_OPTION)
    return fault_of_option(line);
  if (line->kind == STANZA_HEAD && stanza_line_is(line, "iface"))
    return fault_of_iface(line);
  return line->kind == STANZA_HEAD && g_strv_contains(others, line->words[0]) ? "only ifupdown-ng knows this" : NULL;
}

static gboolean is_lenient(const Root *root) {
  static const char *const programs[] = {"/sbin/ifparse", "/usr/sbin/ifparse", "/usr/share/ifupdown2", NULL};

  for (const char *const *program = programs; *program != NULL; program++)
    if (root_exists(root, *program))
      return TRUE;
  return FALSE;
}

char *interfaces_fault(const Root *root, const Interfaces *interfaces) {
  if (is_lenient(root))
    return NULL;
  for (guint i = 0; i < interfaces->files->len; i++) {
    const InterfacesFile *file = interfaces->files->pdata[i];
    for (guint j = 0; j < file->text->lines->len; j++) {
      const StanzaLine *line = file->text->lines->pdata[j];
      const char *fault = fault_of(line);
      if (fault != NULL)
        return g_strdup_printf("%s:%u: %s", file->path, line->number, fault);
    }
  }
  return NULL;
}
