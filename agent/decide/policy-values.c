/* policy-values.c - a setting's text as a word, a choice, a switch or a list */
#include "policy-values.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "addresses.h"
#include "name-template.h"
#include "observe/hostname.h"

const char *const policy_separators = ", \t";

int policy_value_error(const PolicyValue *value, unsigned line, const char *format, ...) {
  char message[320];
  va_list arguments;

  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return policy_error_add(value->errors, value->file, line, value->where, "%s", message) < 0 ? -ENOMEM : 0;
}

const char *policy_value_word(const PolicyValue *value, int *error) {
  *error = 0;
  if (value->n_lines == 0)
    return NULL;
  if (value->n_lines > 1)
    *error = policy_value_error(value, value->lines[1].line, "%s is not a list: an indented line cannot go on with it",
                                value->key);
  else if (value->lines[0].text[0] == '\0')
    *error = policy_value_error(value, value->line, "there is no value; leave the line out to have the default");
  else
    return value->lines[0].text;
  return NULL;
}

/* "a, b or c" */
static void join_choices(const char *const *choices, char *joined, size_t size) {
  size_t length = 0;

  joined[0] = '\0';
  for (size_t i = 0; choices[i] != NULL && length < size; i++) {
    const char *separator = i == 0 ? "" : choices[i + 1] == NULL ? " or " : ", ";
    int written = snprintf(joined + length, size - length, "%s%s", separator, choices[i]);

    length += written > 0 ? (size_t)written : 0;
  }
}

PolicyPlace policy_value_place(const PolicyValue *value) {
  return (PolicyPlace){value->file, value->line};
}

int policy_value_choice(const PolicyValue *value, const char *const *choices, unsigned *choice) {
  char known[200];
  int r;
  const char *word = policy_value_word(value, &r);

  if (word == NULL)
    return r;
  for (unsigned i = 0; choices[i] != NULL; i++)
    if (strcmp(choices[i], word) == 0) {
      *choice = i;
      return 1;
    }
  join_choices(choices, known, sizeof known);
  return policy_value_error(value, value->line, "\"%.60s\" is not %s%s", word, known,
                            strchr(word, '#') != NULL ? " (a comment after a value starts with \" ;\")" : "");
}

int policy_value_switch(const PolicyValue *value, bool *on) {
  static const char *const words[] = {"on", "off", "yes", "no", "true", "false", "1", "0"};
  int r;
  const char *word = policy_value_word(value, &r);

  if (word == NULL)
    return r;
  for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcasecmp(words[i], word) == 0) {
      *on = i % 2 == 0;
      return 1;
    }
  return policy_value_error(value, value->line, "\"%.60s\" is neither on nor off", word);
}

static int add_item(PolicyList *list, const char *start, size_t length, unsigned line) {
  PolicyLine *item;

  while (length > 0 && (start[0] == ' ' || start[0] == '\t')) {
    start++;
    length--;
  }
  while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t'))
    length--;
  if (length == 0)
    return 0;
  item = policy_append(&list->items, &list->count, sizeof *item);
  if (item == NULL)
    return -ENOMEM;
  *item = (PolicyLine){.text = strndup(start, length), .line = line};
  return item->text != NULL ? 0 : -ENOMEM;
}

void policy_list_clear(PolicyList *list) {
  for (size_t i = 0; i < list->count; i++)
    free(list->items[i].text);
  free(list->items);
  *list = (PolicyList){.items = NULL};
}

int policy_value_semicolon(const PolicyValue *value, const PolicyLine *item) {
  return policy_value_error(value, item->line, "\"%.60s\" has a \";\" in it: a list is split at commas", item->text);
}

/* Returns 1 where there is no such item, else as policy_value_error. */
static int refuse_semicolons(const PolicyValue *value, const PolicyList *list) {
  for (size_t i = 0; i < list->count; i++)
    if (strchr(list->items[i].text, ';') != NULL)
      return policy_value_semicolon(value, &list->items[i]);
  return 1;
}

int policy_value_list(const PolicyValue *value, const char *separators, bool may_be_empty, PolicyList *list) {
  int r = 0;

  *list = (PolicyList){.items = NULL};
  for (size_t i = 0; r == 0 && i < value->n_lines; i++) {
    r = policy_warn_of_comment(value, &value->lines[i]);
    for (const char *text = value->lines[i].text; r == 0 && *text != '\0'; text += *text != '\0') {
      size_t length = strcspn(text, separators);

      r = add_item(list, text, length, value->lines[i].line);
      text += length;
    }
  }
  if (r < 0)
    return r;
  if (value->n_lines == 0)
    return 0;
  if (list->count == 0 && !may_be_empty)
    return policy_value_error(value, value->line, "the list is empty; leave the line out to have the default");
  /* Only a serial number may hold one. */
  r = separators == policy_separators ? refuse_semicolons(value, list) : 1;
  if (r < 1)
    policy_list_clear(list);
  return r;
}

