/* renames-fill.c and renames-search.c: what is an old value in a text, in whatever notation, and what takes its place.
 */
#include "keyfile-fixture.h"
#include "plan-fixture.h"

static Nic recorded[] = {
    {.name = "ens3", .mac = "52:54:00:aa:bb:01", .bus_path = "pci0000:00/0000:00:03.0/virtio0", .position = 0},
    {.name = "ens4", .mac = "52:54:00:aa:bb:02", .bus_path = "pci0000:00/0000:00:15.0/0000:03:00.0", .position = 1},
};
static Nic present[] = {
    {.name = "ens9", .mac = "52:54:00:cc:dd:01", .bus_path = "pci0000:00/0000:00:09.0/virtio0", .position = 0},
    {.name = "ens10", .mac = "52:54:00:cc:dd:02", .bus_path = "pci0000:00/0000:00:15.0/0000:0b:00.0", .position = 1},
};

typedef struct {
  PlanFixture *machine;
  NicMap *map;
  Profile profile;
  PolicyAddress address;
  Assignment assignment;
  Renames *renames;
} Table;

/* 10.0.0.4 becomes 10.0.0.17, 2001:db8::4 is given up, what is no address stands beside both, two NICs are others, one
 * connection has another UUID. */
static Table *table_new(const char *old_name, const char *new_name) {
  static const char text[] = "[connection]\ntype=ethernet\n[ipv4]\naddress1=10.0.0.4/24\naddress2=10.0.0.300/24\n"
                             "method=manual\n"
                             "[ipv6]\naddress1=2001:db8::4/64\naddress2=2001::db8::4/64\nmethod=manual\n";
  static const NicList before = {recorded, G_N_ELEMENTS(recorded)};
  static const NicList after = {present, G_N_ELEMENTS(present)};
  Table *table = g_new0(Table, 1);

  table->machine = plan_fixture_new();
  plan_fixture_rename(table->machine, old_name, new_name);
  table->map = nic_map_new(&before, &after);
  table->machine->context.nic_map = table->map;
  table->machine->facts.nics = after;
  table->machine->policy.network.method = METHOD_AUTO;
  keyfile_profile_read(&table->profile, NULL, text);
  g_ptr_array_add(table->machine->profiles.items, &table->profile);
  g_strlcpy(table->address.text, "10.0.0.17", sizeof table->address.text);
  table->assignment = (Assignment){.profile = &table->profile, .family = AF_INET, .addresses = g_ptr_array_new()};
  g_ptr_array_add(table->assignment.addresses, &table->address);
  g_ptr_array_set_free_func(table->machine->identity.assignments, NULL);
  g_ptr_array_add(table->machine->identity.assignments, &table->assignment);
  g_hash_table_insert(table->machine->identity.connection_uuids, g_strdup("11111111-1111-4111-8111-111111111111"),
                      g_strdup("22222222-1111-4111-8111-111111111111"));
  table->renames = renames_new(&table->machine->context);
  return table;
}

