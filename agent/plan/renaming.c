/* renaming.c - the old host name found in other files' words, and what each such word becomes */
#include "renaming.h"

#include <string.h>

static const char *domain_of(const char *name) {
  const char *dot = strchr(name, '.');

  return dot == NULL || dot[1] == '\0' ? NULL : dot + 1;
}

static char *label_of(const char *name) {
  return g_strndup(name, strcspn(name, "."));
}

static gboolean is_localhost(const char *name) {
  g_autofree char *label = label_of(name);

  return g_ascii_strcasecmp(label, "localhost") == 0;
}

gboolean renaming_init(Renaming *renaming, const Identity *identity) {
  if (identity->old_hostname[0] == '\0' || is_localhost(identity->old_hostname) ||
      strcmp(identity->old_hostname, identity->hostname) == 0)
    return FALSE;
  renaming->old_name = g_strdup(identity->old_hostname);
  renaming->new_name = g_strdup(identity->hostname);
  renaming->old_label = label_of(renaming->old_name);
  renaming->new_label = label_of(renaming->new_name);
  renaming->old_domain = domain_of(renaming->old_name);
  renaming->new_domain = domain_of(renaming->new_name);
  return TRUE;
}

void renaming_clear(Renaming *renaming) {
  g_free(renaming->old_name);
  g_free(renaming->old_label);
  g_free(renaming->new_name);
  g_free(renaming->new_label);
  *renaming = (Renaming){0};
}

char *renaming_word(const Renaming *renaming, const char *word, gsize length) {
  g_autofree char *text = g_strndup(word, length);
  g_autofree char *label = label_of(text);
  const char *domain = domain_of(text);
  gboolean own_domain;

  /* A word with a NUL in it or a dot at its end is no name in the form that these files have. */
  if (strlen(text) != length || g_ascii_strcasecmp(label, renaming->old_label) != 0 ||
      (domain == NULL && strlen(label) != length))
    return NULL;
  if (domain == NULL)
    return g_strdup(renaming->new_label);
  /* The machine's own domain goes with its name; another one (golden.lan beside golden.example.org) stays. */
  own_domain = renaming->old_domain == NULL || g_ascii_strcasecmp(domain, renaming->old_domain) == 0;
  if (own_domain && renaming->new_domain != NULL)
    return g_strdup(renaming->new_name);
  return g_strconcat(renaming->new_label, ".", domain, NULL);
}

static gboolean is_name_byte(char byte) {
  return g_ascii_isalnum(byte) || byte == '-' || byte == '.' || byte == '_';
}

void renaming_text(const Renaming *renaming, const char *text, const char *end, GString *out) {
  while (text < end) {
    const char *word = text;
    const char *stop;
    g_autofree char *renamed = NULL;

    while (word < end && !is_name_byte(*word))
      word++;
    g_string_append_len(out, text, word - text);
    for (stop = word; stop < end && is_name_byte(*stop);)
      stop++;
    text = stop;
    while (stop > word && stop[-1] == '.') /* the end of a sentence */
      stop--;
    if (stop > word)
      renamed = renaming_word(renaming, word, (gsize)(stop - word));
    if (renamed == NULL) {
      g_string_append_len(out, word, text - word);
    } else {
      g_string_append(out, renamed);
      g_string_append_len(out, stop, text - stop);
    }
  }
}
