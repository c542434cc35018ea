#!/usr/bin/python3
"""`reset-identity apply` on a clone with one profile of each format (keyfile, ifcfg, netplan, systemd-networkd, ifupdown), stopped
at each system call that changes the disk: after recovery it is the whole template or the whole new identity in every file."""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "tree")]

from breaking import KILLS, Scenario, counted, explore, main, run
from commands import apply, end_of, seal, without_time
from machine_tree import CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine

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


def clone(top):
    machine = Machine(top)
    machine.set_hardware(TEMPLATE_UUID, hardware(TEMPLATE_MAC))
    machine.add_template(1)
    machine.write("/etc/reset-identity/policy.ini", POLICY)
    for number, (path, text) in enumerate(FILES.items(), 1):
        machine.write(path, text % mac(TEMPLATE_MAC, number), 0o600)
    seal(top)
    machine.set_hardware(CLONE_UUID, hardware(CLONE_MAC))


def tests(tap):
    old = end_of("the whole template", clone, without_time)
    new = end_of("the whole new identity", clone, without_time, "apply", "--yes")
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

    explore(tap, Scenario("apply with each format", clone, apply, ends, without_time, afterwards, apply), [*KILLS, ["fail", "ENOSPC"]])


main(tests)
