/* step-boot-entries.c - boot entries that are named by the template's machine-id, and the id that stands in them */
#include <string.h>

#include "base/bytes.h"
#include "base/command-line.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/plan-tree.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"

#define STEP "boot-entries"

static const char token_file[] = "/etc/kernel/entry-token";
static const char machine_info_file[] = "/etc/machine-info";
static const char machine_info_key[] = "KERNEL_INSTALL_MACHINE_ID";
static const char keeps_name[] = "kernels installed later keep the name of the boot entries that are here";

/* Entries are never renamed: what boots today boots tomorrow. The name that they have becomes the one that is written
 * down for those to come, so that a kernel that is removed takes its entry along. */
typedef struct {
  const PlanContext *context;
  Plan *plan;
  const char *old_id, *new_id;
  char *named;            /* a file or directory that is named by the old id; NULL: none is */
  gboolean has_directory; /* kernels lie in a directory of that name: kernel-install's layout "bls" */
  gboolean by_token;      /* what installs kernels here reads entry-token (systemd 251) */
  gboolean by_info;       /* it reads machine-info (systemd 249) */
  gboolean names_by_id;   /* a plugin of it names entries by what machine-info says: GRUB's */
} Entries;

static gboolean holds(const Root *root, const char *path, const char *word) {
  g_autoptr(GBytes) content = NULL;
  gsize size = 0;

  if (!tree_read_file(root, path, &content, NULL, NULL) || content == NULL)
    return FALSE;
  const char *text = bytes_text(content, &size);
  return memmem(text, size, word, strlen(word)) != NULL;
}

/* $BOOT of kernel-install(8). */
static gboolean find_named(Entries *entries, GError **error) {
  static const char *const boots[] = {"/boot", "/efi", "/boot/efi"};
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);

  for (gsize i = 0; i < G_N_ELEMENTS(boots); i++) {
    g_autofree char *files = g_strdup_printf("%s/loader/entries/%s-*.conf", boots[i], entries->old_id);
    g_autofree char *images = g_strdup_printf("%s/EFI/Linux/%s-*.efi", boots[i], entries->old_id);
    g_autofree char *directory = g_build_filename(boots[i], entries->old_id, NULL);

    if (!tree_glob(entries->context->root, files, found, error) ||
        !tree_glob(entries->context->root, images, found, error))
      return FALSE;
    if (!tree_is_directory(entries->context->root, directory))
      continue;
    entries->has_directory = TRUE;
    g_ptr_array_add(found, g_steal_pointer(&directory));
  }
  entries->named = found->len > 0 ? g_strdup(found->pdata[0]) : NULL;
  return TRUE;
}

/* By what the programs say in themselves: script and binary alike name the files that they read. */
static gboolean find_readers(Entries *entries, GError **error) {
  static const char *const programs[] = {"/usr/bin/kernel-install", "/bin/kernel-install", "/usr/bin/sdbootutil",
                                         "/usr/sbin/sdbootutil"};
  static const char *const plugins[] = {"/etc/kernel/install.d/*.install", "/usr/lib/kernel/install.d/*.install"};
  const Root *root = entries->context->root;
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
    entries->by_token |= holds(root, programs[i], "entry-token");
    entries->by_info |= holds(root, programs[i], "machine-info");
  }
  if (!tree_glob_all(root, plugins, G_N_ELEMENTS(plugins), paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    entries->names_by_id |= holds(root, paths->pdata[i], machine_info_key) &&
                            holds(root, paths->pdata[i], "loader/entries") &&
                            !holds(root, paths->pdata[i], "ENTRY_TOKEN");
  return TRUE;
}

/* *PINNED: a name is written down already, ours or another. */
static gboolean pin_by_token(const Entries *entries, gboolean *pinned, GError **error) {
  g_autofree char *text = g_strconcat(entries->old_id, "\n", NULL);
  g_autoptr(GBytes) content = g_bytes_new(text, strlen(text));
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_read_file(entries->context->root, token_file, &old, &resolved, error))
    return FALSE;
  if (old != NULL) {
    g_autofree char *token = bytes_dup(old);

    *pinned = *g_strstrip(token) != '\0';
  }
  if (*pinned || !entries->by_token)
    return TRUE;
  plan_make_parents(entries->plan, entries->context->root, STEP, token_file, keeps_name);
  (void)plan_write(entries->plan, STEP, resolved != NULL ? resolved : token_file, old, content, keeps_name);
  *pinned = TRUE;
  return TRUE;
}

