/* Every profile of tests/corpus/keyfiles (and of a second, larger corpus, where it is there) through the profile step:
 * what had to change has changed, every other byte is the same, and libnm sees no more than that. The checks read lines
 * and groups by themselves; nothing of agent/profiles/text/keyfile-text.c is used for them. */
#include <NetworkManager.h>

#include "profile-world.h"

static const char own_corpus[] = "tests/corpus/keyfiles";
static const char other_corpus[] = "../shared/corpus/keyfiles";

static void copy_corpus(World *world, const char *directory) {
  g_autoptr(GError) error = NULL;
  GDir *dir = g_dir_open(directory, 0, &error);
  const char *name;

  g_assert_no_error(error);
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *data = NULL;
    gsize size;

    g_file_get_contents(path, &data, &size, &error);
    g_assert_no_error(error);
    world_profile_bytes(world, name, data, size);
  }
  g_dir_close(dir);
}

static void add_long_line(World *world) {
  GString *text = g_string_new("[connection]\nid=long\nuuid=7e57ffff-5a1e-4c0f-9d3b-00000000ffff\ntype=ethernet\n"
                               "[user]\nlong=");
  g_autofree char *filling = g_strnfill(1 << 20, 'x');

  g_string_append_printf(text, "%s\n[ipv4]\nmethod=manual\naddress1=10.13.0.10/24\n", filling);
  world_profile(world, "long-line", text->str);
  g_string_free(text, TRUE);
}

static void add_cards(World *world) {
  world_card(world, "eth0", "00:50:56:aa:00:01", "ens3", "52:54:00:cc:00:01");
  world_card(world, "eth1", "00:50:56:aa:00:02", "ens4", "52:54:00:cc:00:02");
  world_card(world, "eth2", "00:50:56:aa:00:03", "ens5", "52:54:00:cc:00:03");
  world_card(world, "eth6", "00:11:22:33:44:55", "ens6", "52:54:00:cc:00:06");
  world_card(world, "em1", "00:11:aa:bb:cc:55", "ens7", "52:54:00:cc:00:07");
  world_card(world, "ib0", "80:00:00:6d:fe:80:00:00:00:00:00:00:00:02:55:00:70:33:cf:01", "ib7",
             "80:00:00:6d:fe:80:00:00:00:00:00:00:00:02:55:00:70:33:cf:77");
}

/* ---- an independent reading of lines ---- */

typedef gboolean (*LineTest)(const World *world, const char *group, const char *key, const char *line);

static gboolean holds_uuid_of(const World *world, const char *line, gboolean new_ones) {
  g_autofree char *lower = g_ascii_strdown(line, -1);
  GHashTableIter iterator;
  gpointer old_uuid, new_uuid;

  g_hash_table_iter_init(&iterator, world->identity->connection_uuids);
  while (g_hash_table_iter_next(&iterator, &old_uuid, &new_uuid)) {
    g_autofree char *old_lower = g_ascii_strdown(old_uuid, -1);

    if (strstr(lower, new_ones ? new_uuid : old_lower) != NULL)
      return TRUE;
  }
  return FALSE;
}

static gboolean is_uuid_line(const World *world, const char *group, const char *key, const char *line) {
  if (strcmp(group, "connection") == 0 && strcmp(key, "uuid") == 0)
    return TRUE;
  if (line[0] == '#' || strcmp(group, "user") == 0 || strcmp(group, ".nmmeta") == 0 ||
      strcmp(group, "vpn-secrets") == 0)
    return FALSE;
  return holds_uuid_of(world, line, FALSE) || holds_uuid_of(world, line, TRUE);
}

static gboolean is_clone_line(const World *world, const char *group, const char *key, const char *line) {
  static const char *const anywhere[] = {
      "mac-address", "cloned-mac-address", "mac-address-denylist", "mac-address-blacklist", "interface-name", "parent",
      "primary",     "dhcp-hostname",      "dhcp-client-id",       "routing-rule1",         "identity",       NULL};
  static const char *const of_ip[] = {"gateway", "dns", "dns-search", "method", "token", NULL};

  if (is_uuid_line(world, group, key, line) || g_strv_contains(anywhere, key))
    return TRUE;
  /* Only in a group that was added; a change of it would be seen by libnm below. */
  if (strcmp(key, "addr-gen-mode") == 0)
    return TRUE;
  /* A route's source that is an address of the machine. */
  if (g_str_has_prefix(key, "route") && g_str_has_suffix(key, "_options"))
    return TRUE;
  return (strcmp(group, "ipv4") == 0 || strcmp(group, "ipv6") == 0) &&
         (g_strv_contains(of_ip, key) || g_regex_match_simple("^address(es)?(0|[1-9][0-9]*)?$", key, 0, 0));
}

