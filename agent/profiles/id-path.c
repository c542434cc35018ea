/* id-path.c - a NIC's place on its bus as udev calls it */
#include "id-path.h"

#include <string.h>

/* udev's ID_PATH (udev-builtin-path_id.c): the PCI device nearest to the NIC, and what USB has behind it. */
char *id_path(const char *bus_path) {
  g_auto(GStrv) parts = g_strsplit(bus_path, "/", -1);
  g_autofree char *path = NULL;
  const char *usb = NULL;

  for (char **part = parts; *part != NULL; part++) {
    if (g_pattern_match_simple("????:??:??.?", *part)) {
      g_free(path);
      path = g_strconcat("pci-", *part, NULL);
      usb = NULL;
    } else if (strchr(*part, '-') != NULL && strchr(*part, ':') != NULL && g_ascii_isdigit(**part)) {
      usb = strchr(*part, '-') + 1;
    }
  }
  if (path != NULL && usb != NULL)
    return g_strconcat(path, "-usb-0:", usb, NULL);
  return g_steal_pointer(&path);
}
