/* What a machine says of itself, and what of that is believed. */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/names.h"
#include "fixture.h"
#include "observe/facts.h"
#include "observe/hostname.h"

static void read_facts(Fixture *fixture, Facts *facts) {
  Problem problem = {""};

  g_assert_cmpint(facts_read_quick(&fixture->root, &fixture->root, facts, &problem), ==, 0);
  g_assert_cmpstr(problem.text, ==, "");
}

static void test_a_whole_machine(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  Facts facts;

  fixture_write(fixture, "/sys/class/dmi/id/product_uuid", "4DC56075-50F3-466D-98F2-79838106E82F\n");
  fixture_write(fixture, "/sys/class/dmi/id/product_serial", " VMware-42 1c 82 7e \n");
  fixture_write(fixture, "/proc/cmdline", "root=/dev/sda1 ro quiet\n");
  fixture_write(fixture, "/etc/machine-id", "0123456789ABCDEF0123456789abcdef\n");
  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/sys/class/net/ens192/address", "00:50:56:aa:bb:01\n");
  fixture_write(fixture, "/sys/class/net/ens192/addr_assign_type", "0\n");
  fixture_mkdir(fixture, "/sys/class/net/ens192/device");
  read_facts(fixture, &facts);
  g_assert_true(facts.uuid.present);
  g_assert_cmpstr(facts.serial, ==, "VMware-42 1c 82 7e");
  g_assert_cmpint(facts.override, ==, OVERRIDE_NONE);
  g_assert_cmpstr(facts.machine_id, ==, "0123456789abcdef0123456789abcdef");
  g_assert_cmpstr(facts.hostname, ==, "golden");
  g_assert_false(facts.first_boot || facts.open_transaction || facts.nics_read);
  g_assert_cmpint(facts_read_nics(&fixture->root, &facts, NULL), ==, 0);
  g_assert_cmpint(facts_read_nics(&fixture->root, &facts, NULL), ==, 0); /* again: replaced, not added to */
  g_assert_true(facts.nics_read);
  g_assert_cmpuint(facts.nics.count, ==, 1);
  facts_clear(&facts);
  g_assert_false(facts.nics_read);
}

static void test_an_empty_machine(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  Facts facts;

  read_facts(fixture, &facts);
  g_assert_false(facts.uuid.present || facts.first_boot || facts.open_transaction || facts.nics_read);
  g_assert_cmpstr(facts.serial, ==, "");
  g_assert_cmpstr(facts.machine_id, ==, "");
  g_assert_cmpstr(facts.hostname, ==, "");
}

static void test_the_kernel_command_line(void) {
  static const struct {
    const char *line;
    Override override;
  } cases[] = {
      {"reset-identity=off\n", OVERRIDE_OFF},
      {"ro reset-identity=force quiet\n", OVERRIDE_FORCE},
      {"reset-identity=off reset-identity=force", OVERRIDE_FORCE},
      {"reset-identity=force\treset-identity=off", OVERRIDE_OFF},
      {"reset_identity=off", OVERRIDE_OFF},
      {"reset-identity=\"off\"", OVERRIDE_OFF},
      {"\"reset-identity=off\"", OVERRIDE_OFF},
      {"reset-identity=off reset-identity=perhaps", OVERRIDE_OFF},
      {"", OVERRIDE_NONE},
      {"reset-identity", OVERRIDE_NONE},
      {"reset-identity=offf", OVERRIDE_UNREADABLE},
      {"reset-identity=", OVERRIDE_UNREADABLE},
      {"reset-identity=perhaps reset-identity=0", OVERRIDE_OFF},
      {"reset-identity=0", OVERRIDE_OFF},
      {"reset-identity=No", OVERRIDE_OFF},
      {"reset-identity=FALSE", OVERRIDE_OFF},
      {"reset-identity=Force", OVERRIDE_FORCE},
      {"reset-identity=of", OVERRIDE_UNREADABLE},
      {"xreset-identity=off", OVERRIDE_NONE},
      {"reset-identity.x=off", OVERRIDE_NONE},
      {"init=\"/bin/x reset-identity=off\"", OVERRIDE_NONE},
      {"open=\"quote reset-identity=off", OVERRIDE_NONE},
      {"a=\"b c\" reset-identity=off", OVERRIDE_OFF},
  };
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *padding = g_strnfill(4000, 'x');
  g_autofree char *long_line = g_strconcat(padding, " reset-identity=off\n", NULL);
  Facts facts;

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_test_message("%s", cases[i].line);
    fixture_write(fixture, "/proc/cmdline", cases[i].line);
    read_facts(fixture, &facts);
    g_assert_cmpint(facts.override, ==, cases[i].override);
  }
  fixture_write(fixture, "/proc/cmdline", long_line);
  read_facts(fixture, &facts);
  g_assert_cmpint(facts.override, ==, OVERRIDE_OFF);
}

