/* ifupdown-profiles.h - /etc/network/interfaces and what it sources as profiles. */
#pragma once

#include "profiles/profile.h"

/* ifupdown_profiles: one for each interface, also where its stanzas stand in several files. Its id is the interface's
 * name there, which may be a logical one (`auto mac/00:50:56:aa:00:01=lan`). Not edited: what stands for several
 * interfaces, what several inherit from, and what a mapping script chooses. */
gboolean ifupdown_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error);

/* ifupdown_make: a file of its own where interfaces.d is sourced (interfaces_new_path), else stanzas at the end of
 * /etc/network/interfaces. */
gboolean ifupdown_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error);
