#!/usr/bin/python3
"""autopkgtest itself runs what packaging/debian/tests declares, of the package's own source and with the package, on a machine that
runs: a container with systemd as its first process and no network."""

import contextlib
import glob
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "vm")]

import deb
import paths
import process
import rootfs
import wait
from tap import Tap

SUITE = "bookworm"
MASKED = ["getty.target", "console-getty.service", "systemd-logind.service", "apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_reap.service",
          "systemd-networkd-wait-online.service", "systemd-firstboot.service"]


def first_process(above):
    """What is process 1 of a container somewhere below the process ABOVE, by its number here; None: not yet."""
    with contextlib.suppress(FileNotFoundError):
        for child in paths.read(f"/proc/{above}/task/{above}/children").decode().split():
            numbers = next(line.split()[1:] for line in paths.read(f"/proc/{child}/status").decode().splitlines() if line.startswith("NSpid:"))
            found = child if len(numbers) > 1 and numbers[-1] == "1" else first_process(child)
            if found:
                return found
    return None


@contextlib.contextmanager
def machine(root, log):
    """Boots it. Yields the number of its first process."""
    subprocess.run(["tar", "-C", root, "--numeric-owner", "-xf", rootfs.tarball(SUITE, "autopkgtest")], check=True)
    with open(os.path.join(root, "etc/machine-id"), "w", encoding="ascii") as file:
        file.write("0123456789abcdef0123456789abcdef\n")
    subprocess.run(["systemctl", f"--root={root}", "-q", "mask", *MASKED], check=True, stderr=subprocess.DEVNULL)
    container = process.start(
        [paths.OWN_CGROUP, "env", "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0", "SYSTEMD_NSPAWN_API_VFS_WRITABLE=network", "systemd-nspawn", "--quiet",
         "--register=no", "--keep-unit", "--private-network", "--console=pipe", f"--directory={root}", "--boot", "systemd.show_status=no"], log)
    first = wait.until(lambda: first_process(container.pid), 60, "the container's first process")
    systemctl = ["nsenter", f"--target={first}", "--mount", "--pid", "--root", "--wd", "--", "systemctl"]
    try:
        wait.until(lambda: output(*systemctl, "is-system-running", "--wait").stdout.strip() in ("running", "degraded"), 120, "its boot")
        yield first
    finally:
        output(*systemctl, "--force", "--force", "poweroff")
        container.wait(60)


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)


def main(tap, top):
    built = deb.built(SUITE)
    source = os.path.join(top, "source")
    subprocess.run(["dpkg-source", "--no-check", "-x", *glob.glob(f"{built}/*.dsc"), source], check=True, stdout=subprocess.DEVNULL)
    root = os.path.join(top, "root")
    os.mkdir(root)
    with machine(root, os.path.join(top, "console")) as first:
        results = os.path.join(top, "results")
        done = output("autopkgtest", "--no-built-binaries", "--setup-commands=apt-get -q update", f"--output-dir={results}", f"{source}/",
                      deb.package(SUITE), "--", os.path.join(HERE, "virt-machine"), first)
        summary = paths.read(f"{results}/summary").decode() if os.path.exists(f"{results}/summary") else ""
    tap.is_((done.returncode, sorted(line.split() for line in summary.splitlines())), (0, [["machine", "PASS"], ["trees", "PASS"]]),
            "autopkgtest runs all that the package declares, and all of it passes") or tap.diag(done.stdout[-6000:])


if os.geteuid() != 0:
    sys.exit("1..0 # a container needs root")
if "RESET_IDENTITY_OWN_MOUNTS" not in os.environ:
    deb.fetch(SUITE)
    rootfs.tarball(SUITE, "autopkgtest")
    os.execvpe("unshare", ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "--propagation", "private",
                           sys.executable, *sys.argv],
               os.environ | {"RESET_IDENTITY_OWN_MOUNTS": "1"})
with Tap() as test, tempfile.TemporaryDirectory(prefix="reset-identity-autopkgtest-") as folder:
    main(test, folder)
