/* netplan-program.h - netplan's program that makes files for its back ends.
 *
 * Source: netplan.io 1.2 (netplan-configure.service) and before. Up to 1.1 PID 1's generator is that program. Since 1.2
 * the generator says only which units are started, and aborts where PID 1 does not call it; the files are made by a
 * unit of early boot.
 */
#pragma once

/* netplan_program_paths: NULL-terminated; the first that is there is the one. */
extern const char *const netplan_program_paths[];

/* netplan_program: this machine's; NULL: there is no netplan. */
const char *netplan_program(void);
