#!/usr/bin/python3
"""What fails at 3 a.m.: the manual page's table, "When a clone does not come up", held against the program.

Each failure is made at a boot. The row's words are said once, on the console and in the journal, whose message the catalog
explains; `status` says them too, with the cure; the NICs are kept down where the page says "Off the network"; and nothing is changed,
or where it was committed before, what remains is finished after the cure.
"""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from boot_tree import Boot, prepare
from machine_tree import CLONE_MAC, CLONE_UUID, PROFILE, PROGRAM, REPOSITORY, TEMPLATE_MAC, TEMPLATE_UUID, Machine
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


RENAMES = "?rename,?renameat,?renameat2"


def unfinished(machine):
    """The power goes right behind the commit point: the first rename is the manifest's, the second one a file's. At the next boot
    something has been mounted over a file that is still to be replaced."""
    killed = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={RENAMES}", "-e", f"inject={RENAMES}:signal=KILL:when=2",
                             PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", "apply", "--yes"],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert machine.exists("/var/lib/reset-identity/transaction/manifest"), killed.stderr
    hostname = machine.path("/etc/hostname")
    subprocess.run(["mount", "--bind", hostname, hostname], check=True)
    return lambda: subprocess.run(["umount", hostname], check=True)


# How each row of the page comes about: the exit status of the boot's run, and the journal's message (conf/reset-identity.catalog).
ISOLATED, FAILED, RESET = "d4e8f1a2b6c74d3e9f60a1b2c3d4e504", "c1b3a0d7e9354b6f8d52e0c4a7f6b803", "5f3cf2f5cd2b4a0c9a33a9b9f1f6a0d1"
MADE = {
    "the policy is invalid": (invalid, 78, ISOLATED),
    "which profile carries the default route is ambiguous": (ambiguous, 78, ISOLATED),
    "would use static addresses of the template": (foreign, 1, ISOLATED),
    "NetworkManager refuses it": (unreadable_profile, 0, RESET),
    "no section of the policy names this clone": (unmatched, 78, ISOLATED),
    "read-only": (read_only, 1, ISOLATED),
    "no space": (full, 1, ISOLATED),
    "it is not clear whether this machine is the template or a copy": (no_evidence, 1, ISOLATED),
    "is committed and not finished": (unfinished, 1, ISOLATED),
    "damaged": (damaged, 1, FAILED),
}
# Where the page's words are shorter than the program's.
SAID = {"no section of the policy names this clone": "no [host] section of the policy names this clone",
        "no space": "No space left on device", "damaged": "the record is damaged"}
RUN = "/tmp/program/reset-identity --hardware=/hw"


def rows():
    """{words: what the page says of them}"""
    with open(os.path.join(REPOSITORY, "packaging/reset-identity.8"), encoding="utf-8") as file:
        page = file.read()
    section = page[page.index(".SH WHEN A CLONE DOES NOT COME UP"):]
    section = section[:section.index("\n.SH ", 5)].replace("\\-", "-")
    found = re.findall(r'^\.TP\n\.B "(.*)"\n((?:(?!\.TP$).*\n?)*)', section, re.M)
    return dict(found)


def catalog():
    with open(os.path.join(REPOSITORY, "conf/reset-identity.catalog"), encoding="utf-8") as file:
        return set(re.findall("^-- ([0-9a-f]{32})$", file.read(), re.M))


def fails(tap, what, page, make, code, message):
    words = SAID.get(what, what)
    with Machine() as machine:
        machine.add_template(3)
        machine.run("seal")
        machine.become_clone()
        prepare(machine)
        undo = make(machine)
        try:
            before = machine.snapshot()
            boot = Boot(machine, f"echo == run; {RUN} apply --boot; echo code $?; echo == status; {RUN} status 2>&1")
            after = machine.snapshot()
        finally:
            if undo:
                undo()
        cured = machine.run("apply", "--yes") if make is unfinished else None
        finished = machine.json("status")[1]
    run, status = boot.part("run"), boot.part("status")
    tap.is_((run.strip().splitlines()[-1], run.count(words)), (f"code {code}", 1), f"{what}: the run ends with {code} and says it once")
    entry = boot.entries[-1] if boot.entries else {}
    tap.is_((entry.get("MESSAGE_ID"), message in catalog()), (message, True), f"{what}: the journal has a message that the catalog explains")
    kept_down = "the NICs are kept down" in status
    tap.is_(kept_down, page.lstrip().find("Off the network.") >= 0, f"{what}: off the wire or not as the page says")
    if code == 0:
        tap.ok("etc/NetworkManager/system-connections/ens3.nmconnection" in after, f"{what}: the NIC gets a profile of its own")
        return
    tap.is_(boot.console.count(words), 1, f"{what}: the console says it once")
    tap.ok(words in entry.get("MESSAGE", ""), f"{what}: so does the journal", boot.entries)
    tap.ok(words in status, f"{what}: and status", status)
    tap.is_(entry.get("RESET_IDENTITY_VERDICT"), re.search(r"^verdict +(\S+)", status, re.M)[1], f"{what}: with the verdict of status")
    changed = {path for path, content in after.items() if before.get(path) != content}
    if cured:
        tap.is_((cured.returncode, finished["verdict"], finished["transaction_open"]), (0, "same", False), f"{what}: apply finishes it")
    else:
        tap.is_({path for path in changed if not path.startswith("var/lib/reset-identity")}, set(), f"{what}: nothing is changed")
    cure = status[:status.index("\nmachine\n")].split("- Why: ", 1)[0]
    tap.ok(re.search(r"^next ", status, re.M) or "reset-identity adopt" in cure, f"{what}: status says what to do", status)
    tap.ok(cure.count("reset-identity adopt") <= 1, f"{what}: once", cure)


with Tap() as tap:
    known = rows()
    tap.is_(set(known), set(MADE) | ON_A_WIRE, "each row of the page is made here, or by a test that is named")
    for what, made in MADE.items():
        fails(tap, what, known[what], *made)
