/* step-hosts.c - the machine's own lines of /etc/hosts */
#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/tree.h"
#include "renaming.h"
#include "steps.h"

#define STEP "hosts"

static const char hosts_file[] = "/etc/hosts";

typedef struct {
  Renaming renaming;
  gboolean renames;
  GHashTable *addresses; /* canonical text of the template's -> text of the clone's (borrowed) */
} Changes;

/* Each address of a profile that is replaced, in order; the template's surplus ones become the clone's first. */
static void collect_addresses(const Identity *identity, GHashTable *addresses) {
  for (guint i = 0; i < identity->assignments->len; i++) {
    const Assignment *assignment = g_ptr_array_index(identity->assignments, i);
    const guint n_new = assignment->addresses->len;
    g_auto(GStrv) old = NULL;

    if (assignment->profile == NULL || n_new == 0)
      continue;
    old = profile_static_addresses(assignment->profile, assignment->family);
    for (guint j = 0; old != NULL && old[j] != NULL; j++) {
      PolicyAddress *address = g_ptr_array_index(assignment->addresses, j < n_new ? j : 0);
      char canonical[INET6_ADDRSTRLEN];
      struct in6_addr ip;

      if (inet_pton(assignment->family, old[j], &ip) == 1 &&
          inet_ntop(assignment->family, &ip, canonical, sizeof canonical) != NULL)
        g_hash_table_insert(addresses, g_strdup(canonical), address->text);
    }
  }
}

/* The address at WORD in canonical form; FALSE when it is none. */
static gboolean parse_address(const char *word, gsize length, char canonical[INET6_ADDRSTRLEN], gboolean *loopback) {
  char text[INET6_ADDRSTRLEN];
  struct in_addr v4;
  struct in6_addr v6;

  if (length >= sizeof text)
    return FALSE;
  memcpy(text, word, length);
  text[length] = '\0';
  if (inet_pton(AF_INET, text, &v4) == 1) {
    *loopback = (ntohl(v4.s_addr) >> 24) == 127;
    return inet_ntop(AF_INET, &v4, canonical, INET6_ADDRSTRLEN) != NULL;
  }
  if (inet_pton(AF_INET6, text, &v6) == 1) {
    *loopback = IN6_IS_ADDR_LOOPBACK(&v6);
    return inet_ntop(AF_INET6, &v6, canonical, INET6_ADDRSTRLEN) != NULL;
  }
  return FALSE;
}

/* The next word in front of END (white space ends it); FALSE when there is none. */
static gboolean next_word(const char **position, const char *end, const char **word, gsize *length) {
  const char *start = *position;
  const char *stop;

  while (start < end && g_ascii_isspace(*start))
    start++;
  for (stop = start; stop < end && !g_ascii_isspace(*stop);)
    stop++;
  *word = start;
  *length = (gsize)(stop - start);
  *position = stop;
  return stop > start;
}

static gboolean has_new_name(const Renaming *renaming, const char *names, const char *end) {
  const char *word;
  gsize length;

  while (next_word(&names, end, &word, &length)) {
    g_autofree char *renamed = renaming_word(renaming, word, length);

    if (g_strcmp0(renamed, renaming->new_name) == 0)
      return TRUE;
  }
  return FALSE;
}

static void append_names(const Renaming *renaming, const char *names, const char *end, GString *out) {
  /* A short name that became a long one stands in front of its short form, as hosts(5) has it. */
  gboolean add_full =
      renaming->old_domain == NULL && renaming->new_domain != NULL && !has_new_name(renaming, names, end);
  const char *position = names;
  const char *copied = names;
  const char *word;
  gsize length;

  while (next_word(&position, end, &word, &length)) {
    g_autofree char *renamed = renaming_word(renaming, word, length);

    if (renamed == NULL)
      continue;
    g_string_append_len(out, copied, word - copied);
    if (add_full)
      g_string_append_printf(out, "%s ", renaming->new_name);
    g_string_append(out, renamed);
    add_full = FALSE;
    copied = word + length;
  }
  g_string_append_len(out, copied, end - copied);
}

static void append_line(const Changes *changes, const char *line, const char *stop, GString *out) {
  const char *comment = memchr(line, '#', (gsize)(stop - line));
  const char *end = comment == NULL ? stop : comment;
  const char *position = line;
  const char *new_address = NULL;
  char canonical[INET6_ADDRSTRLEN];
  gboolean loopback = FALSE;
  const char *word;
  gsize length;

  if (next_word(&position, end, &word, &length) && parse_address(word, length, canonical, &loopback))
    new_address = g_hash_table_lookup(changes->addresses, canonical);
  if (!loopback && new_address == NULL) {
    g_string_append_len(out, line, stop - line);
    return;
  }
  g_string_append_len(out, line, word - line);
  if (new_address == NULL)
    g_string_append_len(out, word, (gssize)length);
  else
    g_string_append(out, new_address);
  if (changes->renames)
    append_names(&changes->renaming, position, end, out);
  else
    g_string_append_len(out, position, end - position);
  g_string_append_len(out, end, stop - end);
}

static GBytes *rewrite(const Changes *changes, GBytes *old) {
  gsize size = 0;
  const char *text = bytes_text(old, &size);
  const char *end = text + size;
  GString *out = g_string_sized_new(size + 64);

  for (const char *line = text; line < end;) {
    const char *newline = memchr(line, '\n', (gsize)(end - line));
    const char *stop = newline == NULL ? end : newline + 1;

    append_line(changes, line, stop, out);
    line = stop;
  }
  return g_string_free_to_bytes(out);
}

static gboolean plan_file(const PlanContext *context, const Changes *changes, Plan *plan, GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_read(context->root, hosts_file, &old, &resolved, error))
    return FALSE;
  if (old == NULL || g_bytes_get_size(old) == 0)
    return TRUE;
  if (memchr(bytes_text(old, NULL), '\0', g_bytes_get_size(old)) != NULL) {
    plan_warn(plan, "%s holds NUL bytes and is left alone: the template's name may stand in it.", resolved);
    return TRUE;
  }
  content = rewrite(changes, old);
  plan_write(plan, STEP, resolved, old, content, "the template's name and addresses become the clone's");
  return TRUE;
}

gboolean step_hosts(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GHashTable) addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Changes changes = {.addresses = addresses};
  gboolean planned = TRUE;

  changes.renames = renaming_init(&changes.renaming, context->identity);
  collect_addresses(context->identity, addresses);
  if (changes.renames || g_hash_table_size(addresses) > 0)
    planned = plan_file(context, &changes, plan, error);
  renaming_clear(&changes.renaming);
  return planned;
}
