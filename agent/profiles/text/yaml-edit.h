/* yaml-edit.h - change what a YAML text says and leave every other byte as it is.
 *
 * Comments, order, quoting, indentation, block and flow style stay. After each change the text is read anew: nodes that
 * a caller holds are gone then, and have to be looked up again. An anchor, alias, tag or merge key (<<) on what changes
 * or around it is an error that names it ("PATH:LINE: "), and the text stays as it was: what else it means would change
 * too.
 */
#pragma once

#include "yaml-text.h"
#include "yaml-value.h"

/* yaml_text_set: NODE, a key or a value that is a scalar, says VALUE, in the quotes that it has; plain where it was and
 * can be. */
gboolean yaml_text_set(YamlText *text, const YamlNode *node, const char *value,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* yaml_text_set_all: several nodes, in the order of the text, as one change: two keys of one mapping may change their
 * names with each other. */
typedef struct {
  const YamlNode *node;
  const char *value;
} YamlSetting;
gboolean yaml_text_set_all(YamlText *text, const YamlSetting *settings, guint count,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* yaml_text_remove: NODE is an item of a list or the value of a key; the key goes too. Of block style whole lines, with
 * the comments inside of them; the last child leaves [] or {}. */
gboolean yaml_text_remove(YamlText *text, const YamlNode *node, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* yaml_text_add: an item at the end of the list NODE (KEY is NULL), or KEY, which is not there, at the end of the
 * mapping NODE. A NODE that is nothing ("key:") becomes a list or mapping. */
gboolean yaml_text_add(YamlText *text, const YamlNode *node, const char *key, const YamlValue *value,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* yaml_text_may_change: no anchor, alias, tag or merge key on NODE or around it; the error names the one there is. */
gboolean yaml_text_may_change(const YamlText *text, const YamlNode *node, GError **error) G_GNUC_WARN_UNUSED_RESULT;
