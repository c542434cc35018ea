/* yaml-node.h - a word, list or mapping of a YAML document, with the bytes in which it stands. */
#pragma once

#include <glib.h>

typedef enum { YAML_KIND_SCALAR, YAML_KIND_LIST, YAML_KIND_MAPPING, YAML_KIND_ALIAS } YamlKind;

typedef enum { YAML_PLAIN, YAML_SINGLE_QUOTED, YAML_DOUBLE_QUOTED, YAML_BLOCK_SCALAR } YamlQuoting;

typedef struct YamlNode YamlNode;

struct YamlNode {
  YamlKind kind;
  YamlQuoting quoting;    /* of a scalar */
  gboolean is_flow;       /* a list or mapping in brackets */
  gboolean is_key;        /* the key of a mapping */
  gboolean is_tagged;     /* it has a tag of its own (!!str) */
  char *text;             /* a scalar's value ("" for nothing at all), an alias's name; else NULL */
  char *anchor;           /* NULL: none */
  YamlNode *key;          /* of the value in a mapping; else NULL */
  YamlNode *parent;       /* NULL: the document's own node */
  GPtrArray *children;    /* YamlNode*: a list's items, a mapping's values; else NULL */
  const YamlNode *target; /* what an alias stands for */
  gsize start, end;       /* bytes, anchor and tag with it; a block list or mapping ends with its last child */
  guint line;             /* from 1 */
};

/* yaml_node_free: with its key and all below it. */
void yaml_node_free(YamlNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlNode, yaml_node_free)

/* yaml_node_resolve: what an alias stands for, any other node itself; NULL for NULL. */
const YamlNode *yaml_node_resolve(const YamlNode *node);
/* yaml_node_get: the value of KEY in a mapping (an alias of one too), not resolved itself; NULL: none, or NODE is none.
 */
const YamlNode *yaml_node_get(const YamlNode *node, const char *key);
/* yaml_node_find: the same down a NULL-terminated way of keys. */
const YamlNode *yaml_node_find(const YamlNode *node, const char *key, ...) G_GNUC_NULL_TERMINATED;
/* Of a list or mapping. */
const YamlNode *yaml_node_child(const YamlNode *node, guint index);
/* yaml_node_index: which child of its parent NODE, no key, is. */
guint yaml_node_index(const YamlNode *node);
/* yaml_node_text: a scalar's value, NULL for all else. */
const char *yaml_node_text(const YamlNode *node);
/* yaml_node_is_nothing: a plain scalar without a character: "key:". */
gboolean yaml_node_is_nothing(const YamlNode *node);
/* yaml_node_foreach: NODE and everything below it, keys in front of their values, as they stand in the file; aliases
 * are given and not followed. */
typedef void (*YamlNodeFunction)(const YamlNode *node, gpointer data);
void yaml_node_foreach(const YamlNode *node, YamlNodeFunction function, gpointer data);

/* yaml_byte_order_mark: how many bytes of DATA are one. */
gsize yaml_byte_order_mark(const char *data, gsize size);
