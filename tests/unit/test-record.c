/* The record: what is written is read back to the letter; anything else is damaged, and nobody guesses. */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/names.h"
#include "fixture.h"
#include "observe/record.h"

static const char good[] = "# comment\n"
                           "[record]\n"
                           "version = 2\n"
                           "state = template\n"
                           "uuid = 4dc56075-50f3-466d-98f2-79838106e82f\n"
                           "uuid-source = dmi\n"
                           "serial = VMware-42 1c 82 7e\n"
                           "template = golden\n"
                           "uuid-changes = 2\n"
                           "uuid-unstable = no\n"
                           "time = 2024-05-01T12:00:00Z\n"
                           "\n"
                           "[nic ens192]\n"
                           "mac = 00:50:56:aa:bb:01\n"
                           "path = pci0000:00/0000:00:16.0/0000:0b:00.0\n"
                           "position = 0\n"
                           "\n"
                           "[end]\n"
                           "sum = 5649bcb0\n";

static void assert_parses(const char *text, Record *record) {
  Problem problem = {""};

  g_assert_cmpint(record_parse(text, strlen(text), "record", record, &problem), ==, 0);
  g_assert_cmpstr(problem.text, ==, "");
}

static void assert_damaged(const char *text, gsize size, const char *where) {
  Record record;
  Problem problem = {""};

  g_test_message("%s", text);
  g_assert_cmpint(record_parse(text, size, "record", &record, &problem), ==, -EBADMSG);
  g_assert_true(g_str_has_prefix(problem.text, where));
  g_assert_cmpuint(record.nics.count, ==, 0);
  g_assert_null(record.nics.items);
}

static char *replaced(const char *what, const char *with) {
  g_auto(GStrv) parts = g_strsplit(good, what, 2);

  g_assert_cmpuint(g_strv_length(parts), ==, 2);
  return g_strjoinv(with, parts);
}

static void test_every_field_is_read(void) {
  Record record;
  char uuid[PRODUCT_UUID_TEXT];

  assert_parses(good, &record);
  product_uuid_format(&record.uuid, uuid);
  g_assert_cmpint(record.state, ==, RECORD_TEMPLATE);
  g_assert_false(record.no_machine);
  g_assert_true(record.uuid.present);
  g_assert_cmpstr(uuid, ==, "4dc56075-50f3-466d-98f2-79838106e82f");
  g_assert_cmpstr(record.uuid.source, ==, "dmi");
  g_assert_cmpstr(record.serial, ==, "VMware-42 1c 82 7e");
  g_assert_cmpstr(record.template_name, ==, "golden");
  g_assert_cmpuint(record.uuid_changes, ==, 2);
  g_assert_false(record.uuid_unstable);
  g_assert_cmpstr(record.time, ==, "2024-05-01T12:00:00Z");
  g_assert_cmpuint(record.nics.count, ==, 1);
  g_assert_cmpstr(record.nics.items[0].name, ==, "ens192");
  g_assert_cmpstr(record.nics.items[0].mac, ==, "00:50:56:aa:bb:01");
  g_assert_cmpstr(record.nics.items[0].bus_path, ==, "pci0000:00/0000:00:16.0/0000:0b:00.0");
  record_clear(&record);
}

static void assert_same_record(const Record *a, const Record *b) {
  g_assert_cmpint(a->state, ==, b->state);
  g_assert_cmpint(a->no_machine, ==, b->no_machine);
  g_assert_cmpmem(a->uuid.bytes, sizeof a->uuid.bytes, b->uuid.bytes, sizeof b->uuid.bytes);
  g_assert_cmpint(a->uuid.present, ==, b->uuid.present);
  g_assert_cmpstr(a->uuid.source, ==, b->uuid.source);
  g_assert_cmpstr(a->serial, ==, b->serial);
  g_assert_cmpstr(a->template_name, ==, b->template_name);
  g_assert_cmpuint(a->uuid_changes, ==, b->uuid_changes);
  g_assert_cmpint(a->uuid_unstable, ==, b->uuid_unstable);
  g_assert_cmpstr(a->time, ==, b->time);
  g_assert_cmpuint(a->nics.count, ==, b->nics.count);
  for (gsize i = 0; i < a->nics.count; i++) {
    g_assert_cmpstr(a->nics.items[i].name, ==, b->nics.items[i].name);
    g_assert_cmpstr(a->nics.items[i].mac, ==, b->nics.items[i].mac);
    g_assert_cmpstr(a->nics.items[i].bus_path, ==, b->nics.items[i].bus_path);
    g_assert_cmpuint(a->nics.items[i].position, ==, b->nics.items[i].position);
  }
}

