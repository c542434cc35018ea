/* Product UUIDs as machines in the field show them: placeholders, both byte orders, every source. */
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "fixture.h"
#include "observe/product-uuid.h"

static const char *const placeholders[] = {
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009",
    "02000100-0300-0400-0005-000600070008", "03020100-0504-0706-0809-0a0b0c0d0e0f",
    "00010203-0405-0607-0809-0a0b0c0d0e0f", "10000000-0000-8000-0040-000000000000",
    "fefefefe-fefe-fefe-fefe-fefefefefefe", "12345678-1234-5678-90ab-cddeefaabbcc",
    "4c4c4544-0000-2010-8020-80c04f202020", "44454c4c-2000-1020-8020-a0c04f202020",
    "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0102-030405060708",
    "00000000-0000-0000-0807-060504030201", "11111111-2222-3333-4444-555555555555",
    "58585858-5858-5858-5858-585858585858", "a023157c-f692-11de-977c-7f0f26276f33",
    "eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee",
};

/* One machine, as it was seen before and after its firmware, hypervisor or hardware version changed. */
static const char *const swap_pairs[][2] = {
    {"743F0E42-84EA-A2F9-7736-6106BB5DBF6B", "420e3f74-ea84-f9a2-7736-6106bb5dbf6b"},
    {"F5132842-20D4-6171-5DB0-7B96440CCF54", "422813f5-d420-7161-5db0-7b96440ccf54"},
    {"5C241F42-A87F-FA60-6AF6-A46351CED0EB", "421F245C-7FA8-60FA-6AF6-A46351CED0EB"},
    {"544CDFD0-CB4E-4B4A-9954-5BDF3ED5C3B8", "D0DF4C54-4ECB-4A4B-9954-5BDF3ED5C3B8"},
    {"45E12AEC-DCD1-B213-94ED-012345ABCDEF", "ec2ae145-d1dc-13b2-94ed-012345abcdef"},
    {"8F0AD83F-78ED-2144-9192-C0AF6F5F66D5", "3fd80a8f-ed78-4421-9192-c0af6f5f66d5"},
    {"4DD4DA41-8017-5C1D-AA99-90BBA2DD0E8B", "41dad44d-1780-1d5c-aa99-90bba2dd0e8b"},
    {"74c39ec9-edb1-f74a-b290-7a80bba8235e", "c99ec374-b1ed-4af7-b290-7a80bba8235e"},
};

/* VMware machines whose firmware shows the order of the serial. */
static const char *const as_the_serial[][2] = {
    {"421C827E-0915-AAF2-B154-1FAD4A6297FB", "421c827e-0915-aaf2-b154-1fad4a6297fb"},
    {"421BBABD-5F4E-AF7E-3A56-B5AF1CE1A977", "421bbabd-5f4e-af7e-3a56-b5af1ce1a977"},
};

static const char *const plain[] = {
    "500C2394-0127-D13C-0CC4-F537A6AAF1A6", "564D6049-9D7D-6E8B-4A41-7B2DB147ABA7",
    "f78a0579-5bf5-4de9-a5c7-b5ad2023449b", "2961ECF6-7E94-488D-AE0D-E427123078B3",
    "ec2f2c13-5ec7-fa7f-d174-626fce48d68f", "82038f2a-1344-aaf7-1a85-2a7250be2076",
};

static ProductUuid parsed(const char *text) {
  ProductUuid uuid;

  g_test_message("%s", text);
  g_assert_cmpint(product_uuid_parse(text, &uuid), ==, 0);
  return uuid;
}

static void assert_placeholder(const char *text) {
  g_autofree char *upper = g_ascii_strup(text, -1);
  ProductUuid uuid = parsed(text), in_upper_case = parsed(upper);

  g_assert_true(uuid.placeholder && !uuid.present);
  g_assert_true(in_upper_case.placeholder && !in_upper_case.present);
  g_assert_false(product_uuid_equal(&uuid, &uuid));
}

