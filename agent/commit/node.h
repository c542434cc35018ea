/* node.h - what lies at a name: told apart, kept in old/, brought back. Functions return a negative errno on failure.
 */
#pragma once

#include <glib.h>

#include "manifest.h"

/* node_is: 1 when NAME in DIRECTORY is a TYPE with content or link text of SHA256 (NULL: whatever it holds), else 0. */
int node_is(int directory, const char *name, NodeType type, const char *sha256);

/* node_create: NAME in DIRECTORY newly made as a copy of FROM_NAME in FROM, of TYPE (not absent), with its owner, mode,
 * attributes and times. A file or link that has the name goes first; a directory that is there is taken. *FAILED (may
 * be NULL) names the attribute that could not be set. */
int node_create(int directory, const char *name, NodeType type, int from, const char *from_name, char **failed);

/* node_remove: NAME in DIRECTORY, which is a TYPE. Not there is no error. */
int node_remove(int directory, const char *name, NodeType type);

/* node_read_link: the text of the symbolic link NAME; the caller frees. -EINVAL: it is not one. */
int node_read_link(int directory, const char *name, char **text);
