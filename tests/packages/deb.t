#!/usr/bin/python3
"""The Debian package in a root file system: installed by apt in an image that is being built and on a machine that runs, upgraded, cut
off in the middle of an upgrade, removed, purged.

    deb.t [SUITE]    the host's release unless it is said
"""

import contextlib
import glob
import os
import platform
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "vm"), os.path.join(HERE, "..", "tree")]

import deb
import paths
import rootfs
from machine_tree import CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

UNITS = ["reset-identity.service", "reset-identity-door.service", "reset-identity-verify.service"]
RESET_MESSAGE = "5f3cf2f5cd2b4a0c9a33a9b9f1f6a0d1"
PROFILE = "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-111111111111\ntype=ethernet\ninterface-name=ens3\n\n[ipv4]\nmethod=auto\n"

# On the machine that runs, once it is up.
RUN = f"""\
#!/bin/bash
exec >/result 2>&1
say() {{ echo; echo "== $1"; }}
apt() {{ DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 install "$1" || echo "apt-get: $?"; }}
# A chroot in a machine that runs, with the machine's /run and /proc: how some tools build images.
mkdir -p /run/image/upper /run/image/work /image
mount -t overlay -o lowerdir=/,upperdir=/run/image/upper,workdir=/run/image/work overlay /image
mount --bind /run /image/run
mount --bind /proc /image/proc
say chroot
chroot /image apt-get -q -y -o Dpkg::Use-Pty=0 install /package.deb >/dev/null || echo "apt-get: $?"
ls /image/usr/sbin/reset-identity /image/var/lib/reset-identity/record /image/etc/reset-identity/record
umount /image/run /image/proc /image
say install
apt /package.deb
say state
reset-identity --json status
say enabled
systemctl is-enabled {' '.join(UNITS)}
say started
systemctl show -p ActiveEnterTimestampMonotonic --value {' '.join(UNITS)}
say loaded
systemctl show -p DropInPaths --value NetworkManager.service
say catalog
journalctl --dump-catalog {RESET_MESSAGE}
say sealed
reset-identity --hardware=/hw seal
grep -c template /var/lib/reset-identity/record
for number in 1 2 3; do mkdir -p /var/lib/reset-identity/history/$number; echo "run $number" >/var/lib/reset-identity/history/$number/manifest; done
mkdir -p /var/lib/reset-identity/transaction
echo open >/var/lib/reset-identity/transaction/manifest
echo '[run]' >/etc/reset-identity/policy.ini
state() {{ (cd / && find etc/reset-identity var/lib/reset-identity -printf '%p %M %U\\n' -type f -exec sha256sum {{}} + | sort); }}
state >/before
apt /newer.deb
state >/after
cmp /before /after && echo the same
dpkg-query -W -f '${{Version}} ${{Status}}\\n' reset-identity
say started-by-upgrade
systemctl show -p ActiveEnterTimestampMonotonic --value {' '.join(UNITS)}
say end
systemctl poweroff --force --force
"""
RUN_UNIT = """\
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/usr/lib/test-run
[Install]
WantedBy=default.target
"""
MASKED = ["getty.target", "console-getty.service", "ssh.service", "systemd-logind.service", "apt-daily.timer", "apt-daily-upgrade.timer",
          "e2scrub_reap.service", "systemd-networkd-wait-online.service", "NetworkManager-wait-online.service", "systemd-firstboot.service"]


class Root:
    """A root file system over the one that was unpacked."""

    def __init__(self, suite, top):
        self.suite = suite
        self.top = top
        self.golden = os.path.join(top, "golden")
        os.mkdir(self.golden)
        subprocess.run(["tar", "-C", self.golden, "--numeric-owner", "--exclude=./boot/*", "--exclude=./usr/lib/modules/*", "-xf",
                        rootfs.tarball(suite)], check=True)
        self.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        self.write("/etc/hostname", "golden\n")
        self.write("/etc/NetworkManager/system-connections/lan.nmconnection", PROFILE, 0o600)

    def write(self, path, content, mode=0o644, root=None):
        path = (root or self.golden) + path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, mode)

    @contextlib.contextmanager
    def fresh(self, lower=None):
        with tempfile.TemporaryDirectory(dir=self.top) as folder:
            for name in ("upper", "work", "root"):
                os.mkdir(os.path.join(folder, name))
            root = os.path.join(folder, "root")
            lower = ":".join([*([lower] if lower else []), self.golden])
            subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work", root],
                           check=True)
            try:
                yield root
            finally:
                subprocess.run(["umount", root], check=True)


