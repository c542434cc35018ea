/* netplan-follow.h - what in netplan's files is the template's follows to the clone. */
#pragma once

#include "netplan-edit.h"

/* netplan_follow: UUIDs, MAC addresses, NIC names (ids that are one, and every place that means them), bus paths,
 * addresses and host names, by a table of keys. Errors: an anchor, alias, tag or merge key on what has to follow. */
gboolean netplan_follow(NetplanEdit *edit, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* netplan_follow_warn: of each other place that says such a value and still does. */
void netplan_follow_warn(const NetplanEdit *edit);

/* netplan_follow_warn_file: the same of a FILE that is not edited, whose lines nothing follows in. */
void netplan_follow_warn_file(const NetplanEdit *edit, const NetplanFile *file);
