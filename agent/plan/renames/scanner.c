/* scanner.c - old values in the tokens of a file: followed keys are edited, other tokens a warning */
#include "scanner.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/outcome.h"
#include "profiles/netplan/netplan-profiles.h"
#include "profiles/secret-keys.h"

gboolean followed_fits(const char *globs, const char *text) {
  for (const char *glob = globs; glob != NULL && text != NULL; glob = strchr(glob, '|')) {
    glob += *glob == '|';
    if (glob_fits(glob, text))
      return TRUE;
  }
  return globs == NULL;
}

/* A UUID is a reference where it is a whole item; inside of other words it only mentions the connection. */
static gboolean is_item(const Token *token, const Mention *mention) {
  static const char between[] = ";,\t \"=";
  const char *value = token->value;

  return (mention->start == 0 || strchr(between, value[mention->start - 1]) != NULL) &&
         (mention->end == token->size || strchr(between, value[mention->end]) != NULL);
}

static gboolean stands_behind(const Token *token, const Mention *mention, const char *behind) {
  const gsize size = strlen(behind);

  return mention->start >= size && memcmp(token->value + mention->start - size, behind, size) == 0;
}

static gboolean is_secret(const Token *token) {
  return token->key != NULL && secret_key_is(token->group != NULL ? token->group : "", token->key);
}

static gboolean is_followed(const FollowedKey *table, gsize n_table, const Token *token, const Mention *mention) {
  if (mention->replacement == NULL || is_secret(token))
    return FALSE;
  for (gsize i = 0; i < n_table; i++)
    if ((table[i].kinds & mention->rename->kind) != 0 &&
        !(mention->rename->is_other_name && (table[i].kinds & RENAME_OWN_NAME) != 0) &&
        followed_fits(table[i].group, token->group) && followed_fits(table[i].keys, token->key) &&
        (table[i].behind != NULL ? stands_behind(token, mention, table[i].behind)
                                 : mention->rename->kind != RENAME_UUID || is_item(token, mention)))
      return TRUE;
  return FALSE;
}

static unsigned kinds_of(const FollowedKey *table, gsize n_table, const Token *token) {
  unsigned kinds = 0;

  for (gsize i = 0; i < n_table; i++)
    if (followed_fits(table[i].group, token->group) && followed_fits(table[i].keys, token->key))
      kinds |= table[i].kinds;
  return kinds;
}

/* The list names the NIC by its name here too, as in a template for several hypervisors: the former one stays, as the
 * one here did in the template. */
static gboolean has_own(const Renames *renames, const Mention *mention, const char *list, gsize size) {
  static const char ends[] = " \t\r\n,;\"'";
  const char *name = mention->replacement;

  if (mention->rename->kind != RENAME_NIC || name == NULL || renames_lookup(renames, RENAME_NIC, name) != NULL)
    return FALSE;
  g_autofree char *text = g_strndup(list, size);
  g_auto(GStrv) words = g_strsplit_set(text, ends, -1);
  return g_strv_contains((const char *const *)words, name);
}

char *scanner_value(const Renames *renames, const FollowedKey *table, gsize n_table, const Token *token,
                    FollowedFunction each, gpointer data) {
  const unsigned kinds = kinds_of(table, n_table, token);
  GString *out = NULL;
  gsize copied = 0;
  gsize at = 0;
  Mention mention;

  while (renames_next(renames, kinds, token->value, token->size, &at, &mention)) {
    if (is_followed(table, n_table, token, &mention) && !has_own(renames, &mention, token->value, token->size)) {
      if (out == NULL)
        out = g_string_new(NULL);
      g_string_append_len(out, token->value + copied, (gssize)(mention.start - copied));
      g_string_append(out, mention.replacement);
      copied = mention.end;
      if (each != NULL) {
        g_autofree char *word = g_strndup(token->value + mention.start, mention.end - mention.start);

        each(token, word, &mention, data);
      }
    }
    mention_clear(&mention);
  }
  if (out == NULL)
    return NULL;
  g_string_append_len(out, token->value + copied, (gssize)(token->size - copied));
  return g_string_free(out, FALSE);
}

