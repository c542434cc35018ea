/* yaml-value.c - a value to be written into a YAML text, and how it is spelled */
#include "yaml-value.h"

#include <string.h>

struct YamlValue {
  YamlKind kind;
  gboolean is_bare;
  char *text;
  GPtrArray *keys;  /* char*; of a mapping */
  GPtrArray *items; /* YamlValue* */
};

static YamlValue *value_new(YamlKind kind, const char *text, gboolean is_bare) {
  YamlValue *value = g_new0(YamlValue, 1);

  *value = (YamlValue){.kind = kind,
                       .is_bare = is_bare,
                       .text = g_strdup(text),
                       .keys = g_ptr_array_new_with_free_func(g_free),
                       .items = g_ptr_array_new_with_free_func((GDestroyNotify)yaml_value_free)};
  return value;
}

YamlValue *yaml_value_text(const char *text) {
  return value_new(YAML_KIND_SCALAR, text, FALSE);
}

YamlValue *yaml_value_bare(const char *text) {
  return value_new(YAML_KIND_SCALAR, text, TRUE);
}

YamlValue *yaml_value_list(void) {
  return value_new(YAML_KIND_LIST, NULL, FALSE);
}

YamlValue *yaml_value_mapping(void) {
  return value_new(YAML_KIND_MAPPING, NULL, FALSE);
}

void yaml_value_add(YamlValue *value, const char *key, YamlValue *item) {
  if (key != NULL)
    g_ptr_array_add(value->keys, g_strdup(key));
  g_ptr_array_add(value->items, item);
}

void yaml_value_free(YamlValue *value) {
  g_free(value->text);
  g_ptr_array_unref(value->keys);
  g_ptr_array_unref(value->items);
  g_free(value);
}

/* Spelling ---------------------------------------------------------------------------------------------------------*/

/* YAML 1.1's ints (octal, hexadecimal and base 60 too), floats and dates, all of them in digits and these. */
static gboolean is_number(const char *text) {
  static const char within[] = "0123456789abcdefABCDEFxXoO_.:+-";
  const char *start = text + (strchr("+-", *text) != NULL);
  gboolean sexagesimal = strchr(text, ':') != NULL;
  char *end = NULL;

  if (*start == '\0' || strspn(text, within) != strlen(text))
    return FALSE;
  if (sexagesimal || strchr(start, '-') != NULL)
    return strspn(text, "0123456789_.:+-") == strlen(text);
  (void)g_ascii_strtod(start, &end);
  return *end == '\0' || strspn(start, "0123456789_") == strlen(start) || g_str_has_prefix(start, "0o") ||
         g_str_has_prefix(start, "0b");
}

gboolean yaml_is_typed(const char *text) {
  static const char *const words[] = {"~",   "null", "true", "false", "yes",  "no",    "on",
                                      "off", "y",    "n",    ".inf",  ".nan", "-.inf", NULL};

  for (gsize i = 0; words[i] != NULL; i++)
    if (g_ascii_strcasecmp(text, words[i]) == 0)
      return TRUE;
  return *text == '\0' || is_number(text);
}

static gboolean may_be_plain(const char *text, gboolean in_flow) {
  const gsize size = strlen(text);

  if (size == 0 || strchr("-?:,[]{}#&*!|>'\"%@`= \t", text[0]) != NULL || strchr(" \t:", text[size - 1]) != NULL ||
      strstr(text, ": ") != NULL || strstr(text, " #") != NULL || strcmp(text, "<<") == 0)
    return FALSE;
  for (const char *byte = text; *byte != '\0'; byte++)
    if (g_ascii_iscntrl(*byte) || (in_flow && strchr(",[]{}", *byte) != NULL))
      return FALSE;
  return TRUE;
}

static char *single_quoted(const char *text) {
  GString *out = g_string_new("'");

  for (; *text != '\0'; text++) {
    if (*text == '\'')
      g_string_append_c(out, *text);
    g_string_append_c(out, *text);
  }
  g_string_append_c(out, '\'');
  return g_string_free(out, FALSE);
}