/* TEXT without the lines that set KEY; *HAD: the last such value, unquoted. */
static char *without_key(const char *text, const char *key, char **had) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  GString *out = g_string_new(NULL);

  for (char **line = lines; *line != NULL; line++) {
    const char *start = *line + strspn(*line, " \t");

    if (g_str_has_prefix(start, key) && start[strlen(key)] == '=') {
      g_free(*had);
      *had = g_strdup(start + strlen(key) + 1);
      g_strdelimit(*had, "\"'", ' ');
      g_strstrip(*had);
    } else {
      g_string_append_printf(out, "%s%s", *line, line[1] != NULL ? "\n" : "");
    }
  }
  return g_string_free(out, FALSE);
}

/* machine-info as the plan has it: the pretty host name may have been changed in it. */
static gboolean read_machine_info(const Entries *entries, GBytes **old, char **resolved, char **text, GError **error) {
  if (!tree_read(entries->context->root, machine_info_file, old, resolved, error))
    return FALSE;
  const Edit *edit = plan_find(entries->plan, *resolved);
  if (edit != NULL && edit->content != NULL)
    *text = bytes_dup(edit->content);
  else
    *text = *old != NULL ? bytes_dup(*old) : g_strdup("");
  return TRUE;
}

static void write_machine_info(const Entries *entries, GBytes *old, const char *path, const char *text,
                               const char *why) {
  g_autoptr(GBytes) content = g_bytes_new(text, strlen(text));
  Edit *edit = plan_find(entries->plan, path);

  if (edit != NULL)
    plan_amend(edit, content, why);
  else
    (void)plan_write(entries->plan, STEP, path, old, content, why);
}

/* Before systemd 251 the name comes from machine-info alone, and GRUB's plugin goes by it today. But where kernels lie
 * in a directory of the name, kernel-install would take the old id for the machine's own, and write it as
 * systemd.machine_id= into each entry to come: PID 1 would make it the machine-id again. */
static gboolean pin_by_machine_info(const Entries *entries, gboolean *pinned, GError **error) {
  const gboolean needed = entries->by_info && (!entries->by_token || (entries->names_by_id && !entries->has_directory));
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;
  g_autofree char *text = NULL;
  g_autofree char *had = NULL;

  if (!read_machine_info(entries, &old, &resolved, &text, error))
    return FALSE;
  g_autofree char *rest = without_key(text, machine_info_key, &had);
  *pinned = *pinned || (entries->by_info && (had != NULL || needed));
  if (had == NULL && needed) {
    g_autofree char *more =
        g_strdup_printf("%s%s%s=%s\n", rest, *rest == '\0' || g_str_has_suffix(rest, "\n") ? "" : "\n",
                        machine_info_key, entries->old_id);

    write_machine_info(entries, old, resolved, more, keeps_name);
  } else if (had != NULL && g_ascii_strcasecmp(had, entries->old_id) == 0 && entries->by_token &&
             entries->has_directory) {
    write_machine_info(entries, old, resolved, rest, "kernels installed later would bring the template's id back");
  }
  return TRUE;
}

static gboolean pin_name(Entries *entries, GError **error) {
  gboolean pinned = FALSE;

  if (!find_named(entries, error))
    return FALSE;
  if (entries->named == NULL)
    return TRUE;
  if (!find_readers(entries, error) || !pin_by_token(entries, &pinned, error) ||
      !pin_by_machine_info(entries, &pinned, error))
    return FALSE;
  if (!pinned)
    plan_warn(entries->plan,
              "%s is named by the template's machine-id, and what installs kernels here cannot be told to keep the "
              "name: it boots as before, but kernels installed later have the new name, and this one stays in the menu "
              "when its kernel is removed: remove it then.",
              entries->named);
  return TRUE;
}

/* Where a kernel command line is written, and the entries themselves. */
static const char *const followed[] = {
    "/boot/loader/entries/*.conf",
    "/efi/loader/entries/*.conf",
    "/boot/efi/loader/entries/*.conf",
    "/etc/kernel/cmdline",
    "/etc/default/grub",
    "/etc/default/grub.d/*.cfg",
    "/boot/grub/grub.cfg",
    "/boot/grub/grubenv",
    "/boot/grub2/grub.cfg",
    "/boot/grub2/grubenv",
    "/boot/efi/EFI/*/grub.cfg",
    "/boot/efi/EFI/*/grubenv",
    "/boot/extlinux/extlinux.conf",
    "/boot/cmdline.txt",
    "/boot/firmware/cmdline.txt",
    "/extlinux/extlinux.conf",
    "/boot/uEnv.txt",
    "/boot/firmware/uEnv.txt",
    "/boot/armbianEnv.txt",
    "/boot/refind_linux.conf",
    "/boot/syslinux/syslinux.cfg",
};

