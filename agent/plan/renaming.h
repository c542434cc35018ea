/* renaming.h - the old host name found in other files' words, and what each such word becomes.
 *
 * "golden" and "golden.example.org" are both the machine golden; "golden-backup" and "mygolden" are not.
 */
#pragma once

#include "identity.h"

typedef struct {
  char *old_name, *old_label; /* whole name, first label */
  char *new_name, *new_label;
  const char *old_domain, *new_domain; /* behind the first dot; NULL: none */
} Renaming;

/* renaming_init: from IDENTITY's old and new host name. FALSE (nothing to clear) when they are equal, or when the old
 * one is empty or "localhost", which every machine has. */
gboolean renaming_init(Renaming *renaming, const Identity *identity);
void renaming_clear(Renaming *renaming);

/* renaming_word: what takes the place of the LENGTH bytes at WORD; NULL when that is not the old name. */
char *renaming_word(const Renaming *renaming, const char *word, gsize length);

/* renaming_text: append TEXT up to END with every word in it that is the old name replaced. A host name needs no
 * quoting, so quotes and escapes around it stay as they are. */
void renaming_text(const Renaming *renaming, const char *text, const char *end, GString *out);
