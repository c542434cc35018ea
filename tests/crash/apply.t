#!/usr/bin/python3
"""`reset-identity apply` on a clone with three profiles and an SSH host key, killed before and after each system call that
changes the disk, and each such call failing with ENOSPC, EIO and EROFS: after recovery the clone is the whole template or
has one whole new identity, and the next apply ends with the latter."""

import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "tree")]

from breaking import MODES, OLD_SECRETS, Scenario, Workshop, counted, explore, main, run
from commands import apply, end_of, seal, without_time
from machine_tree import PROGRAM, Machine

POLICY = """\
[identity]
machine-id = derive
connection-uuid = derive
hostname = node-{mac:6}
"""
KEY = "etc/ssh/ssh_host_ed25519_key"
JOURNAL = "var/log/journal/"
TEMPLATE_KEY = []


def make_template_key(directory):
    path = os.path.join(directory, "template-key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "golden", "-f", path], check=True)
    for name in (path, path + ".pub"):
        with open(name, "rb") as file:
            TEMPLATE_KEY.append(file.read())
    OLD_SECRETS.append(TEMPLATE_KEY[0])


def clone(top):
    """A sealed template's disk under another machine."""
    machine = Machine(top)
    machine.set_hardware("4dc56075-50f3-466d-98f2-79838106e82f", [("ens3", "52:54:00:aa:bb:01")])
    machine.add_template(3)
    machine.write("/etc/reset-identity/policy.ini", POLICY)
    machine.write("/" + KEY, TEMPLATE_KEY[0], 0o600)
    machine.write("/" + KEY + ".pub", TEMPLATE_KEY[1])
    machine.write("/var/lib/dbus/machine-id", machine.read("/etc/machine-id"))
    machine.write(f"/var/log/journal/{machine.read('/etc/machine-id').strip()}/system.journal", "journal", 0o640)
    machine.write("/var/lib/NetworkManager/internal-11111111-1111-4111-8111-000000000000-ens3.lease", "lease")
    machine.write("/var/lib/NetworkManager/secret_key", "nm-v2:secret", 0o600)
    machine.write("/var/lib/NetworkManager/timestamps", "[timestamps]\n11111111-1111-4111-8111-000000000000=1\n")
    seal(top)
    machine.become_clone()


def recover(top):
    """What was begun comes first, whatever the kernel command line says of the rest."""
    off = os.path.join(top, "hardware-off")
    if not os.path.exists(off):
        shutil.copytree(os.path.join(top, "hardware"), off, symlinks=True)
        with open(os.path.join(off, "proc/cmdline"), "w", encoding="utf-8") as file:
            file.write("reset-identity=off\n")
    return [PROGRAM, f"--root={top}/root", f"--hardware={off}", "apply", "--yes"]


def normalise(files):
    """Host keys are random: what counts is whether they are the template's, and whole."""
    files = without_time(files)
    for name, template, pattern in ((KEY, TEMPLATE_KEY[0], rb"-----BEGIN OPENSSH PRIVATE KEY-----\n(?s:.+)END"),
                                    (KEY + ".pub", TEMPLATE_KEY[1], rb"ssh-ed25519 \S{68} ")):
        *about, content = files.get(name, (None,))
        if content is not None and content != template and re.match(pattern, content):
            files[name] = (*about, "a whole new key")
    return files


def keys_belong_together(top):
    private = os.path.join(top, "root", KEY)
    derived = subprocess.run(["ssh-keygen", "-y", "-f", private], capture_output=True, check=False).stdout.split()[:2]
    with open(private + ".pub", "rb") as file:
        return file.read().split()[:2] == derived


def with_old_journal(old, new):
    """Moving the journal's directory is best effort: where that fails it stays, which is said."""
    old_id, new_id = (end.files["etc/machine-id"][-1].decode().strip() for end in (old, new))
    files = {path.replace(JOURNAL + new_id, JOURNAL + old_id): entry for path, entry in new.files.items()}
    return new._replace(name="one whole new identity, the journal under its old name", files=files)


def finish(new, old_journal):
    """What the next boot does: one whole new identity, and after it nothing to do."""

    def afterwards(top):
        status, output = run(apply(top))
        if status != 0:
            return f"the next apply fails: {output}"
        found = Scenario("", None, None, None, normalise).end("", top)
        if found not in (new._replace(name=""), old_journal._replace(name="")):
            return f"the next apply does not lead to the whole new identity: {found}"
        if not keys_belong_together(top):
            return "the host key and its public half are of two pairs"
        _, _, count = counted(os.path.join(top, "root"), apply(top))
        return f"one more apply makes {count} changes" if count else None

    return afterwards


def tests(tap):
    make_template_key(Workshop.base)
    old = end_of("the whole template", clone, normalise)
    new = end_of("one whole new identity", clone, normalise, "apply", "--yes")
    tap.ok(all(old.files[name] != new.files[name] for name in (KEY, "etc/machine-id", "etc/hostname", "etc/hosts")),
           "the two identities differ in every piece", old, new)

    old_journal = with_old_journal(old, new)
    tap.ok(new.files != old_journal.files, "the journal is moved when nothing happens", new)

    def ends(status):
        return [new, old_journal] if status == 0 else [old, new]

    explore(tap, Scenario("reset-identity apply", clone, apply, ends, normalise, finish(new, old_journal), recover), MODES)


main(tests)
