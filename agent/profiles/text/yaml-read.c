/* yaml-read.c - libyaml's parser events become a tree of nodes, each with its bytes */
#include "yaml-read.h"

#include <stdarg.h>
#include <string.h>
#include <yaml.h>

#include "base/bytes.h"
#include "base/error.h"

/* Deeper than any network file; the tree is walked by recursion. */
enum { DEEPEST = 64 };

typedef struct {
  const char *data, *path;
  gsize size;
  gsize characters, bytes; /* a place that both are known of: libyaml counts characters */
  gsize counted;           /* lines are counted up to this byte */
  guint line;
  YamlNode *root;
  GPtrArray *open;     /* YamlNode*, borrowed: the lists and mappings around the place that is read */
  YamlNode *key;       /* read, and still without its value */
  GHashTable *anchors; /* char* -> YamlNode*, borrowed both: the last one of a name */
  GHashTable *seen;    /* char *"ADDRESS KEY": keys of mappings */
} Reading;

G_GNUC_PRINTF(4, 5)
static gboolean refuse(const Reading *reading, guint line, GError **error, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *what = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  return ri_error(error, RI_ERROR_FAILED, "%s:%u: %s", reading->path, line, what);
}

static gboolean goes_on(char byte) {
  return ((guchar)byte & 0xc0) == 0x80;
}

/* The byte at which libyaml's mark stands. Marks go forward but for a few steps. */
static gsize byte_of(Reading *reading, const yaml_mark_t *mark) {
  while (reading->characters < mark->index && reading->bytes < reading->size) {
    do
      reading->bytes++;
    while (reading->bytes < reading->size && goes_on(reading->data[reading->bytes]));
    reading->characters++;
  }
  while (reading->characters > mark->index) {
    do
      reading->bytes--;
    while (goes_on(reading->data[reading->bytes]));
    reading->characters--;
  }
  return reading->bytes;
}

static guint line_of(Reading *reading, gsize at) {
  if (at < reading->counted) {
    reading->counted = 0;
    reading->line = 1;
  }
  for (; reading->counted < at; reading->counted++)
    reading->line += reading->data[reading->counted] == '\n';
  return reading->line;
}

static YamlNode *innermost(const Reading *reading) {
  return reading->open->len > 0 ? reading->open->pdata[reading->open->len - 1] : NULL;
}

/* "? key". */
static gboolean is_behind_question_mark(const Reading *reading, const YamlNode *node) {
  gsize at = node->start;

  while (at > 0 && strchr(" \t", reading->data[at - 1]) != NULL)
    at--;
  return at > 0 && at < node->start && reading->data[at - 1] == '?';
}

static gboolean take_key(Reading *reading, YamlNode *node, GError **error) {
  if (node->kind != YAML_KIND_SCALAR || is_behind_question_mark(reading, node)) {
    const guint line = node->line;

    yaml_node_free(node);
    return refuse(reading, line, error, "a key that is not a plain word is not understood");
  }
  node->is_key = TRUE;
  node->parent = innermost(reading);
  reading->key = node;
  g_autofree char *name = g_strdup_printf("%p %s", (void *)node->parent, node->text);
  if (!g_hash_table_add(reading->seen, g_steal_pointer(&name)))
    return refuse(reading, node->line, error, "the key %s is there a second time", node->text);
  return TRUE;
}

/* NODE, taken over, into the list, mapping or document that it stands in. */
static gboolean take(Reading *reading, YamlNode *node, GError **error) {
  YamlNode *around = innermost(reading);

  if (around != NULL && around->kind == YAML_KIND_MAPPING && reading->key == NULL)
    return take_key(reading, node, error);
  node->parent = around;
  node->key = g_steal_pointer(&reading->key);
  if (around == NULL)
    reading->root = node;
  else
    g_ptr_array_add(around->children, node);
  return TRUE;
}

