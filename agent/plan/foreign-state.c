/* foreign-state.c - what other programs keep as an identity of this machine: keys, ids and memberships, by file */
#include "foreign-state.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/tree-entry.h"
#include "base/tree.h"

typedef struct {
  const char *glob, *says, *what, *cure;
} State;

/* None of them is removed here: who else knows of it (a KDC, a controller, a quorum) has to be told too, and only an
 * admin knows whether the template was meant to be a member. SAYS: a regular expression, its line is named; NULL: the
 * file is the identity, whatever it holds, unless that is nothing.
 *
 * Not here: what a group shares and no member is known by (chrony.keys, ntp.keys, corosync's authkey), what belongs to
 * an instance that cloud-init itself tells from others (/var/lib/cloud/instances), and disks by their slot (by-path),
 * which is the same one in every copy of a machine. */
static const State states[] = {
    {"/etc/hostid", NULL, "host id",
     "where clones share a ZFS pool, make another (zgenhostid -f) and the initramfs again"},
    {"/etc/krb5.keytab", NULL, "Kerberos key", "join the realm again, or get a keytab of its own"},
    {"/var/lib/samba/private/secrets.tdb", NULL, "SID and machine password of Samba",
     "join the domain again (net ads join), or, where there is none, remove the file: smbd makes another"},
    {"/etc/salt/pki/minion/minion.pem", NULL, "Salt key", "remove it and minion.pub, and accept the new one"},
    {"/etc/puppetlabs/puppet/ssl/private_keys/*.pem", NULL, "Puppet key", "run `puppet ssl clean`"},
    {"/etc/puppet/ssl/private_keys/*.pem", NULL, "Puppet key", "run `puppet ssl clean`"},
    {"/var/lib/puppet/ssl/private_keys/*.pem", NULL, "Puppet key", "run `puppet ssl clean`"},
    {"/etc/chef/client.pem", NULL, "Chef key", "remove it, and register it by its own name"},
    {"/var/cfengine/ppkeys/localhost.priv", NULL, "CFEngine key", "remove it and localhost.pub, and run cf-key"},
    {"/var/lib/zerotier-one/identity.secret", NULL, "ZeroTier identity",
     "stop zerotier-one, remove identity.secret and identity.public, and join again"},
    {"/var/lib/tailscale/tailscaled.state", NULL, "Tailscale node key",
     "stop tailscaled, remove the file, and log in again"},
    {"/var/lib/snmp/snmpd.conf", "^[ \t]*oldEngineID[ \t]", "SNMP engine id",
     "stop snmpd, remove the line, and create SNMPv3 users again"},
    {"/var/lib/net-snmp/snmpd.conf", "^[ \t]*oldEngineID[ \t]", "SNMP engine id",
     "stop snmpd, remove the line, and create SNMPv3 users again"},
    {"/etc/snmp/snmpd.conf", "^[ \t]*(exactEngineID|engineID)[ \t]", "SNMP engine id", "give it one of its own"},
    {"/etc/kubernetes/kubelet.conf", NULL, "membership in a Kubernetes cluster",
     "run `kubeadm reset` and join it by its own name"},
    {"/etc/rancher/node/password", NULL, "membership in a k3s cluster", "remove /etc/rancher/node and join it anew"},
    {"/var/lib/etcd/member", NULL, "membership in an etcd cluster", "remove the directory and add it as a member"},
    {"/var/lib/ceph/*/*/keyring", NULL, "Ceph daemon", "remove its directory and make a daemon of this machine's own"},
    {"/var/lib/docker/swarm/certificates/swarm-node.key", NULL, "membership in a Docker swarm",
     "run `docker swarm leave --force` and join it anew"},
    {"/var/lib/glusterd/glusterd.info", "^UUID=", "UUID in a Gluster pool",
     "stop glusterd, remove the file, and probe it as another peer"},
    {"/opt/nomad/data/client/client-id", NULL, "Nomad node id", "remove it and secret-id before nomad starts"},
    {"/var/lib/nomad/client/client-id", NULL, "Nomad node id", "remove it and secret-id before nomad starts"},
    {"/etc/openvswitch/system-id.conf", NULL, "Open vSwitch system id", "remove the file and restart openvswitch"},
    {"/etc/libvirt/*.conf", "^[ \t]*host_uuid[ \t]*=", "libvirt host UUID",
     "remove the line, or give it one of its own"},
    {"/var/lib/teleport/host_uuid", NULL, "Teleport host id",
     "stop teleport, remove /var/lib/teleport, and join it anew"},
    {"/var/lib/docker/engine-id", NULL, "Docker engine id", "remove the file and restart docker"},
    {"/etc/docker/key.json", NULL, "Docker engine id", "remove the file and restart docker"},
    {"/opt/consul/node-id", NULL, "Consul node id", "remove the file before consul starts"},
    {"/var/lib/consul/node-id", NULL, "Consul node id", "remove the file before consul starts"},
    {"/var/lib/mysql/auto.cnf", NULL, "MySQL server UUID", "remove the file before mysqld starts"},
    {"/etc/pki/consumer/key.pem", NULL, "registration with Red Hat",
     "run `subscription-manager clean` and register it anew"},
    {"/etc/insights-client/machine-id", NULL, "Red Hat Insights id",
     "remove the file and run `insights-client --register`"},
    {"/etc/sysconfig/rhn/systemid", NULL, "registration with Spacewalk", "remove the file and register it anew"},
    {"/etc/zypp/credentials.d/SCCcredentials", NULL, "registration with SUSE",
     "run `SUSEConnect --cleanup` and register it anew"},
    {"/var/lib/ubuntu-advantage/private/machine-token.json", NULL, "attachment to Ubuntu Pro",
     "remove the file and run `pro attach`"},
    {"/var/lib/amazon/ssm/registration", NULL, "registration with AWS Systems Manager",
     "run `amazon-ssm-agent -register -clear` and register it anew"},
    {"/opt/splunk*/etc/instance.cfg", "^[ \t]*guid[ \t]*=", "Splunk GUID",
     "stop splunk and run `splunk clone-prep-clear-config`"},
    {"/etc/qualys/hostid", NULL, "Qualys host id", "remove the file before the agent starts"},
    {"/var/ossec/etc/client.keys", NULL, "Wazuh key", "empty the file and enroll it anew"},
    {"/var/lib/netdata/registry/netdata.public.unique.id", NULL, "Netdata id", "remove the file and restart netdata"},
    {"/etc/ssl/private/ssl-cert-snakeoil.key", NULL, "TLS key",
     "run `make-ssl-cert generate-default-snakeoil --force-overwrite`"},
    {"/etc/pki/tls/private/localhost.key", NULL, "TLS key", "remove it and its certificate and restart httpd"},
    {"/etc/cockpit/ws-certs.d/0-self-signed.key", NULL, "TLS key", "remove it and its certificate"},
    {"/var/log/journal/*/fss", NULL, "key that the journal is sealed by", "run `journalctl --setup-keys --force`"},
    {"/etc/modprobe.d/*.conf", "^[^#\n]*nfs4_unique_id=", "NFS client id",
     "give it one of its own: a server takes two clients of one id for one"},
};