static void assert_same_machine(const char *a, const char *b) {
  ProductUuid one = parsed(a), other = parsed(b);
  char canonical_one[PRODUCT_UUID_TEXT], canonical_other[PRODUCT_UUID_TEXT];

  g_assert_true(one.present && other.present);
  g_assert_true(product_uuid_equal(&one, &other));
  g_assert_true(product_uuid_equal(&other, &one));
  product_uuid_canonical(&one, canonical_one);
  product_uuid_canonical(&other, canonical_other);
  g_assert_cmpstr(canonical_one, ==, canonical_other);
}

static void test_placeholders_count_as_absent(void) {
  for (gsize i = 0; i < G_N_ELEMENTS(placeholders); i++)
    assert_placeholder(placeholders[i]);
}

static void test_both_byte_orders_are_one_machine(void) {
  for (gsize i = 0; i < G_N_ELEMENTS(swap_pairs); i++)
    assert_same_machine(swap_pairs[i][0], swap_pairs[i][1]);
  for (gsize i = 0; i < G_N_ELEMENTS(as_the_serial); i++)
    assert_same_machine(as_the_serial[i][0], as_the_serial[i][1]);
}

static void test_different_machines_differ(void) {
  for (gsize i = 0; i < G_N_ELEMENTS(plain); i++)
    for (gsize j = 0; j < G_N_ELEMENTS(swap_pairs); j++) {
      ProductUuid a = parsed(plain[i]), b = parsed(swap_pairs[j][0]);

      g_assert_true(a.present && b.present);
      g_assert_false(product_uuid_equal(&a, &b));
    }
}

/* A byte order is that of the first three fields: nothing else may be turned round. */
static void test_only_the_first_three_fields_swap(void) {
  ProductUuid a = parsed("01234567-89ab-cdef-0123-456789abcdef");
  ProductUuid swapped = parsed("67452301-ab89-efcd-0123-456789abcdef");
  ProductUuid half = parsed("67452301-89ab-cdef-0123-456789abcdef");
  ProductUuid whole = parsed("67452301-ab89-efcd-2301-efcdab896745");

  g_assert_true(product_uuid_equal(&a, &swapped));
  g_assert_false(product_uuid_equal(&a, &half));
  g_assert_false(product_uuid_equal(&a, &whole));
}

/* As consoles, files and people spell it. */
static void test_every_usual_spelling(void) {
  static const char usual[] = "421a0f3e-8d3f-1f0e-5a0c-4b529a340c1d";
  static const char *const spellings[] = {
      "42 1a 0f 3e 8d 3f 1f 0e-5a 0c 4b 52 9a 34 0c 1d", "VMware-42 1a 0f 3e 8d 3f 1f 0e-5a 0c 4b 52 9a 34 0c 1d",
      "{421A0F3E-8D3F-1F0E-5A0C-4B529A340C1D}",          "urn:uuid:421a0f3e-8d3f-1f0e-5a0c-4b529a340c1d",
      "URN:UUID:421a0f3e-8d3f-1f0e-5a0c-4b529a340c1d",   "421a0f3e8d3f1f0e5a0c4b529a340c1d",
      "  421a0f3e-8d3f-1f0e-5a0c-4b529a340c1d \n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++)
    assert_same_machine(spellings[i], usual);
}

static void test_text_that_is_no_uuid(void) {
  static const char *const texts[] = {
      "",
      "Not Settable",
      "3445DEE7-45D0-1244-95DD-34FAA067C1BE33E",
      "3445DEE7-45D0-1244-95DD-34FAA067C1B",
      "3445DEE7-45D0-1244-95DD-34FAA067C1BG",
      "{3445DEE7-45D0-1244-95DD-34FAA067C1BE",
      "34-45-DE--E7-45-D0-12-44-95-DD-34-FA-A0-67-C1-BE",
      "3445DEE7_45D0_1244_95DD_34FAA067C1BE",
      "-3445DEE-45D0-1244-95DD-34FAA067C1BE",
      "3445DEE7-45D0-1244-95DD-34FAA067C1BE x",
      "\xff\xfe\xfd",
  };
  ProductUuid uuid;

  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_assert_cmpint(product_uuid_parse(texts[i], &uuid), ==, -EINVAL);
    g_assert_false(uuid.present);
  }
  g_assert_cmpint(product_uuid_parse("3445DEE7-45D0-1244-95DD-34FAA067C1BE \r\n", &uuid), ==, 0);
}