/* DATA without the lines that TEST picks, NULs shown as a byte that no profile has. GKeyFile ends a line's meaning at
 * a NUL, so a line goes whole. */
static char *without_lines(const World *world, GBytes *bytes, LineTest test) {
  gsize size;
  const char *data = g_bytes_get_data(bytes, &size);
  GString *kept = g_string_new(NULL);
  g_autofree char *group = g_strdup("");

  for (gsize at = 0; at < size;) {
    const char *newline = memchr(data + at, '\n', size - at);
    const gsize length = newline != NULL ? (gsize)(newline - data) + 1 - at : size - at;
    g_autofree char *line = g_strndup(data + at, length);
    g_autofree char *trimmed = g_strstrip(g_strdup(line));
    g_auto(GStrv) sides = g_strsplit(trimmed, "=", 2);

    if (trimmed[0] == '[') {
      g_free(group);
      group = g_strndup(trimmed + 1, strcspn(trimmed + 1, "]"));
    }
    if (sides[0] == NULL || sides[1] == NULL || trimmed[0] == '#' || !test(world, group, g_strchomp(sides[0]), line))
      for (gsize i = 0; i < length; i++)
        g_string_append_c(kept, data[at + i] == '\0' ? '\x01' : data[at + i]);
    at += length;
  }
  return g_string_free(kept, FALSE);
}

/* A group that the edit had to add, with the empty line before it. */
static char *strip_added_groups(const char *old_text, char *new_text) {
  static const char *const groups[] = {"\n[ipv4]\n", "\n[ipv6]\n", "\r\n[ipv4]\r\n", "\r\n[ipv6]\r\n"};

  for (gsize i = 0; i < G_N_ELEMENTS(groups); i++) {
    g_autofree char *header = g_strstrip(g_strdup(groups[i]));

    if (strstr(old_text, header) == NULL && g_str_has_suffix(new_text, groups[i]))
      new_text[strlen(new_text) - strlen(groups[i])] = '\0';
  }
  /* Both may be added, in this order. */
  for (gsize i = 0; i < G_N_ELEMENTS(groups); i++) {
    g_autofree char *header = g_strstrip(g_strdup(groups[i]));

    if (strstr(old_text, header) == NULL && g_str_has_suffix(new_text, groups[i]))
      new_text[strlen(new_text) - strlen(groups[i])] = '\0';
  }
  return new_text;
}

/* A final line that lost or got its line end because a line was put behind it says nothing. */
static char *strip_final_newline(char *text) {
  gsize length = strlen(text);

  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    text[--length] = '\0';
  return text;
}

static void assert_same_but(const World *world, const Profile *profile, GBytes *content, LineTest test) {
  g_autofree char *old_rest = strip_final_newline(without_lines(world, profile->bytes, test));
  g_autofree char *new_rest = without_lines(world, content, test);

  new_rest = strip_added_groups(old_rest, new_rest);
  new_rest = strip_final_newline(new_rest);
  g_test_message("%s", profile->path);
  g_assert_cmpstr(new_rest, ==, old_rest);
}

/* ---- libnm's view ---- */

static NMConnection *as_libnm_reads(GBytes *bytes) {
  g_autoptr(GKeyFile) keyfile = g_key_file_new();
  g_autoptr(GError) error = NULL;
  NMConnection *connection;
  NMSettingConnection *setting;
  gsize size;
  const char *data = g_bytes_get_data(bytes, &size);

  g_key_file_load_from_data(keyfile, data, size, G_KEY_FILE_NONE, &error);
  g_assert_no_error(error);
  connection = nm_keyfile_read(keyfile, "/tmp", NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, &error);
  g_assert_no_error(error);
  setting = nm_connection_get_setting_connection(connection);
  if (nm_setting_connection_get_id(setting) == NULL)
    g_object_set(setting, "id", "any", NULL);
  nm_connection_normalize(connection, NULL, NULL, &error);
  g_assert_no_error(error);
  return connection;
}

static void assert_diff_within(NMConnection *old_connection, NMConnection *new_connection, const char *allowed) {
  g_autoptr(GHashTable) settings = NULL;
  GHashTableIter of_settings, of_properties;
  gpointer setting, differences, property;

  if (nm_connection_diff(old_connection, new_connection, NM_SETTING_COMPARE_FLAG_EXACT, &settings))
    return;
  g_hash_table_iter_init(&of_settings, settings);
  while (g_hash_table_iter_next(&of_settings, &setting, &differences)) {
    g_hash_table_iter_init(&of_properties, differences);
    while (g_hash_table_iter_next(&of_properties, &property, NULL)) {
      g_autofree char *name = g_strdup_printf(" %s.%s ", (char *)setting, (char *)property);

      if (strstr(allowed, name) == NULL)
        g_error("libnm shows a difference in%s", name);
    }
  }
}

