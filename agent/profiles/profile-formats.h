/* profile-formats.h - the formats beside NetworkManager's keyfiles that give NICs their addresses: one row each. */
#pragma once

#include "profile.h"

extern const ProfileFormat *const profile_formats;
extern const gsize n_profile_formats;