static void assert_survives(const Record *record) {
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;
  Record back;

  g_assert_cmpint(record_format(record, &text), ==, 0);
  g_test_message("%s", text);
  assert_parses(text, &back);
  assert_same_record(record, &back);
  g_assert_cmpint(record_format(&back, &again), ==, 0);
  g_assert_cmpstr(text, ==, again);
  record_clear(&back);
}

static void test_what_is_written_is_read_back(void) {
  Nic nics[] = {
      {.name = "ens192", .mac = "00:50:56:aa:bb:01", .bus_path = "pci0000:00/0000:00:16.0", .position = 0},
      {.name = "a]b;c=d%e f", .mac = "00:50:56:aa:bb:02", .position = 1},
      {.name = "\xff\xfe[x]", .mac = "00:50:56:aa:bb:03", .bus_path = " blanks around ", .position = 2},
      {.name = "ib0", .mac = "00:00:10:49:fe:80:00:00:00:00:00:00:50:6b:4b:03:00:af:e4:ba", .position = 3},
  };
  Record record = {.state = RECORD_SETTLED, .uuid_changes = 1, .uuid_unstable = true};

  assert_survives(&record);
  g_assert_cmpint(product_uuid_parse("743F0E42-84EA-A2F9-7736-6106BB5DBF6B", &record.uuid), ==, 0);
  record.uuid.source = "s390";
  record.nics = (NicList){nics, G_N_ELEMENTS(nics)};
  g_strlcpy(record.serial, " # ; [x] = \t\n%41 ", sizeof record.serial);
  memset(record.template_name, 0xc3, sizeof record.template_name - 1);
  memset(nics[1].bus_path, ';', sizeof nics[1].bus_path - 1);
  g_strlcpy(record.time, "2024-05-01T12:00:00Z", sizeof record.time);
  assert_survives(&record);
}

static void test_a_sealed_image_has_no_machine(void) {
  Record record = {.state = RECORD_TEMPLATE, .no_machine = true};
  g_autofree char *text = NULL;

  g_strlcpy(record.template_name, "golden", sizeof record.template_name);
  assert_survives(&record);
  g_assert_cmpint(record_format(&record, &text), ==, 0);
  g_assert_nonnull(strstr(text, "\nmachine = none\n"));
}

static void test_a_record_cut_anywhere_is_damaged(void) {
  for (gsize size = 0; size < sizeof good - 1; size++)
    assert_damaged(good, size, "record:");
}

static void test_damage_is_found_where_it_is(void) {
  static const struct {
    const char *what, *with, *where;
  } cases[] = {
      {"version = 2\n", "", "record:12: "},
      {"version = 2", "version = 1", "record:3: "},
      {"template = golden", "template = Golden", "record:19: "},
      {"state = template\n", "", "record:12: "},
      {"state = template", "state = golden", "record:4: "},
      {"state = template", "state = template\nstate = template", "record:5: "},
      {"state = template", "colour = red", "record:4: "},
      {"state = template", "state=template", "record:4: "},
      {"state = template", "state = template\r", "record:4: "},
      {"state = template", " state = template", "record:4: "},
      {"uuid = 4dc5", "uuid = 4dc", "record:5: "},
      {"uuid-source = dmi", "uuid-source = hearsay", "record:6: "},
      {"VMware-42", "VMware\xff\xfe", "record:7: "},
      {"VMware-42", "VMware%4", "record:7: "},
      {"VMware-42", "VMware%00", "record:7: "},
      {"uuid-changes = 2", "uuid-changes = two", "record:9: "},
      {"uuid-changes = 2", "uuid-changes = -1", "record:9: "},
      {"uuid-changes = 2", "uuid-changes = 99999999999", "record:9: "},
      {"uuid-unstable = no", "uuid-unstable = perhaps", "record:10: "},
      {"00:50:56:aa:bb:01", "00:50:56:aa:bb", "record:14: "},
      {"mac = 00:50:56:aa:bb:01\n", "", "record:17: "},
      {"[nic ens192]", "[nic sixteen-letters-]", "record:13: "},
      {"[nic ens192]", "[nic ]", "record:13: "},
      {"[nic ens192]", "[card ens192]", "record:13: "},
      {"[nic ens192]", "[nic ens192", "record:13: "},
      {"[nic ens192]", "[record]", "record:13: "},
      {"[end]", "[nic ens192]\nmac = 00:50:56:aa:bb:02\nposition = 1\n[end]", "record:18: "},
      {"# comment\n", "key = 1\n", "record:1: "},
      {"# comment\n", "[end]\nsum = 00000000\n", "record:1: "},
      {"uuid-source = dmi", "machine = none", "record:19: "},
      {"sum = ", "sum = 0", "record:19: "},
      {"sum = 5649bcb0\n", "sum = 5649bcb0\n[nic late]\n", "record:20: "},
      {"sum = 5649bcb0\n", "sum = 5649bcb0\nserial = 1\n", "record:20: "},
      {"sum = 5649bcb0\n", "", "record:19: "},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = replaced(cases[i].what, cases[i].with);

    assert_damaged(text, strlen(text), cases[i].where);
  }
}

