/* interfaces-fault.c - what ifupdown refuses in its files */
#include "interfaces-fault.h"

#include <string.h>

#include "base/each.h"

/* What ifupdown 0.8.41 (Debian 12) and 0.8.44 (Debian 13) know. */
static const struct {
  const char *family;
  const char *methods[10];
} families[] = {
    {"inet", {"loopback", "static", "manual", "dhcp", "bootp", "tunnel", "ppp", "wvdial", "ipv4ll", NULL}},
    {"inet6", {"auto", "loopback", "static", "manual", "dhcp", "tunnel", "v4tunnel", "6to4", NULL}},
    {"ipx", {"static", "dynamic", NULL}},
    {"can", {"static", NULL}},
    {"meta", {"none", NULL}},
};

/* Of those FAMILY has; NULL: ifupdown knows no such family. */
static const char *const *methods_of(const char *family) {
  for (gsize i = 0; family != NULL && i < G_N_ELEMENTS(families); i++)
    if (strcmp(families[i].family, family) == 0)
      return families[i].methods;
  return NULL;
}

/* A definition NAME, of FAMILY where one is given, stands before the one that HEAD begins: as far as ifupdown has read.
 */
static gboolean is_known_before(const Interfaces *interfaces, const StanzaLine *head, const char *family,
                                const char *name) {
  list_each (const InterfacesStanza *, stanza, interfaces->stanzas) {
    if (stanza->head == head)
      return FALSE;
    if (strcmp(stanza->name, name) == 0 && (family == NULL || g_strcmp0(stanza->head->words[2], family) == 0))
      return TRUE;
  }
  return FALSE;
}

static const char *fault_of_parent(const Interfaces *interfaces, const StanzaLine *line, const char *family, guint at) {
  if (line->n_words <= at + 1)
    return "inherits without a name";
  return is_known_before(interfaces, line, family, line->words[at + 1])
             ? NULL
             : "inherits from what no definition before it is, of its family";
}

/* iface NAME [FAMILY [METHOD]] [inherits PARENT]: with neither a method nor a parent it is refused. */
static const char *fault_of_iface(const Interfaces *interfaces, const StanzaLine *line) {
  const char *family = line->n_words > 2 ? line->words[2] : NULL;
  const char *const *methods = methods_of(family);

  if (line->n_words < 2)
    return "a definition without a name";
  if (g_strcmp0(family, "inherits") == 0)
    return fault_of_parent(interfaces, line, NULL, 2);
  if (family == NULL)
    return "a definition without an address family";
  if (methods == NULL)
    return "a definition with an address family that ifupdown does not know";
  if (line->n_words > 3 && strcmp(line->words[3], "inherits") == 0)
    return fault_of_parent(interfaces, line, family, 3);
  if (line->n_words < 4 || !g_strv_contains(methods, line->words[3]))
    return "a definition without a method that ifupdown knows";
  return line->n_words > 4 && strcmp(line->words[4], "inherits") == 0 ? fault_of_parent(interfaces, line, family, 4)
                                                                      : NULL;
}

static const char *fault_of_option(const StanzaLine *line) {
  const gboolean belongs =
      line->head != NULL && (stanza_line_is(line->head, "iface") || stanza_line_is(line->head, "mapping"));

  if (!belongs)
    return "an option that belongs to no definition";
  if (stanza_line_is(line->head, "mapping") && !stanza_line_is(line, "script") && !stanza_line_is(line, "map"))
    return "a mapping knows script and map only";
  return line->n_words < 2 ? "an option without a value" : NULL;
}

static const char *fault_of(const Interfaces *interfaces, const StanzaLine *line) {
  static const char *const others[] = {"template", "interface", "defaults", NULL};

  if (line->kind == STANZA_OPTION)
    return fault_of_option(line);
  if (line->kind == STANZA_HEAD && stanza_line_is(line, "iface"))
    return fault_of_iface(interfaces, line);
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
  list_each (const InterfacesFile *, file, interfaces->files) {
    list_each (const StanzaLine *, line, file->text->lines) {
      const char *fault = fault_of(interfaces, line);
      if (fault != NULL)
        return g_strdup_printf("%s:%u: %s", file->path, line->number, fault);
    }
  }
  return NULL;
}
