/* netplan-family.h - what one address family of one interface becomes in netplan's files.
 *
 * An interface may stand in several files: lists add up, and other keys of a later file win. What is there is changed
 * where it stands, what is new goes to the profile's own file.
 */
#pragma once

#include "netplan-edit.h"
#include "plan/outcome.h"

/* netplan_edit_family: PROFILE, which is edited, gets OUTCOME. Errors: what stands for more than what has to change,
 * and files that nobody edits and that say the same. */
gboolean netplan_edit_family(NetplanEdit *edit, const Profile *profile, const Outcome *outcome,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
