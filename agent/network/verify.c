/* verify.c - is the identity that the files have really in effect? */
#include "verify.h"

#include <string.h>

#include "base/error.h"
#include "plan/plan.h"
#include "plan/steps.h"
#include "verify-checks.h"

enum { ROUND_MS = 250 };

static void check_free(CheckRow *check) {
  g_free(check->what);
  g_free(check->expected);
  g_free(check->found);
  g_free(check->advice);
  g_free(check);
}

void verification_free(Verification *verification) {
  if (verification == NULL)
    return;
  g_ptr_array_unref(verification->checks);
  g_free(verification);
}

const char *check_result_name(CheckResult result) {
  static const char *const names[] = {
      [CHECK_OK] = "ok", [CHECK_FAILED] = "failed", [CHECK_LATER] = "later", [CHECK_SKIPPED] = "skipped"};

  return names[result];
}

void check_add(Verification *verification, CheckResult result, const char *expected, const char *found,
               const char *advice, const char *format, ...) {
  CheckRow *check = g_new0(CheckRow, 1);
  va_list arguments;

  va_start(arguments, format);
  check->what = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  check->expected = g_strdup(expected);
  check->found = g_strdup(found);
  check->advice = g_strdup(advice);
  check->result = result;
  g_ptr_array_add(verification->checks, check);
  verification->ok &= result != CHECK_FAILED;
}

Verification *verification_new(void) {
  Verification *verification = g_new0(Verification, 1);

  verification->ok = TRUE;
  verification->checks = g_ptr_array_new_with_free_func((GDestroyNotify)check_free);
  return verification;
}

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
  g_autoptr(sd_bus) bus = system_bus_open();

  for (guint i = 0; i < options->checks->len; i++) {
    const Check *check = options->checks->pdata[i];
    if (strcmp(check->name, VERIFY_NETWORK) == 0)
      verify_network(options, session, verification);
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

Verification *verify_run(const VerifyOptions *options, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)options->wait_s * G_USEC_PER_SEC;
  NetworkPresence presence = NETWORK_NO_BUS;
  NmSession *session = NULL;
  VerifyOptions quiet = *options;
  Verification *verification;

  if (!options->root->is_host) {
    g_set_error_literal(error, RI_ERROR, RI_ERROR_FAILED,
                        "only the running machine can be verified, not one below --root");
    return NULL;
  }
  if (asks_network(options))
    session = nm_session_open(&presence, NULL);
  verification = verify_once(options, session);
  quiet.progress = NULL;
  while (!verification->ok && g_get_monotonic_time() < end) {
    verification_free(verification);
    pass_time(&session);
    verification = verify_once(&quiet, session);
  }
  nm_session_free(session);
  return verification;
}

char *verification_summary(const Verification *verification) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < verification->checks->len; i++) {
    const CheckRow *check = verification->checks->pdata[i];
    if (check->result == CHECK_FAILED)
      g_string_append_printf(text, "%s%s: expected %s, found %s", text->len > 0 ? "; " : "", check->what,
                             check->expected, check->found);
  }
  return g_string_free(text, text->len == 0);
}
