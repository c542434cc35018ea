/* policy-parse.c - the files of a policy into one draft, every error with file and line */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "policy-draft.h"
#include "policy-parse.h"

typedef struct {
  PolicyDraft draft;
  NameIndex sections; /* of all files: "host NAME" and "network NIC" with their number in the policy's array */
  NameIndex seen;     /* in this file: sections, and "section\nkey" */
  const char *word;   /* of the present section, borrowed from the grammar; NULL: none */
  char *title;        /* canonical; NULL: no known section */
  bool in_unknown;    /* below an unknown section */
} Parser;

static const char *path_of(const Parser *parser) {
  return parser->draft.files->items[parser->draft.file].path;
}

void host_draft_clear(HostDraft *host) {
  for (size_t i = 0; i < host->n_claims; i++)
    free(host->claims[i].text);
  free(host->claims);
  *host = (HostDraft){.claims = NULL};
}

/* Notes NAME in this file: 0 when it is new, 1 when it was there before, and *LINE says where, or -ENOMEM. */
static int note_seen(Parser *parser, const char *name, unsigned *line) {
  const NameEntry *entry = name_index_find(&parser->seen, name);

  if (entry != NULL) {
    *line = entry->line;
    return 1;
  }
  return name_index_add(&parser->seen, name, *line, 0);
}

/* [host NAME] begins. One of an earlier file is replaced whole. */
static int begin_host(Parser *parser, const char *name, unsigned line, bool again) {
  PolicyDraft *draft = &parser->draft;
  const NameEntry *entry = name_index_find(&parser->sections, parser->title);
  HostPolicy *host;

  if (entry != NULL) {
    draft->host = entry->number;
    if (again)
      return 0;
    policy_host_clear(&draft->policy->hosts[draft->host]);
    host_draft_clear(&draft->hosts[draft->host]);
  } else {
    draft->host = draft->policy->n_hosts;
    if (name_index_add(&parser->sections, parser->title, line, draft->host) < 0 ||
        policy_append(&draft->hosts, &draft->n_host_drafts, sizeof *draft->hosts) == NULL ||
        policy_append(&draft->policy->hosts, &draft->policy->n_hosts, sizeof *draft->policy->hosts) == NULL)
      return -ENOMEM;
  }
  draft->hosts[draft->host].file = draft->file;
  host = &draft->policy->hosts[draft->host];
  *host = (HostPolicy){.name = strdup(name), .file = path_of(parser), .line = line};
  return host->name != NULL ? 0 : -ENOMEM;
}

/* [network NIC] begins, or goes on from an earlier file. */
static int begin_nic(Parser *parser, const char *pattern, unsigned line) {
  PolicyDraft *draft = &parser->draft;
  const NameEntry *entry = name_index_find(&parser->sections, parser->title);
  NetworkPolicy *network;

  if (entry != NULL) {
    draft->nic = entry->number;
    return 0;
  }
  draft->nic = draft->policy->n_nics;
  network = policy_append(&draft->policy->nics, &draft->policy->n_nics, sizeof *network);
  if (network == NULL)
    return -ENOMEM;
  *network = (NetworkPolicy){.file = path_of(parser), .line = line};
  (void)snprintf(network->nic, sizeof network->nic, "%s", pattern);
  return name_index_add(&parser->sections, parser->title, line, draft->nic);
}

/* The grammar's word for what TITLE begins with. */
static const char *find_word(const char *title, size_t length) {
  for (size_t i = 0; i < n_policy_keys; i++)
    if (strlen(policy_keys[i].section) == length && strncmp(policy_keys[i].section, title, length) == 0)
      return policy_keys[i].section;
  return NULL;
}

