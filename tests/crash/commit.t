#!/usr/bin/python3
"""Every way a run of commit/ can end half-way: killed before and after each system call that changes the disk, and each
such call failing with ENOSPC, EIO and EROFS. Then recovery runs (and is itself killed at every call), and the whole tree
must be the whole old or the whole new one: content, names, modes, owners, times, extended attributes, no left-overs.

The plan is crash-apply's: edits of every kind, and actions. apply.t does the same with the program itself."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from breaking import CRASH_APPLY, KILLED, KILLS, LONG_AGO, MODES, OLD_SECRETS, STATE, Scenario, Workshop
from breaking import explore, faultline, find, logged, main, run

PROFILES = "etc/NetworkManager/system-connections"
OLD_ID = "0" * 31 + "1"
DONE, UNTOUCHED, IN_EFFECT = 0, 1, 4


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


EMPTY_MANIFEST = []


def learn_empty_manifest(top):
    """What commit/ writes for a run that changes nothing."""
    root = os.path.join(top, "root")
    os.makedirs(os.path.join(root, "var/lib"))
    status, output = run(crash_apply("empty")(top))
    if status != DONE:
        raise RuntimeError(output)
    with open(os.path.join(root, STATE, "history/1/manifest"), "rb") as file:
        EMPTY_MANIFEST.append(file.read())


def write_closed_run(root, number):
    """A closed apply that changed nothing, as commit/ would have left it."""
    entry = os.path.join(root, STATE, "history", str(number))
    os.makedirs(os.path.join(entry, "old"), 0o700)
    with open(os.path.join(entry, "manifest"), "wb") as file:
        file.write(EMPTY_MANIFEST[0])


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
    write(root, "var/lib/tree/deep/file", "in a tree\n", 0o604, (3, 4), attribute=b"deep")
    os.symlink("file", os.path.join(root, "var/lib/tree/deep/link"))
    os.chown(os.path.join(root, "var/lib/tree/deep"), 5, 6)
    os.chmod(os.path.join(root, "var/lib/tree/deep"), 0o2750)
    write(root, "run/hostname", "golden\n")
    write(root, "run/machine-id", OLD_ID + "\n")
    for name in ("run/hostname", "run/machine-id"):
        os.utime(os.path.join(root, name))
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
        if status in (DONE, IN_EFFECT):
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
    renames = [number for number in target_renames(calls) if "/run" not in paths[number]]
    actions = [number for number, name, paths in calls if "/run" in paths]
    committed = find(calls, "renameat", "/transaction/manifest.staged")
    closed = find(calls, "renameat", f"/{STATE}/history/8")
    record = [number for number in renames if f"/{STATE}/record" in paths[number]]
    removals = [number for number, name, paths in calls if name == "unlinkat" and committed < number < record[0]]
    temporaries = [number for number, name, paths in calls
                   if name != "renameat" and ".reset-identity" in paths and "/run" not in paths]
    manifest = [number for number, name, paths in calls if name != "renameat" and "/manifest.staged" in paths]
    staged = [number for number, _, _ in calls if number < committed and number not in flushes]

    def flushed_between(first, second):
        return any(first < flush < second for flush in flushes)

    tap.ok(flushed_between(max(manifest), min(temporaries)),
           "power cut: the manifest that says where the temporaries are is flushed before the first one", calls)
    tap.ok(flushed_between(max(staged), committed), "power cut: the staging is flushed before the commit point", calls)
    tap.ok(committed + 1 in flushes, "power cut: the commit point is flushed before anything else changes", calls)
    tap.ok(max(temporaries) < committed < min(renames), "behind the commit point nothing is written: only renamed", calls)
    tap.ok(record == renames[-1:] and flushed_between(renames[-2], renames[-1]),
           "power cut: the record is renamed last, after the others are flushed", calls)
    tap.ok(renames[-2] < min(actions) and max(actions) < renames[-1],
           "the actions are carried out behind the files and before the record", calls)
    tap.ok(flushed_between(max(removals + renames), closed),
           "power cut: the record, and that old secrets are gone, is flushed before the transaction is closed", calls)
    flushes = [number for number in flushes if number not in actions]
    tap.ok(len(flushes) <= 6, f"an apply flushes at most six times (here {len(flushes)})", calls)


def recoveries(committing, reverting, old, new):
    """Moments to start recovery from, and where it must lead."""
    renames = target_renames(committing)
    turned = find(reverting, "renameat", "/transaction/manifest.revert")
    backward = [number for number in target_renames(reverting) if number > turned]
    moments = [
        ("staging", "commit", find(committing, "linkat", "/transaction/old/4"), old),
        ("writing temporaries", "commit", find(committing, "openat", ".reset-identity", 4), old),
        ("the commit point", "commit", find(committing, "renameat", "/transaction/manifest.staged"), new),
        ("the first rename", "commit", renames[0], new),
        ("half of the renames", "commit", renames[len(renames) // 2], new),
        ("the first action", "commit", find(committing, "renameat", "/run/"), new),
        ("the mark of an action", "commit", find(committing, "write", "/transaction/done", -1), new),
        ("the record", "commit", renames[-1], new),
        ("forgetting old secrets", "commit", find(committing, "unlinkat", "/transaction/old/", -1), new),
        ("closing", "commit", find(committing, "renameat", "/history/8"), new),
        ("staging the way back", "revert", turned - 3, new),
        ("turning back", "revert", turned, old),
        ("half of the way back", "revert", backward[len(backward) // 2], old),
        ("an action on the way back", "revert", find(reverting, "write", "/transaction/done"), old),
        ("the end of the way back", "revert", find(reverting, "renameat", "manifest.staged", -1), old),
    ]
    for name, command, number, end in moments:
        yield Scenario(f"recovery after a kill at {name}", interrupted(command, number), crash_apply("recover"),
                       ends(end, end))


def undoing(tap, committing, old, new):
    """An open run undone at several moments of its way forward; at the record its old secrets are gone for good."""
    renames = target_renames(committing)
    at_record = interrupted("commit", renames[-1])
    kept = end_of("the old tree with the new secrets", at_record, "take-back")
    differ = sorted(path for path in set(old.files) | set(kept.files) if old.files.get(path) != kept.files.get(path))
    tap.is_(differ, ["etc/ssh/ssh_host_ed25519_key", "etc/ssh/ssh_host_ed25519_key-cert.pub"],
            "an open run that is undone at its record keeps the new secrets and nothing else")
    for name, number in (("the commit point", find(committing, "renameat", "/transaction/manifest.staged")),
                         ("half of the renames", renames[len(renames) // 2])):
        yield Scenario(f"an open run undone after a kill at {name}", interrupted("commit", number),
                       crash_apply("take-back"), ends(old, old, new))
    yield Scenario("an open run undone after a kill at the record", at_record, crash_apply("take-back"),
                   ends(kept, kept, new))


def tests(tap):
    OLD_SECRETS.extend([b"old private key\n", b"old certificate\n"])
    with Workshop(learn_empty_manifest):
        pass
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
    for scenario in undoing(tap, committing, old, new):
        explore(tap, scenario, KILLS)


main(tests)