static YamlNode *node_new(Reading *reading, YamlKind kind, const yaml_event_t *event, const yaml_char_t *anchor) {
  YamlNode *node = g_new0(YamlNode, 1);

  node->kind = kind;
  node->start = byte_of(reading, &event->start_mark);
  node->end = byte_of(reading, &event->end_mark);
  node->line = line_of(reading, node->start);
  node->anchor = g_strdup((const char *)anchor);
  return node;
}

static gboolean add_node(Reading *reading, YamlNode *node, GError **error) {
  if (!take(reading, node, error))
    return FALSE;
  if (node->anchor != NULL)
    g_hash_table_replace(reading->anchors, node->anchor, node);
  return TRUE;
}

static YamlQuoting quoting_of(yaml_scalar_style_t style) {
  switch (style) {
  case YAML_SINGLE_QUOTED_SCALAR_STYLE:
    return YAML_SINGLE_QUOTED;
  case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
    return YAML_DOUBLE_QUOTED;
  case YAML_LITERAL_SCALAR_STYLE:
  case YAML_FOLDED_SCALAR_STYLE:
    return YAML_BLOCK_SCALAR;
  default:
    return YAML_PLAIN;
  }
}

static gboolean read_scalar(Reading *reading, const yaml_event_t *event, GError **error) {
  YamlNode *node = node_new(reading, YAML_KIND_SCALAR, event, event->data.scalar.anchor);

  node->text = g_strndup((const char *)event->data.scalar.value, event->data.scalar.length);
  node->quoting = quoting_of(event->data.scalar.style);
  node->is_tagged = event->data.scalar.tag != NULL;
  return add_node(reading, node, error);
}

static gboolean read_alias(Reading *reading, const yaml_event_t *event, GError **error) {
  YamlNode *node = node_new(reading, YAML_KIND_ALIAS, event, NULL);
  const YamlNode *target = g_hash_table_lookup(reading->anchors, event->data.alias.anchor);
  const guint line = node->line;

  node->text = g_strdup((const char *)event->data.alias.anchor);
  node->target = target;
  if (!take(reading, node, error))
    return FALSE;
  if (target == NULL)
    return refuse(reading, line, error,
                  "nothing has the anchor that is meant by \"*\": a word that begins so "
                  "stands in quotes");
  if (g_ptr_array_find(reading->open, target, NULL))
    return refuse(reading, line, error, "*%s stands in what it means", event->data.alias.anchor);
  return TRUE;
}

static gboolean read_start(Reading *reading, YamlNode *node, gboolean is_flow, gboolean is_tagged, GError **error) {
  node->is_flow = is_flow;
  node->is_tagged = is_tagged;
  node->children = g_ptr_array_new_with_free_func((GDestroyNotify)yaml_node_free);
  if (!add_node(reading, node, error))
    return FALSE;
  if (reading->open->len == DEEPEST)
    return refuse(reading, node->line, error, "lists and mappings are nested too deep");
  g_ptr_array_add(reading->open, node);
  return TRUE;
}

static gboolean read_collection(Reading *reading, const yaml_event_t *event, GError **error) {
  if (event->type == YAML_SEQUENCE_START_EVENT)
    return read_start(reading, node_new(reading, YAML_KIND_LIST, event, event->data.sequence_start.anchor),
                      event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
                      event->data.sequence_start.tag != NULL, error);
  return read_start(reading, node_new(reading, YAML_KIND_MAPPING, event, event->data.mapping_start.anchor),
                    event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE, event->data.mapping_start.tag != NULL,
                    error);
}

/* The end of block style is where libyaml finds the next word, behind comments and empty lines. */
static void read_end(Reading *reading, const yaml_event_t *event) {
  YamlNode *node = innermost(reading);
  const YamlNode *last = node->children->len > 0 ? node->children->pdata[node->children->len - 1] : NULL;

  if (node->is_flow)
    node->end = byte_of(reading, &event->end_mark);
  else if (last != NULL)
    node->end = last->key != NULL ? MAX(last->end, last->key->end) : last->end;
  g_ptr_array_set_size(reading->open, (gint)reading->open->len - 1);
}

