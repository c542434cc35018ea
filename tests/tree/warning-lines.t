#!/usr/bin/python3
"""The line that a warning names holds what it says: in the files of the template for who reads a plan, in those of the clone for who reads
the report of a run, which has taken lines out above it, or put some in."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, TEMPLATE_UUID, Machine
from tap import Tap

OLD, NEW = [("ens3", "52:54:00:30:00:01")], [("ens192", "52:54:00:cc:00:01")]
HOST = f"[network]\nforeign = warn\n[host web]\nmatch-uuid = {CLONE_UUID}\naddress = 10.9.0.77/24, 2001:db8::77/64\ngateway = 10.9.0.254\ndns = 10.9.0.53\n"
POLICIES = {"DHCP": "[network]\nforeign = warn\n", "an address": HOST}

# Each file has lines that go or come in front of, between and behind those that are named.
FORMATS = {
    "keyfile": {"/etc/NetworkManager/system-connections/lan.nmconnection": """\
[connection]
id=lan
uuid=7e57aaaa-5a1e-4c0f-9d3b-000000000001
type=ethernet
interface-name=ens3

[ipv4]
method=manual
address1=10.9.0.10/24,10.9.0.1
address2=10.9.0.11/24
dns=10.9.0.53;
route1=192.0.2.0/24,10.9.0.10
route2=198.51.100.0/24,10.8.0.1

[ipv6]
method=manual
address1=2001:db8::10/64
address2=2001:db8::11/64

[user]
org.example.note=golden at 10.9.0.10
"""},
    "ifcfg": {"/etc/sysconfig/network-scripts/ifcfg-lan": """\
TYPE=Ethernet
DEVICE=ens3
BOOTPROTO=none
IPADDR=10.9.0.10
PREFIX=24
IPADDR1=10.9.0.11
PREFIX1=24
GATEWAY=10.9.0.1
NOTE="golden at 10.9.0.10"
IPV6INIT=yes
IPV6ADDR=2001:db8::10/64
OTHER=golden
""", "/usr/lib64/NetworkManager/1.30/libnm-settings-plugin-ifcfg-rh.so": ""},
    "netplan": {"/etc/netplan/50-lan.yaml": """\
network:
  version: 2
  ethernets:
    ens3:
      macaddress: 52:54:00:99:99:99
      addresses:
        - 10.9.0.10/24
        - 10.9.0.11/24
        - 2001:db8::10/64
      routes:
        - to: default
          via: 10.9.0.1
        - to: 192.0.2.0/24
          via: 10.8.0.1
      nameservers:
        addresses: [10.9.0.53]
        search: [golden.example.org]
""", "/usr/sbin/netplan": ""},
    "networkd": {"/etc/systemd/network/10-lan.network": """\
[Match]
Name=ens3

[Network]
Address=10.9.0.10/24
Address=10.9.0.11/24
Gateway=10.9.0.1
Address=2001:db8::10/64
Description=golden at 10.9.0.10

[Link]
MACAddress=52:54:00:99:99:99

[Route]
Destination=192.0.2.0/24
Gateway=10.8.0.1
""", "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": ""},
    "ifupdown": {"/etc/network/interfaces": """\
auto ens3
iface ens3 inet static
    address 10.9.0.10
    netmask 255.255.255.0
    gateway 10.9.0.1
    hwaddress 52:54:00:99:99:99
    up echo golden at 10.9.0.10
    up ip route add 192.0.2.0/24 via 10.8.0.1
iface ens3 inet static
    address 10.9.0.11/24
    down echo golden
iface ens3 inet6 static
    address 2001:db8::10/64
    up echo golden
""", "/usr/sbin/ifup": ""},
    "hosts": {"/etc/hosts": "127.0.0.1 localhost\n127.0.1.1 golden\n10.9.0.10 golden.example.org golden\n10.9.0.11 golden\n192.0.2.9 golden.\n",
              "/etc/network/interfaces": "auto ens3\niface ens3 inet static\n    address 10.9.0.10/24\n    address 10.9.0.11/24\n"},
    "dhclient": {"/etc/dhcp/dhclient.conf": """\
lease {
  interface "ens3";
  fixed-address 10.9.0.10;
}
send dhcp-client-identifier "x";
send host-name "golden";
option other "golden";
""", "/etc/network/interfaces": "auto ens3\niface ens3 inet static\n    address 10.9.0.10/24\n"},
}
SAID = re.compile(r"^(/[^:]*):(\d+): .*?(?:(?:the (?:NIC name|MAC address|address|host name|next hop)|names the template at) (\S+?)(?:, which|,? is)|(golden|52:54:00:99:99:99|10\.8\.0\.1)\b)")


def wrong(machine, warnings):
    """Warnings whose line says no such thing, and how many say a line at all."""
    found, said = [], 0
    for warning in warnings:
        match = SAID.match(warning)
        if not match or not machine.exists(match[1]):
            continue
        said += 1
        lines = machine.read(match[1]).split("\n")
        number = int(match[2])
        if number > len(lines) or (match[3] or match[4]).lower() not in lines[number - 1].lower():
            found.append((warning, lines[number - 1] if number <= len(lines) else None))
    return found, said


with Tap() as tap:
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can make profiles that NetworkManager loads")
        sys.exit(tap.done())
    for name, files in FORMATS.items():
        for kind, policy in POLICIES.items():
            with Machine() as machine:
                machine.add_template(0)
                machine.set_hardware(TEMPLATE_UUID, OLD)
                for path, text in files.items():
                    machine.write(path, text, 0o600)
                machine.run("seal")
                machine.write("/etc/reset-identity/policy.ini", policy)
                machine.set_hardware(CLONE_UUID, NEW)
                planned = machine.json("plan")[1]["warnings"]
                found, said = wrong(machine, planned)
                tap.ok(said > 0 and not found, f"{name}, {kind}: a plan says the lines as they are ({said})", found, planned)
                code, report = machine.json("apply", "--yes", "--no-network")
                found, again = wrong(machine, report["warnings"])
                tap.ok(code == 0 and again == said and not found, f"{name}, {kind}: and a report as they are then", found, report)
