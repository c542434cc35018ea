/* The rows of a verification, and asking where there is nobody to ask (agent/network/verification.c, verify.c,
 * verify-identity.c, verify-network.c, system-bus.c, system-manager.c); a machine with NetworkManager is
 * tests/network/verify.t. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/system-bus.h"
#include "fixture.h"
#include "network/verify-checks.h"
#include "network/verify-round.h"
#include "network/verify.h"
#include "plan/steps.h"

static void test_summary_names_what_failed(void) {
  g_autoptr(Verification) verification = verification_new();

  g_assert_null(verification_summary(verification));
  check_add(verification, CHECK_OK, "a", "a", NULL, "one");
  check_add(verification, CHECK_LATER, "a", "b", "reboot", "two");
  check_add(verification, CHECK_SKIPPED, "a", "b", NULL, "three");
  g_assert_true(verification->ok);
  g_assert_null(verification_summary(verification));
  check_add(verification, CHECK_FAILED, "10.0.0.17/24", "it is not there", NULL, "address on %s", "ens192");
  check_add(verification, CHECK_FAILED, "x", "y", NULL, "other");
  g_assert_false(verification->ok);
  g_autofree char *summary = verification_summary(verification);
  g_assert_cmpstr(summary, ==,
                  "address on ens192: expected 10.0.0.17/24, found it is not there; other: expected x, found y");
}

/* On a NIC that is not there nothing answers. */
static const CheckRow *dead_gateway(const VerifyOptions *options, Verification *verification) {
  VerifyRound round = {.options = options, .verification = verification};

  verify_gateway(&round, "no-such-nic", "10.0.0.1");
  g_assert_cmpuint(verification->checks->len, ==, 1);
  return verification->checks->pdata[0];
}

static void test_a_dead_gateway_names_the_line_that_sets_it(void) {
  PolicyAddress network = {.family = AF_INET, .text = "10.0.0.1", .file = "/etc/policy.ini", .line = 2};
  PolicyAddress own = {.family = AF_INET, .text = "10.0.0.1", .file = "/etc/policy.ini", .line = 7};
  Policy policy = {.network.gateways = {&network, 1}};
  HostPolicy host = {.gateways = {&own, 1}};
  const struct {
    VerifyOptions options;
    const char *advice;
  } cases[] = {{{.policy = &policy}, "see /etc/policy.ini:2, which sets it, and the cable"},
               {{.policy = &policy, .host = &host}, "see /etc/policy.ini:7, which sets it, and the cable"},
               {{.policy = NULL}, "check the profile that sets it, and the cable"}};

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Verification) verification = verification_new();
    g_assert_cmpstr(dead_gateway(&cases[i].options, verification)->advice, ==, cases[i].advice);
    g_autofree char *summary = verification_summary(verification);
    g_assert_nonnull(strstr(summary, cases[i].advice));
  }
}

static void test_names(void) {
  g_assert_cmpstr(check_result_name(CHECK_OK), ==, "ok");
  g_assert_cmpstr(check_result_name(CHECK_FAILED), ==, "failed");
  g_assert_cmpstr(check_result_name(CHECK_LATER), ==, "later");
  g_assert_cmpstr(check_result_name(CHECK_SKIPPED), ==, "skipped");
}

static void test_another_root_is_refused(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Plan) plan = plan_new();
  VerifyOptions options = {.root = &fixture->root, .checks = plan->checks};
  g_autoptr(GError) error = NULL;

  g_assert_null(verify_run(&options, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
}

static const Check *find(const Plan *plan, const char *name) {
  for (guint i = 0; i < plan->checks->len; i++)
    if (strcmp(((const Check *)plan->checks->pdata[i])->name, name) == 0)
      return plan->checks->pdata[i];
  return NULL;
}

static void test_what_the_steps_want_verified_can_be_asked(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Plan) plan = plan_new();

  fixture_write(fixture, "/etc/hostname", "web-17.\n");
  fixture_write(fixture, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  fixture_write(fixture, "/var/lib/dbus/machine-id", "0123456789abcdef0123456789abcdef\n");
  steps_check(&fixture->root, plan);
  g_assert_cmpuint(plan->checks->len, >=, 7);
  for (guint i = 0; i < plan->checks->len; i++) {
    const Check *check = plan->checks->pdata[i];
    if (strcmp(check->name, VERIFY_NETWORK) != 0 && strcmp(check->name, VERIFY_LINKS) != 0)
      g_assert_nonnull(check_kind_find(check->name));
  }
  g_assert_cmpstr(find(plan, "host name of the kernel")->expected, ==, "web-17");
  g_assert_cmpstr(find(plan, "machine-id of PID 1")->expected, ==, "0123456789abcdef0123456789abcdef");
  g_assert_null(check_kind_find("the weather"));
}

static void test_what_the_files_do_not_say_is_not_asked(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Plan) plan = plan_new();

  fixture_write(fixture, "/etc/machine-id", "uninitialized\n");
  steps_check(&fixture->root, plan);
  g_assert_null(find(plan, "host name of the kernel"));
  g_assert_null(find(plan, "machine-id of PID 1"));
  g_assert_nonnull(find(plan, "machine-id"));
}

static void test_no_bus_is_an_answer(void) {
  const BusObject object = {"org.example", "/", "org.example"};
  gboolean answered = TRUE;
  g_autoptr(GError) error = NULL;

  (void)setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
  sd_bus *bus = system_bus();
  g_assert_true(system_bus_call(bus, &object, "Method", &answered, &error, "u", 1));
  g_assert_no_error(error);
  g_assert_false(answered);
  g_assert_null(system_bus_property(bus, &object, "Property"));
  g_assert_null(system_bus_machine_id(bus, "org.example"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/verify/summary-names-what-failed", test_summary_names_what_failed);
  g_test_add_func("/verify/a-dead-gateway-names-the-line-that-sets-it",
                  test_a_dead_gateway_names_the_line_that_sets_it);
  g_test_add_func("/verify/names", test_names);
  g_test_add_func("/verify/another-root-is-refused", test_another_root_is_refused);
  g_test_add_func("/verify/what-the-steps-want-verified-can-be-asked", test_what_the_steps_want_verified_can_be_asked);
  g_test_add_func("/verify/what-the-files-do-not-say-is-not-asked", test_what_the_files_do_not_say_is_not_asked);
  g_test_add_func("/verify/no-bus-is-an-answer", test_no_bus_is_an_answer);
  return g_test_run();
}
