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
sys.path[:0] = [os.path.join(HERE, "..", "vm"), HERE]

import paths
from container import ADDRESS, NETWORKD, PROFILE, Boot, golden, networkd, no_manager_profile, write

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

CHECK, APPLY = "usr/lib/reset-identity/clone-check", "usr/sbin/reset-identity"


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
FULL = "nr_inodes=6000,size=256m"
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

count = failed = 0


def ok(good, name, boot=None):
    global count, failed
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    if not good:
        failed += 1
        if boot:
            print("# " + boot.why().replace("\n", "\n# "), file=sys.stderr)


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
        ok(any(text in boot.result() for text in ("kept off the network", "kept down")), f"{name}: the reason is said", boot)


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
        write(root, "/etc/reset-identity/policy.ini", POLICY)
        write(root, "/usr/lib/test-end", END, 0o755)
        boots = [(name, pool.submit(Boot(top, root, is_clone, fault, tmpfs=FULL if fault is no_inode else None).run), expected) for name, is_clone, fault, expected in plan]
        for name, boot, expected in boots:
            judge(name, boot.result(), expected)
            if name == "several foreign files":
                ok(all(path in boot.result().result() for path in SEVERAL), f"{name}: each is named", boot.result())
        for mounted in (boot.result().folder for _, boot, _ in boots if boot.result().tmpfs):
            subprocess.run(["umount", mounted], check=True)
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
