/* yaml-node.c - a word, list or mapping of a YAML document, with the bytes in which it stands */
#include "yaml-node.h"

#include <stdarg.h>
#include <string.h>

void yaml_node_free(YamlNode *node) {
  if (node == NULL)
    return;
  yaml_node_free(node->key);
  if (node->children != NULL)
    g_ptr_array_unref(node->children);
  g_free(node->text);
  g_free(node->anchor);
  g_free(node);
}

const YamlNode *yaml_node_resolve(const YamlNode *node) {
  return node != NULL && node->kind == YAML_KIND_ALIAS ? node->target : node;
}

const YamlNode *yaml_node_get(const YamlNode *node, const char *key) {
  const YamlNode *mapping = yaml_node_resolve(node);

  for (guint i = 0; mapping != NULL && mapping->kind == YAML_KIND_MAPPING && i < mapping->children->len; i++) {
    const YamlNode *value = mapping->children->pdata[i];

    if (strcmp(value->key->text, key) == 0)
      return value;
  }
  return NULL;
}

const YamlNode *yaml_node_find(const YamlNode *node, const char *key, ...) {
  va_list keys;

  va_start(keys, key);
  for (; node != NULL && key != NULL; key = va_arg(keys, const char *))
    node = yaml_node_get(node, key);
  va_end(keys);
  return node;
}

const YamlNode *yaml_node_child(const YamlNode *node, guint index) {
  return node->children->pdata[index];
}

guint yaml_node_index(const YamlNode *node) {
  guint index = 0;

  (void)g_ptr_array_find(node->parent->children, node, &index);
  return index;
}

const char *yaml_node_text(const YamlNode *node) {
  const YamlNode *scalar = yaml_node_resolve(node);

  return scalar != NULL && scalar->kind == YAML_KIND_SCALAR ? scalar->text : NULL;
}

gboolean yaml_node_is_nothing(const YamlNode *node) {
  return node->kind == YAML_KIND_SCALAR && node->quoting == YAML_PLAIN && *node->text == '\0';
}

void yaml_node_foreach(const YamlNode *node, YamlNodeFunction function, gpointer data) {
  if (node == NULL)
    return;
  if (node->key != NULL)
    function(node->key, data);
  function(node, data);
  for (guint i = 0; node->children != NULL && i < node->children->len; i++)
    yaml_node_foreach(node->children->pdata[i], function, data);
}

gsize yaml_byte_order_mark(const char *data, gsize size) {
  static const char mark[] = "\xef\xbb\xbf";

  return size >= strlen(mark) && memcmp(data, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
}
