#!/usr/bin/python3
"""A bond of two NICs with a VLAN on it, tied together by UUIDs and MAC addresses, and a WireGuard device: all of it is up on the
clone, and again when it is changed, refused or taken back while it is up."""

import re
import sys

sys.dont_write_bytecode = True

import lab
import product
import story
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

WIREGUARD = lab.File(f"{FOLDER}/tunnel.nmconnection", """\
[connection]
id=tunnel
uuid=b0b0a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c09
type=wireguard
interface-name=wg0

[wireguard]
private-key=4Gm2ZrV0L8s1mYQ2V3n9vT7cXkq5o8B1r6D0uE2hJ0k=

[ipv4]
method=manual
address1=10.99.0.10/24

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
address.wg0 = 10.99.0.17/24
"""
# A bond that was taken down and set up again has another number.
ROUTES = "ip -o -4 address | sed -E 's/^[0-9]+: //; s/valid_lft.*//'; ip route"


def value(guest, file, key):
    return re.search(rf"^{key}=(.*)$", guest.get(file.path).decode(), re.MULTILINE).group(1)


def is_up(tap, guest, what, addresses):
    """The whole stack, by NetworkManager, by the kernel and by the files. Returns the machine's identity."""
    found = product.identity(guest)
    tap.is_((found["verdict"], found["failed"], found["verify"]), ("same", "", ""), f"{what}: settled, no failed unit, verified")
    up = {line.split(":")[0]: line.split(":")[1:] for line in
          guest.out("nmcli -t -f NAME,STATE,DEVICE,UUID connection show --active").splitlines()}
    for file, name, device in ((BOND, "bond0", r"bond0"), (PORTS[0], "port0", r"ens\d+"), (PORTS[1], "port1", r"ens\d+"),
                               (VLAN, "storage", r"bond0\.7"), (WIREGUARD, "tunnel", r"wg0")):
        tap.like(":".join(up.get(name, ["down"])), rf"^activated:{device}:{value(guest, file, 'uuid')}$",
                 f"{what}: {name} is up as its file has it")
    tap.is_(len(found["profiles"].split()), 5, f"{what}: no further profile, no \"Wired connection\" took a card")
    tap.is_(guest.out("grep -c '^Slave Interface: ens' /proc/net/bonding/bond0"), "2\n", f"{what}: the bond has both ports")
    bond_uuid = value(guest, BOND, "uuid")
    tap.is_([value(guest, port, "master") for port in PORTS], [bond_uuid] * 2, f"{what}: the ports name the bond's UUID")
    tap.is_(value(guest, VLAN, "parent"), bond_uuid, f"{what}: and so does the VLAN")
    tap.is_(sorted(found["addresses"].split()), sorted(addresses.split()),
            f"{what}: the addresses are on the bond, on the VLAN and in the tunnel")
    tap.is_(guest.run("ping -c 1 -w 20 10.0.0.1").status, 0, f"{what}: the bond reaches the gateway")
    return found


def changed_live(tap, guest, settled):
    guest.put("/etc/reset-identity/policy.ini", POLICY.replace(".17/24", ".27/24").replace("[host pair]", "[host other]"))
    result = guest.run("reset-identity -v apply --force --yes", 120)
    tap.ok(result.status == 0, "changed while it is up: exit status 0", result.err)
    tap.diag("\n".join(line for line in result.err.splitlines() if line.startswith("[")))
    found = is_up(tap, guest, "changed while it is up", "10.0.0.27/24 192.168.7.27/24 10.99.0.27/24")
    tap.is_(found["kernel-hostname"], "other", "changed while it is up: the new name")
    for file in (BOND, *PORTS, VLAN, WIREGUARD):
        tap.unlike(settled["profiles"], value(guest, file, "uuid"), "changed while it is up: another UUID")
    tap.step("changed while it is up")
    return found


def refused_live(tap, guest, before):
    guest.put("/etc/reset-identity/policy.ini", POLICY.replace("10.0.0.1\n", "10.0.0.99\n").replace(".17/24", ".28/24"))
    product.is_refused(tap, guest, r"gateway 10\.0\.0\.99 on bond0", "a dead gateway behind the bond", ROUTES)
    found = is_up(tap, guest, "a dead gateway behind the bond", before["addresses"])
    tap.is_(found["profiles"], before["profiles"], "a dead gateway behind the bond: the same profiles")
    tap.step("refused while it is up")


def undone_live(tap, guest, settled):
    tap.is_(guest.run("reset-identity undo --yes", 120).status, 0, "undone while it is up: exit status 0")
    found = is_up(tap, guest, "undone while it is up", settled["addresses"])
    tap.is_([found[part] for part in ("profiles", "machine-id", "kernel-hostname")],
            [settled[part] for part in ("profiles", "machine-id", "kernel-hostname")], "undone while it is up: the old identity")
    tap.step("undone while it is up")


lab.enter("bookworm")
with Tap() as test, lab.Lab("bonds") as it, \
     story.lone_clone(test, it, product.image(policy=POLICY, profiles=[BOND, *PORTS, VLAN, WIREGUARD], quick=True), product.TEMPLATE_KEPT,
                      ["10.0.0.10", "192.168.7.10"], nics=2) as (clone, wire):
    test.unlike(clone.out("journalctl -b -o cat --no-pager; cat /run/reset-identity/last.json"), "4Gm2ZrV0L8s1mYQ2",
                "the tunnel's key is in no log")
    first = is_up(test, clone, "first boot", "10.0.0.17/24 192.168.7.17/24 10.99.0.17/24")
    test.is_(first["hostname"], "pair", "it has its own name")
    for uuid in (BOND_UUID, *PORT_UUIDS, VLAN_UUID):
        test.unlike(first["profiles"], uuid, f"no profile with the template's UUID {uuid[-2:]}")
    test.is_([value(clone, port, "mac-address") for port in PORTS], [mac.upper() for mac in clone.macs],
             "the ports are bound to the clone's cards, each to the one in its place")
    test.is_(value(clone, BOND, "cloned-mac-address"), clone.mac.upper(), "the bond sends from the clone's first card")
    test.like(clone.get(BOND.path).decode(), "^# the switch knows the bond by its first card$", "comments stay")
    clone.run("arping -c 1 -w 5 -I bond0.7 192.168.7.1")
    test.ok([frame for frame in wire.frames(clone.mac) if frame.vlan == 7 and frame.claims("192.168.7.17")],
            "the VLAN's address is on the wire, tagged")

    changed = changed_live(test, clone, first)
    refused_live(test, clone, changed)
    undone_live(test, clone, first)
