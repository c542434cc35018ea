/* tokens.c: file, line, group, key and value of what a configuration file says. */
#include <string.h>

#include "profiles/text/tokens.h"

typedef struct {
  GString *seen;
  const char *text;
} Listing;

static void list(const Token *token, gpointer data) {
  const Listing *listing = data;

  g_assert_true(token->value >= listing->text && token->value + token->size <= listing->text + strlen(listing->text));
  g_string_append_printf(listing->seen, "%u|%s|%s|%.*s\n", token->line, token->group != NULL ? token->group : "-",
                         token->key != NULL ? token->key : "-", (int)token->size, token->value);
}

static void assert_tokens(TokenReader reader, const char *text, const char *expected) {
  g_autoptr(GString) seen = g_string_new(NULL);
  Listing listing = {.seen = seen, .text = text};

  reader(text, strlen(text), list, &listing);
  g_assert_cmpstr(seen->str, ==, expected);
}

static void assignments_of_keyfiles_and_shells(void) {
  assert_tokens(tokens_of_assignments, "a=0\n# no=1\n[g]\r\n k \t= v w \r\nlist+=1,2\n\nodd\n[h]\nk=",
                "1|-|a|0\n3|g|-|g\n4|g|k|v w\n5|g|list|1,2\n7|g|-|odd\n8|h|-|h\n9|h|k|\n");
  assert_tokens(tokens_of_assignments, "DEVICE=\"ens3\"\nHWADDR='52:54:00:00:00:01' # c\n",
                "1|-|DEVICE|\"ens3\"\n2|-|HWADDR|'52:54:00:00:00:01' # c\n");
}

static void statements_of_dhclient(void) {
  assert_tokens(tokens_of_dhclient,
                "timeout 60; send host-name \"a;b\"; # send x 1;\nsupersede host-name\n\n  \"two\nlines\";\n"
                "interface \"e\" { send dhcp-client-identifier\n 1:2; request a, b; }\nlast",
                "1|-|timeout|60\n1|-|send host-name|\"a;b\"\n4|-|supersede host-name|\"two\nlines\"\n"
                "6|-|interface|\"e\"\n7|interface \"e\"|send dhcp-client-identifier|1:2\n"
                "7|interface \"e\"|request|a, b\n8|-|-|last\n");
  assert_tokens(tokens_of_dhclient, "SEND Host-Name \"A\"; ALIAS { Interface \"Eth0\"; FIXED-ADDRESS 1; }",
                "1|-|send host-name|\"A\"\n1|-|-|ALIAS\n1|alias|interface|\"Eth0\"\n1|alias|fixed-address|1\n");
  assert_tokens(tokens_of_dhclient, "} { ; \"open", "1||-|\"open\n");
}

static void lines_of_words(void) {
  assert_tokens(tokens_of_lines, "hostname golden\n # no\n\n\tclientid  x y \n",
                "1|-|hostname|hostname golden\n"
                "4|-|clientid|clientid  x y\n");
  assert_tokens(tokens_of_lines, "; no\n! x\n", "2|-|!|! x\n");
  assert_tokens(tokens_of_assignments, " ; no = 1\n", "");
  assert_tokens(tokens_of_routing, "!\n ! no\n; no\ninterface ens3 ! x\n", "4|-|interface|interface ens3 ! x\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tokens/assignments-of-keyfiles-and-shells", assignments_of_keyfiles_and_shells);
  g_test_add_func("/tokens/statements-of-dhclient", statements_of_dhclient);
  g_test_add_func("/tokens/lines-of-words", lines_of_words);
  return g_test_run();
}
