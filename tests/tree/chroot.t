#!/usr/bin/python3
"""In a chroot "/" is an image: its files are changed, and nothing that runs on the machine that builds it. --boot says that the
machine runs."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import PROGRAM, Machine
from tap import Tap

# In namespaces of its own, where a host name that is set all the same is nobody's: the programs of this machine, the files of the
# tree.
ENTER = """
set -e
cd "$1"
mkdir -p usr proc hw tmp dev
for link in /bin /sbin /lib /lib64; do [ ! -L $link ] || cp -a $link .; [ -L $link ] || [ ! -d $link ] || { mkdir -p .$link; mount --bind $link .$link; }; done
mount --bind /usr usr
mount --bind /proc proc
mount --bind "$2" hw
cp "$3" tmp/reset-identity
hostname workbench
eval "$4"
exec 3>"$5"
shift 5
$BY chroot . /tmp/reset-identity --hardware=/hw "$@" >&3
hostname
"""


def inside(machine, *arguments, first=":", output="/dev/stderr", by=""):
    result = subprocess.run(["unshare", "--mount", "--uts", "--net", "sh", "-c", ENTER, "enter", machine.root, machine.hardware,
                             PROGRAM, first, output, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                            env=os.environ | {"BY": by})
    return result.returncode, result.stdout.strip(), result.stderr

RENAMES = "?rename,?renameat,?renameat2"
# The first rename of a run that finds nothing to do is that of its report.
KILLED = f"strace -f -qq -o /dev/null -e trace={RENAMES} -e inject={RENAMES}:signal=KILL:when=1"


def what_killed_runs_leave(tap):
    """In /run, which lasts until the next boot: a report that is not in its place yet, and new private keys."""
    for arguments in (("apply", "--boot"), ("adopt", "--yes"), ("seal",), ("undo", "--yes")):
        what = " ".join(arguments)
        with Machine() as machine:
            machine.add_template()
            machine.run("seal")
            inside(machine, "apply", "--boot", by=KILLED)
            run = machine.path("/run/reset-identity")
            tap.ok(any("last.json" in name for name in os.listdir(run)), f"{what}: a run was killed before its report was in its place")
            machine.write("/run/reset-identity/ssh-host-keys-abcdef/0", "a private key\n", 0o600)
            inside(machine, "status")
            tap.ok(machine.exists("/run/reset-identity/ssh-host-keys-abcdef/0"), f"{what}: who only looks changes nothing")
            inside(machine, *arguments)
            tap.is_([name for name in os.listdir(run) if name not in ("last.json", "decided")], [], f"{what}: nothing of killed runs is left")


with Tap() as tap:
    what_killed_runs_leave(tap)
    for arguments, name in ((("apply", "--force", "--yes"), "workbench"), (("apply", "--boot", "--force"), "node-ccdd02")):
        what = " ".join(arguments)
        with Machine() as machine:
            machine.add_template()
            machine.write("/etc/reset-identity/policy.ini", "[identity]\nhostname = node-{mac:6}\n[network]\nmethod = keep\n")
            machine.become_clone()
            code, running, said = inside(machine, *arguments)
            tap.is_(code, 0, f"{what}: done")
            tap.diag(said)
            tap.is_(machine.read("/etc/hostname"), "node-ccdd02\n", f"{what}: the image's file has the new name")
            tap.is_(running, name, f"{what}: the running name is {name}")
            tap.is_(machine.exists("/run/reset-identity/last.json"), "--boot" in arguments, f"{what}: and last.json likewise")
    # The journal's end of standard output may be gone. What was done is done, and the unit has not failed.
    with Machine() as machine:
        machine.add_template()
        machine.write("/etc/reset-identity/policy.ini", "[identity]\nhostname = node-{mac:6}\n[network]\nmethod = keep\n")
        machine.run("seal")
        machine.become_clone()
        code, running, said = inside(machine, "apply", "--boot", output="/dev/full")
        tap.is_((code, running, '"outcome":"done"' in machine.read("/run/reset-identity/last.json").replace(" ", "")), (0, "node-ccdd02", True),
                "a clone that cannot say it at boot has its identity all the same")
        tap.like(said, "cannot write the output", "and what is lost is said where something is left to say it to")
    # What keeps the NICs down until the reset is done is a precaution: where it cannot be had, the reset is still the way.
    for first, what in (("mount --bind run run; mount -o remount,bind,ro run", "a read-only /run"),
                        ("mount -t tmpfs -o nr_inodes=1 none run", "a full /run"),
                        (": >run/NetworkManager", "a file in the place of /run/NetworkManager"),
                        (": >run/systemd", "a file in the place of /run/systemd"),
                        (": >run/reset-identity", "a file in the place of /run/reset-identity")):
        with Machine() as machine:
            machine.add_template()
            machine.write("/etc/reset-identity/policy.ini", "[identity]\nhostname = node-{mac:6}\n[network]\nmethod = keep\n")
            os.makedirs(machine.path("/run"), exist_ok=True)
            machine.run("seal")
            machine.become_clone()
            code, running, said = inside(machine, "apply", "--boot", first=first)
            tap.is_((code, running, machine.read("/etc/hostname")), (0, "node-ccdd02", "node-ccdd02\n"), f"{what}: a clone is reset all the same")
            tap.like(said, "warning: The NICs could not be kept down while this clone got its identity: /run/", f"{what}: and it is said")
            tap.diag(said)
    with Machine() as machine:
        machine.add_template()
        os.makedirs(machine.path("/run"), exist_ok=True)
        machine.run("seal")
        machine.write("/etc/reset-identity/policy.ini", "[x]\n")
        machine.become_clone()
        code, _, said = inside(machine, "apply", "--boot", first="mount -t tmpfs -o nr_inodes=1 none run")
        tap.is_(code, 78, "a full /run and an invalid policy: refused")
        tap.like(said, "ISOLATION HAS FAILED TOO", "and said in capitals")
    with Machine() as machine:
        machine.add_template()
        code, _, said = inside(machine, "verify")
        tap.is_(code, 1, "verify asks a machine that runs: there is none in an image")
        tap.diag(said)
