/* ifupdown-profiles.h - /etc/network/interfaces and what it sources as profiles. */
#pragma once

#include "profile.h"

/* ifupdown_profiles: one for each interface, also where its stanzas stand in several files. Its id is the interface's
 * name there, which may be a logical one (`auto mac/00:50:56:aa:00:01=lan`). Not edited: what stands for several
 * interfaces, what several inherit from, and what a mapping script chooses. */
gboolean ifupdown_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error);
