#!/usr/bin/python3
"""The door: whatever ends us before we have decided, the template's address is not on the wire, and an unchanged machine does not
suffer. Each boot is a systemd of its own as PID 1 in systemd-nspawn, with the real units, NetworkManager, and a capture of the whole
boot at the other end of its wire.

    door.t [NAME...]    only these boots
"""

import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "vm"))

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
POLICY = "[identity]\nhostname = clone-1\n"

# What is there at the end of the boot; then it is over.
END = """\
#!/bin/bash
rm -rf /fill
for round in {1..40}; do
  ip -4 -o address show dev ens3 | grep -q inet && break
  [ "$round" -gt 12 ] && ! systemctl is-active -q NetworkManager systemd-networkd networking && break
  [ "$round" -gt 20 ] && [ -e /run/reset-identity/hold -o -e /run/NetworkManager/conf.d/99-reset-identity-isolate.conf ] && break
  read -rt 0.1 <> <(:)
done
ping -c 1 -W 1 10.0.0.1 >/dev/null
{ cat /etc/hostname; ip -4 -o address show dev ens3; ls /run/reset-identity /run/reset-identity/hold
  systemctl --no-pager show -p Result,ActiveState reset-identity reset-identity-door; nmcli device; journalctl -b -o cat -u NetworkManager --no-pager | tail -25; journalctl -b -o cat --no-pager -u 'reset-identity*'
} >/result 2>&1
cp /run/reset-identity/verify.json /result.verify 2>/dev/null
systemctl poweroff --force --force
"""
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

CHECK, APPLY = "usr/lib/reset-identity/clone-check", "usr/sbin/reset-identity"