static gboolean read_event(Reading *reading, const yaml_event_t *event, GError **error) {
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT:
    if (reading->root != NULL)
      return refuse(reading, line_of(reading, byte_of(reading, &event->start_mark)), error,
                    "a second document begins here");
    return TRUE;
  case YAML_SCALAR_EVENT:
    return read_scalar(reading, event, error);
  case YAML_ALIAS_EVENT:
    return read_alias(reading, event, error);
  case YAML_SEQUENCE_START_EVENT:
  case YAML_MAPPING_START_EVENT:
    return read_collection(reading, event, error);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    read_end(reading, event);
    return TRUE;
  default:
    return TRUE;
  }
}

/* libyaml's messages name what it expected, and quote nothing. */
static gboolean say_refusal(Reading *reading, const yaml_parser_t *parser, GError **error) {
  const gsize mark = yaml_byte_order_mark(reading->data, reading->size);
  gsize at = parser->error == YAML_READER_ERROR ? MIN(parser->problem_offset + mark, reading->size)
                                                : byte_of(reading, &parser->problem_mark);

  return refuse(reading, line_of(reading, at), error, "not YAML: %s",
                parser->problem != NULL ? parser->problem : "no memory");
}

static gboolean read_events(Reading *reading, yaml_parser_t *parser, GError **error) {
  for (gboolean over = FALSE; !over;) {
    yaml_event_t event;

    if (!yaml_parser_parse(parser, &event))
      return say_refusal(reading, parser, error);
    over = event.type == YAML_STREAM_END_EVENT;
    const gboolean ok = read_event(reading, &event, error);
    yaml_event_delete(&event);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

/* A lone CR, NEL, LS and PS end a line for libyaml, and for nobody who edits such a file. */
static gboolean has_usual_lines(Reading *reading, GError **error) {
  const char *data = reading->data;

  for (gsize i = 0; i < reading->size; i++) {
    const gsize left = reading->size - i;
    const gboolean lone = data[i] == '\r' && (left < 2 || data[i + 1] != '\n');

    if (lone || (left >= 2 && memcmp(data + i, "\xc2\x85", 2) == 0) ||
        (left >= 3 && (memcmp(data + i, "\xe2\x80\xa8", 3) == 0 || memcmp(data + i, "\xe2\x80\xa9", 3) == 0)))
      return refuse(reading, line_of(reading, i), error, "a line ends here with neither LF nor CR LF");
  }
  return TRUE;
}

static gboolean read_text(Reading *reading, GError **error) {
  yaml_parser_t parser;

  if (!has_usual_lines(reading, error))
    return FALSE;
  if (!yaml_parser_initialize(&parser))
    return refuse(reading, 1, error, "no memory");
  /* libyaml would find out about a byte order mark, and not count it; what else it finds, UTF-16, is refused. */
  reading->bytes = yaml_byte_order_mark(reading->data, reading->size);
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, (const unsigned char *)reading->data + reading->bytes,
                               reading->size - reading->bytes);
  const gboolean ok = read_events(reading, &parser, error);
  yaml_parser_delete(&parser);
  return ok;
}

gboolean yaml_read(GBytes *bytes, const char *path, YamlNode **root, gboolean *has_anchors, GError **error) {
  g_autoptr(GPtrArray) open = g_ptr_array_new();
  g_autoptr(GHashTable) anchors = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Reading reading = {.path = path, .line = 1, .open = open, .anchors = anchors, .seen = seen};

  reading.data = bytes_text(bytes, &reading.size);
  if (!read_text(&reading, error)) {
    yaml_node_free(reading.key);
    yaml_node_free(reading.root);
    return FALSE;
  }
  *root = reading.root;
  *has_anchors = g_hash_table_size(anchors) > 0;
  return TRUE;
}
