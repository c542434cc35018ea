/* leftover.c: what a file still says of the template's after somebody changed it. */
#include "commit/leftover.h"

#include <string.h>

static Manifest *manifest_of(Plan *plan) {
  static const TransactionInfo info = {0};

  (void)plan_choose(plan, "hostname", "golden.example.org", "web-17.example.org", "random");
  (void)plan_choose(plan, "address ens3", "10.0.0.5, 2001:db8::5", "10.0.0.17/24", "random");
  (void)plan_choose(plan, "gateway ens3", "10.0.0.1", "10.0.0.1", "random");
  (void)plan_choose(plan, "address ens4", "DHCP", NULL, "random");
  return manifest_new(plan, &info);
}

static void a_value_is_a_word(void) {
  static const struct {
    const char *text;
    gboolean forward, backward;
  } rows[] = {
      {"", FALSE, FALSE},
      {"127.0.1.1 golden\n", TRUE, FALSE},
      {"127.0.1.1 GOLDEN.lan\n", TRUE, FALSE},
      {"x=golden.example.org", TRUE, FALSE},
      {"golden-db mygolden golden_1 my.golden", FALSE, FALSE},
      {"golden-db golden", TRUE, FALSE},
      {"address1=10.0.0.5/24\n", TRUE, FALSE},
      {"address1=10.0.0.55/24,110.0.0.5\n", FALSE, FALSE},
      {"2001:DB8::5/64", TRUE, FALSE},
      {"gateway=10.0.0.1\nmethod=dhcp\n", FALSE, FALSE},
      {"127.0.1.1 web-17\n", FALSE, TRUE},
      {"10.0.0.17", FALSE, TRUE},
  };
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(Manifest) manifest = manifest_of(plan);

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GBytes) content = g_bytes_new_static(rows[i].text, strlen(rows[i].text));

    if (leftover_is_in(manifest, FALSE, content, NULL, NULL) != rows[i].forward ||
        leftover_is_in(manifest, TRUE, content, NULL, NULL) != rows[i].backward)
      g_error("\"%s\"", rows[i].text);
  }
}

static void a_line_that_was_to_go_is_one(void) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(Manifest) manifest = manifest_of(plan);
  g_autoptr(GBytes) from = g_bytes_new_static("a=1\nmac-address=52:54:00:aa:bb:01\n}\n", 36);
  g_autoptr(GBytes) to = g_bytes_new_static("a=1\nmac-address=52:54:00:cc:dd:02\n", 34);
  g_autoptr(GBytes) same = g_bytes_new_static("b=2\n  mac-address=52:54:00:aa:bb:01\r\n", 37);
  g_autoptr(GBytes) other = g_bytes_new_static("a=1\nb=2\n}\n", 10);

  g_assert_true(leftover_is_in(manifest, FALSE, same, from, to));
  g_assert_false(leftover_is_in(manifest, FALSE, other, from, to));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/leftover/a-value-is-a-word", a_value_is_a_word);
  g_test_add_func("/leftover/a-line-that-was-to-go-is-one", a_line_that_was_to_go_is_one);
  return g_test_run();
}
