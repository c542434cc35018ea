/* changing-calls.h - the system calls that change the disk, and which of them do so below a directory. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* changing_call: the name of the call NUMBER that PID is about to make, where it changes the disk below the directory
 * BELOW; ONE and TWO (PATH_MAX bytes each) are then what it names. NULL: it does not. */
const char *changing_call(const char *below, pid_t pid, uint64_t number, const uint64_t *arguments, char *one,
                          char *two);

/* changing_calls_stop: from here on the calls of the table, and no others, stop this process and its children for who
 * traces them. FALSE: errno says why not. */
bool changing_calls_stop(void);