/* TITLE begins with LENGTH bytes that are no word of the grammar. */
static int unknown_section(const char *title, size_t length, Problem *problem) {
  const char *nearest = NULL;
  size_t best = SIZE_MAX;
  char word[40];

  (void)snprintf(word, sizeof word, "%.*s", (int)length, title);
  for (size_t i = 0; i < n_policy_keys; i++) {
    size_t distance = nearest_distance(word, policy_keys[i].section);

    if (distance < best) {
      best = distance;
      nearest = policy_keys[i].section;
    }
  }
  return problem_set(
      problem, -EINVAL,
      "unknown section; there are detect, identity, network, network NIC, host NAME, steps and run%s%s%s",
      nearest != NULL ? "; did you mean [" : "", nearest != NULL ? nearest : "", nearest != NULL ? "]?" : "");
}

/* Finds out what [TITLE] is: parser->word, parser->title, and for [network NIC] the PATTERN. *NAME: what stands behind
 * the word. Errors: -EINVAL with PROBLEM, -ENOMEM. */
static int identify_section(Parser *parser, const char *title, const char **name, char pattern[static NIC_MAC_TEXT],
                            Problem *problem) {
  size_t length = strcspn(title, " ");
  bool is_network, is_host;

  *name = title + length + (title[length] == ' ');
  parser->word = find_word(title, length);
  if (parser->word == NULL)
    return unknown_section(title, length, problem);
  is_network = strcmp(parser->word, "network") == 0;
  is_host = strcmp(parser->word, "host") == 0;
  if (is_host && **name == '\0')
    return problem_set(problem, -EINVAL, "a host section needs a name: [host web-17]");
  if (!is_host && !is_network && **name != '\0')
    return problem_set(problem, -EINVAL, "unknown section; [%s] takes no name", parser->word);
  if (is_network && **name != '\0' && policy_nic_pattern(*name, pattern, problem) < 0)
    return -EINVAL;
  /* A MAC can be written in several ways: the canonical title shows a section that is there twice. */
  if (asprintf(&parser->title, "%s%s%s", parser->word, **name != '\0' ? " " : "",
               pattern[0] != '\0' ? pattern : *name) < 0) {
    parser->title = NULL;
    return -ENOMEM;
  }
  return 0;
}

static void leave_section(Parser *parser) {
  free(parser->title);
  parser->title = NULL;
  parser->word = NULL;
  parser->in_unknown = false;
}

static int on_section(void *user, const char *title, unsigned line) {
  Parser *parser = user;
  const char *name;
  char pattern[NIC_MAC_TEXT] = "";
  Problem problem;
  unsigned first = line;
  int r, again;

  leave_section(parser);
  r = identify_section(parser, title, &name, pattern, &problem);
  parser->in_unknown = r == -EINVAL;
  if (r == -EINVAL)
    return policy_error_add(parser->draft.errors, path_of(parser), line, *title != '\0' ? title : "[]", "%.240s",
                            problem.text);
  if (r < 0)
    return r;
  again = note_seen(parser, parser->title, &first);
  if (again > 0 && policy_error_add(parser->draft.errors, path_of(parser), line, parser->title,
                                    "this section is in the file already, at line %u", first) < 0)
    again = -ENOMEM;
  if (again < 0)
    return again;
  parser->draft.nic = SIZE_MAX;
  if (strcmp(parser->word, "host") == 0)
    return begin_host(parser, name, line, again > 0);
  return pattern[0] != '\0' ? begin_nic(parser, pattern, line) : 0;
}

/* Of "addres.ens3" from address.NIC only what stands in front of the dot counts. */
static size_t key_distance(const char *word, const char *key) {
  const char *dot = strchr(word, '.'), *known_dot = strchr(key, '.');
  char front[40], known[40];

  if (dot == NULL || known_dot == NULL)
    return dot == NULL && known_dot == NULL ? nearest_distance(word, key) : SIZE_MAX;
  (void)snprintf(front, sizeof front, "%.*s", (int)(dot - word), word);
  (void)snprintf(known, sizeof known, "%.*s", (int)(known_dot - key), key);
  return nearest_distance(front, known);
}

