"""A disk from a root file system: unpacked, made a machine of its own as an installer would, packed by mke2fs."""

import glob
import os
import shutil
import subprocess
import uuid

import initrd
import paths
import rootfs

# Work on their own clock, or for what the lab has not: on an emulated processor they cost seconds of every boot.
MASKED = [
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
    "fstrim.timer", "logrotate.timer", "man-db.timer", "getty.target", "systemd-logind.service",
    "systemd-pstore.service", "systemd-timesyncd.service", "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service",
    "systemd-user-sessions.service", "systemd-modules-load.service", "systemd-random-seed.service", "systemd-sysusers.service",
    "kmod-static-nodes.service", "dev-mqueue.mount", "dev-hugepages.mount", "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount", "sys-fs-fuse-connections.mount", "sys-kernel-config.mount",
    "proc-sys-fs-binfmt_misc.automount", "modprobe@.service",
]
MASKED_GENERATORS = [
    "systemd-cryptsetup-generator", "systemd-debug-generator", "systemd-getty-generator", "systemd-gpt-auto-generator",
    "systemd-hibernate-resume-generator", "systemd-integritysetup-generator", "systemd-rc-local-generator",
    "systemd-run-generator", "systemd-ssh-generator", "systemd-system-update-generator", "systemd-sysv-generator",
    "systemd-veritysetup-generator",
]

# Drivers of what the virtual machine has or pretends to have, and no test needs: udev would load them at each boot.
DENIED = [
    "aesni_intel", "ata_generic", "ata_piix", "button", "crc32_pclmul", "crct10dif_pclmul", "cryptd", "evdev",
    "ghash_clmulni_intel", "kvm_amd", "kvm_intel", "psmouse", "serio_raw", "sha1_ssse3", "sha256_ssse3", "sha512_ssse3",
]


# Of the devices that the kernel has found before udev runs, two thirds are terminals and ACPI objects without any hardware.
COLDPLUG = """\
[Service]
ExecStart=
ExecStart=udevadm trigger --action=add --subsystem-match=block --subsystem-match=net --subsystem-match=pci --subsystem-match=virtio
"""

# In mounts of its own: /proc goes with it.
CHROOT = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'


class File:
    """A file that a test adds to the image."""

    def __init__(self, path, content, mode=0o644):
        self.path = path
        self.content = content if isinstance(content, bytes) else content.encode()
        self.mode = mode

    def __repr__(self):
        return f"File({self.path!r}, {self.content!r}, {self.mode:o})"


