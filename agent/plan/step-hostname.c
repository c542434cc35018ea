/* step-hostname.c - /etc/hostname and what repeats it */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/tree.h"
#include "observe/hostname.h"
#include "renaming.h"
#include "steps.h"

#define STEP "hostname"

typedef char *(*Rewrite)(const PlanContext *context, const char *text, gsize size, gsize *new_size);

static const char *line_end(const char *start, const char *end) {
  const char *newline = memchr(start, '\n', (gsize)(end - start));

  return newline == NULL ? end : newline;
}

static char *take(GString *text, gsize *size) {
  *size = text->len;
  return g_string_free(text, FALSE);
}

/* hostname(5): the first line that is neither empty nor a comment is the name; all else stays. */
static char *rewrite_hostname(const PlanContext *context, const char *text, gsize size, gsize *new_size) {
  const char *end = text + size;
  GString *out = g_string_new(NULL);

  for (const char *line = text; line < end;) {
    const char *stop = line_end(line, end);
    const char *first = line;
    const char *last = stop;

    while (first < stop && g_ascii_isspace(*first))
      first++;
    while (last > first && g_ascii_isspace(last[-1]))
      last--;
    if (first < last && *first != '#') {
      g_string_append_len(out, text, first - text);
      g_string_append(out, context->identity->hostname);
      g_string_append_len(out, last, end - last);
      if (last == end)
        g_string_append_c(out, '\n');
      return take(out, new_size);
    }
    line = stop < end ? stop + 1 : end;
  }
  g_string_append_len(out, text, (gssize)size);
  if (size > 0 && text[size - 1] != '\n')
    g_string_append_c(out, '\n');
  g_string_append_printf(out, "%s\n", context->identity->hostname);
  return take(out, new_size);
}

/* machine-info(5): PRETTY_HOSTNAME, where it names the template. */
static char *rewrite_machine_info(const PlanContext *context, const char *text, gsize size, gsize *new_size) {
  static const char key[] = "PRETTY_HOSTNAME=";
  const char *end = text + size;
  GString *out = g_string_new(NULL);
  Renaming renaming = {0};
  gboolean renames = renaming_init(&renaming, context->identity);

  for (const char *line = text; line < end;) {
    const char *stop = line_end(line, end);
    const char *first = line;

    while (first < stop && g_ascii_isspace(*first))
      first++;
    if (renames && (gsize)(stop - first) > strlen(key) && strncmp(first, key, strlen(key)) == 0) {
      g_string_append_len(out, line, first + strlen(key) - line);
      renaming_text(&renaming, first + strlen(key), stop, out);
    } else {
      g_string_append_len(out, line, stop - line);
    }
    if (stop < end)
      g_string_append_c(out, '\n');
    line = stop < end ? stop + 1 : end;
  }
  renaming_clear(&renaming);
  return take(out, new_size);
}

/* Debian's mailname(5): the name that mail goes out with, where it is this machine's own and not the site's. */
static char *rewrite_mailname(const PlanContext *context, const char *text, gsize size, gsize *new_size) {
  const char *first = text;
  const char *last = text + size;
  GString *out = g_string_new(NULL);
  g_autofree char *renamed = NULL;
  Renaming renaming = {0};

  while (first < last && g_ascii_isspace(*first))
    first++;
  while (last > first && g_ascii_isspace(last[-1]))
    last--;
  if (renaming_init(&renaming, context->identity))
    renamed = renaming_word(&renaming, first, (gsize)(last - first));
  renaming_clear(&renaming);
  if (renamed == NULL) {
    g_string_append_len(out, text, (gssize)size);
  } else {
    g_string_append_len(out, text, first - text);
    g_string_append(out, renamed);
    g_string_append_len(out, last, text + size - last);
  }
  return take(out, new_size);
}

static gboolean rewrite_file(const PlanContext *context, Plan *plan, const char *path, gboolean make, Rewrite rewrite,
                             const char *why, GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;
  const char *text = "";
  gsize size = 0;
  gsize new_size = 0;
  char *rewritten;

  if (!tree_read(context->root, path, &old, &resolved, error))
    return FALSE;
  /* /etc/mailname may be a link to /etc/hostname. */
  if ((old == NULL && !make) || plan_find(plan, resolved) != NULL)
    return TRUE;
  if (old != NULL && g_bytes_get_size(old) > 0)
    text = bytes_text(old, &size);
  rewritten = rewrite(context, text, size, &new_size);
  content = g_bytes_new_take(rewritten, new_size);
  plan_write(plan, STEP, resolved, old, content, why);
  return TRUE;
}

gboolean step_hostname(const PlanContext *context, Plan *plan, GError **error) {
  const Identity *identity = context->identity;

  if (identity->hostname[0] == '\0' || strcmp(identity->old_hostname, identity->hostname) == 0)
    return TRUE;
  (void)plan_act(plan, STEP, ACTION_HOSTNAME, NULL, NULL, "the running host name");
  return rewrite_file(context, plan, "/etc/hostname", TRUE, rewrite_hostname, "the clone's own host name", error) &&
         rewrite_file(context, plan, "/etc/machine-info", FALSE, rewrite_machine_info,
                      "the pretty host name named the template", error) &&
         rewrite_file(context, plan, "/etc/mailname", FALSE, rewrite_mailname, "the mail name was the template's name",
                      error);
}

void step_hostname_check(const Root *root, Plan *plan) {
  char name[HOSTNAME_SIZE];

  if (hostname_read(root, name, sizeof name, NULL) < 0 || *name == '\0')
    return;
  plan_check(plan, STEP, "host name of the kernel", NULL, name);
  plan_check(plan, STEP, "host name of hostnamed", NULL, name);
}