static void assert_addresses(NMConnection *connection, const char *setting_name, const Policy *policy, int family) {
  NMSettingIPConfig *setting = NM_SETTING_IP_CONFIG(nm_connection_get_setting_by_name(connection, setting_name));
  const PolicyAddresses *addresses = &policy->hosts[0].addresses;
  guint expected = 0;

  for (size_t i = 0; i < addresses->count; i++) {
    const PolicyAddress *address = &addresses->items[i];

    if (address->family != family)
      continue;
    g_assert_cmpuint(expected, <, nm_setting_ip_config_get_num_addresses(setting));
    g_assert_cmpstr(nm_ip_address_get_address(nm_setting_ip_config_get_address(setting, (int)expected)), ==,
                    address->text);
    g_assert_cmpuint(nm_ip_address_get_prefix(nm_setting_ip_config_get_address(setting, (int)expected)), ==,
                     address->prefix);
    expected++;
  }
  g_assert_cmpuint(nm_setting_ip_config_get_num_addresses(setting), ==, expected);
}

/* ---- the two runs ---- */

static void assert_refused_stay(const World *world) {
  for (guint i = 0; i < world->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(world->profiles->items, i);

    if (profile->why_not == NULL)
      continue;
    g_assert_null(plan_find(world->plan, profile->path));
    g_assert_true(world_warns(world, profile->path));
  }
}

static void check_uuids_only(const char *corpus, guint least) {
  g_autoptr(World) world = world_new();
  char policy[] = "[network]\nmethod = keep\n";
  guint edited = 0;

  copy_corpus(world, corpus);
  add_long_line(world);
  world_policy(world, policy);
  world_read(world);
  world->identity->hostname = world->identity->old_hostname;
  world_plan(world);
  assert_refused_stay(world);
  for (guint i = 0; i < world->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(world->profiles->items, i);
    const Edit *edit = plan_find(world->plan, profile->path);
    g_autoptr(NMConnection) old_connection = NULL;
    g_autoptr(NMConnection) new_connection = NULL;

    if (profile->why_not != NULL)
      continue;
    g_assert_nonnull(edit);
    edited++;
    assert_same_but(world, profile, edit->content, is_uuid_line);
    old_connection = as_libnm_reads(profile->bytes);
    new_connection = as_libnm_reads(edit->content);
    g_assert_cmpstr(nm_connection_get_uuid(new_connection), ==,
                    g_hash_table_lookup(world->identity->new_uuids, profile));
    assert_diff_within(old_connection, new_connection,
                       " connection.uuid connection.master connection.controller connection.secondaries vlan.parent "
                       "macvlan.parent ");
  }
  g_assert_cmpuint(edited, >=, least);
}

static void check_whole_clone(const char *corpus) {
  g_autoptr(World) world = world_new();
  char policy[] = "[network]\ngateway = 10.77.0.1\ndns = 10.77.0.53, 2001:db8:77::53\ndns-search = clone.example\n"
                  "[host clone-7]\nmatch-serial = x\naddress = 10.77.0.17/24, 10.77.0.18/24, 2001:db8:77::17/64\n";

  copy_corpus(world, corpus);
  add_long_line(world);
  add_cards(world);
  world_policy(world, policy);
  world_read(world);
  for (guint i = 0; i < world->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(world->profiles->items, i);
    g_autofree char *name = g_path_get_basename(profile->path);

    if (profile->why_not != NULL || !profile_carries_ip(profile))
      continue;
    world_assign(world, name, NULL, AF_INET);
    world_assign(world, name, NULL, AF_INET6);
  }
  world_plan(world);
  assert_refused_stay(world);
  for (guint i = 0; i < world->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(world->profiles->items, i);
    const Edit *edit = plan_find(world->plan, profile->path);
    g_autoptr(NMConnection) old_connection = NULL;
    g_autoptr(NMConnection) new_connection = NULL;

    if (profile->why_not != NULL)
      continue;
    g_assert_nonnull(edit);
    assert_same_but(world, profile, edit->content, is_clone_line);
    old_connection = as_libnm_reads(profile->bytes);
    new_connection = as_libnm_reads(edit->content);
    assert_diff_within(
        old_connection, new_connection,
        " connection.uuid connection.master connection.controller connection.secondaries connection.interface-name "
        "vlan.parent macvlan.parent infiniband.parent infiniband.mac-address bridge.mac-address bond.options "
        "match.interface-name 802-3-ethernet.mac-address 802-3-ethernet.cloned-mac-address "
        "802-3-ethernet.mac-address-blacklist 802-3-ethernet.mac-address-denylist "
        "802-11-wireless.mac-address-blacklist 802-11-wireless.mac-address-denylist "
        "ipv4.addresses ipv4.gateway ipv4.method ipv4.dns ipv4.dns-search ipv4.routes ipv4.routing-rules "
        "ipv4.dhcp-hostname "
        "ipv4.dhcp-client-id 802-1x.identity ipv6.token ipv6.addresses ipv6.gateway ipv6.method ipv6.dns "
        "ipv6.dns-search ");
    if (profile_carries_ip(profile)) {
      assert_addresses(new_connection, "ipv4", &world->policy, AF_INET);
      assert_addresses(new_connection, "ipv6", &world->policy, AF_INET6);
    }
  }
}