static void test_bytes_that_are_no_text_are_damage(void) {
  g_autofree char *serial = replaced("VMware", "VM.are");
  g_autofree char *zeros = g_malloc0(4096);
  g_autofree char *long_line = g_strnfill(1 << 20, 'x');
  char *dot = strstr(serial, "VM.are");

  dot[2] = '\0';
  assert_damaged(serial, sizeof good - 1, "record:7: ");
  assert_damaged(zeros, 4096, "record:1: ");
  assert_damaged(long_line, 1 << 20, "record:1: ");
}

/* No line is ever cut to fit. */
static void test_what_is_too_long_is_damage(void) {
  g_autofree char *digits = g_strnfill(300, 'a');
  g_autofree char *text = replaced("golden", digits);

  assert_damaged(text, strlen(text), "record:8: ");
}

static void test_is_read_below_the_root(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  Record record;
  Problem problem = {""};

  g_assert_cmpint(record_read(&fixture->root, &record, &problem), ==, 0);
  fixture_write(fixture, RI_RECORD_FILE, good);
  g_assert_cmpint(record_read(&fixture->root, &record, &problem), ==, 1);
  g_assert_cmpstr(record.template_name, ==, "golden");
  record_clear(&record);
  fixture_write(fixture, RI_RECORD_FILE, "");
  g_assert_cmpint(record_read(&fixture->root, &record, &problem), ==, -EBADMSG);
  g_assert_nonnull(strstr(problem.text, RI_RECORD_FILE ":1: "));
}

static void test_no_file_in_its_place_is_damage(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *path = fixture_path(fixture, RI_RECORD_FILE);
  Record record;
  Problem problem = {""};

  fixture_mkdir(fixture, RI_STATE_DIR);
  g_assert_cmpint(mkfifo(path, 0644), ==, 0);
  g_assert_cmpint(record_read(&fixture->root, &record, &problem), ==, -EBADMSG);
  g_assert_cmpstr(problem.text, !=, "");
  g_assert_cmpint(remove(path), ==, 0);
  fixture_mkdir(fixture, RI_RECORD_FILE);
  g_assert_cmpint(record_read(&fixture->root, &record, &problem), ==, -EBADMSG);
  g_assert_cmpint(remove(path), ==, 0);
  fixture_symlink(fixture, RI_RECORD_FILE, "record");
  g_assert_cmpint(record_read(&fixture->root, &record, &problem), ==, -EBADMSG);
}

/* Of the running machine, where devices are not looked at before they are opened: a socket refuses that. */
static void test_what_cannot_be_opened_is_damage(void) {
  const struct sockaddr_un there = {.sun_family = AF_UNIX, .sun_path = "record"};
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *directory = fixture_path(fixture, RI_STATE_DIR);
  g_autofree char *before = g_get_current_dir();
  Record record;
  Problem problem = {""};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  fixture_mkdir(fixture, RI_STATE_DIR);
  g_assert_cmpint(chdir(directory), ==, 0);
  g_assert_cmpint(bind(fd, (const struct sockaddr *)(const void *)&there, sizeof there), ==, 0);
  g_assert_cmpint(chdir(before), ==, 0);
  g_assert_cmpint(close(fd), ==, 0);
  fixture->root.is_host = true;
  g_assert_cmpint(record_read(&fixture->root, &record, &problem), ==, -EBADMSG);
  g_assert_nonnull(strstr(problem.text, RI_RECORD_FILE));
  fixture_write(fixture, RI_RECORD_COPY_FILE, good);
  g_assert_cmpint(record_read(&fixture->root, &record, &problem), ==, 1);
  g_assert_true(record.needs_repair);
  record_clear(&record);
}

