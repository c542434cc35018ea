#!/usr/bin/python3
"""A static address of the template in a file whose step is off: the refusal says which step that is."""

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

with Tap() as tap:
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