def inside(root, *command, strace=()):
    return subprocess.run([*strace, "chroot", root, *command], capture_output=True, text=True, check=False,
                          env=os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp"})


def apt(root, *arguments):
    return inside(root, "apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", *arguments)


def put(path, root, name):
    subprocess.run(["cp", path, os.path.join(root, name)], check=True)


def hardware(root, uuid, mac):
    with Machine() as machine:
        machine.set_hardware(uuid, [("ens3", mac)])
        subprocess.run(["rm", "-rf", root + "/hw"], check=True)
        subprocess.run(["cp", "-a", machine.hardware, root + "/hw"], check=True)


def exists(root, *names):
    return [name for name in names if os.path.lexists(root + name)]


def units_of(root):
    return [unit for unit in UNITS if exists(root, f"/etc/systemd/system/sysinit.target.wants/{unit}", f"/etc/systemd/system/multi-user.target.wants/{unit}")]


RECORDS = ["/var/lib/reset-identity/record", "/etc/reset-identity/record"]


def in_an_image(tap, base, package):
    """Nothing runs: install, seal, remove, install again, purge."""
    listed = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True).stdout
    files = set(subprocess.run(["tar", "-t"], input=listed, capture_output=True, check=True).stdout.decode().split())
    pages = {f"./usr/share/doc/reset-identity/{os.path.basename(page)}" for page in glob.glob(os.path.join(paths.TOP, "packaging/doc/*.md"))}
    tap.is_((bool(pages), pages - files), (True, set()), "it has the pages, to be read as they are")
    with base.fresh() as root:
        put(package, root, "package.deb")
        done = apt(root, "install", "/package.deb")
        tap.is_(done.returncode, 0, "apt installs it in an image") or tap.diag(done.stdout + done.stderr)
        tap.is_(exists(root, *RECORDS), [], "no machine is recorded while an image is built")
        tap.is_(units_of(root), UNITS, "its units are enabled")
        tap.is_(inside(root, "dpkg-query", "-W", "-f", "${Conffiles}", deb.NAME).stdout.split()[:1], ["/etc/reset-identity/policy.ini"],
                "the policy is a conffile")
        checked = inside(root, "reset-identity", "check-policy")
        tap.is_((checked.returncode, checked.stderr), (0, ""), "which is valid and has no warning")
        tap.ok(RESET_MESSAGE in inside(root, "journalctl", "--list-catalog").stdout, "the catalog has its messages")
        tap.is_(inside(root, "stat", "-c", "%a %U", "/var/lib/reset-identity").stdout, "700 root\n", "only root may read its data")
        hardware(root, TEMPLATE_UUID, TEMPLATE_MAC)
        sealed = inside(root, "reset-identity", "--hardware=/hw", "seal")
        tap.is_(sealed.returncode, 0, "the image can be sealed") or tap.diag(sealed.stderr)
        base.write("/etc/reset-identity/policy.ini", "[run]\n", root=root)
        base.write("/etc/reset-identity/policy.d/own.ini", "[run]\n", root=root)
        tap.is_(apt(root, "remove", deb.NAME).returncode, 0, "it is removed")
        tap.is_(exists(root, *RECORDS, "/etc/reset-identity/policy.ini"), [*RECORDS, "/etc/reset-identity/policy.ini"],
                "record and policy stay on remove")
        tap.is_(exists(root, "/usr/sbin/reset-identity", "/usr/lib/reset-identity", "/usr/lib/systemd/system/NetworkManager.service.d/50-reset-identity.conf"),
                [], "programs and drop-ins are gone")
        tap.is_(apt(root, "install", "/package.deb").returncode, 0, "it is installed again")
        tap.is_((paths.read(root + "/etc/reset-identity/policy.ini"), units_of(root)), (b"[run]\n", UNITS), "with the policy as it was, enabled")
        done = apt(root, "purge", deb.NAME)
        tap.is_(done.returncode, 0, "it is purged") or tap.diag(done.stdout + done.stderr)
        left = inside(root, "find", "/etc", "/usr", "/var/lib", "-name", "*reset-identity*", "-o", "-path", "/etc/reset-identity/*").stdout
        tap.is_(left.split(), ["/etc/reset-identity", "/etc/reset-identity/policy.d", "/etc/reset-identity/policy.d/own.ini"],
                "nothing is left but the admin's own files")


BOOT = r"""
SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=$2 "$OWN_CGROUP" timeout 120 systemd-nspawn --quiet --register=no --keep-unit \
  --private-network --console=pipe --directory="$1" --boot systemd.show_status=no >"$1/console" 2>&1 </dev/null || :
"""


def sections(text):
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]}


