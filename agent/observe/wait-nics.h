/* wait-nics.h - hardware appears late: wait for the cards themselves, never for a time.
 *
 * Early in the boot udev may still be loading NIC drivers, and names may not be final. This waits until udev is done
 * (/run/udev/queue is gone, seen with inotify, and each card is in its database; no udev at all counts as done) and as
 * many hardware cards as EXPECTED are there, woken by rtnetlink's link events; or until udev has been done for
 * TIMEOUT_MS. A udev that is never done is waited for six times as long. udev's files are looked for below the hardware
 * root, too.
 */
#pragma once

#include <stdbool.h>

#include "nics.h"

/* nics_wait: EXPECTED cards (0 means: one) or TIMEOUT_MS milliseconds on CLOCK_MONOTONIC; RECORDED, where not NULL, are
 * cards any one of which ends the wait for the drivers at once (the machine is the recorded one). *LIST is replaced by
 * what was there in the end (zeroed or filled before). Returns 1 when all was there, 0 when the time ran out, or a
 * negative errno. Only for the running machine. */
int nics_wait(const Root *hardware, const NicList *recorded, size_t expected, int timeout_ms, NicList *list);
