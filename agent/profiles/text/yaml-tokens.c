/* yaml-tokens.c - what a YAML text says, as tokens, and without its secrets */
#include "yaml-tokens.h"

#include <string.h>

#include "profiles/secret-keys.h"

#define HIDDEN "<hidden>"

/* The mapping's value that NODE is, or is in a list of; NULL: none. */
static const YamlNode *nearest_value(const YamlNode *node) {
  while (node != NULL && node->key == NULL)
    node = node->parent;
  return node;
}

Token yaml_token(const YamlNode *node, GString *group) {
  const YamlNode *value = nearest_value(node);

  g_string_truncate(group, 0);
  for (const YamlNode *around = value != NULL ? nearest_value(value->parent) : NULL; around != NULL;
       around = nearest_value(around->parent)) {
    if (group->len > 0)
      g_string_prepend_c(group, '.');
    g_string_prepend(group, around->key->text);
  }
  return (Token){.group = group->str,
                 .key = value != NULL ? value->key->text : NULL,
                 .value = node->text,
                 .size = strlen(node->text),
                 .line = node->line};
}

typedef struct {
  const char *text;
  GString *group;
  TokenFunction function;
  gpointer data;
} Giving;

static void give(const YamlNode *node, gpointer data) {
  const Giving *giving = data;
  const gsize quote = node->quoting == YAML_SINGLE_QUOTED || node->quoting == YAML_DOUBLE_QUOTED ? 1 : 0;

  if (node->kind != YAML_KIND_SCALAR || node->end - node->start < 2 * quote)
    return;
  Token token = yaml_token(node, giving->group);
  token.value = giving->text + node->start + quote;
  token.size = node->end - node->start - 2 * quote;
  giving->function(&token, giving->data);
}

static YamlText *parse(const char *text, gsize size) {
  g_autoptr(GBytes) bytes = g_bytes_new(text, size);

  return yaml_text_parse(bytes, "", NULL);
}

void tokens_of_yaml(const char *text, gsize size, TokenFunction function, gpointer data) {
  g_autoptr(YamlText) yaml = parse(text, size);
  g_autoptr(GString) group = g_string_new(NULL);
  Giving giving = {.text = text, .group = group, .function = function, .data = data};

  if (yaml == NULL)
    tokens_of_lines(text, size, function, data);
  else
    yaml_node_foreach(yaml_text_root(yaml), give, &giving);
}

/* netplan(5): `key` of a tunnel, `keys` of WireGuard's. */
static gboolean is_secret(const char *group, const char *key) {
  return secret_key_is(group, key) || strcmp(key, "key") == 0 || strcmp(key, "private") == 0 ||
         strcmp(key, "shared") == 0;
}

typedef struct {
  const char *text;
  gsize copied;
  GString *group, *masked;
} Masking;

static void mask_node(const YamlNode *node, gpointer data) {
  Masking *masking = data;

  if (node->kind != YAML_KIND_SCALAR || node->is_key || node->end == node->start)
    return;
  Token token = yaml_token(node, masking->group);
  if (token.key == NULL || !is_secret(token.group, token.key))
    return;
  g_string_append_len(masking->masked, masking->text + masking->copied, (gssize)(node->start - masking->copied));
  g_string_append(masking->masked, HIDDEN);
  masking->copied = node->end;
  /* A block ends behind its last line end. */
  if (masking->text[node->end - 1] == '\n')
    masking->copied--;
}

/* A line that was commented out still holds its old secret. */
static void mask_comment(GString *line) {
  const char *name = strchr(line->str, '#');

  for (const char *colon = name; colon != NULL && (colon = strchr(colon, ':')) != NULL; name = ++colon) {
    g_autofree char *key = g_strndup(name + 1, (gsize)(colon - name - 1));

    g_strstrip(g_strdelimit(key, "\"'{[,", ' '));
    const char *blank = strrchr(key, ' ');
    if (is_secret("", blank != NULL ? blank + 1 : key)) {
      g_string_append(g_string_truncate(line, (gsize)(colon - line->str) + 1), " " HIDDEN);
      return;
    }
  }
}

static char *mask_comments(const GString *text, gsize *masked_size) {
  GString *out = g_string_sized_new(text->len);

  for (gsize at = 0; at < text->len;) {
    const char *newline = memchr(text->str + at, '\n', text->len - at);
    const gsize next = newline != NULL ? (gsize)(newline - text->str) : text->len;
    g_autoptr(GString) line = g_string_new_len(text->str + at, (gssize)(next - at));

    mask_comment(line);
    g_string_append_len(out, line->str, (gssize)line->len);
    if (newline != NULL)
      g_string_append_c(out, '\n');
    at = next + 1;
  }
  *masked_size = out->len;
  return g_string_free(out, FALSE);
}

char *yaml_mask_secrets(const char *text, gsize size, gsize *masked_size) {
  g_autoptr(YamlText) yaml = parse(text, size);
  g_autoptr(GString) group = g_string_new(NULL);
  g_autoptr(GString) masked = g_string_sized_new(size);
  Masking masking = {.text = text, .group = group, .masked = masked};

  /* Where a value begins and ends, only the parser knows. */
  if (yaml == NULL) {
    *masked_size = strlen(HIDDEN "\n");
    return g_strdup(HIDDEN "\n");
  }
  yaml_node_foreach(yaml_text_root(yaml), mask_node, &masking);
  g_string_append_len(masked, text + masking.copied, (gssize)(size - masking.copied));
  return mask_comments(masked, masked_size);
}
