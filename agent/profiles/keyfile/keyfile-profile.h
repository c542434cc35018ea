/* keyfile-profile.h - a keyfile of NetworkManager as a plain record. */
#pragma once

#include "profiles/profile.h"

/* keyfile_profile_fill: PROFILE, whose text is there, from it. */
void keyfile_profile_fill(Profile *profile);
