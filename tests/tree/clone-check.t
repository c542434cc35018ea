#!/usr/bin/python3
"""The program of every boot: what it exits with, what it looks at, and that it changes nothing."""

import os
import re
import stat
import subprocess
import sys
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_CHECK, CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

WORK, NOTHING, USAGE = 0, 1, 255
SWAPPED_UUID = "7560c54d-f350-6d46-98f2-79838106e82f"
PLACEHOLDER = "03000200-0400-0500-0006-000700080009"
SAME = [("ens3", TEMPLATE_MAC)]
NEW = [("ens3", CLONE_MAC)]
RECORD = "/var/lib/reset-identity/record"
COPY = "/etc/reset-identity/record"
POLICY = "/etc/reset-identity/policy.ini"


def ended(text):
    text += "[end]\n"
    return text + f"sum = {zlib.crc32(text.encode()):08x}\n"


def write_record(machine, text):
    """Both copies."""
    machine.write(RECORD, text)
    machine.write(COPY, text)


def record(state="template", uuid=TEMPLATE_UUID, nics=tuple(SAME), changes=0, unstable="no"):
    lines = ["[record]", "version = 2", f"state = {state}"]
    if uuid:
        lines += [f"uuid = {uuid}", "uuid-source = dmi"]
    lines += [f"uuid-changes = {changes}", f"uuid-unstable = {unstable}"]
    for position, (name, mac) in enumerate(nics):
        lines += ["", f"[nic {name}]", f"mac = {mac}", f"position = {position}"]
    return ended("\n".join(lines + ["", ""]))


NO_MACHINE = ended("[record]\nversion = 2\nstate = template\nmachine = none\n")

# what, record, (UUID, cards) now, policy, expected
VERDICTS = [
    ("an unchanged template", record(), (TEMPLATE_UUID, SAME), None, NOTHING),
    ("an unchanged settled machine", record("settled"), (TEMPLATE_UUID, SAME), None, NOTHING),
    ("upper case", record(), (TEMPLATE_UUID.upper(), SAME), None, NOTHING),
    ("the other byte order", record(), (SWAPPED_UUID, SAME), None, NOTHING),
    ("a card more", record(), (TEMPLATE_UUID, SAME + [("ens4", CLONE_MAC)]), None, NOTHING),
    ("a renamed card", record(), (TEMPLATE_UUID, [("eth0", TEMPLATE_MAC)]), None, NOTHING),
    ("cards that swapped names", record(nics=SAME + [("ens4", CLONE_MAC)]),
     (TEMPLATE_UUID, [("ens3", CLONE_MAC), ("ens4", TEMPLATE_MAC)]), None, NOTHING),
    ("one of two cards left", record(nics=SAME + [("ens4", CLONE_MAC)]),
     (TEMPLATE_UUID, [("ens4", CLONE_MAC)]), None, NOTHING),
    ("no card at all", record(), (TEMPLATE_UUID, []), None, NOTHING),
    ("a record without cards", record(nics=()), (TEMPLATE_UUID, NEW), None, NOTHING),
    ("no UUID, same card", record(), (None, SAME), None, NOTHING),
    ("a placeholder, same card", record(), (PLACEHOLDER, SAME), None, NOTHING),
    ("no evidence at all, of a template", record(uuid=None, nics=()), (None, []), None, WORK),
    ("no evidence at all, of a settled machine", record("settled", uuid=None, nics=()), (None, []), None, NOTHING),
    ("a clone", record(), (CLONE_UUID, NEW), None, WORK),
    ("a clone of a settled machine", record("settled"), (CLONE_UUID, NEW), None, WORK),
    ("a new UUID alone", record(), (CLONE_UUID, SAME), None, WORK),
    ("a template with new cards", record(), (TEMPLATE_UUID, NEW), None, WORK),
    ("a settled machine with new cards", record("settled"), (TEMPLATE_UUID, NEW), None, WORK),
    ("no UUID, new cards", record("settled"), (None, NEW), None, WORK),
    ("an image that never ran", NO_MACHINE, (None, []), None, WORK),
    ("no record", None, (TEMPLATE_UUID, SAME), None, WORK),
    ("an empty record", "", (TEMPLATE_UUID, SAME), None, WORK),
    ("a record cut off", record()[:-5], (TEMPLATE_UUID, SAME), None, WORK),
    ("a count of changes that ended", record(changes=1), (TEMPLATE_UUID, SAME), None, WORK),
    ("a third change in a row", record(changes=2), (CLONE_UUID, SAME), None, WORK),
    ("a distrusted UUID, same card", record(changes=3, unstable="yes"), (CLONE_UUID, SAME), None, NOTHING),
    ("a distrusted UUID, new card", record(changes=3, unstable="yes"), (TEMPLATE_UUID, NEW), None, WORK),
    ("a distrusted UUID, no NIC", record("settled", changes=3, unstable="yes"), (CLONE_UUID, []), None, NOTHING),
    ("new NICs that do not count are remembered", record(), (TEMPLATE_UUID, NEW), "[detect]\nsignals = uuid\n", WORK),
    ("a new UUID that does not count", record(), (CLONE_UUID, SAME), "[detect]\nsignals = mac\n", NOTHING),
    ("the NICs of a template, where only its UUID counts and none is there", record(), (None, SAME), "[detect]\nsignals = uuid\n", WORK),
    ("the UUID of a template, where only NICs count and none is recorded", record(nics=()), (TEMPLATE_UUID, NEW),
     "[detect]\nsignals = mac\n", WORK),
    ("the same of a settled machine", record("settled"), (None, SAME), "[detect]\nsignals = uuid\n", NOTHING),
    ("a new UUID to be recorded", record("settled"), (CLONE_UUID, SAME), "[detect]\nsettled-uuid = ignore\n", WORK),
    ("new cards to be recorded", record("settled"), (TEMPLATE_UUID, NEW), "[detect]\nsettled-mac = ignore\n", WORK),
    ("a bad policy and nothing new", record(), (TEMPLATE_UUID, SAME), "[nonsense]\n", NOTHING),
    ("a bad policy that had to be asked", record(), (TEMPLATE_UUID, []), "[nonsense]\n", WORK),
    ("a step that only the large program knows", record(), (TEMPLATE_UUID, []), "[steps]\nlater = off\n", NOTHING),
]


