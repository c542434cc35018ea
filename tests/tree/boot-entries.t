#!/usr/bin/python3
"""Boot entries: the kernel-install of this machine names what a clone installs later as the entries that are there."""

import glob
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import MACHINE_ID, Machine
from tap import Tap

ENTRY = "/boot/loader/entries/" + MACHINE_ID + "-{}.conf"
OPTIONS = "root=/dev/vda1 quiet"


def kernel_install(machine, *arguments):
    """As on MACHINE: its machine-id, its /etc/kernel, its /boot."""
    environment = dict(os.environ, BOOT_ROOT=machine.path("/boot"), KERNEL_INSTALL_CONF_ROOT=machine.path("/etc/kernel"),
                       MACHINE_ID=machine.read("/etc/machine-id").strip(),
                       KERNEL_INSTALL_PLUGINS="/usr/lib/kernel/install.d/90-loaderentry.install")
    subprocess.run(["kernel-install", *arguments], env=environment, check=True, capture_output=True)


def installed(machine):
    """A template that was installed with systemd-boot, as its own kernel-install does it."""
    machine.add_template()
    machine.write("/usr/bin/kernel-install", b"", 0o755)
    shutil.copy("/usr/bin/kernel-install", machine.path("/usr/bin/kernel-install"))
    machine.write("/etc/kernel/cmdline", OPTIONS + "\n")
    os.makedirs(machine.path("/boot/loader/entries"))
    os.makedirs(machine.path(f"/boot/{MACHINE_ID}"))
    install(machine, "6.1.0")


def install(machine, version):
    machine.write("/vmlinuz", "kernel " + version)
    os.makedirs(machine.path(f"/boot/{MACHINE_ID}/{version}"), exist_ok=True)
    kernel_install(machine, "add", version, machine.path("/vmlinuz"))


def entries(machine):
    return sorted(os.path.basename(path) for path in glob.glob(machine.path("/boot/loader/entries/*")))


def field(machine, version, name):
    lines = machine.read(ENTRY.format(version)).splitlines()
    return [line.split(None, 1)[1] for line in lines if line.split(None, 1)[0] == name]


with Tap() as tap, Machine() as machine:
    installed(machine)
    tap.is_(field(machine, "6.1.0", "options"), [f"{OPTIONS} systemd.machine_id={MACHINE_ID}"],
            "an entry of kernel-install has the machine-id on the kernel command line")
    tap.is_(machine.run("seal").returncode, 0, "the template is sealed")
    before = machine.snapshot()
    machine.become_clone()
    tap.is_(machine.run("apply", "--yes").returncode, 0, "its clone gets an identity of its own")
    new = machine.read("/etc/machine-id").strip()
    tap.ok(new != MACHINE_ID, "another machine-id")
    tap.is_(entries(machine), [MACHINE_ID + "-6.1.0.conf"], "the entry that is there is called as before")
    tap.ok(os.path.exists(field(machine, "6.1.0", "linux")[0]), "and boots the kernel that it has")
    tap.is_((field(machine, "6.1.0", "options"), field(machine, "6.1.0", "machine-id")),
            ([f"{OPTIONS} systemd.machine_id={new}"], [new]), "with the clone's machine-id")
    clone = machine.snapshot()

    install(machine, "6.2.0")
    tap.is_(entries(machine), [MACHINE_ID + "-6.1.0.conf", MACHINE_ID + "-6.2.0.conf"],
            "a kernel installed later has an entry beside it")
    tap.ok(not any(MACHINE_ID in option for option in field(machine, "6.2.0", "options")),
           "which does not bring the template's machine-id back")
    tap.is_(field(machine, "6.2.0", "machine-id"), [], "and is sorted in front: kernel-install writes no machine-id beside a token")
    kernel_install(machine, "remove", "6.1.0")
    tap.is_(entries(machine), [MACHINE_ID + "-6.2.0.conf"], "a kernel that is removed takes its entry along")

    for path in glob.glob(machine.path("/boot/loader/entries/*")) + glob.glob(machine.path(f"/boot/{MACHINE_ID}/6.2.0")):
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    machine.write(ENTRY.format("6.1.0"), clone[ENTRY.format("6.1.0").lstrip("/")][4])
    tap.is_(machine.run("undo", "--yes").returncode, 0, "undo")
    after = machine.snapshot()
    tap.is_([path for path in before if path.startswith(("boot/loader/", "etc/kernel")) and before[path][4] != after[path][4]], [],
            "brings every byte of the entries back")
    tap.ok(not machine.exists("/etc/kernel/entry-token"), "and takes the pinned name away")
