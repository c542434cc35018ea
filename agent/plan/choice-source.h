/* choice-source.h - where a chosen value comes from, as a person can check it. */
#pragma once

#include <glib.h>

#include "decide/policy.h"

/* choice_source_place: "policy.d/50-hosts.ini:12", below the directory of the policy where the file is in it;
 * "default" where nothing was written. The caller frees. */
char *choice_source_place(const PolicyPlace *place);

/* choice_source: "random", "derived from the product UUID" or "kept"; behind "kept" the PLACE that says so. PLACE may
 * be NULL. The caller frees. */
char *choice_source(PolicyChoice choice, const PolicyPlace *place);
