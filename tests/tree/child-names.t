#!/usr/bin/python3
"""Devices that are called after the NIC below them (a VLAN eth0.12, a partition ib0.8001) follow it, and so does what mentions them."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, PROGRAM, TEMPLATE_UUID, Machine
from tap import Tap

PROFILES = "/etc/NetworkManager/system-connections"
SCRIPTS = "/etc/sysconfig/network-scripts"
UUID = "7e57aaaa-5a1e-4c0f-9d3b-0000000000%02x"
OLD = [("eth0", "00:50:56:aa:00:01"), ("eth1", "00:50:56:aa:00:02")]
NEW = [("ens192", "52:54:00:cc:00:01"), ("ens224", "52:54:00:cc:00:02")]
SWAPPED = [("eth1", "52:54:00:cc:00:01"), ("eth0", "52:54:00:cc:00:02")]
HOST = f"[network]\ngateway = 10.9.0.1\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.9.0.77/24\n"

LAN = f"[connection]\nid=lan\nuuid={UUID % 1}\ntype=ethernet\ninterface-name=eth0\n\n[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=disabled\n"
VLAN = (f"[connection]\nid=VLAN12\nuuid={UUID % 2}\ntype=vlan\n\n[vlan]\nid=12\nparent=%s\n\n[ipv4]\nmethod=manual\n"
        "address1=10.9.0.10/24,10.9.0.1\n")

# The network scripts find the NIC of a VLAN by its name.
SCRIPTED = {
    f"{SCRIPTS}/ifcfg-eth0": "TYPE=Ethernet\nDEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\n",
    f"{SCRIPTS}/ifcfg-eth0.12": "VLAN=yes\nDEVICE=eth0.12\nONBOOT=yes\nIPADDR=10.9.0.10\nPREFIX=24\nGATEWAY=10.9.0.1\n",
    f"{SCRIPTS}/ifcfg-stacked": "VLAN=yes\nDEVICE=eth0.12.7\nONBOOT=yes\nBOOTPROTO=dhcp\n",
    f"{SCRIPTS}/ifcfg-own": "VLAN=yes\nPHYSDEV=eth0\nDEVICE=eth0.13\nNM_CONTROLLED=no\nBOOTPROTO=dhcp\n",
    f"{SCRIPTS}/ifcfg-named": "VLAN=yes\nPHYSDEV=eth0.12\nDEVICE=eth0.14\nVLAN_ID=5\nBOOTPROTO=dhcp\n",
    f"{SCRIPTS}/route-eth0.12": "10.20.0.0/16 via 10.9.0.254 dev eth0.12\n",
    f"{SCRIPTS}/rule-eth0.12": "iif eth0.12 table 9\n",
    f"{SCRIPTS}/ifcfg-bond0": "TYPE=Bond\nDEVICE=bond0\nBONDING_OPTS='mode=1 primary=eth1.5'\n",
    f"{SCRIPTS}/ifcfg-eth1.5": "VLAN=yes\nDEVICE=eth1.5\nMASTER=bond0\nSLAVE=yes\n",
    "/etc/sysconfig/network": "GATEWAYDEV=eth0.12\n",
    "/etc/NetworkManager/NetworkManager.conf": "[keyfile]\nunmanaged-devices=interface-name:eth0.12\n",
    "/etc/NetworkManager/dispatcher.d/10-x": '#!/bin/sh\n[ "$1" = eth0.12 ] && true\n',
}
FOLLOWED = {
    f"{SCRIPTS}/ifcfg-eth0.12": "DEVICE=ens192.12\n",
    f"{SCRIPTS}/ifcfg-stacked": "DEVICE=ens192.12.7\n",
    f"{SCRIPTS}/ifcfg-own": "DEVICE=ens192.13\n",
    f"{SCRIPTS}/ifcfg-named": "PHYSDEV=ens192.12\nDEVICE=eth0.14\n",
    f"{SCRIPTS}/route-eth0.12": "dev ens192.12\n",
    f"{SCRIPTS}/rule-eth0.12": "iif ens192.12 ",
    f"{SCRIPTS}/ifcfg-bond0": "primary=ens224.5'",
    "/etc/sysconfig/network": "GATEWAYDEV=ens192.12\n",
    "/etc/NetworkManager/NetworkManager.conf": "interface-name:ens192.12\n",
}


def reset(files, policy="", old=None, new=None):
    """A clone of a template with FILES that was reset, and what apply said of it."""
    machine = Machine()
    machine.set_hardware(TEMPLATE_UUID, old or OLD)
    machine.add_template(0)
    for path, content in files.items():
        machine.write(path, content, 0o600 if path.startswith(PROFILES) else 0o644)
    machine.write("/etc/reset-identity/policy.ini", policy)
    sealed = machine.run("seal")
    machine.set_hardware(CLONE_UUID, new or NEW)
    code, applied = machine.json("apply", "--yes")
    return machine, applied if code == 0 else {"warnings": [], "choices": [], "error": (sealed.stderr, applied["error"])}


def check_scripts(tap):
    machine, applied = reset(SCRIPTED)
    with machine:
        tap.is_([choice["name"] for choice in applied["choices"] if choice["name"].startswith("address")], ["address ens192.12"],
                "the summary says the VLAN's new name")
        for path, text in FOLLOWED.items():
            tap.ok(text in machine.read(path), f"{path}: the VLAN's new name", machine.read(path), applied)
        tap.ok(any("/10-x:2: the NIC name eth0.12 is mentioned here and becomes ens192.12" in line for line in applied["warnings"]),
               "a script that mentions it is named", applied["warnings"])


def check_policy_names(tap):
    """The policy may call a VLAN as it is called on the clone, and as in the template; what the clone's is called comes first."""
    vlan = "VLAN=yes\nDEVICE=eth0.12\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.9.0.10\nPREFIX=24\n"
    files = {f"{SCRIPTS}/ifcfg-eth0": "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\n", f"{SCRIPTS}/ifcfg-eth0.12": vlan}
    for name in ("ens192.12", "eth0.12", "*.12"):
        machine, applied = reset(files, f"[network {name}]\nmethod = disabled\n")
        with machine:
            text = machine.read(f"{SCRIPTS}/ifcfg-eth0.12")
            tap.ok("10.9.0.10" not in text and "dhcp" not in text, f"[network {name}] is for the VLAN", text, applied)
        # Sealed before there is such a policy: the names of the template's NICs are those that seal has.
        machine, _ = reset(files)
        with machine:
            machine.run("undo", "--yes")
            machine.write("/etc/reset-identity/policy.ini", f"[network {name}]\ngateway = 10.9.0.254\n[host web]\nmatch-uuid = {CLONE_UUID}\n"
                                                            f"address.{name} = 10.9.0.17/24\n")
            applied = machine.json("apply", "--yes")[1]
            text = machine.read(f"{SCRIPTS}/ifcfg-eth0.12")
            tap.ok("DEVICE=ens192.12\n" in text and "IPADDR=10.9.0.17\n" in text and "GATEWAY=10.9.0.254\n" in text, f"so is address.{name}, with its gateway",
                   text, applied)


