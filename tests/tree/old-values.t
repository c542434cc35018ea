#!/usr/bin/python3
"""After a reset, a search for any old value, token by token, finds only what the plan named.

The search is this file's own: it reads lines and words by itself and knows nothing of the agent's tables.
"""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, MACHINE_ID, REPOSITORY, TEMPLATE_UUID, Machine
from tap import Tap

PROFILES = "/etc/NetworkManager/system-connections"
OLD_NICS = [("eth0", "00:50:56:aa:00:01"), ("eth1", "00:50:56:aa:00:02"), ("eth2", "00:50:56:aa:00:03")]
NEW_NICS = [("ens192", "52:54:00:cc:00:01"), ("ens224", "52:54:00:cc:00:02"), ("ens256", "52:54:00:cc:00:03")]
UUID = "7e57aaaa-5a1e-4c0f-9d3b-0000000000%02x"

# Every place that one knows of where a value of the machine's own is written.
FIELD = {
    f"{PROFILES}/field.nmconnection": f"""\
[connection]
id=eth0
uuid={UUID % 1}
type=ethernet
interface-name=eth0

[ethernet]
mac-address=00:50:56:AA:00:01
cloned-mac-address=00-50-56-aa-00-01

[match]
path=pci-0000:00:03.0;
interface-name=!eth1;

[802-1x]
eap=peap;
identity=host/golden.example.org
password=golden
phase2-auth=mschapv2

[ipv4]
method=manual
address1=10.9.0.10/24,10.9.0.1
dns=10.9.0.10;10.9.0.53;
dhcp-client-id=01:00:50:56:aa:00:01
dhcp-hostname=golden
route1=0.0.0.0/0,10.9.0.1
route1_options=table=100,src=10.9.0.10
route2=192.0.2.0/24,10.9.0.10
routing-rule1=priority 5 from 10.9.0.10 table 100
routing-rule2=priority 6 from 0.0.0.0/0 iif eth0 table 100
routing-rule3=priority 7 from 0.0.0.0/0 to 10.9.0.10 table 100

[ipv6]
method=auto
addr-gen-mode=eui64
token=::5

[user]
org.example.note={UUID % 2} of golden at 10.9.0.10 on eth1
""",
    f"{PROFILES}/team.nmconnection": f"""\
[connection]
id=team
uuid={UUID % 2}
type=team
interface-name=team0

[team]
config={{"hwaddr":"00:50:56:AA:00:02","link_watch":{{"name":"arp_ping","source_host":"10.9.0.10","target_host":"10.9.0.1"}},"ports":{{"eth1":{{}}}}}}

[ipv4]
method=disabled

[ipv6]
method=disabled
""",
    f"{PROFILES}/vx.nmconnection": f"""\
[connection]
id=vx
uuid={UUID % 3}
type=vxlan
interface-name=vx0

[vxlan]
id=7
local=10.9.0.10
remote=10.9.0.99
parent={UUID % 1}

[ipv4]
method=disabled

[ipv6]
method=disabled
""",
    "/etc/NetworkManager/NetworkManager.conf": "[keyfile]\nunmanaged-devices=mac:00:50:56:AA:00:02;interface-name:eth1\n",
    "/etc/NetworkManager/conf.d/10-site.conf": f"""\
[connection-eth0]
match-device=interface-name:eth0,mac:00:50:56:aa:00:01
ipv4.dhcp-client-id=01:00:50:56:aa:00:01
ethernet.cloned-mac-address=00:50:56:aa:00:01
x.y={UUID % 1}
[global-dns-domain-*]
servers=10.9.0.10,10.9.0.53
""",
    "/etc/NetworkManager/dispatcher.d/50-x": f'#!/bin/sh\n[ "$1" = eth0 ] && ip rule add from 10.9.0.10\nx={UUID % 3}\n',
    "/etc/dhcp/dhclient.conf": """\
timeout 60; send host-name "golden";
interface "eth0" { send dhcp-client-identifier 1:0:50:56:aa:0:1;
  supersede host-name
    "golden.example.org"; }
lease { interface "eth1"; fixed-address 10.9.0.10; }
""",
    "/etc/dhcp/dhclient-eth0.conf": 'send dhcp-client-identifier "golden";\n',
    "/etc/dhcpcd.conf": "hostname golden\nclientid 01:00:50:56:aa:00:01\ninterface eth0\nstatic ip_address=10.9.0.10/24\n",
    "/usr/local/etc/dhcpcd.conf": "hostname golden\nduid 00:01:00:01:2a:00:00:00:00:50:56:aa:00:01\ninterface eth0\nia_pd 1 eth1/0\n",
    "/etc/iscsi/ifaces/one": "iface.net_ifacename = eth0\niface.hwaddress = 00:50:56:aa:00:01\niface.ipaddress = 10.9.0.10\n",
    "/etc/nvme/discovery.conf": "-t tcp -a 10.9.0.99 --host-traddr=10.9.0.10 --host-iface=eth0\n",
    "/etc/kernel/cmdline": "ip=10.9.0.10::10.9.0.1:255.255.255.0:golden:eth0:none ifname=eth0:00:50:56:aa:00:01\n",
    "/etc/sysconfig/network/ifcfg-eth0": "BOOTPROTO='dhcp'\nLLADDR='00:50:56:aa:00:01'\nDHCLIENT_CLIENT_ID='golden'\n",
    "/etc/cloud/cloud.cfg": "hostname: golden\nnetwork:\n  version: 2\n  ethernets:\n    eth0:\n      match: {macaddress: '00:50:56:aa:00:01'}\n",
    "/etc/ssh/sshd_config": "ListenAddress 10.9.0.10\n",
    "/etc/sysctl.d/90-site.conf": "net.ipv4.conf.eth0.rp_filter = 1\n",
    "/etc/firewalld/zones/site.xml": '<zone>\n <interface name="eth0"/>\n <rule><destination address="10.9.0.10"/></rule>\n <source mac="00:50:56:aa:00:01"/>\n</zone>\n',
    "/etc/firewalld/policies/site.xml": '<policy>\n <rule><source address="10.9.0.10"/></rule>\n</policy>\n',
    "/etc/firewalld/ipsets/site.xml": "<ipset>\n <entry>10.9.0.10</entry>\n</ipset>\n",
    "/etc/firewalld/direct.xml": "<direct>\n <rule>-i eth0 -d 10.9.0.10</rule>\n</direct>\n",
    "/etc/nftables.conf": 'table inet filter {\n iifname "eth0" ip daddr 10.9.0.10 accept\n}\n',
    "/etc/nftables/site.nft": 'iifname { "eth0", "eth1" } accept\n',
    "/etc/sysconfig/nftables.conf": "ip daddr 10.9.0.10 accept\n",
    "/etc/iptables/rules.v4": "-A INPUT -i eth0 -d 10.9.0.10/32 -j ACCEPT\n",
    "/etc/iptables/rules.v6": "-A INPUT -i eth1 -j ACCEPT\n",
    "/etc/sysconfig/iptables": "-A INPUT -i eth0 -d 10.9.0.10/32 -j ACCEPT\n",
    "/etc/sysconfig/ip6tables": "-A INPUT -i eth0 -j ACCEPT\n",
    "/etc/ufw/user.rules": "-A ufw-user-input -i eth0 -d 10.9.0.10 -j ACCEPT\n",
    "/etc/ufw/before.rules": "-A ufw-before-input -i eth0 -j ACCEPT\n",
    "/etc/ufw/after6.rules": "-A ufw6-after-input -i eth0 -j ACCEPT\n",
    "/etc/wireguard/wg0.conf": "[Interface]\nPrivateKey = golden\nPostUp = ip rule add from 10.9.0.10 iif eth0\n",
    "/etc/keepalived/keepalived.conf": "vrrp_instance one {\n interface eth0\n unicast_src_ip 10.9.0.10\n}\n",
    "/etc/dnsmasq.conf": "interface=eth0\nlisten-address=10.9.0.10\n",
    "/etc/dnsmasq.d/site": "host-record=golden.example.org,10.9.0.10\n",
    "/etc/postfix/main.cf": "myhostname = golden.example.org\nmydestination = $myhostname,\n golden\ninet_interfaces = 10.9.0.10\n",
    "/etc/systemd/system/systemd-networkd-wait-online.service.d/x.conf": "[Service]\nExecStart=/lib/systemd/systemd-networkd-wait-online -i eth0\n",
    "/etc/systemd/resolved.conf": "[Resolve]\nDNS=10.9.0.10\n",
    "/var/lib/connman/wifi_1/settings": "[wifi_1]\nIPv4.DHCP.LastAddress=10.9.0.10\n",
    "/etc/systemd/network/10-eth0.link": """\
[Match]
MACAddress=00:50:56:aa:00:01 00-50-56-AA-00-02
Path=pci-0000:00:03.0
Host=golden
[Link]
Description=eth0 of golden at 10.9.0.10
Name=eth0
AlternativeName=eth1
""",
    "/etc/systemd/network/10-eth0.link.d/x.conf": "[Match]\nPermanentMACAddress=00:50:56:aa:00:02\n[Link]\nName=eth1\n",
    "/etc/udev/rules.d/70-persistent-net.rules": """\
SUBSYSTEM=="net", ATTR{address}=="00:50:56:aa:00:01", NAME="eth0"
SUBSYSTEM=="net", ENV{ID_PATH}=="pci-0000:00:04.0", NAME="eth1"
KERNEL=="eth0", RUN+="/bin/ip addr add 10.9.0.10/24 dev eth0", PROGRAM="/bin/is golden"
""",
    "/etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.2020-01.com.example:golden\nInitiatorAlias=golden\n",
    "/etc/hosts": "127.0.0.1 localhost\n127.1 golden\n10.9.0.10 golden.example.org golden\n192.0.2.9 golden.\n10.9.0.9 db\n",
    "/etc/mailname": "golden.example.org\n",
    "/etc/machine-info": 'PRETTY_HOSTNAME="Our golden"\nLOCATION="beside golden"\n',
    "/var/lib/NetworkManager/timestamps": f"[timestamps]\n{UUID % 1}=1700000000\n",
    "/var/lib/NetworkManager/no-auto-default.state": "00:50:56:AA:00:02\n",
}

