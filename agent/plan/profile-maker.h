/* profile-maker.h - in whose files a NIC that has no profile gets one, and the profiles that are made so.
 *
 * NetworkManager's, where it is there, is not told to leave the NIC alone, and runs; else those of the stack that runs
 * and has other NICs of this machine, else of any that runs. A keyfile is written whole by its step (profile-new.h); of
 * another format the profile begins as ProfileFormat.make has it and is edited like any other.
 */
#pragma once

#include "plan-context.h"

/* profile_maker: *FORMAT NULL: a keyfile. LEFT_ALONE: NetworkManager does not manage the NIC. FALSE: nobody's; a step
 * that is off counts as not there. */
gboolean profile_maker(const PlanContext *context, gboolean left_alone, const ProfileFormat **format);

/* addresses_can_be_written: some step that is on can give the machine an address: that of a profile there is, or one
 * that makes one. */
gboolean addresses_can_be_written(const PlanContext *context);

/* stack_without_files: the program that configures this machine's NICs from files which no step writes, while
 * NetworkManager, which nobody would hear, is not started; NULL: there is none. */
const char *stack_without_files(const PlanContext *context);

/* profiles_of_step: const Profile*, those that STEP edits: what was read, then what is made (is_new). */
GPtrArray *profiles_of_step(const PlanContext *context, const char *step);

/* profile_maker_warn: of profiles that are for a NIC which this machine does not have, when NIC gets a new one. */
void profile_maker_warn(const PlanContext *context, const Nic *nic, Plan *plan);
