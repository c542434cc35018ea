#!/usr/bin/python3
"""What lies in the history is written back by undo, as root: where others than root may have written it, it is named and not carried out."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import Machine
from tap import Tap

HISTORY = "/var/lib/reset-identity/history"

with Tap() as tap:
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can give a directory away")
        sys.exit(tap.done())
    for path, mode, owner, code in ((HISTORY, 0o777, 0, 77), (HISTORY, 0o700, 65534, 77), (f"{HISTORY}/1", 0o777, 0, 1), (f"{HISTORY}/1", 0o700, 65534, 1)):
        with Machine() as machine:
            machine.add_template()
            machine.run("seal")
            machine.become_clone()
            machine.run("apply", "--yes")
            name = machine.read("/etc/hostname")
            kept = os.stat(machine.path(path))
            os.chmod(machine.path(path), mode)
            os.chown(machine.path(path), owner, -1)
            undone = machine.run("undo", "--yes")
            tap.is_((undone.returncode, machine.read("/etc/hostname")), (code, name), f"{path}, mode {mode:o}, owner {owner}: nothing is undone")
            tap.like(undone.stderr, f"{path}: user {owner} owns it and its mode is {mode:04o}", "and it is named")
            tap.is_(machine.run("undo", "--yes", "--force").returncode, code, "with --force neither, where there is no other run")
            tap.like(machine.run("log").stderr, f"{path}: user {owner} owns it", "log says so too")
            os.chmod(machine.path(path), kept.st_mode & 0o7777)
            os.chown(machine.path(path), kept.st_uid, -1)
            tap.is_((machine.run("undo", "--yes").returncode, machine.read("/etc/hostname")), (0, "golden\n"), "once it is root's again it is undone")
