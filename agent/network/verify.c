/* verify.c - is the identity that the files have really in effect? */
#include "verify.h"

#include <string.h>

#include "base/deadline.h"
#include "base/each.h"
#include "base/error.h"
#include "plan/plan.h"
#include "plan/steps.h"
#include "verify-checks.h"
#include "verify-links.h"

enum { ROUND_MS = 250 };

static gboolean asks_network(const VerifyOptions *options) {
  for (guint i = 0; i < options->checks->len; i++)
    if (strcmp(((const Check *)options->checks->pdata[i])->name, VERIFY_NETWORK) == 0)
      return TRUE;
  return FALSE;
}

/* A kind that nobody knows here is a fault of the program: it fails, and is seen. */
static void ask(const VerifyOptions *options, const Check *check, sd_bus *bus, Verification *verification) {
  const CheckKind *kind = check_kind_find(check->name);
  g_autofree char *found = kind != NULL ? kind->find(options->root, bus) : NULL;

  if (kind != NULL && found == NULL)
    check_add(verification, CHECK_SKIPPED, check->expected, kind->absent, NULL, "%s", check->name);
  else if (kind != NULL && strcmp(found, check->expected) == 0)
    check_add(verification, CHECK_OK, check->expected, found, NULL, "%s", check->name);
  else
    check_add(verification, kind != NULL ? kind->otherwise : CHECK_FAILED, check->expected,
              found != NULL ? found : "not known how to ask", kind != NULL ? kind->advice : NULL, "%s", check->name);
}

static Verification *verify_once(const VerifyOptions *options, NmSession *session) {
  Verification *verification = verification_new();
  sd_bus *bus = system_bus();

  list_each (const Check *, check, options->checks) {
    if (strcmp(check->name, VERIFY_NETWORK) == 0)
      verify_network(options, session, verification);
    else if (strcmp(check->name, VERIFY_LINKS) == 0)
      verify_links(options, check->object, verification);
    else
      ask(options, check, bus, verification);
  }
  return verification;
}

/* Lets NetworkManager's news come in, or waits as long for it to start. */
static void pass_time(NmSession **session) {
  NetworkPresence presence;

  if (*session != NULL && nm_session_answers(*session)) {
    nm_session_pass(*session, ROUND_MS);
    return;
  }
  g_clear_pointer(session, nm_session_free);
  g_usleep(ROUND_MS * 1000UL);
  *session = nm_session_open(&presence, NULL);
}

/* A NIC whose carrier NetworkManager still waits for is neither down nor without a cable. */
static gboolean is_starting(const NmSession *session) {
  return session != NULL && nm_client_get_startup(session->client);
}

Verification *verify_run(const VerifyOptions *options, GError **error) {
  Deadline time = deadline_in(options->wait_s * G_GINT64_CONSTANT(1000));
  NetworkPresence presence = NETWORK_NO_BUS;
  NmSession *session = NULL;
  VerifyOptions quiet = *options;

  if (!options->root->is_host) {
    g_set_error_literal(error, RI_ERROR, RI_ERROR_FAILED,
                        "only the running machine can be verified, not one below --root");
    return NULL;
  }
  if (asks_network(options))
    session = nm_session_open(&presence, NULL);
  Verification *verification = verify_once(options, session);
  quiet.progress = NULL;
  while ((!verification->ok || is_starting(session)) && !deadline_is_over(&time)) {
    verification_free(verification);
    pass_time(&session);
    verification = verify_once(&quiet, session);
  }
  nm_session_free(session);
  return verification;
}
