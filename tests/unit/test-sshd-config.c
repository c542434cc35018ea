/* sshd-config.c: the host keys that sshd is configured for, wherever the lines are. */
#include "fixture.h"
#include "plan/steps/sshd-config.h"

static char *joined(GPtrArray *paths) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < paths->len; i++)
    g_string_append_printf(text, "%s ", ((const SshdPath *)g_ptr_array_index(paths, i))->path);
  return g_string_free(text, FALSE);
}

static void assert_keys(Fixture *fixture, const char *expected) {
  g_autoptr(GError) error = NULL;
  g_autoptr(SshdConfig) config = sshd_config_read(&fixture->root, &error);
  g_autofree char *keys = NULL;

  g_assert_no_error(error);
  keys = joined(config->host_keys);
  g_assert_cmpstr(keys, ==, expected);
}

static void no_file_is_no_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  assert_keys(fixture, "");
}

static void reads_keywords_as_sshd_does(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/ssh/sshd_config",
                "#HostKey /etc/ssh/commented\nHostKey /a\n  hostkey\t/b # why\r\nHOSTKEY=/c\nHostKey \"/with blank\"\n"
                "HostKeyAlgorithms /no\nHostKey\nHostKey /a\nHostKey relative");
  assert_keys(fixture, "/a /b /c /with blank /relative ");
}

/* As `sshd -T` of OpenSSH 9.2 shows them. */
static void reads_quotes_as_sshd_does(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/ssh/sshd_config",
                "HostKey '/single'\nHostKey /my\\ key\nHostKey /k=1\nHostKey = /spaced\nHostKey=\"/a b\"'c'\n"
                "HostKey '/it\\'s'\nHostKey /back\\\\slash\nHostKey /c#d\nHostKey '/open\nHostKey \"\"\n");
  assert_keys(fixture, "/single /my key /k=1 /spaced /a bc /it's /back\\slash /c#d /open ");
}

static void reads_the_command_line_of_sshd(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/ssh/sshd_config", "HostKey /file\n");
  fixture_write(fixture, "/etc/default/ssh", "# SSHD_OPTS=-h /no\nSSHD_OPTS=\"-4Dh /debian -u0 -oHostKey=/option\"\n");
  fixture_write(fixture, "/etc/sysconfig/sshd", "OPTIONS='-f /etc/ssh/other -p 22'\nCRYPTO_POLICY=-h /no\n");
  fixture_write(fixture, "/etc/ssh/other", "HostKey /other\n");
  fixture_write(fixture, "/etc/systemd/system/ssh.service.d/keys.conf",
                "[Service]\nExecStart=\nExecStart=-/usr/sbin/sshd -D $SSHD_OPTS -h \"/drop in\" -o 'HostKey /word'\n");
  fixture_write(fixture, "/etc/systemd/system/sshd-keygen@.service",
                "[Service]\nExecStart=/usr/bin/ssh-keygen -f /etc/ssh/ssh_host_x_key -h /no\n");
  assert_keys(fixture, "/file /debian /option /other /drop in /word ");
}

static void follows_includes_and_globs_below_the_root(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/ssh/sshd_config",
                "Include /etc/ssh/sshd_config.d/*.conf more.conf\nInclude /etc/*/keys\nHostKey /last\n");
  fixture_write(fixture, "/etc/ssh/sshd_config.d/20-b.conf", "HostKey /b\n");
  fixture_write(fixture, "/etc/ssh/sshd_config.d/10-a.conf", "HostKey /a\n");
  fixture_write(fixture, "/etc/ssh/sshd_config.d/.hidden.conf", "HostKey /hidden\n");
  fixture_write(fixture, "/etc/ssh/sshd_config.d/note.txt", "HostKey /note\n");
  fixture_mkdir(fixture, "/etc/ssh/sshd_config.d/30-dir.conf");
  fixture_write(fixture, "/etc/ssh/more.conf", "HostKey /more\n");
  fixture_write(fixture, "/etc/site/keys", "HostKey /site\n");
  fixture_write(fixture, "/etc/plain", "no directory\n");
  assert_keys(fixture, "/a /b /more /site /last ");
}

static void includes_without_end_end(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/etc/ssh/sshd_config", "HostKey /a\nInclude sshd_config\n");
  assert_keys(fixture, "/a ");
}

static void reads_certificates(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(SshdConfig) config = NULL;
  g_autofree char *certificates = NULL;

  fixture_write(fixture, "/etc/ssh/sshd_config", "HostCertificate /etc/ssh/host-cert.pub\n");
  config = sshd_config_read(&fixture->root, NULL);
  certificates = joined(config->certificates);
  g_assert_cmpstr(certificates, ==, "/etc/ssh/host-cert.pub ");
}

static void reads_the_vendor_file_where_there_is_no_other(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/usr/etc/ssh/sshd_config", "HostKey /vendor\n");
  assert_keys(fixture, "/vendor ");
}

static void bytes_that_are_no_text_do_no_harm(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write_bytes(fixture, "/etc/ssh/sshd_config", "HostKey \"/open\n\xff\xfe\0HostKey /b\n", 27, 0644);
  assert_keys(fixture, "/open ");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/sshd-config/no-file-is-no-error", no_file_is_no_error);
  g_test_add_func("/sshd-config/reads-keywords-as-sshd-does", reads_keywords_as_sshd_does);
  g_test_add_func("/sshd-config/reads-quotes-as-sshd-does", reads_quotes_as_sshd_does);
  g_test_add_func("/sshd-config/reads-the-command-line-of-sshd", reads_the_command_line_of_sshd);
  g_test_add_func("/sshd-config/follows-includes-and-globs-below-the-root", follows_includes_and_globs_below_the_root);
  g_test_add_func("/sshd-config/includes-without-end-end", includes_without_end_end);
  g_test_add_func("/sshd-config/reads-certificates", reads_certificates);
  g_test_add_func("/sshd-config/reads-the-vendor-file-where-there-is-no-other",
                  reads_the_vendor_file_where_there_is_no_other);
  g_test_add_func("/sshd-config/bytes-that-are-no-text-do-no-harm", bytes_that_are_no_text_do_no_harm);
  return g_test_run();
}
