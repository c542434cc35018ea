/* step-random-seed.c: seeds go, here and when the template is sealed; the key of credentials where nothing needs it. */
#include "mount-fixture.h"
#include "plan-fixture.h"

#define SEED "/var/lib/systemd/random-seed"
#define KEY "/var/lib/systemd/credential.secret"
#define UNIT "/usr/lib/systemd/system/systemd-random-seed.service"

static const Edit *edit_of(const PlanFixture *machine, const char *path) {
  const Edit *edit = plan_find(machine->plan, path);

  g_assert_nonnull(edit);
  return edit;
}

static void every_seed_is_removed_unseen(void) {
  static const char *const paths[] = {
      SEED,
      "/boot/loader/random-seed",
      "/efi/loader/random-seed",
      "/boot/efi/loader/random-seed",
      "/var/lib/urandom/random-seed",
      "/var/lib/random-seed",
      "/var/lib/misc/random-seed",
      "/var/lib/seedrng/seed.credit",
      "/var/lib/seedrng/seed.no-credit",
  };
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
    fixture_write(machine->fixture, paths[i], "0123456789");
  plan_fixture_run(machine, step_random_seed);
  g_assert_cmpuint(machine->plan->edits->len, ==, G_N_ELEMENTS(paths));
  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_assert_true(is_removed(machine, paths[i]));
    g_assert_cmpint(edit_of(machine, paths[i])->flags, ==, EDIT_SECRET | EDIT_VOLATILE);
  }
  g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
}

static void one_seed_under_two_names_is_removed_once(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/boot/efi/loader/random-seed", "0123456789");
  fixture_symlink(machine->fixture, "/efi", "/boot/efi");
  fixture_write(machine->fixture, "/srv/seed", "0123456789");
  fixture_symlink(machine->fixture, SEED, "/srv/seed");
  plan_fixture_run(machine, step_random_seed);
  g_assert_cmpuint(machine->plan->edits->len, ==, 2);
  g_assert_true(is_removed(machine, "/boot/efi/loader/random-seed"));
  g_assert_true(is_removed(machine, "/srv/seed"));
}

static void what_is_no_file_stays(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_mkdir(machine->fixture, SEED);
  fixture_symlink(machine->fixture, "/var/lib/random-seed", "/nowhere");
  plan_fixture_run(machine, step_random_seed);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
}

/* In the template it is refused, in words, by what is looked at before any commit. */
static void a_boot_partition_that_is_read_only_keeps_its_seed(void) {
  g_autoptr(PlanFixture) machine = NULL;
  g_autofree char *boot = NULL;

  if (!mount_fixture_enter()) {
    g_test_skip("this process may not mount");
    return;
  }
  machine = plan_fixture_new();
  fixture_mkdir(machine->fixture, "/boot");
  boot = fixture_path(machine->fixture, "/boot");
  mount_fixture_tmpfs(boot, 0, NULL);
  fixture_write(machine->fixture, "/boot/loader/random-seed", "0123456789");
  fixture_write(machine->fixture, SEED, "0123456789");
  g_assert_cmpint(mount("none", boot, "none", MS_REMOUNT | MS_RDONLY, ""), ==, 0);
  plan_fixture_run(machine, step_random_seed);
  g_assert_cmpuint(machine->plan->edits->len, ==, 1);
  g_assert_true(is_removed(machine, SEED));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], "/boot/loader/random-seed"));
  g_assert_cmpint(umount2(boot, 0), ==, 0);
}

/* Undo must be able to bring it back: what was encrypted meanwhile on the template is not ours to lose. */
static void a_key_that_nothing_needs_goes_and_can_come_back(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, KEY, "secret");
  fixture_write(machine->fixture, "/etc/systemd/system/plain.service",
                "[Service]\nLoadCredential=a:/etc/a\n#LoadCredentialEncrypted=b\nLoadCredentialEncrypted=\n");
  plan_fixture_run(machine, step_random_seed);
  g_assert_true(is_removed(machine, KEY));
  g_assert_cmpint(edit_of(machine, KEY)->flags, ==, EDIT_SECRET);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
}

