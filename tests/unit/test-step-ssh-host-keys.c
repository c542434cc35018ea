/* step-ssh-host-keys.c: which keys are made anew, as what, and what an apply and a dry run plan for them. */
#include "plan-fixture.h"
#include "plan/steps/ssh-keygen.h"
#include "plan/steps/step-ssh-host-keys.h"

#define ED25519 "/etc/ssh/ssh_host_ed25519_key"
/* Well-formed public keys of type and size only; no private half of them exists. */
#define ED25519_PUBLIC "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA root@golden\n"
#define ECDSA_384_PUBLIC "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQ= root@golden\n"
#define DSA_PUBLIC "ssh-dss AAAAB3NzaC1kc3M= root@golden\n"

static gboolean plan_keys(PlanFixture *machine, gboolean for_apply, GError **error) {
  g_autofree char *run_dir = fixture_path(machine->fixture, "/run/reset-identity");

  machine->context.for_apply = for_apply;
  return ssh_host_keys_plan(&machine->context, SSH_KEYGEN_PROGRAM, run_dir, machine->plan, error);
}

static void run(PlanFixture *machine, gboolean for_apply) {
  g_autoptr(GError) error = NULL;
  gboolean planned = plan_keys(machine, for_apply, &error);

  g_assert_no_error(error);
  g_assert_true(planned);
}

static void write_key(PlanFixture *machine, const char *path, const char *public_key) {
  g_autofree char *public_path = g_strconcat(path, ".pub", NULL);

  fixture_write_bytes(machine->fixture, path, "the template's private key\n", 27, 0600);
  fixture_write(machine->fixture, public_path, public_key);
}

static void a_machine_without_keys_has_nothing_to_do(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autofree char *run_dir = fixture_path(machine->fixture, "/run");

  fixture_write(machine->fixture, "/etc/ssh/sshd_config", "HostKey " ED25519 "\n");
  run(machine, TRUE);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_false(g_file_test(run_dir, G_FILE_TEST_EXISTS));
}

static void an_apply_plans_a_whole_new_pair(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autofree char *private_key = NULL;
  g_autofree char *public_key = NULL;
  const Edit *edit;

  write_key(machine, ED25519, ED25519_PUBLIC);
  run(machine, TRUE);
  private_key = plan_fixture_content(machine, ED25519);
  public_key = plan_fixture_content(machine, ED25519 ".pub");
  g_assert_true(g_str_has_prefix(private_key, "-----BEGIN OPENSSH PRIVATE KEY-----"));
  g_assert_true(g_str_has_prefix(public_key, "ssh-ed25519 "));
  g_assert_true(g_str_has_suffix(public_key, " root@web-17\n"));
  g_assert_cmpstr(public_key, !=, ED25519_PUBLIC);
  edit = plan_find(machine->plan, ED25519);
  g_assert_cmpint(edit->flags, ==, EDIT_SECRET | EDIT_FORGET_OLD);
  g_assert_cmpint(edit->mode, ==, 0600);
  g_assert_cmpint(plan_find(machine->plan, ED25519 ".pub")->flags, ==, EDIT_FORGET_OLD);
  g_assert_cmpuint(machine->plan->edits->len, ==, 2);
}

static void a_dry_run_only_says_which(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  const Edit *edit;

  write_key(machine, ED25519, ED25519_PUBLIC);
  run(machine, FALSE);
  edit = plan_find(machine->plan, ED25519);
  g_assert_null(edit->content);
  g_assert_cmpint(edit->flags, ==, EDIT_SECRET | EDIT_FORGET_OLD | EDIT_DEFERRED);
  g_assert_cmpstr(edit->why, ==, "a new ed25519 host key");
  g_assert_null(plan_find(machine->plan, ED25519 ".pub")->content);
}

static void an_empty_key_is_made_anew_by_its_name(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autofree char *public_key = NULL;

  fixture_write(machine->fixture, ED25519, "");
  run(machine, TRUE);
  public_key = plan_fixture_content(machine, ED25519 ".pub");
  g_assert_true(g_str_has_prefix(public_key, "ssh-ed25519 "));
}

static void the_public_half_tells_the_curve(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autofree char *public_key = NULL;

  write_key(machine, "/etc/ssh/ssh_host_ecdsa_key", ECDSA_384_PUBLIC);
  run(machine, TRUE);
  public_key = plan_fixture_content(machine, "/etc/ssh/ssh_host_ecdsa_key.pub");
  g_assert_true(g_str_has_prefix(public_key, "ecdsa-sha2-nistp384 "));
}