static char *double_quoted(const char *text) {
  GString *out = g_string_new("\"");

  for (; *text != '\0'; text++) {
    if (g_ascii_iscntrl(*text))
      g_string_append_printf(out, "\\x%02x", (guint)(guchar)*text);
    else if (*text == '"' || *text == '\\')
      g_string_append_printf(out, "\\%c", *text);
    else
      g_string_append_c(out, *text);
  }
  g_string_append_c(out, '"');
  return g_string_free(out, FALSE);
}

static gboolean has_control(const char *text) {
  while (*text != '\0' && !g_ascii_iscntrl(*text))
    text++;
  return *text != '\0';
}

char *yaml_spell(const char *text, YamlQuoting quoting, gboolean in_flow, gboolean keep_type) {
  if (quoting == YAML_SINGLE_QUOTED && !has_control(text))
    return single_quoted(text);
  if ((quoting == YAML_PLAIN || quoting == YAML_BLOCK_SCALAR) && may_be_plain(text, in_flow) &&
      (keep_type || !yaml_is_typed(text)))
    return g_strdup(text);
  return double_quoted(text);
}

/* Layout -----------------------------------------------------------------------------------------------------------*/

static void append_word(GString *out, const char *text, const YamlLayout *layout, gboolean is_bare, gboolean in_flow) {
  g_autofree char *word = yaml_spell(text, is_bare ? YAML_PLAIN : layout->quoting, in_flow, is_bare);

  g_string_append(out, word);
}

static void append_flow(GString *out, const YamlValue *value, const YamlLayout *layout) {
  if (value->kind == YAML_KIND_SCALAR) {
    append_word(out, value->text, layout, value->is_bare, TRUE);
    return;
  }
  g_string_append_c(out, value->kind == YAML_KIND_LIST ? '[' : '{');
  for (guint i = 0; i < value->items->len; i++) {
    if (i > 0)
      g_string_append(out, ", ");
    if (value->kind == YAML_KIND_MAPPING) {
      append_word(out, value->keys->pdata[i], layout, FALSE, TRUE);
      g_string_append(out, ": ");
    }
    append_flow(out, value->items->pdata[i], layout);
  }
  g_string_append_c(out, value->kind == YAML_KIND_LIST ? ']' : '}');
}

static void begin_line(GString *out, const YamlLayout *layout, guint column) {
  g_string_append_printf(out, "%s%*s", layout->newline, (int)column, "");
}

static gboolean is_words(const YamlValue *value) {
  for (guint i = 0; i < value->items->len; i++)
    if (((const YamlValue *)value->items->pdata[i])->kind != YAML_KIND_SCALAR)
      return FALSE;
  return value->kind == YAML_KIND_LIST;
}

static void append_list(GString *out, const YamlValue *value, const YamlLayout *layout, guint column) {
  for (guint i = 0; i < value->items->len; i++) {
    begin_line(out, layout, column);
    g_string_append_c(out, '-');
    yaml_value_append(out, value->items->pdata[i], layout, column, TRUE, FALSE);
  }
}

/* The first key of an item stands behind its dash. */
static void append_mapping(GString *out, const YamlValue *value, const YamlLayout *layout, guint column,
                           gboolean in_list) {
  for (guint i = 0; i < value->items->len; i++) {
    if (in_list && i == 0)
      g_string_append_c(out, ' ');
    else
      begin_line(out, layout, column);
    append_word(out, value->keys->pdata[i], layout, FALSE, FALSE);
    g_string_append_c(out, ':');
    yaml_value_append(out, value->items->pdata[i], layout, column, FALSE, FALSE);
  }
}

void yaml_value_append(GString *out, const YamlValue *value, const YamlLayout *layout, guint column, gboolean in_list,
                       gboolean in_flow) {
  enum { BEHIND_DASH = 2 };

  if (value->kind == YAML_KIND_SCALAR && !in_flow) {
    g_string_append_c(out, ' ');
    append_word(out, value->text, layout, value->is_bare, FALSE);
  } else if (in_flow || value->items->len == 0 || (layout->flow_lists && is_words(value))) {
    g_string_append_c(out, ' ');
    append_flow(out, value, layout);
  } else if (value->kind == YAML_KIND_LIST) {
    append_list(out, value, layout, column + (in_list ? BEHIND_DASH : layout->list_step));
  } else {
    append_mapping(out, value, layout, column + (in_list ? BEHIND_DASH : layout->step), in_list);
  }
}
