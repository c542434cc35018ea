/* policy-parse.h - the files of a policy as what the admin wants.
 *
 * libc and inih only. *All* errors are collected, each with file and line, before anybody acts on the policy.
 */
#pragma once

#include "policy-errors.h"
#include "policy.h"

/* policy_parse: FILES in order, a later file wins (a host section of the same name in a later file replaces the earlier
 * one whole; elsewhere key by key). STEPS is the NULL-terminated list of known step names. Checks all that can be
 * checked without the machine. STEPS NULL: any step name will do. Returns 0, -EINVAL with *ERRORS filled (in the order
 * of files and lines), or -ENOMEM. POLICY then holds what could be read, for nobody to act on; the caller clears both
 * in every case. FILES must outlive POLICY and ERRORS. */
int policy_parse(const PolicyFiles *files, const char *const *steps, Policy *policy, PolicyErrors *errors);
