/* step-hosts.c: the template's name on loopback lines, and its addresses that are replaced; all else byte for byte. */
#include <arpa/inet.h>
#include <sys/stat.h>

#include "keyfile-fixture.h"
#include "plan-fixture.h"

typedef struct {
  const char *old_name, *new_name, *before, *after;
} Row;

static char *rewritten(const Row *row) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  plan_fixture_rename(machine, row->old_name, row->new_name);
  fixture_write(machine->fixture, "/etc/hosts", row->before);
  plan_fixture_run(machine, step_hosts);
  return plan_fixture_content(machine, "/etc/hosts");
}

static void loopback_lines_get_the_new_name(void) {
  static const Row rows[] = {
      {"golden", "web-17",
       "127.0.0.1 localhost\n127.0.1.1\tgolden.example.org  golden # me: golden\n::1 ip6-localhost\n",
       "127.0.0.1 localhost\n127.0.1.1\tweb-17.example.org  web-17 # me: golden\n::1 ip6-localhost\n"},
      {"golden", "web-17", "::1 localhost Golden\n", "::1 localhost web-17\n"},
      {"golden", "web-17", "  127.0.1.1 golden", "  127.0.1.1 web-17"},
      {"golden", "web-17", "127.0.1.1 golden\r\n10.9.9.9 x\r\n", "127.0.1.1 web-17\r\n10.9.9.9 x\r\n"},
      {"golden", "web.example.net", "127.0.1.1 golden\n", "127.0.1.1 web.example.net web\n"},
      {"golden", "web.example.net", "127.0.1.1 golden golden.lan\n", "127.0.1.1 web web.example.net\n"},
      {"golden.example.org", "web.example.org", "127.0.1.1 golden.example.org golden\n",
       "127.0.1.1 web.example.org web\n"},
      {"golden", "web-17", "127.1 golden\n", "127.1 web-17\n"},
      {"golden", "web-17", "::ffff:127.0.1.1 golden\n", "::ffff:127.0.1.1 web-17\n"},
      {"golden", "web-17", "::1%lo golden\n", "::1%lo web-17\n"},
      {"golden", "web-17", "127.0.1.1 golden.lan. golden.\n", "127.0.1.1 web-17.lan. web-17.\n"},
      {"golden.example.org", "web.example.org", "127.0.1.1 golden.lan\n", "127.0.1.1 web.lan\n"},
      {"golden.example.org", "web.example.org", "127.1 golden.\n", "127.1 web.\n"},
      {"golden.example.org", "web.example.org", "127.1 golden.lan golden\n", "127.1 web.example.org web.lan web\n"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *after = rewritten(&rows[i]);

    g_assert_cmpstr(after, ==, rows[i].after);
  }
}

static void other_lines_are_left(void) {
  static const Row rows[] = {
      {"golden", "web-17", "#127.0.1.1 golden\n", NULL},
      {"golden", "web-17", "127.0.1.1 golden-backup mygolden\n", NULL},
      {"golden", "web-17", "127.0.1.1\n\n   \nnonsense golden\n", NULL},
      {"localhost", "web-17", "127.0.0.1 localhost localhost.localdomain\n", NULL},
      {"", "web-17", "127.0.1.1 golden\n", NULL},
      {"golden", "golden", "127.0.1.1 golden\n", NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *after = rewritten(&rows[i]);

    g_assert_cmpstr(after, ==, NULL);
  }
}

/* A line of the template's name at an address that no profile has: DHCP's, or another stack's. */
static void a_line_of_unknown_address_stays_and_the_clone_gets_its_own(void) {
  static const Row rows[] = {
      {"golden", "web-17", "10.0.0.5 golden.example.org golden db\n",
       "127.0.1.1\tweb-17.example.org web-17\n10.0.0.5 golden.example.org golden db\n"},
      {"golden", "web-17", "127.0.0.1 localhost\n::1 localhost\n10.0.0.5 golden",
       "127.0.0.1 localhost\n127.0.1.1\tweb-17\n::1 localhost\n10.0.0.5 golden"},
      {"golden", "web.example.net", "127.0.0.1 localhost\r\n10.0.0.5 golden\r\n",
       "127.0.0.1 localhost\r\n127.0.1.1\tweb.example.net web\r\n10.0.0.5 golden\r\n"},
      {"golden", "web-17", "127.0.0.1 localhost\r\n10.0.0.5 golden",
       "127.0.0.1 localhost\r\n127.0.1.1\tweb-17\r\n10.0.0.5 golden"},
      {"golden", "web-17", "fe80::1%lo golden\n", "127.0.1.1\tweb-17\nfe80::1%lo golden\n"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *after = rewritten(&rows[i]);

    g_assert_cmpstr(after, ==, rows[i].after);
  }
}

static void a_line_that_stays_is_named(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/hosts",
                "127.0.1.1 golden\n10.0.0.5 golden\nnonsense golden\n10.0.0.6 x # golden\n");
  plan_fixture_run(machine, step_hosts);
  assert_written(machine, "/etc/hosts", "127.0.1.1 web-17\n10.0.0.5 golden\nnonsense golden\n10.0.0.6 x # golden\n");
  g_assert_cmpuint(machine->plan->warnings->len, ==, 2);
  g_assert_true(g_str_has_prefix(machine->plan->warnings->pdata[0], "/etc/hosts:2: names the template at 10.0.0.5"));
  g_assert_true(g_str_has_prefix(machine->plan->warnings->pdata[1], "/etc/hosts:3: the host name golden"));
}

/* The profile of TEXT gets COUNT addresses of FAMILY. */
static void assign(PlanFixture *machine, Profile *profile, const char *text, int family, PolicyAddress *addresses,
                   guint count) {
  Assignment *assignment = g_new0(Assignment, 1);

  keyfile_profile_read(profile, NULL, text);
  assignment->profile = profile;
  assignment->family = family;
  assignment->addresses = g_ptr_array_new();
  for (guint i = 0; i < count; i++)
    g_ptr_array_add(assignment->addresses, &addresses[i]);
  g_ptr_array_add(machine->identity.assignments, assignment);
  g_ptr_array_add(machine->profiles.items, profile);
}

static void unassign(PlanFixture *machine, Profile *profile) {
  const Assignment *assignment = g_ptr_array_index(machine->identity.assignments, 0);

  g_ptr_array_unref(assignment->addresses);
  profile_clear(profile);
}

static void replaced_addresses_follow_with_their_names(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  PolicyAddress addresses[] = {{.text = "10.0.0.17"}, {.text = "10.0.0.18"}};
  Profile profile = {0};

  assign(machine, &profile, "[ipv4]\naddress1=10.0.0.5/24,10.0.0.1\naddress2=10.0.0.6/24\naddress3=10.0.0.7/24\n",
         AF_INET, addresses, 2);
  fixture_write(machine->fixture, "/etc/hosts",
                "10.0.0.5\tgolden.example.org golden db\n10.0.0.6 golden-ilo\n10.0.0.7 third\n10.0.0.55 golden\n");
  plan_fixture_run(machine, step_hosts);
  assert_written(machine, "/etc/hosts",
                 "10.0.0.17\tweb-17.example.org web-17 db\n10.0.0.18 golden-ilo\n10.0.0.17 third\n10.0.0.55 golden\n");
  unassign(machine, &profile);
}

static void ipv6_addresses_are_compared_as_addresses(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  PolicyAddress address = {.text = "2001:db8::17"};
  Profile profile = {0};

  plan_fixture_rename(machine, "golden", "golden");
  assign(machine, &profile, "[ipv6]\naddress1=2001:db8:0:0::5/64\n", AF_INET6, &address, 1);
  fixture_write(machine->fixture, "/etc/hosts", "2001:DB8::5 golden\n");
  plan_fixture_run(machine, step_hosts);
  assert_written(machine, "/etc/hosts", "2001:db8::17 golden\n");
  unassign(machine, &profile);
}

/* A profile of TEXT of which the policy says METHOD. */
static void give_profile(PlanFixture *machine, Profile *profile, const char *text, Method method) {
  keyfile_profile_read(profile, NULL, text);
  g_ptr_array_add(machine->profiles.items, profile);
  machine->policy.network.method = method;
}

static void kept_addresses_are_the_clones(void) {
  static const char before[] = "127.0.0.1 localhost\n10.0.0.5 golden.example.org golden\n10.0.0.6 golden-ilo\n";
  static const struct {
    Method method;
    const char *after, *warning;
  } rows[] = {
      {METHOD_KEEP, "127.0.0.1 localhost\n10.0.0.5 web-17.example.org web-17\n10.0.0.6 golden-ilo\n", NULL},
      {METHOD_AUTO,
       "127.0.0.1 localhost\n127.0.1.1\tweb-17.example.org web-17\n10.0.0.5 golden.example.org golden\n"
       "10.0.0.6 golden-ilo\n",
       "/etc/hosts:2: names the template at 10.0.0.5, which a clone without an address of its own gives up"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    Profile profile = {0};

    give_profile(machine, &profile, "[connection]\ntype=ethernet\n[ipv4]\naddress1=10.0.0.5/24\nmethod=manual\n",
                 rows[i].method);
    fixture_write(machine->fixture, "/etc/hosts", before);
    plan_fixture_run(machine, step_hosts);
    assert_written(machine, "/etc/hosts", rows[i].after);
    g_assert_cmpuint(machine->plan->warnings->len, ==, rows[i].warning != NULL);
    if (rows[i].warning != NULL)
      g_assert_true(g_str_has_prefix(machine->plan->warnings->pdata[0], rows[i].warning));
    profile_clear(&profile);
  }
}

static void a_site_wide_file_is_left(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  PolicyAddress address = {.text = "10.0.0.17"};
  Profile profile = {0};

  assign(machine, &profile, "[ipv4]\naddress1=10.0.0.5/24\n", AF_INET, &address, 1);
  fixture_write(machine->fixture, "/etc/hosts", "10.0.0.5 golden\n10.0.0.17 web-17\n");
  plan_fixture_run(machine, step_hosts);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  unassign(machine, &profile);
}

static void nul_bytes_are_left_with_a_warning(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write_bytes(machine->fixture, "/etc/hosts", "127.0.1.1 golden\n\0\n", 19, 0644);
  plan_fixture_run(machine, step_hosts);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
}

static void long_lines_and_other_encodings_are_kept(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GString) before = g_string_new("127.0.1.1 golden");
  g_autoptr(GString) after = g_string_new("127.0.1.1 web-17");

  for (gsize i = 0; i < 131072; i++) {
    g_string_append(before, " \xe9name");
    g_string_append(after, " \xe9name");
  }
  fixture_write(machine->fixture, "/etc/hosts", before->str);
  plan_fixture_run(machine, step_hosts);
  assert_written(machine, "/etc/hosts", after->str);
}

static void absent_and_empty_files_stay_so(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  plan_fixture_run(machine, step_hosts);
  fixture_write(machine->fixture, "/etc/hosts", "");
  plan_fixture_run(machine, step_hosts);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
}

static void a_fifo_is_refused(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autofree char *path = fixture_path(machine->fixture, "/etc/hosts");
  g_autoptr(GError) error = NULL;

  fixture_mkdir(machine->fixture, "/etc");
  g_assert_cmpint(mkfifo(path, 0644), ==, 0);
  g_assert_false(step_hosts(&machine->context, machine->plan, &error));
  g_assert_nonnull(strstr(error->message, "/etc/hosts"));
}

#define TEST(name, function) g_test_add_func("/step-hosts/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("loopback-lines-get-the-new-name", loopback_lines_get_the_new_name);
  TEST("other-lines-are-left", other_lines_are_left);
  TEST("a-line-of-unknown-address-stays-and-the-clone-gets-its-own",
       a_line_of_unknown_address_stays_and_the_clone_gets_its_own);
  TEST("a-line-that-stays-is-named", a_line_that_stays_is_named);
  TEST("kept-addresses-are-the-clones", kept_addresses_are_the_clones);
  TEST("a-site-wide-file-is-left", a_site_wide_file_is_left);
  TEST("replaced-addresses-follow-with-their-names", replaced_addresses_follow_with_their_names);
  TEST("ipv6-addresses-are-compared-as-addresses", ipv6_addresses_are_compared_as_addresses);
  TEST("nul-bytes-are-left-with-a-warning", nul_bytes_are_left_with_a_warning);
  TEST("long-lines-and-other-encodings-are-kept", long_lines_and_other_encodings_are_kept);
  TEST("absent-and-empty-files-stay-so", absent_and_empty_files_stay_so);
  TEST("a-fifo-is-refused", a_fifo_is_refused);
  return g_test_run();
}
