#!/usr/bin/python3
"""What other programs keep as an identity of the machine is named once, with what to do; a file that holds none is not."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import Machine
from tap import Tap

# The file, what it holds, the line that is named (0: the file as a whole), what is said of it.
STATES = {
    "/etc/hostid": (b"\0\x01\x02\x03", 0, "host id"),
    "/etc/krb5.keytab": (b"\x05\x02golden", 0, "Kerberos"),
    "/var/lib/samba/private/secrets.tdb": ("TDB file\n", 0, "net ads join"),
    "/etc/salt/pki/minion/minion.pem": ("key\n", 0, "Salt"),
    "/etc/puppetlabs/puppet/ssl/private_keys/golden.example.org.pem": ("key\n", 0, "puppet ssl clean"),
    "/var/lib/zerotier-one/identity.secret": ("89e92ceee5:0:a:b\n", 0, "ZeroTier"),
    "/var/lib/tailscale/tailscaled.state": ("{}\n", 0, "Tailscale"),
    "/var/lib/snmp/snmpd.conf": ("# oldEngineID 0x80\nengineBoots 3\noldEngineID 0x80001f8880\n", 3, "SNMP"),
    "/etc/snmp/snmpd.conf": ("sysName x\nexactEngineID 0x80001f8880\n", 2, "SNMP"),
    "/etc/kubernetes/kubelet.conf": ("kind: Config\n", 0, "kubeadm reset"),
    "/var/lib/etcd/member/wal/0.wal": (b"\0", None, "etcd"),
    "/var/lib/ceph/osd/ceph-0/keyring": ("[osd.0]\n", 0, "Ceph"),
    "/var/lib/docker/swarm/certificates/swarm-node.key": ("key\n", 0, "docker swarm leave"),
    "/var/lib/docker/engine-id": ("5b3c\n", 0, "Docker engine"),
    "/var/lib/mysql/auto.cnf": ("[auto]\nserver-uuid=1\n", 0, "MySQL"),
    "/etc/chef/client.pem": ("key\n", 0, "Chef"),
    "/var/cfengine/ppkeys/localhost.priv": ("key\n", 0, "cf-key"),
    "/var/lib/glusterd/glusterd.info": ("operating-version=1\nUUID=6f1e\n", 2, "Gluster"),
    "/opt/nomad/data/client/client-id": ("6f1e", 0, "Nomad"),
    "/etc/openvswitch/system-id.conf": ("6f1e\n", 0, "Open vSwitch"),
    "/etc/libvirt/virtqemud.conf": ("#host_uuid = 1\nhost_uuid = \"6f1e\"\n", 2, "libvirt"),
    "/var/lib/teleport/host_uuid": ("6f1e", 0, "Teleport"),
    "/etc/insights-client/machine-id": ("6f1e", 0, "insights-client --register"),
    "/etc/sysconfig/rhn/systemid": ("<?xml?>\n", 0, "Spacewalk"),
    "/var/lib/amazon/ssm/registration": ("{}\n", 0, "amazon-ssm-agent"),
    "/opt/splunkforwarder/etc/instance.cfg": ("[general]\nguid = 6F1E\n", 2, "clone-prep-clear-config"),
    "/etc/qualys/hostid": ("6f1e\n", 0, "Qualys"),
    "/etc/pki/consumer/key.pem": ("key\n", 0, "subscription-manager clean"),
    "/etc/ssl/private/ssl-cert-snakeoil.key": ("key\n", 0, "make-ssl-cert"),
    "/var/log/journal/0123456789abcdef0123456789abcdef/fss": ("key\n", 0, "setup-keys"),
    "/etc/modprobe.d/nfs.conf": ("# nfs4_unique_id=no\noptions nfs nfs4_unique_id=golden-7\n", 2, "NFS"),
    "/etc/fstab": ("# /dev/disk/by-id/ata-x\n/dev/disk/by-id/dm-uuid-LVM-a / ext4\n/dev/disk/by-id/virtio-golden7-part1 /srv ext4\n", 3, "by UUID"),
    "/etc/crypttab": ("data /dev/disk/by-id/wwn-0x5000c500a1b2c3d4 none\n", 1, "by UUID"),
}
SILENT = {
    "/etc/hostid": "",
    "/var/ossec/etc/client.keys": "",
    "/var/lib/snmp/snmpd.conf": "engineBoots 3\n",
    "/etc/snmp/snmpd.conf": "engineIDType 3\n# engineID golden\n",
    "/etc/libvirt/libvirtd.conf": "#host_uuid = 1\nhost_uuid_source = \"smbios\"\n",
    "/opt/splunk/etc/instance.cfg": "[general]\n",
    "/etc/modprobe.d/nfs.conf": "options nfs max_session_slots=8\n",
    "/etc/chrony.keys": "1 SHA1 HEX:1DC764E0791B11FA67EFC7ECBC4B0D73F68A070C\n",
    "/var/lib/cloud/instances/iid-one/user-data.txt": "#cloud-config\n",
    "/etc/fstab": "UUID=1 / ext4\n/dev/disk/by-path/pci-0000:00:05.0 /srv ext4\n/dev/disk/by-id/md-uuid-1 /b ext4\n",
}


def warnings_of(files, verdict="clone"):
    with Machine() as machine:
        machine.add_template(0)
        for path, content in files.items():
            machine.write(path, content, 0o600)
        if verdict == "clone":
            assert machine.run("seal").returncode == 0
            machine.become_clone()
        else:
            assert machine.run("adopt", "--yes").returncode == 0
            machine.set_hardware("4dc56075-50f3-466d-98f2-79838106e82f", [("ens3", "52:54:00:cc:dd:02")])
        return machine.json("plan")[1]["warnings"]


with Tap() as tap:
    said = warnings_of({path: content for path, (content, _, _) in STATES.items()})
    for path, (_, line, word) in STATES.items():
        where = "/var/lib/etcd/member: " if line is None else f"{path}:{line}: " if line else f"{path}: "
        found = [warning for warning in said if warning.startswith(where)]
        tap.ok(len(found) == 1 and word in found[0], f"{path} is named once, with what to do", said)
    tap.is_(len(said), len(STATES), "and nothing else is said")
    tap.is_(warnings_of(SILENT), [], "what holds no identity, or one that others share or tell apart, is silent")
    rewired = [warning for warning in warnings_of({path: content for path, (content, _, _) in STATES.items()}, "rewired") if "which every clone has too" in warning]
    tap.is_(rewired, [], "a machine that only has other NICs keeps its own, without a word")
