/* step-hosts.c - the machine's own lines of /etc/hosts */
#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/tree.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"

#define STEP "hosts"

static const char hosts_file[] = "/etc/hosts";

/* Whose address a line begins with. */
typedef enum {
  OF_NOBODY,   /* it begins with none: no resolver reads the line */
  OF_LOOPBACK, /* the machine itself */
  OF_CLONE,    /* a profile keeps it, or the policy gives it */
  REPLACED,    /* the template's, in whose place the clone has another */
  GIVEN_UP,    /* the template's, which the clone has no more */
  OF_OTHERS,   /* no profile's: another machine's, or what DHCP gives this one */
} LineAddress;

typedef struct {
  const char *start, *end; /* without its comment and its end */
  const char *stop;        /* where the next line begins */
  const char *names;       /* behind the address */
  guint number;
  char *address; /* canonical; NULL: none */
  LineAddress whose;
  const Rename *rename; /* REPLACED, GIVEN_UP */
} Line;

typedef struct {
  const Renames *renames;
  const char *new_name; /* NULL: the name stays */
  GArray *lines;        /* Line */
  Plan *plan;
  const char *path;
} Hosts;

/* As getaddrinfo reads a number: 127.1 is 127.0.0.1, a mapped address is IPv4, a zone behind "%" does not count. */
static char *read_address(const char *word, gsize length) {
  g_autofree char *text = g_strndup(word, length);
  char canonical[INET_ADDRSTRLEN];
  struct in_addr v4;

  text[strcspn(text, "%")] = '\0';
  if (strchr(text, ':') != NULL)
    return rename_canonical_address(text);
  return inet_aton(text, &v4) != 0 ? g_strdup(inet_ntop(AF_INET, &v4, canonical, sizeof canonical)) : NULL;
}

static LineAddress whose_address(const Renames *renames, const char *address, const Rename **rename) {
  if (address == NULL)
    return OF_NOBODY;
  if (g_str_has_prefix(address, "127.") || strcmp(address, "::1") == 0)
    return OF_LOOPBACK;
  *rename = renames_lookup(renames, RENAME_ADDRESS, address);
  if (*rename != NULL)
    return (*rename)->new_value != NULL ? REPLACED : GIVEN_UP;
  return renames_is_own_address(renames, address) ? OF_CLONE : OF_OTHERS;
}

static Line read_line(const Hosts *hosts, const char *start, const char *stop, guint number) {
  const char *comment = memchr(start, '#', (gsize)(stop - start));
  Line line = {.start = start, .end = comment != NULL ? comment : stop, .stop = stop, .number = number};

  while (line.start < line.end && g_ascii_isspace(*line.start))
    line.start++;
  while (line.end > line.start && g_ascii_isspace(line.end[-1]))
    line.end--;
  for (line.names = line.start; line.names < line.end && !g_ascii_isspace(*line.names);)
    line.names++;
  line.address = read_address(line.start, (gsize)(line.names - line.start));
  line.whose = whose_address(hosts->renames, line.address, &line.rename);
  return line;
}

static void clear_line(gpointer data) {
  Line *line = data;

  g_free(line->address);
}

static void read_lines(Hosts *hosts, const char *text, gsize size) {
  const char *end = text + size;
  guint number = 1;

  for (const char *start = text; start < end; number++) {
    const char *newline = memchr(start, '\n', (gsize)(end - start));
    const char *stop = newline != NULL ? newline + 1 : end;
    Line line = read_line(hosts, start, stop, number);

    g_array_append_val(hosts->lines, line);
    start = stop;
  }
}

static Line *line_at(const Hosts *hosts, guint index) {
  return &g_array_index(hosts->lines, Line, index);
}

static gboolean names_template(const Hosts *hosts, const Line *line) {
  Mention mention;
  gsize at = 0;

  if (line->whose == OF_NOBODY ||
      !renames_next(hosts->renames, RENAME_HOST, line->names, (gsize)(line->end - line->names), &at, &mention))
    return FALSE;
  mention_clear(&mention);
  return TRUE;
}

