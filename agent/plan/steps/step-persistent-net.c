/* step-persistent-net.c - what gives a NIC its name by its MAC: udev's rules and .link files */
#include <string.h>

#include "base/tree-entry.h"
#include "base/tree.h"
#include "initramfs.h"
#include "plan/fixed-identity.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"

#define STEP "persistent-net"

/* systemd.link(5). A name follows to the one that the NIC has now, as in every other file: whether the initramfs still
 * has the old file or not, the NIC is called so at the next boot too. OriginalName= is the kernel's name for it, which
 * is no name of the template's. */
static const FollowedKey link_keys[] = {
    {"Match", "MACAddress|PermanentMACAddress", RENAME_MAC, NULL},
    {"Link", "MACAddress", RENAME_MAC, NULL},
    {"Match", "Path", RENAME_BUS_PATH, NULL},
    {"Match", "Property", RENAME_MAC | RENAME_BUS_PATH, NULL},
    {"Match", "Host", RENAME_HOST, NULL},
    {"Link", "Name", RENAME_NIC, NULL},
};

/* udev's name for a NIC by its address ("enx525400aabb01", systemd.net-naming-scheme(7)) is a kind and that address:
 * how long the kind is; 0: TEXT is something else. Whatever the NIC is called, this property of it goes by its address.
 */
static gsize kind_size(const char *text, gsize size) {
  enum { KIND = 3, DIGITS = 12 };

  if (size < KIND + DIGITS || !g_ascii_isalpha(text[0]) || !g_ascii_isalpha(text[1]) || text[2] != 'x')
    return 0;
  for (gsize i = KIND; i < KIND + DIGITS; i++)
    if (!g_ascii_isxdigit(text[i]))
      return 0;
  return KIND;
}

typedef struct {
  TokenFunction function;
  gpointer data;
} Splitting;

static void give_part(const Splitting *splitting, const Token *whole, const char *from, const char *to) {
  Token part = *whole;

  part.value = from;
  part.size = (gsize)(to - from);
  splitting->function(&part, splitting->data);
}

/* Property=ID_NET_NAME_MAC=enx525400aabb01: of such a word the address alone. */
static void split_properties(const Token *token, gpointer data) {
  static const char property[] = "ID_NET_NAME_MAC=";
  const Splitting *splitting = data;
  const char *end = token->value + token->size;
  const char *from = token->value;

  for (const char *at = token->value; g_strcmp0(token->key, "Property") == 0 && at < end; at++) {
    const char *name = at + strlen(property);
    const gsize kind = g_str_has_prefix(at, property) && name < end ? kind_size(name, (gsize)(end - name)) : 0;
    if (kind == 0)
      continue;
    give_part(splitting, token, from, name);
    from = name + kind;
  }
  give_part(splitting, token, from, end);
}

static void tokens_of_links(const char *text, gsize size, TokenFunction function, gpointer data) {
  Splitting splitting = {.function = function, .data = data};

  tokens_of_assignments(text, size, split_properties, &splitting);
}

static const ScannedFormat link_files = {.step = STEP,
                                         .reader = tokens_of_links,
                                         .table = link_keys,
                                         .n_table = G_N_ELEMENTS(link_keys),
                                         .why = "the NIC that took the place of the template's is meant"};

/* udev(7). */
static const FollowedKey rule_keys[] = {
    {NULL, "ATTR{address}|ATTRS{address}|ENV{ID_NET_NAME_MAC}", RENAME_MAC, NULL},
    {NULL, "ENV{ID_PATH}", RENAME_BUS_PATH, NULL},
    {NULL, "KERNELS", RENAME_NIC | RENAME_BUS_PATH, NULL},
    {NULL, "KERNEL|ENV{INTERFACE}|ENV{ID_NET_NAME}|NAME", RENAME_NIC, NULL},
};

typedef struct {
  const char *at, *end;
  guint line;
} Rules;

static void advance(Rules *rules, const char *to) {
  for (; rules->at < to; rules->at++)
    rules->line += *rules->at == '\n';
}

