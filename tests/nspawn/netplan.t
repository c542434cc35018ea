#!/usr/bin/python3
"""Netplan with each of its back ends: what a clone's wire carries at boot, and a change on a machine that runs, with its way back. Each
boot is a systemd of its own as PID 1 in systemd-nspawn, as in door.t; the gateway answers at the other end of the wire.

    netplan.t [NAME...]    only these boots
"""

import concurrent.futures
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "vm"), HERE]

import container
import machine_story
import second_nic
from machine_story import APPLY, GATEWAY, NO_ADDRESS, OWN, POLICY, SILENT, SILENT_GATEWAY, UNDO, VERIFY
from tap import Tap

OLD = container.ADDRESS
FILE = "/etc/netplan/50-lab.yaml"
YAML = f"""\
# golden's
network:
  version: 2
  renderer: RENDERER
  ethernets:
    ens3:
      link-local: []
      addresses: [{OLD}/24]  # the lab's
      routes:
        - to: default
          via: {GATEWAY}
"""
BOTH = POLICY + second_nic.POLICY

# The machine's own story; what it prints is read here.
START = machine_story.BEGIN + """\
say() { echo "== $1"; cat /etc/hostname; ip -4 -o address show dev ens3; ip route show default; cat /etc/netplan/50-lab.yaml; ip -4 -o address show dev ens4; cat /etc/netplan/60-ens4.yaml; grep -rs 10.0.0 /run/systemd/network /run/NetworkManager/system-connections; }
say boot
"""
LIVE = APPLY + VERIFY + UNDO
STOP = "echo == end\n" + machine_story.TIMER + """\
journalctl -b -o cat --no-pager -u 'reset-identity*' -u systemd-networkd -u NetworkManager | tail -40
systemctl poweroff --force --force
"""
BOOT = container.BOOT.replace("ip link set wire up", f"{second_nic.LINK}ip address add {GATEWAY}/24 dev wire\nip link set wire up")


# Since 1.2 a unit of early boot makes the files, by a program of its own; the generator aborts where PID 1 does not call it.
GENERATOR = """\
#!/bin/sh
[ $# = 3 ] || kill -ABRT $$
"""
CONFIGURE = """\
[Unit]
DefaultDependencies=no
Before=network-pre.target systemd-networkd.service NetworkManager.service
After=local-fs.target
[Service]
Type=oneshot
RemainAfterExit=true
ExecStart=/bin/sh -c 'test -e /run/reset-identity/decided && touch /configured-last'
ExecStart=/usr/libexec/netplan/configure
[Install]
WantedBy=sysinit.target
"""


def make_newer(root):
    programs = os.path.join(root, "usr/libexec/netplan")
    os.rename(os.path.join(programs, "generate"), os.path.join(programs, "configure"))
    container.write(root, "/usr/libexec/netplan/generate", GENERATOR, 0o755)
    container.write(root, "/usr/lib/systemd/system/netplan-configure.service", CONFIGURE)
    subprocess.run(["systemctl", f"--root={root}", "-q", "enable", "netplan-configure"], check=True, stderr=subprocess.DEVNULL)


def machine(renderer, policy, story, newer=False):
    def do(root):
        if newer:
            make_newer(root)
        container.no_manager_profile(root)
        if second_nic.POLICY in policy:
            second_nic.install(root)
        networkd = renderer == "networkd"
        for verb, unit in (("enable" if networkd else "disable", "systemd-networkd"), ("disable" if networkd else "enable", "NetworkManager")):
            subprocess.run(["systemctl", f"--root={root}", "-q", verb, unit], check=True, stderr=subprocess.DEVNULL)
        container.write(root, FILE, YAML.replace("RENDERER", renderer), 0o600)
        container.write(root, "/etc/reset-identity/policy.ini", policy)
        container.write(root, "/usr/lib/test-end", START + story + STOP, 0o755)
    return do


# NAME: back end, is it a clone when it boots, its policy, what it does then, and whether it is netplan 1.2.
BOOTS = {
    "netplan 1.2, an address": ("networkd", True, BOTH, "", True),
    "netplan 1.2, live": ("networkd", False, BOTH, LIVE, True),
    "networkd, an address": ("networkd", True, BOTH, ""),
    "networkd, no address": ("networkd", True, NO_ADDRESS, ""),
    "networkd, live": ("networkd", False, BOTH, LIVE),
    "NetworkManager, an address": ("NetworkManager", True, POLICY, ""),
    "NetworkManager, no address": ("NetworkManager", True, NO_ADDRESS, ""),
    "NetworkManager, live": ("NetworkManager", False, POLICY, LIVE),
    **{f"{renderer}, a silent gateway": (renderer, False, SILENT_GATEWAY, APPLY)
       for renderer in ("networkd", "NetworkManager")},
}


