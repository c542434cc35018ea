/* scripts.c - addresses that a command puts on a NIC: in scripts (of ifupdown, dhclient, NetworkManager's and
 * networkd's dispatchers, rc.local), in units and in cron's files */
#include <string.h>

#include "address-command.h"
#include "base/each.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "static-address.h"

static const char *const script_places[] = {
    "/etc/network/if-pre-up.d/*",
    "/etc/network/if-up.d/*",
    "/etc/NetworkManager/dispatcher.d/*",
    "/etc/NetworkManager/dispatcher.d/*/*",
    "/etc/networkd-dispatcher/*.d/*",
    "/etc/sysconfig/network-scripts/ifup-*local",
    "/sbin/ifup-*local",
    "/etc/dhcp/dhclient-*-hooks",
    "/etc/dhcp/dhclient-*-hooks.d/*",
    "/etc/init.d/*",
    "/etc/rc.local",
    "/etc/rc.d/rc.local",
    "/var/lib/cloud/scripts/per-*/*",
};
/* The machine's own units, and not those of packages; cloud-init's bootcmd and runcmd. */
static const char *const command_places[] = {
    "/etc/systemd/system/*.service",
    "/etc/systemd/system/*.service.d/*.conf",
    "/etc/crontab",
    "/etc/cron.d/*",
    "/var/spool/cron/root",
    "/var/spool/cron/crontabs/root",
    "/etc/cloud/cloud.cfg",
    "/etc/cloud/cloud.cfg.d/*.cfg",
    "/var/lib/cloud/seed/*/user-data",
};

/* Most scripts have no address, and no line of them is worth its words. */
static gboolean may_have_address(const char *text) {
  for (const char *at = strpbrk(text, ".:"); at != NULL; at = strpbrk(at + 1, ".:"))
    if (*at == '.' ? at > text && g_ascii_isdigit(at[-1]) && g_ascii_isdigit(at[1])
                   : at[1] == ':' || g_ascii_isxdigit(at[1]))
      return TRUE;
  return FALSE;
}

/* One that cannot be read, or a program of any size, is no reason to reset nothing. */
static void read_script(const Root *root, const char *path, GPtrArray *found) {
  g_autofree char *text = tree_means_regular_file(root, path) ? tree_text(root, path) : NULL;
  g_auto(GStrv) lines = NULL;

  if (text == NULL || !may_have_address(text) || !text_file_joined_lines(root, path, &lines, NULL))
    return;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    lines[i][strcspn(lines[i], "#")] = '\0';
    if (!may_have_address(lines[i]))
      continue;
    g_autoptr(GPtrArray) filled = g_ptr_array_new();
    g_auto(GStrv) words = g_strsplit_set(lines[i], " \t", -1);
    for (char **word = words; *word != NULL; word++)
      if (**word != '\0')
        g_ptr_array_add(filled, *word);
    address_command_take(found, path, i + 1, NULL, (char **)filled->pdata, filled->len, TRUE);
  }
}

static gboolean read_places(const Root *root, const char *const *places, gsize n, const char *why_idle,
                            GPtrArray *found, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(root, places, n, paths, error))
    return FALSE;
  list_each (const char *, path, paths)
    read_script(root, path, found);
  list_each (StaticAddress *, item, found)
    item->why_idle = why_idle;
  return TRUE;
}

gboolean scripts_read(const Root *root, GPtrArray *found, GError **error) {
  return read_places(root, script_places, G_N_ELEMENTS(script_places), "whether it does is for the script to say",
                     found, error);
}

gboolean commands_read(const Root *root, GPtrArray *found, GError **error) {
  return read_places(root, command_places, G_N_ELEMENTS(command_places),
                     "when it is run is for the unit, cron or cloud-init to say", found, error);
}
