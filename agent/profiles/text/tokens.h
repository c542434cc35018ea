/* tokens.h - what a configuration file says, in pieces that can be looked up and replaced: file, line, group, key and
 * value. A value is a span of the file, raw, with its quotes and escapes; comments are in no token.
 *
 * The readers are lenient: a file that its owner refuses still has tokens.
 */
#pragma once

#include <glib.h>

typedef struct {
  const char *group; /* "ipv4", "interface \"ens3\""; NULL: none */
  const char *key;   /* "routing-rule1", "send host-name"; NULL: the line has none */
  const char *value; /* where it begins in the file; not terminated */
  gsize size;
  guint line; /* in which the value begins, from 1 */
} Token;

typedef void (*TokenFunction)(const Token *token, gpointer data);
/* Call FUNCTION for each token of the SIZE bytes TEXT, in their order; group and key live as long as the call. */
typedef void (*TokenReader)(const char *text, gsize size, TokenFunction function, gpointer data);
/* tokens_read: the same of BYTES. */
void tokens_read(GBytes *bytes, TokenReader reader, TokenFunction function, gpointer data);

/* Groups and KEY=VALUE: GKeyFile's files, and shell assignments (ifcfg, machine-info), which have no groups. A line
 * without "=" is a value without a key, and so is a group's name. */
void tokens_of_assignments(const char *text, gsize size, TokenFunction function, gpointer data);
/* dhclient.conf(5): statements that end at ";" wherever they stand; the key is the statement's words in front of what
 * it says ("send host-name"), the group the head of the block it is in ("interface \"ens3\""). A head is itself a token
 * with the key "interface"; a statement of key words alone is a value without a key. */
void tokens_of_dhclient(const char *text, gsize size, TokenFunction function, gpointer data);
/* Lines of words; the key is the first word, the value the whole line (dhcpcd.conf, scripts, lists). */
void tokens_of_lines(const char *text, gsize size, TokenFunction function, gpointer data);
/* keepalived.conf(5), vtysh(1) of FRR, chrony.conf(5): the same, and "!" begins a comment too. */
void tokens_of_routing(const char *text, gsize size, TokenFunction function, gpointer data);
