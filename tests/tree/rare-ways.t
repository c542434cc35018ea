#!/usr/bin/python3
"""Ways to write a thing that few files have: what a clone gets, and that an undo brings every byte back."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

YAML, NETWORKD, INTERFACES = "/etc/netplan/50-lan.yaml", "/etc/systemd/network/50-lan.network", "/etc/network/interfaces"
LAN, OTHER, COMMON = "/etc/sysconfig/network-scripts/ifcfg-lan", "/etc/sysconfig/network-scripts/ifcfg-other", "/etc/sysconfig/network"
STRANGE = "52:54:00:99:99:99"
HOST = f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress.ens3 = 10.9.0.17/24, 2001:db8::17/64\ngateway = 10.9.0.254\n"
V4 = HOST.replace(", 2001:db8::17/64", "")
OFF = "[network]\nmethod = disabled\n"


def netplan(lines):
    return "network:\n  version: 2\n  ethernets:\n    ens3:\n" + "".join(f"      {line}\n" for line in lines)


def ifcfg(*lines):
    return "".join(f"{line}\n" for line in ("TYPE=Ethernet", "DEVICE=ens3", "UUID=7e570010-5a1e-4c0f-9d3b-0000000ec001", "ONBOOT=yes", *lines))


# What it is, the files, the policy, what becomes of them, what is said.
CASES = (
    ("netplan: a router's word that is refused already stays refused in the file's own word",
     {YAML: netplan(["addresses: [10.9.0.10/24]", "accept-ra: no"])}, OFF,
     {YAML: netplan(["accept-ra: no", "link-local: []"])}, None),
    ("netplan: one that is taken is refused",
     {YAML: netplan(["addresses: [10.9.0.10/24]", "accept-ra: yes"])}, OFF,
     {YAML: netplan(["accept-ra: false", "link-local: []"])}, None),
    ("netplan: of the addresses that a NIC makes itself IPv6's goes",
     {YAML: netplan(["addresses: [10.9.0.10/24]", "accept-ra: no", "link-local: [ipv4, ipv6] # both"])}, OFF,
     {YAML: netplan(["accept-ra: no", "link-local: [ipv4] # both"])}, None),
    ("netplan: and leaves an empty list, not none",
     {YAML: netplan(["addresses: [10.9.0.10/24]", "accept-ra: no", "link-local:", "- ipv6"])}, OFF,
     {YAML: netplan(["accept-ra: no", "link-local: []"])}, None),
    ("netplan: where it is off and DHCPv6 comes, which needs it, it is on",
     {YAML: netplan(["addresses: ['2001:db8::10/64']", "accept-ra: no", "link-local: []"])}, "",
     {YAML: netplan(["accept-ra: true", "link-local: [ipv6]", "dhcp6: true"])}, None),
    ("ifcfg: DHCPv6 goes where an address comes",
     {LAN: ifcfg("BOOTPROTO=none", "IPV6INIT=yes", "IPV6_AUTOCONF=no", "DHCPV6C=yes")}, HOST.replace("10.9.0.17/24, ", "").replace("gateway = 10.9.0.254\n", ""),
     {LAN: ifcfg("BOOTPROTO=none", "IPV6INIT=yes", "IPV6_AUTOCONF=no", "IPV6ADDR=2001:db8::17/64", "DHCPV6C=no")}, None),
    ("ifcfg: it stays where none comes",
     {LAN: ifcfg("BOOTPROTO=none", "IPADDR=10.9.0.10", "PREFIX=24", "IPV6INIT=yes", "IPV6_AUTOCONF=no", "DHCPV6C=yes")}, "",
     {LAN: ifcfg("BOOTPROTO=dhcp", "IPV6INIT=yes", "IPV6_AUTOCONF=no", "DHCPV6C=yes")}, None),
    ("ifcfg: the gateway of all that is another NIC's stays, and the NIC's own is its own",
     {LAN: ifcfg("BOOTPROTO=none", "IPADDR=10.9.0.10", "PREFIX=24"), COMMON: "GATEWAY=10.8.0.1\nGATEWAYDEV=ens4\n"}, V4,
     {LAN: ifcfg("BOOTPROTO=none", "IPADDR=10.9.0.17", "PREFIX=24", "GATEWAY=10.9.0.254"), COMMON: "GATEWAY=10.8.0.1\nGATEWAYDEV=ens4\n"}, None),
    ("ifcfg: the gateway of all that names this NIC is changed there",
     {LAN: ifcfg("BOOTPROTO=none", "IPADDR=10.9.0.10", "PREFIX=24"), COMMON: "GATEWAY=10.8.0.1\nGATEWAYDEV=ens3\n"}, V4,
     {LAN: ifcfg("BOOTPROTO=none", "IPADDR=10.9.0.17", "PREFIX=24"), COMMON: "GATEWAY=10.9.0.254\nGATEWAYDEV=ens3\n"}, None),
    ("ifcfg: an IPv6 gateway of all with a NIC behind it",
     {LAN: ifcfg("BOOTPROTO=none", "IPV6INIT=yes", "IPV6_AUTOCONF=no", "IPV6ADDR=2001:db8::10/64"), COMMON: "IPV6_DEFAULTGW=fe80::1%ens3\n"},
     HOST.replace("10.9.0.17/24, ", "").replace("10.9.0.254", "2001:db8::fe"),
     {LAN: ifcfg("BOOTPROTO=none", "IPV6INIT=yes", "IPV6_AUTOCONF=no", "IPV6ADDR=2001:db8::17/64"), COMMON: "IPV6_DEFAULTGW=2001:db8::fe\n"}, None),
    ("networkd: a file for a NIC that nobody has had is named",
     {NETWORKD: f"[Match]\nMACAddress={STRANGE}\n\n[Network]\nDHCP=yes\n"}, "",
     {NETWORKD: f"[Match]\nMACAddress={STRANGE}\n\n[Network]\nDHCP=yes\n"}, rf"50-lan.network:2: \[Match\] MACAddress={STRANGE} is no NIC of this machine, nor of the recorded one"),
    ("networkd: an address to send from that no NIC has is every clone's",
     {NETWORKD: f"[Match]\nName=ens3\n\n[Link]\nMACAddress={STRANGE}\n\n[Network]\nDHCP=yes\n"}, "",
     {NETWORKD: f"[Match]\nName=ens3\n\n[Link]\nMACAddress={STRANGE}\n\n[Network]\nDHCP=yes\n"}, rf"50-lan.network:5: \[Link\] MACAddress={STRANGE} is no NIC's own address"),
    ("ifupdown-ng: use dhcp goes where an address comes",
     {INTERFACES: "auto ens3\niface ens3\n\tuse dhcp\n"}, V4, {INTERFACES: "auto ens3\niface ens3\n\taddress 10.9.0.17/24\n\tgateway 10.9.0.254\n"}, None),
    ("ifupdown-ng: and stays where none does",
     {INTERFACES: "auto ens3\niface ens3\n\tuse dhcp\n"}, "", {INTERFACES: "auto ens3\niface ens3\n\tuse dhcp\n"}, None),
    ("ifupdown-ng: it goes where the policy has no IPv4",
     {INTERFACES: "auto ens3\niface ens3\n\tuse dhcp\n"}, OFF, {INTERFACES: "auto ens3\niface ens3\n"}, None),
)


def machine_with(files, policy):
    machine = Machine()
    machine.add_template(0)
    machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])
    assert machine.run("seal").returncode == 0
    machine.write("/usr/sbin/NetworkManager", "", 0o755)
    machine.write("/usr/lib64/NetworkManager/1.30/libnm-settings-plugin-ifcfg-rh.so", "")
    machine.write("/usr/sbin/ifup", "", 0o755)
    if "use dhcp" in str(files):
        machine.write("/usr/sbin/ifparse", "", 0o755)  # ifupdown-ng's
    machine.write("/usr/sbin/netplan", "", 0o755)
    machine.write("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "")
    machine.write("/etc/reset-identity/policy.ini", policy)
    for path, text in files.items():
        machine.write(path, text, 0o600)
    machine.become_clone()
    return machine


def told_apart(text):
    return re.sub("UUID=.*", "UUID=", text)


with Tap() as tap:
    for what, files, policy, expected, warning in CASES:
        with machine_with(files, policy) as machine:
            said = machine.json("plan")[1].get("warnings", [])
            applied = machine.run("apply", "--yes")
            found = {path: told_apart(machine.read(path)) for path in expected}
            tap.ok(applied.returncode == 0 and found == {path: told_apart(text) for path, text in expected.items()}, what, found, applied.stderr)
            if warning:
                tap.ok(any(re.search(warning, line) for line in said), f"{what}: said", said)
            undone = machine.run("undo", "--yes")
            tap.ok(undone.returncode == 0 and {path: machine.read(path) for path in files} == files, f"{what}: undone", undone.stderr)
    for probe, wanted in ("required", (1, True)), ("best-effort", (0, False)), ("off", (0, False)):
        with machine_with({}, f"[network]\nprobe = {probe}\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.60.0.17/24\n") as machine:
            before = machine.snapshot()
            result = machine.run("apply", "--yes")
            tap.is_((result.returncode, "whether the address 10.60.0.17 is free" in result.stderr and before == machine.snapshot()), wanted,
                    f"below --root nobody can be asked for an address: probe = {probe}")
            tap.diag(result.stderr)
