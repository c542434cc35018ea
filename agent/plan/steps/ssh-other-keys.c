/* ssh-other-keys.c - private host keys of the template that are not regenerated: they are named */
#include "ssh-other-keys.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/names.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "ssh-key-type.h"

static gboolean is_regenerated(GPtrArray *regenerated, const char *path) {
  return g_ptr_array_find_with_equal_func(regenerated, path, g_str_equal, NULL);
}

/* What an earlier run prepared and did not bring is no copy: the next run replaces it. */
static gboolean is_prepared(GPtrArray *regenerated, const char *path) {
  g_autofree char *directory = g_path_get_dirname(path);
  g_autofree char *name = g_path_get_basename(path);

  if (name[0] != '.' || !g_str_has_suffix(name, RI_TEMPORARY_SUFFIX))
    return FALSE;
  name[strlen(name) - strlen(RI_TEMPORARY_SUFFIX)] = '\0';
  g_autofree char *target = g_build_filename(directory, name + 1, NULL);
  return is_regenerated(regenerated, target);
}

/* PEM, old and new: every private key of OpenSSH says so in its first line. */
static gboolean holds_private_key(GBytes *content) {
  gsize size = 0;
  const char *text = bytes_text(content, &size);

  return g_strstr_len(text, (gssize)size, "PRIVATE KEY-----") != NULL;
}

static gboolean warn_of_copies(const Root *root, GPtrArray *regenerated, Plan *plan, GError **error) {
  static const char *const places[] = {"/etc/ssh/*ssh_host_*key*", "/etc/ssh/.*ssh_host_*key*",
                                       "/etc/ssh/*/*ssh_host_*key*"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(root, places, G_N_ELEMENTS(places), paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++) {
    g_autoptr(GBytes) content = NULL;
    g_autofree char *resolved = NULL;

    if (!tree_read_file(root, paths->pdata[i], &content, &resolved, error))
      return FALSE;
    if (content != NULL && !is_regenerated(regenerated, resolved) && !is_prepared(regenerated, paths->pdata[i]) &&
        holds_private_key(content))
      plan_warn(plan, "%s is a copy of a private host key of the template, which sshd does not use: remove it.",
                (const char *)paths->pdata[i]);
  }
  return TRUE;
}

/* sshd_config(5), HostKeyAgent: PATH, or PATH.pub, is the public half of a key that an agent holds. */
static gboolean is_agents_key(const Root *root, const char *path) {
  g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
  const char *there = tree_means_regular_file(root, path) ? path : public_path;
  g_autoptr(GBytes) content = NULL;
  SshKeyType type;

  return tree_means_regular_file(root, there) && tree_read(root, there, &content, NULL, NULL) && content != NULL &&
         !holds_private_key(content) && ssh_key_type_of_public(content, &type);
}

static void warn_of_absent(const Root *root, const SshdConfig *config, Plan *plan) {
  list_each (const SshdPath *, key, config->host_keys) {
    if (is_agents_key(root, key->path))
      plan_warn(plan,
                "%s: the host key %s is the template's, and an agent holds its private half (HostKeyAgent): give the "
                "agent one of this machine's own.",
                key->where, key->path);
    else if (!tree_means_regular_file(root, key->path))
      plan_warn(plan, "%s: the host key %s is not there: sshd starts without it.", key->where, key->path);
  }
}

/* Add to PATHS the keys that FILE gives it: dropbear(8), -r, and what Debian's /etc/default/dropbear has instead. */
static gboolean find_named_keys(const Root *root, const char *file, GPtrArray *paths, GError **error) {
  g_autofree char *text = tree_text(root, file);
  g_autoptr(GRegex) names_key = NULL;
  g_auto(GStrv) lines = NULL;

  if (text == NULL)
    return TRUE;
  names_key = g_regex_new("(?:(?:^|[\\s\"'=])-r|DROPBEAR_\\w*KEY=)\\s*[\"']?(/[^\\s\"']+)", G_REGEX_RAW, 0, error);
  if (names_key == NULL)
    return FALSE;
  lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    g_autoptr(GMatchInfo) match = NULL;

    if ((*line)[strspn(*line, " \t")] == '#')
      continue;
    for (g_regex_match(names_key, *line, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
      g_autofree char *key = g_match_info_fetch(match, 1);
      if (!g_ptr_array_find_with_equal_func(paths, key, g_str_equal, NULL))
        g_ptr_array_add(paths, g_steal_pointer(&key));
    }
  }
  return TRUE;
}

static gboolean add_named_keys(const Root *root, GPtrArray *paths, GError **error) {
  static const char *const files[] = {"/etc/default/dropbear",
                                      "/etc/sysconfig/dropbear",
                                      "/etc/dropbear/initramfs/dropbear.conf",
                                      "/etc/dropbear-initramfs/config",
                                      "/etc/systemd/system/dropbear*.service",
                                      "/etc/systemd/system/dropbear*.service.d/*.conf"};
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(root, files, G_N_ELEMENTS(files), found, error))
    return FALSE;
  list_each (const char *, file, found)
    if (!find_named_keys(root, file, paths, error))
      return FALSE;
  return TRUE;
}

static gboolean warn_of_dropbear(const Root *root, GPtrArray *regenerated, Plan *plan, GError **error) {
  static const char *const patterns[] = {"/etc/dropbear/*_host_key*", "/etc/dropbear/*/*_host_key*",
                                         "/etc/dropbear-initramfs/*_host_key*", "/var/lib/dropbear/*_host_key*"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(root, patterns, G_N_ELEMENTS(patterns), paths, error) || !add_named_keys(root, paths, error))
    return FALSE;
  list_each (const char *, path, paths) {
    gboolean in_initramfs = strstr(path, "initramfs") != NULL;

    if (!g_str_has_suffix(path, ".pub") && tree_means_regular_file(root, path) && !is_regenerated(regenerated, path))
      plan_warn(plan,
                "%s: the template's host key of dropbear stays: remove it and make another with dropbearkey(1)%s.",
                path, in_initramfs ? ", then make the initramfs again (update-initramfs -u)" : "");
  }
  return TRUE;
}

/* tinysshd-makekey(1) makes a directory of keys, whose secret halves begin with a dot. */
static gboolean warn_of_tinyssh(const Root *root, Plan *plan, GError **error) {
  static const char *const patterns[] = {"/etc/tinyssh/.*.sk", "/etc/tinyssh/*/.*.sk"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(root, patterns, G_N_ELEMENTS(patterns), paths, error))
    return FALSE;
  list_each (const char *, path, paths)
    plan_warn(plan,
              "%s: the template's host key of tinysshd stays: remove its directory and make another with "
              "tinysshd-makekey(1).",
              path);
  return TRUE;
}

gboolean ssh_other_keys_warn(const Root *root, const SshdConfig *config, GPtrArray *regenerated, Plan *plan,
                             GError **error) {
  warn_of_absent(root, config, plan);
  return warn_of_copies(root, regenerated, plan, error) && warn_of_dropbear(root, regenerated, plan, error) &&
         warn_of_tinyssh(root, plan, error);
}
