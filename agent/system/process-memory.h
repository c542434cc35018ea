/* process-memory.h - what another process has mapped, and whether its memory holds given bytes. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* process_maps_knowing: does PID map a file as code that contains TEXT? KNOWN (char* path -> GINT_TO_POINTER(answer +
 * 1)) remembers each file, so that a library is read once. PROC as in stale-services.h. */
gboolean process_maps_knowing(const char *proc, pid_t pid, const char *text, GHashTable *known);

typedef enum { MEMORY_WITHOUT, MEMORY_WITH, MEMORY_UNREADABLE } MemoryAnswer;

/* process_memory_holds: one of the COUNT needles, in PID's writable private memory. Gives up, MEMORY_UNREADABLE, at
 * DEADLINE (g_get_monotonic_time) or where the memory may not be read. */
MemoryAnswer process_memory_holds(const char *proc, pid_t pid, GBytes *const *needles, gsize count, gint64 deadline);
