/* command-line.c - the parameters of the kernel command line */
#include "command-line.h"

#include "bytes.h"
#include "list.h"
#include "tree.h"

static void end_word(GString *word, GPtrArray *words) {
  if (word->len > 0)
    g_ptr_array_add(words, g_strdup(word->str));
  g_string_truncate(word, 0);
}

char **command_line_words(const Root *hardware) {
  g_autoptr(GBytes) content = NULL;
  g_autoptr(GPtrArray) words = g_ptr_array_new();
  g_autoptr(GString) word = g_string_new(NULL);
  gboolean quoted = FALSE;

  if (hardware != NULL && tree_read(hardware, "/proc/cmdline", &content, NULL, NULL) && content != NULL) {
    g_autofree char *text = bytes_dup(content);
    for (const char *at = text; *at != '\0'; at++)
      if (*at == '"')
        quoted = !quoted;
      else if (quoted || !g_ascii_isspace(*at))
        g_string_append_c(word, *at);
      else
        end_word(word, words);
  }
  end_word(word, words);
  return list_strv(g_steal_pointer(&words));
}

const char *command_line_value(const char *word, const char *name) {
  for (; *name != '\0'; word++, name++)
    if (*word != *name && !(*word == '-' && *name == '_'))
      return NULL;
  return *word == '=' ? word + 1 : NULL;
}