static void test_is_printed_as_it_was_read(void) {
  ProductUuid uuid = parsed("743F0E42-84EA-A2F9-7736-6106BB5DBF6B");
  char text[PRODUCT_UUID_TEXT];

  product_uuid_format(&uuid, text);
  g_assert_cmpstr(text, ==, "743f0e42-84ea-a2f9-7736-6106bb5dbf6b");
  product_uuid_canonical(&uuid, text);
  g_assert_cmpstr(text, ==, "420e3f74-ea84-f9a2-7736-6106bb5dbf6b");
}

static void assert_read(Fixture *fixture, const char *expected, const char *source) {
  ProductUuid uuid;
  char text[PRODUCT_UUID_TEXT];

  g_assert_cmpint(product_uuid_read(&fixture->root, &uuid), ==, 0);
  g_assert_true(uuid.present);
  product_uuid_format(&uuid, text);
  g_assert_cmpstr(text, ==, expected);
  g_assert_cmpstr(uuid.source, ==, source);
}

static void test_each_source_in_its_order(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  static const char device_tree[] = "f78a0579-5bf5-4de9-a5c7-b5ad2023449b";

  fixture_write(fixture, "/proc/sysinfo",
                "Manufacturer:         IBM\nType:                 2964\n\n"
                "LPAR UUID:            11111111-1344-aaf7-1a85-2a7250be2076\n"
                "VM01 UUID:            22222222-1344-aaf7-1a85-2a7250be2076\n"
                "VM00 Name:            guest\n"
                "VM00 UUID:            82038f2a-1344-aaf7-1a85-2a7250be2076\n");
  assert_read(fixture, "82038f2a-1344-aaf7-1a85-2a7250be2076", "s390");
  fixture_write(fixture, "/sys/hypervisor/uuid", "ec2f2c13-5ec7-fa7f-d174-626fce48d68f\n");
  assert_read(fixture, "ec2f2c13-5ec7-fa7f-d174-626fce48d68f", "xen");
  fixture_write_bytes(fixture, "/sys/firmware/devicetree/base/vm,uuid", device_tree, sizeof device_tree, 0444);
  fixture_symlink(fixture, "/proc/device-tree", "/sys/firmware/devicetree/base");
  assert_read(fixture, device_tree, "device-tree");
  fixture_write(fixture, "/sys/devices/virtual/dmi/id/product_uuid", "2961ECF6-7E94-488D-AE0D-E427123078B3\n");
  fixture_symlink(fixture, "/sys/class/dmi/id", "../../devices/virtual/dmi/id");
  assert_read(fixture, "2961ecf6-7e94-488d-ae0d-e427123078b3", "dmi");
}

static void test_a_placeholder_gives_way_to_the_next_source(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  ProductUuid uuid;

  fixture_write(fixture, "/sys/class/dmi/id/product_uuid", "03000200-0400-0500-0006-000700080009\n");
  g_assert_cmpint(product_uuid_read(&fixture->root, &uuid), ==, 0);
  g_assert_true(!uuid.present && uuid.placeholder);
  g_assert_cmpstr(uuid.source, ==, "dmi");
  fixture_write(fixture, "/sys/hypervisor/uuid", "ec2f2c13-5ec7-fa7f-d174-626fce48d68f\n");
  assert_read(fixture, "ec2f2c13-5ec7-fa7f-d174-626fce48d68f", "xen");
}

static void test_a_machine_without_a_uuid(void) {
  static const char *const contents[] = {"", "Not Settable\n", "3445DEE7-45D0-1244-95DD-34FAA067C1BE33E\n"};
  g_autoptr(Fixture) fixture = fixture_new();
  ProductUuid uuid;

  g_assert_cmpint(product_uuid_read(&fixture->root, &uuid), ==, 0);
  g_assert_false(uuid.present || uuid.placeholder);
  for (gsize i = 0; i < G_N_ELEMENTS(contents); i++) {
    fixture_write(fixture, "/sys/class/dmi/id/product_uuid", contents[i]);
    fixture_write(fixture, "/proc/sysinfo", contents[i]);
    g_assert_cmpint(product_uuid_read(&fixture->root, &uuid), ==, 0);
    g_assert_false(uuid.present || uuid.placeholder);
  }
}

