/* early-nics.c - NICs that are up before this boot's network is: those of the root file system, and of the initramfs */
#include "early-nics.h"

#include <net/if.h>
#include <string.h>

#include "base/bytes.h"
#include "base/command-line.h"
#include "base/list.h"
#include "base/tree.h"

static char **words_of(const Root *hardware, const char *path, const char *separators) {
  g_autoptr(GBytes) content = NULL;
  gsize size = 0;

  if (!tree_read(hardware, path, &content, NULL, NULL) || content == NULL)
    return g_new0(char *, 1);
  const char *text = bytes_text(content, &size);
  g_autofree char *copy = g_strndup(text, size);
  return g_strsplit_set(copy, separators, -1);
}

/* dracut.cmdline(7), the kernel's nfsroot.txt, initramfs-tools(7). */
static gboolean command_line_has_network(const Root *hardware) {
  static const char *const prefixes[] = {
      "ip=",    "rd.neednet=1", "root=/dev/nfs", "root=nfs",      "nfsroot=",  "netroot=", "rd.iscsi",
      "iscsi_", "ISCSI_",       "root=iscsi:",   "root=/dev/nbd", "root=nbd:", "nbdroot=", NULL};
  g_auto(GStrv) words = command_line_words(hardware);

  for (char **word = words; *word != NULL; word++)
    for (gsize i = 0; prefixes[i] != NULL; i++)
      if (g_str_has_prefix(*word, prefixes[i]))
        return TRUE;
  return FALSE;
}

static gboolean root_lies_on_network(const Root *hardware) {
  static const char *const types[] = {"nfs", "nfs4", "ceph", "cifs", "fuse.glusterfs", NULL};
  g_auto(GStrv) sessions = tree_list(hardware, "/sys/class/iscsi_session", NULL);
  g_auto(GStrv) mounts = words_of(hardware, "/proc/mounts", "\n");

  if (sessions != NULL && sessions[0] != NULL)
    return TRUE;
  for (char **mount = mounts; *mount != NULL; mount++) {
    g_auto(GStrv) fields = g_strsplit(*mount, " ", 4);
    if (g_strv_length(fields) > 2 && strcmp(fields[1], "/") == 0 &&
        (g_strv_contains(types, fields[2]) || g_str_has_prefix(fields[0], "/dev/nbd")))
      return TRUE;
  }
  return FALSE;
}

static gboolean is_up(const Root *hardware, const char *name) {
  g_autofree char *flags_path = g_strdup_printf("/sys/class/net/%s/flags", name);
  g_autofree char *device_path = g_strdup_printf("/sys/class/net/%s/device", name);
  char flags[32];

  return root_exists(hardware, device_path) && root_read_line(hardware, flags_path, flags, sizeof flags) > 0 &&
         (g_ascii_strtoull(flags, NULL, 16) & IFF_UP) != 0;
}

char **early_nics(const Root *hardware) {
  g_autoptr(GPtrArray) found = g_ptr_array_new();

  if (command_line_has_network(hardware) || root_lies_on_network(hardware)) {
    g_auto(GStrv) names = tree_list(hardware, "/sys/class/net", NULL);
    for (char **name = names; name != NULL && *name != NULL; name++)
      if (is_up(hardware, *name))
        g_ptr_array_add(found, g_strdup(*name));
  }
  return list_strv(g_steal_pointer(&found));
}
