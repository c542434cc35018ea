/* networkd-match.h - whether a .network file is for a NIC, by its [Match] (systemd.network(5)).
 */
#pragma once

#include "networkd-file.h"
#include "observe/nics.h"

/* networkd_may_match: FILE's names, MAC addresses, paths and drivers all fit NIC, or are not said. */
gboolean networkd_may_match(const NetworkdFile *file, const Nic *nic);

/* networkd_surely_matches: FILE is for NIC, and nothing that it asks for is left open. */
gboolean networkd_surely_matches(const NetworkdFile *file, const Nic *nic);

/* networkd_host_fits: Host=WORD, without a "!", is for a machine of that name and id: a pattern of fnmatch(3) in any
 * case, or a machine-id. */
gboolean networkd_host_fits(const char *word, const char *hostname, const char *machine_id);
gboolean networkd_host_is_machine_id(const char *word);
/* networkd_is_condition: KEY of [Match] asks for something of the machine or the NIC that no file here tells. */
gboolean networkd_is_condition(const char *key);
/* networkd_has_condition: FILE asks for something of that kind. */
gboolean networkd_has_condition(const NetworkdFile *file);
