/* yaml-read.h - libyaml's parser events become a tree of nodes, each with its bytes. What yaml-text.c is made of. */
#pragma once

#include "yaml-node.h"

/* yaml_read: *ROOT becomes NULL where there are comments at the most; free it with yaml_node_free. */
gboolean yaml_read(GBytes *bytes, const char *path, YamlNode **root, gboolean *has_anchors,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
