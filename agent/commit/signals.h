/* signals.h - SIGINT, SIGTERM, SIGHUP, SIGQUIT and what else would end us wait, and SIGPIPE and SIGXFSZ end nothing,
 * and SIGTSTP and SIGTTOU stop nothing, while a committed transaction is unfinished.
 *
 * Handlers and not a mask: a process-directed signal would end us through any other thread (GDBus has one), and
 * children would inherit a mask. One transaction is open at a time, so this state is the process's. */
#pragma once

#include <glib.h>

typedef enum {
  SIGNALS_OF_TRANSACTION = 1 << 0, /* while it is open */
  SIGNALS_OF_RUN = 1 << 1,         /* until what the transaction was for is done and reported */
  SIGNALS_OF_PROBE = 1 << 2,       /* while NICs are up only for a question */
} SignalsHolder;

/* signals_hold: from now on they are only noted, until each HOLDER has released them. Held twice by one is held once.
 */
void signals_hold(SignalsHolder holder);

/* signals_explain: what a person who presses Ctrl-C or Ctrl-Z from now on is told on standard error. TEXT is static. */
void signals_explain(const char *text);

/* signals_noted: somebody asked us to end since they are held. */
gboolean signals_noted(void);

/* signals_release: after the last holder's: as it was before, and what came meanwhile is delivered now. */
void signals_release(SignalsHolder holder);
