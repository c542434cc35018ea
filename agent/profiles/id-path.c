/* id-path.c - a NIC's place on its bus as udev calls it */
#include "id-path.h"

#include <stdio.h>
#include <string.h>

#include "base/glob.h"

/* udev's ID_PATH (udev-builtin-path_id.c): the PCI device nearest to the NIC, and what USB has behind it. */
char *id_path(const char *bus_path) {
  g_auto(GStrv) parts = g_strsplit(bus_path, "/", -1);
  g_autofree char *path = NULL;
  const char *usb = NULL;

  for (char **part = parts; *part != NULL; part++) {
    if (glob_fits("????:??:??.?", *part)) {
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

const char *id_path_device(const char *path) {
  return glob_fits("pci-????:??:??.?", path) ? path + strlen("pci-") : NULL;
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

char *id_mac_name(const Nic *nic) {
  const char *kind = g_str_has_prefix(nic->name, "wl") || g_str_has_prefix(nic->name, "ww") ? nic->name : "en";
  g_auto(GStrv) bytes = g_strsplit(nic->mac, ":", -1);
  g_autofree char *digits = g_strjoinv("", bytes);

  return g_strv_length(bytes) == 6 ? g_strdup_printf("%.2sx%s", kind, digits) : NULL;
}

gboolean id_path_is_other_name(const Nic *nic, const char *name) {
  g_autofree char *by_path = id_path_name(nic->bus_path);
  g_autofree char *by_mac = id_mac_name(nic);

  return g_strcmp0(by_path, name) == 0 || g_strcmp0(by_mac, name) == 0;
}