static const char *end_of_line(const Rules *rules) {
  const char *newline = memchr(rules->at, '\n', (gsize)(rules->end - rules->at));

  return newline != NULL ? newline : rules->end;
}

/* The quote that ends the value which begins at FROM; NULL: none does. */
static const char *closing_quote(const char *from, const char *end) {
  for (; from < end && *from != '\n'; from++) {
    if (*from == '"')
      return from;
    if (*from == '\\' && from + 1 < end)
      from++;
  }
  return NULL;
}

static gboolean is_of_key(char c) {
  return g_ascii_isalnum(c) || (c != '\0' && strchr("_{}.:/$%*", c) != NULL);
}

/* Two of them are also letters: e"", a value with escapes, and i"", one without regard to case. */
static gboolean is_of_operator(char c) {
  return c != '\0' && strchr("=!+:-ei \t", c) != NULL;
}

/* KEY OPERATOR "VALUE" where RULES stands: the token, or nothing where it is none. */
static void read_match(Rules *rules, TokenFunction function, gpointer data) {
  const char *start = rules->at;
  const char *stop = start;

  while (stop < rules->end && is_of_key(*stop))
    stop++;
  const char *quote = stop;
  while (quote < rules->end && is_of_operator(*quote))
    quote++;
  const char *close = quote < rules->end && *quote == '"' ? closing_quote(quote + 1, rules->end) : NULL;
  if (close == NULL) {
    advance(rules, stop);
    return;
  }
  g_autofree char *key = g_strndup(start, (gsize)(stop - start));
  advance(rules, quote + 1);
  const gsize kind = strcmp(key, "ENV{ID_NET_NAME_MAC}") == 0 ? kind_size(quote + 1, (gsize)(close - quote - 1)) : 0;
  const Token token = {
      .key = key, .value = quote + 1 + kind, .size = (gsize)(close - quote - 1) - kind, .line = rules->line};
  function(&token, data);
  advance(rules, close + 1);
}

/* Rules are lines of matches and assignments with commas between them; "#" in front makes a comment. */
static void tokens_of_rules(const char *text, gsize size, TokenFunction function, gpointer data) {
  Rules rules = {.at = text, .end = text + size, .line = 1};
  gboolean at_start = TRUE;

  while (rules.at < rules.end) {
    const char c = *rules.at;

    if (at_start && c == '#')
      advance(&rules, end_of_line(&rules));
    else if (is_of_key(c))
      read_match(&rules, function, data);
    else
      advance(&rules, rules.at + 1);
    at_start = c == '\n' || (at_start && g_ascii_isspace(c));
  }
}

static const ScannedFormat rules = {.step = STEP,
                                    .reader = tokens_of_rules,
                                    .table = rule_keys,
                                    .n_table = G_N_ELEMENTS(rule_keys),
                                    .why = "the NIC that took the place of the template's is meant"};

/* One file: the NIC that it means by a MAC of the template's, and the name that it gives that one. */
typedef struct {
  const PlanContext *context;
  const char *path;
  const NicSuccession *nic; /* NULL: no MAC of the template's */
  guint line;               /* of that MAC */
  Plan *plan;
} Naming;

/* Nobody recorded the template's NICs: it may be one of theirs. */
static void warn_of_strange_mac(const Naming *naming, const Token *token) {
  const PlanContext *context = naming->context;
  g_autofree char *value = g_strndup(token->value, token->size);

  if (context->verdict == VERDICT_CLONE && (context->record == NULL || context->record->nics.count == 0) &&
      strange_mac(context, value))
    plan_warn(naming->plan, "%s:%u: is for a NIC with the MAC address %s, which this machine does not have.",
              naming->path, token->line, value);
}

static void note_mac(Naming *naming, const Token *token) {
  g_auto(Mention) mention = {0};
  gsize at = 0;

  warn_of_strange_mac(naming, token);
  naming->nic = NULL;
  naming->line = token->line;
  if (renames_next(naming->context->renames, RENAME_MAC, token->value, token->size, &at, &mention))
    naming->nic = nic_map_by_mac(naming->context->nic_map, mention.rename->old_value);
}

