/* initramfs.h - what the template built into its initramfs: a clone boots with that copy until it is built again.
 *
 * An initramfs is not read: the programs that build one say what they put into it (initramfs-tools: hooks/udev;
 * dracut: 00systemd, 01systemd-udevd).
 */
#pragma once

#include "plan/plan-context.h"

/* initramfs_check: warns, with the command that builds it again, where a file in it is edited by PLAN, and where it
 * brings up a network of its own. */
gboolean initramfs_check(const PlanContext *context, Plan *plan, GError **error);
