#!/usr/bin/python3
"""NICs that the template's own files call by names: one by a .link file, one by a rule of udev, both by the MAC address. On a clone udev
has called them by their slots before anything of ours runs; from then on all files and udev agree, at the first boot and at the next."""

import sys

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap

LINK, RULE = "/etc/systemd/network/10-lan.link", "/etc/udev/rules.d/70-persistent-net.rules"
SAN_PATH = "/etc/NetworkManager/system-connections/san.nmconnection"
SAN_UUID = "0c5ae0b5-2f7e-4c51-9a92-6d1f9d8d2c02"
TEMPLATE_SAN = "10.0.1.10"
FILES = [
    lab.File(LINK, f"[Match]\nMACAddress={lab.GOLDEN_MACS[0]}\n\n[Link]\nName=lan0\n"),
    lab.File(RULE, f'SUBSYSTEM=="net", ACTION=="add", ATTR{{address}}=="{lab.GOLDEN_MACS[1]}", NAME="san0"\n'),
]
PROFILES = [
    lab.File(product.PROFILE_PATH, f"""\
[connection]
id=lan
uuid={product.PROFILE_UUID}
type=ethernet
interface-name=lan0

[ipv4]
method=manual
address1={product.TEMPLATE_ADDRESS}/24,10.0.0.1

[ipv6]
method=ignore
""", 0o600),
    lab.File(SAN_PATH, f"""\
[connection]
id=san
uuid={SAN_UUID}
type=ethernet
interface-name=san0

[ipv4]
method=manual
address1={TEMPLATE_SAN}/24

[ipv6]
method=ignore
""", 0o600),
]
POLICY = f"""\
[network]
gateway = 10.0.0.1

[host web-17]
match-uuid = {product.CLONE_UUID}
address.lan0 = 10.0.0.17/24
address.san0 = 10.0.1.17/24
"""
NAMES = r"""
for nic in /sys/class/net/*; do
  [ ! -e $nic/device ] || echo "$(cat $nic/address) ${nic##*/} $(ip -4 -o address show dev ${nic##*/} | awk '{print $4}')"
done | sort"""


def nics(guest):
    """{MAC: (name, IPv4 address)}, as the kernel has them."""
    return {mac: (name, address) for mac, name, address in (line.split() for line in guest.out(NAMES).splitlines())}


def agrees(tap, guest, found, moment):
    lan, san = (found.get(mac, ("none", ""))[0] for mac in guest.macs)
    tap.is_({mac: address for mac, (_, address) in found.items()}, dict(zip(guest.macs, ["10.0.0.17/24", "10.0.1.17/24"])),
            f"{moment}: each NIC has its own address, and no other")
    tap.like(guest.get(LINK).decode(), rf"(?s)^\[Match\]\nMACAddress={guest.macs[0]}\n.*\nName={lan}\n$", f"{moment}: the .link file calls the NIC so")
    tap.like(guest.get(RULE).decode(), rf'ATTR\{{address\}}=="{guest.macs[1]}", NAME="{san}"$', f"{moment}: so does the rule of udev")
    for path, name in ((product.PROFILE_PATH, lan), (SAN_PATH, san)):
        tap.like(guest.get(path).decode(), rf"(?m)^interface-name={name}$", f"{moment}: the profile of {name} is for it")
    tap.is_(guest.out("reset-identity verify --wait=60 >/dev/null 2>&1; echo $?").strip(), "0", f"{moment}: verify finds nothing amiss")
    tap.like(guest.run("reset-identity status").out, r"(?m)^verdict +same$", f"{moment}: settled")


lab.enter("bookworm")
with Tap() as tap, lab.Lab("link-names") as it:
    image = product.image(policy=POLICY, profiles=PROFILES, files=FILES, quick=True)
    golden = it.golden(image, prepare=["ip link show dev lan0", "ip link show dev san0", *product.TEMPLATE_KEPT], nics=2)
    clone = it.linked_clone(golden, "clone")
    clone.set_uuid(product.CLONE_UUID)
    tap.step("cloned")

    wire = it.capture()
    tap.is_(it.boot(golden, clone), ["running"] * 2, "template and clone boot side by side")
    clone.wait_network()
    tap.is_(nics(golden), dict(zip(golden.macs, [("lan0", f"{product.TEMPLATE_ADDRESS}/24"), ("san0", f"{TEMPLATE_SAN}/24")])),
            "the template's NICs are called by its files, and have its addresses")
    tap.is_((product.last_run(clone) or {}).get("outcome"), "done", "the clone is reset at its boot")
    tap.step("booted")
    first = nics(clone)
    agrees(tap, clone, first, "first boot")
    clone.shutdown()
    tap.is_(it.boot(clone), ["running"], "the clone boots again")
    clone.wait_network()
    tap.is_(product.last_run(clone), None, "second boot: nothing is to be done")
    second = nics(clone)
    tap.is_(second, first, "second boot: udev calls them as before")
    agrees(tap, clone, second, "second boot")
    tap.is_(capture.claims(wire.frames(*clone.macs), [product.TEMPLATE_ADDRESS, TEMPLATE_SAN], ["golden"]), [],
            "not one frame of the clone has an address of the template, or its name")
    wire.stop()
