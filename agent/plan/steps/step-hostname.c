/* step-hostname.c - /etc/hostname and what repeats it */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/tree.h"
#include "observe/hostname.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"

#define STEP "hostname"

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
static const FollowedKey machine_info_keys[] = {{NULL, "PRETTY_HOSTNAME", RENAME_HOST, NULL}};
static const ScannedFormat machine_info = {.step = STEP,
                                           .reader = tokens_of_assignments,
                                           .table = machine_info_keys,
                                           .n_table = G_N_ELEMENTS(machine_info_keys),
                                           .why = "the pretty host name named the template"};

/* Debian's mailname(5): the name that mail goes out with, where it is this machine's own and not the site's. */
static const FollowedKey mailname_keys[] = {{NULL, "*", RENAME_HOST, NULL}};
static const ScannedFormat mailname = {.step = STEP,
                                       .reader = tokens_of_lines,
                                       .table = mailname_keys,
                                       .n_table = G_N_ELEMENTS(mailname_keys),
                                       .why = "the mail name was the template's name"};

static gboolean rewrite_file(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;
  const char *text = "";
  gsize size = 0;
  gsize new_size = 0;

  if (!tree_read(context->root, "/etc/hostname", &old, &resolved, error))
    return FALSE;
  if (old != NULL && g_bytes_get_size(old) > 0)
    text = bytes_text(old, &size);
  char *rewritten = rewrite_hostname(context, text, size, &new_size);
  content = g_bytes_new_take(rewritten, new_size);
  plan_write(plan, STEP, resolved, old, content, "the clone's own host name");
  return TRUE;
}

gboolean step_hostname(const PlanContext *context, Plan *plan, GError **error) {
  const Identity *identity = context->identity;

  if (identity->hostname[0] == '\0' || strcmp(identity->old_hostname, identity->hostname) == 0)
    return TRUE;
  (void)plan_act(plan, STEP, ACTION_HOSTNAME, NULL, NULL, "the running host name");
  return rewrite_file(context, plan, error) && scanner_file(context, &machine_info, "/etc/machine-info", plan, error) &&
         scanner_file(context, &mailname, "/etc/mailname", plan, error);
}

void step_hostname_check(const Root *root, Plan *plan) {
  char name[HOSTNAME_SIZE];
  char spelling[HOSTNAME_SIZE];

  hostname_read_spelling(root, spelling, sizeof spelling);
  if (hostname_read(root, name, sizeof name, NULL) < 0 || *name == '\0' || hostname_is_pattern(spelling))
    return;
  plan_check(plan, STEP, "host name of the kernel", NULL, name);
  plan_check(plan, STEP, "host name of hostnamed", NULL, name);
}
