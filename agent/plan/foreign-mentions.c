/* foreign-mentions.c - what files of network programs that are not edited say of the template beside its addresses */
#include "foreign-mentions.h"

#include "plan/renames/scanner.h"
#include <string.h>

#include "base/command-line.h"
#include "base/each.h"
#include "base/tree.h"
#include "profiles/text/yaml-tokens.h"

/* wicked's, SUSE's; connman's; netctl's, Arch's; wg-quick's; cloud-init's; systemd-resolved's and -timesyncd's, which
 * networkd's files are read with; resolvconf's, and the C library's where nobody makes it; what an initramfs is built
 * with; sshd's, which does not start where it cannot listen; sysctl's, whose kernel.hostname takes the place of
 * /etc/hostname at every boot, and which name NICs in their keys; firewalls', which let in, or keep out, by NIC and
 * address; of what shares an address with other machines, or is one of a cluster's; of what else listens at an address
 * or on a NIC, or says the machine's name to others: servers, tunnels, monitors, backups; what mounts from others; what
 * sets up a NIC beside all of them: drivers' options, teamd, wpa_supplicant, and the machine's own units, rc.local and
 * cron. */
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
    {"/etc/systemd/journal-upload.conf", tokens_of_assignments},
    {"/etc/systemd/journal-upload.conf.d/*.conf", tokens_of_assignments},
    {"/etc/resolvconf/resolv.conf.d/*", tokens_of_lines},
    {"/etc/resolv.conf", tokens_of_lines},
    {"/etc/dracut.conf", tokens_of_assignments},
    {"/etc/dracut.conf.d/*.conf", tokens_of_assignments},
    {"/etc/cmdline.d/*.conf", tokens_of_lines},
    {"/etc/initramfs-tools/initramfs.conf", tokens_of_assignments},
    {"/etc/initramfs-tools/conf.d/*", tokens_of_assignments},
    {"/etc/sysctl.conf", tokens_of_lines},
    {"/etc/sysctl.d/*.conf", tokens_of_lines},
    {"/usr/local/lib/sysctl.d/*.conf", tokens_of_lines},
    {"/usr/lib/sysctl.d/*.conf", tokens_of_lines},
    {"/etc/ssh/sshd_config", tokens_of_lines},
    {"/etc/ssh/sshd_config.d/*.conf", tokens_of_lines},
    {"/etc/firewalld/zones/*.xml", tokens_of_lines},
    {"/etc/firewalld/policies/*.xml", tokens_of_lines},
    {"/etc/firewalld/ipsets/*.xml", tokens_of_lines},
    {"/etc/firewalld/direct.xml", tokens_of_lines},
    {"/etc/nftables.conf", tokens_of_lines},
    {"/etc/nftables/*.nft", tokens_of_lines},
    {"/etc/sysconfig/nftables.conf", tokens_of_lines},
    {"/etc/iptables/rules.v[46]", tokens_of_lines},
    {"/etc/sysconfig/iptables", tokens_of_lines},
    {"/etc/sysconfig/ip6tables", tokens_of_lines},
    {"/etc/ufw/user*.rules", tokens_of_lines},
    {"/etc/ufw/before*.rules", tokens_of_lines},
    {"/etc/ufw/after*.rules", tokens_of_lines},
    {"/etc/keepalived/*.conf", tokens_of_routing},
    {"/etc/keepalived/*/*.conf", tokens_of_routing},
    {"/etc/frr/*.conf", tokens_of_routing},
    {"/etc/quagga/*.conf", tokens_of_routing},
    {"/etc/bird.conf", tokens_of_lines},
    {"/etc/bird/*.conf", tokens_of_lines},
    {"/etc/ucarp/*.conf", tokens_of_assignments},
    {"/etc/corosync/corosync.conf", tokens_of_lines},
    {"/etc/ha.d/ha.cf", tokens_of_lines},
    {"/etc/ha.d/haresources", tokens_of_assignments},
    {"/var/lib/pacemaker/cib/cib.xml", tokens_of_lines},
    {"/etc/ceph/*.conf", tokens_of_assignments},
    {"/etc/kubernetes/manifests/*.yaml", tokens_of_yaml},
    {"/etc/default/kubelet", tokens_of_assignments},
    {"/etc/sysconfig/kubelet", tokens_of_assignments},
    {"/var/lib/kubelet/kubeadm-flags.env", tokens_of_assignments},
    {"/etc/docker/daemon.json", tokens_of_lines},
    {"/etc/salt/minion", tokens_of_yaml},
    {"/etc/salt/minion.d/*.conf", tokens_of_yaml},
    {"/etc/salt/minion_id", tokens_of_lines},
    {"/etc/puppet/puppet.conf", tokens_of_assignments},
    {"/etc/puppetlabs/puppet/puppet.conf", tokens_of_assignments},
    {"/etc/sssd/sssd.conf", tokens_of_assignments},
    {"/etc/sssd/conf.d/*.conf", tokens_of_assignments},
    {"/etc/ipa/default.conf", tokens_of_assignments},
    {"/etc/chrony.conf", tokens_of_routing},
    {"/etc/chrony/*.conf", tokens_of_routing},
    {"/etc/chrony/conf.d/*.conf", tokens_of_routing},
    {"/etc/ntp.conf", tokens_of_lines},
    {"/etc/ntpsec/ntp.conf", tokens_of_lines},
    {"/etc/dnsmasq.conf", tokens_of_lines},
    {"/etc/dnsmasq.d/*", tokens_of_lines},
    {"/etc/postfix/main.cf", tokens_of_assignments},
    {"/etc/postfix/master.cf", tokens_of_lines},
    {"/etc/exim4/update-exim4.conf.conf", tokens_of_assignments},
    {"/etc/exim4/exim4.conf.localmacros", tokens_of_assignments},
    {"/etc/exim/exim.conf", tokens_of_assignments},
    {"/etc/avahi/avahi-daemon.conf", tokens_of_assignments},
    {"/etc/samba/smb.conf", tokens_of_assignments},
    {"/etc/rsyslog.conf", tokens_of_lines},
    {"/etc/rsyslog.d/*.conf", tokens_of_lines},
    {"/etc/snmp/snmpd.conf", tokens_of_lines},
    {"/etc/lldpd.conf", tokens_of_lines},
    {"/etc/lldpd.d/*.conf", tokens_of_lines},
    {"/etc/dhcp/dhcpd*.conf", tokens_of_lines},
    {"/etc/default/isc-dhcp-*", tokens_of_assignments},
    {"/etc/kea/*.conf", tokens_of_lines},
    {"/etc/radvd.conf", tokens_of_lines},
    {"/etc/hostapd/*.conf", tokens_of_assignments},
    {"/etc/bind/named.conf*", tokens_of_lines},
    {"/etc/named.conf", tokens_of_lines},
    {"/etc/unbound/unbound.conf", tokens_of_lines},
    {"/etc/unbound/unbound.conf.d/*.conf", tokens_of_lines},
    {"/etc/nginx/nginx.conf", tokens_of_lines},
    {"/etc/nginx/conf.d/*.conf", tokens_of_lines},
    {"/etc/nginx/sites-enabled/*", tokens_of_lines},
    {"/etc/apache2/*.conf", tokens_of_lines},
    {"/etc/apache2/conf-enabled/*.conf", tokens_of_lines},
    {"/etc/apache2/sites-enabled/*", tokens_of_lines},
    {"/etc/httpd/conf/httpd.conf", tokens_of_lines},
    {"/etc/httpd/conf.d/*.conf", tokens_of_lines},
    {"/etc/haproxy/haproxy.cfg", tokens_of_lines},
    {"/etc/squid/squid.conf", tokens_of_lines},
    {"/etc/exports", tokens_of_lines},
    {"/etc/exports.d/*.exports", tokens_of_lines},
    {"/etc/nfs.conf", tokens_of_assignments},
    {"/etc/nfs.conf.d/*.conf", tokens_of_assignments},
    {"/etc/rsyncd.conf", tokens_of_assignments},
    {"/etc/vsftpd.conf", tokens_of_assignments},
    {"/etc/cups/cupsd.conf", tokens_of_lines},
    {"/etc/mysql/*.cnf", tokens_of_assignments},
    {"/etc/mysql/*.conf.d/*.cnf", tokens_of_assignments},
    {"/etc/my.cnf", tokens_of_assignments},
    {"/etc/my.cnf.d/*.cnf", tokens_of_assignments},
    {"/etc/postgresql/*/*/postgresql.conf", tokens_of_assignments},
    {"/etc/postgresql/*/*/pg_hba.conf", tokens_of_lines},
    {"/etc/redis/*.conf", tokens_of_lines},
    {"/etc/mongod.conf", tokens_of_yaml},
    {"/etc/elasticsearch/elasticsearch.yml", tokens_of_yaml},
    {"/etc/openvpn/*.conf", tokens_of_lines},
    {"/etc/openvpn/*/*.conf", tokens_of_lines},
    {"/etc/ipsec.conf", tokens_of_assignments},
    {"/etc/swanctl/swanctl.conf", tokens_of_assignments},
    {"/etc/swanctl/conf.d/*.conf", tokens_of_assignments},
    {"/etc/libvirt/qemu/networks/*.xml", tokens_of_lines},
    {"/etc/libvirt/qemu/*.xml", tokens_of_lines},
    {"/etc/vmware-tools/tools.conf", tokens_of_assignments},
    {"/etc/zabbix/*.conf", tokens_of_assignments},
    {"/etc/zabbix/zabbix_agent*.d/*.conf", tokens_of_assignments},
    {"/etc/default/prometheus-*", tokens_of_assignments},
    {"/etc/default/node_exporter", tokens_of_assignments},
    {"/etc/sysconfig/node_exporter", tokens_of_assignments},
    {"/etc/nagios/nrpe.cfg", tokens_of_assignments},
    {"/etc/nagios/nrpe.d/*.cfg", tokens_of_assignments},
    {"/etc/nrpe.d/*.cfg", tokens_of_assignments},
    {"/etc/icinga2/*.conf", tokens_of_assignments},
    {"/etc/collectd.conf", tokens_of_lines},
    {"/etc/collectd/*.conf", tokens_of_lines},
    {"/etc/collectd*.d/*.conf", tokens_of_lines},
    {"/etc/collectd/collectd.conf.d/*.conf", tokens_of_lines},
    {"/etc/telegraf/telegraf.conf", tokens_of_assignments},
    {"/etc/telegraf/telegraf.d/*.conf", tokens_of_assignments},
    {"/etc/*beat/*beat.yml", tokens_of_yaml},
    {"/etc/datadog-agent/datadog.yaml", tokens_of_yaml},
    {"/etc/munin/munin-node.conf", tokens_of_lines},
    {"/etc/bacula/*.conf", tokens_of_assignments},
    {"/etc/bareos/bareos-fd.d/*/*.conf", tokens_of_assignments},
    {"/etc/consul.d/*", tokens_of_lines},
    {"/etc/HOSTNAME", tokens_of_lines},
    {"/etc/fstab", tokens_of_lines},
    {"/etc/modprobe.d/*.conf", tokens_of_lines},
    {"/etc/teamd/*.conf", tokens_of_lines},
    {"/etc/wpa_supplicant.conf", tokens_of_assignments},
    {"/etc/wpa_supplicant/*.conf", tokens_of_assignments},
    {"/etc/rc.local", tokens_of_lines},
    {"/etc/rc.d/rc.local", tokens_of_lines},
    {"/etc/crontab", tokens_of_lines},
    {"/etc/cron.d/*", tokens_of_lines},
    {"/var/spool/cron/root", tokens_of_lines},
    {"/var/spool/cron/crontabs/root", tokens_of_lines},
    {"/etc/systemd/system/*.service", tokens_of_assignments},
    {"/etc/systemd/system/*.socket", tokens_of_assignments},
    {"/etc/systemd/system/*.d/*.conf", tokens_of_assignments},
};

