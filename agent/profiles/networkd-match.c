/* networkd-match.c - whether a .network file is for a NIC, by its [Match] */
#include "networkd-match.h"

#include "id-path.h"
#include "mac-notation.h"
#include "observe/mac-address.h"

static gboolean macs_fit(const NetworkdFile *file, const char *key, const char *mac) {
  g_auto(GStrv) words = networkd_file_words(file, "Match", key);

  if (words[0] == NULL)
    return TRUE;
  for (char **word = words; *word != NULL; word++) {
    g_autofree char *canonical = mac_notation_canonical(*word);
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
         macs_fit(file, "PermanentMACAddress", nic->mac) && patterns_fit(file, "Path", path);
}