static void test_a_directory_in_its_place_is_an_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  ProductUuid uuid;

  fixture_mkdir(fixture, "/sys/class/dmi/id/product_uuid");
  g_assert_cmpint(product_uuid_read(&fixture->root, &uuid), ==, -EISDIR);
}

/* "VMware-42 0e 3f 74 ..." -> the sixteen bytes as a UUID */
static char *uuid_of_serial(const char *serial) {
  g_autoptr(GString) digits = g_string_new(NULL);

  for (const char *c = strchr(serial, '-') + 1; *c != '\0'; c++)
    if (g_ascii_isxdigit(*c))
      g_string_append_c(digits, *c);
  for (guint dash = 8; dash <= 23; dash += 5)
    g_string_insert_c(digits, dash, '-');
  return g_strdup(digits->str);
}

/* The other form of a row: the first UUID or VMware serial in its note. */
static char *other_form(const char *note) {
  g_autoptr(GRegex) uuid = g_regex_new("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, 0, NULL);
  g_autoptr(GRegex) serial = g_regex_new("VMware(-| )[0-9a-f -]{47}", 0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_autofree char *text = NULL;

  if (g_regex_match(uuid, note, 0, &match))
    return g_match_info_fetch(match, 0);
  g_clear_pointer(&match, g_match_info_free);
  if (!g_regex_match(serial, note, 0, &match))
    return NULL;
  text = g_match_info_fetch(match, 0);
  return uuid_of_serial(text);
}

static gboolean judge_row(char **fields) {
  g_autofree char *other = other_form(fields[2]);
  ProductUuid uuid;

  if (g_str_equal(fields[0], "placeholder"))
    assert_placeholder(fields[1]);
  else if (g_str_equal(fields[0], "malformed"))
    g_assert_cmpint(product_uuid_parse(fields[1], &uuid), ==, -EINVAL);
  else if (g_str_equal(fields[0], "swap-pair"))
    assert_same_machine(fields[1], other);
  else if (g_str_equal(fields[0], "nonswap") && other != NULL)
    assert_same_machine(fields[1], other);
  else
    return FALSE;
  return TRUE;
}

/* A larger collection, where somebody has one: RESET_IDENTITY_DMI_UUIDS names a table kind, value, other form, source,
 * separated by tabs. */
static void test_a_collection_from_the_field(void) {
  const char *path = g_getenv("RESET_IDENTITY_DMI_UUIDS");
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  guint judged = 0;

  if (path == NULL || !g_file_get_contents(path, &text, NULL, NULL)) {
    g_test_skip("RESET_IDENTITY_DMI_UUIDS names no table");
    return;
  }
  lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    g_auto(GStrv) fields = g_strsplit(*line, "\t", 4);

    if (**line != '#' && g_strv_length(fields) >= 3 && judge_row(fields))
      judged++;
  }
  g_assert_cmpuint(judged, >, 0);
  g_test_message("%u rows judged", judged);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/product-uuid/placeholders-count-as-absent", test_placeholders_count_as_absent);
  g_test_add_func("/product-uuid/both-byte-orders-are-one-machine", test_both_byte_orders_are_one_machine);
  g_test_add_func("/product-uuid/different-machines-differ", test_different_machines_differ);
  g_test_add_func("/product-uuid/only-the-first-three-fields-swap", test_only_the_first_three_fields_swap);
  g_test_add_func("/product-uuid/every-usual-spelling", test_every_usual_spelling);
  g_test_add_func("/product-uuid/text-that-is-no-uuid", test_text_that_is_no_uuid);
  g_test_add_func("/product-uuid/is-printed-as-it-was-read", test_is_printed_as_it_was_read);
  g_test_add_func("/product-uuid/each-source-in-its-order", test_each_source_in_its_order);
  g_test_add_func("/product-uuid/a-placeholder-gives-way-to-the-next-source",
                  test_a_placeholder_gives_way_to_the_next_source);
  g_test_add_func("/product-uuid/a-machine-without-a-uuid", test_a_machine_without_a_uuid);
  g_test_add_func("/product-uuid/a-directory-in-its-place-is-an-error", test_a_directory_in_its_place_is_an_error);
  g_test_add_func("/product-uuid/a-collection-from-the-field", test_a_collection_from_the_field);
  return g_test_run();
}
