/* policy-values.h - a setting's text as a word, a choice, a switch or a list.
 *
 * All but the first two return 1 when the value is good, 0 when it is not (which is in the errors then), or -ENOMEM.
 */
#pragma once

#include "addresses.h"
#include "policy-draft.h"

/* policy_value_word: the one value, borrowed, not empty; it may hold blanks. NULL: it is not good, or there was no
 * memory: *ERROR is 0 or -ENOMEM. */
const char *policy_value_word(const PolicyValue *value, int *error);

PolicyPlace policy_value_place(const PolicyValue *value);

/* policy_value_choice: which one of the NULL-terminated CHOICES. */
int policy_value_choice(const PolicyValue *value, const char *const *choices, unsigned *choice);

/* policy_value_switch: on/off, yes/no, true/false, 1/0. */
int policy_value_switch(const PolicyValue *value, bool *on);

typedef struct {
  PolicyLine *items; /* each with the line that it stands on */
  size_t count;
} PolicyList;

/* policy_value_list: split at each of SEPARATORS (white space at both ends of an item is dropped anyway). An empty list
 * is an error unless MAY_BE_EMPTY. The caller clears LIST in every case. */
int policy_value_list(const PolicyValue *value, const char *separators, bool may_be_empty, PolicyList *list);
void policy_list_clear(PolicyList *list);

/* What separates the items of most lists: commas and white space. */
extern const char *const policy_separators;

/* policy_value_template: a host name template that yields a name that RFC 1123 allows, in place of *TEMPLATE. */
int policy_value_template(const PolicyValue *value, char **template);

/* policy_value_add_addresses: a list of addresses for USE on NIC (its pattern, or ""), behind those that ADDRESSES
 * holds already. */
int policy_value_add_addresses(const PolicyValue *value, AddressUse use, const char *nic, bool may_be_empty,
                               PolicyAddresses *addresses);

/* policy_value_addresses: the same in their place: a later file's list replaces an earlier one's. */
int policy_value_addresses(const PolicyValue *value, AddressUse use, bool may_be_empty, PolicyAddresses *addresses);

/* policy_value_domains: a list of domains in place of *DOMAINS (NULL-terminated). */
int policy_value_domains(const PolicyValue *value, bool may_be_empty, char ***domains);

/* policy_value_semicolon: the error of ITEM in "10.0.0.1; 10.0.0.2", as other files have it. */
int policy_value_semicolon(const PolicyValue *value, const PolicyLine *item);

/* policy_value_error: MESSAGE at LINE; returns 0 or -ENOMEM. */
int policy_value_error(const PolicyValue *value, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
