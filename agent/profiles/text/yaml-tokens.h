/* yaml-tokens.h - what a YAML text says, as tokens (tokens.h), and without its secrets.
 *
 * The group is the way of keys down to the mapping ("network.ethernets.ens3.match"), the key the one that the value, or
 * the list around it, belongs to. A key is itself a token: it is a value of the key that its mapping belongs to, so
 * that the id ens3 is said by ethernets in the group network.
 */
#pragma once

#include "tokens.h"
#include "yaml-text.h"

/* yaml_token: of the scalar NODE, its value as it is meant, without quotes and escapes; GROUP keeps the group. */
Token yaml_token(const YamlNode *node, GString *group);

/* tokens_of_yaml: TokenReader. Values are those bytes of the text that stand within the quotes. A text that is no YAML
 * is given line by line. */
void tokens_of_yaml(const char *text, gsize size, TokenFunction function, gpointer data);

/* yaml_mask_secrets: TEXT with passwords and private keys hidden, those in comments too; all of it where it is no
 * YAML. The caller frees. */
char *yaml_mask_secrets(const char *text, gsize size, gsize *masked_size);
