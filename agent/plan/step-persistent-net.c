/* step-persistent-net.c - what gives a NIC its name by its MAC: udev's rules and .link files */
#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "initramfs.h"
#include "scanner.h"
#include "steps.h"

#define STEP "persistent-net"

/* systemd.link(5). A name follows to the one that the NIC has now, as in every other file: whether the initramfs still
 * has the old file or not, the NIC is called so at the next boot too. OriginalName= is the kernel's name for it, which
 * is no name of the template's. */
static const FollowedKey link_keys[] = {
    {"Match", "MACAddress", RENAME_MAC, NULL}, {"Match", "PermanentMACAddress", RENAME_MAC, NULL},
    {"Match", "Path", RENAME_BUS_PATH, NULL},  {"Match", "Property", RENAME_MAC | RENAME_BUS_PATH, NULL},
    {"Match", "Host", RENAME_HOST, NULL},      {"Link", "Name", RENAME_NIC, NULL},
};

static const ScannedFormat link_files = {.step = STEP,
                                         .reader = tokens_of_assignments,
                                         .table = link_keys,
                                         .n_table = G_N_ELEMENTS(link_keys),
                                         .why = "the NIC that took the place of the template's is meant"};

/* udev(7). */
static const FollowedKey rule_keys[] = {
    {NULL, "ATTR{address}", RENAME_MAC, NULL},
    {NULL, "ATTRS{address}", RENAME_MAC, NULL},
    {NULL, "ENV{ID_PATH}", RENAME_BUS_PATH, NULL},
    {NULL, "KERNEL", RENAME_NIC, NULL},
    {NULL, "KERNELS", RENAME_NIC, NULL},
    {NULL, "ENV{INTERFACE}", RENAME_NIC, NULL},
    {NULL, "NAME", RENAME_NIC, NULL},
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
  const Token token = {.key = key, .value = quote + 1, .size = (gsize)(close - quote - 1), .line = rules->line};
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

/* One .link file: does it give the NIC that its MAC now means the name that it has? */
typedef struct {
  const PlanContext *context;
  const char *path;
  const NicSuccession *nic; /* NULL: no MAC of the template's */
  Plan *plan;
} Naming;

static void look_at_link(const Token *token, gpointer data) {
  Naming *naming = data;
  g_autofree char *value = g_strndup(token->value, token->size);
  const char *group = token->group != NULL ? token->group : "";
  const char *key = token->key != NULL ? token->key : "";

  if (strcmp(group, "Match") == 0 && g_str_has_suffix(key, "MACAddress")) {
    const Rename *rename = renames_lookup(naming->context->renames, RENAME_MAC, value);

    naming->nic = rename != NULL ? nic_map_by_mac(naming->context->nic_map, rename->old_value) : NULL;
  } else if (strcmp(group, "Link") == 0 && strcmp(key, "Name") == 0 && naming->nic != NULL &&
             naming->nic->present != NULL && renames_lookup(naming->context->renames, RENAME_NIC, value) == NULL &&
             strcmp(value, naming->nic->present->name) != 0) {
    plan_warn(naming->plan,
              "%s:%u: calls the NIC %s that has taken the place of the template's %s from the next boot on; what names "
              "it %s does not find it then.",
              naming->path, token->line, naming->nic->present->mac, value, naming->nic->present->name);
  } else if (strcmp(group, "Link") == 0 && strcmp(key, "MACAddress") == 0) {
    plan_warn(naming->plan, "%s:%u: gives its NIC the MAC address %s, and every clone the same one: remove the line.",
              naming->path, token->line, value);
  }
}

static gboolean check_names(const PlanContext *context, const char *path, Plan *plan, GError **error) {
  Naming naming = {.context = context, .path = path, .plan = plan};
  g_autoptr(GBytes) content = NULL;
  gsize size = 0;

  if (!tree_means_regular_file(context->root, path))
    return TRUE;
  if (!tree_read(context->root, path, &content, NULL, error))
    return FALSE;
  if (content == NULL)
    return TRUE;
  const char *text = bytes_text(content, &size);
  tokens_of_assignments(text, size, look_at_link, &naming);
  return TRUE;
}

static gboolean scan(const PlanContext *context, const ScannedFormat *format, const char *pattern, Plan *plan,
                     GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(context->root, pattern, paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!scanner_file(context, format, paths->pdata[i], plan, error) ||
        (format == &link_files && !check_names(context, paths->pdata[i], plan, error)))
      return FALSE;
  return TRUE;
}

gboolean step_persistent_net(const PlanContext *context, Plan *plan, GError **error) {
  return scan(context, &link_files, "/etc/systemd/network/*.link", plan, error) &&
         scan(context, &link_files, "/etc/systemd/network/*.link.d/*.conf", plan, error) &&
         scan(context, &rules, "/etc/udev/rules.d/*.rules", plan, error) && initramfs_check(context, plan, error);
}
