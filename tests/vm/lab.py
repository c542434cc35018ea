"""The lab: a private libvirt, a bridge, golden machines, and clones of them made by the real virt-clone.

    import lab
    lab.enter()
    with lab.Lab("example") as it:
        golden = it.golden(lab.Image("bookworm", "golden", files=[lab.File(...)]), prepare=["some shell command"])
        web = it.linked_clone(golden, "web")
        it.boot(golden, web)
        print(web.out("hostname"))
"""

import contextlib
import os
import shutil
import signal
import tempfile

import build
import capture
import dhcp
import namespace
import paths
import process
import rootfs
import wait
from guest import Guest
from image import File, Image

__all__ = ["File", "Guest", "Image", "Lab", "enter"]

PROGRAMS = [
    "chroot", "dnsmasq", "ip", "libvirtd", "mke2fs", "mmdebstrap", "qemu-img", "qemu-system-x86_64", "ssh-keygen", "ssh-keyscan",
    "systemctl", "tcpdump", "unshare", "virsh", "virt-clone", "virt-install", "virt-xml",
    "xorriso",
]

GOLDEN_UUID = "6a1d4b52-0c0e-4b5f-9d53-2f6d7e0c9a11"
GOLDEN_MACS = ["52:54:00:90:1d:01", "52:54:00:90:1d:02", "52:54:00:90:1d:03", "52:54:00:90:1d:04"]

LIBVIRTD_CONF = """
listen_tls = 0
listen_tcp = 0
auth_unix_ro = "none"
auth_unix_rw = "none"
"""

QEMU_CONF = """
user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
remember_owner = 0
"""


def enter(*suites, purpose="guest"):
    """Called first by each test: fetches what needs the real network, then goes on inside the private namespaces."""
    namespace.need(*PROGRAMS)
    if not namespace.inside():
        for suite in suites or ("bookworm",):
            rootfs.tarball(suite, purpose)
            build.fetch(suite)
    namespace.enter()


@contextlib.contextmanager
def _filling(folder):
    """Yields an empty folder that takes its place in the cache when it is filled; None when it is there."""
    with paths.making(folder) as partial:
        if partial:
            shutil.rmtree(partial, ignore_errors=True)
            os.makedirs(partial)
        yield partial


