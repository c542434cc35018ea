/* ssh-key-type.c: real keys of each type, and bytes that are none. */

#include <glib/gstdio.h>
#include <string.h>

#include "plan/steps/ssh-key-type.h"
#include "plan/steps/ssh-keygen.h"

/* The machine's own ssh-keygen makes the samples: no private key lies in the tree. */
static void make(const char *dir, const char *const *options) {
  g_autoptr(GPtrArray) arguments = g_ptr_array_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *program = g_strdup(SSH_KEYGEN_PROGRAM);
  g_autofree char *file = g_build_filename(dir, "key", NULL);
  gint status = -1;

  g_ptr_array_add(arguments, program);
  for (const char *const *option = options; *option != NULL; option++)
    g_ptr_array_add(arguments, g_strdup(*option));
  g_ptr_array_add(arguments, g_strdup("-f"));
  g_ptr_array_add(arguments, file);
  g_ptr_array_add(arguments, NULL);
  g_spawn_sync(NULL, (char **)arguments->pdata, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status,
               &error);
  g_assert_no_error(error);
  g_assert_cmpint(status, ==, 0);
  for (guint i = 1; i + 2 < arguments->len; i++)
    g_free(g_ptr_array_index(arguments, i));
}

static GBytes *read_bytes(const char *dir, const char *name) {
  g_autofree char *path = g_build_filename(dir, name, NULL);
  g_autoptr(GError) error = NULL;
  char *content = NULL;
  gsize size = 0;

  g_file_get_contents(path, &content, &size, &error);
  g_assert_no_error(error);
  (void)g_unlink(path);
  return g_bytes_new_take(content, size);
}

static void check(const char *const *options, const char *name, unsigned bits, unsigned private_bits) {
  g_autofree char *dir = g_dir_make_tmp("reset-identity-test-XXXXXX", NULL);
  g_autoptr(GBytes) private_key = NULL;
  g_autoptr(GBytes) public_key = NULL;
  SshKeyType type = {0};

  make(dir, options);
  private_key = read_bytes(dir, "key");
  public_key = read_bytes(dir, "key.pub");
  g_assert_true(ssh_key_type_of_private(private_key, &type));
  g_assert_cmpstr(type.name, ==, name);
  g_assert_cmpuint(type.bits, ==, private_bits);
  type = (SshKeyType){0};
  g_assert_true(ssh_key_type_of_public(public_key, &type));
  g_assert_cmpstr(type.name, ==, name);
  g_assert_cmpuint(type.bits, ==, bits);
  g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void knows_ed25519(void) {
  static const char *const options[] = {"-q", "-t", "ed25519", "-N", "", NULL};

  check(options, "ed25519", 0, 0);
}

static void knows_the_curve_of_ecdsa(void) {
  static const char *const options[] = {"-q", "-t", "ecdsa", "-b", "384", "-N", "", NULL};

  check(options, "ecdsa", 384, 384);
}

static void knows_the_size_of_rsa(void) {
  static const char *const options[] = {"-q", "-t", "rsa", "-b", "1024", "-N", "", NULL};

  check(options, "rsa", 1024, 1024);
}

static void knows_rsa_in_pem(void) {
  static const char *const options[] = {"-q", "-t", "rsa", "-b", "1024", "-m", "PEM", "-N", "", NULL};

  check(options, "rsa", 1024, 0);
}

static void file_names_tell_too(void) {
  static const struct {
    const char *file, *name;
  } rows[] = {{"ssh_host_rsa_key", "rsa"},
              {"ssh_host_dsa_key", "dsa"},
              {"ssh_host_ecdsa_key", "ecdsa"},
              {"ssh_host_ed25519_key", "ed25519"}};
  SshKeyType type = {0};

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_assert_true(ssh_key_type_of_file_name(rows[i].file, &type));
    g_assert_cmpstr(type.name, ==, rows[i].name);
  }
  g_assert_false(ssh_key_type_of_file_name("ssh_host_key", &type));
}

static void bytes_that_are_no_key_tell_nothing(void) {
  static const char *const texts[] = {
      "",
      "ssh-rsa",
      "ssh-rsa ",
      "ssh-rsa AAAA",
      "ssh-rsa !!!! golden",
      "ssh-rsa AAAAB3NzaC1yc2E=",
      "ssh-rsa //////////8= golden",
      "-----BEGIN OPENSSH PRIVATE KEY-----",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA/////w==\n-----END OPENSSH PRIVATE KEY-----\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(GBytes) content = g_bytes_new(texts[i], strlen(texts[i]));
    SshKeyType type;

    g_assert_false(ssh_key_type_of_private(content, &type));
    g_assert_false(ssh_key_type_of_public(content, &type));
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ssh-key-type/knows-ed25519", knows_ed25519);
  g_test_add_func("/ssh-key-type/knows-the-curve-of-ecdsa", knows_the_curve_of_ecdsa);
  g_test_add_func("/ssh-key-type/knows-the-size-of-rsa", knows_the_size_of_rsa);
  g_test_add_func("/ssh-key-type/knows-rsa-in-pem", knows_rsa_in_pem);
  g_test_add_func("/ssh-key-type/file-names-tell-too", file_names_tell_too);
  g_test_add_func("/ssh-key-type/bytes-that-are-no-key-tell-nothing", bytes_that_are_no_key_tell_nothing);
  return g_test_run();
}
