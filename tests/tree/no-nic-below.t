#!/usr/bin/python3
"""The loopback, dummies and tunnels in ifcfg files and netplan's: nothing assigns an address there, and the loopback's is no NIC's."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, Machine
from tap import Tap

SCRIPTS = "/etc/sysconfig/network-scripts"
NETPLAN = "/etc/netplan/60-lab.yaml"
INTERFACES = "/etc/network/interfaces"
KEYFILE = "/etc/NetworkManager/system-connections/lo.nmconnection"
TUNNEL = (f"{SCRIPTS}/ifcfg-gre1", "DEVICE=gre1\nTYPE=GRE\nBOOTPROTO=none\nONBOOT=yes\nMY_OUTER_IPADDR=10.9.0.10\nMY_INNER_IPADDR=172.16.0.10%s\n"
                                   "PEER_INNER_IPADDR=172.16.0.9\n")
# The network scripts are there: what stands in the files is on the wire.
SCRIPTED = {f"{SCRIPTS}/ifup": "#!/bin/sh\n", f"{SCRIPTS}/ifcfg-ens3": "DEVICE=ens3\nONBOOT=yes\nBOOTPROTO=dhcp\n"}


def reset(files, policy=""):
    machine = Machine()
    machine.add_template(0)
    for path, content in files.items():
        machine.write(path, content, 0o600 if path == KEYFILE or path.endswith(".nmconnection") else 0o644)
    machine.write("/etc/reset-identity/policy.ini", policy)
    sealed = machine.run("seal")
    machine.become_clone()
    code, applied = machine.json("apply", "--yes")
    return machine, applied if code == 0 and sealed.returncode == 0 else {"warnings": [], "error": (sealed.stderr, applied["error"])}


def check_loopback(tap):
    """A virtual address that real servers of a load balancer share, or a router's own: every clone has it, and that is said."""
    places = {
        f"{SCRIPTS}/ifcfg-lo:1": "DEVICE=lo:1\nIPADDR=10.79.0.10\nNETMASK=255.255.255.255\nONBOOT=yes\n",
        NETPLAN: "network:\n  version: 2\n  ethernets:\n    lo:\n      addresses: [10.79.0.10/32, 127.0.0.1/8]\n",
        "/etc/netplan/61-matched.yaml": "network:\n  version: 2\n  ethernets:\n    vips:\n      match: {name: lo}\n      addresses: [10.79.0.10/32]\n",
        INTERFACES: "auto lo\niface lo inet loopback\n up ip addr add 10.79.0.10/32 dev lo\n",
        KEYFILE: "[connection]\nid=lo\nuuid=7e57aaaa-5a1e-4c0f-9d3b-000000000001\ntype=loopback\ninterface-name=lo\n\n[ipv4]\nmethod=manual\n"
                 "address1=127.0.0.1/8\naddress2=10.79.0.10/32\n\n[ipv6]\nmethod=manual\naddress1=::1/128\n",
    }
    for path, content in places.items():
        machine, applied = reset(SCRIPTED | {"/sbin/ifup": "", path: content})
        with machine:
            said = [line for line in applied["warnings"] if line.startswith(path + ":")]
            tap.ok("10.79.0.10" in machine.read(path) and "dhcp" not in machine.read(path) and len(said) == 1 and "10.79.0.10" in said[0],
                   f"{path}: the loopback's address stays and is named", applied)
            tap.ok("127.0.0.1" not in said[0] if said else False, f"{path}: what every machine has is not", applied)


def check_dummies(tap):
    for line in ("", "TYPE=Ethernet\n"):
        machine, applied = reset(SCRIPTED | {f"{SCRIPTS}/ifcfg-dummy0": f"DEVICE=dummy0\n{line}NM_CONTROLLED=no\nIPADDR=10.77.0.10\nPREFIX=32\nONBOOT=yes\n"})
        with machine:
            text = machine.read(f"{SCRIPTS}/ifcfg-dummy0")
            tap.ok("10.77.0.10" not in text and "BOOTPROTO=none" in text and any("of dummy0 are removed" in said for said in applied["warnings"]),
                   f"a dummy in an ifcfg file asks nobody for an address ({line.strip() or 'no TYPE'})", text, applied)