def check(machine):
    return machine.run(program=CLONE_CHECK, timeout=30)


def verdicts(tap):
    for what, text, (uuid, nics), policy, expected in VERDICTS:
        with Machine() as machine:
            machine.set_hardware(uuid, nics)
            if text is not None:
                write_record(machine, text)
            if policy:
                machine.write(POLICY, policy)
            before = machine.snapshot()
            result = check(machine)
            tap.is_((result.returncode, result.stdout, result.stderr), (expected, "", ""), what)
            if machine.snapshot() != before:
                tap.ok(False, f"{what}: nothing is changed")


def copies(tap):
    cut = record()[:-5]
    for what, first, second, expected in (("the first copy is missing", None, record(), NOTHING), ("the first copy is damaged", cut, record(), NOTHING),
                                          ("the second copy is missing", record(), None, NOTHING), ("both are damaged", cut, cut, WORK)):
        with Machine() as machine:
            machine.set_hardware(TEMPLATE_UUID, SAME)
            for path, text in ((RECORD, first), (COPY, second)):
                if text is not None:
                    machine.write(path, text)
            wanted = WORK if expected == NOTHING else expected
            tap.is_(check(machine).returncode, wanted, f"{what}: there is something to repair, or to report")
            machine.set_hardware(CLONE_UUID, NEW)
            tap.is_(check(machine).returncode, WORK, f"{what}: a clone is one")


def no_copies(tap):
    """What is no regular file beside a whole copy is a damaged copy: clone-check and the full program agree, and the clone is reset."""
    def device(path):
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    kinds = {"a directory": os.makedirs, "a FIFO": os.mkfifo, "a dangling link": lambda path: os.symlink("gone", path),
             "a link into nowhere": lambda path: os.symlink("/no/such/place", path), "a link to itself": lambda path: os.symlink("record", path),
             "a link to a directory": lambda path: os.symlink("..", path)}
    if os.geteuid() == 0:
        kinds["a device"] = device
    for what, make in kinds.items():
        for odd, whole in (RECORD, COPY), (COPY, RECORD):
            with Machine() as machine:
                machine.add_template()
                machine.set_hardware(TEMPLATE_UUID, SAME)
                machine.write(whole, record())
                os.makedirs(os.path.dirname(machine.path(odd)), exist_ok=True)
                make(machine.path(odd))
                said = check(machine).returncode, machine.json("status")[1]["verdict"]
                tap.is_(said, (WORK, "same"), f"{what} as {odd}: the other copy counts")
                settled = machine.run("apply", "--yes")
                tap.is_((settled.returncode, machine.json("status")[1]["verdict"]), (0, "same"), "the record is repaired, or what is in the way is said")
                tap.ok(os.path.isfile(machine.path(odd)) or f"{odd}: " in settled.stderr, "which of them", settled.stderr)
            with Machine() as machine:
                machine.add_template()
                machine.write(whole, record())
                os.makedirs(os.path.dirname(machine.path(odd)), exist_ok=True)
                make(machine.path(odd))
                machine.become_clone()
                said = check(machine).returncode, machine.json("status")[1]["verdict"]
                tap.is_(said, (WORK, "clone"), f"{what} as {odd}: a clone is one")
                applied = machine.run("apply", "--yes")
                tap.is_((applied.returncode, machine.read("/etc/hostname") != "golden\n"), (0, True), "and is reset")
                tap.like(applied.stderr, f"{odd}: a regular file is expected there", "what is in the way is said")
                tap.is_(machine.json("status")[1]["verdict"], "same", "and the copy that is written counts from now on")
    with Machine() as machine:
        machine.add_template()
        os.makedirs(machine.path(RECORD))
        os.makedirs(machine.path(COPY))
        machine.become_clone()
        before = machine.snapshot()
        refused = machine.run("apply", "--force", "--yes")
        tap.is_((refused.returncode, machine.snapshot() == before), (1, True), "no place for the record at all: nothing is changed")