class Lab:
    BRIDGE = namespace.BRIDGE
    # On a busy host an emulated timer may be late enough to make the kernel panic at its check.
    KERNEL_ARGUMENTS = ("console=ttyS0 ro loglevel=4 panic=1 no_timer_check "
                        "mitigations=off nokaslr 8250.nr_uarts=2 rcupdate.rcu_expedited=1")
    NO_SECURITY = "audit=0 apparmor=0"

    def __init__(self, name, memory=384, security="", slow=1):
        """security: the kernel arguments of another security module than none. slow: how many times as long a boot may take."""
        self.memory = memory
        self.slow = slow
        self.kernel_arguments = f"{self.KERNEL_ARGUMENTS} {security or self.NO_SECURITY}"
        self.work = os.path.join(paths.WORK, name)
        self.sockets = "/run/ri-lab"
        self.guests = []
        self.boot_files = {}

    def __enter__(self):
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        os.makedirs(self.sockets)
        os.environ.update(HOME=self.work, TMPDIR=self.work, LIBVIRT_DEFAULT_URI="qemu:///system", LC_ALL="C.UTF-8")
        tempfile.tempdir = None
        self._start_libvirt()
        return self

    def __exit__(self, *_):
        """What guests and programs wrote stays in build/vm for a look; disks do not."""
        for guest in self.guests:
            if guest.channel and guest.state() == "running":
                guest.destroy()
        process.stop(self.libvirtd, signal.SIGTERM)
        for name in os.listdir(self.work):
            if name.endswith((".qcow2", ".raw")):
                os.unlink(os.path.join(self.work, name))

    def _start_libvirt(self):
        for name, content in (("libvirtd.conf", LIBVIRTD_CONF), ("qemu.conf", QEMU_CONF)):
            with open(os.path.join("/etc/libvirt", name), "w", encoding="ascii") as file:
                file.write(content)
        # What libvirt finds out about the emulator takes seconds; it looks again by itself when the emulator changes.
        cache = os.path.join(paths.CACHE, "libvirt")
        os.makedirs(cache, exist_ok=True)
        process.run("mount", "--bind", cache, "/var/cache/libvirt")
        self.libvirtd = process.start(["libvirtd"], os.path.join(self.work, "libvirtd.log"))
        wait.until(lambda: os.path.exists("/run/libvirt/libvirt-sock"), 30, "libvirtd's socket", 0.05)
        process.run("virsh", "version")

    # Machines

    def golden(self, image, prepare=(), nics=1, name="golden"):
        """The golden machine: installed, booted once for real, prepared by shell commands in it, powered off.

        Its disk comes from build/cache if nothing that made it has changed. The machine that is returned runs from an
        overlay, so that it can be started beside its clones.
        """
        key = paths.digest(image.key(), list(prepare), nics, name, self.memory, self.kernel_arguments, GOLDEN_UUID, GOLDEN_MACS)
        folder = os.path.join(paths.CACHE, f"golden-{image.suite}-{key}")
        with _filling(folder) as partial:
            if partial:
                image.build(partial)
                self._prepare(partial, prepare, nics, name)
        return self._over(folder, name, nics)

    def deployed(self, image, name, nics=1):
        """A machine that will start from an image which nobody has booted yet."""
        folder = os.path.join(paths.CACHE, f"image-{image.suite}-{image.key()}")
        with _filling(folder) as partial:
            if partial:
                image.build(partial)
        return self._over(folder, name, nics)

    def _over(self, folder, name, nics):
        """A machine on an overlay of the disk in this folder."""
        guest = self._define(name, folder, self._overlay(os.path.join(folder, "disk.qcow2"), name), nics)
        guest.base = os.path.join(folder, "disk.qcow2")
        return guest

    def _prepare(self, folder, commands, nics, name):
        """The first boot of the golden machine, on the disk itself."""
        guest = self._define(name, folder, os.path.join(folder, "disk.qcow2"), nics)
        guest.start()
        guest.wait_booted()
        for command in commands:
            guest.out(command, timeout=180)
        guest.shutdown()
        process.run("virsh", "undefine", name)
        os.rename(guest.console_path, os.path.join(folder, "console"))

    def _define(self, name, folder, disk, nics):
        guest = self._guest(name)
        networks = []
        for mac in GOLDEN_MACS[:nics]:
            networks += ["--network", f"bridge={self.BRIDGE},model=virtio,mac={mac}"]
        process.run(
            "virt-install", "--quiet", "--import", "--noreboot", "--noautoconsole", "--name", name,
            "--uuid", GOLDEN_UUID, "--memory", str(self.memory), "--vcpus", "1", "--virt-type", "qemu",
            "--arch", "x86_64", "--machine", "pc", "--cpu", "qemu64,require=rdrand",
            "--osinfo", "detect=off,require=off", "--events", "on_reboot=destroy", "--disk", f"path={disk},format=qcow2,bus=virtio,cache=unsafe", *networks,
            "--boot", f"kernel={folder}/vmlinuz,initrd={folder}/initrd,kernel_args={self.kernel_arguments}",
            "--graphics", "none", "--video", "none", "--sound", "none", "--memballoon", "none", "--rng", "none",
            "--controller", "usb,model=none", "--serial", f"file,path={guest.console_path}",
            "--serial", f"unix,mode=bind,path={guest.socket_path}")
        self._own_ports(guest)
        return guest

    def freeze(self, guest):
        """What linked clones stand on is from now on the machine as it is, not what it was made from. It is off."""
        disk, = guest.disks
        guest.base = disk.replace(".qcow2", "-frozen.qcow2")
        os.rename(disk, guest.base)
        self._overlay(guest.base, guest.name)

    def linked_clone(self, original, name):
        """A new disk over the golden disk, and virt-clone for the machine: new UUID, new MACs. The original is off."""
        return self._clone_over(original, name, original.base)

    def settled_clone(self, original, name):
        """A linked clone of a machine as it is now, with all its disks, not of what it was made from. The original stays off."""
        return self._clone_over(original, name, *original.disks)

    def full_clone(self, original, name):
        """A complete copy of the original's disk, as virt-clone makes it. The original is off."""
        guest = self._clone(original, name, "--auto-clone", "--file", os.path.join(self.work, f"{name}.qcow2"))
        guest.base = None
        return guest

    def _clone_over(self, original, name, *bases):
        disks = []
        for number, base in enumerate(bases):
            disks += ["--file", self._overlay(base, f"{name}-{number}" if number else name)]
        guest = self._clone(original, name, "--preserve-data", *disks)
        guest.base = bases[0]
        return guest

    def _clone(self, original, name, *disk):
        guest = self._guest(name)
        process.run("virt-clone", "--quiet", "--original", original.name, "--name", name, *disk)
        self._own_ports(guest)
        return guest

    def _guest(self, name):
        guest = Guest(self, name)
        self.guests.append(guest)
        return guest

    def _overlay(self, base, name):
        disk = os.path.join(self.work, f"{name}.qcow2")
        process.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", disk)
        return disk

    def _own_ports(self, guest):
        """A clone has the original's console file and socket: give it its own."""
        with guest.edit() as domain:
            for kind, path in (("file", guest.console_path), ("unix", guest.socket_path)):
                source = domain.find(f"devices/serial[@type='{kind}']/source")
                source.set("path", path)
                if kind == "file":
                    source.set("append", "on")

    # Running them

    def start(self, *guests):
        for guest in guests:
            guest.start()

    def boot(self, *guests, timeout=300):
        """Starts all, then waits for all. Returns how each boot ended, in order: "running" or "degraded"."""
        self.start(*guests)
        return self.wait_booted(*guests, timeout=timeout)

    def wait_booted(self, *guests, timeout=300):
        deadline = wait.Deadline(timeout * self.slow)
        return [guest.wait_booted(deadline.left()) for guest in guests]

    # The wire

    def capture(self, name="lab"):
        """Starts to record the bridge. See capture.Capture."""
        return capture.Capture(os.path.join(self.work, f"{name}.pcap"), self.BRIDGE)

    def dhcp(self, **options):
        """Starts a DHCP server. See dhcp.Dhcp."""
        return dhcp.Dhcp(self.work, self.BRIDGE, **options)
