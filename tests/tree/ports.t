#!/usr/bin/python3
"""A static address on a port of a bridge or bond: no clone keeps it on the wire, whatever the file is; with method = keep each does."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import Machine
from tap import Tap

# What the file of the port is, what stands beside it, and what the port's becomes.
CASES = {
    "ifupdown, bridge": ("/etc/network/interfaces",
                         "auto ens3\niface ens3 inet static\n\taddress 10.0.1.1/24\n\tgateway 10.0.1.254\n\tmtu 9000\nauto br0\niface br0 inet static\n"
                         "\taddress 10.0.9.1/24\n\tbridge_ports ens3\n", {},
                         "auto ens3\niface ens3 inet manual\n\tmtu 9000\nauto br0\niface br0 inet dhcp\n\tbridge_ports ens3\n"),
    "ifupdown, bond": ("/etc/network/interfaces", "iface ens3 inet static\n\taddress 10.0.1.1/24\n\tbond-master bond0\niface bond0 inet dhcp\n\tbond-slaves none\n", {},
                       "iface ens3 inet manual\n\tbond-master bond0\niface bond0 inet dhcp\n\tbond-slaves none\n"),
    "networkd": ("/etc/systemd/network/10-port.network", "[Match]\nName=ens3\n[Network]\n# kept\nBridge=br0\nAddress=10.0.1.1/24\n",
                 {"/etc/systemd/network/20-br.netdev": "[NetDev]\nName=br0\nKind=bridge\n", "/etc/systemd/network/30-br.network": "[Match]\nName=br0\n[Network]\nDHCP=yes\n"},
                 "[Match]\nName=ens3\n[Network]\n# kept\nBridge=br0\n"),
    "netplan": ("/etc/netplan/50-lan.yaml",
                "network:\n  version: 2\n  ethernets:\n    ens3:\n      mtu: 9000\n      addresses: [10.0.1.1/24]\n  bridges:\n    br0:\n      interfaces: [ens3]\n      dhcp4: true\n", {},
                "network:\n  version: 2\n  ethernets:\n    ens3:\n      mtu: 9000\n  bridges:\n    br0:\n      interfaces: [ens3]\n      dhcp4: true\n"),
}


def template(machine, path, text, others, policy=""):
    machine.add_template(0)
    for name, content in {path: text, **others}.items():
        machine.write(name, content, 0o600)
    machine.write("/etc/reset-identity/policy.ini", policy)
    assert machine.run("seal").returncode == 0
    machine.become_clone()


with Tap() as tap:
    for what, (path, text, others, wanted) in CASES.items():
        with Machine() as machine:
            template(machine, path, text, others)
            result = machine.run("apply", "--yes")
            tap.is_((result.returncode, machine.read(path)), (0, wanted), f"{what}: the template's address goes from the port")
            tap.like(result.stderr, f"{path}: the template's static IPv4 addresses of ens3 are removed", f"{what}: which is said")
            tap.unlike(result.stderr, "keeps the template's address", f"{what}: and nothing else")
            machine.run("undo", "--yes")
            tap.is_(machine.read(path), text, f"{what}: undo brings it back")
        with Machine() as machine:
            template(machine, path, text, others, "[network ens3]\nmethod = keep\n")
            result = machine.run("apply", "--yes")
            tap.ok("10.0.1.1/24" in machine.read(path), f"{what}: with method = keep it stays")
            tap.like(result.stderr, "keeps the template's address 10.0.1.1", f"{what}: with a warning")
