#!/usr/bin/python3
"""A NIC of InfiniBand (type 32, an address of 20 bytes whose first twelve change with every start) in each format: its file follows to
the clone's, gets the clone's address or none, and comes back with an undo. A second one that no file is for gets one."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, MACHINE_ID, TEMPLATE_UUID, Machine
from tap import Tap

START, START_NOW = "80:00:02:08:fe:80:00:00:00:00:00:00", "80:00:04:04:fe:80:00:00:00:00:00:00"
OLD, NEW, SECOND = START + ":00:02:c9:03:00:aa:00:01", START_NOW + ":00:02:c9:03:00:cc:00:01", START_NOW + ":00:02:c9:03:00:cc:00:02"
HOST = f"[identity]\nhostname = web-17\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress.ib5 = 10.50.0.17/24\n"
BOTH = HOST + "address.ib6 = 10.51.0.17/24\n"

# FORMAT: what makes its stack run, its file, what it says, what it says on a clone with an address, the new file of the second NIC,
# and what that says of the NIC.
FORMATS = {
    "keyfile": ({}, "/etc/NetworkManager/system-connections/ib.nmconnection",
                f"[connection]\nid=ib\nuuid=11111111-1111-4111-8111-000000000001\ntype=infiniband\ninterface-name=ib0\n\n[infiniband]\n"
                f"mac-address={OLD.upper()}\ntransport-mode=datagram\n\n[ipv4]\nmethod=manual\naddress1=10.50.0.10/24\n",
                [f"mac-address={NEW.upper()}\n", "interface-name=ib5\n", "address1=10.50.0.17/24\n"],
                "/etc/NetworkManager/system-connections/ib6.nmconnection", ["type=infiniband", f"mac-address={SECOND}", "address1=10.51.0.17/24"]),
    "ifcfg": ({"/etc/sysconfig/network-scripts/ifup": ""}, "/etc/sysconfig/network-scripts/ifcfg-ib0",
              f"TYPE=InfiniBand\nDEVICE=ib0\nHWADDR={OLD}\nCONNECTED_MODE=no\nBOOTPROTO=none\nIPADDR=10.50.0.10\nPREFIX=24\nONBOOT=yes\n",
              [f"HWADDR={NEW}\n", "DEVICE=ib5\n", "IPADDR=10.50.0.17\n"],
              "/etc/sysconfig/network-scripts/ifcfg-ib6", ["TYPE=InfiniBand", f"HWADDR={SECOND}", "IPADDR=10.51.0.17"]),
    "netplan": ({"/usr/sbin/netplan": ""}, "/etc/netplan/50-ib.yaml",
                "network:\n  version: 2\n  ethernets:\n    ib0:\n      infiniband-mode: datagram\n      addresses: [10.50.0.10/24]\n",
                ["    ib5:\n", "infiniband-mode: datagram\n", "addresses: [10.50.0.17/24]\n"],
                "/etc/netplan/60-ib6.yaml", ["    ib6:\n", "- 10.51.0.17/24\n"]),
    "networkd": ({"/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": ""}, "/etc/systemd/network/ib.network",
                 f"[Match]\nType=infiniband\nMACAddress={OLD}\n\n[Network]\nAddress=10.50.0.10/24\n",
                 [f"MACAddress={NEW}\n", "Type=infiniband\n", "Address=10.50.0.17/24\n"],
                 "/etc/systemd/network/10-ib6.network", ["Name=ib6\n", "Address=10.51.0.17/24\n"]),
    "ifupdown": ({"/usr/sbin/ifup": ""}, "/etc/network/interfaces",
                 "auto ib0\niface ib0 inet static\n    address 10.50.0.10/24\n    pre-up modprobe ib_ipoib\n",
                 ["auto ib5\n", "iface ib5 inet static\n", "address 10.50.0.17/24\n", "pre-up modprobe ib_ipoib\n"],
                 "/etc/network/interfaces", ["auto ib6\niface ib6 inet static\n", "address 10.51.0.17/24\n"]),
}


def machine_with(name, policy, nics):
    enabled, path, text, *_ = FORMATS[name]
    machine = Machine()
    machine.set_hardware(TEMPLATE_UUID, [("ib0", OLD)])
    machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
    machine.write("/etc/hostname", "golden\n")
    assert machine.run("seal").returncode == 0
    machine.write("/etc/reset-identity/policy.ini", policy)
    for file, content in (enabled | {path: text}).items():
        machine.write(file, content, 0o755 if "/sbin/" in file else 0o600)
    machine.set_hardware(CLONE_UUID, nics)
    return machine


def judged(machine, name):
    """The words of netplan's own parser against the files; the other formats' judges take an address of any length."""
    if name != "netplan":
        return ""
    return subprocess.run(["netplan", "get", "--root-dir", machine.root], capture_output=True, text=True, check=False).stderr


with Tap() as tap:
    with machine_with("networkd", HOST, []) as machine:
        machine.set_hardware(TEMPLATE_UUID, [("ib0", OLD.replace(START, START_NOW))])
        code, status = machine.json("status")
        tap.ok(code == 0 and "clone" not in str(status.get("verdict")), "the same NIC with other first bytes is the same machine", status)
    for name, (_, path, before, wanted, new_path, of_second) in FORMATS.items():
        with machine_with(name, HOST, [("ib5", NEW)]) as machine:
            result = machine.run("apply", "--yes", "--no-network")
            text = machine.read(path)
            tap.ok(result.returncode == 0 and all(part in text for part in wanted) and "10.50.0.10" not in text and OLD.lower() not in text.lower(),
                   f"{name}: the file follows to the clone's NIC, and has its address", text, result.stderr)
            tap.ok(not judged(machine, name), f"{name}: and is taken", judged(machine, name))
            undone = machine.run("undo", "--yes", "--no-network")
            tap.ok(undone.returncode == 0 and machine.read(path) == before, f"{name}: undo brings every byte back", machine.read(path), undone.stderr)
        with machine_with(name, "", [("ib5", NEW)]) as machine:
            result = machine.run("apply", "--yes", "--no-network")
            text = machine.read(path)
            tap.ok(result.returncode == 0 and "10.50.0" not in text and OLD.lower() not in text.lower() and "ib0" not in text,
                   f"{name}: without one the template's goes", text, result.stderr)
        with machine_with(name, "", [("ens3", "52:54:00:cc:dd:01")]) as machine:
            result = machine.run("apply", "--yes", "--no-network")
            tap.ok(result.returncode == 0 and "10.50.0" not in machine.read(path) and "52:54:00" not in machine.read(path),
                   f"{name}: an Ethernet NIC does not take its place", machine.read(path), result.stderr)
        with machine_with(name, BOTH, [("ib5", NEW), ("ib6", SECOND)]) as machine:
            result = machine.run("apply", "--yes", "--no-network")
            text = machine.read(new_path) if machine.exists(new_path) else ""
            tap.ok(result.returncode == 0 and all(part in text for part in of_second), f"{name}: a second one gets a file of its own", text,
                   result.stdout, result.stderr)
            tap.ok(not judged(machine, name), f"{name}: which is taken", judged(machine, name))
            undone = machine.run("undo", "--yes", "--no-network")
            tap.ok(undone.returncode == 0 and machine.read(path) == before and (new_path == path or not machine.exists(new_path)),
                   f"{name}: until the undo", undone.stderr)
    # RHEL's documents match a port by the end of its address.
    rules = "/etc/udev/rules.d/70-persistent-ipoib.rules"
    rule = 'ACTION=="add", SUBSYSTEM=="net", DRIVERS=="?*", ATTR{type}=="32", ATTR{address}=="?*%s", NAME="%s"\n'
    with machine_with("keyfile", "", [("ib5", NEW)]) as machine:
        machine.write(rules, rule % (OLD[len(START) + 1:], "ib0") + rule % ("00:02:c9:03:00:31:78:f2", "mlx4_ib3"))
        result = machine.run("apply", "--yes", "--no-network")
        tap.is_(machine.read(rules), rule % (NEW[len(START) + 1:], "ib5") + rule % ("00:02:c9:03:00:31:78:f2", "mlx4_ib3"),
                "a rule by the end of an address follows")