class Image:
    """What a disk is made of: a suite, files, an installed tree, units to enable and to disable. key() names the result.

    sealed: without a boot. quick: without the RSA host key, whose successor takes an emulated processor longer to make
    than all the rest of a boot. purpose: the root file system's, see rootfs.py. last: a command that is
    run in the tree when all the rest is in it.
    """

    def __init__(self, suite, hostname, files=(), installed=None, enable=(), disable=(), first_boot=False, sealed=False,
                 quick=False, size="2G", purpose="guest", last=()):
        self.suite = suite
        self.hostname = hostname
        self.files = list(files)
        self.installed = installed
        self.enable = list(enable)
        self.disable = list(disable)
        self.first_boot = first_boot
        self.sealed = sealed
        self.quick = quick
        self.size = size
        self.purpose = purpose
        self.last = list(last)

    def key(self):
        code = [paths.read(os.path.join(paths.LAB, name)) for name in ("image.py", "initrd.py")]
        tree = paths.digest_tree(self.installed) if self.installed else ""
        return paths.digest(
            rootfs.key(self.suite, self.purpose), self.hostname, self.files, tree, self.enable, self.disable, self.first_boot,
            self.sealed, self.quick, self.size, self.last, paths.digest_tree(paths.GUEST), *code)

    def build(self, folder):
        """Makes disk.qcow2, vmlinuz and initrd in folder."""
        tree = os.path.join(folder, "tree")
        os.makedirs(tree)
        subprocess.run(["tar", "-C", tree, "--numeric-owner", "-xf", rootfs.tarball(self.suite, self.purpose)],
                       check=True)
        kernel, = glob.glob(os.path.join(tree, "boot/vmlinuz-*"))
        shutil.copyfile(kernel, os.path.join(folder, "vmlinuz"))
        initrd.build(tree, os.path.join(folder, "initrd"))
        self._customise(tree)
        if self.sealed:
            subprocess.run([paths.PROGRAM, "--quiet", f"--root={tree}", "seal"], check=True)
        if self.last:
            subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-ec", CHROOT, tree, *self.last], check=True,
                           stdout=subprocess.DEVNULL)
        raw = os.path.join(folder, "disk.raw")
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-L", "root", "-d", tree, raw, self.size], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw, os.path.join(folder, "disk.qcow2")], check=True)
        os.unlink(raw)
        shutil.rmtree(tree)

    def _customise(self, tree):
        for path in glob.glob(os.path.join(tree, "boot/*")):
            os.unlink(path)
        add(tree, File("/etc/fstab", "/dev/vda / ext4 defaults 0 0\n"))
        add(tree, File("/etc/hostname", f"{self.hostname}\n"))
        add(tree, File("/etc/hosts", f"127.0.0.1\tlocalhost\n127.0.1.1\t{self.hostname}\n\n::1\tlocalhost\n"))
        add(tree, File("/etc/machine-id", "uninitialized\n" if self.first_boot else f"{uuid.uuid4().hex}\n", 0o444))
        os.makedirs(os.path.join(tree, "var/log/journal"), exist_ok=True)
        self._host_keys(tree)
        add(tree, File("/etc/modprobe.d/ri-lab.conf", "".join(f"blacklist {name}\n" for name in DENIED)))
        for program in ("agent", "moment"):
            add(tree, File(f"/usr/lib/ri-lab/{program}", paths.read(os.path.join(paths.GUEST, program)), 0o755))
        # Needs ifupdown, which is not there, and says so in the journal at each event.
        ifupdown = os.path.join(tree, "etc/NetworkManager/dispatcher.d/01-ifupdown")
        if os.path.exists(ifupdown):
            os.unlink(ifupdown)
        generators = os.path.join(tree, "etc/systemd/system-generators")
        os.makedirs(generators, exist_ok=True)
        for name in MASKED_GENERATORS:
            os.symlink("/dev/null", os.path.join(generators, name))
        add(tree, File("/etc/systemd/system/systemd-udev-trigger.service.d/lab.conf", COLDPLUG))
        units = ["ri-lab-agent.service", "ri-lab-moment.service"]
        for unit in units:
            add(tree, File(f"/etc/systemd/system/{unit}", paths.read(os.path.join(paths.GUEST, unit))))
        if self.installed:
            subprocess.run(["cp", "-a", self.installed + "/.", tree], check=True)
        for file in self.files:
            add(tree, file)
        systemctl = ["systemctl", "--quiet", f"--root={tree}"]
        subprocess.run([*systemctl, "mask", *MASKED], check=True, stderr=subprocess.DEVNULL)
        subprocess.run([*systemctl, "enable", *units, *self.enable], check=True)
        if self.disable:
            subprocess.run([*systemctl, "disable", *self.disable], check=True)

    def _host_keys(self, tree):
        """The package made a set while the root file system was bootstrapped; an installed machine has its own."""
        for path in glob.glob(os.path.join(tree, "etc/ssh/ssh_host_*")):
            os.unlink(path)
        subprocess.run(["ssh-keygen", "-q", "-A", "-f", tree], check=True, stdout=subprocess.DEVNULL)
        for path in glob.glob(os.path.join(tree, "etc/ssh/ssh_host_rsa_key*")) if self.quick else []:
            os.unlink(path)


def add(tree, file):
    """Writes a file below tree, with its folders; what is there is replaced, links included."""
    path = os.path.join(tree, file.path.lstrip("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "wb") as out:
        out.write(file.content)
    os.chmod(path, file.mode)
