/* left-addresses.c - addresses that this machine gave up and that a NIC still has */
#include "left-addresses.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <string.h>

#include "base/each.h"
#include "link.h"
#include "plan/plan.h"

/* FUNCTION for each address of LIST, as "10.0.0.17/24, 2001:db8::17"; what is none is passed over. */
static void each_address(const char *list, void (*function)(const char *address, gpointer data), gpointer data) {
  g_auto(GStrv) words = g_strsplit_set(list != NULL ? list : "", ", ", -1);

  for (char **word = words; *word != NULL; word++) {
    (*word)[strcspn(*word, "/")] = '\0';
    if (**word != '\0')
      function(*word, data);
  }
}

static void keep(const char *address, gpointer data) {
  (void)g_hash_table_add(data, g_strdup(address));
}

static gboolean is_of_addresses(const Choice *choice) {
  return g_str_has_prefix(choice->name, "address ") && !choice->secret;
}

typedef struct {
  GHashTable *new_ones; /* char* */
  GArray *present;      /* LinkAddress */
  GPtrArray *warnings;
} Search;

static const LinkAddress *find(const GArray *present, const char *address) {
  const int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
  unsigned char ip[16];

  return inet_pton(family, address, ip) == 1 ? link_address_find(present, 0, family, ip) : NULL;
}

static void warn_of(const char *address, gpointer data) {
  const Search *search = data;
  const LinkAddress *found = g_hash_table_contains(search->new_ones, address) ? NULL : find(search->present, address);
  char name[IF_NAMESIZE];

  /* One that is leased is this machine's, whoever had it before. */
  if (found == NULL || (found->flags & IFA_F_PERMANENT) == 0 || if_indextoname((unsigned)found->index, name) == NULL)
    return;
  g_ptr_array_add(
      search->warnings,
      g_strdup_printf("%s still has the template's address %s: what configures the network has left this NIC "
                      "alone. Take it off: ip address delete %s/%u dev %s",
                      name, address, address, found->prefix, name));
}

void left_addresses_warn(const GPtrArray *choices, GPtrArray *warnings) {
  g_autoptr(GHashTable) new_ones = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GArray) present = link_addresses(NULL);
  Search search = {new_ones, present, warnings};

  if (present == NULL)
    return;
  list_each (const Choice *, choice, choices)
    if (is_of_addresses(choice))
      each_address(choice->new, keep, new_ones);
  list_each (const Choice *, choice, choices)
    if (is_of_addresses(choice))
      each_address(choice->old, warn_of, &search);
}
