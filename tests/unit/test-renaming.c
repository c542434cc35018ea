/* renaming.c: which words are the old name, and what they become. */
#include "plan-fixture.h"
#include "plan/renaming.h"

typedef struct {
  const char *old_name, *new_name, *word, *expected;
} Row;

static void renames_words_by_the_table(void) {
  static const Row rows[] = {
      {"golden", "web", "golden", "web"},
      {"golden", "web", "GOLDEN", "web"},
      {"golden", "web", "golden.example.org", "web.example.org"},
      {"golden", "web", "golden2", NULL},
      {"golden", "web", "my-golden", NULL},
      {"golden", "web", "www.golden", NULL},
      {"golden", "web", "golden.", NULL},
      {"golden", "web.example.net", "golden", "web"},
      {"golden", "web.example.net", "golden.example.org", "web.example.net"},
      {"golden.example.org", "web.example.net", "golden.example.org", "web.example.net"},
      {"golden.example.org", "web.example.net", "golden", "web"},
      {"golden.example.org", "web.example.net", "golden.lan", "web.lan"},
      {"golden.example.org", "web", "golden.example.org", "web.example.org"},
      {"golden.example.org", "web", "golden", "web"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    g_autofree char *renamed = NULL;
    Renaming renaming = {0};

    plan_fixture_rename(machine, rows[i].old_name, rows[i].new_name);
    g_assert_true(renaming_init(&renaming, &machine->identity));
    renamed = renaming_word(&renaming, rows[i].word, strlen(rows[i].word));
    g_assert_cmpstr(renamed, ==, rows[i].expected);
    renaming_clear(&renaming);
  }
}

static void text_keeps_what_is_around_the_name(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GString) out = g_string_new(NULL);
  const char *text = "\"golden\", golden-2 (golden.lan). Golden. \xe9golden";
  Renaming renaming = {0};

  g_assert_true(renaming_init(&renaming, &machine->identity));
  renaming_text(&renaming, text, text + strlen(text), out);
  g_assert_cmpstr(out->str, ==, "\"web-17\", golden-2 (web-17.lan). web-17. \xe9web-17");
  renaming_clear(&renaming);
}

static void a_word_with_a_nul_is_no_name(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  Renaming renaming = {0};

  g_assert_true(renaming_init(&renaming, &machine->identity));
  g_assert_null(renaming_word(&renaming, "golden\0x", 8));
  renaming_clear(&renaming);
}

static void names_that_every_machine_has_are_not_renamed(void) {
  static const char *const names[] = {"", "localhost", "localhost.localdomain", "LocalHost", "web-17"};

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    Renaming renaming = {0};

    plan_fixture_rename(machine, names[i], "web-17");
    g_assert_false(renaming_init(&renaming, &machine->identity));
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/renaming/renames-words-by-the-table", renames_words_by_the_table);
  g_test_add_func("/renaming/text-keeps-what-is-around-the-name", text_keeps_what_is_around_the_name);
  g_test_add_func("/renaming/a-word-with-a-nul-is-no-name", a_word_with_a_nul_is_no_name);
  g_test_add_func("/renaming/names-that-every-machine-has-are-not-renamed",
                  names_that_every_machine_has_are_not_renamed);
  return g_test_run();
}
