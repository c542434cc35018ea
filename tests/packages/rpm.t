#!/usr/bin/python3
"""The RPM: rpmlint has nothing to say, it holds what `make install` puts there, and its scriptlets, which rpm itself runs in a root with
a database of its own, enable, keep and remove what they should."""

import contextlib
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "vm"), os.path.join(HERE, "..", "tree")]

import deb
import paths
import rootfs
from machine_tree import TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

UNITS = ["reset-identity-door.service", "reset-identity-verify.service", "reset-identity.service"]
RECORDS = ["/etc/reset-identity/record", "/var/lib/reset-identity/record"]


# Of the folders those that are ours to make.
FOLDERS = ("/etc/reset-identity", "/usr/lib/reset-identity", "/var/lib/reset-identity")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def counts(name, mode):
    return mode[0] != "d" or name.startswith(FOLDERS)


def build(top, version=None):
    """`make rpm` from the tarball; VERSION: as if it were that one, with what is installed here already instead of a second build."""
    folder = os.path.join(top, f"source-{version}")
    os.mkdir(folder)
    subprocess.run(["tar", "-C", folder, "--strip-components=1", "-xf", deb.tarball(top)], check=True)
    if version:
        for name in ("Makefile", "packaging/reset-identity.spec"):
            path = os.path.join(folder, name)
            text = re.sub(r"^(VERSION :=|Version:) .*", rf"\1 {version}", paths.read(path).decode(), flags=re.MULTILINE)
            text = re.sub(r"^%make_build .*\n", "", text, flags=re.MULTILINE).replace("%description", "%global debug_package %{nil}\n%description", 1)
            text = re.sub(r"^%make_install .*", f"cp -a {tree(top)}/. %{{buildroot}}", text, flags=re.MULTILINE)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    made = output("env", "MAKEFLAGS=", "make", "-s", "-C", folder, "rpm")
    if made.returncode != 0:
        raise RuntimeError(made.stdout[-2000:] + made.stderr[-2000:])
    return folder, glob.glob(f"{folder}/build/rpm/RPMS/*/*.rpm")[0]


def tree(top):
    return os.path.join(top, "installed")


def listed(package):
    """Path and mode of all that is not the build system's own."""
    rows = [line.split() for line in output("rpm", "-qp", "--qf", "[%{FILENAMES} %{FILEMODES:perms}\n]", package).stdout.splitlines()]
    return {name: mode for name, mode in rows if counts(name, mode) and "/.build-id" not in name and "/licenses/" not in name and not name.endswith("/NEWS")}


def installed(top):
    """The same of what `make install` makes."""
    subprocess.run(["make", "-s", "-C", paths.TOP, "install", f"DESTDIR={tree(top)}"], check=True, stdout=subprocess.DEVNULL,
                   env=os.environ | {"MAKEFLAGS": ""})
    rows = [line.split() for line in output("find", tree(top), "-printf", "/%P %M\n").stdout.splitlines()]
    return {name: mode for name, mode in rows if counts(name, mode)}


class Database:
    """rpm's, in a root file system that it does not share with the host."""

    def __init__(self, top):
        self.root = os.path.join(top, "root")
        os.mkdir(self.root)
        subprocess.run(["tar", "-C", self.root, "--numeric-owner", "--exclude=./boot/*", "--exclude=./usr/lib/modules/*", "-xf",
                        rootfs.tarball("bookworm")], check=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.root + "/var/lib/rpm")
        self.run("--initdb")
        # As on a distribution that enables nothing by itself: what is enabled is by our preset.
        self.write("/usr/lib/systemd/system-preset/99-default.preset", "disable *\n")

    def run(self, *arguments):
        done = output("rpm", f"--root={self.root}", "--dbpath=/var/lib/rpm", *arguments)
        # Debian's rpm says that it is no rpm's system.
        done.stderr = re.sub(r"^rpm: .*\n", "", done.stderr, flags=re.MULTILINE)
        return done

    def write(self, path, text):
        with open(self.root + path, "w", encoding="utf-8") as file:
            file.write(text)

    def there(self, *names):
        return [name for name in names if os.path.lexists(self.root + name)]

    def enabled(self):
        return sorted(os.path.basename(path) for path in glob.glob(self.root + "/etc/systemd/system/*.wants/reset-identity*"))

    def seal(self):
        with Machine() as machine:
            machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])
            shutil.copytree(machine.hardware, self.root + "/hw", symlinks=True)
        return output("chroot", self.root, "reset-identity", "--hardware=/hw", "seal")


def scriptlets(tap, top, package, newer):
    database = Database(top)
    done = database.run("-i", "--nodeps", package)
    tap.is_((done.returncode, done.stdout, done.stderr), (0, "", ""), "rpm installs it in a root of its own")
    tap.is_(database.enabled(), UNITS, "the preset enables its units")
    tap.is_(database.there(*RECORDS), [], "no machine is recorded while an image is built")
    tap.is_(database.run("-V", "--nodeps", "reset-identity").stdout, "", "everything is as the package has it")
    tap.ok("5f3cf2f5cd2b4a0c9a33a9b9f1f6a0d1" in output("chroot", database.root, "journalctl", "--list-catalog").stdout, "the catalog has its messages")
    tap.is_(database.seal().returncode, 0, "the image can be sealed")
    database.write("/etc/reset-identity/policy.ini", "[run]\n")
    records = {name: paths.read(database.root + name) for name in RECORDS}
    subprocess.run(["systemctl", f"--root={database.root}", "-q", "disable", "reset-identity-verify.service"], check=True, stderr=subprocess.DEVNULL)
    done = database.run("-U", "--nodeps", newer)
    tap.is_((done.returncode, done.stderr), (0, ""), "it is upgraded")
    tap.is_(database.run("-q", "--qf", "%{VERSION}", "reset-identity").stdout, "99", "to the newer one")
    tap.is_(database.enabled(), [unit for unit in UNITS if "verify" not in unit], "what the admin has disabled stays so")
    tap.is_({name: paths.read(database.root + name) for name in RECORDS}, records, "the record is as it was")
    tap.is_(paths.read(database.root + "/etc/reset-identity/policy.ini"), b"[run]\n", "and the policy")
    done = database.run("-e", "--nodeps", "reset-identity")
    tap.is_((done.returncode, database.enabled()), (0, []), "erased, nothing of it is enabled") or tap.diag(done.stderr)
    tap.is_(database.there("/usr/sbin/reset-identity", "/usr/lib/reset-identity", "/usr/lib/systemd/system/reset-identity.service",
                           "/usr/lib/systemd/system/networking.service.d"), [], "and its files are gone")
    tap.is_(database.there(*RECORDS), RECORDS, "the record stays")
    tap.is_(paths.read(database.root + "/etc/reset-identity/policy.ini.rpmsave"), b"[run]\n", "a policy of the admin's is saved")


def main(tap, top):
    folder, package = build(top)
    told = output("rpmlint", "-c", f"{folder}/packaging/rpmlint.toml", package, *glob.glob(f"{folder}/build/rpm/SRPMS/*.rpm"),
                  f"{folder}/packaging/reset-identity.spec")
    tap.like(told.stdout, r" 0 errors, 0 warnings", "rpmlint has nothing to say")
    tap.is_(listed(package), installed(top), "it holds what make install puts there, with the same permissions")
    if os.geteuid() == 0:
        scriptlets(tap, top, package, build(top, "99")[1])


with Tap() as test, tempfile.TemporaryDirectory(prefix="reset-identity-rpm-") as temporary:
    main(test, temporary)