/* The strictest method: libnm allows little in a family that is off, and no profile may stop the plan. */
static void check_disabled(const char *corpus) {
  g_autoptr(World) world = world_new();
  char policy[] = "[network]\nmethod = disabled\n";

  copy_corpus(world, corpus);
  add_cards(world);
  world_policy(world, policy);
  world_plan(world);
  assert_refused_stay(world);
  for (guint i = 0; i < world->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(world->profiles->items, i);
    const Edit *edit = plan_find(world->plan, profile->path);
    g_autoptr(NMConnection) connection = NULL;

    if (profile->why_not != NULL || !profile_carries_ip(profile))
      continue;
    g_assert_nonnull(edit);
    assert_same_but(world, profile, edit->content, is_clone_line);
    connection = as_libnm_reads(edit->content);
    g_assert_cmpstr(nm_setting_ip_config_get_method(nm_connection_get_setting_ip4_config(connection)), ==, "disabled");
    g_assert_cmpstr(nm_setting_ip_config_get_method(nm_connection_get_setting_ip6_config(connection)), ==, "disabled");
  }
}

static void no_old_uuid_is_left_in_force(void) {
  g_autoptr(World) world = world_new();
  char policy[] = "[network]\nmethod = keep\n";

  copy_corpus(world, own_corpus);
  world_policy(world, policy);
  world_plan(world);
  for (guint i = 0; i < world->plan->edits->len; i++) {
    const Edit *edit = g_ptr_array_index(world->plan->edits, i);
    g_autofree char *rest = edit->kind == EDIT_WRITE ? without_lines(world, edit->content, is_uuid_line) : g_strdup("");
    g_auto(GStrv) lines = g_strsplit(rest, "\n", -1);

    /* What is left mentions old UUIDs only where nobody may touch them: the user's own notes, secrets, a text. */
    for (char **line = lines; *line != NULL; line++)
      if (holds_uuid_of(world, *line, FALSE) && (*line)[0] != '#')
        g_assert_true(g_str_has_prefix(*line, "org.example.note=") || g_str_has_prefix(*line, "password=") ||
                      g_str_has_prefix(*line, "shadowed-storage="));
  }
}

static void own_corpus_uuids_only(void) {
  check_uuids_only(own_corpus, 30);
}

static void own_corpus_disabled(void) {
  check_disabled(own_corpus);
}

static void own_corpus_whole_clone(void) {
  check_whole_clone(own_corpus);
}

static void other_corpus_uuids_only(void) {
  if (!g_file_test(other_corpus, G_FILE_TEST_IS_DIR)) {
    g_test_skip("the second corpus is not here");
    return;
  }
  check_uuids_only(other_corpus, 15);
}

static void other_corpus_whole_clone(void) {
  if (!g_file_test(other_corpus, G_FILE_TEST_IS_DIR)) {
    g_test_skip("the second corpus is not here");
    return;
  }
  check_whole_clone(other_corpus);
}

static void other_corpus_disabled(void) {
  if (!g_file_test(other_corpus, G_FILE_TEST_IS_DIR)) {
    g_test_skip("the second corpus is not here");
    return;
  }
  check_disabled(other_corpus);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/profile-corpus/own/uuids-only", own_corpus_uuids_only);
  g_test_add_func("/profile-corpus/own/whole-clone", own_corpus_whole_clone);
  g_test_add_func("/profile-corpus/own/disabled", own_corpus_disabled);
  g_test_add_func("/profile-corpus/own/no-old-uuid-is-left-in-force", no_old_uuid_is_left_in_force);
  g_test_add_func("/profile-corpus/other/uuids-only", other_corpus_uuids_only);
  g_test_add_func("/profile-corpus/other/whole-clone", other_corpus_whole_clone);
  g_test_add_func("/profile-corpus/other/disabled", other_corpus_disabled);
  return g_test_run();
}
