/* yaml-text.h - a YAML document as a tree of nodes, each with the bytes in which it stands.
 *
 * Read by libyaml's parser events, so that what it refuses is refused here with its message; yaml-edit.h changes the
 * text by these spans. One document of a mapping, list or scalar. What netplan has no use for and no span edit could
 * keep right is refused too: several documents, keys that are no scalars, a key that stands twice in one mapping, an
 * alias inside of what it stands for, line ends that are neither LF nor CR LF.
 */
#pragma once

#include "yaml-node.h"

typedef struct YamlText YamlText;

/* yaml_text_parse: PATH is for messages, which all begin with "PATH:LINE: ". */
YamlText *yaml_text_parse(GBytes *bytes, const char *path, GError **error);
void yaml_text_free(YamlText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlText, yaml_text_free)

/* yaml_text_reread: BYTES take the place of the text, of which those from START to END became others; where they are no
 * such document the text stays as it was. What no change can have touched is not read again. */
gboolean yaml_text_reread(YamlText *text, GBytes *bytes, gsize start, gsize end,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

GBytes *yaml_text_bytes(const YamlText *text);
const char *yaml_text_path(const YamlText *text);
/* yaml_text_root: NULL: nothing but comments. Nodes live as long as TEXT, and until it is edited. */
const YamlNode *yaml_text_root(const YamlText *text);
