#!/usr/bin/python3
"""Open vSwitch: what has the addresses is a bridge's own interface or an internal one; the NIC below is a port without any."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, Machine
from tap import Tap

PROFILES = "/etc/NetworkManager/system-connections"
INTERFACES = "/etc/network/interfaces"
UUID = "7e57aaaa-5a1e-4c0f-9d3b-0000000000%02d"
ADDRESS = "[ipv4]\nmethod=manual\naddress1=10.0.0.10/24,10.0.0.1\n[ipv6]\nmethod=disabled\n"
STATIC = "inet static\n\taddress 10.0.0.10/24\n\tgateway 10.0.0.1\n"


def keyfile(number, kind, name, more, controller=None, port_type=None):
    port = f"master={controller}\nslave-type={port_type}\n" if controller else ""
    return f"[connection]\nid={kind} {name}\nuuid={UUID % number}\ntype={kind}\ninterface-name={name}\n{port}{more}"


def keyfiles(interface, controller):
    """The bridge's own interface has the name of its bridge and port; another one that of its port."""
    return {f"{PROFILES}/{number}.nmconnection": text for number, text in enumerate((
        keyfile(0, "ovs-bridge", "switch", ""),
        keyfile(1, "ovs-port", "ens3", "", "switch", "ovs-bridge"),
        keyfile(2, "ethernet", "ens3", "", UUID % 1, "ovs-port"),
        keyfile(3, "ovs-port", interface, "", UUID % 0, "ovs-bridge"),
        keyfile(4, "ovs-interface", interface, "[ovs-interface]\ntype=internal\n" + ADDRESS, controller, "ovs-port")))}


# The files, and which of them has the address.
CASES = {
    "NetworkManager, the bridge's own": (keyfiles("switch", UUID % 3), f"{PROFILES}/4.nmconnection", "switch"),
    "NetworkManager, an internal one": (keyfiles("mgmt", "mgmt"), f"{PROFILES}/4.nmconnection", "mgmt"),
    "ifupdown, the bridge's own": ({INTERFACES: "auto bond0\niface bond0 inet manual\n\tovs_type OVSBond\n\tovs_bridge switch\n\tovs_bonds ens3\n"
                                    f"iface ens3 inet manual\nauto switch\niface switch {STATIC}\tovs_type OVSBridge\n\tovs_ports bond0\n"}, INTERFACES, "switch"),
    "ifupdown, an internal one": ({INTERFACES: "auto ens3\niface ens3 inet manual\n\tovs_type OVSPort\n\tovs_bridge switch\nauto switch\niface switch inet manual\n"
                                   f"\tovs_type OVSBridge\n\tovs_ports ens3 mgmt\nauto mgmt\niface mgmt {STATIC}\tovs_type OVSIntPort\n\tovs_bridge switch\n"}, INTERFACES, "mgmt"),
}
POLICY = f"[host web-17]\nmatch-mac = {CLONE_MAC}\naddress = 10.0.0.17/24\ngateway = 10.0.0.1\n"


def reset(machine, files, policy):
    machine.add_template(0)
    for name, content in files.items():
        machine.write(name, content, 0o600)
    machine.write("/etc/reset-identity/policy.ini", policy)
    sealed = machine.run("seal")
    assert sealed.returncode == 0, sealed.stderr
    machine.become_clone()
    return machine.json("apply", "--yes")[1]


with Tap() as tap:
    for what, (files, path, interface) in CASES.items():
        with Machine() as machine:
            applied = reset(machine, files, POLICY)
            wanted = {"10.0.0.17/24": True, "10.0.0.10": False}
            everything = "".join(machine.read(name) for name in files)
            tap.is_(({text: text in machine.read(path) for text in wanted}, everything.count("10.0.0.17")), (wanted, 1),
                    f"{what}: the policy's address is that of {interface}, and of nothing else")
            tap.ok(applied["error"] is None and any(choice["name"] == f"address {interface}" for choice in applied["choices"]), f"{what}: the plan says so", applied)
        with Machine() as machine:
            applied = reset(machine, files, "")
            tap.ok("10.0.0.10" not in "".join(machine.read(name) for name in files), f"{what}: without one the template's address goes", applied)
            tap.is_(applied["warnings"], [], f"{what}: and there is nothing to warn of")
            machine.run("undo", "--yes")
            tap.is_({name: machine.read(name) for name in files}, files, f"{what}: undo brings it back")
