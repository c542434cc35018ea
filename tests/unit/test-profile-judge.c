/* agent/profiles/keyfile/profile-judge.c: libnm says what NetworkManager would load, and what an edit really changed.
 */
#include <string.h>

#include "base/error.h"
#include "profiles/keyfile/profile-judge.h"

#define HEAD "[connection]\nid=x\nuuid=4e80a56d-c99f-4aad-a6dd-b449bc398c57\ntype=ethernet\n"

static GBytes *bytes_of(const char *text) {
  return g_bytes_new_static(text, strlen(text));
}

static gboolean accepts(const char *text, GError **error) {
  g_autoptr(GBytes) bytes = bytes_of(text);

  return profile_judge_accepts(bytes, "/etc/NetworkManager/system-connections/x.nmconnection", error);
}

/* Compare, with a change of KEY in GROUP allowed (and of KEY2 where not NULL). */
static gboolean compare(const char *old_text, const char *new_text, const char *group, const char *key,
                        GError **error) {
  g_autoptr(GBytes) old_bytes = bytes_of(old_text);
  g_autoptr(GBytes) new_bytes = bytes_of(new_text);
  g_autoptr(GHashTable) properties = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  if (group != NULL)
    profile_judge_allow(properties, group, key);
  g_autoptr(JudgedProfile) judged = profile_judge_read(old_bytes, "/etc/x", error);
  return judged != NULL && profile_judge_compare(judged, new_bytes, "/etc/x", properties, error);
}

static void assert_refused(GError *error, const char *part) {
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_true(g_str_has_prefix(error->message, "/etc/x: "));
  if (strstr(error->message, part) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, part);
}

static void accepts_what_networkmanager_loads(void) {
  g_autoptr(GError) error = NULL;

  g_assert_true(accepts(HEAD, &error));
  g_assert_no_error(error);
  /* Without id and UUID: both come from the file's name and path. */
  g_assert_true(accepts("[connection]\ntype=ethernet\n", &error));
  g_assert_no_error(error);
  g_assert_true(accepts(HEAD "[unknown]\na=b\n", &error));
  g_assert_no_error(error);
}

