/* initramfs.c - what the template built into its initramfs */
#include "initramfs.h"

#include <string.h>

#include "base/command-line.h"
#include "base/each.h"
#include "base/glob.h"
#include "base/tree-entry.h"
#include "base/tree.h"

/* The one that comes first is asked by the package manager too, where two are there. */
static const struct {
  const char *program, *command;
} builders[] = {
    {"/usr/sbin/update-initramfs", "update-initramfs -u -k all"},
    {"/usr/bin/mkinitcpio", "mkinitcpio -P"},
    {"/usr/bin/dracut", "dracut -f --regenerate-all"},
    {"/usr/sbin/dracut", "dracut -f --regenerate-all"},
    {"/sbin/update-initramfs", "update-initramfs -u -k all"},
    {"/sbin/dracut", "dracut -f --regenerate-all"},
};

static const char *find_command(const Root *root) {
  for (gsize i = 0; i < G_N_ELEMENTS(builders); i++)
    if (tree_means_regular_file(root, builders[i].program))
      return builders[i].command;
  return NULL;
}

static gboolean is_held(const char *path) {
  return glob_fits("/etc/systemd/network/*.link", path) || glob_fits("/etc/systemd/network/*.link.d/*.conf", path) ||
         glob_fits("/etc/udev/rules.d/*.rules", path);
}

/* dracut.cmdline(7), initramfs-tools(7): it has a network before the root is there. */
static gboolean says_network(const char *word) {
  static const char *const others[] = {"rd.neednet=1", "netroot=", "nfsroot=", "root=nfs", "root=/dev/nfs",
                                       "rd.iscsi.",    "iscsi_",   "rd.nvmf.", "boot=nfs"};
  const char *ip = command_line_value(word, "ip");

  if (ip != NULL)
    return strcmp(ip, "off") != 0 && strcmp(ip, "none") != 0;
  for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
    if (g_str_has_prefix(word, others[i]))
      return TRUE;
  return FALSE;
}

static gboolean has_network(const PlanContext *context) {
  g_auto(GStrv) words = command_line_words(context->hardware);

  for (char **word = words; *word != NULL; word++)
    if (says_network(*word))
      return TRUE;
  return FALSE;
}

/* initramfs.conf(5), IP=; dracut.conf(5), kernel_cmdline=, and the files that are copied as they are
 * (dracut.cmdline(7)); where it is an address. */
static const struct {
  const char *glob, *word, *pattern;
} addresses[] = {
    {"/etc/initramfs-tools/initramfs.conf", "IP=", "^\\s*(export\\s+)?IP=[\"']?[0-9\\[]"},
    {"/etc/initramfs-tools/conf.d/*", "IP=", "^\\s*(export\\s+)?IP=[\"']?[0-9\\[]"},
    {"/etc/dracut.conf", "ip=", "^\\s*kernel_cmdline\\+?=.*[\"'\\s]ip=[0-9\\[]"},
    {"/etc/dracut.conf.d/*.conf", "ip=", "^\\s*kernel_cmdline\\+?=.*[\"'\\s]ip=[0-9\\[]"},
    {"/etc/cmdline.d/*.conf", "ip=", "^([^#\\n]*\\s)?ip=[0-9\\[]"},
};

static gboolean warn_of_address(const PlanContext *context, gsize row, const char *command, Plan *plan,
                                GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (context->verdict != VERDICT_CLONE)
    return TRUE;
  if (!tree_glob(context->root, addresses[row].glob, paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++) {
    g_autofree char *text = tree_text(context->root, paths->pdata[i]);

    if (text != NULL && strstr(text, addresses[row].word) != NULL &&
        g_regex_match_simple(addresses[row].pattern, text, G_REGEX_MULTILINE | G_REGEX_RAW, 0))
      plan_warn(plan,
                "%s: %s gives the initramfs a static address, the template's on every clone: take it out, then run "
                "`%s` in the template.",
                (const char *)paths->pdata[i], addresses[row].word, command);
  }
  return TRUE;
}

gboolean initramfs_check(const PlanContext *context, Plan *plan, GError **error) {
  const char *command = find_command(context->root);
  g_autoptr(GString) held = g_string_new(NULL);

  if (command == NULL)
    return TRUE;
  list_each (const Edit *, edit, plan->edits)
    if (is_held(edit->path))
      g_string_append_printf(held, "%s%s", held->len > 0 ? ", " : "", edit->path);
  if (held->len > 0)
    plan_warn(
        plan,
        "The initramfs may have the template's copy of what is edited here (%s): build it again on the clone (%s).",
        held->str, command);
  if (context->verdict == VERDICT_CLONE && has_network(context))
    plan_warn(plan,
              "The initramfs brings the network up by itself (/proc/cmdline), with the host name and the profiles that "
              "the template built into it: build it again on the clone (%s).",
              command);
  for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++)
    if (!warn_of_address(context, i, command, plan, error))
      return FALSE;
  return TRUE;
}
