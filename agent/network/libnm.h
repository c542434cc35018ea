/* libnm.h - libnm, held to the API of 1.30: a newer header's deprecations are not our floor's. */
#pragma once

#define NM_VERSION_MIN_REQUIRED NM_VERSION_1_30
#define NM_VERSION_MAX_ALLOWED NM_VERSION_1_30
#include <NetworkManager.h>
