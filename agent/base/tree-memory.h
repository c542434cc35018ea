/* tree-memory.h - what a plan has seen of the tree. A dozen steps look at the same directories and files; with a memory
 * each is read once, and all of a plan is of one moment, whatever is changed meanwhile.
 *
 * It belongs to a Root (root->memory) and ends with the plan: who writes, or waits for a change, has a Root without
 * one. Paths are remembered as they are asked for.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct TreeMemory TreeMemory;

TreeMemory *tree_memory_new(void);
void tree_memory_free(TreeMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TreeMemory, tree_memory_free)

/* A file as tree_read gives it. */
typedef struct {
  GBytes *content; /* NULL: not there */
  char *resolved;
} SeenFile;

/* MEMORY may be NULL in all of these: nothing is known, and nothing is remembered. What is returned is MEMORY's. */

/* The sorted names in directory PATH; NULL: not known. tree_memory_add_names copies. */
char **tree_memory_names(const TreeMemory *memory, const char *path);
void tree_memory_add_names(TreeMemory *memory, const char *path, char **names);

/* tree_memory_is_below_plain: the directory that PATH is in is called what it is: no link is on the way to it.
 * tree_memory_add_plain: it is, of a PATH that is. */
gboolean tree_memory_is_below_plain(const TreeMemory *memory, const char *path);
void tree_memory_add_plain(TreeMemory *memory, const char *path);

/* tree_memory_says_absent: the directory that PATH is in was read, and has no such name. */
gboolean tree_memory_says_absent(const TreeMemory *memory, const char *path);

const SeenFile *tree_memory_file(const TreeMemory *memory, const char *path);
void tree_memory_add_file(TreeMemory *memory, const char *path, GBytes *content, const char *resolved);

/* What kind of thing PATH is (S_IFMT; 0: nothing), with or without LINKS followed. *KNOWN: it was asked before, or a
 * listing tells that it is absent. */
mode_t tree_memory_type(const TreeMemory *memory, const char *path, gboolean links, gboolean *known);
void tree_memory_add_type(TreeMemory *memory, const char *path, gboolean links, mode_t type);