POLICIES = {
    "DHCP": "[network]\nforeign = warn\n",
    "keep": "[network]\nforeign = warn\nmethod = keep\n",
    "an address": "[network]\nforeign = warn\ngateway = 10.9.0.1\n[host web-17]\nmatch-uuid = %s\naddress = 10.9.0.77/24\n" % CLONE_UUID,
}


def corpus(directory):
    tree = {}
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), "rb") as file:
            tree[f"{PROFILES}/{name}"] = file.read()
    return tree


def hexes(mac, separator):
    return separator.join(f"0?{int(byte, 16):x}" for byte in mac.split(":"))


def old_values(machine, policy):
    """{value: what finds it as a token}."""
    found = {}
    for name in os.listdir(machine.path(PROFILES)):
        text = machine.read(f"{PROFILES}/{name}")
        if "[connection]" not in text:
            continue
        for uuid in re.findall(r"^uuid *= *([0-9a-fA-F-]{36})\s*$", text, re.M)[-1:]:
            found[uuid.lower()] = rf"(?<![0-9a-f]){uuid}(?![0-9a-f])"
        if policy != "keep":
            for address in re.findall(r"^address(?:es)?\d* *= *(\d+\.\d+\.\d+\.\d+)", text, re.M):
                found[address] = rf"(?<![\w.]){re.escape(address)}(?![\w]|\.\w)"
    for name, mac in OLD_NICS:
        found[name] = rf"(?<![\w-]){name}(?![\w-]|\.\d)"
        plain = mac.replace(":", "")
        found[mac] = rf"(?<![0-9a-f])(?:{hexes(mac, ':')}|{hexes(mac, '-')}|{plain})(?![0-9a-f]|[:-][0-9a-f])"
    for slot in range(len(OLD_NICS)):
        found[f"pci-0000:00:{slot + 3:02x}.0"] = rf"pci-0000:00:{slot + 3:02x}\.0(?!\w)"
    found["golden"] = r"(?<![\w.-])golden(?![\w-])"
    return {value: re.compile(pattern, re.I) for value, pattern in found.items()}


