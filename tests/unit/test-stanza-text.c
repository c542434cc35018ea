/* agent/profiles/text/stanza-text.c: /etc/network/interfaces, read as ifupdown does, and only what was asked for
 * changes. */
#include <string.h>

#include "fixture.h"
#include "profiles/text/stanza-text.h"

static StanzaText *parse(const char *data) {
  g_autoptr(GBytes) bytes = g_bytes_new(data, strlen(data));

  return stanza_text_parse(bytes);
}

static void assert_text(const StanzaText *text, const char *expected) {
  g_autoptr(GBytes) bytes = stanza_text_bytes(text);
  gsize size = 0;
  const char *data = g_bytes_get_data(bytes, &size);
  g_autofree char *copy = g_strndup(data != NULL ? data : "", size);

  g_assert_cmpstr(copy, ==, expected);
}

static StanzaLine *line_of(const StanzaText *text, const char *keyword) {
  for (guint i = 0; i < text->lines->len; i++)
    if (stanza_line_is(text->lines->pdata[i], keyword))
      return text->lines->pdata[i];
  g_error("no line %s", keyword);
}

static void assert_words(const StanzaLine *line, StanzaKind kind, const char *expected) {
  g_autofree char *words = g_strjoinv("|", line->words);

  g_assert_cmpint(line->kind, ==, kind);
  g_assert_cmpstr(words, ==, expected);
}

static void reads_lines_as_ifupdown_does(void) {
  g_autoptr(StanzaText) text =
      parse("# a \\\nauto lo\teth0\n\n  iface eth0 \\\n inet\\\n static\n\t address\\\n  10.0.0.5/24\n"
            "gate\\\nway 10.0.0.1  \r\n up a \\\n\n#\n down b \\ \n netmask 1\\\r\n");
  static const struct {
    StanzaKind kind;
    guint number;
    const char *words;
  } expected[] = {
      {STANZA_BLANK, 1, ""},
      {STANZA_HEAD, 2, "auto|lo|eth0"},
      {STANZA_BLANK, 3, ""},
      {STANZA_HEAD, 4, "iface|eth0|inet|static"},
      {STANZA_OPTION, 7, "address|10.0.0.5/24"},
      {STANZA_OPTION, 9, "gateway|10.0.0.1"},
      {STANZA_OPTION, 11, "up|a"},
      {STANZA_BLANK, 13, ""},
      {STANZA_OPTION, 14, "down|b|\\"},
      {STANZA_OPTION, 15, "netmask|1\\"},
  };

  g_assert_cmpuint(text->lines->len, ==, G_N_ELEMENTS(expected));
  for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
    const StanzaLine *line = text->lines->pdata[i];

    assert_words(line, expected[i].kind, expected[i].words);
    g_assert_cmpuint(line->number, ==, expected[i].number);
  }
}

static void knows_the_stanza_of_a_line(void) {
  g_autoptr(StanzaText) text =
      parse("stray 1\nallow-hotplug eth0\niface eth0 inet manual\n# c\nup a\nrename a=b\nno 1\n"
            "template t\nuse dhcp\n");

  g_assert_null(line_of(text, "stray")->head);
  g_assert_true(line_of(text, "up")->head == line_of(text, "iface"));
  g_assert_true(line_of(text, "no")->head == line_of(text, "rename"));
  g_assert_true(line_of(text, "use")->head == line_of(text, "template"));
  g_assert_true(line_of(text, "iface")->head == line_of(text, "iface"));
}

static void finds_options_of_one_stanza(void) {
  g_autoptr(StanzaText) text =
      parse("iface br0 inet manual\n bridge_ports eth0\n up a\n up b\niface br1 inet manual\n up c\n");
  const StanzaLine *head = line_of(text, "iface");
  const StanzaLine *first = stanza_text_option(text, head, "up", NULL);
  const StanzaLine *second = stanza_text_option(text, head, "up", first);

  g_assert_nonnull(stanza_text_option(text, head, "bridge-ports", NULL));
  assert_words(first, STANZA_OPTION, "up|a");
  assert_words(second, STANZA_OPTION, "up|b");
  g_assert_null(stanza_text_option(text, head, "up", second));
  g_assert_null(stanza_text_option(text, head, "address", NULL));
}

static void changes_a_word_and_nothing_else(void) {
  g_autoptr(StanzaText) text =
      parse("iface eth0   inet \\\n  static # ng\n\taddress \t10.0.0.5/24 # main \n gate\\\nway 10.\\\n0.0.1\n");

  g_assert_true(stanza_line_set_word(line_of(text, "iface"), 3, "dhcp"));
  g_assert_true(stanza_line_set_word(line_of(text, "address"), 1, "10.0.0.77/16"));
  g_assert_true(stanza_line_set_word(line_of(text, "gateway"), 1, "10.0.0.254"));
  g_assert_false(stanza_line_set_word(line_of(text, "gateway"), 1, "10.0.0.254"));
  assert_text(text, "iface eth0   inet \\\n  dhcp # ng\n\taddress \t10.0.0.77/16 # main \n gate\\\nway 10.0.0.254\n");
  g_assert_true(stanza_line_set_word(line_of(text, "gateway"), 2, "more"));
  assert_words(line_of(text, "gateway"), STANZA_OPTION, "gateway|10.0.0.254|more");
}