static const char *kind_name(RenameKind kind) {
  static const char *const names[] = {"connection UUID", "MAC address", "NIC name", "bus path", "address", "host name"};

  return names[__builtin_ctz((unsigned)kind)];
}

/* The line begins with WORD: it has no key, or that says no more. */
static gboolean begins_with(const Token *token, const char *word) {
  return g_str_has_prefix(token->key, word) && token->size >= strlen(word) &&
         memcmp(token->value, word, strlen(word)) == 0;
}

/* " (ipv4.routing-rule1)". What only stands first in its line and is no key may hold anything, a password too. */
static char *where_in_line(const Token *token, const char *word) {
  enum { KEY_LENGTH = 64 };

  if (token->key == NULL || strlen(token->key) > KEY_LENGTH || strpbrk(token->key, "\"'=<[") != NULL ||
      begins_with(token, word))
    return g_strdup("");
  if (token->group != NULL && *token->group != '\0')
    return g_strdup_printf(" (%s.%s)", token->group, token->key);
  /* corosync's "name: golden" */
  return g_strdup_printf(" (%.*s)", (int)strlen(token->key) - g_str_has_suffix(token->key, ":"), token->key);
}

static void warn_of(const char *path, const Token *token, guint line, const char *word, const Mention *mention,
                    Plan *plan) {
  g_autofree char *where = where_in_line(token, word);
  const char *kind = kind_name(mention->rename->kind);

  if (mention->replacement != NULL)
    plan_warn(plan, "%s:%u: the %s %s is mentioned here%s and becomes %s; this line is not changed: check it.", path,
              line, kind, word, where, mention->replacement);
  else if (mention->rename->kind == RENAME_ADDRESS)
    plan_warn(plan,
              "%s:%u: the address %s is mentioned here%s and is the template's, which this machine gives up; this line "
              "is not changed: check it.",
              path, line, word, where);
  else
    plan_warn(plan, "%s:%u: the %s %s is mentioned here%s, and %s; this line is not changed: check it.", path, line,
              kind, word, where,
              mention->rename->is_absent ? "this machine has no NIC in the place of that one"
                                         : "which present NIC took that one's place is not clear");
}

static guint lines_before(const char *text, gsize size) {
  guint lines = 0;

  for (gsize i = 0; i < size; i++)
    lines += text[i] == '\n';
  return lines;
}

/* Is what RENAME was in TEXT still? "10.0.0.10" does not say 10.0.0.1. */
static gboolean holds(const Renames *renames, const char *text, const Rename *rename) {
  const gsize size = strlen(text);
  gboolean found = FALSE;
  gsize at = 0;
  Mention mention;

  while (!found && renames_next(renames, rename->kind, text, size, &at, &mention)) {
    found = mention.rename == rename;
    mention_clear(&mention);
  }
  return found;
}

/* A machine may be called as a word of the file's own language: "server 10.0.0.1", "local stratum 10". */
static gboolean is_keyword(const Token *token, const Mention *mention) {
  return mention->rename->kind == RENAME_HOST && mention->start == 0 && token->key != NULL &&
         strlen(token->key) == mention->end && begins_with(token, token->key) && mention->end < token->size &&
         g_ascii_isspace(token->value[mention->end]);
}

void scanner_warn(const Renames *renames, const FollowedKey *table, gsize n_table, const char *path, const Token *token,
                  const char *final, Plan *plan) {
  gsize at = 0;
  Mention mention;

  while (renames_next(renames, RENAME_ALL, token->value, token->size, &at, &mention)) {
    const guint line = token->line + lines_before(token->value, mention.start);
    g_autofree char *word = g_strndup(token->value + mention.start, mention.end - mention.start);
    const gboolean left = !is_followed(table, n_table, token, &mention) && !is_keyword(token, &mention) &&
                          (final == NULL || holds(renames, final, mention.rename));

    if (left && is_secret(token))
      plan_warn(plan, "%s:%u: the secret holds a value of the template's; this line is not changed: check it.", path,
                line);
    else if (left)
      warn_of(path, token, line, word, &mention, plan);
    mention_clear(&mention);
  }
}

typedef struct {
  const Renames *renames;
  const ScannedFormat *format;
  const char *path, *text;
  gsize copied;
  GString *out;
  Plan *plan;
} Scan;

