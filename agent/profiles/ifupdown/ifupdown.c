/* ifupdown.c - static addresses in /etc/network/interfaces and what it sources (interfaces(5)) */
#include <netinet/in.h>
#include <string.h>

#include "base/each.h"
#include "interfaces.h"
#include "profiles/address-command.h"
#include "profiles/static-address.h"

static void note_virtual(GPtrArray *found, guint from) {
  for (guint i = from; i < found->len; i++)
    ((StaticAddress *)found->pdata[i])->is_virtual = TRUE;
}

/* ifupdown2's `address-virtual MAC A...` and `vrrp ID A...`: a device of its own with the routers' MAC address. */
static void take_virtual(const InterfacesFile *file, const StanzaLine *line, const char *name, gboolean idle,
                         GPtrArray *found) {
  const guint before = found->len;

  for (guint i = 2; i < line->n_words; i++)
    static_addresses_add(found, file->path, line->number, name, line->words[i], idle);
  note_virtual(found, before);
}

/* What a line of a stanza gives: `address A`, a virtual address, or a command. */
static void take_option(const InterfacesFile *file, const StanzaLine *line, const char *name, gboolean idle,
                        GPtrArray *found) {
  if (line->n_words < 2)
    return;
  if (stanza_line_is(line, "address"))
    static_addresses_add(found, file->path, line->number, name, line->words[1], idle);
  if (stanza_line_is(line, "address-virtual") || stanza_line_is(line, "vrrp"))
    take_virtual(file, line, name, idle, found);
  if (g_str_has_suffix(line->words[0], "up"))
    address_command_take(found, file->path, line->number, name, line->words, line->n_words, idle);
}

static void take_stanza(const Interfaces *interfaces, const InterfacesStanza *stanza, GPtrArray *found) {
  const char *started = stanza->inherited ? stanza->device : stanza->name;
  const gboolean comes_up =
      stanza->heirs > 1 || interfaces_starts(interfaces, started) || interfaces_is_mapped(interfaces, started);
  const gboolean idle = interfaces_is_bridge_of_nothing(stanza) || !comes_up;
  const GPtrArray *lines = stanza->file->text->lines;
  const guint before = found->len;

  list_each (const StanzaLine *, line, lines)
    if (line->head == stanza->head && line->kind == STANZA_OPTION)
      take_option(stanza->file, line, stanza->name, idle, found);
  if (stanza->is_virtual)
    note_virtual(found, before);
}

/* What stands in front of all stanzas, which ifupdown refuses. */
static void take_strays(const InterfacesFile *file, GPtrArray *found) {
  list_each (const StanzaLine *, line, file->text->lines)
    if (line->kind == STANZA_OPTION && line->head == NULL)
      take_option(file, line, NULL, FALSE, found);
}

gboolean ifupdown_read(const Root *root, GPtrArray *found, GError **error) {
  g_autoptr(Interfaces) interfaces = interfaces_read(root, error);

  if (interfaces == NULL)
    return FALSE;
  for (guint i = 0; i < interfaces->files->len; i++)
    take_strays(interfaces->files->pdata[i], found);
  for (guint i = 0; i < interfaces->stanzas->len; i++)
    take_stanza(interfaces, interfaces->stanzas->pdata[i], found);
  return TRUE;
}

/* The ports of a bridge whose name begins with "br" stand for it (nms-ifupdown-plugin.c, load_eni_ifaces). */
static void name_ports(const InterfacesStanza *stanza, GHashTable *names) {
  static const char *const others[] = {"all", "none", "regex", "noregex", NULL};
  const StanzaLine *ports = interfaces_option(stanza, "bridge-ports", NULL);

  for (guint i = 1; ports != NULL && i < ports->n_words; i++)
    if (!g_strv_contains(others, ports->words[i]))
      g_hash_table_add(names, g_strdup(ports->words[i]));
}

gboolean ifupdown_interfaces(const Root *root, GHashTable *names, GError **error) {
  g_autoptr(Interfaces) interfaces = interfaces_read(root, error);

  if (interfaces == NULL)
    return FALSE;
  list_each (const InterfacesStanza *, stanza, interfaces->stanzas) {
    if (g_str_has_prefix(stanza->name, "br"))
      name_ports(stanza, names);
    else if (stanza->head->n_words >= 4 && strcmp(stanza->name, "lo") != 0)
      g_hash_table_add(names, g_strdup(stanza->name));
  }
  return TRUE;
}
