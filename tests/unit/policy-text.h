/* policy-text.h - policies written in a test, parsed as files policy.ini, policy.d/1.ini, policy.d/2.ini, ... */
#pragma once

#include <glib.h>
#include <string.h>

#include "decide/policy-parse.h"

static const char *const test_steps[] = {"machine-id", "hostname", "ssh-host-keys", NULL};

typedef struct {
  PolicyFiles files;
  Policy policy;
  PolicyErrors errors;
  int result;
} ParsedPolicy;

static inline void parsed_policy_clear(ParsedPolicy *parsed) {
  policy_errors_clear(&parsed->errors);
  policy_clear(&parsed->policy);
  for (size_t i = 0; i < parsed->files.count; i++) {
    g_free(parsed->files.items[i].path);
    g_free(parsed->files.items[i].text);
  }
  g_free(parsed->files.items);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ParsedPolicy, parsed_policy_clear)

static inline void parsed_policy_add(ParsedPolicy *parsed, const void *data, gsize size) {
  PolicyFile *file;

  parsed->files.items = g_renew(PolicyFile, parsed->files.items, parsed->files.count + 1);
  file = &parsed->files.items[parsed->files.count];
  file->path = parsed->files.count == 0 ? g_strdup("policy.ini")
                                        : g_strdup_printf("policy.d/%" G_GSIZE_FORMAT ".ini", parsed->files.count);
  /* Exactly SIZE bytes and the NUL, so that ASan and valgrind see a step too far. */
  file->text = g_malloc(size + 1);
  memcpy(file->text, data, size);
  file->text[size] = '\0';
  file->size = size;
  parsed->files.count++;
}

/* Parses the texts, one file each. */
static inline void parse_policies(ParsedPolicy *parsed, const char *const *texts) {
  memset(parsed, 0, sizeof *parsed);
  for (; *texts != NULL; texts++)
    parsed_policy_add(parsed, *texts, strlen(*texts));
  parsed->result = policy_parse(&parsed->files, test_steps, &parsed->policy, &parsed->errors);
}

#define parse_policy(parsed, ...) parse_policies(parsed, (const char *const[]){__VA_ARGS__, NULL})

/* "policy.ini:3: identity.hostname: message" per line. The caller frees. */
static inline char *errors_text(const PolicyErrors *errors) {
  GString *text = g_string_new(NULL);

  for (size_t i = 0; i < errors->count; i++)
    g_string_append_printf(text, "%s:%u: %s: %s\n", errors->items[i].file, errors->items[i].line,
                           errors->items[i].where, errors->items[i].text);
  return g_string_free(text, FALSE);
}

/* The policy is valid. */
static inline void assert_valid(const ParsedPolicy *parsed) {
  g_autofree char *text = errors_text(&parsed->errors);

  g_assert_cmpstr(text, ==, "");
  g_assert_cmpint(parsed->result, ==, 0);
}

/* Parses TEXT as one file; its errors are exactly EXPECTED. */
static inline void assert_errors(const char *text, const char *expected) {
  g_auto(ParsedPolicy) parsed;
  g_autofree char *errors = NULL;

  parse_policy(&parsed, text);
  errors = errors_text(&parsed.errors);
  g_assert_cmpstr(errors, ==, expected);
  g_assert_cmpint(parsed.result, ==, *expected != '\0' ? -22 : 0);
}

/* The same for the one error of TEXT, whose message contains MESSAGE. */
static inline void assert_error(const char *text, const char *place, const char *message) {
  g_auto(ParsedPolicy) parsed;
  g_autofree char *errors = NULL, *start = g_strdup_printf("%s: ", place);

  parse_policy(&parsed, text);
  errors = errors_text(&parsed.errors);
  if (parsed.errors.count != 1 || !g_str_has_prefix(errors, start) || strstr(errors, message) == NULL)
    g_error("expected one error at %s with \"%s\" of:\n%s\ngot:\n%s", place, message, text, errors);
  g_assert_cmpint(parsed.result, ==, -22);
}
