#!/usr/bin/python3
"""What fails at 3 a.m.: the manual page's table, "When a clone does not come up", held against the program.

Each row's words are those that the program says; what is said names the cause in one line; `status` knows of it where it
lasts; and nothing is changed.
"""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, PROFILE, REPOSITORY, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

POLICY = "/etc/reset-identity/policy.ini"
OTHER_MAC = "52:54:00:cc:dd:03"
HOST = f"[host a]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.17/24\n"
# These need a wire, or an isolation that fails: tests/network/probe-policy.t, live-failures.t and isolation.t make them.
ON_A_WIRE = {"is in use", "the new network does not work", "ISOLATION HAS FAILED TOO"}


def invalid(machine):
    machine.write(POLICY, "[network]\ngateway = 10\n")


def ambiguous(machine):
    machine.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC), ("ens4", OTHER_MAC)])
    machine.write("/etc/NetworkManager/system-connections/second.nmconnection",
                  PROFILE.format(n=9, uuid="11111111-1111-4111-8111-000000000099", interface="ens4", mac=OTHER_MAC, high=9, low=9), 0o600)
    machine.write(POLICY, HOST)


def foreign(machine):
    machine.write("/etc/dhcpcd.conf", "interface ens3\nstatic ip_address=10.0.0.10/24\n")
    machine.write("/usr/sbin/dhcpcd", "", 0o755)


def unmatched(machine):
    machine.write(POLICY, "[network]\nunmatched = refuse\n[host a]\nmatch-mac = 52:54:00:00:00:01\n")


def unreadable_profile(machine):
    machine.write("/etc/NetworkManager/system-connections/lan0.nmconnection", "[connection]\nno key\n", 0o600)
    machine.write(POLICY, HOST)


def read_only(machine):
    subprocess.run(["mount", "--bind", machine.root, machine.root], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", machine.root], check=True)
    return lambda: subprocess.run(["umount", machine.root], check=True)


def full(machine):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", machine.path("/var/lib")], check=True)
    machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])
    machine.run("seal")
    machine.become_clone()
    try:
        with open(machine.path("/var/lib/fill"), "wb", 0) as file:
            while True:
                file.write(b"x" * 4096)
    except OSError:
        pass
    return lambda: subprocess.run(["umount", machine.path("/var/lib")], check=True)


def no_evidence(machine):
    machine.set_hardware(None, [])


def damaged(machine):
    for record in ("/var/lib/reset-identity/record", "/etc/reset-identity/record"):
        machine.write(record, "x", 0o600)


# The words of the page: (how it comes about, exit status, and whether it is seen without a run, too).
MADE = {
    "the policy is invalid": (invalid, 78, True),
    "which profile carries the default route is ambiguous": (ambiguous, 78, False),
    "would use static addresses of the template": (foreign, 1, False),
    "NetworkManager refuses it": (unreadable_profile, 0, False),
    "no section of the policy names this clone": (unmatched, 78, False),
    "read-only": (read_only, 1, False),
    "no space": (full, 1, False),
    "nothing tells whether this machine is the template or a copy": (no_evidence, None, True),
    "damaged": (damaged, 1, True),
}
# Where the page's words are shorter than the program's.
SAID = {"no section of the policy names this clone": "no [host] section of the policy names this clone",
        "no space": "No space left on device"}


def rows():
    with open(os.path.join(REPOSITORY, "packaging/reset-identity.8"), encoding="utf-8") as file:
        page = file.read()
    section = page[page.index(".SH WHEN A CLONE DOES NOT COME UP"):]
    section = section[:section.index("\n.SH ", 5)]
    return [row.replace("\\-", "-") for row in re.findall(r'^\.TP\n\.B "(.*)"$', section, re.M)]


def fails(tap, what, make, code, lasts):
    with Machine() as machine:
        machine.add_template(3)
        machine.run("seal")
        machine.become_clone()
        undo = make(machine)
        try:
            before = machine.snapshot()
            result = machine.run("apply", "--yes")
            said, words = result.stdout + result.stderr, SAID.get(what, what)
            if code is not None:
                tap.is_(result.returncode, code, f"{what}: exit status")
            tap.ok(words in said, f"{what}: is what the program says", said)
            tap.is_(said.count(words), 1, f"{what}: once")
            if code == 0:
                tap.ok(machine.exists("/etc/NetworkManager/system-connections/ens3.nmconnection"), f"{what}: the NIC gets a profile of its own")
                return
            changed = {path for path, entry in machine.snapshot().items() if before.get(path) != entry}
            tap.is_({path for path in changed if not path.startswith("var/lib/reset-identity")}, set(), f"{what}: nothing is changed")
            if lasts:
                status = machine.run("status")
                tap.ok(words in status.stdout + status.stderr or "cannot be read" in status.stdout, f"{what}: status says it too",
                       status.stdout + status.stderr)
        finally:
            if undo:
                undo()


with Tap() as tap:
    known = rows()
    tap.is_(set(known), set(MADE) | ON_A_WIRE | {"is committed and not finished"}, "each row of the page is made here, or by a test that is named")
    for what, (make, code, lasts) in MADE.items():
        fails(tap, what, make, code, lasts)
