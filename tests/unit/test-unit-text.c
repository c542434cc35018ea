/* agent/profiles/text/unit-text.c: what changes is what was asked for, and systemd's rules are its rules. */
#include <string.h>

#include "fixture.h"
#include "profiles/text/unit-text.h"

static const char corpus[] = "tests/corpus/networkd";

static UnitText *parse_bytes(const char *data, gsize size) {
  g_autoptr(GBytes) bytes = g_bytes_new(data, size);
  g_autoptr(GError) error = NULL;
  UnitText *text = unit_text_parse(bytes, &error);

  g_assert_no_error(error);
  g_assert_nonnull(text);
  return text;
}

static UnitText *parse(const char *data) {
  return parse_bytes(data, strlen(data));
}

static void assert_text(const UnitText *text, const char *expected) {
  g_autoptr(GBytes) bytes = unit_text_bytes(text);
  gsize size;
  const char *data = g_bytes_get_data(bytes, &size);
  g_autofree char *copy = g_strndup(data != NULL ? data : "", size);

  g_assert_cmpstr(copy, ==, expected);
}

static UnitSection *section_at(const UnitText *text, guint index) {
  return g_ptr_array_index(unit_text_sections(text), index);
}

static UnitEntry *entry_at(const UnitText *text, guint section, guint entry) {
  return g_ptr_array_index(section_at(text, section)->entries, entry);
}

static void assert_entry(const UnitText *text, guint section, guint entry, const char *key, const char *value,
                         guint line) {
  const UnitEntry *found = entry_at(text, section, entry);

  g_assert_cmpstr(found->key, ==, key);
  g_assert_cmpstr(found->value, ==, value);
  g_assert_cmpuint(found->line, ==, line);
}

static void repeated_sections_and_keys_are_each_their_own(void) {
  g_autoptr(UnitText) text = parse("[Network]\nDNS=10.0.0.1\nDNS=\n DNS = 10.0.0.2 \n\n[Address]\nAddress=10.0.0.2/8\n"
                                   "[Address]\nAddress=10.0.0.3/8\n[Network]\nDNS=::1\n");

  g_assert_cmpuint(unit_text_sections(text)->len, ==, 4);
  g_assert_cmpuint(section_at(text, 0)->entries->len, ==, 3);
  assert_entry(text, 0, 0, "DNS", "10.0.0.1", 2);
  assert_entry(text, 0, 1, "DNS", "", 3);
  assert_entry(text, 0, 2, "DNS", "10.0.0.2", 4);
  assert_entry(text, 1, 0, "Address", "10.0.0.2/8", 7);
  assert_entry(text, 2, 0, "Address", "10.0.0.3/8", 9);
  assert_entry(text, 3, 0, "DNS", "::1", 11);
  g_assert_true(unit_text_find(text, "Address") == section_at(text, 1));
  g_assert_null(unit_text_find(text, "address"));
  g_assert_cmpstr(unit_section_value(section_at(text, 0), "DNS"), ==, "10.0.0.2");
  g_assert_null(unit_section_value(section_at(text, 0), "Dns"));
}

static void comments_and_what_systemd_ignores_are_no_entries(void) {
  g_autoptr(UnitText) text =
      parse("Early=1\n# [No]\n;[No]\n[A]\n  # b=1\n;b=2\nno assignment\n=c\nb=3 # 4\n\\\n\xff=1\n");

  g_assert_cmpuint(unit_text_sections(text)->len, ==, 1);
  g_assert_cmpuint(section_at(text, 0)->entries->len, ==, 1);
  assert_entry(text, 0, 0, "b", "3 # 4", 9);
}

static void a_backslash_goes_on_in_the_next_line(void) {
  g_autoptr(UnitText) text =
      parse("[Match]\nName=ens3 \\\n# not part of it\n  ens4 \\\n; nor this\n  ens5\nType=ether\n");

  assert_entry(text, 0, 0, "Name", "ens3    ens4    ens5", 2);
  assert_entry(text, 0, 1, "Type", "ether", 7);
  g_assert_cmpstr(entry_at(text, 0, 0)->raw, ==, "ens3 \\\n# not part of it\n  ens4 \\\n; nor this\n  ens5");
  unit_text_set(text, entry_at(text, 0, 0), "ens3 \\\n  ens9");
  g_assert_cmpstr(entry_at(text, 0, 0)->value, ==, "ens3    ens9");
  assert_text(text, "[Match]\nName=ens3 \\\n  ens9\nType=ether\n");
}

