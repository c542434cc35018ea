/* ifcfg-routes.c - route files of a connection that a clone's addresses and gateway do not fit */
#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "ifcfg-edit.h"
#include "plan/route-check.h"
#include "profiles/text/tokens.h"

typedef struct {
  const IfcfgEdit *edit;
  const Outcome *outcome;
  const char *path;
  const char *text; /* all of the file's */
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

/* Of GATEWAY0=: ADDRESS0= and NETMASK0= say 0.0.0.0. */
static gboolean is_default_by_number(const char *text, const char *line) {
  const gsize digits = strspn(line, "0123456789");
  g_autofree char *pattern =
      g_strdup_printf("^\\s*(ADDRESS|NETMASK)%.*s=[\"']?0\\.0\\.0\\.0[\"']?\\s*(#.*)?$", (int)digits, line);
  g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;

  return digits > 0 && g_regex_match(regex, text, 0, &match) && g_match_info_next(match, NULL);
}

/* As ip(8) reads it, or numbered. */
static gboolean is_default(const char *text, const char *line) {
  static const char *const words[] = {"default ", "0.0.0.0/0 ", "0/0 ", "::/0 "};

  if (g_str_has_prefix(line, "GATEWAY"))
    return is_default_by_number(text, line + strlen("GATEWAY"));
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_has_prefix(line, words[i]))
      return strstr(line, " table ") == NULL;
  return FALSE;
}

static void check_line(const Token *token, gpointer data) {
  const Checking *checking = data;
  g_autofree char *line = g_strndup(token->value, token->size);
  g_autofree char *hop = next_hop(line);

  if (hop != NULL)
    route_check(checking->edit->plan, checking->path, token->line, hop, is_default(checking->text, line),
                strstr(line, "onlink") != NULL, checking->outcome);
}

void ifcfg_routes_check(const IfcfgEdit *edit, const Outcome *outcome) {
  g_autofree char *path =
      g_strdup_printf(IFCFG_DIR "/route%s-%s", outcome->family == AF_INET ? "" : "6", edit->own->name);
  g_autoptr(GBytes) content = NULL;

  if (!tree_read_file(edit->context->root, path, &content, NULL, NULL) || content == NULL)
    return;
  g_autofree char *text = bytes_dup(content);
  Checking checking = {.edit = edit, .outcome = outcome, .path = path, .text = text};
  tokens_read(content, tokens_of_lines, check_line, &checking);
}
