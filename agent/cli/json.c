/* json.c - writing JSON, and reading back the strings of an object that we wrote */
#include "json.h"

#include <string.h>

void json_init(Json *json) {
  json->text = g_string_new(NULL);
  json->comma = FALSE;
}

char *json_finish(Json *json) {
  g_string_append_c(json->text, '\n');
  return g_string_free(g_steal_pointer(&json->text), FALSE);
}

static void append_quoted(GString *text, const char *value) {
  g_autofree char *valid = g_utf8_make_valid(value, -1);

  g_string_append_c(text, '"');
  for (const char *p = valid; *p != '\0'; p++) {
    guchar c = (guchar)*p;
    if (c == '"' || c == '\\')
      g_string_append_printf(text, "\\%c", c);
    else if (c == '\n')
      g_string_append(text, "\\n");
    else if (c == '\t')
      g_string_append(text, "\\t");
    else if (c < 0x20 || c == 0x7f)
      g_string_append_printf(text, "\\u%04x", c);
    else if (c == 0xc2 && (guchar)p[1] < 0xa0) /* C1: a terminal takes U+009B for an escape sequence's beginning */
      g_string_append_printf(text, "\\u%04x", (guchar) * ++p);
    else
      g_string_append_c(text, (char)c);
  }
  g_string_append_c(text, '"');
}

/* What stands before every value: the comma, the key. */
static void lead(Json *json, const char *key) {
  if (json->comma)
    g_string_append_c(json->text, ',');
  json->comma = TRUE;
  if (key != NULL) {
    append_quoted(json->text, key);
    g_string_append_c(json->text, ':');
  }
}

static void open_container(Json *json, const char *key, char bracket) {
  lead(json, key);
  g_string_append_c(json->text, bracket);
  json->comma = FALSE;
}

static void close_container(Json *json, char bracket) {
  g_string_append_c(json->text, bracket);
  json->comma = TRUE;
}

void json_object(Json *json, const char *key) {
  open_container(json, key, '{');
}

void json_object_end(Json *json) {
  close_container(json, '}');
}

void json_array(Json *json, const char *key) {
  open_container(json, key, '[');
}

void json_array_end(Json *json) {
  close_container(json, ']');
}

void json_strings(Json *json, const char *key, const GPtrArray *strings) {
  json_array(json, key);
  for (guint i = 0; strings != NULL && i < strings->len; i++)
    json_string(json, NULL, strings->pdata[i]);
  json_array_end(json);
}

void json_raw(Json *json, const char *key, const char *text) {
  lead(json, key);
  g_string_append(json->text, text);
}

void json_string(Json *json, const char *key, const char *value) {
  if (value == NULL) {
    json_null(json, key);
    return;
  }
  lead(json, key);
  append_quoted(json->text, value);
}

void json_string_or_null(Json *json, const char *key, const char *value) {
  json_string(json, key, value != NULL && *value != '\0' ? value : NULL);
}

void json_number(Json *json, const char *key, gint64 value) {
  lead(json, key);
  g_string_append_printf(json->text, "%" G_GINT64_FORMAT, value);
}

void json_boolean(Json *json, const char *key, gboolean value) {
  json_raw(json, key, value ? "true" : "false");
}

void json_null(Json *json, const char *key) {
  json_raw(json, key, "null");
}

/* The string that starts behind the quote at TEXT, unescaped; *END is behind its closing quote. NULL when it does not
 * end. */
static char *read_quoted(const char *text, const char **end) {
  g_autoptr(GString) value = g_string_new(NULL);

  for (const char *p = text; *p != '\0'; p++) {
    if (*p == '"') {
      *end = p + 1;
      return g_strdup(value->str);
    }
    if (*p != '\\') {
      g_string_append_c(value, *p);
      continue;
    }
    p++;
    if (*p == 'n')
      g_string_append_c(value, '\n');
    else if (*p == 't')
      g_string_append_c(value, '\t');
    else if (*p == 'u' && strlen(p) > 4) {
      g_autofree char *digits = g_strndup(p + 1, 4);
      g_string_append_unichar(value, (gunichar)g_ascii_strtoull(digits, NULL, 16));
      p += 4;
    } else if (*p != '\0')
      g_string_append_c(value, *p);
    else
      break;
  }
  return NULL;
}

char *json_member_string(const char *text, const char *key) {
  int depth = 0;

  for (const char *p = text; *p != '\0';) {
    if (*p == '{' || *p == '[')
      depth++;
    else if (*p == '}' || *p == ']')
      depth--;
    if (*p != '"') {
      p++;
      continue;
    }
    g_autofree char *name = read_quoted(p + 1, &p);
    if (name == NULL)
      return NULL;
    if (depth == 1 && p[0] == ':' && p[1] == '"' && strcmp(name, key) == 0)
      return read_quoted(p + 2, &p);
  }
  return NULL;
}

enum { DEPTH_MOST = 32 };

static const char *skip_space(const char *text) {
  return text + strspn(text, " \t\r\n");
}

/* Behind the string at TEXT, or NULL. */
static const char *skip_string(const char *text) {
  if (*text++ != '"')
    return NULL;
  for (; *text != '"'; text++) {
    if ((guchar)*text < 0x20)
      return NULL;
    if (*text != '\\')
      continue;
    text++;
    if (*text == 'u' && strspn(text + 1, "0123456789abcdefABCDEF") >= 4)
      text += 4;
    else if (*text == '\0' || strchr("\"\\/bfnrt", *text) == NULL)
      return NULL;
  }
  return text + 1;
}

static const char *skip_number(const char *text) {
  g_autoptr(GRegex) number = g_regex_new("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?", 0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  int end = 0;

  if (!g_regex_match(number, text, 0, &match) || !g_match_info_fetch_pos(match, 0, NULL, &end))
    return NULL;
  return text + end;
}

/* Behind the value at TEXT, or NULL. */
static const char *skip_value(const char *text, int depth);

/* Behind the members up to END; KEYED: of an object. */
static const char *skip_members(const char *text, char end, gboolean keyed, int depth) {
  text = skip_space(text + 1);
  if (*text == end)
    return text + 1;
  for (;;) {
    if (keyed) {
      text = skip_string(skip_space(text));
      if (text == NULL || *(text = skip_space(text)) != ':')
        return NULL;
      text++;
    }
    text = skip_value(skip_space(text), depth);
    if (text == NULL)
      return NULL;
    text = skip_space(text);
    if (*text == end)
      return text + 1;
    if (*text++ != ',')
      return NULL;
  }
}

static const char *skip_value(const char *text, int depth) {
  static const char *const words[] = {"true", "false", "null"};

  if (depth > DEPTH_MOST)
    return NULL;
  if (*text == '{' || *text == '[')
    return skip_members(text, *text == '{' ? '}' : ']', *text == '{', depth + 1);
  if (*text == '"')
    return skip_string(text);
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_has_prefix(text, words[i]))
      return text + strlen(words[i]);
  return skip_number(text);
}

gboolean json_is_object(const char *text) {
  const char *start = skip_space(text);
  const char *end = *start == '{' && g_utf8_validate(text, -1, NULL) ? skip_value(start, 0) : NULL;

  return end != NULL && *skip_space(end) == '\0';
}
