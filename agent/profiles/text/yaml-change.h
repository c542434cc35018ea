/* yaml-change.h - one change of a YAML text: where things stand in its lines, and the bytes that become others. What
 * yaml-edit.c is made of.
 */
#pragma once

#include "yaml-text.h"
#include "yaml-value.h"

/* The bytes from START to END become TEXT. */
typedef struct {
  gsize start, end;
  char *text;
} YamlPatch;

typedef struct {
  YamlText *text;
  const char *data;
  gsize size;
  GArray *patches; /* YamlPatch, in the order of the bytes */
  YamlLayout layout;
} YamlChange;

/* change_begin: BYTES are those of TEXT, and live as long as the change. Clear with change_clear. */
YamlChange change_begin(YamlText *text, GBytes *bytes);
void change_clear(YamlChange *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(YamlChange, change_clear)

void change_replace(YamlChange *change, gsize start, gsize end, const char *text);
/* change_carry_out: the text is read anew; where it would be no YAML it stays as it was. */
gboolean change_carry_out(YamlChange *change, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Lines. A place is an offset into the text. */
gsize change_line_start(const YamlChange *change, gsize at);
gsize change_line_end(const YamlChange *change, gsize at); /* behind the line end */
guint change_column(const YamlChange *change, gsize at);
gsize change_skip_blanks(const YamlChange *change, gsize at);
gsize change_skip_blanks_back(const YamlChange *change, gsize at);
gboolean change_is_first_of_line(const YamlChange *change, gsize at);
gboolean change_is_last_of_line(const YamlChange *change, gsize at); /* but for blanks and a comment */
gboolean change_is_on_one_line(const YamlChange *change, gsize start, gsize end);
/* change_find_mark: the next BYTE from AT on, over blanks, lines and comments; SIZE of the text: something else comes
 * first. */
gsize change_find_mark(const YamlChange *change, gsize at, char byte);

/* Entries: a mapping's value with its key, a list's item with its dash. */
gsize change_entry_start(const YamlChange *change, const YamlNode *node);
gsize change_entry_end(const YamlNode *node);
gsize change_lines_end(const YamlChange *change, const YamlNode *node); /* of the entry's last line, behind its end */
/* change_column_of_children: of the dashes of a list or the keys of a mapping in block style. */
guint change_column_of_children(const YamlChange *change, const YamlNode *node);
/* change_behind_colon: where a key's value goes that has none yet; 0: there is no colon. */
gsize change_behind_colon(const YamlChange *change, const YamlNode *key);