/* Of the first match of PATTERN; 0: there is none. */
static guint line_that_says(GBytes *content, const char *pattern) {
  g_autofree char *text = bytes_dup(content);
  g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  guint line = 1;
  int start = 0;

  if (!g_regex_match(regex, text, 0, &match) || !g_match_info_fetch_pos(match, 0, &start, NULL))
    return 0;
  for (int i = 0; i < start; i++)
    line += text[i] == '\n';
  return line;
}

static void name_state(const Root *root, const State *state, const char *path, Plan *plan) {
  g_autoptr(GBytes) content = NULL;
  g_autofree char *at = NULL;
  /* What cannot be read is there all the same. */
  const gboolean is_read = tree_read_file(root, path, &content, NULL, NULL) && content != NULL;
  const guint line = is_read && state->says != NULL ? line_that_says(content, state->says) : 0;

  if (!tree_exists(root, path) || (is_read && g_bytes_get_size(content) == 0) || (state->says != NULL && line == 0))
    return;
  at = line > 0 ? g_strdup_printf("%s:%u", path, line) : g_strdup(path);
  plan_warn(plan, "%s: this is the template's %s, which every clone has too; %s.", at, state->what, state->cure);
}

gboolean foreign_state(const PlanContext *context, Plan *plan, GError **error) {
  for (gsize i = 0; context->verdict == VERDICT_CLONE && i < G_N_ELEMENTS(states); i++) {
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    if (!tree_glob(context->root, states[i].glob, paths, error))
      return FALSE;
    list_each (const char *, path, paths)
      name_state(context->root, &states[i], path, plan);
  }
  return TRUE;
}