/* Is the whole new name, or its label, among the names of LINE as they are? */
static gboolean names_clone(const Hosts *hosts, const Line *line) {
  g_autofree char *text = g_strndup(line->names, (gsize)(line->end - line->names));
  g_autofree char *label = g_strndup(hosts->new_name, strcspn(hosts->new_name, "."));
  g_auto(GStrv) names = g_strsplit_set(text, " \t\r\f\v", -1);

  for (char **name = names; line->whose != OF_NOBODY && *name != NULL; name++)
    if (g_ascii_strcasecmp(*name, hosts->new_name) == 0 || g_ascii_strcasecmp(*name, label) == 0)
      return TRUE;
  return FALSE;
}

/* Where the file lists the whole site, the clone's own line may be there: then the template's is about the template. */
static gboolean is_listed(const Hosts *hosts, const char *new_address) {
  for (guint i = 0; hosts->new_name != NULL && i < hosts->lines->len; i++) {
    const Line *line = line_at(hosts, i);

    if (g_strcmp0(line->address, new_address) == 0 && names_clone(hosts, line))
      return TRUE;
  }
  return FALSE;
}

static gboolean is_own(const Hosts *hosts, const Line *line) {
  if (line->whose == REPLACED)
    return !is_listed(hosts, line->rename->new_value);
  return line->whose == OF_LOOPBACK || line->whose == OF_CLONE;
}

/* NAMES with the old name replaced. A short name that became a long one stands in front of its short form, as hosts(5)
 * has it. */
static char *rename_names(const Hosts *hosts, const Line *line) {
  const gsize size = (gsize)(line->end - line->names);
  char *renamed = renames_replace(hosts->renames, RENAME_HOST, line->names, size);
  const Line now = {.names = renamed, .end = renamed != NULL ? renamed + strlen(renamed) : NULL, .whose = line->whose};
  g_auto(GStrv) words = NULL;
  gsize at = 0;
  Mention mention;

  /* Under another domain alone (golden.lan of golden.example.org) the name stands there as it did before. */
  if (renamed == NULL || strchr(hosts->new_name, '.') == NULL || strstr(renamed, hosts->new_name) != NULL ||
      !names_clone(hosts, &now))
    return renamed;
  (void)renames_next(hosts->renames, RENAME_HOST, line->names, size, &at, &mention);
  words = g_new0(char *, 4);
  words[0] = g_strndup(renamed, mention.start);
  words[1] = g_strconcat(hosts->new_name, " ", NULL);
  words[2] = g_strdup(renamed + mention.start);
  mention_clear(&mention);
  g_free(renamed);
  return g_strjoinv("", words);
}

static void warn_of_line(const Hosts *hosts, const Line *line) {
  const Token token = {.value = line->start, .size = (gsize)(line->end - line->start), .line = line->number};

  if (!names_template(hosts, line)) {
    scanner_warn(hosts->renames, NULL, 0, hosts->path, &token, NULL, hosts->plan);
    return;
  }
  plan_warn(hosts->plan,
            "%s:%u: names the template at %s, which %s; the line stays, because it is true of the template.",
            hosts->path, line->number, line->address,
            line->whose == GIVEN_UP   ? "a clone without an address of its own gives up"
            : line->whose == REPLACED ? "the clone gives up, and another line has its new address and name"
                                      : "is no address of this machine's profiles");
}

static void append_line(const Hosts *hosts, const Line *line, const char *from, GString *out) {
  g_autofree char *names = NULL;

  if (!is_own(hosts, line)) {
    warn_of_line(hosts, line);
    g_string_append_len(out, from, line->stop - from);
    return;
  }
  if (hosts->new_name != NULL)
    names = rename_names(hosts, line);
  g_string_append_len(out, from, line->start - from);
  if (line->whose == REPLACED)
    g_string_append(out, line->rename->new_value);
  else
    g_string_append_len(out, line->start, line->names - line->start);
  if (names != NULL)
    g_string_append(out, names);
  else
    g_string_append_len(out, line->names, line->end - line->names);
  g_string_append_len(out, line->end, line->stop - line->end);
}

