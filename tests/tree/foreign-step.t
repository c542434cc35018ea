#!/usr/bin/python3
"""What a file whose step is off does to the others: a static address of the template in it is refused, with the step's
name; a connection UUID that it refers to stays."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import Machine
from tap import Tap

FILES = {
    "nm-profile": ("/etc/NetworkManager/system-connections/wan.nmconnection",
                   "[connection]\nid=wan\nuuid=22222222-2222-4222-8222-222222222222\ntype=ethernet\ninterface-name=ens3\n"
                   "[ipv4]\nmethod=manual\naddress1=10.9.0.10/24\n"),
    "nm-ifcfg": ("/etc/sysconfig/network-scripts/ifcfg-wan", "TYPE=Ethernet\nDEVICE=ens3\nIPADDR=10.9.0.10\nPREFIX=24\nONBOOT=yes\n"),
    "netplan": ("/etc/netplan/50-wan.yaml", "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.9.0.10/24]\n"),
    "networkd": ("/etc/systemd/network/50-wan.network", "[Match]\nName=ens3\n[Network]\nAddress=10.9.0.10/24\n"),
    "ifupdown": ("/etc/network/interfaces", "auto ens3\niface ens3 inet static\naddress 10.9.0.10/24\n"),
}

BOND = "33333333-3333-4333-8333-333333333333"
KEYFILE_BOND = ("/etc/NetworkManager/system-connections/bond0.nmconnection",
                f"[connection]\nid=bond0\nuuid={BOND}\ntype=bond\ninterface-name=bond0\n[bond]\nmode=active-backup\n[ipv4]\nmethod=auto\n")
IFCFG_BOND = ("/etc/sysconfig/network-scripts/ifcfg-bond0",
              f"TYPE=Bond\nDEVICE=bond0\nUUID={BOND}\nBONDING_MASTER=yes\nBONDING_OPTS=mode=active-backup\nBOOTPROTO=dhcp\nONBOOT=yes\n")
# The step that is off, the bond, and the file of its port.
PORTS = (
    ("nm-ifcfg", KEYFILE_BOND, ("/etc/sysconfig/network-scripts/ifcfg-port",
                                f"TYPE=Ethernet\nDEVICE=ens3\nUUID=44444444-4444-4444-8444-444444444444\nMASTER_UUID={BOND}\nSLAVE=yes\nONBOOT=yes\n")),
    ("nm-profile", IFCFG_BOND, ("/etc/NetworkManager/system-connections/port.nmconnection",
                                f"[connection]\nid=port\nuuid=44444444-4444-4444-8444-444444444444\ntype=ethernet\ninterface-name=ens3\n"
                                f"master={BOND}\nslave-type=bond\n")),
    ("netplan", KEYFILE_BOND, ("/etc/netplan/90-NM-44444444-4444-4444-8444-444444444444.yaml",
                               "network:\n  version: 2\n  ethernets:\n    NM-port:\n      renderer: NetworkManager\n      match: {name: ens3}\n"
                               "      networkmanager:\n        uuid: 44444444-4444-4444-8444-444444444444\n        name: port\n        passthrough:\n"
                               f"          connection.master: \"{BOND}\"\n          connection.slave-type: \"bond\"\n")),
)


def ports(tap):
    for step, bond, port in PORTS:
        with Machine() as machine:
            machine.add_template(0)
            for path, text in (bond, port):
                machine.write(path, text, 0o600)
            assert machine.run("seal").returncode == 0
            machine.become_clone()
            machine.write("/etc/reset-identity/policy.ini", f"[steps]\n{step} = off\n")
            plan = machine.json("plan")[1]
            tap.ok(any(line.startswith(f"{bond[0]}: keeps the template's connection UUID {BOND}, because {port[0]}") for line in plan["warnings"]),
                   f"{step} = off: {bond[0]} keeps the UUID that {port[0]} refers to, and it is said", plan["warnings"])
            applied = machine.run("apply", "--yes")
            tap.ok(applied.returncode == 0 and BOND in machine.read(bond[0]) and machine.read(port[0]) == port[1], f"{step} = off: so it is", applied.stderr)
            machine.run("undo", "--yes")
            machine.write("/etc/reset-identity/policy.ini", "")
            applied = machine.run("apply", "--yes")
            old = [path for path, entry in machine.snapshot("/etc").items() if BOND.encode() in (entry[4] if isinstance(entry[4], bytes) else b"")]
            tap.ok(applied.returncode == 0 and not old, f"{step} = on: both get the new one", f"{old} {applied.stderr}")


with Tap() as tap:
    ports(tap)
    for step, (path, text) in FILES.items():
        with Machine() as machine:
            machine.add_template(0)
            machine.write(path, text, 0o600)
            assert machine.run("seal").returncode == 0
            machine.become_clone()
            machine.write("/etc/reset-identity/policy.ini", f"[steps]\n{step} = off\n")
            plan = machine.json("plan")[1]
            said = "\n".join(plan.get("warnings", [])) + (plan["error"] or {}).get("message", "")
            tap.ok(f"10.9.0.10 of the template, and this file is not edited: the step {step} is off in [steps]" in said, f"{path}: names the step", said)