/* No more of a file is searched at a first boot: a list of addresses may have millions of lines. */
enum { SEARCHED_SIZE = 1 << 20 };

/* What is enabled for one NIC: "dhcpcd@eth0.service", and ".d" beside it. */
static void look_at_instance(const PlanContext *context, const char *path, Plan *plan) {
  const char *name = strrchr(path, '/') + 1;
  const char *at = strchr(name, '@');
  g_autofree char *unit = g_strndup(name, strlen(name) - (g_str_has_suffix(name, ".d") ? strlen(".d") : 0));
  const char *end = strrchr(unit, '.');

  if (at == NULL || end == NULL || end <= unit + (at - name))
    return;
  g_autofree char *instance = g_strndup(at + 1, (gsize)(end - unit - (at + 1 - name)));
  const Rename *rename = renames_lookup(context->renames, RENAME_NIC, instance);
  if (rename != NULL && rename->new_value != NULL)
    plan_warn(plan, "%s is for the NIC %s, which is %s now: enable %.*s%s%s in its place.", path, instance,
              rename->new_value, (int)(at + 1 - name), name, rename->new_value, end);
  else if (rename != NULL)
    plan_warn(plan, "%s is for the NIC %s, and none here took its place: disable it.", path, instance);
}

static gboolean look_at_instances(const PlanContext *context, Plan *plan, GError **error) {
  static const char *const patterns[] = {"/etc/systemd/system/*@*.*", "/etc/systemd/system/*.wants/*@*.*",
                                         "/etc/systemd/system/*.requires/*@*.*"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(context->root, patterns, G_N_ELEMENTS(patterns), paths, error))
    return FALSE;
  list_each (const char *, path, paths)
    look_at_instance(context, path, plan);
  return TRUE;
}

/* A name that is sent to DHCP servers, a NIC by its MAC, an initiator name: the initramfs and cloud-init take them from
 * there. What takes the place of a whole file has a warning of its own (foreign.c). */
static void look_at_command_line(const PlanContext *context, Plan *plan) {
  g_auto(GStrv) words = command_line_words(context->hardware);

  for (char **word = words; *word != NULL; word++) {
    g_autoptr(GBytes) text = g_bytes_new(*word, strlen(*word));

    if (command_line_value(*word, "systemd.hostname") == NULL)
      scanner_bytes(context->renames, "/proc/cmdline", text, tokens_of_assignments, plan);
  }
}

gboolean foreign_mentions(const PlanContext *context, Plan *plan, GError **error) {
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    const ScannedFormat format = {.reader = files[i].reader, .size_limit = SEARCHED_SIZE};
    if (!scanner_glob(context, &format, files[i].glob, plan, error))
      return FALSE;
  }
  look_at_command_line(context, plan);
  return look_at_instances(context, plan, error);
}
