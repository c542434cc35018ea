/* storage-volumes.c - what LVM and multipath remember of the template's disks */
#include "storage-volumes.h"

#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"

/* The text of PATH, "" where it is not there. */
static char *read_text(const Root *root, const char *path, GError **error) {
  g_autoptr(GBytes) content = NULL;

  if (!tree_read_file(root, path, &content, NULL, error))
    return NULL;
  return content != NULL ? bytes_dup(content) : g_strdup("");
}

/* Most machines have none of these files: then no pattern is compiled. */
static gboolean matches(const char *text, const char *pattern) {
  return text[strspn(text, "\n")] != '\0' && g_regex_match_simple(pattern, text, G_REGEX_MULTILINE | G_REGEX_RAW, 0);
}

/* lvm.conf is two thousand lines of comments with a few settings between them, and each pattern goes through all. */
static char *without_comments(const char *text) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  GString *out = g_string_new(NULL);

  for (char **line = lines; *line != NULL; line++)
    if ((*line)[strspn(*line, " \t\r")] != '#')
      g_string_append_printf(out, "%s\n", *line);
  return g_string_free(out, FALSE);
}

/* lvmdevices(8): an entry is found by the disk's id, and a clone's disk may have another one. Since 2.03.23 the file
 * has the machine's product UUID or host name, and LVM looks through all disks when that is another (lvm.conf,
 * device_ids_refresh): neither is to be edited. Before, the file is right for the template only. */
static gboolean check_devices_file(const PlanContext *context, const char *path, const char *configuration, Plan *plan,
                                   GError **error) {
  static const char by_disk[] = "^\\s*IDTYPE=(sys_wwid|sys_serial|wwid_\\w+|mpath_uuid|scmd\\w+)\\s.*$";
  g_autofree char *text = read_text(context->root, path, error);
  const gboolean heals = text != NULL && matches(text, "^(PRODUCT_UUID|HOSTNAME)=\\S") &&
                         !matches(configuration, "^\\s*device_ids_refresh\\s*=\\s*0");

  if (text != NULL && !heals && matches(text, by_disk))
    plan_warn(plan,
              "%s lists disks by ids that a clone's disks may not have, and LVM here does not look for them again: "
              "where volumes are missing, run `vgimportdevices -a`, or remove the file in the template.",
              path);
  return text != NULL;
}

/* lvmsystemid(7): a volume group belongs to the machine with the system id that it was made with. */
static void check_system_id(const char *configuration, Plan *plan) {
  if (matches(configuration, "^\\s*system_id_source\\s*=\\s*\"?(uname|machineid|appmachineid)"))
    plan_warn(plan,
              "/etc/lvm/lvm.conf: LVM's system id is made of the host name or the machine-id (system_id_source), which "
              "change: volume groups of the template's id are another machine's then. Put that id (`lvm systemid`) "
              "into extra_system_ids of /etc/lvm/lvmlocal.conf in the template.");
}

static gboolean check_lvm(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *shared = read_text(context->root, "/etc/lvm/lvm.conf", error);
  g_autofree char *local = shared != NULL ? read_text(context->root, "/etc/lvm/lvmlocal.conf", error) : NULL;

  if (local == NULL || !tree_glob(context->root, "/etc/lvm/devices/*.devices", paths, error))
    return FALSE;
  g_autofree char *both = g_strconcat(shared, "\n", local, NULL);
  g_autofree char *configuration = without_comments(both);
  if (!matches(configuration, "^\\s*extra_system_ids\\s*=\\s*\\[\\s*\""))
    check_system_id(configuration, plan);
  for (guint i = 0; !matches(configuration, "^\\s*use_devicesfile\\s*=\\s*0") && i < paths->len; i++)
    if (!check_devices_file(context, paths->pdata[i], configuration, plan, error))
      return FALSE;
  return TRUE;
}

/* multipathd gives a disk that it does not know the next free name: what is mounted by a name that is bound to the
 * template's disk is not found. */
static gboolean check_multipath(const PlanContext *context, Plan *plan, GError **error) {
  static const char *const users[] = {"/etc/fstab", "/etc/crypttab"};
  g_autofree char *bindings = read_text(context->root, "/etc/multipath/bindings", error);

  if (bindings == NULL)
    return FALSE;
  g_auto(GStrv) lines = g_strsplit(bindings, "\n", -1);
  for (gsize i = 0; i < G_N_ELEMENTS(users); i++) {
    g_autofree char *text = read_text(context->root, users[i], error);

    if (text == NULL)
      return FALSE;
    for (char **line = lines; *line != NULL; line++) {
      g_autofree char *alias = g_strndup(*line, strcspn(*line, " \t"));
      g_autofree char *escaped = g_regex_escape_string(alias, -1);
      g_autofree char *pattern = g_strdup_printf("^[^#\\n]*/dev/mapper/%s(-?p(art)?\\d+|\\d+)?\\s", escaped);

      if (*alias != '\0' && *alias != '#' && matches(text, pattern))
        plan_warn(plan,
                  "%s names /dev/mapper/%s, which /etc/multipath/bindings ties to a disk of the template: name what is "
                  "on it by UUID, or give the alias to the clone's disk.",
                  users[i], alias);
    }
  }
  return TRUE;
}

/* By what the hardware calls it, and not by what is on it (dm-uuid, md-uuid, lvm-pv-uuid). */
static gboolean check_disk_ids(const PlanContext *context, Plan *plan, GError **error) {
  static const char *const users[] = {"/etc/fstab", "/etc/crypttab"};

  for (gsize i = 0; i < G_N_ELEMENTS(users); i++) {
    g_autofree char *text = read_text(context->root, users[i], error);
    g_auto(GStrv) lines = text != NULL ? g_strsplit(text, "\n", -1) : NULL;

    if (lines == NULL)
      return FALSE;
    for (guint j = 0; lines[j] != NULL; j++)
      if (strstr(lines[j], "/dev/disk/by-id/") != NULL &&
          matches(lines[j], "^[^#]*/dev/disk/by-id/(ata|scsi|wwn|nvme|virtio|usb|mmc)-"))
        plan_warn(plan,
                  "%s:%u: a disk is named by its serial number here, and a clone's disk may have another: name what is "
                  "on it by UUID.",
                  users[i], j + 1);
  }
  return TRUE;
}

gboolean storage_volumes_check(const PlanContext *context, Plan *plan, GError **error) {
  return check_lvm(context, plan, error) && check_multipath(context, plan, error) &&
         check_disk_ids(context, plan, error);
}
