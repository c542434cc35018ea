#!/usr/bin/python3
"""A bond of two NICs with a VLAN on it, tied together by UUIDs and MAC addresses: all of it is up on the clone."""

import re
import sys

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap

BOND_UUID = "b0b0a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c00"
PORT_UUIDS = ["b0b0a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c01", "b0b0a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c02"]
VLAN_UUID = "b0b0a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c07"
FOLDER = "/etc/NetworkManager/system-connections"

BOND = lab.File(f"{FOLDER}/bond0.nmconnection", f"""\
[connection]
id=bond0
uuid={BOND_UUID}
type=bond
interface-name=bond0

[bond]
miimon=100
mode=active-backup

# the switch knows the bond by its first card
[ethernet]
cloned-mac-address={lab.GOLDEN_MACS[0].upper()}

[ipv4]
method=manual
address1=10.0.0.10/24,10.0.0.1

[ipv6]
method=disabled
""", 0o600)

PORTS = [lab.File(f"{FOLDER}/port{number}.nmconnection", f"""\
[connection]
id=port{number}
uuid={PORT_UUIDS[number]}
type=ethernet
master={BOND_UUID}
slave-type=bond

[ethernet]
mac-address={lab.GOLDEN_MACS[number].upper()}
""", 0o600) for number in (0, 1)]

VLAN = lab.File(f"{FOLDER}/storage.nmconnection", f"""\
[connection]
id=storage
uuid={VLAN_UUID}
type=vlan
interface-name=bond0.7

[vlan]
id=7
parent={BOND_UUID}

[ipv4]
method=manual
address1=192.168.7.10/24

[ipv6]
method=disabled
""", 0o600)

POLICY = f"""\
[network]
gateway = 10.0.0.1

[host pair]
match-uuid = {product.CLONE_UUID}
address = 10.0.0.17/24
address.bond0.7 = 192.168.7.17/24
"""


def value(guest, file, key):
    return re.search(rf"^{key}=(.*)$", guest.get(file.path).decode(), re.MULTILINE).group(1)


lab.enter("bookworm")
with Tap() as tap, lab.Lab("bonds") as it:
    golden = it.golden(product.image(policy=POLICY, profiles=[BOND, *PORTS, VLAN]), prepare=product.QUICK, nics=2)
    clone = it.linked_clone(golden, "clone")
    clone.set_uuid(product.CLONE_UUID)
    tap.step("cloned")
    wire = it.capture()
    tap.is_(it.boot(clone), ["running"], "the clone boots without a failed unit")
    clone.wait_network()
    tap.step("booted")

    found = product.identity(clone)
    tap.is_((found["hostname"], found["verdict"], found["failed"]), ("pair", "same", ""), "it is settled under its own name")
    tap.is_(found["verify"], "", "its network is verified")
    if found["failed"]:
        tap.diag(clone.out("journalctl -b -o short-monotonic --no-pager -u reset-identity-verify"))
    up = {line.split(":")[0]: line.split(":")[1:] for line in
          clone.out("nmcli -t -f NAME,STATE,DEVICE,UUID connection show --active").splitlines()}
    for name, device in (("bond0", r"bond0"), ("port0", r"ens\d+"), ("port1", r"ens\d+"), ("storage", r"bond0\.7")):
        tap.like(":".join(up.get(name, ["down"])), rf"^activated:{device}:", f"{name} is up")
    tap.unlike(found["profiles"], "Wired connection", "no \"Wired connection\" took a card")
    for uuid in (BOND_UUID, *PORT_UUIDS, VLAN_UUID):
        tap.unlike(found["profiles"], uuid, f"no profile with the template's UUID {uuid[-2:]}")
    tap.is_(clone.out("grep -c '^Slave Interface: ens' /proc/net/bonding/bond0"), "2\n",
            "the bond has both ports")

    bond_uuid = value(clone, BOND, "uuid")
    tap.is_([value(clone, port, "master") for port in PORTS], [bond_uuid] * 2, "the ports name the bond's new UUID")
    tap.is_(value(clone, VLAN, "parent"), bond_uuid, "and so does the VLAN")
    tap.is_([value(clone, port, "mac-address") for port in PORTS], [mac.upper() for mac in clone.macs],
            "the ports are bound to the clone's cards, each to the one in its place")
    tap.is_(value(clone, BOND, "cloned-mac-address"), clone.mac.upper(), "the bond sends from the clone's first card")
    tap.like(clone.get(BOND.path).decode(), "^# the switch knows the bond by its first card$", "comments stay")

    tap.is_(found["addresses"], "10.0.0.17/24 192.168.7.17/24", "the policy's addresses are on the bond and on the VLAN")
    tap.is_(clone.run("ping -c 1 -w 20 10.0.0.1").status, 0, "the bond reaches the gateway")
    clone.run("arping -c 1 -w 5 -I bond0.7 192.168.7.1")
    tap.ok([frame for frame in wire.frames(clone.mac) if frame.vlan == 7 and frame.claims("192.168.7.17")],
           "the VLAN's address is on the wire, tagged")
    tap.is_(wire.frames(*lab.GOLDEN_MACS), [], "not one frame from the template's MACs")
    tap.is_(capture.claims(wire.frames(*clone.macs), ["10.0.0.10", "192.168.7.10"], ["golden"]), [],
            "and not one with its addresses or name")
    wire.stop()
