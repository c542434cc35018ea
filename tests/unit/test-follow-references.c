/* agent/plan/profile-follow.c: no reference to a connection's UUID is forgotten, and nothing else is touched. */
#include "profile-world.h"

#define UUID_A "7e570001-5a1e-4c0f-9d3b-00000000000a"
#define NEW_A "c10e0000-5a1e-4c0f-9d3b-00000000000a"
#define UUID_B "7E570001-5A1E-4C0F-9D3B-00000000000B"
#define NEW_B "c10e0000-5a1e-4c0f-9d3b-00000000000b"
#define OTHER "99999999-5a1e-4c0f-9d3b-000000000099"

/* Two connections, A and (in upper case) B, and REST in a third profile. */
static World *world_with(const char *rest) {
  World *world = world_new();
  g_autofree char *text =
      g_strconcat("[connection]\nid=c\nuuid=7e570001-5a1e-4c0f-9d3b-00000000000c\ntype=ethernet\n", rest, NULL);
  static char policy[] = "[network]\nmethod = keep\n";

  world_profile(world, "a",
                "[connection]\nid=Alpha\nuuid=" UUID_A "\ntype=bond\ninterface-name=bond0\n[bond]\nmode=1\n");
  world_profile(world, "b", "[connection]\nid=Beta\nuuid=" UUID_B "\ntype=ethernet\n");
  world_profile(world, "c", text);
  world_policy(world, policy);
  world_plan(world);
  return world;
}

static void assert_becomes(const char *rest, const char *new_rest) {
  g_autoptr(World) world = world_with(rest);
  g_autofree char *expected =
      g_strconcat("[connection]\nid=c\nuuid=c10e0000-5a1e-4c0f-9d3b-00000000000c\ntype=ethernet\n", new_rest, NULL);

  world_assert_after(world, "c", expected);
  world_assert_quiet(world);
}

static void references_follow_in_any_group_and_list(void) {
  assert_becomes("master=" UUID_A "\nslave-type=bond\n", "master=" NEW_A "\nslave-type=bond\n");
  assert_becomes("master=" UUID_A "\ncontroller=" UUID_A "\nslave-type=bond\nport-type=bond\n",
                 "master=" NEW_A "\ncontroller=" NEW_A "\nslave-type=bond\nport-type=bond\n");
  assert_becomes("secondaries=" UUID_B "; " OTHER ";" UUID_A ";\n", "secondaries=" NEW_B "; " OTHER ";" NEW_A ";\n");
  assert_becomes("[x-unknown]\nparent=" UUID_A "\nlist=a," UUID_B ",b\n",
                 "[x-unknown]\nparent=" NEW_A "\nlist=a," NEW_B ",b\n");
}

static void the_case_of_a_reference_does_not_matter(void) {
  assert_becomes("[x]\nup=7E570001-5A1E-4C0F-9D3B-00000000000A\ndown=7e570001-5a1e-4c0f-9d3b-00000000000b\n",
                 "[x]\nup=" NEW_A "\ndown=" NEW_B "\n");
}

static void other_uuids_names_and_comments_stay(void) {
  const char *rest = "master=bond0\nslave-type=bond\nsecondaries=" OTHER ";\n# " UUID_A "\n";

  assert_becomes(rest, rest);
}

static void a_mention_is_a_warning_with_its_line(void) {
  g_autoptr(World) world = world_with("[user]\norg.example.a=" UUID_A "\norg.example.b=see " UUID_B ".\n"
                                      "[x]\ntext=before " UUID_A "/after\npassword=" UUID_A "\n");

  world_assert_after(world, "c",
                     "[connection]\nid=c\nuuid=c10e0000-5a1e-4c0f-9d3b-00000000000c\ntype=ethernet\n"
                     "[user]\norg.example.a=" UUID_A "\norg.example.b=see " UUID_B ".\n"
                     "[x]\ntext=before " UUID_A "/after\npassword=" UUID_A "\n");
  g_assert_true(world_warns(world, PROFILES_DIR "/c:6: the connection UUID " UUID_A));
  g_assert_true(world_warns(world, PROFILES_DIR "/c:7: the connection UUID " UUID_B));
  g_assert_true(world_warns(world, PROFILES_DIR "/c:9: "));
  g_assert_true(world_warns(world, PROFILES_DIR "/c:10: "));
  g_assert_cmpuint(world->plan->warnings->len, ==, 4);
}

static void the_reason_names_the_connection(void) {
  g_autoptr(World) port = world_with("master=" UUID_A "\nslave-type=bond\n");
  g_autoptr(World) secondary = world_with("secondaries=" UUID_B ";\n");

  g_assert_cmpstr(world_edit(port, "c")->why, ==, "own connection UUID; bond port follows Alpha's new UUID");
  g_assert_cmpstr(world_edit(secondary, "c")->why, ==,
                  "own connection UUID; connection.secondaries follows Beta's new UUID");
}

static void kept_uuids_change_nothing(void) {
  g_autoptr(World) world = world_new();

  world_profile(world, "a", "[connection]\nid=a\nuuid=" UUID_A "\ntype=ethernet\nsecondaries=" UUID_A ";\n");
  world_read(world);
  g_hash_table_remove_all(world->identity->connection_uuids);
  g_hash_table_remove_all(world->identity->new_uuids);
  world_plan(world);
  g_assert_cmpuint(world->plan->edits->len, ==, 0);
  world_assert_quiet(world);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/follow-references/references-follow-in-any-group-and-list",
                  references_follow_in_any_group_and_list);
  g_test_add_func("/follow-references/the-case-of-a-reference-does-not-matter",
                  the_case_of_a_reference_does_not_matter);
  g_test_add_func("/follow-references/other-uuids-names-and-comments-stay", other_uuids_names_and_comments_stay);
  g_test_add_func("/follow-references/a-mention-is-a-warning-with-its-line", a_mention_is_a_warning_with_its_line);
  g_test_add_func("/follow-references/the-reason-names-the-connection", the_reason_names_the_connection);
  g_test_add_func("/follow-references/kept-uuids-change-nothing", kept_uuids_change_nothing);
  return g_test_run();
}
