/* keyfile-text-lines.h - how a KeyfileText holds its lines: shared by its reading and its editing half, and by nobody
 * else. */
#pragma once

#include "keyfile-text.h"

typedef struct {
  char *name;
  GPtrArray *lines;    /* KeyfileLine*, borrowed: the key lines, in the order of the text */
  GHashTable *entries; /* char *key, owned -> GPtrArray of KeyfileLine*: its duplicates, the last one in force */
} KeyfileGroup;

typedef enum { KEYFILE_LINE_OTHER, KEYFILE_LINE_GROUP, KEYFILE_LINE_KEY } KeyfileLineKind;

/* One line with its line end. The spans are offsets into TEXT. */
typedef struct {
  const char *text; /* borrowed from the bytes, or the same as OWNED */
  char *owned;
  gsize size;
  KeyfileLineKind kind;
  gboolean removed;    /* between mark_key() and sweep_lines() */
  KeyfileGroup *group; /* KEYFILE_LINE_GROUP, KEYFILE_LINE_KEY; borrowed */
  gsize key_start, key_end, value_start, value_end;
} KeyfileLine;

struct KeyfileText {
  GBytes *bytes;
  GPtrArray *lines;         /* KeyfileLine*, owned */
  GPtrArray *groups;        /* KeyfileGroup*, owned, in the order of first appearance */
  GHashTable *groups_named; /* char *name, borrowed -> Group* */
};

/* The group of this name, made (without a line) where it is not there. */
KeyfileGroup *keyfile_group_named(KeyfileText *text, const char *name, gsize length);
/* NULL: not there. */
KeyfileGroup *keyfile_find_group(const KeyfileText *text, const char *name);
/* The lines of a key, or NULL. */
GPtrArray *keyfile_find_entry(const KeyfileText *text, const char *group_name, const char *key);
KeyfileLine *keyfile_line_in_force(const GPtrArray *entry);

gboolean keyfile_line_has_end(const KeyfileLine *line);
/* Bytes of the line end: 0, 1 or 2. */
gsize keyfile_line_end_size(const KeyfileLine *line);
char *keyfile_line_key(const KeyfileLine *line);
/* Give LINE the SIZE bytes TEXT, which it owns from now on. */
void keyfile_line_take_text(KeyfileLine *line, char *text, gsize size);
/* Put the SIZE bytes WITH in the place of the bytes from START to END of LINE. */
void keyfile_line_splice(KeyfileLine *line, gsize start, gsize end, const char *with, gsize size);
/* LINE, behind all duplicates of its key that GROUP has. */
void keyfile_enter_key_line(KeyfileGroup *group, KeyfileLine *line);
void keyfile_line_free(gpointer data);