def check_gone(tap):
    """A NIC that the clone lacks, and one whose name leaves no room for the VLAN's number: named, and no name is made that no device can have."""
    files = {name: SCRIPTED[name] for name in (f"{SCRIPTS}/ifcfg-eth0", f"{SCRIPTS}/ifcfg-eth0.12", f"{SCRIPTS}/route-eth0.12", f"{SCRIPTS}/ifcfg-eth1.5")}
    machine, applied = reset(files, new=[("enx525400cc0001", "52:54:00:cc:00:01")])
    with machine:
        tap.ok("DEVICE=enx525400cc0001\n" in machine.read(f"{SCRIPTS}/ifcfg-eth0") and "DEVICE=eth0.12\n" in machine.read(f"{SCRIPTS}/ifcfg-eth0.12"),
               "a name that would be too long is not given", applied)
        tap.ok(any(choice["name"] == "address eth0.12" for choice in applied["choices"]), "nor in the summary", applied["choices"])
        for name, line in (("ifcfg-eth0.12", 2), ("route-eth0.12", 1), ("ifcfg-eth1.5", 2)):
            tap.is_(len([said for said in applied["warnings"] if said.startswith(f"{SCRIPTS}/{name}:{line}: the NIC name eth")]), 1,
                    f"{name}: what it says is named")


def check_swapped(tap):
    """Nothing is renamed twice."""
    machine, applied = reset({"/etc/network/interfaces":
        "auto lo eth0.12\niface lo inet loopback\niface eth0 inet manual\niface eth1 inet manual\niface eth0.12 inet dhcp\n"
        " post-up ip route add 10.20.0.0/16 dev eth0.12\nauto br0\niface br0 inet manual\n bridge_ports eth0.13 eth1.13\n",
        "/etc/dhcp/dhclient.conf": 'interface "eth0.12" { timeout 5; }\n'}, new=SWAPPED)
    with machine:
        text = machine.read("/etc/network/interfaces")
        tap.ok("auto lo eth1.12\n" in text and "iface eth1.12 inet dhcp\n" in text and "bridge_ports eth1.13 eth0.13\n" in text,
               "NICs that changed names, in ifupdown's files", text, applied)
        tap.is_(machine.read("/etc/dhcp/dhclient.conf"), 'interface "eth1.12" { timeout 5; }\n', "and in the DHCP client's")
        tap.ok(any("the NIC name eth0.12 is mentioned here" in line and "/etc/network/interfaces:6" in line for line in applied["warnings"]),
               "a command that says it is named", applied["warnings"])


