#!/usr/bin/python3
"""What the real cloud-init makes of a network that stands in its seed or configuration, boot for boot, beside what seal and apply make of it:
refused or taken from it where it would render the template's address over the clone's file, let through where it leaves that file alone.
Cloud-init runs in a root file system of its own, not in a guest: its first stage needs no more."""

import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tree"))

import namespace
import paths
import process
import rootfs
from machine_tree import TEMPLATE_MAC, Machine
from tap import Tap

SEED = "/var/lib/cloud/seed/nocloud"
CONFIGURATION = "/etc/cloud/cloud.cfg.d"
RENDERED = "/etc/netplan/50-cloud-init.yaml"
MOUNTED = {"proc": "proc", "sysfs": "sys", "tmpfs": "run"}
ADDRESS = "10.0.0.10/24"
VERSION_2 = f"""\
version: 2
ethernets:
  ens3:
    match: {{macaddress: "{TEMPLATE_MAC}"}}
    addresses: [{ADDRESS}]
"""
VERSION_1 = f"""\
version: 1
config:
- type: physical
  name: ens3
  mac_address: "{TEMPLATE_MAC}"
  subnets: [{{type: static, address: {ADDRESS}}}]
"""


class World(Machine):
    """A machine whose root is the real one of Debian with cloud-init."""

    def __init__(self, root):
        super().__init__()
        shutil.rmtree(self.root)
        self.root = root
        self.add_template(profiles=0)
        self.write("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "")
        for kind, name in MOUNTED.items():
            process.run("mount", "-t", kind, kind, self.path(name))

    def begin(self, **files):
        """A machine that cloud-init has never seen, with these files below its seed or configuration."""
        for path in ("/var/lib/cloud", SEED, CONFIGURATION, RENDERED, "/var/lib/reset-identity", "/etc/reset-identity/record"):
            shutil.rmtree(self.path(path), ignore_errors=True)
            if os.path.lexists(self.path(path)):
                os.unlink(self.path(path))
        self.add_template(profiles=0)
        for name, content in files.items():
            self.write(name, content)
        self.set_hardware("4dc56075-50f3-466d-98f2-79838106e82f", [("ens3", TEMPLATE_MAC)])

    def cloud_init(self, *command):
        return subprocess.run(["chroot", self.root, "timeout", "120", "cloud-init", *command], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)

    def boot(self):
        """The stage of a boot in which cloud-init renders. Whether the template's address is in the file then."""
        shutil.rmtree(self.path("/run/cloud-init"), ignore_errors=True)
        done = self.cloud_init("init", "--local")
        if done.returncode != 0:
            raise process.Failed(done.stdout + done.stderr)
        return self.exists(RENDERED) and ADDRESS in self.read(RENDERED)


def seed(instance="i-golden", network=VERSION_2):
    return {f"{CONFIGURATION}/98-source.cfg": "datasource_list: [NoCloud, None]\n", f"{SEED}/network-config": network,
            f"{SEED}/meta-data": f"instance-id: {instance}\n", f"{SEED}/user-data": "#cloud-config\nusers: []\n"}


def configuration(network=VERSION_2, name="90-installer-network.cfg"):
    text = "network:\n" + "".join(f"  {line}\n" for line in network.splitlines())
    return {f"{CONFIGURATION}/98-source.cfg": "datasource_list: [None]\n", f"{CONFIGURATION}/{name}": text}


def is_let_through(tap, world, what):
    """Sealed, applied to a clone; then that boots, twice."""
    sealed = world.run("seal")
    tap.is_(sealed.returncode, 0, f"{what}: sealed") or tap.diag(sealed.stderr)
    world.become_clone()
    applied = world.run("apply", "--yes")
    tap.is_(applied.returncode, 0, f"{what}: applied") or tap.diag(applied.stderr)
    edited = world.read(RENDERED)
    tap.ok(ADDRESS not in edited, f"{what}: the file is the clone's", edited)
    tap.is_((world.boot(), world.boot(), world.read(RENDERED)), (False, False, edited), f"{what}: cloud-init leaves it to the byte as it is")


def is_refused(tap, world, what):
    """And rightly."""
    sealed = world.run("seal")
    tap.is_((sealed.returncode, "the static address 10.0.0.10 of the template" in sealed.stderr), (1, True), f"{what}: refused") or tap.diag(sealed.stderr)
    world.write(RENDERED, "network: {version: 2, ethernets: {ens3: {dhcp4: true}}}\n")
    tap.ok(world.boot(), f"{what}: cloud-init would have rendered it over the clone's file")


def main():
    namespace.need("chroot", "ip", "tar", "unshare")
    if not namespace.inside():
        rootfs.tarball("bookworm", "cloud")
    namespace.enter()
    root = os.path.join(paths.WORK, "cloud-init-renders")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    process.run("tar", "-C", root, "--numeric-owner", "--exclude=./boot", "--exclude=./usr/lib/modules", "-xf",
                rootfs.tarball("bookworm", "cloud"))
    process.run("ip", "link", "add", "ens3", "address", TEMPLATE_MAC, "type", "veth", "peer", "name", "ens3-peer")
    try:
        with Tap() as tap:
            world = World(root)
            for version, network in (("version 1", VERSION_1), ("version 2", VERSION_2)):
                world.begin(**configuration(network))
                tap.ok(world.boot() and world.boot(), f"a configuration of {version}: rendered")
                is_let_through(tap, world, f"a configuration of {version}")
            world.begin(**configuration(VERSION_1, name="99-zz.cfg"))
            tap.ok(world.boot(), "a configuration whose name comes last: rendered")
            is_refused(tap, world, "a configuration whose name comes last")
            world.begin(**seed())
            tap.ok(world.boot(), "a seed: rendered")
            is_let_through(tap, world, "the seed of an instance that is set up")
            for what, change in (("after cloud-init clean", lambda: world.cloud_init("clean")),
                                 ("of another instance", lambda: world.write(f"{SEED}/meta-data", "instance-id: i-other\n")),
                                 ("with updates at every boot",
                                  lambda: world.write(f"{CONFIGURATION}/97.cfg", "updates: {network: {when: [boot]}}\n"))):
                world.begin(**seed())
                tap.ok(world.boot(), f"a seed {what}: rendered before")
                change()
                is_refused(tap, world, f"a seed {what}")
    finally:
        for name in MOUNTED.values():
            if os.path.ismount(os.path.join(root, name)):
                process.run("umount", "--lazy", os.path.join(root, name))
        shutil.rmtree(root)


main()
