#!/usr/bin/python3
"""Every way a run of commit/ can end half-way: killed before and after each system call that changes the disk, and each
such call failing with ENOSPC, EIO and EROFS. Then recovery runs (and is itself killed at every call), and the whole tree
must be the whole old or the whole new one: content, names, modes, owners, times, extended attributes, no left-overs.

The plan is crash-apply's: edits of every kind. apply.t does the same with the program itself."""

import hashlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from breaking import CRASH_APPLY, KILLED, KILLS, LONG_AGO, MODES, STATE, Scenario, Workshop
from breaking import explore, faultline, find, logged, main, run

PROFILES = "etc/NetworkManager/system-connections"
OLD_ID = "0" * 31 + "1"
NEW_ID = "0" * 31 + "2"
DONE, UNTOUCHED, IN_FORCE = 0, 1, 4


def write(root, path, text, mode=0o644, owner=(0, 0), attribute=None):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as file:
        file.write(text)
    if os.geteuid() == 0:
        os.chown(full, *owner)
    os.chmod(full, mode)
    if attribute is not None:
        os.setxattr(full, "user.crash-test", attribute)
    os.utime(full, (LONG_AGO, LONG_AGO))


def write_closed_run(root, number):
    """A closed apply that changed nothing, as commit/ would have left it."""
    text = (f"version=1\nkind=apply\nverdict=clone\nsummary=run {number}\nreasons=\nundoes=0\n"
            f"time=2001-09-09T01:46:40Z\nedits=0\n")
    entry = f"{STATE}/history/{number}"
    write(root, f"{entry}/manifest", text + f"sha256={hashlib.sha256(text.encode()).hexdigest()}\n", 0o600)
    os.makedirs(os.path.join(root, entry, "old"), 0o700, exist_ok=True)


def golden(top):
    """A machine with three profiles and the record of another machine, that ran three applies before."""
    root = os.path.join(top, "root")
    write(root, "etc/machine-id", OLD_ID + "\n", 0o444)
    write(root, "etc/hostname", "golden\n", attribute=b"kept")
    write(root, "etc/hosts", "127.0.0.1 localhost\n127.0.1.1 golden\n", 0o640, (0, 5))
    write(root, "etc/unrelated", "stays\n", 0o600)
    for name in ("ens192", "bond0", "vlan 7"):
        write(root, f"{PROFILES}/{name}.nmconnection", f"[connection]\nid={name}\nuuid=old-{name}\n", 0o600)
    write(root, "etc/ssh/ssh_host_ed25519_key", "old private key\n", 0o600)
    write(root, "etc/ssh/ssh_host_ed25519_key-cert.pub", "old certificate\n")
    write(root, "var/lib/NetworkManager/internal-old-ens192.lease", "the template's lease\n", attribute=b"lease")
    write(root, "var/lib/old-name", "renamed\n")
    write(root, f"var/log/journal/{OLD_ID}/system.journal", "journal\n", 0o640)
    write(root, f"run/log/journal/{OLD_ID}/system.journal", "volatile journal\n", 0o640)
    write(root, f"run/log/journal/{OLD_ID}/user.journal", "volatile journal of a user\n", 0o640)
    write(root, f"run/log/journal/{NEW_ID}/system.journal", "made before us\n", 0o640)
    os.chmod(os.path.join(root, f"run/log/journal/{OLD_ID}"), 0o2750)
    os.chmod(os.path.join(root, f"run/log/journal/{NEW_ID}"), 0o2750)
    write(root, f"{STATE}/record", "[record]\nstate = template\nuuid = old\n", 0o600)
    for number in (5, 6, 7):
        write_closed_run(root, number)
    os.chmod(os.path.join(root, STATE), 0o700)


def crash_apply(command):
    return lambda top: [CRASH_APPLY, os.path.join(top, "root"), command]


def applied(top):
    golden(top)
    status, output = run(crash_apply("commit")(top))
    if status != DONE:
        raise RuntimeError(output)


def interrupted(command, number):
    """The golden tree after COMMAND was killed after call NUMBER."""

    def prepare(top):
        golden(top)
        status, output = faultline(os.path.join(top, "root"), ["kill-after", str(number)], crash_apply(command)(top))
        if status != KILLED:
            raise RuntimeError(f"exit status {status}: {output}")

    return prepare


def end_of(name, prepare, command=None):
    with Workshop(prepare) as top:
        if command:
            status, output = run(crash_apply(command)(top))
            if status != DONE:
                raise RuntimeError(f"{command}: {output}")
        return Scenario(name, None, None, None).end(name, top)