static void table_free(Table *table) {
  renames_free(table->renames);
  profile_clear(&table->profile);
  g_ptr_array_unref(table->assignment.addresses);
  nic_map_free(table->map);
  plan_fixture_free(table->machine);
  g_free(table);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

static void assert_replaced(const Table *table, unsigned kinds, const char *text, const char *expected) {
  g_autofree char *replaced = renames_replace(table->renames, kinds, text, strlen(text));

  g_assert_cmpstr(replaced != NULL ? replaced : text, ==, expected);
}

static void every_notation_of_a_value_is_found(void) {
  static const struct {
    const char *text, *expected;
  } rows[] = {
      {"11111111-1111-4111-8111-111111111111", "22222222-1111-4111-8111-111111111111"},
      {"a=11111111-1111-4111-8111-111111111111;b", "a=22222222-1111-4111-8111-111111111111;b"},
      {"011111111-1111-4111-8111-111111111111", "011111111-1111-4111-8111-111111111111"},
      {"52:54:00:AA:BB:01", "52:54:00:CC:DD:01"},
      {"52-54-00-aa-bb-01", "52-54-00-cc-dd-01"},
      {"525400aabb01", "525400ccdd01"},
      {"5254.00aa.bb01", "5254.00cc.dd01"},
      {"82;84;0;170;187;1;", "52:54:00:cc:dd:01"},
      {"01:52:54:00:aa:bb:01", "01:52:54:00:cc:dd:01"},
      {"1:52:54:0:aa:bb:1", "1:52:54:00:cc:dd:01"},
      {"mac:52:54:00:aa:bb:01,mac:52:54:00:aa:bb:02", "mac:52:54:00:cc:dd:01,mac:52:54:00:cc:dd:02"},
      {"52:54:00:aa:bb:01:05", "52:54:00:aa:bb:01:05"},
      {"152:54:00:aa:bb:01", "152:54:00:aa:bb:01"},
      {"0525400aabb01", "0525400aabb01"},
      {"interface-name:ens3;!ens4;ens3*", "interface-name:ens9;!ens10;ens9*"},
      {"ens3.5 ens33 my-ens3 ens3_x", "ens3.5 ens33 my-ens3 ens3_x"},
      {"net.ipv4.conf.ens3.forwarding", "net.ipv4.conf.ens9.forwarding"},
      {"pci-0000:00:03.0;pci-0000:03:00.0;", "pci-0000:00:09.0;pci-0000:0b:00.0;"},
      {"pci-0000:00:03.01", "pci-0000:00:03.01"},
      {"10.0.0.4/24,10.0.0.1", "10.0.0.17/24,10.0.0.1"},
      {"10.0.0.4:53 10.0.0.4. [::ffff:10.0.0.4]:80", "10.0.0.17:53 10.0.0.17. [::ffff:10.0.0.17]:80"},
      {"::ffff:0a00:0004", "::ffff:10.0.0.17"},
      {"10.0.0.40 110.0.0.4 1.10.0.0.4 10.0.0.4.5", "10.0.0.40 110.0.0.4 1.10.0.0.4 10.0.0.4.5"},
      {"\"golden\", golden-2 (golden.lan). Golden. \xe9golden",
       "\"web-17\", golden-2 (web-17.lan). web-17. \xe9web-17"},
      {"host/golden.example.org\\sgolden", "host/web-17.example.org\\sweb-17"},
      {"cert=/etc/pki/golden.pem golden.KEY golden.crt golden.example.pem",
       "cert=/etc/pki/golden.pem golden.KEY golden.crt web-17.example.pem"},
      {"golden@AD www.golden golden2 _golden", "web-17@AD www.golden golden2 _golden"},
  };
  g_autoptr(Table) table = table_new("golden", "web-17");

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
    assert_replaced(table, RENAME_ALL, rows[i].text, rows[i].expected);
  assert_replaced(table, RENAME_ALL & ~RENAME_HOST, "golden ens3", "golden ens9");
}

static void a_value_that_is_gone_is_found_without_another(void) {
  static const char text[] = "x 2001:0db8::0004/64%ens5";
  g_autoptr(Table) table = table_new("golden", "web-17");
  g_auto(Mention) mention = {0};
  gsize at = 0;

  g_assert_true(renames_next(table->renames, RENAME_ALL, text, strlen(text), &at, &mention));
  g_assert_cmpint(mention.rename->kind, ==, RENAME_ADDRESS);
  g_assert_null(mention.replacement);
  g_assert_cmpuint(mention.start, ==, 2);
  g_assert_cmpuint(mention.end, ==, 2 + strlen("2001:0db8::0004"));
  g_assert_false(renames_next(table->renames, RENAME_ALL, text, strlen(text), &at, &mention));
  g_assert_true(renames_is_own_address(table->renames, "10.0.0.17"));
  g_assert_false(renames_is_own_address(table->renames, "10.0.0.4"));
}

static void host_names_follow_by_the_table(void) {
  static const struct {
    const char *old_name, *new_name, *word, *expected;
  } rows[] = {
      {"golden", "web", "golden", "web"},
      {"golden", "web", "GOLDEN", "web"},
      {"golden", "web", "golden.example.org", "web.example.org"},
      {"golden", "web", "golden2", "golden2"},
      {"golden", "web", "my-golden", "my-golden"},
      {"golden", "web", "www.golden", "www.golden"},
      {"golden", "web", "golden.", "web."},
      {"golden", "web.example.net", "golden", "web"},
      {"golden", "web.example.net", "golden.example.org", "web.example.net"},
      {"golden.example.org", "web.example.net", "golden.example.org", "web.example.net"},
      {"golden.example.org", "web.example.net", "golden", "web"},
      {"golden.example.org", "web.example.net", "golden.lan", "web.lan"},
      {"golden.example.org", "web", "golden.example.org", "web.example.org"},
      {"golden.example.org", "web", "golden", "web"},
      {"10", "web", "10.9.9.9 10", "10.9.9.9 web"},
      {"", "web", "golden", "golden"},
      {"localhost", "web", "localhost", "localhost"},
      {"LocalHost.localdomain", "web", "localhost", "localhost"},
      {"golden", "golden", "golden", "golden"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Table) table = table_new(rows[i].old_name, rows[i].new_name);

    assert_replaced(table, RENAME_ALL, rows[i].word, rows[i].expected);
  }
}

static void bytes_behind_a_nul_are_searched_too(void) {
  static const char text[] = "x\0golden\0";
  g_autoptr(Table) table = table_new("golden", "web-17");
  g_auto(Mention) mention = {0};
  gsize at = 0;

  g_assert_true(renames_next(table->renames, RENAME_ALL, text, sizeof text - 1, &at, &mention));
  g_assert_cmpuint(mention.start, ==, 2);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/renames/every-notation-of-a-value-is-found", every_notation_of_a_value_is_found);
  g_test_add_func("/renames/a-value-that-is-gone-is-found-without-another",
                  a_value_that_is_gone_is_found_without_another);
  g_test_add_func("/renames/host-names-follow-by-the-table", host_names_follow_by_the_table);
  g_test_add_func("/renames/bytes-behind-a-nul-are-searched-too", bytes_behind_a_nul_are_searched_too);
  return g_test_run();
}
