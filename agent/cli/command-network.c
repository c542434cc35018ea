/* command-network.c - what systemd runs, not people: between NetworkManager's stop and start, and when a run has died
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "arguments.h"
#include "base/names.h"
#include "commit/transaction.h"
#include "network/live.h"
#include "output.h"

/* NetworkManager's start waits for it. */
enum { ADAPT_S = 20 };

int command_adapt_network(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Root root;

  (void)alarm(ADAPT_S);
  if (root_open(&root, arguments->root) < 0)
    return RI_EXIT_FAILED;
  if (!live_network_adapt(&root, transaction_is_open(&root), &error))
    output_printf(stderr, TONE_BAD, "reset-identity: %s\n", error->message);
  root_close(&root);
  return error == NULL ? RI_EXIT_OK : RI_EXIT_FAILED;
}
