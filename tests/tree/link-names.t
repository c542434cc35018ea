#!/usr/bin/python3
"""A NIC that the admin's own rule calls by a name: what names it, and what has its address, agree on the clone, also when udev calls it
from its next boot on. Judged by udev's own reading of the .link file, and netplan's of its set-name."""

import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, MACHINE_ID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

LINK, NETWORK, YAML = "/etc/systemd/network/10-lan.link", "/etc/systemd/network/20-lan.network", "/etc/netplan/50-lan.yaml"
NETWORKD = "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"
POLICY = f"[identity]\nhostname = web-17\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.40.0.17/24\n"
GENERATORS = ("/usr/libexec/netplan/generate", "/usr/lib/netplan/generate", "/lib/netplan/generate")


def name_by_udev(folder, mac):
    """What udev calls a NIC of that address with the .link files of FOLDER. A veth has no permanent address: its own stands for it."""
    with tempfile.TemporaryDirectory(prefix="reset-identity-link-") as links:
        for name in os.listdir(folder):
            if name.endswith(".link"):
                with open(os.path.join(folder, name), encoding="utf-8") as file, open(os.path.join(links, name), "w", encoding="utf-8") as copy:
                    copy.write(file.read().replace("PermanentMACAddress=", "MACAddress="))
        script = f"""
mount -t sysfs sysfs /sys && mkdir -p /etc/systemd/network && mount --bind {shlex.quote(links)} /etc/systemd/network &&
ip link add eth7 address {mac} type veth peer name peer && exec udevadm test-builtin net_setup_link /sys/class/net/eth7"""
        result = subprocess.run(["unshare", "--net", "--mount", "--propagation", "private", "bash", "-c", script], capture_output=True, text=True,
                                check=False)
        found = re.search(r"(?m)^ID_NET_NAME=(.*)$", result.stdout)
        return found.group(1) if found else result.stdout + result.stderr


def machine_with(files):
    """On the template the NIC is lan0 by its address; the clone's, which no rule knows at its first boot, is ens3 by its slot."""
    machine = Machine()
    machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
    machine.write("/etc/hostname", "golden\n")
    machine.set_hardware(TEMPLATE_UUID, [("lan0", TEMPLATE_MAC)])
    for path, text in files.items():
        machine.write(path, text, 0o600 if path.endswith(".yaml") else 0o644)
    assert machine.run("seal").returncode == 0
    machine.write("/etc/reset-identity/policy.ini", POLICY)
    machine.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC)])
    return machine


with Tap() as tap:
    link = f"[Match]\nPermanentMACAddress={TEMPLATE_MAC}\n\n[Link]\nName=lan0\n"
    for match in ("Name=lan0", f"PermanentMACAddress={TEMPLATE_MAC}"):
        with machine_with({NETWORKD: "", LINK: link, NETWORK: f"[Match]\n{match}\n\n[Network]\nAddress=10.40.0.10/24\n"}) as machine:
            result = machine.run("apply", "--yes", "--no-network")
            name = name_by_udev(machine.path("/etc/systemd/network"), CLONE_MAC)
            text = machine.read(NETWORK)
            tap.is_(name, "ens3", f"udev calls the clone's NIC as it is called, {match}")
            tap.ok(result.returncode == 0 and (f"Name={name}\n" in text or f"PermanentMACAddress={CLONE_MAC}\n" in text) and "10.40.0.17/24" in text,
                   "and networkd's file is for it", text, result.stderr)
            # Its next boot: nothing is to be done, with the name that udev gives.
            machine.set_hardware(CLONE_UUID, [(name, CLONE_MAC)])
            tap.is_(machine.json("status")[1]["verdict"], "same", "the next boot finds it so")
    yaml = (f"network:\n  version: 2\n  ethernets:\n    lan:\n      match:\n        macaddress: {TEMPLATE_MAC}\n      set-name: lan0\n"
            "      addresses: [10.40.0.10/24]\n")
    with machine_with({"/usr/sbin/netplan": "", YAML: yaml}) as machine:
        result = machine.run("apply", "--yes", "--no-network")
        generator = next(program for program in GENERATORS if os.path.exists(program))
        made = subprocess.run([generator, "--root-dir", machine.root], capture_output=True, text=True, check=False)
        folder = machine.path("/run/systemd/network")
        name = name_by_udev(folder, CLONE_MAC)
        text = machine.read("/run/systemd/network/10-netplan-lan.network")
        tap.is_(name, "ens3", "netplan's set-name: udev calls the clone's NIC as it is called")
        tap.ok(result.returncode == 0 and made.returncode == 0 and f"Name={name}\n" in text and "10.40.0.17/24" in text and CLONE_MAC in text,
               "and what netplan makes for networkd is for it", text, made.stderr, result.stderr)
    # By its slot it is lan0 on every clone, from the first boot on.
    by_slot = "[Match]\nPath=pci-0000:00:03.0\n\n[Link]\nName=lan0\n"
    with machine_with({NETWORKD: "", LINK: by_slot, NETWORK: "[Match]\nName=lan0\n\n[Network]\nAddress=10.40.0.10/24\n"}) as machine:
        machine.set_hardware(CLONE_UUID, [("lan0", CLONE_MAC)])
        result = machine.run("apply", "--yes", "--no-network")
        tap.ok(result.returncode == 0 and machine.read(LINK) == by_slot and machine.read(NETWORK).startswith("[Match]\nName=lan0\n"),
               "a name by slot stays in both", machine.read(LINK), machine.read(NETWORK), result.stderr)