int policy_value_template(const PolicyValue *value, char **template) {
  /* The facts of a machine like any other: what is written around the fields must make a host name of them. */
  static const NameFacts sample = {.uuid = "4dc56075-50f3-466d-98f2-79838106e82f",
                                   .mac = "00:50:56:aa:bb:01",
                                   .serial = "sn-4711",
                                   .template_name = "template",
                                   .ipv4 = "192.0.2.17",
                                   .random = "0123456789abcdef0123456789abcdef"};
  char name[65];
  Problem problem;
  int r;
  const char *word = policy_value_word(value, &r);

  if (word == NULL)
    return r;
  if (name_template_check(word, &problem) == 0 && name_template_may_be_address(word))
    return policy_value_error(value, value->line,
                              "\"%.60s\" may give a number, which every resolver takes for an address: begin it with "
                              "a word, like node-{mac:6}",
                              word);
  if (name_template_expand(word, &sample, name, sizeof name, &problem) < 0)
    return policy_value_error(value, value->line, "%.240s", problem.text);
  if (hostname_is_everybodys(name))
    return policy_value_error(value, value->line, "\"%.60s\" is every machine's name: give this one its own", word);
  free(*template);
  *template = strdup(word);
  return *template != NULL ? 1 : -ENOMEM;
}

/* One item of a list behind the others of ADDRESSES. */
static int add_address(const PolicyValue *value, const PolicyLine *item, AddressUse use, const char *nic,
                       PolicyAddresses *addresses) {
  PolicyAddress parsed, *address;
  Problem problem;

  if (address_parse(item->text, use, &parsed, &problem) < 0)
    return policy_value_error(value, item->line, "%.240s", problem.text);
  for (size_t i = 0; use == ADDRESS_OF_GATEWAY && i < addresses->count; i++)
    if (addresses->items[i].family == parsed.family)
      return policy_value_error(value, item->line, "%s is a second %s gateway: there may be one of each family",
                                parsed.text, address_family_name(parsed.family));
  address = policy_append(&addresses->items, &addresses->count, sizeof *address);
  if (address == NULL)
    return -ENOMEM;
  *address = parsed;
  address->file = value->file;
  address->line = item->line;
  memcpy(address->nic, nic, strlen(nic) + 1);
  return 1;
}

int policy_value_add_addresses(const PolicyValue *value, AddressUse use, const char *nic, bool may_be_empty,
                               PolicyAddresses *addresses) {
  PolicyList list;
  int r = policy_value_list(value, policy_separators, may_be_empty, &list);
  bool good = r > 0;

  for (size_t i = 0; r > 0 && i < list.count; i++) {
    int added = add_address(value, &list.items[i], use, nic, addresses);

    good = good && added > 0;
    if (added < 0)
      r = added;
  }
  policy_list_clear(&list);
  return r < 0 ? r : good;
}

int policy_value_addresses(const PolicyValue *value, AddressUse use, bool may_be_empty, PolicyAddresses *addresses) {
  free(addresses->items);
  *addresses = (PolicyAddresses){.items = NULL};
  return policy_value_add_addresses(value, use, "", may_be_empty, addresses);
}

/* RFC 1035 and what people have: letters, digits, dashes, underscores; "~" before a domain that only routes. */
static bool is_domain(const char *text) {
  text += *text == '~';
  if (strlen(text) > 253)
    return false;
  for (const char *c = text; *c != '\0'; c++)
    if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_' && (*c != '.' || (c > text && c[-1] == '.')))
      return false;
  return *text != '\0';
}

int policy_value_domains(const PolicyValue *value, bool may_be_empty, char ***domains) {
  PolicyList list;
  char **items;
  size_t count = 0;
  int r = policy_value_list(value, policy_separators, may_be_empty, &list);

  items = r > 0 ? calloc(list.count + 1, sizeof *items) : NULL;
  if (r > 0 && items == NULL)
    r = -ENOMEM;
  for (size_t i = 0; r > 0 && i < list.count; i++)
    if (is_domain(list.items[i].text)) {
      items[count++] = list.items[i].text;
      list.items[i].text = NULL;
    } else if (policy_value_error(value, list.items[i].line, "\"%.80s\" is not a domain", list.items[i].text) < 0) {
      r = -ENOMEM;
    }
  if (items != NULL) {
    for (size_t i = 0; *domains != NULL && (*domains)[i] != NULL; i++)
      free((*domains)[i]);
    free(*domains);
    *domains = items;
  }
  policy_list_clear(&list);
  return r;
}