def is_live(tap, boot, name, yaml):
    result = boot.result() + boot.read("console")[-2000:]
    before, applied, undone = boot.part("boot"), boot.part("applied"), boot.part("undone")
    tap.ok(f"inet {OLD}/24" in before and "the gateway answers" in result, f"{name}: the template runs with its address", result)
    tap.ok("apply ended with 0" in result and f"inet {OWN}/24" in applied and f"inet {OLD}/" not in applied and f"via {GATEWAY}" in applied,
           f"{name}: the clone's address takes the place of the template's", result)
    tap.ok(f"addresses: [{OWN}/24]  # the lab's" in applied and applied.startswith("clone-1\n"), f"{name}: and the file says so", result)
    tap.ok("verify ended with 0" in result, f"{name}: verify agrees", result)
    tap.ok("undo ended with 0" in result and f"inet {OLD}/24" in undone and f"inet {OWN}/" not in undone and yaml in undone
           and "the gateway answers again" in result, f"{name}: undo brings the address and every byte back", result)
    tap.ok("the timer is left" not in result, f"{name}: no timer is left", result)
    if BOOTS[name][2] == BOTH:
        tap.ok(f"inet {second_nic.ADDRESS}/24" in applied and "60-ens4.yaml: No such file" in undone and second_nic.ADDRESS not in undone,
               f"{name}: a NIC that had no file has one, until the undo", result)


def is_refused(tap, boot, name, yaml):
    result = boot.result() + boot.read("console")[-2000:]
    applied = boot.part("applied")
    tap.ok("apply ended with 1" in result and f"gateway {SILENT} on ens3" in result, f"{name}: the change fails, and says why", result)
    tap.ok(f"inet {OLD}/24" in applied and f"inet {OWN}/" not in applied and f"via {GATEWAY}" in applied and applied.startswith("golden\n")
           and yaml in applied, f"{name}: and everything is as it was", result)
    tap.ok("the timer is left" not in result, f"{name}: no timer is left", result)


def judge(tap, name, boot):
    renderer, is_clone, policy, _, *newer = BOOTS[name]
    result = boot.result()
    if SILENT in policy:
        is_refused(tap, boot, name, YAML.replace("RENDERER", renderer))
        return
    if not is_clone:
        is_live(tap, boot, name, YAML.replace("RENDERER", renderer))
        return
    tap.ok(result.startswith("the gateway answers") == (policy != NO_ADDRESS) and f"inet {OLD}/" not in result and
           (f"inet {OWN}/24" in result if policy != NO_ADDRESS else "dhcp4: true" in result and "inet " not in boot.part("boot")),
           f"{name}: a clone comes up with its own", result, boot.read("console")[-2000:])
    tap.ok(result and not boot.frames_of_template(), f"{name}: and no frame has the template's", boot.read("text")[-2000:])
    if newer:
        tap.ok(os.path.exists(os.path.join(boot.folder, "upper/configured-last")), f"{name}: its unit waits for ours", result)
    if policy == BOTH:
        tap.ok(f"inet {second_nic.ADDRESS}/24" in result and f"- {second_nic.ADDRESS}/24\n" in result,
               f"{name}: a NIC that had no file has one, and its address", result, boot.read("console")[-2000:])
    if policy == NO_ADDRESS:
        tap.ok("BOOTP/DHCP, Request" in boot.read("text"), f"{name}: it asks a DHCP server", boot.read("text")[-2000:], result)


def main(names):
    if os.geteuid() != 0:
        print("1..0 # SKIP namespaces need root")
        return
    with tempfile.TemporaryDirectory(prefix="reset-identity-netplan-") as top, concurrent.futures.ThreadPoolExecutor(2) as pool, Tap() as tap:
        root = os.path.join(top, "golden")
        os.mkdir(root)
        container.golden(root, "netplan")
        boots = [(name, pool.submit(container.Boot(top, root, is_clone, machine(renderer, *rest), BOOT).run))
                 for name, (renderer, is_clone, *rest) in BOOTS.items() if not names or name in names]
        for name, boot in boots:
            judge(tap, name, boot.result())


main(sys.argv[1:])