def newer_copies(tap):
    newer = record().replace("version = 2", "version = 3")
    for what, first, second, expected in (("the first copy is a newer one", newer, record(), NOTHING), ("the second copy is", record(), newer, NOTHING),
                                          ("both are", newer, newer, WORK), ("and one is damaged", newer, record()[:-5], WORK)):
        with Machine() as machine:
            machine.set_hardware(TEMPLATE_UUID, SAME)
            machine.write(RECORD, first)
            machine.write(COPY, second)
            tap.is_(check(machine).returncode, expected, f"{what}: nothing is repaired, what cannot be read is reported")


def replaced_nics(tap):
    both = SAME + [("ens4", "52:54:00:00:00:04")]
    with Machine() as machine:
        write_record(machine, record("settled", uuid=None, nics=both))
        machine.set_hardware(None, SAME)
        tap.is_(check(machine).returncode, NOTHING, "a NIC is gone, no other is there: nothing to do")
        machine.set_hardware(None, SAME + [("ens4", CLONE_MAC)])
        tap.is_(check(machine).returncode, WORK, "another NIC in its place: the list follows")


def untrusted_policy(tap):
    with Machine() as machine:
        write_record(machine, record())
        machine.write(POLICY, "[detect]\nsignals = uuid\n", 0o666)
        tap.is_(check(machine).returncode, NOTHING, "an untrusted policy and nothing new")
        machine.set_hardware(TEMPLATE_UUID, NEW)
        tap.is_(check(machine).returncode, WORK, "an untrusted policy that had to be asked is reported")


def order_of_evidence(tap):
    with Machine() as machine:
        write_record(machine, record())
        machine.set_hardware(CLONE_UUID, NEW, command_line="quiet reset-identity=off")
        tap.is_(check(machine).returncode, NOTHING, "reset-identity=off: a clone is left alone")
        machine.write("/var/lib/reset-identity/transaction/manifest", "")
        tap.is_(check(machine).returncode, WORK, "but an open transaction comes first")
    with Machine() as machine:
        write_record(machine, record())
        machine.set_hardware(TEMPLATE_UUID, SAME, command_line="reset-identity=off reset-identity=force quiet")
        tap.is_(check(machine).returncode, WORK, "reset-identity=force: as a clone")


def odd_files(tap):
    with Machine() as machine:
        os.makedirs(machine.path(os.path.dirname(RECORD)))
        os.mkfifo(machine.path(RECORD))
        tap.is_(check(machine).returncode, WORK, "a FIFO as record is damage, and is not waited for")
    with Machine() as machine:
        os.makedirs(machine.path(RECORD))
        tap.is_(check(machine).returncode, WORK, "so is a directory")
    with Machine() as machine:
        machine.write("/srv/record", record())
        machine.write(COPY, record())
        os.makedirs(machine.path(os.path.dirname(RECORD)))
        os.symlink("/srv/record", machine.path(RECORD))
        tap.is_(check(machine).returncode, NOTHING, "an absolute link is one inside the root")


def usage(tap):
    for arguments in ["--colour"], ["record"], ["--root"], ["--root=/no/such/directory"], ["--hardware=/dev/null"]:
        result = subprocess.run([CLONE_CHECK, *arguments], capture_output=True, text=True, check=False, timeout=30)
        tap.is_(result.returncode, USAGE, f"{arguments[0]}: exit {USAGE}, which fails the unit")
        tap.like(result.stderr, "clone-check", "and says why")


def cheap(tap):
    with Machine() as machine:
        write_record(machine, record())
        machine.write(POLICY, "")
        machine.set_hardware(TEMPLATE_UUID, SAME + [("ens4", CLONE_MAC)])
        command = ["strace", "-qq", CLONE_CHECK, f"--root={machine.root}", f"--hardware={machine.hardware}"]
        trace = subprocess.run(command, capture_output=True, text=True, check=False).stderr
        tap.ok("reset-identity/record" in trace, "unchanged: the record is read", trace)
        tap.ok("policy" not in trace, "but no policy", trace)
        tap.ok(not re.search("getdents|ens4", trace), "and no NIC that is not recorded", trace)
    libraries = subprocess.run(["readelf", "-d", CLONE_CHECK], capture_output=True, text=True, check=True).stdout
    tap.ok("NEEDED" not in libraries, "no library is loaded", libraries)


with Tap() as tap:
    for part in verdicts, copies, no_copies, newer_copies, replaced_nics, untrusted_policy, order_of_evidence, odd_files, usage, cheap:
        part(tap)
