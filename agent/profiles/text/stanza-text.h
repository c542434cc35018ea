/* stanza-text.h - the text of /etc/network/interfaces: change words, values and lines, and leave every other byte.
 *
 * As interfaces(5) has it: a line is a head (iface, auto, mapping, ...) or an option of the head above it, wherever its
 * first word stands; what begins with "#" is a comment, which no backslash continues; any other line goes on in the
 * next where a backslash is its last byte, also in the middle of a word. Trailing blanks and a CR do not count. No text
 * is refused: what ifupdown would not take is for its reader to find.
 */
#pragma once

#include <glib.h>

typedef enum {
  STANZA_BLANK,  /* empty, or a comment */
  STANZA_HEAD,   /* begins a stanza; those of ifupdown-ng too: template, interface, defaults */
  STANZA_OPTION, /* of the head above; before any head it belongs to none */
} StanzaKind;

typedef struct StanzaLine StanzaLine;

struct StanzaLine {
  StanzaKind kind;
  guint number;           /* of its first line, from 1; 0: it is new */
  const StanzaLine *head; /* of the stanza: a head's is itself; NULL: none */
  char **words;           /* without what continues them; NULL-terminated; empty where blank */
  guint n_words;
  /* For stanza-text.c. */
  GString *raw; /* with line ends and what continues it */
  guint index;  /* in the text's lines */
  GArray *spans;
};

typedef struct {
  GPtrArray *lines; /* StanzaLine*, in their order; they stay where they are until they are removed */
  gboolean open;    /* the last one has no line end */
} StanzaText;

StanzaText *stanza_text_parse(GBytes *bytes);
void stanza_text_free(StanzaText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StanzaText, stanza_text_free)
GBytes *stanza_text_bytes(const StanzaText *text);

/* stanza_line_value: all that stands behind the first word, raw, SIZE bytes that are not terminated; of a line of one
 * word, that. stanza_line_value_number: the line of the text in which it begins. Only of lines that are not blank. */
const char *stanza_line_value(const StanzaLine *line, gsize *size);
guint stanza_line_value_number(const StanzaLine *line);

/* stanza_line_is: is KEYWORD the first word? "_" and "-" are the same: bridge_ports, bridge-ports. */
gboolean stanza_line_is(const StanzaLine *line, const char *keyword);
/* stanza_text_option: the first option KEYWORD of HEAD's stanza behind AFTER (NULL: from its beginning), or NULL. */
StanzaLine *stanza_text_option(const StanzaText *text, const StanzaLine *head, const char *keyword,
                               const StanzaLine *after);

/* stanza_line_set_word: the word INDEX; one more than there are is put behind the last. What stands around it, a
 * comment of ifupdown-ng's behind it too, stays. Returns whether anything changed. */
gboolean stanza_line_set_word(StanzaLine *line, guint index, const char *word);
/* stanza_line_set_value: all that stands behind the first word. VALUE may have continuations of its own. */
gboolean stanza_line_set_value(StanzaLine *line, const char *value);

/* stanza_text_insert: an option behind AFTER, in its stanza; indented and aligned as the options there are. */
StanzaLine *stanza_text_insert(StanzaText *text, const StanzaLine *after, const char *keyword, const char *value);
/* stanza_text_add: a stanza of its own, HEAD ("iface eth0 inet6 auto"), behind the last option of AFTER's stanza and an
 * empty line; AFTER NULL: at the end of the text. */
StanzaLine *stanza_text_add(StanzaText *text, const StanzaLine *after, const char *head);
/* stanza_text_append: all lines of MORE at the end of the text, behind an empty line. */
void stanza_text_append(StanzaText *text, const StanzaText *more);
/* stanza_text_remove: the whole line, with what continues it. LINE is freed. */
void stanza_text_remove(StanzaText *text, StanzaLine *line);
