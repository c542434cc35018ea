#!/usr/bin/python3
"""Whole commands under valgrind, each on a clone of a machine that has all files of one folder of the corpus. The unit tests see to
each part; here what one part gave away is still read by another. AddressSanitizer does not look into GLib's formatting of texts."""

import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tree"), os.path.join(HERE, "..", "vm")]

from machine_tree import CLONE_UUID, MACHINE_ID, PROGRAM, REPOSITORY, TEMPLATE_UUID, Machine
from tap import Tap

CORPUS = os.path.join(REPOSITORY, "tests/corpus")
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite", f"--suppressions={HERE}/valgrind.supp"]
POLICY = "[network]\nforeign = warn\n"
PLUGIN = "/usr/lib64/NetworkManager/1.30.0-1.el8/libnm-settings-plugin-ifcfg-rh.so"
WANTED = "/etc/systemd/system/multi-user.target.wants"
# Folder: where its files go, what else says that the machine has such a network, and the template's NICs by the corpus's README.
FOLDERS = {
    "keyfiles": ("/etc/NetworkManager/system-connections", {"/usr/sbin/NetworkManager": ""}, ["00:50:56:aa:00:01", "00:50:56:aa:00:02"], "eth"),
    "netplan": ("/etc/netplan", {"/usr/sbin/netplan": ""}, [f"52:54:00:30:00:0{n}" for n in (1, 2, 3)], "ens"),
    "networkd": ("/etc/systemd/network", {f"{WANTED}/systemd-networkd.service": ""}, ["52:54:00:20:00:01"], "ens"),
    "ifcfg": ("/etc/sysconfig/network-scripts", {"/usr/sbin/NetworkManager": "", PLUGIN: ""}, ["52:54:00:aa:bb:01"], "ens"),
    "ifupdown": ("/etc/network/corpus", {"/sbin/ifup": "", "/etc/network/interfaces": "source /etc/network/corpus/*\n"},
                 [f"00:50:56:aa:00:0{n}" for n in (1, 2, 3)], "eth"),
}
GENERATOR = next(filter(os.path.exists, ("/usr/libexec/netplan/generate", "/usr/lib/netplan/generate", "/lib/netplan/generate")))
# What the whole network of a machine would be refused for.
NOT_HERE = ("malformed-", "ng-", "two-")


def is_taken(machine, folder):
    """netplan reads all its files as one: it refuses all for what two of them say of one interface, and we for one that cannot follow."""
    return folder != "netplan" or (
        subprocess.run([GENERATOR, "--root-dir", machine.root], capture_output=True, check=False).returncode == 0
        and machine.run("plan").returncode == 3)


def copy(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)
    os.chmod(target, 0o600)


def clone_of(folder):
    where, more, macs, name = FOLDERS[folder]
    first = 0 if name == "eth" else 3
    machine = Machine()
    machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
    machine.write("/etc/hostname", "golden\n")
    machine.write("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tgolden.example.net golden\n")
    machine.write("/etc/reset-identity/policy.ini", POLICY)
    for path, text in more.items():
        machine.write(path, text, 0o755 if path.startswith("/usr/sbin") else 0o644)
    machine.set_hardware(TEMPLATE_UUID, [(f"{name}{first + n}", mac) for n, mac in enumerate(macs)])
    sealed = machine.run("seal")
    assert sealed.returncode == 0, sealed.stderr
    machine.set_hardware(CLONE_UUID, [(f"enp9s{n}", f"52:54:00:cc:dd:0{n}") for n in range(len(macs))])
    taken = 0
    for parent, _, files in os.walk(os.path.join(CORPUS, folder)):
        for file in sorted(files):
            path = os.path.join(parent, file)
            target = machine.path(f"{where}/{os.path.relpath(path, os.path.join(CORPUS, folder))}")
            if not file.startswith(NOT_HERE):
                copy(path, target)
                if is_taken(machine, folder):
                    taken += 1
                else:
                    os.unlink(target)
    shutil.rmtree(machine.path("/run"))
    os.mkdir(machine.path("/run"))
    assert taken > 30, f"{folder}: only {taken} files of the corpus"
    return machine


def under_valgrind(machine, *arguments):
    """Exit status, and all that was said."""
    result = subprocess.run([*VALGRIND, PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", *arguments],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
                            env={**os.environ, "G_SLICE": "always-malloc", "G_DEBUG": "gc-friendly"})
    return result.returncode, result.stdout + result.stderr


with Tap() as tap:
    for each in sorted(FOLDERS):
        with clone_of(each) as its:
            for wanted, command in ((3, ["plan", "-v"]), (0, ["apply", "--yes", "--no-network"]), (0, ["--json", "log"]),
                                    (0, ["undo", "--yes", "--no-network"])):
                status, said = under_valgrind(its, *command)
                tap.ok(status == wanted, f"{each}: {' '.join(command)} under valgrind", f"exit status {status}", said[-3000:])
