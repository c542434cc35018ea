/* verify-links.c - does the network run as the files say that are not NetworkManager's? */
#include "verify-links.h"

#include <stdlib.h>
#include <string.h>

#include "base/each.h"
#include "observe/nics.h"
#include "profiles/profiles.h"
#include "verify-round.h"

static void verify_text(const VerifyRound *round, const Link *link, int family, const char *text) {
  g_auto(GStrv) parts = g_strsplit(text, "/", 2);
  const unsigned prefix = parts[1] != NULL ? (unsigned)strtoul(parts[1], NULL, 10) : family == AF_INET ? 32 : 128;

  verify_address(round, link, family, parts[0], prefix);
}

/* No family of the machine's own is needed where the other one has an address. */
static void verify_automatic(const VerifyRound *round, const Link *link) {
  g_autofree char *what = g_strdup_printf(VERIFY_LEASE, link->name);

  if (verify_has_address(round, link, AF_INET))
    check_add(round->verification, CHECK_OK, "one", "one", NULL, "%s", what);
  else if (verify_failed_before(round, what) || verify_has_address(round, link, AF_INET6))
    check_add(round->verification, CHECK_SKIPPED, "one", "none, as before the change, or only by IPv6", NULL, "%s",
              what);
  else
    check_add(round->verification, CHECK_FAILED, "one", "none",
              "check the DHCP server and the cable; where there is no server: \"address\" or \"method\" in the policy",
              "%s", what);
}

static void verify_profile(const VerifyRound *round, const Profile *profile) {
  const char *name = profile->nic != NULL ? profile->nic->name : profile->interface_name;
  Link link;

  if (name == NULL || link_read(name, &link) < 0)
    return;
  if ((link.flags & IFF_RUNNING) == 0) {
    check_add(round->verification, CHECK_SKIPPED, profile->id, "no cable", NULL, "file of %s", name);
    return;
  }
  family_each (af) {
    const PlainFamily *family = plain_family(profile->plain, af);
    for (guint j = 0; j < family->addresses->len; j++)
      verify_text(round, &link, af, family->addresses->pdata[j]);
    if (family->gateway != NULL)
      verify_gateway(round, link.name, family->gateway);
    if (af == AF_INET && family->automatic && family->addresses->len == 0)
      verify_automatic(round, &link);
  }
}

static gboolean is_asked(const Profile *profile, const char *stack) {
  return profile->format != NULL && profile->plain != NULL && profile->enabled && profile->plain->starts &&
         profile_carries_ip(profile) && (stack == NULL || strcmp(profile->format->stack, stack) == 0);
}

void verify_links(const VerifyOptions *options, const char *stack, Verification *verification) {
  g_autoptr(GArray) addresses = link_addresses(NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(Profiles) profiles = NULL;
  NicList nics = {0};
  VerifyRound round = {.options = options, .verification = verification, .addresses = addresses};

  if (addresses == NULL || nics_read(options->root, &nics) < 0 ||
      (profiles = profiles_read_formats(options->root, &nics, &error)) == NULL) {
    check_add(verification, CHECK_FAILED, "files that can be read", error != NULL ? error->message : "no list of NICs",
              NULL, "network files");
    nics_clear(&nics);
    return;
  }
  for (guint i = 0; i < profiles->items->len; i++)
    if (is_asked(profiles->items->pdata[i], stack))
      verify_profile(&round, profiles->items->pdata[i]);
  nics_clear(&nics);
}

GPtrArray *verify_links_failures(const Root *root, const char *stack) {
  const VerifyOptions options = {.root = root};
  g_autoptr(Verification) verification = verification_new();
  GPtrArray *failed = g_ptr_array_new_with_free_func(g_free);

  verify_links(&options, stack, verification);
  list_each (const CheckRow *, row, verification->checks)
    if (row->result == CHECK_FAILED)
      g_ptr_array_add(failed, g_strdup(row->what));
  return failed;
}