static void a_key_that_is_needed_stays_and_is_named(void) {
  static const struct {
    const char *path, *content;
  } users[] = {
      {"/etc/credstore.encrypted/db-password", "x"},
      {"/usr/lib/credstore.encrypted/db-password", "x"},
      {"/etc/systemd/system/db.service", "[Service]\nLoadCredentialEncrypted=db:/etc/db.cred\n"},
      {"/etc/systemd/system/db.service.d/10-secret.conf", "[Service]\nSetCredentialEncrypted=db: \\\n  Whxqht\n"},
      {"/usr/lib/systemd/system/db.service", "[Service]\nExecStart=/bin/true\nLoadCredentialEncrypted=db\n"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(users); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();

    fixture_write(machine->fixture, KEY, "secret");
    fixture_write(machine->fixture, users[i].path, users[i].content);
    plan_fixture_run(machine, step_random_seed);
    g_assert_cmpuint(machine->plan->edits->len, ==, 0);
    g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
    g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], KEY));
    g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], users[i].path));
  }
}

static Plan *sealed(PlanFixture *machine) {
  Plan *plan = plan_new();
  g_autoptr(GError) error = NULL;

  g_assert_true(steps_seal(&machine->fixture->root, &machine->policy, plan, &error));
  g_assert_no_error(error);
  return plan;
}

/* The key stays: the template goes on using what it has. */
static void seal_takes_the_seeds_and_keeps_no_copy(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(Plan) plan = NULL;

  fixture_write(machine->fixture, SEED, "0123456789");
  fixture_write(machine->fixture, KEY, "secret");
  fixture_write(machine->fixture, "/etc/machine-id", OLD_ID "\n");
  plan = sealed(machine);
  g_assert_cmpuint(plan->edits->len, ==, 1);
  const Edit *edit = plan_find(plan, SEED);
  g_assert_nonnull(edit);
  g_assert_cmpint(edit->kind, ==, EDIT_REMOVE);
  g_assert_true((edit->flags & EDIT_FORGET_OLD) != 0);
  g_assert_cmpuint(plan->actions->len, ==, 0);
}

static void seal_stops_what_would_save_another_seed(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(Plan) plan = NULL;

  fixture_write(machine->fixture, UNIT, "[Service]\n");
  plan = sealed(machine);
  g_assert_cmpuint(plan->edits->len, ==, 0);
  g_assert_cmpuint(plan->actions->len, ==, 1);
  const Action *action = plan->actions->pdata[0];
  g_assert_cmpint(action->phase, ==, PHASE_BEFORE);
  g_assert_cmpint(action->needs, ==, NEEDS_LIVE);
  g_assert_cmpstr(action->verb, ==, "stop");
  g_assert_cmpstr(action->object, ==, "systemd-random-seed.service");
}

static void seal_leaves_what_is_switched_off(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  StepPolicy off[] = {{g_strdup("random-seed"), false}};
  g_autoptr(Plan) plan = NULL;

  fixture_write(machine->fixture, SEED, "0123456789");
  machine->policy.steps = off;
  machine->policy.n_steps = G_N_ELEMENTS(off);
  plan = sealed(machine);
  g_assert_cmpuint(plan->edits->len, ==, 0);
  g_free(off[0].step);
}

#define TEST(name, function) g_test_add_func("/step-random-seed/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("every-seed-is-removed-unseen", every_seed_is_removed_unseen);
  TEST("one-seed-under-two-names-is-removed-once", one_seed_under_two_names_is_removed_once);
  TEST("what-is-no-file-stays", what_is_no_file_stays);
  TEST("a-boot-partition-that-is-read-only-keeps-its-seed", a_boot_partition_that_is_read_only_keeps_its_seed);
  TEST("a-key-that-nothing-needs-goes-and-can-come-back", a_key_that_nothing_needs_goes_and_can_come_back);
  TEST("a-key-that-is-needed-stays-and-is-named", a_key_that_is_needed_stays_and_is_named);
  TEST("seal-takes-the-seeds-and-keeps-no-copy", seal_takes_the_seeds_and_keeps_no_copy);
  TEST("seal-stops-what-would-save-another-seed", seal_stops_what_would_save_another_seed);
  TEST("seal-leaves-what-is-switched-off", seal_leaves_what_is_switched_off);
  return g_test_run();
}
