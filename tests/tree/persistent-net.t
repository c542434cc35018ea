#!/usr/bin/python3
"""NICs named by MAC: seal says what a clone makes of it; on the clone profile, .link file and rule agree; undo."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

LINK = "/etc/systemd/network/10-lan.link"
RULES = "/etc/udev/rules.d/70-persistent-net.rules"
PROFILE = "/etc/NetworkManager/system-connections/lan0.nmconnection"
TEXTS = {
    LINK: f"# by hand\n[Match]\nPermanentMACAddress={TEMPLATE_MAC.upper()}\n\n[Link]\nName=lan0\nWakeOnLan=off\n",
    RULES: f'SUBSYSTEM=="net", ACTION=="add", ATTR{{address}}=="{TEMPLATE_MAC}", NAME="lan0"\n',
}


def template(machine, policy=""):
    """Its NIC is called lan0 by its MAC; the clone's, which no file knows, is called by its slot."""
    machine.add_template()
    machine.write(PROFILE, machine.read(PROFILE).replace("interface-name=ens3", "interface-name=lan0"), 0o600)
    for path, text in TEXTS.items():
        machine.write(path, text)
    machine.write("/usr/sbin/update-initramfs", "", 0o755)
    machine.write("/etc/reset-identity/policy.ini", policy)
    machine.set_hardware(TEMPLATE_UUID, [("lan0", TEMPLATE_MAC)])
    sealed = machine.run("seal")
    assert sealed.returncode == 0, sealed.stderr
    machine.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC)])
    return sealed


def texts(machine):
    return {path: machine.read(path) for path in TEXTS}


# How udev and .link files say an address, and what becomes of it; the NIC itself is called by its slot.
OLD, NEW = TEMPLATE_MAC.replace(":", ""), CLONE_MAC.replace(":", "")
FOLLOWED = [
    (RULES, 'SUBSYSTEM=="net", ENV{{ID_NET_NAME_MAC}}=="enx{}", TAG+="own"\n'),
    (RULES, 'SUBSYSTEM=="net", ENV{{ID_NET_NAME_MAC}}!="wlx{}", TAG+="own"\n'),
    (RULES, 'ENV{{ID_NET_NAME_MAC}}=="enx{}*", ENV{{ID_NET_NAME_PATH}}=="enp0s3", TAG+="own"\n'),
    (LINK, "[Match]\nProperty=ID_NET_NAME_MAC=enx{}\n\n[Link]\nWakeOnLan=off\n"),
    (LINK, "[Match]\nProperty=ID_BUS=pci ID_NET_NAME_MAC=enx{} ID_VENDOR_ID=0x1af4\n\n[Link]\nWakeOnLan=off\n"),
]


def names_by_address(tap):
    """ID_NET_NAME_MAC is a property of the NIC, whatever that is called: it goes with the address."""
    for path, text in FOLLOWED:
        with Machine() as machine:
            machine.add_template()
            machine.write(path, text.format(OLD))
            assert machine.run("seal").returncode == 0
            machine.become_clone()
            applied = machine.run("apply", "--yes", "--no-network")
            tap.is_((applied.returncode, machine.read(path), path in applied.stderr), (0, text.format(NEW), False), f"follows: {text!r}")
            machine.run("undo", "--yes", "--no-network")
            tap.is_(machine.read(path), text.format(OLD), "and is back after an undo")
    with Machine() as machine:
        machine.add_template()
        rule = 'SUBSYSTEM=="net", ENV{ID_NET_NAME_MAC}=="enx%s", NAME="lan0"\n'
        machine.write(RULES, rule % OLD)
        machine.run("seal")
        machine.become_clone()
        applied = machine.run("apply", "--yes", "--no-network")
        tap.is_(machine.read(RULES), rule % NEW, "a rule that gives a name by it follows")
        tap.like(applied.stderr, rf"{RULES}:1: calls the NIC {CLONE_MAC} .* lan0 from the next boot on", "and what it makes of the NIC is said")
    with Machine() as machine:
        machine.add_template()
        machine.write(RULES, f'ENV{{ID_NET_NAME}}=="enx{OLD}", TAG+="own"\n')
        machine.set_hardware(TEMPLATE_UUID, [(f"enx{OLD}", TEMPLATE_MAC)])
        machine.run("seal")
        machine.set_hardware(CLONE_UUID, [(f"enx{NEW}", CLONE_MAC)])
        machine.run("apply", "--yes", "--no-network")
        tap.is_(machine.read(RULES), f'ENV{{ID_NET_NAME}}=="enx{NEW}", TAG+="own"\n', "ID_NET_NAME is what the NIC is called")


def of_an_image(tap):
    """Sealed without NICs: what is for a NIC that no profile is bound to either is named; of what one is bound to, it follows."""
    for bound in False, True:
        with Machine() as machine:
            machine.set_hardware(TEMPLATE_UUID, [])
            machine.add_template()
            for path, text in TEXTS.items():
                machine.write(path, text)
            if not bound:
                machine.write(PROFILE, machine.read(PROFILE).replace(f"mac-address={TEMPLATE_MAC}\n", ""), 0o600)
            machine.run("seal")
            machine.become_clone()
            applied = machine.run("apply", "--yes", "--no-network")
            for path in TEXTS:
                named = f"{path}:" in applied.stderr and f"the mac address {TEMPLATE_MAC}, which this machine does not have" in applied.stderr.lower()
                tap.is_((applied.returncode, TEMPLATE_MAC in machine.read(path).lower(), named), (0, not bound, not bound),
                        f"an image: {path} {'follows to the NIC of the profile' if bound else 'is named'}")


with Tap() as tap, Machine() as machine:
    sealed = template(machine)
    for path in TEXTS:
        tap.like(sealed.stderr, rf"{path}:\d+: calls a NIC lan0 by its MAC", f"seal: {path} has a name for the template alone")
    tap.like(sealed.stderr, "build it again on the clone .update-initramfs -u -k all.", "seal: the initramfs has a copy")
    code, plan = machine.json("plan")
    tap.is_((code, {change["path"] for change in plan["changes"] if change["step"] == "persistent-net"}), (3, set(TEXTS)),
            "the plan has both files")
    applied = machine.run("apply", "--yes")
    tap.is_(applied.returncode, 0, "apply")
    tap.is_(texts(machine), {
        LINK: TEXTS[LINK].replace(TEMPLATE_MAC.upper(), CLONE_MAC.upper()).replace("lan0", "ens3"),
        RULES: TEXTS[RULES].replace(TEMPLATE_MAC, CLONE_MAC).replace("lan0", "ens3"),
    }, "both mean the clone's NIC, as it is called, and keep every other byte")
    tap.like(machine.read(PROFILE), r"(?m)^interface-name=ens3$", "and the profile is for the same one")
    tap.like(applied.stderr, "update-initramfs -u -k all", "apply: the initramfs has a copy")
    tap.is_(machine.json("status")[1]["verdict"], "same", "settled")
    tap.is_(machine.run("undo", "--yes").returncode, 0, "undo")
    tap.is_(texts(machine), TEXTS, "brings every byte back")
    with Machine() as off:
        template(off, "[steps]\npersistent-net = off\n")
        off.run("apply", "--yes")
        tap.is_(texts(off), TEXTS, "with persistent-net = off both stay")
    names_by_address(tap)
    of_an_image(tap)