def check_tunnels(tap):
    for prefix in ("", "/30"):
        machine, applied = reset(SCRIPTED | {TUNNEL[0]: TUNNEL[1] % prefix})
        with machine:
            text = machine.read(TUNNEL[0])
            tap.ok("172.16.0.10" not in text and "PEER_INNER_IPADDR=172.16.0.9\n" in text
                   and any("of gre1 are removed" in said for said in applied["warnings"]),
                   f"a tunnel's inner address{prefix} goes, its peer's stays", text, applied)
        machine, applied = reset(SCRIPTED | {TUNNEL[0]: TUNNEL[1] % prefix, f"{SCRIPTS}/rule-gre1": "from 172.16.0.10 table 5\n"},
                                 f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress.gre1 = 172.16.0.14/30\n")
        with machine:
            text = machine.read(TUNNEL[0])
            tap.ok(f"MY_INNER_IPADDR=172.16.0.14{prefix}\n" in text and "\nIPADDR" not in text and
                   machine.read(f"{SCRIPTS}/rule-gre1") == "from 172.16.0.14 table 5\n",
                   f"one that the policy gives{prefix} stands where the scripts look for it, and what mentions it follows", text, applied)
    machine, applied = reset(SCRIPTED | {TUNNEL[0]: TUNNEL[1] % ""}, "[network]\nmethod = keep\n")
    with machine:
        tap.ok("172.16.0.10" in machine.read(TUNNEL[0]) and any("keeps the template's address 172.16.0.10" in said for said in applied["warnings"]),
               "one that is kept is named", applied)
    machine, applied = reset(SCRIPTED | {TUNNEL[0]: TUNNEL[1] % ""},
                             f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress.gre1 = 172.16.0.14/28, 172.16.0.13/28\n")
    with machine:
        tap.ok("policy.ini:3: host web: there is no room for 172.16.0.13" in str(applied["error"]) and "172.16.0.10" in machine.read(TUNNEL[0]),
               "a second address, for which it has no place, is refused", applied)
    machine, applied = reset(SCRIPTED | {TUNNEL[0]: TUNNEL[1] % "" + "x=$(hostname)\n"})
    with machine:
        tap.ok("172.16.0.10" in str(applied["error"]), "a file that cannot be edited is refused with it", applied)


# {format: (the bridge's file, its text, what makes ens3 its port)}
KEYFILES = "/etc/NetworkManager/system-connections"
NETWORKD = "/etc/systemd/network"
BRIDGES = {
    "keyfile": (f"{KEYFILES}/br.nmconnection",
                "[connection]\nid=inner\nuuid=7e57aaaa-5a1e-4c0f-9d3b-000000000001\ntype=bridge\ninterface-name=br9\n\n"
                "[ipv4]\nmethod=manual\naddress1=10.78.0.10/24\n",
                {f"{KEYFILES}/port.nmconnection": "[connection]\nid=port\nuuid=7e57aaaa-5a1e-4c0f-9d3b-000000000002\ntype=ethernet\n"
                                                  "interface-name=ens3\nmaster=7e57aaaa-5a1e-4c0f-9d3b-000000000001\nslave-type=bridge\n"}),
    "ifcfg": (f"{SCRIPTS}/ifcfg-br9", "DEVICE=br9\nTYPE=Bridge\nBOOTPROTO=static\nIPADDR=10.78.0.10\nPREFIX=24\nONBOOT=yes\n",
              {f"{SCRIPTS}/ifcfg-ens3": "DEVICE=ens3\nBRIDGE=br9\nONBOOT=yes\n"}),
    "netplan": (NETPLAN, "network:\n  version: 2\n  ethernets:\n    ens3: {}\n  bridges:\n    br9:\n      interfaces: []\n"
                         "      addresses: [10.78.0.10/24]\n",
                {NETPLAN: "network:\n  version: 2\n  ethernets:\n    ens3: {}\n  bridges:\n    br9:\n      interfaces: [ens3]\n"
                          "      addresses: [10.78.0.10/24]\n"}),
    "networkd": (f"{NETWORKD}/br9.network", "[Match]\nName=br9\n[Network]\nAddress=10.78.0.10/24\n",
                 {f"{NETWORKD}/ens3.network": "[Match]\nName=ens3\n[Network]\nBridge=br9\n"}),
    "ifupdown": (INTERFACES, "auto br9\niface br9 inet static\n address 10.78.0.10/24\n bridge_ports none\n",
                 {INTERFACES: "auto br9\niface br9 inet static\n address 10.78.0.10/24\n bridge_ports ens3\n"}),
}


def check_bridges(tap):
    """One without a port is a host's own, and DHCP there is a minute of every boot lost for nothing."""
    for name, (path, text, port) in BRIDGES.items():
        base = {f"{NETWORKD}/br9.netdev": "[NetDev]\nName=br9\nKind=bridge\n"} if name == "networkd" else {}
        machine, applied = reset(SCRIPTED | base | {path: text}) if name == "ifcfg" else reset(base | {path: text})
        with machine:
            new = machine.read(path)
            tap.ok("10.78.0.10" not in new and not re.search("dhcp|=auto", new, re.I)
                   and any("of br9 are removed and the family is disabled" in said for said in applied["warnings"]),
                   f"{name}: a bridge without a port asks nobody for an address", new, applied)
        machine, applied = reset(SCRIPTED | base | {path: text} | port)
        with machine:
            tap.ok("10.78.0.10" not in machine.read(path) and re.search("dhcp|=auto", machine.read(path), re.I) and not applied["warnings"],
                   f"{name}: one with a port does", machine.read(path), applied)


def check_scripts(tap):
    """What a dispatcher runs may be a program of any size: that is no reason to reset nothing."""
    script = "/etc/NetworkManager/dispatcher.d/agent"
    machine, applied = reset({script: b"\x7fELF" + bytes(17 << 20), f"{script}.sh": "ip addr add 10.76.0.10/24 dev ens3\n"})
    with machine:
        tap.ok(applied["error"] is None and any(line.startswith(f"{script}.sh:1: a script gives ens3") for line in applied["warnings"]),
               "a program among the scripts stops nothing", applied)


with Tap() as tap:
    check_scripts(tap)
    check_bridges(tap)
    check_loopback(tap)
    check_dummies(tap)
    check_tunnels(tap)
