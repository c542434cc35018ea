/* ifcfg-routes.c - route files of a connection that a clone's addresses and gateway do not fit */
#include <string.h>

#include "base/tree-entry.h"
#include "base/tree.h"
#include "ifcfg-edit.h"
#include "profiles/tokens.h"

typedef struct {
  const IfcfgEdit *edit;
  const Outcome *outcome;
  const char *path;
} Checking;

/* The next hop of a line: behind "via", or the value of GATEWAY0=; NULL: it says none. */
static char *next_hop(const char *line) {
  g_auto(GStrv) words = g_strsplit_set(line, " \t\"'", -1);

  if (g_str_has_prefix(line, "GATEWAY") && strchr(line, '=') != NULL) {
    const char *value = strchr(line, '=') + 1;

    value += strspn(value, "\"'");
    return g_strndup(value, strcspn(value, "\"' \t#"));
  }
  for (char **word = words; *word != NULL; word++)
    if (strcmp(*word, "via") == 0 && word[1] != NULL)
      return g_strdup(word[1]);
  return NULL;
}

/* As ip(8) reads it. The other way of writing, ADDRESS0=, is for networks. */
static gboolean is_default(const char *line) {
  static const char *const words[] = {"default ", "0.0.0.0/0 ", "0/0 ", "::/0 "};

  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_has_prefix(line, words[i]))
      return strstr(line, " table ") == NULL;
  return FALSE;
}

/* A gateway comes from elsewhere now, and it is another than HOP. */
static gboolean is_replaced(const Outcome *outcome, const char *hop) {
  return outcome->kind == OUTCOME_AUTO || (outcome->gateway != NULL && strcmp(outcome->gateway, hop) != 0);
}

static void warn_of_default(const Checking *checking, unsigned line, const char *hop) {
  plan_warn(checking->edit->plan,
            "%s:%u: the template's default route by %s stays beside the gateway that %s; remove the line unless this "
            "machine goes by it too.",
            checking->path, line, hop,
            checking->outcome->kind == OUTCOME_STATIC ? checking->outcome->gateway : "DHCP or a router gives");
}

static void check_line(const Token *token, gpointer data) {
  const Checking *checking = data;
  g_autofree char *line = g_strndup(token->value, token->size);
  g_autofree char *hop = next_hop(line);

  if (hop == NULL)
    return;
  if (is_default(line) && is_replaced(checking->outcome, hop))
    warn_of_default(checking, token->line, hop);
  else if (checking->outcome->kind == OUTCOME_STATIC && strstr(line, "onlink") == NULL &&
           !outcome_is_reachable(checking->outcome, hop))
    plan_warn(checking->edit->plan,
              "%s:%u: the next hop %s is in none of the new prefixes; the route stays as it is, check whether this "
              "machine needs another.",
              checking->path, token->line, hop);
}

void ifcfg_routes_check(const IfcfgEdit *edit, const Outcome *outcome) {
  g_autofree char *path =
      g_strdup_printf(IFCFG_DIR "/route%s-%s", outcome->family == AF_INET ? "" : "6", edit->own->name);
  Checking checking = {.edit = edit, .outcome = outcome, .path = path};
  g_autoptr(GBytes) content = NULL;

  if ((outcome->kind != OUTCOME_STATIC && (outcome->kind != OUTCOME_AUTO || !outcome->had_static)) ||
      !tree_read_file(edit->context->root, path, &content, NULL, NULL) || content == NULL)
    return;
  tokens_read(content, tokens_of_lines, check_line, &checking);
}
