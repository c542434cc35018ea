/* verify.h - is the identity that the files have really in effect?
 *
 * The files are the plan once they are committed, so the files are what is expected. What is to be asked the steps say
 * (plan_check); here is a table of how each kind is asked. The network is one kind with many rows: every profile that
 * is active, or that should be because it connects by itself and its device is there, is held against NetworkManager
 * and the kernel.
 */
#pragma once

#include "verification.h"

/* verify_run: NULL only when nothing could be asked at all (RI_ERROR_FAILED). */
Verification *verify_run(const VerifyOptions *options, GError **error);
