/* verification.c - the rows that a verification is made of */
#include "verification.h"

#include "base/each.h"

static void check_free(CheckRow *check) {
  g_free(check->what);
  g_free(check->expected);
  g_free(check->found);
  g_free(check->advice);
  g_free(check);
}

void verification_free(Verification *verification) {
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

char *verification_summary(const Verification *verification) {
  GString *text = g_string_new(NULL);

  list_each (const CheckRow *, check, verification->checks)
    if (check->result == CHECK_FAILED)
      g_string_append_printf(text, "%s%s: expected %s, found %s%s%s%s", text->len > 0 ? "; " : "", check->what,
                             check->expected, check->found, check->advice != NULL ? " (" : "",
                             check->advice != NULL ? check->advice : "", check->advice != NULL ? ")" : "");
  return g_string_free(text, text->len == 0);
}
