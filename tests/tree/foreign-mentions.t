#!/usr/bin/python3
"""Files of others that say what was the template's, and what is enabled for a NIC by its name (which words: old-values.t)."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

WANTS = "/etc/systemd/system/multi-user.target.wants"
UNITS = {
    f"{WANTS}/dhcpcd@eth0.service": "dhcpcd@ens192.service",
    f"{WANTS}/golden@eth0.timer": "golden@ens192.timer",
    "/etc/systemd/system/network-online.target.requires/systemd-networkd-wait-online@eth0.service": "systemd-networkd-wait-online@ens192.service",
    "/etc/systemd/system/wpa_supplicant@eth0.service.d/x.conf": "wpa_supplicant@ens192.service",
    "/etc/systemd/system/own@eth0.service": "own@ens192.service",
}
OTHERS = [f"{WANTS}/getty@tty1.service", f"{WANTS}/own@eth01.service", f"{WANTS}/own@.service", f"{WANTS}/own@eth0", "/etc/systemd/system/own@.service"]


# What says the template's name, NIC or MAC to the wire, or sets up a NIC, beside the files that are edited: one warning for each line.
SAYS = {
    "/etc/avahi/avahi-daemon.conf": "[server]\nhost-name=golden\nallow-interfaces=eth0\n",
    "/etc/samba/smb.conf": "[global]\n  netbios name = GOLDEN\n",
    "/etc/rsyslog.d/10-name.conf": "$LocalHostName golden\n",
    "/etc/snmp/snmpd.conf": "sysName golden\n",
    "/etc/lldpd.d/name.conf": "configure system hostname golden\n",
    "/etc/frr/frr.conf": "hostname golden\n",
    "/etc/HOSTNAME": "golden\n",
    "/etc/modprobe.d/bonding.conf": "options bonding primary=eth0\n",
    "/etc/teamd/team0.conf": f'{{\n"hwaddr":"{TEMPLATE_MAC}",\n"ports":{{"eth0":{{}}}}\n}}\n',
    "/etc/wpa_supplicant/wpa_supplicant-wired-eth1.conf": 'network={\n identity="host/golden"\n}\n',
    "/etc/rc.local": f"#!/bin/sh\nip link set $NIC address {TEMPLATE_MAC}\nhostname golden\n",
    "/etc/crontab": "@reboot root hostname golden\n",
    "/etc/systemd/system/name.service": "[Service]\nExecStart=/bin/hostname golden\n",
    "/etc/systemd/system/one.socket": "[Socket]\nBindToDevice=eth0\n",
    "/etc/systemd/system/one.service.d/nic.conf": "[Unit]\nAfter=sys-subsystem-net-devices-eth0.device\n",
}
# The same of what shares an address with other machines, and of what else boots the machine, serves from it or reports of it; and what is a comment to them.
SHARES = {
    "/etc/keepalived/keepalived.conf": "! by golden\nglobal_defs {\n router_id golden\n}\nvrrp_instance one {\n interface eth0\n virtual_ipaddress {\n  10.9.0.10/24\n"
                                       f"  10.9.0.99/24\n }}\n mcast_src_ip 10.9.0.10\n}}\n# {TEMPLATE_MAC}\n",
    "/etc/keepalived/conf.d/two.conf": "vrrp_instance two {\n track_interface {\n  eth0\n }\n}\n",
    "/etc/frr/frr.conf": "! golden eth0\nhostname golden\n!\ninterface eth0\n ip ospf area 0\n!\nrouter bgp 65000\n bgp router-id 10.9.0.10\n",
    "/etc/frr/zebra.conf": "hostname golden\n",
    "/etc/frr/vtysh.conf": "hostname golden\n",
    "/etc/ucarp/vip-001.conf": "BIND_INTERFACE=eth0\nSOURCE_ADDRESS=10.9.0.10\nVIP_ADDRESS=10.9.0.99\n",
    "/etc/corosync/corosync.conf": "nodelist {\n node {\n  ring0_addr: 10.9.0.10\n  name: golden\n }\n}\ntotem {\n interface {\n  bindnetaddr: 10.9.0.10\n }\n}\n",
    "/etc/ha.d/ha.cf": "bcast eth0\nucast eth0 10.9.0.99\nnode golden\n",
    "/etc/ha.d/haresources": "golden 10.9.0.99\n",
    "/var/lib/pacemaker/cib/cib.xml": '<cib>\n <node id="1" uname="golden"/>\n <nvpair name="ip" value="10.9.0.10"/>\n <nvpair name="nic" value="eth0"/>\n</cib>\n',
    "/etc/zipl.conf": '[linux]\nparameters="root=/dev/dasda1 ip=:::::eth0:dhcp"\n',
    "/boot/extlinux/extlinux.conf": "label one\n append root=/dev/vda1 systemd.hostname=golden\n",
    "/extlinux/extlinux.conf": "label one\n append root=/dev/vda1 systemd.hostname=golden\n",
    "/boot/uEnv.txt": f"ethaddr={TEMPLATE_MAC}\nipaddr=10.9.0.10\n",
    "/boot/firmware/uEnv.txt": "hostname=golden\n",
    "/boot/armbianEnv.txt": f"extraargs=net.ifnames=0\nethaddr={TEMPLATE_MAC}\n",
    "/etc/ceph/ceph.conf": "[mon.a]\nhost = golden\nmon_addr = 10.9.0.10:6789\n",
    "/etc/salt/minion": "id: golden\n",
    "/etc/salt/minion_id": "golden.example.org\n",
    "/etc/salt/minion.d/id.conf": "id: golden\n",
    "/etc/puppetlabs/puppet/puppet.conf": "[main]\ncertname = golden.example.org\n",
    "/etc/postfix/main.cf": "myhostname = golden.example.org\n",
    "/etc/postfix/master.cf": "10.9.0.10:25 inet n - y - - smtpd\n  -o myhostname=golden\n",
    "/etc/exim4/update-exim4.conf.conf": "dc_other_hostnames='golden'\ndc_local_interfaces='127.0.0.1 ; 10.9.0.10'\n",
    "/etc/systemd/journal-upload.conf": "[Upload]\nURL=http://golden:19532\n",
    "/etc/samba/smb.conf": "[global]\n;   interfaces = 127.0.0.0/8 eth0\n   netbios name = GOLDEN\n   interfaces = eth0 10.9.0.10/24\n".replace("eth0 10", "lo 10"),
    "/etc/sssd/sssd.conf": "[domain/example.org]\nad_hostname = golden.example.org\n",
    "/etc/ipa/default.conf": "[global]\nhost = golden.example.org\n",
    "/etc/chrony/chrony.conf": "bindaddress 10.9.0.10\n! bindaddress 10.9.0.10\n",
    "/etc/ntp.conf": "interface listen eth0\n",
    "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--node-ip=10.9.0.10\n",
    "/etc/kubernetes/manifests/etcd.yaml": "spec:\n  command:\n  - --name=golden\n  - --advertise-client-urls=https://10.9.0.10:2379\n",
    "/etc/docker/daemon.json": '{\n"hosts": ["tcp://10.9.0.10:2376"]\n}\n',
    "/etc/fstab": "golden:/export /srv nfs defaults 0 0\n//db/share /mnt cifs ip=10.9.0.10 0 0\n",
    "/etc/udev/rules.d/90-own.rules": 'SUBSYSTEM=="block", PROGRAM="/bin/is golden"\n',
}
# Servers, which do not start or are not found at an address that is not there, tunnels, monitors and backups.
SERVES = {
    "/etc/dhcp/dhcpd.conf": "subnet 10.9.0.0 netmask 255.255.255.0 {\n  option routers 10.9.0.10;\n}\n",
    "/etc/default/isc-dhcp-server": 'INTERFACESv4="eth0"\n',
    "/etc/kea/kea-dhcp4.conf": '{"Dhcp4": {\n"interfaces": ["eth0"]\n}}\n',
    "/etc/radvd.conf": "interface eth0\n{\n};\n",
    "/etc/hostapd/hostapd.conf": "interface=eth0\n",
    "/etc/bind/named.conf.options": "options {\n  listen-on { 10.9.0.10; };\n};\n",
    "/etc/unbound/unbound.conf.d/own.conf": "server:\n  interface: 10.9.0.10\n",
    "/etc/nginx/nginx.conf": "http {\n  server {\n    listen 10.9.0.10:80;\n    server_name golden;\n  }\n}\n",
    "/etc/apache2/ports.conf": "Listen 10.9.0.10:80\n",
    "/etc/apache2/sites-enabled/000-default.conf": "<VirtualHost 10.9.0.10:80>\n  ServerName golden.example.org\n</VirtualHost>\n",
    "/etc/httpd/conf/httpd.conf": "ServerName golden:80\n",
    "/etc/haproxy/haproxy.cfg": "frontend a\n  bind 10.9.0.10:443\n",
    "/etc/squid/squid.conf": "visible_hostname golden\n",
    "/etc/exports": "/srv 10.9.0.0/24(rw) golden(ro)\n",
    "/etc/nfs.conf": "[nfsd]\nhost=10.9.0.10\n",
    "/etc/rsyncd.conf": "address = 10.9.0.10\n",
    "/etc/mysql/mariadb.conf.d/50-server.cnf": "[mysqld]\nbind-address = 10.9.0.10\n",
    "/etc/postgresql/15/main/postgresql.conf": "listen_addresses = 'localhost,10.9.0.10'\n",
    "/etc/redis/redis.conf": "bind 127.0.0.1 10.9.0.10\n",
    "/etc/elasticsearch/elasticsearch.yml": "node.name: golden\nnetwork.host: 10.9.0.10\n",
    "/etc/openvpn/server/one.conf": "local 10.9.0.10\n",
    "/etc/ipsec.conf": "conn a\n  left=10.9.0.10\n",
    "/etc/libvirt/qemu/networks/lan.xml": "<network>\n  <forward dev='eth0' mode='nat'/>\n</network>\n",
    "/etc/vmware-tools/tools.conf": "[guestinfo]\nprimary-nics=eth0\n",
    "/etc/zabbix/zabbix_agentd.conf": "# Hostname=golden\nHostname=golden\nListenIP=10.9.0.10\n",
    "/etc/default/prometheus-node-exporter": 'ARGS="--web.listen-address=10.9.0.10:9100"\n',
    "/etc/nagios/nrpe.cfg": "server_address=10.9.0.10\n",
    "/etc/icinga2/constants.conf": 'const NodeName = "golden"\n',
    "/etc/collectd/collectd.conf": 'Hostname "golden"\n<Plugin interface>\n  Interface "eth0"\n</Plugin>\n',
    "/etc/telegraf/telegraf.conf": '[agent]\n  hostname = "golden"\n',
    "/etc/filebeat/filebeat.yml": "name: golden\n",
    "/etc/datadog-agent/datadog.yaml": "hostname: golden\n",
    "/etc/munin/munin-node.conf": "host_name golden\nhost 10.9.0.10\n",
    "/etc/bacula/bacula-fd.conf": "FileDaemon {\n  Name = golden-fd\n  FDAddress = 10.9.0.10\n}\n".replace("golden-fd", "golden"),
    "/etc/consul.d/one.hcl": 'node_name = "golden"\nbind_addr = "10.9.0.10"\n',
}
SECRETS = {"/etc/wpa_supplicant.conf": 'network={\n password="golden"\n wep_key0="golden"\n private_key_passwd="golden"\n}\n'}
COMMAND_LINE = ["ip=::::golden:eth1:dhcp", f"ifname=lan0:{TEMPLATE_MAC}", "rd.iscsi.initiator=iqn.2004-10.com.example:golden", "ds=nocloud;h=golden"]


# The address of the NIC, where the files of the test do not give it one themselves.
PROFILE = {"/etc/NetworkManager/system-connections/lan.nmconnection":
           "[connection]\nid=lan\nuuid=7e57aaaa-5a1e-4c0f-9d3b-000000000001\ntype=ethernet\ninterface-name=eth0\n\n[ipv4]\nmethod=manual\naddress1=10.9.0.10/24\n"}


def warnings_of(files, template, clone, name="golden"):
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, template)
        machine.add_template(0)
        machine.write("/etc/hostname", name + "\n")
        for path, content in files.items():
            machine.write(path, content, 0o600)
        assert machine.run("seal").returncode == 0
        machine.set_hardware(CLONE_UUID, clone)
        return [warning for warning in machine.json("plan")[1]["warnings"] if any(path.startswith(warning.split(" ")[0].split(":")[0]) for path in files)]


with Tap() as tap:
    one = [("eth0", TEMPLATE_MAC)]
    units = dict.fromkeys([*UNITS, *OTHERS], "[Unit]\n")
    said = warnings_of(units, one, [("ens192", CLONE_MAC)])
    tap.is_(len(said), len(UNITS), "one warning each")
    for path, unit in UNITS.items():
        tap.ok(any(path.startswith(warning.split(" is for")[0]) and f"enable {unit} in its place" in warning for warning in said), f"{path}: enable {unit}", said)
    tap.is_(warnings_of(units, one, [("eth0", CLONE_MAC)]), [], "a NIC that is called as before is no news")
    said = warnings_of(units, [("eth9", "52:54:00:aa:bb:09"), *one], [("eth9", CLONE_MAC)])
    tap.ok(len(said) == len(UNITS) and all("none here took its place: disable it" in warning for warning in said), "of one that is gone that is said", said)
    rule = "-A INPUT -i eth0 -j ACCEPT\n"
    said = warnings_of({"/etc/iptables/rules.v4": "#" * (1 << 20) + "\n" + rule, "/etc/iptables/rules.v6": rule * 2}, one, [("ens192", CLONE_MAC)])
    tap.ok(len(said) == 3 and "/etc/iptables/rules.v4 is larger than 1 MiB and is not searched" in said[0] and "rules.v6:2: the NIC name eth0" in said[2],
           "a file of any size costs no time, and is named", said)
    for world in (SAYS, SHARES, SERVES):
        said = warnings_of({**world, **PROFILE}, one, [("ens192", CLONE_MAC)])
        for path, text in world.items():
            lines = {number: int(line.lstrip()[0] not in "#!;") for number, line in enumerate(text.splitlines(), 1)
                     if any(old in line.lower() for old in ("golden", "eth0", TEMPLATE_MAC, "10.9.0.10"))}
            tap.is_({number: sum(warning.startswith(f"{path}:{number}: ") for warning in said) for number in lines}, lines, f"{path}: each line is named")
    said = warnings_of({**SHARES, **PROFILE}, one, [("ens192", CLONE_MAC)])
    words = {"/etc/chrony/chrony.conf": "server 10.1.1.1\nlocal stratum 10\n", "/etc/nginx/nginx.conf": "http {\n  server {\n    listen 80;\n  }\n}\n",
             "/etc/postgresql/15/main/pg_hba.conf": "local all all peer\n", "/etc/munin/munin-node.conf": "host_name server\n"}
    named = warnings_of(words, one, one, "server")
    tap.ok(len(named) == 1 and named[0].startswith("/etc/munin/munin-node.conf:1: the host name server is mentioned here (host_name)"),
           "a keyword that is the machine's name is none", named)
    for path, line, where in (("/etc/keepalived/keepalived.conf", 8, "here and is"), ("/etc/fstab", 1, "here and becomes"), ("/etc/corosync/corosync.conf", 4, "here (name) and becomes")):
        tap.ok(any(warning.startswith(f"{path}:{line}: ") and f"is mentioned {where}" in warning for warning in said), f"{path}:{line}: a key is said where there is one", said)
    enabled = dict.fromkeys([f"{WANTS}/keepalived.service", f"{WANTS}/frr.service", f"{WANTS}/ucarp@001.service"], "")
    shared = {"/etc/keepalived/keepalived.conf": "vrrp_instance one {\n interface eth0\n virtual_ipaddress {\n  10.9.0.99/24\n }\n}\n",
              "/etc/frr/frr.conf": "interface eth0\n vrrp 5 ip 10.9.0.98\n", "/etc/ucarp/vip-001.conf": "BIND_INTERFACE=eth0\nVIP_ADDRESS=10.9.0.97\n"}
    said = warnings_of({**shared, **enabled, **PROFILE}, one, one)
    for path, line, address in (("keepalived/keepalived.conf", 4, 99), ("frr/frr.conf", 2, 98), ("ucarp/vip-001.conf", 2, 97)):
        tap.is_(sum(warning.startswith(f"/etc/{path}:{line}: the virtual address 10.9.0.{address}, which ") for warning in said), 1, f"what {path} shares is named once")
    tap.is_(len(said), 3, "and nothing else")
    tap.is_(warnings_of({**shared, **PROFILE}, one, one), [], "what is not enabled shares nothing")
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, one)
        machine.add_template(0)
        for path, content in {**enabled, "/etc/frr/frr.conf": "interface eth0\n ip address 10.9.0.10/24\n"}.items():
            machine.write(path, content)
        tap.like(machine.run("seal").stderr, "/etc/frr/frr.conf:2: FRR gives eth0 the static address 10.9.0.10 of the template, and this file is not edited", "FRR's own address is refused")
    said = warnings_of(SECRETS, one, one)
    tap.ok(len(said) == 3 and all("the secret holds a value of the template's" in warning for warning in said), "what a secret says is not repeated", said)
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("eth0", TEMPLATE_MAC)], command_line="quiet " + " ".join(COMMAND_LINE))
        machine.add_template(0)
        sealed = machine.run("seal")
        machine.set_hardware(CLONE_UUID, [("ens192", CLONE_MAC)], command_line="quiet " + " ".join(COMMAND_LINE))
        planned = machine.run("plan")
        for word in COMMAND_LINE:
            named = f"warning: /proc/cmdline:1: the {'MAC address' if 'ifname' in word else 'host name'} "
            key = word.split("=")[0]
            for who, result in (("seal", sealed), ("plan", planned)):
                tap.ok(any(named in line and f"({key})" in line for line in (result.stdout + result.stderr).splitlines()), f"{key} on the kernel command line: {who}",
                       result.stdout, result.stderr)
    with Machine() as machine:
        machine.add_template(0)
        os.symlink("hostname", machine.path("/etc/HOSTNAME"))
        machine.run("seal")
        machine.become_clone()
        report = machine.json("apply", "--yes")[1]
        tap.ok(report["hostname"] != "golden" and not any("hostname" in warning for warning in report["warnings"]),
               "a link to a file that is edited mentions nothing", report)