def set_slots(machine):
    """The clone's NICs stand in other slots too."""
    top = os.path.join(machine.hardware, "sys/devices/pci0000:00")
    for slot in reversed(range(len(NEW_NICS))):
        os.rename(os.path.join(top, f"0000:00:{slot + 3:02x}.0"), os.path.join(top, f"0000:00:{slot + 19:02x}.0"))
        link = os.path.join(machine.hardware, "sys/class/net", NEW_NICS[slot][0])
        os.unlink(link)
        os.symlink(f"../../devices/pci0000:00/0000:00:{slot + 19:02x}.0/net/{NEW_NICS[slot][0]}", link)


def new_values(machine):
    """Of the clone; what is old and new at once (a kept UUID, a policy's address) is not searched for."""
    return {uuid.lower() for name in os.listdir(machine.path(PROFILES))
            for uuid in re.findall(r"^uuid *= *([0-9a-fA-F-]{36})\s*$", machine.read(f"{PROFILES}/{name}"), re.M)}


def unnamed(machine, files, values, warnings):
    """What a search finds in FILES and no warning names."""
    found = []
    for path in files:
        if not machine.exists(path):
            continue
        said = [warning.lower() for warning in warnings if path in warning]
        # It is named whole, and its own UUID and addresses stay with it.
        own = any(f"{path} is not edited" in warning for warning in warnings)
        for number, line in enumerate(machine.read(path).split("\n"), 1):
            if re.match(r"\s*#", line):
                continue
            line = line.split("#")[0] if path == "/etc/hosts" else line
            if own and re.match(r"(uuid|address\d*) *=", line):
                continue
            for value, pattern in values.items():
                for match in pattern.finditer(line):
                    if not any(match.group().lower() in warning or "the secret holds" in warning or
                               ("names the template at" in warning and value == "golden") for warning in said):
                        found.append(f"{path}:{number}: {match.group()}: {line[:200]}")
    return found