/* By its MAC a NIC has its name on the template alone: at its first boot a clone calls its own by another, unless that
 * is the kernel's, and the file follows to that. */
static void look_at_name(const Naming *naming, const Token *token, const char *value) {
  const Nic *present = naming->nic != NULL ? naming->nic->present : NULL;

  if (present == NULL || renames_lookup(naming->context->renames, RENAME_NIC, value) != NULL)
    return;
  if (strcmp(value, present->name) != 0)
    plan_warn(naming->plan,
              "%s:%u: calls the NIC %s that has taken the place of the template's %s from the next boot on; what names "
              "it %s does not find it then.",
              naming->path, token->line, present->mac, value, present->name);
  else if (naming->context->verdict == VERDICT_CLONE && !g_str_has_prefix(value, "eth"))
    plan_warn(naming->plan,
              "%s:%u: calls a NIC %s by its MAC: where a clone's NIC is called otherwise when it boots for the first "
              "time, it keeps that name. Match by slot (Path=, ID_PATH) to have %s on every clone.",
              naming->path, token->line, value, value);
}

static gboolean follows(const Naming *naming, const char *mac) {
  const Rename *rename = renames_lookup(naming->context->renames, RENAME_MAC, mac);

  return rename != NULL && rename->new_value != NULL;
}

static void look_at_link(const Token *token, gpointer data) {
  Naming *naming = data;
  g_autofree char *value = g_strndup(token->value, token->size);
  const char *group = token->group != NULL ? token->group : "";
  const char *key = token->key != NULL ? token->key : "";

  if (strcmp(group, "Match") == 0 && g_str_has_suffix(key, "MACAddress"))
    note_mac(naming, token);
  else if (strcmp(group, "Link") == 0 && strcmp(key, "Name") == 0)
    look_at_name(naming, token, value);
  else if (strcmp(group, "Link") == 0 && strcmp(key, "MACAddress") == 0 && naming->context->verdict == VERDICT_CLONE &&
           !follows(naming, value))
    plan_warn(naming->plan, "%s:%u: gives its NIC the MAC address %s, and every clone the same one: remove the line.",
              naming->path, token->line, value);
}

static void look_at_rule(const Token *token, gpointer data) {
  Naming *naming = data;
  g_autofree char *value = g_strndup(token->value, token->size);

  if (strcmp(token->key, "ATTR{address}") == 0 || strcmp(token->key, "ENV{ID_NET_NAME_MAC}") == 0)
    note_mac(naming, token);
  else if (strcmp(token->key, "NAME") == 0 && token->line == naming->line)
    look_at_name(naming, token, value);
}

static gboolean check_names(const PlanContext *context, const ScannedFormat *format, const char *path, Plan *plan,
                            GError **error) {
  Naming naming = {.context = context, .path = path, .plan = plan};
  g_autoptr(GBytes) content = NULL;

  if (!tree_read_file(context->root, path, &content, NULL, error))
    return FALSE;
  if (content != NULL)
    tokens_read(content, format->reader, format == &link_files ? look_at_link : look_at_rule, &naming);
  return TRUE;
}

static gboolean scan(const PlanContext *context, const ScannedFormat *format, const char *pattern, Plan *plan,
                     GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(context->root, pattern, paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!scanner_file(context, format, paths->pdata[i], plan, error) ||
        !check_names(context, format, paths->pdata[i], plan, error))
      return FALSE;
  return TRUE;
}

gboolean step_persistent_net(const PlanContext *context, Plan *plan, GError **error) {
  return scan(context, &link_files, "/etc/systemd/network/*.link", plan, error) &&
         scan(context, &link_files, "/etc/systemd/network/*.link.d/*.conf", plan, error) &&
         scan(context, &rules, "/etc/udev/rules.d/*.rules", plan, error) && initramfs_check(context, plan, error);
}
