/* signals.c - no signal ends a run while a committed transaction is unfinished */
#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The first are only survived: that a reader of ours went away asks us to do nothing, of a file that may not grow the
 * call that failed tells, and a run that stands still (Ctrl-Z, a background job that writes) would keep half an
 * identity and the lock. The others are what people and limits send, and what ends a process. */
static const int held[] = {SIGPIPE, SIGXFSZ, SIGTSTP, SIGTTOU, SIGINT,    SIGTERM, SIGHUP, SIGQUIT,
                           SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU, SIGVTALRM, SIGPROF, SIGPWR, SIGIO};
enum { FIRST_REQUEST = 4 };
static struct sigaction before[G_N_ELEMENTS(held)];
static volatile sig_atomic_t noted[G_N_ELEMENTS(held)];
static unsigned holders;
static const char *volatile explanation;

/* A terminal that stands still (Ctrl-S) is not waited for. */
static void explain(const char *text) {
  struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

  if (poll(&out, 1, 0) > 0 && write(STDERR_FILENO, text, strlen(text)) < 0)
    return; /* nobody listens: nothing to be done about it in a handler */
}

static void note(int number) {
  const int error = errno;

  for (gsize i = 0; i < G_N_ELEMENTS(held); i++)
    if (held[i] == number)
      noted[i] = 1;
  if ((number == SIGINT || number == SIGTSTP) && explanation != NULL)
    explain(explanation);
  errno = error; /* what it interrupted may be about to look at it */
}

void signals_explain(const char *text) {
  explanation = text;
}

void signals_hold(SignalsHolder holder) {
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  /* A write that it interrupts would be begun again, and interrupted again. */
  const struct sigaction ignore = {.sa_handler = SIG_IGN};

  gboolean held_already = holders != 0;
  holders |= holder;
  if (held_already)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS(held); i++) {
    noted[i] = 0;
    (void)sigaction(held[i], NULL, &before[i]);
    if (before[i].sa_handler != SIG_IGN)
      (void)sigaction(held[i], held[i] == SIGTTOU ? &ignore : &action, NULL);
  }
}

gboolean signals_noted(void) {
  for (gsize i = FIRST_REQUEST; i < G_N_ELEMENTS(held); i++)
    if (noted[i])
      return TRUE;
  return FALSE;
}

void signals_release(SignalsHolder holder) {
  gboolean was_held = holders != 0;
  holders &= ~(unsigned)holder;
  if (!was_held || holders != 0)
    return;
  explanation = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(held); i++)
    (void)sigaction(held[i], &before[i], NULL);
  for (gsize i = FIRST_REQUEST; i < G_N_ELEMENTS(held); i++)
    if (noted[i])
      (void)raise(held[i]);
}