static void rsa_has_at_least_3072_bits(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  SshKeyType type;

  write_key(machine, "/etc/ssh/ssh_host_rsa_key", "ssh-rsa damaged\n");
  run(machine, TRUE);
  g_assert_true(ssh_key_type_of_public(plan_find(machine->plan, "/etc/ssh/ssh_host_rsa_key.pub")->content, &type));
  g_assert_cmpuint(type.bits, ==, 3072);
}

static void a_configured_key_elsewhere_is_made_anew_once(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/ssh/sshd_config", "Include sshd_config.d/*.conf\nHostKey /etc/ssh/link_key\n");
  fixture_write(machine->fixture, "/etc/ssh/sshd_config.d/a.conf", "HostKey /srv/keys/site\nHostKey /srv/absent\n");
  write_key(machine, "/srv/keys/site", ED25519_PUBLIC);
  fixture_symlink(machine->fixture, "/etc/ssh/link_key", "/srv/keys/site");
  run(machine, FALSE);
  g_assert_nonnull(plan_find(machine->plan, "/srv/keys/site"));
  g_assert_nonnull(plan_find(machine->plan, "/srv/keys/site.pub"));
  g_assert_cmpuint(machine->plan->edits->len, ==, 2);
}

static void an_agents_key_is_left(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/ssh/sshd_config",
                "HostKey /etc/ssh/agent.pub\nHostKey /etc/ssh/other\nHostKey /etc/ssh/none\n");
  fixture_write(machine->fixture, "/etc/ssh/agent.pub", ED25519_PUBLIC);
  fixture_write(machine->fixture, "/etc/ssh/other.pub", ED25519_PUBLIC);
  run(machine, TRUE);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 3);
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[0], "sshd_config:1: the host key /etc/ssh/agent.pub is the"));
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[1], "sshd_config:2: the host key /etc/ssh/other is the"));
  g_assert_nonnull(strstr(machine->plan->warnings->pdata[2], "sshd_config:3: the host key /etc/ssh/none is not there"));
}

static void certificates_of_old_keys_are_removed(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  write_key(machine, ED25519, ED25519_PUBLIC);
  fixture_write(machine->fixture, ED25519 "-cert.pub", "ssh-ed25519-cert-v01@openssh.com AAAA\n");
  fixture_write(machine->fixture, "/etc/pki/host-cert.pub", "ssh-ed25519-cert-v01@openssh.com AAAA\n");
  fixture_write(machine->fixture, "/etc/ssh/sshd_config",
                "HostCertificate " ED25519 "-cert.pub\nHostCertificate /etc/pki/host-cert.pub\n");
  run(machine, FALSE);
  g_assert_true(is_removed(machine, ED25519 "-cert.pub"));
  g_assert_true(is_removed(machine, "/etc/pki/host-cert.pub"));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 2);
  g_assert_cmpuint(machine->plan->edits->len, ==, 4);
}

static void a_dsa_key_is_removed_with_a_warning(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  write_key(machine, "/etc/ssh/ssh_host_dsa_key", DSA_PUBLIC);
  run(machine, TRUE);
  g_assert_true(is_removed(machine, "/etc/ssh/ssh_host_dsa_key"));
  g_assert_true(is_removed(machine, "/etc/ssh/ssh_host_dsa_key.pub"));
  g_assert_cmpint(plan_find(machine->plan, "/etc/ssh/ssh_host_dsa_key")->flags, ==, EDIT_SECRET | EDIT_FORGET_OLD);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
}

static void an_unknown_type_is_refused(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_write(machine->fixture, "/etc/ssh/ssh_host_key", "SSH PRIVATE KEY FILE FORMAT 1.1\n");
  g_assert_false(plan_keys(machine, TRUE, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, "/etc/ssh/ssh_host_key"));
}

static void a_dry_run_warns_of_a_missing_program(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(GError) error = NULL;

  write_key(machine, ED25519, ED25519_PUBLIC);
  g_assert_true(
      ssh_host_keys_plan(&machine->context, "/nonexistent/ssh-keygen", "/nonexistent", machine->plan, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
}

static void assert_warned(const PlanFixture *machine, const char *pattern) {
  for (guint i = 0; i < machine->plan->warnings->len; i++)
    if (g_pattern_match_simple(pattern, machine->plan->warnings->pdata[i]))
      return;
  g_error("no warning %s", pattern);
}

static void a_key_of_the_template_that_stays_is_named(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/ssh/sshd_config", "# keys\nHostKey /etc/ssh/gone\nHostKey " ED25519 "\n");
  write_key(machine, ED25519, ED25519_PUBLIC);
  fixture_write(machine->fixture, ED25519 ".bak", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
  fixture_write(machine->fixture, "/etc/ssh/old/ssh_host_rsa_key", "-----BEGIN RSA PRIVATE KEY-----\n");
  fixture_write(machine->fixture, ED25519 ".txt", "no key at all\n");
  fixture_write(machine->fixture, "/etc/dropbear/dropbear_rsa_host_key", "binary");
  fixture_write(machine->fixture, "/etc/dropbear/initramfs/dropbear_rsa_host_key", "binary");
  fixture_write(machine->fixture, "/etc/default/dropbear",
                "# -r /srv/none\nDROPBEAR_RSAKEY=/etc/dropbear/dropbear_rsa_host_key\n"
                "DROPBEAR_EXTRA_ARGS=\"-w -r /srv/one -r" ED25519 " -r /srv/gone\"\n");
  fixture_write(machine->fixture, "/etc/systemd/system/dropbear.service.d/key.conf",
                "[Service]\nExecStart=/usr/sbin/dropbear -F -r '/srv/two'\n");
  fixture_write(machine->fixture, "/srv/none", "binary");
  fixture_write(machine->fixture, "/srv/one", "binary");
  fixture_write(machine->fixture, "/srv/two", "binary");
  fixture_write(machine->fixture, "/etc/tinyssh/sshkeydir/.ed25519.sk", "binary");
  fixture_write(machine->fixture, "/etc/tinyssh/sshkeydir/ed25519.pk", "binary");
  run(machine, FALSE);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 8);
  assert_warned(machine, "/srv/one: *dropbearkey(1).");
  assert_warned(machine, "/srv/two: *dropbearkey(1).");
  assert_warned(machine, "/etc/tinyssh/sshkeydir/.ed25519.sk: *tinysshd-makekey(1).");
  assert_warned(machine, "/etc/ssh/sshd_config:2: the host key /etc/ssh/gone is not there*");
  assert_warned(machine, ED25519 ".bak is a copy of a private host key*");
  assert_warned(machine, "/etc/ssh/old/ssh_host_rsa_key is a copy of a private host key*");
  assert_warned(machine, "/etc/dropbear/dropbear_rsa_host_key: *dropbearkey(1).");
  assert_warned(machine, "/etc/dropbear/initramfs/dropbear_rsa_host_key: *update-initramfs -u).");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/step-ssh-host-keys/a-key-of-the-template-that-stays-is-named",
                  a_key_of_the_template_that_stays_is_named);
  g_test_add_func("/step-ssh-host-keys/a-machine-without-keys-has-nothing-to-do",
                  a_machine_without_keys_has_nothing_to_do);
  g_test_add_func("/step-ssh-host-keys/an-apply-plans-a-whole-new-pair", an_apply_plans_a_whole_new_pair);
  g_test_add_func("/step-ssh-host-keys/a-dry-run-only-says-which", a_dry_run_only_says_which);
  g_test_add_func("/step-ssh-host-keys/an-empty-key-is-made-anew-by-its-name", an_empty_key_is_made_anew_by_its_name);
  g_test_add_func("/step-ssh-host-keys/the-public-half-tells-the-curve", the_public_half_tells_the_curve);
  g_test_add_func("/step-ssh-host-keys/rsa-has-at-least-3072-bits", rsa_has_at_least_3072_bits);
  g_test_add_func("/step-ssh-host-keys/a-configured-key-elsewhere-is-made-anew-once",
                  a_configured_key_elsewhere_is_made_anew_once);
  g_test_add_func("/step-ssh-host-keys/an-agents-key-is-left", an_agents_key_is_left);
  g_test_add_func("/step-ssh-host-keys/certificates-of-old-keys-are-removed", certificates_of_old_keys_are_removed);
  g_test_add_func("/step-ssh-host-keys/a-dsa-key-is-removed-with-a-warning", a_dsa_key_is_removed_with_a_warning);
  g_test_add_func("/step-ssh-host-keys/an-unknown-type-is-refused", an_unknown_type_is_refused);
  g_test_add_func("/step-ssh-host-keys/a-dry-run-warns-of-a-missing-program", a_dry_run_warns_of_a_missing_program);
  return g_test_run();
}
