#!/usr/bin/python3
"""netplan 1.2 and later: a program of its own makes the files for networkd and NetworkManager, and the one that did it before aborts
where PID 1 does not call it. The machine's own netplan lies below that name here."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import PROGRAM, Machine
from tap import Tap

FORMER = "/usr/libexec/netplan/generate"
FILE = "/etc/netplan/50.yaml"
YAML = "network:\n  ethernets:\n    ens3:\n      addresses: [10.30.0.10/24]\n"
# In mounts of its own: what lies in $1 is over /usr/libexec.
OVER = 'mount -t overlay overlay -o "lowerdir=$1:/usr/libexec" /usr/libexec && shift && exec "$@"'


def script(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)


def newer(libexec):
    """A folder with such a netplan, and what it has been asked."""
    programs, asked = os.path.join(libexec, "netplan"), os.path.join(libexec, "asked")
    os.mkdir(programs)
    shutil.copy(FORMER, os.path.join(programs, "real"))
    script(os.path.join(programs, "configure"), f'echo "$1" >>{asked}\nexec /usr/libexec/netplan/real "$@"\n')
    script(os.path.join(programs, "generate"), "kill -ABRT $$\n")
    return asked


def run(machine, libexec, *arguments):
    command = ["unshare", "--mount", "--propagation", "private", "bash", "-c", OVER, "over", libexec,
               PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


with Tap() as tap, tempfile.TemporaryDirectory() as libexec, Machine() as machine:
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can seal a tree")
        sys.exit(tap.done())
    asked = newer(libexec)
    machine.add_template(0)
    machine.write("/usr/sbin/netplan", "", 0o755)
    machine.write(FILE, YAML, 0o600)
    sealed = run(machine, libexec, "seal")
    tap.is_(sealed.returncode, 0, "sealed") or tap.diag(sealed.stderr)
    machine.become_clone()
    applied = run(machine, libexec, "apply", "--yes", "--no-network")
    tap.ok(applied.returncode == 0 and "dhcp4: true\n" in machine.read(FILE), "edited", applied.stderr)
    with open(asked, encoding="utf-8") as file:
        tap.is_(set(file), {"--root-dir\n"}, "and judged by the program that makes the files")
