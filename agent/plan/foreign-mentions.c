/* foreign-mentions.c - what files of network programs that are not edited say of the template beside its addresses */
#include "foreign-mentions.h"

#include "plan/renames/scanner.h"
#include "profiles/text/yaml-tokens.h"

/* wicked's, SUSE's; connman's; netctl's, Arch's; wg-quick's; cloud-init's; systemd-resolved's and -timesyncd's, which
 * networkd's files are read with; resolvconf's, and the C library's where nobody makes it; what an initramfs is built
 * with; sshd's, which does not start where it cannot listen; sysctl's, whose kernel.hostname takes the place of
 * /etc/hostname at every boot, and which name NICs in their keys. */
static const struct {
  const char *glob;
  TokenReader reader;
} files[] = {
    {"/etc/sysconfig/network/ifcfg-*", tokens_of_assignments},
    {"/etc/sysconfig/network/ifroute-*", tokens_of_lines},
    {"/etc/sysconfig/network/ifrule-*", tokens_of_lines},
    {"/etc/sysconfig/network/routes", tokens_of_lines},
    {"/etc/sysconfig/network/config", tokens_of_assignments},
    {"/etc/sysconfig/network/dhcp", tokens_of_assignments},
    {"/etc/sysconfig/network/if-up.d/*", tokens_of_lines},
    {"/etc/sysconfig/network/if-down.d/*", tokens_of_lines},
    {"/etc/wicked/*.xml", tokens_of_lines},
    {"/etc/wicked/ifconfig/*.xml", tokens_of_lines},
    {"/var/lib/connman/*.config", tokens_of_assignments},
    {"/var/lib/connman/*/settings", tokens_of_assignments},
    {"/etc/netctl/*", tokens_of_assignments},
    {"/etc/wireguard/*.conf", tokens_of_assignments},
    {"/etc/cloud/cloud.cfg", tokens_of_yaml},
    {"/etc/cloud/cloud.cfg.d/*.cfg", tokens_of_yaml},
    {"/var/lib/cloud/seed/nocloud*/*-*", tokens_of_yaml},
    {"/etc/systemd/resolved.conf", tokens_of_assignments},
    {"/etc/systemd/resolved.conf.d/*.conf", tokens_of_assignments},
    {"/etc/systemd/timesyncd.conf", tokens_of_assignments},
    {"/etc/systemd/timesyncd.conf.d/*.conf", tokens_of_assignments},
    {"/etc/resolvconf/resolv.conf.d/*", tokens_of_lines},
    {"/etc/resolv.conf", tokens_of_lines},
    {"/etc/dracut.conf", tokens_of_assignments},
    {"/etc/dracut.conf.d/*.conf", tokens_of_assignments},
    {"/etc/cmdline.d/*.conf", tokens_of_lines},
    {"/etc/initramfs-tools/initramfs.conf", tokens_of_assignments},
    {"/etc/initramfs-tools/conf.d/*", tokens_of_assignments},
    {"/etc/sysctl.conf", tokens_of_sysctl},
    {"/etc/sysctl.d/*.conf", tokens_of_sysctl},
    {"/usr/local/lib/sysctl.d/*.conf", tokens_of_sysctl},
    {"/usr/lib/sysctl.d/*.conf", tokens_of_sysctl},
    {"/etc/ssh/sshd_config", tokens_of_lines},
    {"/etc/ssh/sshd_config.d/*.conf", tokens_of_lines},
};

gboolean foreign_mentions(const PlanContext *context, Plan *plan, GError **error) {
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    const ScannedFormat format = {.reader = files[i].reader};
    if (!scanner_glob(context, &format, files[i].glob, plan, error))
      return FALSE;
  }
  return TRUE;
}