/* The first line that names the template when the clone's name would stand nowhere; NULL: it stands somewhere, or the
 * file never was where the machine's name came from. */
static const Line *line_without_heir(const Hosts *hosts) {
  const Line *first = NULL;

  for (guint i = 0; hosts->new_name != NULL && i < hosts->lines->len; i++) {
    const Line *line = line_at(hosts, i);

    if (names_clone(hosts, line) || (is_own(hosts, line) && names_template(hosts, line)))
      return NULL;
    if (first == NULL && names_template(hosts, line))
      first = line;
  }
  return first;
}

/* Behind which line 127.0.1.1 goes: the last of IPv4's loopback; else the first place. */
static guint place_of_own_line(const Hosts *hosts) {
  guint place = 0;

  for (guint i = 0; i < hosts->lines->len; i++)
    if (line_at(hosts, i)->address != NULL && g_str_has_prefix(line_at(hosts, i)->address, "127."))
      place = i + 1;
  return place;
}

/* What the file's lines end with: the last one may lack it. */
static const char *line_end_of(const char *text, gsize size) {
  const char *newline = memchr(text, '\n', size);

  return newline != NULL && newline > text && newline[-1] == '\r' ? "\r\n" : "\n";
}

/* hosts(5): the whole name first. The names are those that the template had on LINE. */
static void append_own_line(const Hosts *hosts, const Line *line, const char *line_end, GString *out) {
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  gsize at = 0;
  Mention mention;

  if (strchr(hosts->new_name, '.') != NULL)
    g_ptr_array_add(names, g_strdup(hosts->new_name));
  while (renames_next(hosts->renames, RENAME_HOST, line->names, (gsize)(line->end - line->names), &at, &mention)) {
    if (!g_ptr_array_find_with_equal_func(names, mention.replacement, g_str_equal, NULL))
      g_ptr_array_add(names, g_steal_pointer(&mention.replacement));
    mention_clear(&mention);
  }
  if (out->len > 0 && out->str[out->len - 1] != '\n')
    g_string_append(out, line_end);
  g_string_append(out, "127.0.1.1");
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf(out, "%c%s", i == 0 ? '\t' : ' ', (const char *)names->pdata[i]);
  g_string_append(out, line_end);
}

static GBytes *rewrite(const Hosts *hosts, const char *text, gsize size) {
  const Line *without_heir = line_without_heir(hosts);
  const guint place = place_of_own_line(hosts);
  GString *out = g_string_sized_new(size + 64);
  const char *from = text;

  for (guint i = 0; i <= hosts->lines->len; i++) {
    if (without_heir != NULL && i == place)
      append_own_line(hosts, without_heir, line_end_of(text, size), out);
    if (i == hosts->lines->len)
      break;
    append_line(hosts, line_at(hosts, i), from, out);
    from = line_at(hosts, i)->stop;
  }
  return g_string_free_to_bytes(out);
}

gboolean step_hosts(const PlanContext *context, Plan *plan, GError **error) {
  const Identity *identity = context->identity;
  g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(Line));
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;
  Hosts hosts = {.renames = context->renames, .lines = lines, .plan = plan};
  gsize size = 0;

  if (!tree_read(context->root, hosts_file, &old, &resolved, error))
    return FALSE;
  if (old == NULL || g_bytes_get_size(old) == 0)
    return TRUE;
  const char *text = bytes_text(old, &size);
  hosts.path = resolved;
  if (memchr(text, '\0', size) != NULL) {
    plan_warn(plan, "%s holds NUL bytes and is left alone: the template's name may stand in it.", resolved);
    return TRUE;
  }
  if (renames_lookup(context->renames, RENAME_HOST, identity->old_hostname) != NULL)
    hosts.new_name = identity->hostname;
  g_array_set_clear_func(lines, clear_line);
  read_lines(&hosts, text, size);
  content = rewrite(&hosts, text, size);
  plan_write(plan, STEP, resolved, old, content, "the machine's own lines get the clone's name and addresses");
  return TRUE;
}
