/* wait-nics.h - hardware appears late: wait for the NICs themselves, never for a time.
 *
 * Early in the boot udev may still be loading NIC drivers, and names may not be final. This waits until udev is done
 * (/run/udev/queue is gone, seen with inotify, and each NIC is in its database; no udev at all counts as done) and as
 * many hardware NICs as EXPECTED are there, woken by rtnetlink's link events; or until udev has been done for
 * TIMEOUT_MS. A udev that is never done is waited for six times as long. udev's files are looked for below the hardware
 * root, too.
 */
#pragma once

#include <stdbool.h>

#include "nics.h"

/* nics_wait: at most TIMEOUT_MS milliseconds on CLOCK_MONOTONIC from the end of udev's work.
 *
 * RECORDED given: NICs as evidence. Any one of them ends the wait at once (the machine is the recorded one), whatever
 * udev still does; their absence is told only when the time is over, however many others are there.
 * RECORDED NULL: NICs to plan with: EXPECTED of them (0 means: one), each known to udev, so that its name is final.
 *
 * *LIST is replaced by what was there in the end (zeroed or filled before). Returns 1 when all was there, 0 when the
 * time ran out, or a negative errno. Only for the running machine. */
int nics_wait(const Root *hardware, const NicList *recorded, size_t expected, int timeout_ms, NicList *list);

/* nics_wait_to_plan: the same with RECORDED NULL, told otherwise: 1 when the names of what is there are final, though
 * fewer than EXPECTED may have come; 0 when the time ran out and udev, which runs, has not settled them. RAN_OUT: LIST
 * is what was there when the time for evidence ran out: no more are waited for. */
int nics_wait_to_plan(const Root *hardware, size_t expected, bool ran_out, int timeout_ms, NicList *list);
