/* name-template.h - host name templates: node-{mac:6}.
 *
 * {uuid:8} first eight hex digits of the product UUID, {mac:6} last six of the MAC, {mac[5]} its sixth byte (two hex
 * digits), {serial} letters, digits and dashes of the serial in lower case, {random:4} random hex digits, {template}
 * first label of the template's name, {ip[3]} fourth byte of the IPv4 address in decimal. ":N" also fits mac, uuid,
 * random and serial: the count of characters.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

typedef struct {
  const char *uuid;   /* 36 characters, or NULL */
  const char *mac;    /* lower case with colons, or NULL */
  const char *serial; /* or NULL/empty */
  const char *template_name;
  const char *ipv4;   /* dotted, or NULL */
  const char *random; /* at least 32 hex digits, drawn once by the plan */
} NameFacts;

/* name_template_check: syntax only. Returns 0 or -EINVAL with PROBLEM. */
int name_template_check(const char *text, Problem *problem);

/* name_template_may_be_address: is there a machine for which TEXT, whose syntax is good, gives what inet_aton(3), which
 * getaddrinfo(3) asks first, takes for an address ("102030", "0x1f")? {template} counts as a name. */
bool name_template_may_be_address(const char *text);

/* name_template_is_fixed: no field of TEXT differs from clone to clone. */
bool name_template_is_fixed(const char *text);

/* name_template_expand: into NAME (SIZE bytes); -ENODATA when a fact that it needs is missing (PROBLEM names it),
 * -EINVAL when what comes out is no host name. */
int name_template_expand(const char *text, const NameFacts *facts, char *name, size_t size, Problem *problem);

/* host_name_is_valid: RFC 1123: labels of 1 to 63 letters, digits and inner dashes, at most 64 characters in all
 * (Linux), nothing that inet_aton(3) reads as an address. */
bool host_name_is_valid(const char *name);
