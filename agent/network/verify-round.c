/* verify-round.c - the rows about addresses and gateways, for whoever describes them */
#include "verify-round.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "address-probe.h"
#include "base/each.h"

enum { GATEWAY_MS = 2000 };

void verify_address(const VerifyRound *round, const Link *link, int family, const char *address, unsigned prefix) {
  g_autofree char *text = g_strdup_printf("%s/%u", address, prefix);
  unsigned char ip[16] = {0};
  const char *trouble = NULL;

  (void)inet_pton(family, address, ip);
  const LinkAddress *found = link_address_find(round->addresses, link->index, family, ip);
  if (found == NULL)
    trouble = "it is not there";
  else if ((found->flags & IFA_F_DADFAILED) != 0)
    trouble = "another machine holds it";
  else if ((found->flags & IFA_F_TENTATIVE) != 0)
    trouble = "duplicate address detection is not done";
  else if (found->prefix != prefix)
    trouble = "it has another prefix length";
  check_add(round->verification, trouble == NULL ? CHECK_OK : CHECK_FAILED, text, trouble != NULL ? trouble : text,
            NULL, "address %s on %s", text, link->name);
}

gboolean verify_failed_before(const VerifyRound *round, const char *what) {
  const GPtrArray *before = round->options->failed_before;

  for (guint i = 0; before != NULL && i < before->len; i++)
    if (strcmp(before->pdata[i], what) == 0)
      return TRUE;
  return FALSE;
}

static const PolicyAddress *find_gateway(const PolicyAddresses *gateways, const char *gateway) {
  for (size_t i = 0; i < gateways->count; i++)
    if (strcmp(gateways->items[i].text, gateway) == 0 && gateways->items[i].file != NULL)
      return &gateways->items[i];
  return NULL;
}

/* The line of the policy that says GATEWAY, or NULL. */
static const PolicyAddress *gateway_of_policy(const VerifyOptions *options, const char *gateway) {
  const Policy *policy = options->policy;
  const PolicyAddress *found = options->host != NULL ? find_gateway(&options->host->gateways, gateway) : NULL;

  for (size_t i = 0; found == NULL && policy != NULL && i < policy->n_nics; i++)
    found = find_gateway(&policy->nics[i].gateways, gateway);
  return found != NULL || policy == NULL ? found : find_gateway(&policy->network.gateways, gateway);
}

/* Where a person looks when GATEWAY is silent. The caller frees. */
static char *gateway_advice(const VerifyOptions *options, const char *gateway) {
  const PolicyAddress *said = gateway_of_policy(options, gateway);

  return said != NULL ? g_strdup_printf("see %s:%u, which sets it, and the cable", said->file, said->line)
                      : g_strdup("check the profile that sets it, and the cable");
}

void verify_gateway(const VerifyRound *round, const char *interface, const char *gateway) {
  g_autofree char *what = g_strdup_printf(VERIFY_GATEWAY, gateway, interface);
  g_autofree char *stage = g_strdup_printf("verifying gateway %s", gateway);
  g_autofree char *advice = gateway_advice(round->options, gateway);
  g_autoptr(GError) detail = NULL;
  char mac[NIC_MAC_TEXT] = "";

  if (round->options->progress != NULL)
    round->options->progress(stage, round->options->data);
  gboolean answered = gateway_answers(interface, gateway, GATEWAY_MS, mac, &detail);
  if (answered)
    check_add(round->verification, CHECK_OK, "an answer", *mac != '\0' ? mac : "an interface without ARP", NULL, "%s",
              what);
  else if (verify_failed_before(round, what))
    check_add(round->verification, CHECK_SKIPPED, "an answer", "silent, as it was before the change", NULL, "%s", what);
  else
    check_add(round->verification, CHECK_FAILED, "an answer", detail != NULL ? detail->message : "silent", advice, "%s",
              what);
}

gboolean verify_has_address(const VerifyRound *round, const Link *link, int family) {
  array_each (const LinkAddress *, address, round->addresses)
    if (address->index == link->index && address->family == family && address->scope == RT_SCOPE_UNIVERSE)
      return TRUE;
  return FALSE;
}
