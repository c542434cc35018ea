"""A machine in a container: a systemd of its own as PID 1 in systemd-nspawn, with the real units, on a wire whose other end is
captured."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

import build
import capture
import paths
import pcap
import rootfs

ADDRESS = "10.0.0.10"
MACHINE_ID = "0123456789abcdef0123456789abcdef"
TEMPLATE_UUID, CLONE_UUID = "4dc56075-50f3-466d-98f2-79838106e82f", "9a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
TEMPLATE_MAC, CLONE_MAC = "52:54:00:aa:bb:01", "52:54:00:cc:dd:02"
PROFILE = f"""\
[connection]
id=lan
uuid=11111111-1111-4111-8111-111111111111
type=ethernet
interface-name=ens3

[ipv4]
method=manual
address1={ADDRESS}/24,10.0.0.1

[ipv6]
method=disabled
"""
NETWORKD = "[Match]\nName=ens3\n[Network]\nAddress=10.0.0.10/24\n"

END_UNIT = """\
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/usr/lib/test-end
StandardOutput=null
[Install]
WantedBy=default.target
"""


def write(root, path, content, mode=0o644):
    path = os.path.join(root, path.lstrip("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    os.chmod(path, mode)


def no_manager_profile(root):
    os.unlink(os.path.join(root, "etc/NetworkManager/system-connections/lan.nmconnection"))


def networkd(root):
    no_manager_profile(root)
    write(root, "etc/systemd/network/20-lab.network", NETWORKD)
    subprocess.run(["systemctl", f"--root={root}", "-q", "enable", "systemd-networkd"], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["systemctl", f"--root={root}", "-q", "disable", "NetworkManager"], check=True, stderr=subprocess.DEVNULL)


def hardware(root, uuid, mac, nic="ens3", device="0000:00:03.0"):
    """The machine that the units look at: a NIC on a bus, which the wire's end stands for."""
    device = f"hw/sys/devices/pci0000:00/{device}"
    write(root, "hw/sys/class/dmi/id/product_uuid", uuid + "\n")
    write(root, "hw/proc/cmdline", "quiet\n")
    for name, value in (("address", mac), ("addr_assign_type", "0"), ("type", "1")):
        write(root, f"{device}/net/{nic}/{name}", value + "\n")
    os.makedirs(os.path.join(root, "hw/sys/class/net"), exist_ok=True)
    for target, name in ((f"../../{device.removeprefix('hw/sys/')}/net/{nic}", f"hw/sys/class/net/{nic}"),
                         ("../..", f"{device}/net/{nic}/device")):
        if not os.path.lexists(os.path.join(root, name)):
            os.symlink(target, os.path.join(root, name))


def look_below_hw(folder):
    """The units' programs take what lies in /hw for the hardware."""
    for unit in ("reset-identity", "reset-identity-door"):
        path = f"usr/lib/systemd/system/{unit}.service"
        text = paths.read(os.path.join(folder, path)).decode()
        for program in ("clone-check", "sbin/reset-identity"):
            for end in (" ", ";", "\n"):
                text = text.replace(f"/{program}{end}", f"/{program} --hardware=/hw{end}")
        write(folder, path, text)


def unpack(folder, purpose="guest", suite="bookworm"):
    """A root file system (rootfs.py) without its kernel, with the product in it."""
    subprocess.run(["tar", "-C", folder, "--numeric-owner", "--exclude=./boot/*", "--exclude=./usr/lib/modules/*", "-xf",
                    rootfs.tarball(suite, purpose)], check=True)
    subprocess.run(["cp", "-a", build.installed(suite) + "/.", folder], check=True)
    look_below_hw(folder)


def seal(folder, *nic):
    """By the host's own program, which is built from the same source as the one in there."""
    hardware(folder, TEMPLATE_UUID, TEMPLATE_MAC, *nic)
    subprocess.run([paths.PROGRAM, f"--root={folder}", f"--hardware={folder}/hw", "seal", "--quiet"], check=True)


OTHER_NIC = "ens192"


def seal_elsewhere(folder):
    """As it was done on another hypervisor, where the NIC has another name and slot; the clone is on this one."""
    shutil.rmtree(os.path.join(folder, "hw"))
    seal(folder, OTHER_NIC, "0000:0b:00.0")
    shutil.rmtree(os.path.join(folder, "hw"))
    hardware(folder, CLONE_UUID, CLONE_MAC)


