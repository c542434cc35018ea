#!/usr/bin/python3
"""One of several NICs was replaced: the machine is the same, and a profile bound to the old one is named."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

OLD, NEW = "52:54:00:aa:bb:02", "52:54:00:dd:ee:02"
FILES = {
    "/etc/NetworkManager/system-connections/wan.nmconnection":
        f"[connection]\nid=wan\nuuid=22222222-2222-4222-8222-222222222222\ntype=ethernet\n[ethernet]\nmac-address={OLD.upper()}\n"
        "[ipv4]\nmethod=auto\n",
    "/etc/sysconfig/network-scripts/ifcfg-wan": f"TYPE=Ethernet\nNAME=wan\nHWADDR={OLD.upper()}\nBOOTPROTO=dhcp\nONBOOT=yes\n",
    "/etc/netplan/50-wan.yaml": f"network:\n  version: 2\n  ethernets:\n    wan:\n      match: {{macaddress: {OLD}}}\n      dhcp4: true\n",
    "/etc/systemd/network/50-wan.network": f"[Match]\nMACAddress={OLD}\n[Network]\nDHCP=yes\n",
}


def settled(machine, path, text):
    machine.add_template()
    machine.write(path, text, 0o600)
    machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC), ("ens4", OLD)])
    assert machine.run("adopt", "--yes").returncode == 0
    return machine


def each_format(tap):
    for path, text in FILES.items():
        with settled(Machine(), path, text) as machine:
            tap.is_(machine.json("status")[1]["warnings"], [], f"{path}: with all NICs nothing is said")
            machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC), ("ens4", NEW)])
            for when in ("replaced", "recorded"):
                status, plan = machine.json("status")[1], machine.json("plan")[1]
                tap.is_(status["verdict"], "same", f"{path}: {when}: the machine is the same")
                tap.ok(len(status["warnings"]) == 1 and all(word in status["warnings"][0] for word in (f"{path}: ", OLD, "no NIC here has", "ens4", NEW)),
                       f"{path}: {when}: with file, MAC address and what to do", status["warnings"])
                tap.is_(plan["warnings"], status["warnings"], f"{path}: {when}: plan says it too")
                for command in ("status", "plan"):
                    result = machine.run(command)
                    tap.is_((result.returncode, "warning: " + status["warnings"][0] in result.stdout), (0, True), f"{path}: {when}: {command} for people")
                applied = machine.run("apply", "--yes")
                tap.is_((applied.returncode, status["warnings"][0] in applied.stderr), (0, when == "replaced"), f"{path}: {when}: the run that records the NIC says it")


def nothing_to_say(tap):
    path, text = list(FILES.items())[0]
    with settled(Machine(), path, text) as machine:
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])
        tap.is_(machine.json("status")[1]["warnings"], [], "a NIC that is away, with none in its place, is nobody's fault")
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC), ("ens4", NEW), ("ens5", "52:54:00:dd:ee:03")])
        warnings = machine.json("status")[1]["warnings"]
        tap.ok(len(warnings) == 1 and "ens4" not in warnings[0] and "took its place" in warnings[0], "of two new ones none is guessed", warnings)


def bound_to_none(tap):
    """A profile without a MAC address, for some NIC or for one by name, is in nobody's way."""
    path, text = list(FILES.items())[0]
    for more in ("", "interface-name=ens4\n"):
        with settled(Machine(), path, text.replace(f"[ethernet]\nmac-address={OLD.upper()}\n", more)) as machine:
            machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC), ("ens4", NEW)])
            for command in ("status", "plan"):
                code, said = machine.json(command)
                tap.is_((code, said["warnings"]), (0, []), f"{command}: a profile with {more.strip() or 'nothing'} to bind it")


def adopted_with_another_nic(tap):
    """What a boot would have rebound stays as it is: whoever adopts is told there and then."""
    path, text = list(FILES.items())[0]
    with Machine() as machine:
        machine.write(path, text, 0o600)
        machine.set_hardware(TEMPLATE_UUID, [("ens4", OLD)])
        machine.run("adopt", "--yes")
        machine.set_hardware(TEMPLATE_UUID, [("ens4", NEW)])
        tap.is_(machine.json("status")[1]["verdict"], "rewired", "another NIC: a boot would rebind the profile")
        result = machine.run("adopt", "--yes")
        tap.ok(result.returncode == 0 and f"{path}: the profile wan is bound to the MAC address {OLD}" in result.stderr,
               "adopt says that the profile is bound to none", result.stderr)
        tap.is_(machine.run("adopt", "--yes").returncode, 0, "and does what it is asked for")


with Tap() as tap:
    each_format(tap)
    adopted_with_another_nic(tap)
    bound_to_none(tap)
    nothing_to_say(tap)