static void test_serials_that_are_none(void) {
  static const struct {
    const char *line, *serial;
  } cases[] = {
      {"\n", ""},
      {"0\n", ""},
      {"None\n", ""},
      {"none", ""},
      {"To be filled by O.E.M.\n", ""},
      {"To Be Filled By O.E.M.\n", ""},
      {"Default string\n", ""},
      {"System Serial Number", ""},
      {"Not Specified", ""},
      {"0000000", ""},
      {"XXXXXXXXXX", ""},
      {"....", ""},
      {"123456789", ""},
      {"  CZC1234567  \n", "CZC1234567"},
      {"00000001", "00000001"},
      {"None of your business", "None of your business"},
      {"3135-4298-3414-7021-8716-7514-85", "3135-4298-3414-7021-8716-7514-85"},
      {"A\x1b[31mB\xff\tC", "A?[31mB??C"},
  };
  g_autoptr(Fixture) fixture = fixture_new();
  Facts facts;

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    fixture_write(fixture, "/sys/class/dmi/id/product_serial", cases[i].line);
    read_facts(fixture, &facts);
    g_assert_cmpstr(facts.serial, ==, cases[i].serial);
  }
}

static void test_machine_ids_that_are_none(void) {
  static const char *const none[] = {"",
                                     "uninitialized\n",
                                     "00000000000000000000000000000000\n",
                                     "0123456789abcdef0123456789abcde\n",
                                     "0123456789abcdef0123456789abcdef0\n",
                                     "01234567-89ab-cdef-0123-456789abcdef\n",
                                     "0123456789abcdefg123456789abcdef\n",
                                     "\xff\xff"};
  g_autoptr(Fixture) fixture = fixture_new();
  Facts facts;

  for (gsize i = 0; i < G_N_ELEMENTS(none); i++) {
    fixture_write(fixture, "/etc/machine-id", none[i]);
    read_facts(fixture, &facts);
    g_assert_cmpstr(facts.machine_id, ==, "");
  }
}

static void test_host_names(void) {
  static const struct {
    const char *file, *hostname;
  } cases[] = {
      {"golden", "golden"},
      {"\n\n  golden.example.org  \n", "golden.example.org"},
      {"# a comment\n#another\ngolden\nsecond\n", "golden"},
      {"", ""},
      {"#only a comment\n", ""},
      {"b\xc3\xa4r\n", "br"},
      {"a;b$(c)\n", "abc"},
      {"\r\n\x01\ngolden\r\n", "golden"},
      {"golden.\n", "golden"},
      {"golden..example.org.\n", "golden.example.org"},
      {".golden\n", "golden"},
      {"web_1\n", "web1"},
      {"-golden-.-example-.org\n", "golden--example-org"},
      {"node-????\n", "node"},
  };
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *long_name = g_strnfill(1000, 'a');
  Facts facts;

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    fixture_write(fixture, "/etc/hostname", cases[i].file);
    read_facts(fixture, &facts);
    g_assert_cmpstr(facts.hostname, ==, cases[i].hostname);
  }
  fixture_write(fixture, "/etc/hostname", long_name);
  read_facts(fixture, &facts);
  g_assert_cmpuint(strlen(facts.hostname), ==, sizeof facts.hostname - 1);
}

