/* ssh-other-keys.h - private host keys of the template that are not regenerated: they are named.
 *
 * Copies beside the keys in use (ssh_host_rsa_key.bak), keys that sshd is told to use and that are not there, and those
 * of dropbear, whose format only dropbearkey(1) writes.
 */
#pragma once

#include "plan/plan.h"
#include "sshd-config.h"

/* ssh_other_keys_warn: REGENERATED (char*, resolved paths) are the private keys that PLAN replaces or removes. */
gboolean ssh_other_keys_warn(const Root *root, const SshdConfig *config, GPtrArray *regenerated, Plan *plan,
                             GError **error);
