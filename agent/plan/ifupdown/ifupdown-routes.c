/* ifupdown-routes.c - routes that a stanza's commands set: `up ip route add N via HOP`, `up route add -net N gw HOP` */
#include "ifupdown-routes.h"

#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "plan/route-check.h"

/* One command of a line. */
typedef struct {
  char *const *words;
  guint first, end;
} Command;

static const char *behind(const Command *command, const char *const *keywords) {
  for (guint i = command->first; i + 1 < command->end; i++)
    if (g_strv_contains(keywords, command->words[i]))
      return command->words[i + 1];
  return NULL;
}

static gboolean says(const Command *command, const char *const *words) {
  for (guint i = command->first; i < command->end; i++)
    if (g_strv_contains(words, command->words[i]))
      return TRUE;
  return FALSE;
}

/* Out of the stanza's own interface. */
static gboolean is_own(const Command *command, const InterfacesStanza *stanza) {
  static const char *const keywords[] = {"dev", NULL};
  const char *name = behind(command, keywords);

  return name == NULL || strchr(name, '$') != NULL || strcmp(name, stanza->name) == 0;
}

static void check_command(const Command *command, const InterfacesStanza *stanza, unsigned line, const Outcome *outcome,
                          Plan *plan) {
  static const char *const hops[] = {"via", "gw", NULL};
  static const char *const defaults[] = {"default", "0.0.0.0/0", "0/0", "::/0", NULL};
  static const char *const tables[] = {"table", NULL};
  static const char *const on_link[] = {"onlink", NULL};
  const char *word = behind(command, hops);

  if (word == NULL || !is_own(command, stanza))
    return;
  g_autofree char *hop = g_strndup(word, strcspn(word, ";|&"));
  if (interfaces_family_of(hop) == outcome->family)
    route_check(plan, stanza->file->path, line, hop, says(command, defaults) && !says(command, tables),
                says(command, on_link), outcome);
}

static void check_line(const StanzaLine *line, const InterfacesStanza *stanza, const Outcome *outcome, Plan *plan) {
  Command command = {.words = line->words, .first = 1};

  for (guint i = 1; i < line->n_words; i++) {
    command.end = i + 1;
    if (i + 1 < line->n_words && strpbrk(line->words[i], ";|&") == NULL)
      continue;
    check_command(&command, stanza, line->number, outcome, plan);
    command.first = i + 1;
  }
}

void ifupdown_routes_check(const Interfaces *interfaces, const Profile *profile, const Outcome *outcome, Plan *plan) {
  list_each (const InterfacesStanza *, stanza, interfaces->stanzas) {
    if (strcmp(stanza->device, profile->id) != 0)
      continue;
    list_each (const StanzaLine *, line, stanza->file->text->lines)
      if (line->head == stanza->head && line->kind == STANZA_OPTION && g_str_has_suffix(line->words[0], "up"))
        check_line(line, stanza, outcome, plan);
  }
}