static void a_name_as_it_is_written(void) {
  static const struct {
    const char *file, *spelling;
    gboolean is_pattern;
  } cases[] = {
      {"web_1\n", "web_1", FALSE},
      {"# a comment\r\n\r\n  \n  web_1 \r\nsecond\n", "web_1", FALSE},
      {"#none", "", FALSE},
      {"", "", FALSE},
      {"node-????\n", "node-????", TRUE},
      {"$-$", "$-$", TRUE},
  };
  g_autoptr(Fixture) fixture = fixture_new();
  char spelling[HOSTNAME_SIZE] = "x";

  hostname_read_spelling(&fixture->root, spelling, sizeof spelling);
  g_assert_cmpstr(spelling, ==, "");
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    fixture_write(fixture, "/etc/hostname", cases[i].file);
    hostname_read_spelling(&fixture->root, spelling, sizeof spelling);
    g_assert_cmpstr(spelling, ==, cases[i].spelling);
    g_assert_cmpint(hostname_is_pattern(spelling), ==, cases[i].is_pattern);
  }
}

static void test_first_boot_and_open_transaction(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  bool is_open;
  Facts facts;

  fixture_write(fixture, RI_FIRST_BOOT_FILE, "");
  read_facts(fixture, &facts);
  g_assert_true(facts.first_boot && !facts.open_transaction);
  g_assert_cmpint(facts_read_open_transaction(&fixture->root, &is_open), ==, 0);
  g_assert_false(is_open);
  fixture_mkdir(fixture, RI_TRANSACTION_DIR);
  read_facts(fixture, &facts);
  g_assert_true(facts.open_transaction);
  g_assert_cmpint(facts_read_open_transaction(&fixture->root, &is_open), ==, 0);
  g_assert_true(is_open);
}

static void test_a_transaction_that_cannot_be_looked_at_may_be_open(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  bool is_open = false;

  fixture_symlink(fixture, RI_TRANSACTION_DIR, "transaction");
  g_assert_cmpint(facts_read_open_transaction(&fixture->root, &is_open), ==, -ELOOP);
  g_assert_true(is_open);
}

static void test_files_and_hardware_may_be_of_two_roots(void) {
  g_autoptr(Fixture) files = fixture_new();
  g_autoptr(Fixture) hardware = fixture_new();
  Facts facts;

  fixture_write(files, "/etc/hostname", "image\n");
  fixture_write(files, "/proc/cmdline", "reset-identity=off\n");
  fixture_write(files, "/sys/class/dmi/id/product_serial", "image\n");
  fixture_write(hardware, "/etc/hostname", "host\n");
  fixture_write(hardware, "/proc/cmdline", "reset-identity=force\n");
  fixture_write(hardware, "/sys/class/dmi/id/product_serial", "machine\n");
  g_assert_cmpint(facts_read_quick(&files->root, &hardware->root, &facts, NULL), ==, 0);
  g_assert_cmpstr(facts.hostname, ==, "image");
  g_assert_cmpstr(facts.serial, ==, "machine");
  g_assert_cmpint(facts.override, ==, OVERRIDE_FORCE);
}

static void test_what_cannot_be_read_is_said(void) {
  static const char *const paths[] = {"/etc/machine-id", "/sys/class/dmi/id/product_serial", "/proc/cmdline",
                                      "/etc/hostname"};

  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autoptr(Fixture) fixture = fixture_new();
    Facts facts;
    Problem problem = {""};

    fixture_mkdir(fixture, paths[i]);
    g_assert_cmpint(facts_read_quick(&fixture->root, &fixture->root, &facts, &problem), <, 0);
    g_assert_true(g_str_has_prefix(problem.text, paths[i]));
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/facts/a-whole-machine", test_a_whole_machine);
  g_test_add_func("/facts/an-empty-machine", test_an_empty_machine);
  g_test_add_func("/facts/the-kernel-command-line", test_the_kernel_command_line);
  g_test_add_func("/facts/serials-that-are-none", test_serials_that_are_none);
  g_test_add_func("/facts/machine-ids-that-are-none", test_machine_ids_that_are_none);
  g_test_add_func("/facts/host-names", test_host_names);
  g_test_add_func("/facts/a-name-as-it-is-written", a_name_as_it_is_written);
  g_test_add_func("/facts/first-boot-and-open-transaction", test_first_boot_and_open_transaction);
  g_test_add_func("/facts/a-transaction-that-cannot-be-looked-at-may-be-open",
                  test_a_transaction_that_cannot_be_looked_at_may_be_open);
  g_test_add_func("/facts/files-and-hardware-may-be-of-two-roots", test_files_and_hardware_may_be_of_two_roots);
  g_test_add_func("/facts/what-cannot-be-read-is-said", test_what_cannot_be_read_is_said);
  return g_test_run();
}
