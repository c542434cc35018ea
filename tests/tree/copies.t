#!/usr/bin/python3
"""Copies of a profile (lan.nmconnection.bak is read too) that nothing ranks: NetworkManager brings up the one with the lowest UUID, on the
template and on the clone, and that one has the policy's address."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, PROFILE, TEMPLATE_MAC, Machine
from tap import Tap

PROFILES = "/etc/NetworkManager/system-connections"
POLICY = f"[network]\nprobe = off\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.17/16\n"
UUIDS = ["f1111111-1111-4111-8111-000000000000", "01111111-1111-4111-8111-000000000001", "81111111-1111-4111-8111-000000000002"]


def value(text, key):
    return next(line.split("=", 1)[1] for line in text.splitlines() if line.startswith(f"{key}="))


def clone(policy, uuids, timestamps=""):
    """(result of apply, {name: text}) of a clone with one profile for each of UUIDS on its NIC."""
    with Machine() as machine:
        machine.add_template(0)
        for n, uuid in enumerate(uuids):
            text = PROFILE.format(n=n, uuid=uuid, interface="ens3", mac=TEMPLATE_MAC, high=1, low=n + 1)
            machine.write(f"{PROFILES}/lan.nmconnection" + ("" if n == 0 else f".{n}.bak"), text, 0o600)
        if timestamps:
            machine.write("/var/lib/NetworkManager/timestamps", f"[timestamps]\n{timestamps}")
        machine.write("/etc/reset-identity/policy.ini", policy)
        sealed = machine.run("seal")
        assert sealed.returncode == 0, sealed.stderr
        machine.become_clone()
        applied = machine.run("apply", "--yes", "--no-network")
        return applied, {name: machine.read(f"{PROFILES}/{name}") for name in sorted(os.listdir(machine.path(PROFILES)))}


with Tap() as tap:
    for turn in range(3):
        uuids = UUIDS[turn:] + UUIDS[:turn]
        applied, profiles = clone(POLICY, uuids)
        new = [value(text, "uuid") for text in profiles.values()]
        tap.ok(applied.returncode == 0 and not set(new) & set(uuids), f"{turn}: none keeps its UUID", applied.stderr, new)
        tap.is_(sorted(range(3), key=new.__getitem__), sorted(range(3), key=uuids.__getitem__), "and they come in the order of the old ones")
        tap.is_(["10.0.0.17/16" in text for text in profiles.values()], [uuid == min(new) for uuid in new],
                "the address goes to the one that NetworkManager brings up")
    applied, profiles = clone(POLICY, UUIDS, f"{UUIDS[0]}=1700000000\n")
    tap.is_(["10.0.0.17/16" in text for text in profiles.values()], [True, False, False], "what was up last comes before the lowest")
    # Derived ones come as they come: nobody knows on the template which will be the lowest.
    with Machine() as machine:
        machine.add_template(2)
        for n in range(2):
            path = f"{PROFILES}/lan{n}.nmconnection"
            machine.write(path, machine.read(path).replace("interface-name=dummy1", "interface-name=ens3"), 0o600)
        machine.write(f"{PROFILES}/lan1.nmconnection", machine.read(f"{PROFILES}/lan1.nmconnection").replace("02:00:00:00:00:01", TEMPLATE_MAC), 0o600)
        machine.run("seal")
        machine.write("/etc/reset-identity/policy.ini", POLICY + "[identity]\nconnection-uuid = derive\n")
        machine.become_clone()
        refused = machine.run("plan")
        tap.ok(refused.returncode == 78 and "lan0.nmconnection" in refused.stderr and "lan1.nmconnection" in refused.stderr,
               "which of two is derived lower is not known: refused with both", refused.stderr)
    # One stays, because a file that NetworkManager cannot read refers to it: the other is drawn on either side of it.
    with Machine() as machine:
        machine.add_template(0)
        for n, uuid in enumerate((UUIDS[2], UUIDS[1])):
            text = PROFILE.format(n=n, uuid=uuid, interface="ens3", mac=TEMPLATE_MAC, high=1, low=n + 1)
            machine.write(f"{PROFILES}/lan{n}.nmconnection", text, 0o600)
        machine.write(f"{PROFILES}/broken.nmconnection", f"[connection]\nid=v\ntype=vlan\nno key\n\n[vlan]\nparent={UUIDS[2]}\n", 0o600)
        machine.run("seal")
        machine.write("/etc/reset-identity/policy.ini", POLICY)
        machine.become_clone()
        refused = machine.run("plan")
        tap.ok(refused.returncode == 78 and "lan0.nmconnection" in refused.stderr and "lan1.nmconnection" in refused.stderr,
               "beside one that stays nobody knows which comes first: refused with both", refused.stderr)
    # NetworkManager writes what somebody changes in a package's profile to /etc, with its UUID, and that one hides the other.
    with Machine() as machine:
        machine.add_template(1)
        text = machine.read(f"{PROFILES}/lan0.nmconnection")
        hidden = "/usr/lib/NetworkManager/system-connections/lan0.nmconnection"
        machine.write(hidden, text.replace("10.0.1.1/", "10.0.1.2/"), 0o600)
        machine.run("seal")
        machine.write("/etc/reset-identity/policy.ini", POLICY)
        machine.become_clone()
        applied = machine.run("apply", "--yes", "--no-network")
        after = machine.read(f"{PROFILES}/lan0.nmconnection")
        tap.ok(applied.returncode == 0 and value(after, "uuid") == value(text, "uuid") and "10.0.0.17/16" in after,
               "a profile that hides a package's goes on hiding it", applied.stderr, after)
        tap.like(applied.stderr, f"keeps the template's connection UUID .* because {hidden}, which is not edited, is hidden by it", "and that is said")
