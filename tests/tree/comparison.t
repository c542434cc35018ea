#!/usr/bin/python3
"""The README's table of what other tools leave of a template: it has the form that tests/bench/compare writes, and its rows of the
tools that every machine has are true here and now."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "vm"), os.path.join(HERE, "..", "bench")]

import comparison
from machine_tree import Machine
from tap import Tap


def systemd(machine):
    os.unlink(machine.path("/etc/machine-id"))
    subprocess.run(["systemd-firstboot", f"--root={machine.root}", "--force", f"--hostname={comparison.CLONE_NAME}", "--setup-machine-id"],
                   stdin=subprocess.DEVNULL, capture_output=True, check=True)


def reset_identity(machine):
    machine.write("/etc/reset-identity/policy.ini", comparison.POLICY)
    machine.set_hardware(comparison.UUID, [("ens3", comparison.MAC)])
    assert machine.run("seal").returncode == 0
    machine.set_hardware(comparison.CLONE_UUID, [("ens3", comparison.CLONE_MAC)])
    result = machine.run("apply", "--yes")
    assert result.returncode == 0, result.stderr


def form(tap, rows, below):
    tap.is_(rows[0], comparison.HEAD, "its columns")
    tap.is_([row[0].strip("*") for row in rows[1:]], list(comparison.RUN), "a row for each tool that was run, in order")
    for tool, left, profile, seconds in rows[1:]:
        known = [name for name in comparison.LEFT if name in left.split(", ")]
        tap.is_(left, ", ".join(known) or "nothing", f"{tool}: what is left, in order")
        tap.ok(profile in comparison.PROFILES, f"{tool}: what became of the profile", profile)
        tap.like(seconds, r"^\d+\.\d\d s$", f"{tool}: its cost")
    tap.like(below, r"^Measured on \d{4}-\d\d-\d\d by `tests/bench/compare`: " + ", ".join(rf"{tool} \d+(\.\d+)*" for tool in comparison.RUN) + r"\.$",
             "when, and of which versions")


def measured(tap, rows):
    said = {row[0].strip("*"): (row[1], row[2]) for row in rows[1:]}
    for tool, run in (("systemd", systemd), ("reset-identity", reset_identity)):
        with Machine() as machine:
            comparison.make_template(machine.root)
            template_keys = comparison.keys(machine.root)
            before = comparison.look(machine.root, template_keys)
            tap.is_(before, (list(comparison.LEFT), "as it was"), f"{tool}: before, all is the template's")
            run(machine)
            left, became = comparison.look(machine.root, template_keys)
            tap.is_((", ".join(left) or "nothing", became), said.get(tool), f"{tool}: as the README says")


with Tap() as tap:
    table, sentence = comparison.parsed()
    form(tap, table, sentence)
    measured(tap, table)
