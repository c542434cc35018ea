/* netplan-judge.h - what netplan's own parser says of a set of files, before anything is written. */
#pragma once

#include "netplan-edit.h"

/* netplan_judge: the files of EDIT, as they were (AFTER is FALSE) or as they are to be, on a copy in a private
 * directory outside of the image. *REFUSAL is netplan's message; NULL: it takes them, or it is not installed where this
 * program runs. Errors: the copy cannot be made. */
gboolean netplan_judge(const NetplanEdit *edit, gboolean after, char **refusal,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* netplan_judge_is_own: the netplan that judges is ROOT's own, or ROOT has none. An image's may be another one, which
 * takes what that of this machine refuses. */
gboolean netplan_judge_is_own(const Root *root);
