#!/usr/bin/python3
"""A command that a refusal names is one to run as it stands there, also where the machine is an image below --root: it leads to a run."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import Machine
from tap import Tap

STATE, HISTORY, POLICY = "/var/lib/reset-identity", "/var/lib/reset-identity/history", "/etc/reset-identity/policy.ini"
# What stands in the way, with the path in the machine: how it is made, and what takes it away again.
CASES = {
    "an immutable file": ("/etc/hosts", ["chattr", "+i"]),
    "an append-only directory": ("/etc", ["chattr", "+a"]),
    "an immutable history": (HISTORY, ["chattr", "+i"]),
    "a mount point": ("/etc/machine-id", ["mount", "--bind", "/etc/machine-id"]),
    "a policy that others write": (POLICY, ["chmod", "o+w"]),
    "a policy of another user": (POLICY, ["chown", "65534"]),
    "books of another user": (STATE, ["chown", "65534"]),
}


def advice(text):
    """The commands in it."""
    found = re.findall(r"\((?:mount|umount|chattr|chown)[^)]*\)|`(?:chown|chmod) [^`]*`", text)
    return [command[1:-1] for command in found]


def leads_on(tap, what, path, make):
    with Machine() as machine:
        machine.add_template()
        machine.write(POLICY, "[identity]\nhostname = web-{mac:6}\n")
        assert machine.run("seal").returncode == 0
        os.makedirs(machine.path(HISTORY), mode=0o700, exist_ok=True)
        machine.become_clone()
        subprocess.run([*make, machine.path(path)], check=True)
        try:
            refused = machine.run("apply", "--yes")
            # None that would be for the machine that runs the test.
            commands = [command for command in advice(refused.stderr) if machine.path(path) in command]
            tap.ok(refused.returncode != 0 and len(commands) == 1, f"{what}: the command names the file of the image",
                   refused.stdout, refused.stderr)
            for command in commands:
                subprocess.run(["sh", "-c", command], check=False)
            tap.is_(machine.run("apply", "--yes").returncode, 0, f"{what}: and an apply works then")
        finally:
            subprocess.run(["umount", machine.path(path)], check=False, stderr=subprocess.DEVNULL)
            subprocess.run(["chattr", "-i", "-a", machine.path(path)], check=False, stderr=subprocess.DEVNULL)


def a_loop(tap, path):
    with Machine() as machine:
        machine.add_template()
        assert machine.run("seal").returncode == 0
        machine.become_clone()
        os.makedirs(os.path.dirname(machine.path(path)), exist_ok=True)
        if machine.exists(path):
            os.unlink(machine.path(path))
        os.symlink(os.path.basename(path), machine.path(path))
        refused = machine.run("apply", "--yes")
        tap.ok(refused.returncode == 1 and f"{path}: Too many levels of symbolic links: one of them leads back to itself, replace it" in refused.stderr,
               f"{path} that leads to itself", refused.stderr)


with Tap() as tap:
    for path in "/etc/hosts", "/etc/netplan/50-lan.yaml", "/etc/dhcpcd.conf":
        a_loop(tap, path)
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can put these in the way")
        sys.exit(tap.done())
    for what, (path, make) in CASES.items():
        leads_on(tap, what, path, make)