static void refuses_with_libnms_words(void) {
  static const struct {
    const char *text;
    const char *words;
  } cases[] = {
      {"", "connection.type"},
      {"no group", "key-value pair"},
      {HEAD "[ipv4]\nmethod=manual\n", "ipv4."},
      {"[connection]\nid=x\nuuid=foo\ntype=ethernet\n", "connection.uuid"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;

    g_assert_false(accepts(cases[i].text, &error));
    g_assert_nonnull(error);
    if (strstr(error->message, cases[i].words) == NULL)
      g_error("\"%s\" does not say \"%s\"", error->message, cases[i].words);
  }
}

static void a_change_that_is_named_passes(void) {
  static const struct {
    const char *old_rest, *new_rest, *group, *key;
  } cases[] = {
      {"", "interface-name=eth0\n", "connection", "interface-name"},
      {"[ethernet]\nmtu=1400\n", "[ethernet]\nmtu=1500\n", "ethernet", "mtu"},
      {"[ipv4]\nmethod=manual\naddress1=1.1.1.1/8\n", "[ipv4]\nmethod=manual\naddress1=2.2.2.2/8,2.2.2.1\n", "ipv4",
       "address1"},
      {"[ipv4]\nmethod=auto\nroute=1.0.0.0/8\n", "[ipv4]\nmethod=auto\nroute=2.0.0.0/8\n", "ipv4", "route"},
      {"[x-new]\nkey=a\n", "[x-new]\nkey=b\n", "x-new", "key"},
      {"# a\n", "# b\n", NULL, NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *old_text = g_strconcat(HEAD, cases[i].old_rest, NULL);
    g_autofree char *new_text = g_strconcat(HEAD, cases[i].new_rest, NULL);
    g_autoptr(GError) error = NULL;
    gboolean passed = compare(old_text, new_text, cases[i].group, cases[i].key, &error);

    g_assert_no_error(error);
    g_assert_true(passed);
  }
}

static void a_controller_may_show_under_its_old_or_its_new_name(void) {
  const char *before = HEAD "master=a\nslave-type=bond\n";
  const char *after = HEAD "master=b\nslave-type=bond\n";
  g_autoptr(GError) error = NULL;

  g_assert_true(compare(before, after, "connection", "controller", &error));
  g_assert_no_error(error);
}

static void a_change_that_is_not_named_is_refused_by_property(void) {
  g_autoptr(GError) one = NULL;
  g_autoptr(GError) two = NULL;

  g_assert_false(compare(HEAD "[ethernet]\nmtu=1400\n", HEAD "[ethernet]\nmtu=1500\n", "connection", "uuid", &one));
  assert_refused(one, "802-3-ethernet.mtu");
  /* libnm takes another address generation for meant as soon as there is a group. */
  g_assert_false(compare(HEAD, HEAD "[ipv6]\nmethod=auto\n", "ipv6", "method", &two));
  assert_refused(two, "ipv6.addr-gen-mode");
}

static void a_text_that_networkmanager_would_refuse_is_refused(void) {
  g_autoptr(GError) error = NULL;

  g_assert_false(compare(HEAD, HEAD "[ipv4]\nmethod=manual\n", "ipv4", "method", &error));
  assert_refused(error, "would refuse the edited profile");
}

static void a_value_that_networkmanager_would_ignore_is_refused(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) as_before = NULL;

  g_assert_false(compare(HEAD, HEAD "[ethernet]\nmac-address=bogus\n", "ethernet", "mac-address", &error));
  assert_refused(error, "would ignore");
  g_assert_true(compare(HEAD "[ethernet]\nmac-address=bogus\n",
                        HEAD "interface-name=eth0\n[ethernet]\nmac-address=bogus\n", "connection", "interface-name",
                        &as_before));
  g_assert_no_error(as_before);
  /* What was ignored may be ignored with another value. */
  g_assert_true(compare(HEAD "[ethernet]\nmac-address=bogus\n", HEAD "[ethernet]\nmac-address=other\n", "ethernet",
                        "mac-address", &as_before));
  g_assert_no_error(as_before);
}

static void a_profile_without_a_uuid_may_get_one(void) {
  g_autoptr(GError) error = NULL;

  g_assert_true(compare("[connection]\ntype=ethernet\n",
                        "[connection]\ntype=ethernet\nuuid=4e80a56d-c99f-4aad-a6dd-b449bc398c57\n", "connection",
                        "uuid", &error));
  g_assert_no_error(error);
  g_assert_true(compare("[connection]\ntype=ethernet\n", "[connection]\ntype=ethernet\n#\n", NULL, NULL, &error));
  g_assert_no_error(error);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/profile-judge/accepts-what-networkmanager-loads", accepts_what_networkmanager_loads);
  g_test_add_func("/profile-judge/refuses-with-libnms-words", refuses_with_libnms_words);
  g_test_add_func("/profile-judge/a-change-that-is-named-passes", a_change_that_is_named_passes);
  g_test_add_func("/profile-judge/a-controller-may-show-under-its-old-or-its-new-name",
                  a_controller_may_show_under_its_old_or_its_new_name);
  g_test_add_func("/profile-judge/a-change-that-is-not-named-is-refused-by-property",
                  a_change_that_is_not_named_is_refused_by_property);
  g_test_add_func("/profile-judge/a-text-that-networkmanager-would-refuse-is-refused",
                  a_text_that_networkmanager_would_refuse_is_refused);
  g_test_add_func("/profile-judge/a-value-that-networkmanager-would-ignore-is-refused",
                  a_value_that_networkmanager_would_ignore_is_refused);
  g_test_add_func("/profile-judge/a-profile-without-a-uuid-may-get-one", a_profile_without_a_uuid_may_get_one);
  return g_test_run();
}