def golden(folder, purpose="guest", suite="bookworm"):
    """A sealed template, with its hardware below /hw. PURPOSE: of its root file system (rootfs.py)."""
    unpack(folder, purpose, suite)
    write(folder, "etc/hostname", "golden\n")
    write(folder, "etc/machine-id", MACHINE_ID + "\n", 0o444)
    write(folder, "etc/NetworkManager/system-connections/lan.nmconnection", PROFILE, 0o600)
    write(folder, "etc/NetworkManager/conf.d/test.conf", "[main]\nno-auto-default=*\n[keyfile]\nunmanaged-devices=none\n")
    write(folder, "etc/systemd/system/test-end.service", END_UNIT)
    enable = ["systemctl", f"--root={folder}", "-q"]
    subprocess.run([*enable, "enable", "reset-identity.service", "test-end.service"], check=True, stderr=subprocess.DEVNULL)
    subprocess.run([*enable, "mask", "getty.target", "ssh.service", "systemd-logind.service", "apt-daily.timer", "e2scrub_reap.service",
                    "apt-daily-upgrade.timer", "systemd-networkd-wait-online.service", "NetworkManager-wait-online.service"],
                   check=True, stderr=subprocess.DEVNULL)
    seal(folder)


# In a network namespace of its own: the wire, a capture at its other end, the machine.
BOOT = r"""
set -e
mount -t overlay overlay -o "lowerdir=$GOLDEN,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t tmpfs tmpfs /run/netns 2>/dev/null || { mkdir -p /run/netns; mount -t tmpfs tmpfs /run/netns; }
ip netns add machine
ip link add ens3 address "$2" netns machine type veth peer name wire
ip link set wire up
tcpdump -i wire -n -e -U --immediate-mode -w "$1/frames" 2>/dev/null &
capture=$!
until [ -s "$1/frames" ]; do read -rt 0.1 <> <(:) || :; done
SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=${HIERARCHY-0} "$OWN_CGROUP" timeout 100 systemd-nspawn --quiet --register=no --keep-unit --network-namespace-path=/run/netns/machine --console=pipe --capability=CAP_NET_ADMIN,CAP_NET_RAW \
  --directory="$1/root" --boot systemd.show_status=no >"$1/console" 2>&1 </dev/null || :
kill -INT $capture
wait $capture || :
tcpdump -n -e -r "$1/frames" >"$1/text" 2>/dev/null || :
"""


class Boot:
    """One machine, from its power switch to its end."""

    def __init__(self, top, golden_root, is_clone, prepare, script=BOOT, tmpfs=None):
        """PREPARE: what is done to its root file system before. SCRIPT: how it is run. TMPFS: the options of one that it lies on."""
        self.folder = tempfile.mkdtemp(dir=top)
        self.tmpfs = tmpfs
        if tmpfs:
            subprocess.run(["mount", "-t", "tmpfs", "-o", tmpfs, "tmpfs", self.folder], check=True)
        for name in ("upper", "work", "root"):
            os.mkdir(os.path.join(self.folder, name))
        self.golden = golden_root
        self.is_clone = is_clone
        self.prepare = prepare
        self.script = script

    def run(self):
        root = os.path.join(self.folder, "root")
        options = f"lowerdir={self.golden},upperdir={self.folder}/upper,workdir={self.folder}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, root], check=True)
        try:
            if self.is_clone:
                hardware(root, CLONE_UUID, CLONE_MAC)
            self.prepare(root)
        finally:
            subprocess.run(["umount", root], check=True)
        subprocess.run(["unshare", "--net", "--mount", "--propagation", "private", "bash", "-c", self.script, "boot", self.folder,
                        CLONE_MAC if self.is_clone else TEMPLATE_MAC], env=os.environ | {"GOLDEN": self.golden, "OWN_CGROUP": paths.OWN_CGROUP}, check=True)
        return self

    def read(self, name):
        try:
            return paths.read(os.path.join(self.folder, name)).decode(errors="replace")
        except FileNotFoundError:
            return ""

    def result(self):
        return self.read("upper/result")

    def part(self, name):
        """What the machine said of itself at the moment NAME of its story."""
        return self.result().partition(f"== {name}\n")[2].partition("\n== ")[0]

    def why(self):
        return self.result() + self.read("console")[-3000:] + self.read("text")[-1500:]

    def frames_of_template(self):
        return [line for line in self.read("text").splitlines() if ADDRESS in line]

    def marks_of_template(self):
        """What of the template is in any frame of the boot, as itself or in what is derived from it."""
        return capture.traces(pcap.read(os.path.join(self.folder, "frames")), "golden", TEMPLATE_MAC, MACHINE_ID, ADDRESS)

    def is_on_the_wire(self):
        return f" {ADDRESS}/24 " in self.result() and bool(self.frames_of_template())