static void changes_a_value_over_several_lines(void) {
  g_autoptr(StanzaText) text =
      parse("iface eth0 inet static\r\n dns-nameservers 10.0.0.2 \\\n  10.0.0.3\r\n dns-search\r\n");

  g_assert_true(stanza_line_set_value(line_of(text, "dns-nameservers"), "10.0.0.9"));
  g_assert_true(stanza_line_set_value(line_of(text, "dns-search"), "example.org lan"));
  g_assert_false(stanza_line_set_value(line_of(text, "dns-search"), "example.org lan"));
  assert_text(text, "iface eth0 inet static\r\n dns-nameservers 10.0.0.9\r\n dns-search example.org lan\r\n");
}

static void inserts_options_like_the_others(void) {
  g_autoptr(StanzaText) text =
      parse("iface eth0 inet static\n\taddress    10.0.0.5\n\tnetmask    255.0.0.0\n# end\niface eth1 inet dhcp\n");
  const StanzaLine *last = line_of(text, "netmask");

  last = stanza_text_insert(text, last, "gateway", "10.0.0.1");
  last = stanza_text_insert(text, last, "dns-nameservers", "10.0.0.2");
  (void)stanza_text_insert(text, text->lines->pdata[6], "mtu", "1400");
  assert_text(text, "iface eth0 inet static\n\taddress    10.0.0.5\n\tnetmask    255.0.0.0\n\tgateway    10.0.0.1\n"
                    "\tdns-nameservers 10.0.0.2\n# end\niface eth1 inet dhcp\n\tmtu        1400\n");
  g_assert_true(last->head == line_of(text, "iface"));
}

static void inserts_where_nothing_is_to_follow(void) {
  g_autoptr(StanzaText) crlf = parse("iface eth0 inet dhcp\r\n");
  g_autoptr(StanzaText) open = parse("iface eth0 inet dhcp\n up a \\");

  (void)stanza_text_insert(crlf, line_of(crlf, "iface"), "mtu", "1400");
  assert_text(crlf, "iface eth0 inet dhcp\r\n    mtu 1400\r\n");
  (void)stanza_text_insert(open, line_of(open, "up"), "mtu", "1400");
  assert_text(open, "iface eth0 inet dhcp\n up a \n mtu 1400");
}

static void adds_a_stanza_behind_another(void) {
  g_autoptr(StanzaText) text = parse("iface eth0 inet dhcp\n mtu 1\n\n# the other one\nauto eth1\n");
  g_autoptr(StanzaText) empty = parse("");
  StanzaLine *head = stanza_text_add(text, line_of(text, "mtu"), "iface eth0 inet6 auto");

  (void)stanza_text_insert(text, head, "accept_ra", "1");
  assert_text(text,
              "iface eth0 inet dhcp\n mtu 1\n\niface eth0 inet6 auto\n accept_ra 1\n\n# the other one\nauto eth1\n");
  (void)stanza_text_add(text, NULL, "auto eth2");
  g_assert_true(g_str_has_suffix(((StanzaLine *)text->lines->pdata[text->lines->len - 1])->raw->str, "auto eth2\n"));
  (void)stanza_text_add(empty, NULL, "auto eth0");
  assert_text(empty, "auto eth0\n");
}

static void removes_whole_lines(void) {
  g_autoptr(StanzaText) text = parse("iface eth0 inet static\n address 10.0.0.5\\\n\n # kept\n gateway 10.0.0.1");

  stanza_text_remove(text, line_of(text, "address"));
  assert_text(text, "iface eth0 inet static\n # kept\n gateway 10.0.0.1");
  stanza_text_remove(text, line_of(text, "gateway"));
  assert_text(text, "iface eth0 inet static\n # kept");
}

static void keeps_every_byte(void) {
  static const char *const texts[] = {"",
                                      "\n",
                                      "\\",
                                      "\\\n",
                                      "#\\\n",
                                      " \t",
                                      "iface",
                                      "iface\r",
                                      "a\\\nb\\\n\\\n\n\nc \\\n",
                                      "\xff\xfe x\n",
                                      "auto eth0\r\n\r\niface eth0 inet dhcp\r\n\\\r\n"};

  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(StanzaText) text = parse(texts[i]);

    assert_text(text, texts[i]);
  }
}

static void keeps_every_byte_of_the_corpus(void) {
  g_autoptr(GError) error = NULL;
  GDir *dir = g_dir_open("tests/corpus/ifupdown", 0, &error);
  const char *name;
  guint count = 0;

  g_assert_no_error(error);
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename("tests/corpus/ifupdown", name, NULL);
    g_autofree char *data = NULL;
    gsize size = 0;

    if (g_file_test(path, G_FILE_TEST_IS_DIR))
      continue;
    g_file_get_contents(path, &data, &size, &error);
    g_assert_no_error(error);
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(StanzaText) text = stanza_text_parse(bytes);
    g_autoptr(GBytes) same = stanza_text_bytes(text);
    g_assert_true(g_bytes_equal(bytes, same));
    count++;
  }
  g_dir_close(dir);
  g_assert_cmpuint(count, >=, 50);
}

