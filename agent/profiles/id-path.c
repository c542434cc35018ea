/* id-path.c - a NIC's place on its bus as udev calls it */
#include "id-path.h"

#include <stdio.h>
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

/* A NIC behind USB or with a function that is not the first has more in its name. */
char *id_path_name(const char *bus_path) {
  g_autofree char *path = id_path(bus_path);
  guint domain, bus, slot, function;

  if (path == NULL || sscanf(path, "pci-%4x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4 ||
      strchr(path, '.')[2] != '\0' || function != 0)
    return NULL;
  return domain != 0 ? g_strdup_printf("enP%up%us%u", domain, bus, slot) : g_strdup_printf("enp%us%u", bus, slot);
}
