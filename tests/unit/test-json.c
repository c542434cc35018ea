/* json.c: valid whatever the strings hold, and our own strings can be read back. */
#include "cli/json.h"

static void test_escapes_and_nesting(void) {
  Json json;

  json_init(&json);
  json_object(&json, NULL);
  json_string(&json, "a", "quote \" backslash \\ newline \n tab \t bell \x07 csi \xc2\x9b \xc2\xa0");
  json_string(&json, "none", NULL);
  json_string_or_null(&json, "empty", "");
  json_array(&json, "list");
  json_number(&json, NULL, -3);
  json_boolean(&json, NULL, TRUE);
  json_object(&json, NULL);
  json_object_end(&json);
  json_array_end(&json);
  json_raw(&json, "raw", "{\"x\":1}");
  json_object_end(&json);
  g_autofree char *text = json_finish(&json);
  g_assert_cmpstr(text, ==,
                  "{\"a\":\"quote \\\" backslash \\\\ newline \\n tab \\t bell \\u0007 csi \\u009b "
                  "\xc2\xa0\",\"none\":null,\"empty\":null,"
                  "\"list\":[-3,true,{}],\"raw\":{\"x\":1}}\n");
}

static void test_bytes_that_are_no_text_stay_valid(void) {
  Json json;

  json_init(&json);
  json_string(&json, NULL, "caf\xe9");
  g_autofree char *text = json_finish(&json);
  g_assert_true(g_utf8_validate(text, -1, NULL));
  g_assert_cmpstr(text, ==, "\"caf\xef\xbf\xbd\"\n");
}

static void test_members_are_read_back(void) {
  g_autofree char *nested = json_member_string("{\"a\":{\"time\":\"inner\"},\"time\":\"out\\\"er\\n\"}", "time");
  g_autofree char *value = json_member_string("{\"x\":\"time\",\"time\":\"t\"}", "time");
  g_autofree char *number = json_member_string("{\"time\":3}", "time");
  g_autofree char *cut = json_member_string("{\"time\":\"unfinished", "time");

  g_assert_cmpstr(nested, ==, "out\"er\n");
  g_assert_cmpstr(value, ==, "t");
  g_assert_null(number);
  g_assert_null(cut);
}

static void test_what_is_an_object_is_known(void) {
  static const char *const good[] = {"{}", " {\"a\": [1, -2.5e3, true, null, \"\\u00e9\\n\"]}\n", "{\"a\":{\"b\":[]}}"};
  static const char *const bad[] = {
      "",           "[]",         "{oops}",         "{\"a\"}",     "{\"a\":}",        "{\"a\":1,}",
      "{\"a\":01}", "{\"a\":1}x", "{\"a\":\"\n\"}", "{\"a\":tru}", "{\"a\":\"\\x\"}", "{\"a\":\"",
      "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1",       "{\"\xff\":1}"};
  g_autoptr(GString) deep = g_string_new("{\"a\":");

  for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
    g_assert_true(json_is_object(good[i]));
  for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
    if (json_is_object(bad[i]))
      g_error("not JSON: %s", bad[i]);
  for (gsize i = 0; i < 10000; i++)
    g_string_append_c(deep, '[');
  g_assert_false(json_is_object(deep->str));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/json/escapes-and-nesting", test_escapes_and_nesting);
  g_test_add_func("/json/bytes-that-are-no-text-stay-valid", test_bytes_that_are_no_text_stay_valid);
  g_test_add_func("/json/members-are-read-back", test_members_are_read_back);
  g_test_add_func("/json/what-is-an-object-is-known", test_what_is_an_object_is_known);
  return g_test_run();
}