static int unknown_key(const Parser *parser, const PolicyValue *value) {
  const char *nearest = NULL;
  size_t best = SIZE_MAX, length = 0;
  char known[240] = "";

  for (size_t i = 0; i < n_policy_keys; i++)
    if (strcmp(policy_keys[i].section, parser->word) == 0) {
      size_t distance = key_distance(value->key, policy_keys[i].key);
      int written = length < sizeof known ? snprintf(known + length, sizeof known - length, "%s%s",
                                                     length > 0 ? ", " : "", policy_keys[i].key)
                                          : 0;

      length += written > 0 ? (size_t)written : 0;
      if (distance < best) {
        best = distance;
        nearest = policy_keys[i].key;
      }
    }
  return policy_error_add(value->errors, value->file, value->line, value->where, "unknown key; [%s] has %s%s%s%s",
                          parser->word, known, nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
                          nearest != NULL ? "?" : "");
}

/* TITLE and the key, by which one that is there twice is known: the MAC of address.MAC can be written in several ways.
 * NULL: no memory. */
static char *seen_name(const Parser *parser, const PolicyKey *key, const char *written) {
  const char *dot = strchr(key->key, '.') != NULL ? strchr(written, '.') : NULL;
  char pattern[NIC_MAC_TEXT] = "";
  Problem problem;
  char *name;

  if (dot == NULL || policy_nic_pattern(dot + 1, pattern, &problem) < 0)
    return asprintf(&name, "%s\n%s", parser->title, written) < 0 ? NULL : name;
  return asprintf(&name, "%s\n%s%s", parser->title, key->key, pattern) < 0 ? NULL : name;
}

/* A setting of a known section. */
static int apply_setting(Parser *parser, const PolicyValue *value) {
  const PolicyKey *key = policy_key_find(parser->word, value->key);
  unsigned first = value->line;

  if (key == NULL)
    return unknown_key(parser, value);
  char *name = seen_name(parser, key, value->key);
  if (name == NULL)
    return -ENOMEM;
  int r = note_seen(parser, name, &first);
  free(name);
  if (r > 0)
    return policy_error_add(value->errors, value->file, value->line, value->where,
                            "this key is in the section already, at line %u", first);
  return r < 0 ? r : key->apply(&parser->draft, value);
}

static int on_setting(void *user, const char *key, unsigned line, const PolicyLine *lines, size_t n_lines) {
  Parser *parser = user;
  char where[160];
  PolicyValue value = {.file = path_of(parser),
                       .where = where,
                       .key = key,
                       .line = line,
                       .lines = lines,
                       .n_lines = n_lines,
                       .errors = parser->draft.errors};

  /* Below an unknown section nothing can be said of the keys. */
  if (parser->in_unknown)
    return 0;
  if (parser->title == NULL)
    return policy_error_add(value.errors, value.file, line, "(no section)", "%.80s = stands above the first [section]",
                            key);
  (void)snprintf(where, sizeof where, "%.120s.%s", parser->title, key);
  int r = apply_setting(parser, &value);
  return r < 0 ? r : 0;
}

static int parse_file(Parser *parser) {
  static const PolicyHandlers handlers = {on_section, on_setting};
  int r = policy_lines_read(&parser->draft.files->items[parser->draft.file], &handlers, parser, parser->draft.errors);

  name_index_clear(&parser->seen);
  leave_section(parser);
  return r;
}

int policy_parse(const PolicyFiles *files, const char *const *steps, Policy *policy, PolicyErrors *errors) {
  Parser parser = {.draft = {.files = files, .steps = steps, .policy = policy, .errors = errors, .nic = SIZE_MAX}};
  PolicyDraft *draft = &parser.draft;
  int r = 0;

  policy_defaults(policy);
  *errors = (PolicyErrors){.items = NULL};
  for (draft->file = 0; r == 0 && draft->file < files->count; draft->file++)
    r = parse_file(&parser);
  if (r == 0)
    r = policy_check(draft);
  policy_errors_sort(errors, files);
  for (size_t i = 0; i < draft->n_host_drafts; i++)
    host_draft_clear(&draft->hosts[i]);
  free(draft->hosts);
  name_index_clear(&parser.sections);
  return r == 0 && errors->count > 0 ? -EINVAL : r;
}
