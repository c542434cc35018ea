#!/usr/bin/python3
"""What an image mounts at boot and is not mounted below --root: nothing is written below the mount point, where no boot of the image reads it."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import Machine
from tap import Tap

FSTAB, RECORD, PROFILES = "/etc/fstab", "/var/lib/reset-identity/record", "/etc/NetworkManager/system-connections"
WRITERS = ["adopt", "--yes"], ["apply", "--yes"], ["apply", "--force", "--yes"], ["undo", "--yes"], ["seal"]
REHEARSALS = ["plan"], ["apply", "--dry-run"], ["plan", "--force"], ["seal", "--dry-run"]
BY = {
    "fstab": lambda machine: machine.write(FSTAB, "/dev/a / ext4\n/dev/b /var ext4\n"),
    "a unit": lambda machine: machine.write("/etc/systemd/system/local-fs.target.requires/var.mount", ""),
}


def sealed(machine):
    machine.add_template()
    assert machine.run("seal").returncode == 0


def put_away(machine):
    """/var as whoever mounts the root alone sees it; where it is now."""
    real = os.path.join(machine.top, "var")
    os.rename(machine.path("/var"), real)
    os.mkdir(machine.path("/var"))
    return real


def is_refused(tap, machine, command, what, path):
    before = machine.snapshot()
    result = machine.run(*command)
    says = f"{path}: {what} of this image is a file system of its own"
    tap.ok(result.returncode == 1 and says in result.stderr and f"Mount it at {machine.path(what)} and try again" in result.stderr,
           f"{' '.join(command)}: refused while {what} is not mounted", result.returncode, result.stderr)
    tap.is_(machine.snapshot() == before, True, f"{' '.join(command)}: nothing is written")


def the_record(tap):
    """It lies in /var: refused, whatever there is to do."""
    for by, mounts in BY.items():
        for clone in False, True:
            with Machine() as machine:
                sealed(machine)
                if clone:
                    machine.become_clone()
                mounts(machine)
                tap.diag(f"/var by {by}, a clone: {clone}")
                put_away(machine)
                for command in (*WRITERS, *REHEARSALS):
                    is_refused(tap, machine, command, "/var", RECORD)
                tap.ok(machine.run("status").returncode != 1, "status only looks")
                code, value = machine.json("plan")
                tap.is_((code, "is not mounted" in value["error"]["message"]), (1, True), "plan as JSON refuses too")


def mounted(tap):
    """What is refused leads on."""
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can mount")
        return
    with Machine() as machine:
        sealed(machine)
        machine.become_clone()
        BY["fstab"](machine)
        real = put_away(machine)
        subprocess.run(["mount", "--bind", real, machine.path("/var")], check=True)
        try:
            tap.is_(machine.run("apply", "--yes").returncode, 0, "apply with /var mounted")
            tap.is_((machine.run("undo", "--yes").returncode, machine.run("adopt", "--yes").returncode), (0, 0), "and undo, and adopt")
        finally:
            subprocess.run(["umount", machine.path("/var")], check=True)
        tap.is_(os.listdir(machine.path("/var")), [], "nothing is below the mount point")


def what_is_changed(tap):
    """Another place counts where a file below it would be written."""
    for place, path in (PROFILES, f"{PROFILES}/lan0.nmconnection"), ("/etc/machine-id", "/etc/machine-id"):
        with Machine() as machine:
            sealed(machine)
            machine.write(FSTAB, f"/dev/a / ext4\n/data{place} {place} none bind\n")
            tap.is_(machine.run("seal").returncode, 0, f"{place}: seal writes nothing there")
            machine.become_clone()
            for command in ["apply", "--yes"], ["plan"]:
                is_refused(tap, machine, command, place, path)
            tap.is_(machine.run("adopt", "--yes").returncode, 0, f"{place}: adopt writes nothing there")
    with Machine() as machine:
        sealed(machine)
        machine.become_clone()
        machine.write(FSTAB, "/dev/a / ext4\n/dev/b /home ext4\n/dev/c /var/log ext4\n/dev/d none swap\n")
        tap.is_(machine.run("apply", "--yes").returncode, 0, "where nothing is written nothing need be mounted")
        machine.write(FSTAB, f"/dev/a / ext4\n/data {PROFILES} none bind\n")
        is_refused(tap, machine, ["undo", "--yes"], PROFILES, f"{PROFILES}/lan0.nmconnection")


with Tap() as tap:
    for part in the_record, mounted, what_is_changed:
        part(tap)