def search(tap, name, tree, policy):
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, OLD_NICS)
        machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
        machine.write("/etc/hostname", "golden\n")
        for path, content in tree.items():
            machine.write(path, content, 0o600 if path.startswith(PROFILES) else 0o644)
        machine.write("/etc/reset-identity/policy.ini", POLICIES[policy])
        sealed = machine.run("seal")
        machine.set_hardware(CLONE_UUID, NEW_NICS)
        set_slots(machine)
        values = old_values(machine, policy)
        code, plan = machine.json("plan")
        if code != 3:
            tap.ok(False, f"{name}, {policy}: planned", plan, sealed.stderr)
            return
        applied = machine.run("apply", "--yes")
        for value in new_values(machine) & set(values):
            if any(value in warning.lower() and "keeps the template" in warning for warning in plan["warnings"]):
                del values[value]
        left = unnamed(machine, tree, values, plan["warnings"])
        if f"{PROFILES}/team.nmconnection" in tree:
            # teamd sends from it. A unit test with sanitizers cannot: libnm loads a library for a team's configuration.
            tap.like(machine.read(f"{PROFILES}/team.nmconnection").lower(), f'"hwaddr":"{NEW_NICS[1][1]}"',
                     f"{name}, {policy}: the address that a team sends from is its NIC's")
        tap.ok(applied.returncode == 0 and not left, f"{name}, {policy}: nothing of the template is left unnamed", left or applied.stderr)


with Tap() as tap:
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can make profiles that NetworkManager loads")
        sys.exit(tap.done())
    trees = {"every place": FIELD, "the corpus": corpus(os.path.join(REPOSITORY, "tests/corpus/keyfiles"))}
    for extra in os.environ.get("OLD_VALUES_CORPUS", "").split():
        trees[extra] = corpus(extra)
    for title, files in trees.items():
        for kind in POLICIES:
            if kind != "an address" or title == "every place":
                search(tap, title, files, kind)
