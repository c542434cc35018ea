#!/usr/bin/python3
"""What a plan costs grows as the number of interfaces does, in each format; counted in instructions, which no other load changes."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tree"), os.path.join(HERE, "..", "vm")]

from machine_tree import CLONE_MAC, CLONE_UUID, PROGRAM, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

FEW, MANY = 50, 200
BOUND = 5.5  # four times as many; what grows with their square comes to 10 and more
SCRIPTS = "/etc/sysconfig/network-scripts/ifcfg-"


def address(number):
    return f"10.{1 + number // 250}.{number % 250}.5"


def netplan(machine, count):
    vlans = "".join(f"    vlan{n}:\n      id: {n + 1}\n      link: ens3\n      addresses: [{address(n)}/24]\n" for n in range(count))
    machine.write("/etc/netplan/50-lan.yaml", "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.0.0.10/24]\n"
                  f"  vlans:\n{vlans}", 0o600)


def networkd(machine, count):
    folder = "/etc/systemd/network"
    machine.write(f"{folder}/10-ens3.network", "[Match]\nName=ens3\n[Network]\nAddress=10.0.0.10/24\n"
                  + "".join(f"VLAN=vlan{n}\n" for n in range(count)))
    for n in range(count):
        machine.write(f"{folder}/20-vlan{n}.netdev", f"[NetDev]\nName=vlan{n}\nKind=vlan\n[VLAN]\nId={n + 1}\n")
        machine.write(f"{folder}/20-vlan{n}.network", f"[Match]\nName=vlan{n}\n[Network]\nAddress={address(n)}/24\n")


def ifupdown(machine, count):
    machine.write("/etc/network/interfaces", "auto ens3\niface ens3 inet static\n\taddress 10.0.0.10/24\n" + "".join(
        f"auto ens3.{n + 1}\niface ens3.{n + 1} inet static\n\taddress {address(n)}/24\n" for n in range(count)))


def ifcfg(machine, count):
    machine.write(f"{SCRIPTS}ens3", "TYPE=Ethernet\nDEVICE=ens3\nBOOTPROTO=none\nIPADDR=10.0.0.10\nPREFIX=24\nONBOOT=yes\n")
    for n in range(count):
        machine.write(f"{SCRIPTS}ens3.{n + 1}", f"TYPE=Vlan\nDEVICE=ens3.{n + 1}\nVLAN=yes\nPHYSDEV=ens3\nVLAN_ID={n + 1}\n"
                      f"BOOTPROTO=none\nIPADDR={address(n)}\nPREFIX=24\nONBOOT=yes\n")


def keyfile(machine, count):
    machine.add_template(count)


def instructions(fill, count):
    with Machine() as machine:
        machine.add_template(0)
        fill(machine, count)
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])
        machine.run("seal")
        machine.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC)])
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", PROGRAM, f"--root={machine.root}",
                   f"--hardware={machine.hardware}", "plan"]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert result.returncode == 3, result.stderr
        return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def openings(hosts):
    """Of files and directories, by a seal whose policy has so many hosts."""
    with Machine() as machine:
        machine.add_template()
        machine.write("/etc/reset-identity/policy.ini", "".join(f"[host web-{n}]\nmatch-serial = s{n}\naddress = 10.0.9.{n + 1}/16\n" for n in range(hosts)))
        command = ["strace", "-f", "-qq", "-e", "trace=openat,openat2", PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", "seal"]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr[-2000:]
        return len(re.findall(r"\bopenat2?\(", result.stderr))


with Tap() as tap:
    few, many = openings(10), openings(40)
    tap.ok((many - few) / 30 < 60, "a seal looks at the disk once, however many hosts the policy has", f"{many} - {few}: {(many - few) / 30:.0f} for each host")
    for fill in (netplan, networkd, ifupdown, ifcfg, keyfile):
        few, many = instructions(fill, FEW), instructions(fill, MANY)
        tap.ok(many / few < BOUND, f"{fill.__name__}: {MANY} interfaces cost less than {BOUND} times what {FEW} cost",
               f"{many} : {few} = {many / few:.1f}")