def on_a_machine(tap, base, package, newer):
    """systemd is PID 1."""
    with base.fresh() as root:
        put(package, root, "package.deb")
        put(newer, root, "newer.deb")
        hardware(root, TEMPLATE_UUID, TEMPLATE_MAC)
        base.write("/usr/lib/test-run", RUN, 0o755, root)
        base.write("/etc/systemd/system/test-run.service", RUN_UNIT, root=root)
        systemctl = ["systemctl", f"--root={root}", "-q"]
        subprocess.run([*systemctl, "enable", "test-run.service"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run([*systemctl, "mask", *MASKED], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["bash", "-c", BOOT, "boot", root, "1" if base.suite == "trixie" else "0"],
                       env=os.environ | {"OWN_CGROUP": paths.OWN_CGROUP}, check=True)
        console = paths.read(root + "/console").decode(errors="replace")
        text = paths.read(root + "/result").decode(errors="replace") if exists(root, "/result") else ""
    found = sections(text)
    if not tap.ok("end" in found, "a machine boots, installs and upgrades it", text[-3000:], console[-3000:]):
        return
    tap.like(found["chroot"], r"^/image/usr/sbin/reset-identity$", "a chroot in a machine that runs, with its /run, gets the package")
    tap.unlike(found["chroot"], r"^/image.*/record", "and no record")
    tap.unlike(found["install"] + found["sealed"], r"apt-get: |not recorded|dpkg: warning", "apt has no complaint")
    tap.like(found["state"], r'"state": ?"settled"', "a running machine without a record is recorded as settled")
    tap.is_(found["enabled"].split(), ["enabled"] * 3, "its units are enabled")
    tap.is_(found["started"].split(), ["0"] * 3, "none is started: the next boot is its turn")
    tap.like(found["loaded"], r"50-reset-identity\.conf", "systemd knows of the drop-ins")
    tap.like(found["catalog"], "identity of its own", "journalctl -x has its messages")
    tap.like(found["sealed"], r"^[1-9]$", "sealed")
    tap.like(found["sealed"], r"^the same$", "an upgrade loses nothing of a sealed record, an open transaction, three runs and the policy")
    tap.like(found["sealed"], r"^99 install ok installed$", "and is complete")
    tap.is_(found["started-by-upgrade"].split(), ["0"] * 3, "nor does it start anything")


def differs(tree):
    """Other bytes in the programs and the units, that do not change what they do."""
    for name in ("usr/lib/reset-identity/clone-check", "usr/sbin/reset-identity", "usr/lib/systemd/system/reset-identity.service",
                 "lib/systemd/system/reset-identity.service"):
        if os.path.exists(os.path.join(tree, name)):
            with open(os.path.join(tree, name), "ab") as file:
                file.write(b"\n# newer\n")


def cut_off(tap, base, package, newer):
    """dpkg is killed before one of its renames: each of them in turn, in steps."""
    kinds = "rename,renameat,renameat2"
    with base.fresh() as installed:
        put(package, installed, "package.deb")
        put(newer, installed, "newer.deb")
        hardware(installed, TEMPLATE_UUID, TEMPLATE_MAC)
        tap.is_(apt(installed, "install", "/package.deb").returncode, 0, "installed, to be upgraded")
        tap.is_(inside(installed, "reset-identity", "--hardware=/hw", "seal").returncode, 0, "sealed")
        lower = os.path.join(os.path.dirname(installed), "upper")
        files = [name for name in inside(installed, "dpkg-query", "-L", deb.NAME).stdout.split()
                 if os.path.isfile(installed + name) and not os.path.islink(installed + name)]
        old = {name: paths.read(installed + name) for name in files}
        records = {name: paths.read(installed + name) for name in RECORDS}
        with base.fresh(lower) as root:
            log = root + "/trace"
            inside(root, "dpkg", "-i", "/newer.deb", strace=["strace", "-o", log, "-e", f"trace={kinds}"])
            total = paths.read(log).decode().count("rename")
            new = {name: paths.read(root + name) for name in files}
        tap.ok(total > len(files), f"an upgrade is {total} renames", files)
        bad = []
        steps = [*range(1, total + 1, max(1, total // 9)), total]
        for step in steps:
            with base.fresh(lower) as root:
                killed = inside(root, "dpkg", "-i", "/newer.deb", strace=[
                    "strace", "-o", "/dev/null", "-e", f"trace={kinds}", "-e", f"inject={kinds}:signal=KILL:when={step}"])
                if killed.returncode == 0:
                    bad.append((step, "dpkg was not killed"))
                bad += [(step, name) for name in files if not os.path.exists(root + name) or paths.read(root + name) not in (old[name], new[name])]
                same = inside(root, "/usr/lib/reset-identity/clone-check", "--hardware=/hw").returncode
                hardware(root, CLONE_UUID, CLONE_MAC)
                clone = inside(root, "/usr/lib/reset-identity/clone-check", "--hardware=/hw").returncode
                bad += [] if (same, clone) == (1, 0) else [(step, "clone-check", same, clone)]
                inside(root, "dpkg", "--configure", "-a")
                again = inside(root, "dpkg", "-i", "/newer.deb")
                bad += [] if again.returncode == 0 else [(step, again.stderr)]
                bad += [(step, "a record") for name in RECORDS if paths.read(root + name) != records[name]]
        tap.is_(bad, [], f"dpkg killed at {len(steps)} of them: each file is whole, clone-check tells a clone, and dpkg finishes")


def main(suite):
    if os.geteuid() != 0:
        print("1..0 # SKIP namespaces need root")
        return
    package = deb.package(suite)
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="reset-identity-deb-") as top:
        newer = deb.as_version(package, "99", top, differs)
        base = Root(suite, top)
        in_an_image(tap, base, package)
        cut_off(tap, base, package, newer)
        on_a_machine(tap, base, package, newer)


if "RESET_IDENTITY_OWN_MOUNTS" not in os.environ:
    os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv],
               os.environ | {"RESET_IDENTITY_OWN_MOUNTS": "1"})
main(sys.argv[1] if len(sys.argv) > 1 else platform.freedesktop_os_release()["VERSION_CODENAME"])