static char *random_text(void) {
  static const char *const pieces[] = {"auto ", "iface ", "address", " ", "\t", "\n", "\n", "\n ",
                                       "\\\n",  "\\",     "\r\n",    "#", "x",  "\"", "\v"};
  GString *text = g_string_new(NULL);

  for (gint i = g_test_rand_int_range(0, 40); i > 0; i--)
    g_string_append(text, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
  return g_string_free(text, FALSE);
}

static char *words_of_all(const StanzaText *text) {
  GString *all = g_string_new(NULL);

  for (guint i = 0; i < text->lines->len; i++) {
    const StanzaLine *line = text->lines->pdata[i];
    g_autofree char *words = g_strjoinv("|", line->words);
    if (line->kind != STANZA_BLANK)
      g_string_append_printf(all, "%d%s\n", line->kind, words);
  }
  return g_string_free(all, FALSE);
}

/* What was changed is read again as what it was changed to, and the rest as it was. */
static void reads_again_what_it_wrote(void) {
  const guint rounds = fixture_rounds(5000);

  for (guint round = 0; round < rounds; round++) {
    g_autofree char *data = random_text();
    g_autoptr(StanzaText) text = parse(data);
    assert_text(text, data);
    for (guint i = 0; i < text->lines->len; i++) {
      StanzaLine *line = text->lines->pdata[i];
      const gint what = g_test_rand_int_range(0, 5);
      if (line->kind == STANZA_BLANK || line->n_words < 2)
        continue;
      if (what == 0)
        (void)stanza_line_set_word(line, (guint)g_test_rand_int_range(1, (gint)line->n_words), "changed");
      else if (what == 1)
        (void)stanza_line_set_value(line, "one \\\n two");
      else if (what == 2)
        (void)stanza_text_insert(text, line, "option", "value");
      else if (what == 3)
        (void)stanza_text_add(text, line, "iface new inet dhcp");
    }
    g_autofree char *wanted = words_of_all(text);
    g_autoptr(GBytes) bytes = stanza_text_bytes(text);
    g_autoptr(StanzaText) again = stanza_text_parse(bytes);
    g_autofree char *found = words_of_all(again);
    g_assert_cmpstr(found, ==, wanted);
  }
}

static void values_are_raw_and_know_their_line(void) {
  static const char raw[] =
      "# c\nauto lo\nalone\niface eth0 inet \\\n static\n address \\\n  1.2.3.4\n dns 1 \\\n 2 \n";
  g_autoptr(GBytes) bytes = g_bytes_new_static(raw, strlen(raw));
  g_autoptr(StanzaText) text = stanza_text_parse(bytes);
  g_autoptr(GString) values = g_string_new(NULL);

  for (guint i = 0; i < text->lines->len; i++) {
    const StanzaLine *line = text->lines->pdata[i];
    gsize size = 0;
    if (line->kind == STANZA_BLANK)
      continue;
    const char *value = stanza_line_value(line, &size);
    g_string_append_printf(values, "%u %s=%.*s\n", stanza_line_value_number(line),
                           line->n_words > 1 ? line->words[0] : "", (int)size, value);
  }
  g_assert_cmpstr(values->str, ==,
                  "2 auto=lo\n3 =alone\n4 iface=eth0 inet \\\n static\n7 address=1.2.3.4\n8 dns=1 \\\n 2\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/stanza-text/reads-lines-as-ifupdown-does", reads_lines_as_ifupdown_does);
  g_test_add_func("/stanza-text/knows-the-stanza-of-a-line", knows_the_stanza_of_a_line);
  g_test_add_func("/stanza-text/finds-options-of-one-stanza", finds_options_of_one_stanza);
  g_test_add_func("/stanza-text/changes-a-word-and-nothing-else", changes_a_word_and_nothing_else);
  g_test_add_func("/stanza-text/changes-a-value-over-several-lines", changes_a_value_over_several_lines);
  g_test_add_func("/stanza-text/inserts-options-like-the-others", inserts_options_like_the_others);
  g_test_add_func("/stanza-text/inserts-where-nothing-is-to-follow", inserts_where_nothing_is_to_follow);
  g_test_add_func("/stanza-text/adds-a-stanza-behind-another", adds_a_stanza_behind_another);
  g_test_add_func("/stanza-text/removes-whole-lines", removes_whole_lines);
  g_test_add_func("/stanza-text/keeps-every-byte", keeps_every_byte);
  g_test_add_func("/stanza-text/keeps-every-byte-of-the-corpus", keeps_every_byte_of_the_corpus);
  g_test_add_func("/stanza-text/reads-again-what-it-wrote", reads_again_what_it_wrote);
  g_test_add_func("/stanza-text/values-are-raw-and-know-their-line", values_are_raw_and_know_their_line);
  return g_test_run();
}