def log_of(command):
    with Workshop(golden) as top:
        return logged(os.path.join(top, "root"), crash_apply(command)(top))


def ends(before, after, between=None):
    """What an exit status promises. BETWEEN: where recovery may lead too when the command did not end by itself."""

    def for_status(status):
        if status in (DONE, IN_FORCE):
            return [after]
        if status == UNTOUCHED:
            return [before]
        return [before, after] + ([between] if between else [])

    return for_status


def target_renames(calls):
    return [number for number, name, paths in calls
            if name.startswith("rename") and f"/{STATE}/transaction" not in paths and f"/{STATE}/history" not in paths]


def check_order(tap, calls):
    """What a power cut sees: nothing is renamed before what it needs is on the disk."""
    paths = {number: paths for number, _, paths in calls}
    flushes = [number for number, name, _ in calls if name in ("fsync", "fdatasync", "syncfs")]
    renames = target_renames(calls)
    committed = find(calls, "renameat", "/transaction/manifest.staged")
    closed = find(calls, "renameat", f"/{STATE}/history/8")
    record = [number for number in renames if f"/{STATE}/record" in paths[number]]
    staged = [number for number, _, _ in calls if number < committed and number not in flushes]
    temporaries = [number for number, name, paths in calls if name != "renameat" and ".reset-identity" in paths]

    def flushed_between(first, second):
        return any(first < flush < second for flush in flushes)

    tap.ok(flushed_between(max(staged), committed), "power cut: the staging is flushed before the commit point", calls)
    tap.ok(committed + 1 in flushes, "power cut: the commit point is flushed before anything else changes", calls)
    tap.ok(max(temporaries) < min(renames) and flushed_between(max(temporaries), min(renames)),
           "power cut: all temporaries are flushed before the first target is renamed", calls)
    tap.ok(record == renames[-1:] and flushed_between(renames[-2], renames[-1]),
           "power cut: the record is renamed last, after the others are flushed", calls)
    tap.ok(flushed_between(renames[-1], closed),
           "power cut: the record is flushed before the transaction is closed", calls)
    tap.ok(flushed_between(closed, find(calls, "unlinkat", "/history/8/new/")),
           "power cut: the history is flushed before the new copies go", calls)
    tap.ok(len(flushes) <= 8, f"an apply flushes at most eight times (here {len(flushes)})", calls)


def recoveries(committing, reverting, old, new):
    """Moments to start recovery from, and where it must lead."""
    renames = target_renames(committing)
    turned = find(reverting, "renameat", "/transaction/manifest.revert")
    backward = [number for number in target_renames(reverting) if number > turned]
    moments = [
        ("staging", "commit", find(committing, "openat", "/transaction/new/4"), old),
        ("the commit point", "commit", find(committing, "renameat", "/transaction/manifest.staged"), new),
        ("writing temporaries", "commit", find(committing, "openat", ".reset-identity", 4), new),
        ("the first rename", "commit", renames[0], new),
        ("half of the renames", "commit", renames[len(renames) // 2], new),
        ("the record", "commit", renames[-1], new),
        ("forgetting old secrets", "commit", find(committing, "unlinkat", "/transaction/old/"), new),
        ("closing", "commit", find(committing, "renameat", "/history/8"), new),
        ("turning back", "revert", turned, old),
        ("half of the way back", "revert", backward[len(backward) // 2], old),
        ("the end of the way back", "revert", find(reverting, "renameat", "manifest.staged", -1), old),
    ]
    for name, command, number, end in moments:
        yield Scenario(f"recovery after a kill at {name}", interrupted(command, number), crash_apply("recover"),
                       ends(end, end))


def tests(tap):
    old = end_of("the whole old tree", golden)
    new = end_of("the whole new tree", golden, "commit")
    undone = end_of("the tree of the undo", applied, "undo")
    committing = log_of("commit")
    check_order(tap, committing)
    explore(tap, Scenario("apply", golden, crash_apply("commit"), ends(old, new)), MODES)
    explore(tap, Scenario("apply taken back", golden, crash_apply("revert"), ends(old, old, new)), MODES)
    explore(tap, Scenario("undo", applied, crash_apply("undo"), ends(new, undone)), MODES)
    for scenario in recoveries(committing, log_of("revert"), old, new):
        explore(tap, scenario, KILLS)


main(tests)