def check_nameless(tap):
    """NetworkManager calls a VLAN that has no name PARENT.ID: it gets the address that the default route's NIC gets."""
    vlans = {
        "parent by name": {f"{PROFILES}/v.nmconnection": VLAN % "eth0"},
        "parent by UUID": {f"{PROFILES}/v.nmconnection": VLAN % (UUID % 1)},
        "parent by MAC": {f"{PROFILES}/v.nmconnection": VLAN.replace("parent=%s\n", "") + "\n[ethernet]\nmac-address=00:50:56:AA:00:01\n"},
    }
    for name, files in vlans.items():
        for policy in (HOST, HOST.replace("address =", "address.eth0.12 =")):
            machine, applied = reset({f"{PROFILES}/lan.nmconnection": LAN} | files, policy)
            with machine:
                tap.ok("address1=10.9.0.77/24\n" in machine.read(f"{PROFILES}/v.nmconnection")
                       and "10.9.0.77" not in machine.read(f"{PROFILES}/lan.nmconnection"),
                       f"a VLAN without a name, its {name}: {policy.splitlines()[-1]}", applied)
                tap.ok(any((choice["name"], choice["new"]) == ("address ens192.12", "10.9.0.77/24") for choice in applied["choices"]),
                       "the summary calls it as it is called here", applied["choices"])
    machine, applied = reset({f"{SCRIPTS}/ifcfg-eth0": "TYPE=Ethernet\nDEVICE=eth0\nBOOTPROTO=none\n",
                              f"{SCRIPTS}/ifcfg-VLAN12": "VLAN=yes\nTYPE=Vlan\nPHYSDEV=eth0\nVLAN_ID=12\nIPADDR=10.9.0.10\nPREFIX=24\nGATEWAY=10.9.0.1\n"},
                             HOST)
    with machine:
        text = machine.read(f"{SCRIPTS}/ifcfg-VLAN12")
        tap.ok("PHYSDEV=ens192\n" in text and "IPADDR=10.9.0.77\n" in text and "DEVICE=" not in text, "the same in an ifcfg file", text, applied)


def check_nothing_below(tap):
    """An image that never ran has no record of its NICs: a VLAN over a name that the clone has not is told."""
    said = "10.9.0.77 goes to eth0.12, which lies over eth0, and this machine has no NIC of that name; lay it over one that is here"
    for name, files in {"by name": {f"{PROFILES}/v.nmconnection": VLAN % "eth0"},
                        "by a profile": {f"{PROFILES}/lan.nmconnection": LAN, f"{PROFILES}/v.nmconnection": VLAN % (UUID % 1)}}.items():
        for nics in (NEW, OLD):
            with Machine() as machine:
                machine.add_template(0)
                for path, content in files.items():
                    machine.write(path, content, 0o600)
                machine.write("/etc/reset-identity/policy.ini", HOST)
                subprocess.run([PROGRAM, f"--root={machine.root}", "-q", "seal"], check=False)
                machine.set_hardware(CLONE_UUID, nics)
                warnings = machine.json("plan")[1].get("warnings", [])
                tap.is_(len([line for line in warnings if said in line]), 1 if nics == NEW else 0,
                        f"a VLAN over eth0 {name}, on a machine with {nics[0][0]}")


def check_partition(tap):
    ports = [[("ib0", f"80:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a{n}")] for n in (1, 2)]
    files = {
        f"{PROFILES}/ib.nmconnection": f"[connection]\nid=ib\nuuid={UUID % 3}\ntype=infiniband\ninterface-name=ib0.8001\n\n"
                                       "[infiniband]\ntransport-mode=datagram\np-key=32769\nparent=ib0\n\n[ipv4]\nmethod=auto\n",
        "/etc/NetworkManager/NetworkManager.conf": "[keyfile]\nunmanaged-devices=interface-name:ib0.8001\n",
    }
    machine, applied = reset(files, old=ports[0], new=[("ibp1s0", ports[1][0][1])])
    with machine:
        tap.ok("interface-name=ibp1s0.8001\n" in machine.read(f"{PROFILES}/ib.nmconnection")
               and "interface-name:ibp1s0.8001\n" in machine.read("/etc/NetworkManager/NetworkManager.conf"),
               "a partition of InfiniBand follows, and what mentions it", applied)


with Tap() as tap:
    check_scripts(tap)
    check_policy_names(tap)
    check_gone(tap)
    check_swapped(tap)
    check_nameless(tap)
    check_nothing_below(tap)
    check_partition(tap)