def write(root, path, content, mode=0o644):
    path = os.path.join(root, path.lstrip("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    os.chmod(path, mode)


def gone(path):
    return lambda root: os.unlink(os.path.join(root, path))


def script(path, text):
    return lambda root: write(root, path, "#!/bin/bash\n" + text, 0o755)


def damaged(path):
    def do(root):
        name = os.path.join(root, path)
        with open(name, "rb") as file:
            data = file.read()
        write(root, path, "", 0o755)
        with open(name, "wb") as file:
            file.write(data[:len(data) // 8])
    return do


def both(*faults):
    return lambda root: [fault(root) for fault in faults]


def drop_in(unit, text):
    return lambda root: write(root, f"etc/systemd/system/{unit}.service.d/test.conf", text)


def unreadable_var(root):
    """What lies in it answers with an error: a file where a directory should be."""
    shutil.rmtree(os.path.join(root, "var/lib/reset-identity"))
    write(root, "var/lib/reset-identity", "no directory")


# Before our units there is no inode left below /, at their end there are some again.
INODES = 6000
FILL_UNIT = """\
[Unit]
DefaultDependencies=no
After=systemd-remount-fs.service systemd-sysusers.service systemd-tmpfiles-setup.service
Before=reset-identity.service
[Service]
Type=oneshot
ExecStart=/bin/bash -c 'mkdir /fill; i=0; while : >/fill/$$i; do i=$$((i + 1)); done; true'
StandardError=null
[Install]
WantedBy=sysinit.target
"""


def no_inode(root):
    write(root, "etc/systemd/system/fill.service", FILL_UNIT)
    subprocess.run(["systemctl", f"--root={root}", "-q", "enable", "fill.service"], check=True, stderr=subprocess.DEVNULL)


def no_start(command):
    """systemd cannot start this one of the two commands that shut the door, nor is there anything else of ours."""
    def do(root):
        BOTH_GONE["both are gone"][0](root)
        path = "usr/lib/systemd/system/reset-identity-door.service"
        text = paths.read(os.path.join(root, path)).decode()
        assert text.count(command) == 1
        write(root, path, text.replace(command, command.replace("/bin/sh", "/gone")))
    return do


KILL, SEGV = "kill -KILL $$\n", "kill -SEGV $$\n"
# In the middle of its work, by PID 1 and with all that it has started: on cgroup v1 nobody in a container hears of an orphan's end.
EARLY = "[Service]\nTimeoutStartSec=80ms\nTimeoutStopSec=10s\nKillSignal=SIGKILL\n"
KILLED_AT_WORK = both(drop_in("reset-identity", EARLY), drop_in("reset-identity-door", EARLY))


# What hangs is ended by the unit's time-out; for the test it is short.
CHECK_SHORT = drop_in("reset-identity", "[Service]\nTimeoutStartSec=1s\nTimeoutStopSec=1s\n")
SHORT = both(drop_in("reset-identity", "[Service]\nTimeoutStartSec=1s\nTimeoutStopSec=1s\n"),
             drop_in("reset-identity-door", "[Service]\nTimeoutStartSec=1s\nTimeoutStopSec=2s\n"))
HANGS = "exec sleep 1000\n"

NETPLAN = "network:\n  ethernets:\n    ens3:\n      addresses: [10.0.0.10/24]\n"
NETWORKD = "[Match]\nName=ens3\n[Network]\nAddress=10.0.0.10/24\n"


def no_manager_profile(root):
    os.unlink(os.path.join(root, "etc/NetworkManager/system-connections/lan.nmconnection"))


def networkd(root):
    no_manager_profile(root)
    write(root, "etc/systemd/network/20-lab.network", NETWORKD)
    subprocess.run(["systemctl", f"--root={root}", "-q", "enable", "systemd-networkd"], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["systemctl", f"--root={root}", "-q", "disable", "NetworkManager"], check=True, stderr=subprocess.DEVNULL)


def rendered_in_run(root):
    """As netplan's generator does, before us."""
    no_manager_profile(root)
    write(root, "etc/tmpfiles.d/lan.conf",
          "C /run/NetworkManager/system-connections/lan.nmconnection 0600 root root - /usr/share/lan.nmconnection\n")
    write(root, "usr/share/lan.nmconnection", PROFILE, 0o600)


def package_profile(root):
    no_manager_profile(root)
    write(root, "usr/lib/NetworkManager/system-connections/lan.nmconnection", PROFILE, 0o600)


# NAME: what is broken, and what a clone then is: its own identity, or off the wire. An unchanged machine is on the wire, unless both
# of our programs are gone.
OWN, OFF = "own", "off"
FAULTS = {
    "all is well": (lambda root: None, OWN),
    "the check is gone": (gone(CHECK), OWN),
    "the check is damaged": (damaged(CHECK), OWN),
    "the check is killed": (script(CHECK, KILL), OWN),
    "the check crashes": (script(CHECK, SEGV), OWN),
    "the check hangs": (both(CHECK_SHORT, script(CHECK, HANGS)), OWN),
    "apply is gone": (gone(APPLY), OFF),
    "apply is damaged": (damaged(APPLY), OFF),
    "apply is killed": (script(APPLY, KILL), OFF),
    "apply is killed at work": (KILLED_AT_WORK, OFF),
    "apply crashes": (script(APPLY, SEGV), OFF),
    "apply hangs": (both(SHORT, script(APPLY, HANGS)), OFF),
    "a library is gone": (gone("usr/lib/x86_64-linux-gnu/libnm.so.0"), OFF),
    "/var cannot be read": (unreadable_var, OFF),
    "/ has no inode left": (no_inode, OFF),
    "systemd knows no ExecCondition": (drop_in("reset-identity", "[Service]\nExecCondition=\n"), OWN),  # before 243
}
BOTH_GONE = {
    "both are gone": (both(gone(CHECK), gone(APPLY)), OFF),
    "the door's first command does not start": (no_start("ExecStopPost=-+/bin/sh"), OFF),
    "the door's second command does not start": (no_start("ExecStopPost=+/bin/sh"), OFF),
}


def several(root):
    """Nothing here is edited, and each would do: all are named, and none comes up."""
    rendered_in_run(root)
    write(root, "usr/lib/NetworkManager/system-connections/second.nmconnection", PROFILE.replace("11111111-", "22222222-"), 0o600)
    write(root, "etc/dhcpcd.conf", f"interface ens3\nstatic ip_address={ADDRESS}/24\n")
    write(root, "usr/sbin/dhcpcd", "#!/bin/sh\n", 0o755)
    write(root, "usr/lib/systemd/network/10-package.network", NETWORKD)
    subprocess.run(["systemctl", f"--root={root}", "-q", "enable", "systemd-networkd"], check=True, stderr=subprocess.DEVNULL)


SEVERAL = ["/run/NetworkManager/system-connections/lan.nmconnection", "/usr/lib/NetworkManager/system-connections/second.nmconnection",
           "/etc/dhcpcd.conf:2", "/usr/lib/systemd/network/10-package.network"]
FOREIGN = {
    "networkd has the address": (networkd, OWN),
    "a profile in /run": (rendered_in_run, OFF),
    "a profile of a package": (package_profile, OFF),
    "several foreign files": (several, OFF),
}


def hardware(root, uuid, mac):
    """The machine that the units look at: a NIC on a bus, which the wire's end stands for."""
    device = "hw/sys/devices/pci0000:00/0000:00:03.0"
    write(root, "hw/sys/class/dmi/id/product_uuid", uuid + "\n")
    write(root, "hw/proc/cmdline", "quiet\n")
    for name, value in (("address", mac), ("addr_assign_type", "0"), ("type", "1")):
        write(root, f"{device}/net/ens3/{name}", value + "\n")
    os.makedirs(os.path.join(root, "hw/sys/class/net"), exist_ok=True)
    for target, name in (("../../devices/pci0000:00/0000:00:03.0/net/ens3", "hw/sys/class/net/ens3"),
                         ("../..", f"{device}/net/ens3/device")):
        if not os.path.lexists(os.path.join(root, name)):
            os.symlink(target, os.path.join(root, name))


def golden(folder, purpose="guest", suite="bookworm"):
    """A sealed template, with its hardware below /hw. PURPOSE: of its root file system (rootfs.py)."""
    subprocess.run(["tar", "-C", folder, "--numeric-owner", "--exclude=./boot/*", "--exclude=./usr/lib/modules/*", "-xf",
                    rootfs.tarball(suite, purpose)], check=True)
    subprocess.run(["cp", "-a", build.installed(suite) + "/.", folder], check=True)
    for unit in ("reset-identity", "reset-identity-door"):
        path = os.path.join(folder, f"usr/lib/systemd/system/{unit}.service")
        text = paths.read(path).decode()
        for program in ("clone-check", "sbin/reset-identity"):
            text = text.replace(f"/{program} ", f"/{program} --hardware=/hw ").replace(f"/{program};", f"/{program} --hardware=/hw;")
            text = text.replace(f"/{program}\n", f"/{program} --hardware=/hw\n")
        write(folder, path[len(folder):], text)
    write(folder, "etc/hostname", "golden\n")
    write(folder, "etc/machine-id", MACHINE_ID + "\n", 0o444)
    write(folder, "etc/NetworkManager/system-connections/lan.nmconnection", PROFILE, 0o600)
    write(folder, "etc/NetworkManager/conf.d/test.conf", "[main]\nno-auto-default=*\n[keyfile]\nunmanaged-devices=none\n")
    write(folder, "etc/reset-identity/policy.ini", POLICY)
    write(folder, "usr/lib/test-end", END, 0o755)
    write(folder, "etc/systemd/system/test-end.service", END_UNIT)
    enable = ["systemctl", f"--root={folder}", "-q"]
    subprocess.run([*enable, "enable", "reset-identity.service", "test-end.service"], check=True, stderr=subprocess.DEVNULL)
    subprocess.run([*enable, "mask", "getty.target", "ssh.service", "systemd-logind.service", "apt-daily.timer", "e2scrub_reap.service",
                    "apt-daily-upgrade.timer", "systemd-networkd-wait-online.service", "NetworkManager-wait-online.service"],
                   check=True, stderr=subprocess.DEVNULL)
    hardware(folder, TEMPLATE_UUID, TEMPLATE_MAC)
    # The units' programs are those of the tree: the host's own is built from the same source.
    subprocess.run([paths.PROGRAM, f"--root={folder}", f"--hardware={folder}/hw", "seal", "--quiet"], check=True)


# In a network namespace of its own: the wire, a capture at its other end, the machine.
BOOT = r"""
set -e
mount -t overlay overlay -o "lowerdir=$GOLDEN,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t tmpfs tmpfs /run/netns 2>/dev/null || { mkdir -p /run/netns; mount -t tmpfs tmpfs /run/netns; }
ip netns add machine
ip link add ens3 address "$2" netns machine type veth peer name wire
ip link set wire up
tcpdump -i wire -n -e -U -w "$1/frames" 2>/dev/null &
capture=$!
until [ -s "$1/frames" ]; do read -rt 0.1 <> <(:) || :; done
SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=${HIERARCHY-0} "$OWN_CGROUP" timeout 60 systemd-nspawn --quiet --register=no --keep-unit --network-namespace-path=/run/netns/machine --console=pipe --capability=CAP_NET_ADMIN,CAP_NET_RAW \
  --directory="$1/root" --boot systemd.show_status=no >"$1/console" 2>&1 </dev/null || :
kill -INT $capture
wait $capture || :
tcpdump -n -e -r "$1/frames" >"$1/text" 2>/dev/null || :
"""


class Boot:
    """One machine, from its power switch to its end."""

    def __init__(self, top, golden_root, is_clone, fault):
        self.folder = tempfile.mkdtemp(dir=top)
        if fault is no_inode:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"nr_inodes={INODES},size=256m", "tmpfs", self.folder], check=True)
        for name in ("upper", "work", "root"):
            os.mkdir(os.path.join(self.folder, name))
        self.golden = golden_root
        self.is_clone = is_clone
        self.fault = fault

    def run(self):
        root = os.path.join(self.folder, "root")
        options = f"lowerdir={self.golden},upperdir={self.folder}/upper,workdir={self.folder}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, root], check=True)
        try:
            if self.is_clone:
                hardware(root, CLONE_UUID, CLONE_MAC)
            self.fault(root)
        finally:
            subprocess.run(["umount", root], check=True)
        subprocess.run(["unshare", "--net", "--mount", "--propagation", "private", "bash", "-c", BOOT, "boot", self.folder,
                        CLONE_MAC if self.is_clone else TEMPLATE_MAC], env=os.environ | {"GOLDEN": self.golden, "OWN_CGROUP": paths.OWN_CGROUP}, check=True)
        return self

    def read(self, name):
        try:
            return paths.read(os.path.join(self.folder, name)).decode(errors="replace")
        except FileNotFoundError:
            return ""

    def result(self):
        return self.read("upper/result")

    def frames_of_template(self):
        return [line for line in self.read("text").splitlines() if ADDRESS in line]

    def marks_of_template(self):
        """What of the template is in any frame of the boot, as itself or in what is derived from it."""
        return capture.traces(pcap.read(os.path.join(self.folder, "frames")), "golden", TEMPLATE_MAC, MACHINE_ID, ADDRESS)

    def is_on_the_wire(self):
        return f" {ADDRESS}/24 " in self.result() and bool(self.frames_of_template())


count = failed = 0


def ok(good, name, boot=None):
    global count, failed
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    if not good:
        failed += 1
        if boot:
            print("# " + (boot.result() + boot.read("console")[-3000:] + boot.read("text")[-1000:]).replace("\n", "\n# "), file=sys.stderr)


def judge(name, boot, expected):
    who = "a clone" if boot.is_clone else "an unchanged machine"
    name = f"{name}: {who}"
    if not boot.result():
        ok(False, f"{name} boots to its end", boot)
        return
    if not boot.is_clone and expected != OFF:
        ok(boot.is_on_the_wire(), f"{name} is on the wire", boot)
        return
    marks = boot.marks_of_template() if boot.is_clone else boot.frames_of_template()
    ok(not marks and f" {ADDRESS}/" not in boot.result(), f"{name} sends no frame with the template's address, name or MAC{marks or ''}", boot)
    ok(boot.result().startswith("clone-1\n" if expected == OWN else "golden\n"), f"{name} has {'its own name' if expected == OWN else 'changed nothing'}", boot)
    if expected == OFF:
        ok(any(text in boot.result() for text in ("kept off the wire", "kept down")), f"{name}: the reason is said", boot)


def main(names):
    if os.geteuid() != 0:
        print("1..0 # SKIP namespaces need root")
        return
    # On an unchanged machine apply is not started: one fault of it stands for all.
    plan = [(name, is_clone, fault, expected if is_clone else OWN) for name, (fault, expected) in FAULTS.items()
            for is_clone in (True, False) if is_clone or not name.startswith("apply") or name == "apply is gone"]
    plan += [(name, is_clone, fault, OFF) for name, (fault, _) in BOTH_GONE.items() for is_clone in (True, False)]
    plan += [(name, True, fault, expected) for name, (fault, expected) in FOREIGN.items()]
    plan = [row for row in plan if not names or row[0] in names]
    with tempfile.TemporaryDirectory(prefix="reset-identity-door-") as top, concurrent.futures.ThreadPoolExecutor(2) as pool:
        root = os.path.join(top, "golden")
        os.mkdir(root)
        golden(root)
        boots = [(name, pool.submit(Boot(top, root, is_clone, fault).run), expected) for name, is_clone, fault, expected in plan]
        for name, boot, expected in boots:
            judge(name, boot.result(), expected)
            if name == "several foreign files":
                ok(all(path in boot.result().result() for path in SEVERAL), f"{name}: each is named", boot.result())
        for mounted in (boot.result().folder for _, boot, _ in boots if boot.result().fault is no_inode):
            subprocess.run(["umount", mounted], check=True)
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
