/* networkd-match.c - whether a .network file is for a NIC, by its [Match] */
#include "networkd-match.h"

#include <fnmatch.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "observe/mac-address.h"
#include "profiles/id-path.h"
#include "profiles/mac-notation.h"

static gboolean macs_fit(const NetworkdFile *file, const char *key, const char *mac) {
  g_auto(GStrv) words = networkd_file_words(file, "Match", key);

  if (words[0] == NULL)
    return TRUE;
  for (char **word = words; *word != NULL; word++) {
    g_autofree char *canonical = mac_notation_of_systemd(*word);
    if (canonical != NULL && mac_equal(canonical, mac))
      return TRUE;
  }
  return FALSE;
}

/* TEXT NULL: it is not known. */
static gboolean patterns_fit(const NetworkdFile *file, const char *key, const char *text) {
  g_auto(GStrv) words = networkd_file_words(file, "Match", key);

  return words[0] == NULL || text == NULL || networkd_names_fit(words, text);
}

gboolean networkd_may_match(const NetworkdFile *file, const Nic *nic) {
  g_autofree char *path = id_path(nic->bus_path);

  return patterns_fit(file, "Name", nic->name) && macs_fit(file, "MACAddress", nic->mac) &&
         macs_fit(file, "PermanentMACAddress", nic->mac) && patterns_fit(file, "Path", path) &&
         patterns_fit(file, "Driver", *nic->driver != '\0' ? nic->driver : NULL);
}

gboolean networkd_host_is_machine_id(const char *word) {
  sd_id128_t id;

  return sd_id128_from_string(word, &id) >= 0;
}

gboolean networkd_host_fits(const char *word, const char *hostname, const char *machine_id) {
  sd_id128_t asked, own;

  if (sd_id128_from_string(word, &asked) >= 0)
    return sd_id128_from_string(machine_id, &own) >= 0 && sd_id128_equal(asked, own);
  return fnmatch(word, hostname, FNM_CASEFOLD) == 0;
}

static const char *const conditions[] = {
    "Virtualization", "KernelCommandLine", "KernelVersion", "Version", "Credential",        "Architecture",
    "Firmware",       "Property",          "SSID",          "BSSID",   "WLANInterfaceType", NULL};

gboolean networkd_is_condition(const char *key) {
  return g_strv_contains(conditions, key);
}

gboolean networkd_has_condition(const NetworkdFile *file) {
  for (const char *const *key = conditions; *key != NULL; key++)
    if (networkd_file_value(file, "Match", *key) != NULL)
      return TRUE;
  return FALSE;
}

/* A NIC's own type is not known here; what is called wl... and ww... is no Ethernet. */
static gboolean may_be_no_ethernet(const Nic *nic) {
  return mac_is_infiniband(nic->mac) || g_str_has_prefix(nic->name, "wl") || g_str_has_prefix(nic->name, "ww");
}

gboolean networkd_surely_matches(const NetworkdFile *file, const Nic *nic) {
  static const char *const open_ones[] = {"Kind", "Host", "Driver"};
  static const char *const sure_ones[] = {"Name", "MACAddress", "PermanentMACAddress", "Path"};
  g_auto(GStrv) types = networkd_file_words(file, "Match", "Type");
  gboolean says = types[0] != NULL;

  if (says && (strcmp(types[0], "ether") != 0 || may_be_no_ethernet(nic)))
    return FALSE;
  if (file->refused != NULL || networkd_has_condition(file) || !networkd_may_match(file, nic))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(open_ones); i++)
    if (networkd_file_value(file, "Match", open_ones[i]) != NULL)
      return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(sure_ones); i++) {
    g_auto(GStrv) words = networkd_file_words(file, "Match", sure_ones[i]);
    says |= words[0] != NULL;
  }
  return says;
}