static void two_backslashes_are_the_end(void) {
  g_autoptr(UnitText) text = parse("[A]\nb=1\\\\\nc=2\n");

  assert_entry(text, 0, 0, "b", "1\\\\", 2);
  assert_entry(text, 0, 1, "c", "2", 3);
}

static void comments_in_a_removed_assignment_stay(void) {
  g_autoptr(UnitText) text = parse("[A]\nb=1 \\\n# kept\n  2\nc=3\n");

  unit_text_remove(text, entry_at(text, 0, 0));
  assert_text(text, "[A]\n# kept\nc=3\n");
}

static void sets_one_value_and_nothing_else(void) {
  g_autoptr(UnitText) text = parse("\xef\xbb\xbf[A]\r\n b\t=  1 \r\n# b=1\r\nb=1\r\n");

  unit_text_set(text, entry_at(text, 0, 0), "22");
  assert_text(text, "\xef\xbb\xbf[A]\r\n b\t=  22 \r\n# b=1\r\nb=1\r\n");
  unit_text_set(text, entry_at(text, 0, 1), "");
  assert_text(text, "\xef\xbb\xbf[A]\r\n b\t=  22 \r\n# b=1\r\nb=\r\n");
  unit_text_set(text, entry_at(text, 0, 1), entry_at(text, 0, 0)->raw);
  assert_text(text, "\xef\xbb\xbf[A]\r\n b\t=  22 \r\n# b=1\r\nb=22\r\n");
}

static void inserts_as_the_neighbour_is_written(void) {
  g_autoptr(UnitText) text = parse("[Network]\r\n  DHCP = no\r\n# end\r\n\r\n[Route]\r\n");
  UnitEntry *entry = unit_text_insert(text, section_at(text, 0), NULL, "DNS", "10.0.0.2");

  (void)unit_text_insert(text, section_at(text, 0), entry_at(text, 0, 0), "Address", "10.0.0.3/24");
  (void)unit_text_insert(text, section_at(text, 1), NULL, "Gateway", "10.0.0.1");
  g_assert_cmpuint(entry->line, ==, 0);
  assert_text(text,
              "[Network]\r\n  DHCP = no\r\n  Address = 10.0.0.3/24\r\n  DNS = 10.0.0.2\r\n# end\r\n\r\n[Route]\r\n"
              "Gateway=10.0.0.1\r\n");
  g_assert_cmpstr(entry_at(text, 0, 1)->key, ==, "Address");
  g_assert_true(entry_at(text, 0, 2) == entry);
}

static void a_missing_final_newline_stays_missing(void) {
  g_autoptr(UnitText) text = parse("[A]\nb=1");

  (void)unit_text_insert(text, section_at(text, 0), NULL, "c", "2");
  assert_text(text, "[A]\nb=1\nc=2");
  (void)unit_text_insert(text, unit_text_add_section(text, "D"), NULL, "e", "3");
  assert_text(text, "[A]\nb=1\nc=2\n\n[D]\ne=3");
  unit_text_remove(text, entry_at(text, 1, 0));
  assert_text(text, "[A]\nb=1\nc=2\n\n[D]");
  unit_text_remove_section(text, section_at(text, 1));
  assert_text(text, "[A]\nb=1\nc=2");
}

static void a_backslash_at_the_end_takes_nothing_in(void) {
  g_autoptr(UnitText) text = parse("[A]\nb=1 \\\n");

  (void)unit_text_insert(text, section_at(text, 0), NULL, "c", "2");
  assert_text(text, "[A]\nb=1 \nc=2\n");
}

static void removes_a_section_with_what_parts_it_from_the_next(void) {
  g_autoptr(UnitText) text = parse("[A]\nb=1\n\n[C]\n# why\nd=1\ne=2\n\n\n[C]\nd=3\n\n[F]\n");

  unit_text_remove_section(text, section_at(text, 1));
  assert_text(text, "[A]\nb=1\n\n# why\n[C]\nd=3\n\n[F]\n");
  g_assert_cmpuint(unit_text_sections(text)->len, ==, 3);
  unit_text_remove_section(text, section_at(text, 2));
  assert_text(text, "[A]\nb=1\n\n# why\n[C]\nd=3\n");
}