static void scan_token(const Token *token, gpointer data) {
  Scan *scan = data;
  const gsize start = (gsize)(token->value - scan->text);

  g_autofree char *value = scanner_value(scan->renames, scan->format->table, scan->format->n_table, token, NULL, NULL);
  if (value != NULL) {
    g_string_append_len(scan->out, scan->text + scan->copied, (gssize)(start - scan->copied));
    g_string_append(scan->out, value);
    scan->copied = start + token->size;
  }
  scanner_warn(scan->renames, scan->format->table, scan->format->n_table, scan->path, token, NULL, scan->plan);
}

void scanner_bytes(const Renames *renames, const char *path, GBytes *bytes, TokenReader reader, Plan *plan) {
  static const ScannedFormat nothing = {0};
  gsize size = 0;
  const char *text = bytes_text(bytes, &size);
  Scan scan = {.renames = renames, .format = &nothing, .path = path, .text = text, .plan = plan};

  reader(text, size, scan_token, &scan);
}

static void scan_content(const PlanContext *context, const ScannedFormat *format, const char *path, GBytes *old,
                         Plan *plan) {
  gsize size = 0;
  const char *text = bytes_text(old, &size);
  Scan scan = {.renames = context->renames, .format = format, .path = path, .text = text, .plan = plan};
  g_autoptr(GBytes) content = NULL;

  scan.out = g_string_sized_new(size);
  format->reader(text, size, scan_token, &scan);
  g_string_append_len(scan.out, text + scan.copied, (gssize)(size - scan.copied));
  content = g_string_free_to_bytes(scan.out);
  Edit *edit = plan_write(plan, format->step, path, old, content, format->why);
  if (edit != NULL)
    edit->flags |= format->flags;
}

/* What netplan makes of files that are edited follows by itself. */
static gboolean is_made(const PlanContext *context, const char *path) {
  const Profile *maker = context->profiles != NULL ? netplan_maker(context->profiles, path) : NULL;

  return maker != NULL && profile_is_edited(context, maker);
}

gboolean scanner_file(const PlanContext *context, const ScannedFormat *format, const char *path, Plan *plan,
                      GError **error) {
  g_autoptr(GError) local = NULL;
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_means_regular_file(context->root, path) || is_made(context, path))
    return TRUE;
  if (!tree_read(context->root, path, &old, &resolved, &local)) {
    if (format->table != NULL)
      return ri_error_pass(error, g_steal_pointer(&local));
    plan_warn(plan, "%s; what it may say of the template is not known.", local->message);
    return TRUE;
  }
  if (old != NULL && format->size_limit > 0 && g_bytes_get_size(old) > format->size_limit)
    plan_warn(plan, "%s is larger than %zu MiB and is not searched: what it may say of the template is not known.",
              path, format->size_limit >> 20);
  else if (old != NULL && g_bytes_get_size(old) > 0 && plan_find(plan, resolved) == NULL)
    scan_content(context, format, resolved, old, plan);
  return TRUE;
}

gboolean scanner_directory(const PlanContext *context, const ScannedFormat *format, const char *directory,
                           const char *glob, Plan *plan, GError **error) {
  g_auto(GStrv) names = NULL;

  if (!tree_is_directory(context->root, directory))
    return TRUE;
  names = tree_list(context->root, directory, error);
  if (names == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++) {
    if (!glob_fits(glob, *name))
      continue;
    g_autofree char *path = g_build_filename(directory, *name, NULL);
    if (!scanner_file(context, format, path, plan, error))
      return FALSE;
  }
  return TRUE;
}

gboolean scanner_places(const PlanContext *context, const ScannedPlace *places, gsize n, Plan *plan, GError **error) {
  for (gsize i = 0; i < n; i++)
    if (!scanner_directory(context, places[i].format, places[i].directory, places[i].glob, plan, error))
      return FALSE;
  return TRUE;
}

gboolean scanner_glob(const PlanContext *context, const ScannedFormat *format, const char *pattern, Plan *plan,
                      GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(context->root, pattern, paths, error))
    return FALSE;
  list_each (const char *, path, paths)
    if (!scanner_file(context, format, path, plan, error))
      return FALSE;
  return TRUE;
}