/* In effect only when zipl(8), or mkimage(1), has read it again: an id changed there would not count at the next boot,
 * and what is said of the kernel command line would be left out. */
static const char *const named[] = {"/etc/zipl.conf", "/boot/boot.cmd"};

/* The boot loader sorts by an entry's machine-id before it looks at versions; PID 1 makes systemd.machine_id= the
 * machine-id at every boot. The new id is as long as the old one. */
static gboolean follow_file(const Entries *entries, const char *path, const char *pattern, const char *with,
                            guint *n_options, GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autoptr(GRegex) regex = NULL;
  g_autofree char *resolved = NULL;
  gsize size = 0;

  if (!tree_read_file(entries->context->root, path, &old, &resolved, error))
    return FALSE;
  if (old == NULL || plan_find(entries->plan, resolved) != NULL)
    return TRUE;
  const char *text = bytes_text(old, &size);
  if (size == 0 || memchr(text, '\0', size) != NULL)
    return TRUE;
  regex = g_regex_new(pattern, G_REGEX_MULTILINE | G_REGEX_CASELESS | G_REGEX_RAW, 0, error);
  char *replaced = regex != NULL ? g_regex_replace(regex, text, (gssize)size, 0, with, 0, error) : NULL;
  if (replaced == NULL)
    return FALSE;
  content = bytes_take(replaced);
  if (plan_write(entries->plan, STEP, resolved, old, content, "the machine-id that stands in it follows") != NULL)
    *n_options += memmem(text, size, "systemd.machine_id=", strlen("systemd.machine_id=")) != NULL;
  return TRUE;
}

static gboolean follow_ids(const Entries *entries, guint *n_options, GError **error) {
  g_autofree char *pattern =
      g_strdup_printf("(^[ \\t]*machine-id[ \\t]+|systemd\\.machine_id=)%s(?![0-9a-f-])", entries->old_id);
  g_autofree char *with = g_strdup_printf("\\g<1>%s", entries->new_id);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(entries->context->root, followed, G_N_ELEMENTS(followed), paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!follow_file(entries, paths->pdata[i], pattern, with, n_options, error))
      return FALSE;
  return TRUE;
}

/* In a unified kernel image, or given by the firmware or the network: nobody can change it from here. */
static void warn_of_command_line(const Entries *entries, guint n_options) {
  g_auto(GStrv) words = command_line_words(entries->context->hardware);

  for (char **word = words; *word != NULL; word++) {
    const char *value = command_line_value(*word, "systemd.machine_id");

    if (value != NULL && (n_options == 0 || g_ascii_strcasecmp(value, entries->old_id) != 0))
      plan_warn(entries->plan,
                "/proc/cmdline:1: %s on the kernel command line takes the place of /etc/machine-id at every boot: "
                "remove it from the boot loader's configuration",
                *word);
  }
}

/* ip=, ifname= and the like, where they are written down. What grub-mkconfig makes of them follows by it. */
static gboolean warn_of_mentions(const PlanContext *context, Plan *plan, GError **error) {
  static const ScannedFormat format = {.step = STEP, .reader = tokens_of_lines};

  for (gsize i = 0; i < G_N_ELEMENTS(followed); i++)
    if (!g_str_has_suffix(followed[i], "/grub.cfg") && !scanner_glob(context, &format, followed[i], plan, error))
      return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(named); i++)
    if (!scanner_glob(context, &format, named[i], plan, error))
      return FALSE;
  return TRUE;
}

gboolean step_boot_entries(const PlanContext *context, Plan *plan, GError **error) {
  const Identity *identity = context->identity;
  Entries entries = {
      .context = context, .plan = plan, .old_id = identity->old_machine_id, .new_id = identity->machine_id};
  guint n_options = 0;

  if (!warn_of_mentions(context, plan, error))
    return FALSE;
  if (*entries.new_id == '\0' || strcmp(entries.old_id, entries.new_id) == 0)
    return TRUE;
  if (*entries.old_id != '\0') {
    gboolean good = pin_name(&entries, error);

    g_free(entries.named);
    if (!good || !follow_ids(&entries, &n_options, error))
      return FALSE;
  }
  warn_of_command_line(&entries, n_options);
  return TRUE;
}