static int read_copies(Fixture *fixture, const char *first, const char *second, Record *record, Problem *problem) {
  if (first != NULL)
    fixture_write(fixture, RI_RECORD_FILE, first);
  if (second != NULL)
    fixture_write(fixture, RI_RECORD_COPY_FILE, second);
  *problem = (Problem){""};
  return record_read(&fixture->root, record, problem);
}

static void test_the_first_whole_copy_counts(void) {
  g_autofree char *cut = g_strndup(good, 100);
  g_autofree char *newer = replaced("version = 2", "version = 3");
  const struct {
    const char *first, *second;
    int result;
    gboolean repair, newer;
  } cases[] = {{good, good, 1, FALSE, FALSE},
               {good, NULL, 1, TRUE, FALSE},
               {NULL, good, 1, TRUE, FALSE},
               {good, cut, 1, TRUE, FALSE},
               {cut, good, 1, TRUE, FALSE},
               {cut, cut, -EBADMSG, FALSE, FALSE},
               {cut, NULL, -EBADMSG, FALSE, FALSE},
               {NULL, cut, -EBADMSG, FALSE, FALSE},
               {NULL, NULL, 0, FALSE, FALSE},
               {newer, good, 1, FALSE, TRUE},
               {good, newer, 1, FALSE, TRUE},
               {newer, newer, -EPROTONOSUPPORT, FALSE, FALSE},
               {newer, cut, -EPROTONOSUPPORT, FALSE, FALSE},
               {cut, newer, -EPROTONOSUPPORT, FALSE, FALSE},
               {newer, NULL, -EPROTONOSUPPORT, FALSE, FALSE},
               {NULL, newer, -EPROTONOSUPPORT, FALSE, FALSE}};

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Fixture) fixture = fixture_new();
    Record record;
    Problem problem;

    g_test_message("case %zu", i);
    g_assert_cmpint(read_copies(fixture, cases[i].first, cases[i].second, &record, &problem), ==, cases[i].result);
    if (cases[i].result == 1) {
      g_assert_cmpstr(record.template_name, ==, "golden");
      g_assert_cmpint(record.needs_repair, ==, cases[i].repair);
      g_assert_cmpint(record.other_is_newer, ==, cases[i].newer);
    }
    const gboolean newer_is_told = cases[i].newer || cases[i].result == -EPROTONOSUPPORT;
    g_assert_cmpint(strstr(problem.text, "written by a newer reset-identity") != NULL, ==, newer_is_told);
    if (newer_is_told)
      g_assert_null(strstr(problem.text, "damaged"));
    g_assert_cmpint(problem.text[0] != '\0', ==, cases[i].result < 0 || cases[i].first == cut || cases[i].newer);
    record_clear(&record);
  }
}

static void test_a_newer_record_is_called_so(void) {
  g_autofree char *newer = replaced("version = 2", "version = 3");
  Record record;
  Problem problem = {""};

  g_assert_cmpint(record_parse(newer, strlen(newer), "record", &record, &problem), ==, -EPROTONOSUPPORT);
  g_assert_null(strstr(problem.text, "damaged"));
  g_assert_true(g_str_has_prefix(problem.text, "record:3: "));
  g_assert_nonnull(strstr(problem.text, "written by a newer reset-identity"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/record/every-field-is-read", test_every_field_is_read);
  g_test_add_func("/record/what-is-written-is-read-back", test_what_is_written_is_read_back);
  g_test_add_func("/record/a-sealed-image-has-no-machine", test_a_sealed_image_has_no_machine);
  g_test_add_func("/record/a-record-cut-anywhere-is-damaged", test_a_record_cut_anywhere_is_damaged);
  g_test_add_func("/record/damage-is-found-where-it-is", test_damage_is_found_where_it_is);
  g_test_add_func("/record/bytes-that-are-no-text-are-damage", test_bytes_that_are_no_text_are_damage);
  g_test_add_func("/record/what-is-too-long-is-damage", test_what_is_too_long_is_damage);
  g_test_add_func("/record/is-read-below-the-root", test_is_read_below_the_root);
  g_test_add_func("/record/no-file-in-its-place-is-damage", test_no_file_in_its_place_is_damage);
  g_test_add_func("/record/what-cannot-be-opened-is-damage", test_what_cannot_be_opened_is_damage);
  g_test_add_func("/record/the-first-whole-copy-counts", test_the_first_whole_copy_counts);
  g_test_add_func("/record/a-newer-record-is-called-so", test_a_newer_record_is_called_so);
  return g_test_run();
}