static void an_empty_text_takes_a_section(void) {
  g_autoptr(UnitText) text = parse("");

  (void)unit_text_insert(text, unit_text_add_section(text, "Match"), NULL, "Name", "ens3");
  assert_text(text, "[Match]\nName=ens3\n");
}

static void refuses_what_systemd_refuses(void) {
  g_autoptr(GBytes) bytes = g_bytes_new_static("[A]\nb=1 \\\n2\n[C\nd=1\n", 20);
  g_autoptr(GError) error = NULL;

  g_assert_null(unit_text_parse(bytes, &error));
  g_assert_cmpstr(error->message, ==, "line 4 is no section's head");
}

static void line_ends_of_all_kinds_are_kept(void) {
  static const char data[] = "[A]\rb=1\n\rc=2\0d=3\r\n\n\ne=4";
  g_autoptr(UnitText) text = parse_bytes(data, sizeof data - 1);
  g_autoptr(GBytes) bytes = unit_text_bytes(text);

  g_assert_cmpuint(section_at(text, 0)->entries->len, ==, 4);
  assert_entry(text, 0, 3, "e", "4", 7);
  g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), data, sizeof data - 1);
}

/* Every file as it was read; and with each of its keys taken out and put back in its place. */
static void the_corpus_stays_what_it_is(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) directory = g_dir_open(corpus, 0, &error);
  guint files = 0;

  g_assert_no_error(error);
  for (const char *name; (name = g_dir_read_name(directory)) != NULL; files++) {
    g_autofree char *path = g_build_filename(corpus, name, NULL);
    g_autofree char *data = NULL;
    gsize size;

    g_file_get_contents(path, &data, &size, &error);
    g_assert_no_error(error);
    if (g_str_has_prefix(name, "malformed-"))
      continue;
    g_autoptr(UnitText) text = parse_bytes(data, size);
    for (guint i = 0; i < unit_text_sections(text)->len; i++)
      for (guint j = 0; j < section_at(text, i)->entries->len; j++) {
        g_autofree char *raw = g_strdup(entry_at(text, i, j)->raw);

        unit_text_set(text, entry_at(text, i, j), "changed");
        g_assert_cmpstr(entry_at(text, i, j)->value, ==, "changed");
        unit_text_set(text, entry_at(text, i, j), raw);
      }
    g_autoptr(GBytes) bytes = unit_text_bytes(text);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), data, size);
  }
  g_assert_cmpuint(files, >=, 50);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/unit-text/repeated-sections-and-keys-are-each-their-own",
                  repeated_sections_and_keys_are_each_their_own);
  g_test_add_func("/unit-text/comments-and-what-systemd-ignores-are-no-entries",
                  comments_and_what_systemd_ignores_are_no_entries);
  g_test_add_func("/unit-text/a-backslash-goes-on-in-the-next-line", a_backslash_goes_on_in_the_next_line);
  g_test_add_func("/unit-text/two-backslashes-are-the-end", two_backslashes_are_the_end);
  g_test_add_func("/unit-text/comments-in-a-removed-assignment-stay", comments_in_a_removed_assignment_stay);
  g_test_add_func("/unit-text/sets-one-value-and-nothing-else", sets_one_value_and_nothing_else);
  g_test_add_func("/unit-text/inserts-as-the-neighbour-is-written", inserts_as_the_neighbour_is_written);
  g_test_add_func("/unit-text/a-missing-final-newline-stays-missing", a_missing_final_newline_stays_missing);
  g_test_add_func("/unit-text/a-backslash-at-the-end-takes-nothing-in", a_backslash_at_the_end_takes_nothing_in);
  g_test_add_func("/unit-text/removes-a-section-with-what-parts-it-from-the-next",
                  removes_a_section_with_what_parts_it_from_the_next);
  g_test_add_func("/unit-text/an-empty-text-takes-a-section", an_empty_text_takes_a_section);
  g_test_add_func("/unit-text/refuses-what-systemd-refuses", refuses_what_systemd_refuses);
  g_test_add_func("/unit-text/line-ends-of-all-kinds-are-kept", line_ends_of_all_kinds_are_kept);
  g_test_add_func("/unit-text/the-corpus-stays-what-it-is", the_corpus_stays_what_it_is);
  return g_test_run();
}
