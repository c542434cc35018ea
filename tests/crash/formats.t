#!/usr/bin/python3
"""`reset-identity apply` on a clone with one profile of each format (keyfile, ifcfg, netplan, systemd-networkd, ifupdown), stopped
at each system call that changes the disk: after recovery it is the whole template or the whole new identity in every file."""

import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "tree")]

from breaking import KILLS, LONG_AGO, STATE, Scenario, Workshop, counted, explore, main, run
from machine_tree import CLONE_MAC, CLONE_UUID, PROGRAM, TEMPLATE_MAC, TEMPLATE_UUID, Machine

NICS = ["ens3", "ens4", "ens5", "ens6", "ens7"]
POLICY = "[identity]\nmachine-id = derive\nconnection-uuid = derive\nhostname = node-{mac:6}\n"
FILES = {
    "etc/sysconfig/network-scripts/ifcfg-ens4":
        "DEVICE=ens4\nHWADDR=%s\nUUID=22222222-2222-4222-8222-222222222222\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.4.0.10\nPREFIX=24\n",
    "etc/netplan/50-lab.yaml":
        "network:\n  ethernets:\n    ens5:\n      match: {macaddress: \"%s\"}\n      set-name: ens5\n      addresses: [10.5.0.10/24] # ours\n",
    "etc/systemd/network/20-lab.network": "[Match]\nMACAddress=%s\n\n[Network]\n# the lab\nAddress=10.6.0.10/24\n",
    "etc/network/interfaces": "auto ens7\niface ens7 inet static\n\taddress 10.7.0.10/24\n\thwaddress ether %s\n",
}


def mac(of, number):
    return of[:-2] + f"{int(of[-2:]) + 16 * number:02x}"


def hardware(of):
    return [(name, mac(of, number)) for number, name in enumerate(NICS)]


class TreeMachine(Machine):
    """A Machine in a directory that somebody else removes."""

    def __init__(self, top):
        self.top, self.root, self.hardware = top, os.path.join(top, "root"), os.path.join(top, "hardware")
        for name in ("etc", "var/lib", "run"):
            os.makedirs(self.path(name))


def clone(top):
    machine = TreeMachine(top)
    machine.set_hardware(TEMPLATE_UUID, hardware(TEMPLATE_MAC))
    machine.add_template(1)
    machine.write("/etc/reset-identity/policy.ini", POLICY)
    for number, (path, text) in enumerate(FILES.items(), 1):
        machine.write(path, text % mac(TEMPLATE_MAC, number), 0o600)
    status, output = run(command(top, "seal"))
    if status != 0:
        raise RuntimeError(output)
    for directory, _, files in os.walk(machine.root):
        for name in files:
            os.utime(os.path.join(directory, name), (LONG_AGO, LONG_AGO))
    machine.set_hardware(CLONE_UUID, hardware(CLONE_MAC))


def command(top, *arguments):
    return [PROGRAM, f"--root={top}/root", f"--hardware={top}/hardware", *arguments]


def apply(top):
    return command(top, "apply", "--yes")


def normalise(files):
    files = dict(files)
    for name in (f"{STATE}/record", "etc/reset-identity/record"):
        *about, content = files[name]
        files[name] = (*about, re.sub(rb"(?m)^(time|sum) = .*", rb"\1", content))
    return files


def end_of(name, *arguments):
    with Workshop(clone) as top:
        if arguments:
            status, output = run(command(top, *arguments))
            if status != 0:
                raise RuntimeError(output)
        return Scenario(name, None, None, None, normalise).end(name, top)


def tests(tap):
    old = end_of("the whole template")
    new = end_of("the whole new identity", "apply", "--yes")
    for number, path in enumerate(FILES, 1):
        content = new.files[path][-1].decode()
        tap.ok(mac(TEMPLATE_MAC, number) not in content and "10." not in content, f"{path}: neither the template's NIC nor its address", content)
        tap.ok(mac(CLONE_MAC, number) in content.lower(), f"{path}: the clone's NIC", content)

    def ends(status):
        return [new] if status == 0 else [old, new]

    def afterwards(top):
        status, output = run(apply(top))
        if status != 0:
            return f"the next apply fails: {output}"
        _, _, count = counted(os.path.join(top, "root"), apply(top))
        return f"one more apply makes {count} changes" if count else None

    explore(tap, Scenario("apply with each format", clone, apply, ends, normalise, afterwards, apply), [*KILLS, ["fail", "ENOSPC"]])


main(tests)
