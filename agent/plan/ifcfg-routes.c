/* ifcfg-routes.c - route files of a connection whose next hops a clone's addresses do not reach */
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

static void check_line(const Token *token, gpointer data) {
  const Checking *checking = data;
  g_autofree char *line = g_strndup(token->value, token->size);
  g_autofree char *hop = next_hop(line);

  if (hop != NULL && strstr(line, "onlink") == NULL && !outcome_is_reachable(checking->outcome, hop))
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

  if (outcome->kind != OUTCOME_STATIC || !tree_read_file(edit->context->root, path, &content, NULL, NULL) ||
      content == NULL)
    return;
  tokens_read(content, tokens_of_lines, check_line, &checking);
}
