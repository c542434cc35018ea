#!/usr/bin/python3
"""ifupdown alone: what a clone's wire carries at boot, and a change on a machine that runs, with its way back. Each boot is a systemd
of its own as PID 1 in systemd-nspawn with Debian's ifupdown and its units; the capture is at the other end of the wire, where the
gateway answers.

    ifupdown.t [NAME...]    only these boots
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "vm"), os.path.join(HERE, "..", "tree"), HERE]

import container
import ifupdown_package
import machine_story
import second_nic
from container import write
from machine_story import APPLY, GATEWAY, NO_ADDRESS, OWN, POLICY, SILENT, SILENT_GATEWAY, UNDO, VERIFY
from tap import Tap

OLD = container.ADDRESS
# A template for two hypervisors has a stanza for each name of its NIC.
OTHER = f"""\
allow-hotplug {container.OTHER_NIC}
iface {container.OTHER_NIC} inet static
    address {OLD}
    netmask 255.255.255.0
    gateway 10.0.0.1
"""
INTERFACES = """\
# golden's
auto lo
iface lo inet loopback

source interfaces.d/*
"""
LAN = f"""\
auto ens3
iface ens3 inet static
    address {OLD}
    netmask 255.255.255.0
    gateway 10.0.0.1
    up logger ens3 is up
"""

# The machine's own story; what it prints is read here.
START = machine_story.BEGIN + """\
say() { echo "== $1"; cat /etc/hostname; ip -4 -o address show dev ens3; ip route show default; ifquery --state; cat /etc/network/interfaces.d/lan; ip -4 -o address show dev ens4; cat /etc/network/interfaces.d/ens4; }
say boot
"""
BOTH = POLICY + second_nic.POLICY
KILLED = machine_story.CLONE + """\
cat >/etc/network/if-up.d/killer <<END
#!/bin/sh
kill -KILL \\$(cat /run/apply.pid)
rm -f /etc/network/if-up.d/killer
END
chmod +x /etc/network/if-up.d/killer
reset-identity --hardware=/hw apply --yes & echo $! >/run/apply.pid
wait $!; echo "apply ended with $?"
reset-identity --hardware=/hw apply --yes; echo "the next ended with $?"
say applied
"""
END = """\
journalctl -b -o cat --no-pager -u networking -u 'reset-identity*'
systemctl poweroff --force --force
"""
# What udhcpc does with a lease.
LEASE = """\
#!/bin/sh
case $1 in
  deconfig) ip address flush dev $interface; ip link set $interface up ;;
  bound|renew) ip address replace $ip/$mask dev $interface; ip route replace default via $router dev $interface ;;
esac
"""


def golden(folder):
    """A sealed template with ifupdown alone, with its hardware below /hw."""
    container.unpack(folder)
    package = os.path.dirname(os.path.dirname(ifupdown_package.program("ifup")))
    # /sbin and /lib are links there, directories in the package.
    for name in os.listdir(package):
        target = os.path.join(folder, name)
        shutil.copytree(os.path.join(package, name), os.path.realpath(target) if os.path.exists(target) else target, symlinks=True,
                        dirs_exist_ok=True)
    write(folder, "etc/hostname", "golden\n")
    write(folder, "etc/machine-id", container.MACHINE_ID + "\n", 0o444)
    write(folder, "etc/network/interfaces", INTERFACES)
    write(folder, "etc/network/interfaces.d/lan", LAN)
    write(folder, "etc/systemd/system/test-end.service", container.END_UNIT)
    # ifupdown takes the first DHCP client that it finds: busybox is there.
    os.symlink("/bin/busybox", os.path.join(folder, "usr/sbin/udhcpc"))
    write(folder, "etc/udhcpc/default.script", LEASE, 0o755)
    enable = ["systemctl", f"--root={folder}", "-q"]
    subprocess.run([*enable, "enable", "reset-identity.service", "test-end.service", "networking.service"], check=True,
                   stderr=subprocess.DEVNULL)
    subprocess.run([*enable, "mask", "NetworkManager.service", "getty.target", "ssh.service", "systemd-logind.service", "apt-daily.timer",
                    "apt-daily-upgrade.timer", "e2scrub_reap.service", "systemd-networkd-wait-online.service", "ifupdown-pre.service"],
                   check=True, stderr=subprocess.DEVNULL)
    container.seal(folder)


# A gateway at the other end of the wire, which gives leases.
BOOT = container.BOOT.replace("ip link set wire up\n", f"ip address add {GATEWAY}/24 dev wire\nip link set wire up\n{second_nic.LINK}").replace(
    "until [ -s", """\
dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --port=0 --interface=wire --bind-interfaces --dhcp-range=10.0.0.100,10.0.0.109,255.255.255.0 \\
  --dhcp-leasefile="$1/leases" --pid-file="$1/dnsmasq" --log-facility="$1/dhcp"
until [ -s""").replace("kill -INT $capture\n", 'kill -INT $capture\nkill "$(cat "$1/dnsmasq")"\n')


def machine(policy, story, elsewhere=False):
    def do(root):
        if second_nic.POLICY in policy:
            second_nic.install(root)
        if elsewhere:
            write(root, "etc/network/interfaces.d/other", OTHER)
            container.seal_elsewhere(root)
        write(root, "etc/reset-identity/policy.ini", policy)
        write(root, "usr/lib/test-end", START + story + END, 0o755)
    return do


def has(part, address, own_name):
    return part.startswith(own_name + "\n") and f" {address}/24 " in part and "via 10.0.0.1 " in part and "ens3=ens3" in part


def unchanged(tap, boot):
    tap.ok(has(boot.part("boot"), OLD, "golden") and boot.part("boot").find(LAN) > 0, "an unchanged machine is on the wire as it was", boot.why())
    tap.ok("the gateway answers\n" in boot.result() and OLD in boot.read("text"), "and its gateway answers", boot.why())


def clone(tap, boot):
    tap.ok(has(boot.part("boot"), OWN, "clone-1") and f" {OLD}/" not in boot.part("boot"), "a clone comes up with its own address only", boot.why())
    tap.ok(OWN in boot.read("text") and OLD not in boot.read("text"), "no frame on its wire has the template's address", boot.why())
    tap.ok(f"inet {second_nic.ADDRESS}/24" in boot.part("boot") and "iface ens4 inet static" in boot.part("boot"),
           "a NIC that had no stanza has one, and its address", boot.why())


def of_two_hypervisors(tap, boot):
    tap.ok(has(boot.part("boot"), OWN, "clone-1") and len(re.findall(r"\binet \d", boot.part("boot"))) == 1, "of two hypervisors' stanzas the one of the NIC's name here "
           "counts, and the NIC has its own address only", boot.why())
    tap.ok(f"iface {container.OTHER_NIC} inet dhcp" in boot.read("upper/etc/network/interfaces.d/other"), "the other is for no NIC", boot.why())
    tap.ok(OWN in boot.read("text") and not boot.frames_of_template(), "and no frame has the template's address", boot.why())


def leased(part, own_name):
    return part.startswith(own_name + "\n") and " 10.0.0.10" in part and f" {OLD}/" not in part and "inet dhcp" in part and "address 10." not in part


def clone_by_dhcp(tap, boot):
    tap.ok(leased(boot.part("boot"), "clone-1"), "a clone without an address of its own gets one by DHCP", boot.why(), boot.read("dhcp"))
    tap.ok(f" {OLD}" not in re.sub(OLD + r"\d", "", boot.read("text")), "no frame on its wire has the template's address", boot.why())


def live_by_dhcp(tap, boot):
    tap.ok("apply ended with 0" in boot.result() and leased(boot.part("applied"), "clone-1"), "a machine that runs gets one by DHCP", boot.why(),
           boot.read("dhcp"))
    tap.ok("undo ended with 0" in boot.result() and has(boot.part("undone"), OLD, "golden"), "and undo its old one", boot.why())


def live(tap, boot):
    tap.ok("apply ended with 0" in boot.result(), "a change on the running machine succeeds", boot.why())
    tap.ok(has(boot.part("applied"), OWN, "clone-1") and f" {OLD}/" not in boot.part("applied"), "the NIC has the new address only", boot.why())
    tap.ok("verify ended with 0" in boot.result() and "ens3" in boot.part("applied").partition("apply ended")[0], "verify agrees", boot.why())
    tap.ok("undo ended with 0" in boot.result() and has(boot.part("undone"), OLD, "golden") and f" {OWN}/" not in boot.part("undone"),
           "undo brings the NIC back to the old address", boot.why())
    tap.ok(f"inet {second_nic.ADDRESS}/24" in boot.part("applied") and second_nic.ADDRESS not in boot.part("undone") and
           "interfaces.d/ens4: No such file" in boot.part("undone"), "a NIC that had no stanza has one, until the undo", boot.why())
    tap.ok(LAN in boot.part("undone") and "the gateway answers again" in boot.result(), "and the file, and the gateway answers", boot.why())


def way_back(tap, boot):
    tap.ok("apply ended with 0" not in boot.result() and "apply ended with" in boot.result() and "does not work" in boot.result(),
           "a change whose gateway is silent fails", boot.why())
    tap.ok(has(boot.part("applied"), OLD, "golden") and f" {OWN}/" not in boot.part("applied") and LAN in boot.part("applied"),
           "the machine is back as it was, file and NIC", boot.why())


def killed(tap, boot):
    tap.ok("apply ended with 137" in boot.result() and "the next ended with 0" in boot.result(), "a run that is killed is finished by the next", boot.why())
    tap.ok(has(boot.part("applied"), OWN, "clone-1") and f" {OLD}/" not in boot.part("applied"), "and the NIC has the new address", boot.why())


# NAME: is it a clone at boot, its policy, its story, what is asked of it, and whether it was sealed on another hypervisor.
BOOTS = {
    "unchanged": (False, BOTH, "", unchanged),
    "clone": (True, BOTH, "", clone),
    "a clone of two hypervisors' template": (True, POLICY, "", of_two_hypervisors, True),
    "clone by DHCP": (True, NO_ADDRESS, "", clone_by_dhcp),
    "live by DHCP": (False, NO_ADDRESS, APPLY + VERIFY + UNDO, live_by_dhcp),
    "live": (False, BOTH, APPLY + VERIFY + UNDO, live),
    "way back": (False, SILENT_GATEWAY + second_nic.POLICY, APPLY + VERIFY, way_back),
    "killed": (False, BOTH, KILLED, killed),
}


def main(names):
    with Tap() as tap:
        if os.geteuid() != 0:
            tap.ok(True, "# SKIP namespaces need root")
            return
        with tempfile.TemporaryDirectory(prefix="reset-identity-ifupdown-") as top, concurrent.futures.ThreadPoolExecutor(2) as pool:
            root = os.path.join(top, "golden")
            os.mkdir(root)
            golden(root)
            chosen = {name: row for name, row in BOOTS.items() if not names or name in names}
            boots = {name: pool.submit(container.Boot(top, root, row[0], machine(*row[1:3], *row[4:]), BOOT).run) for name, row in chosen.items()}
            for name, boot in boots.items():
                chosen[name][3](tap, boot.result())


main(sys.argv[1:])
