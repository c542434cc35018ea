/* unit-text.h - systemd's INI files (systemd.syntax(7)) as an array of lines: what is asked for changes, every other
 * byte stays.
 *
 * systemd's rules are not GKeyFile's: sections and keys may come again, and each time count; an empty assignment takes
 * back what was assigned before; a line that ends in a backslash goes on in the next one; comments begin with # or ;,
 * also between the lines of one assignment. A section that comes again is another section (a second [Address] is a
 * second address), so that all is named by its occurrence.
 *
 * An entry or section that is removed is freed; the others stay where they are, and what was read of them stays true.
 */
#pragma once

#include <glib.h>

typedef struct UnitText UnitText;
typedef struct UnitEntry UnitEntry;

typedef struct {
  char *name;
  guint line;         /* of its head, from 1, in the text as it was parsed; 0: it is new */
  GPtrArray *entries; /* UnitEntry*, in their order */
} UnitSection;

struct UnitEntry {
  UnitSection *section;
  char *key;
  char *value; /* as systemd reads it: lines joined, blanks around it gone */
  char *raw;   /* as it is written: with backslashes, line ends and the comments between */
  guint line;  /* in which it begins, from 1, in the text as it was parsed; 0: it is new */
};

/* unit_text_parse: the error names the line of a section's head that systemd refuses, and with it the whole file. What
 * systemd only ignores (a line without "=", an assignment outside of a section) is no entry. */
UnitText *unit_text_parse(GBytes *bytes, GError **error);
void unit_text_free(UnitText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UnitText, unit_text_free)

/* unit_text_sections: UnitSection*, in their order; each occurrence is one. */
const GPtrArray *unit_text_sections(const UnitText *text);

/* unit_text_find: the first section of NAME, or NULL. */
UnitSection *unit_text_find(const UnitText *text, const char *name);
/* unit_section_value: the last value of KEY in SECTION; NULL: it is not there. */
const char *unit_section_value(const UnitSection *section, const char *key);

/* unit_text_set: RAW in the place of the entry's value; key, blanks around "=" and line end stay. */
void unit_text_set(UnitText *text, UnitEntry *entry, const char *raw);

/* unit_text_insert: KEY=VALUE into SECTION behind its entry AFTER; NULL: behind its last one, else behind its head.
 * Written as its neighbour is. */
UnitEntry *unit_text_insert(UnitText *text, UnitSection *section, const UnitEntry *after, const char *key,
                            const char *value);

/* unit_text_remove: whole lines; comments between them stay. */
void unit_text_remove(UnitText *text, UnitEntry *entry);

/* unit_text_remove_key: every KEY of SECTION. */
void unit_text_remove_key(UnitText *text, UnitSection *section, const char *key);

/* unit_text_remove_section: its head, its entries, and the empty lines behind the last of them; comments stay. */
void unit_text_remove_section(UnitText *text, UnitSection *section);

/* unit_text_add_section: a new one at the end of the text, behind an empty line. */
UnitSection *unit_text_add_section(UnitText *text, const char *name);

GBytes *unit_text_bytes(const UnitText *text);
