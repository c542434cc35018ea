#!/usr/bin/python3
"""The power of clones is cut at different moments of their first boot. The next boot of each ends with one whole new identity,
a complete set of host keys that sshd serves, and nothing left over; no frame of either boot is the template's.

The moments are exact: the guest stands still there (guest/moment), and what it had not written by then is lost.
"""

import concurrent.futures
import sys

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap

STATE = "/var/lib/reset-identity"
DISCARDED = r"^an earlier run ended before it changed anything"
FINISHED = r"^the apply of \S+ is finished: golden is"

# Name: the moment, and what the next boot says of the earlier run. At two of them the disk has both answers: the rename
# that commits or closes the transaction is done, and nobody knows whether it is on the disk.
MOMENTS = {
    "started": ("open:/usr/sbin/reset-identity", r"\A\Z"),
    "staged": (f"read:{STATE}/transaction/manifest.staged", DISCARDED),
    "committed": (f"rename:{STATE}/transaction/manifest", f"{DISCARDED}|{FINISHED}"),
    "rolling": ("rename:/etc/machine-id", FINISHED),
    "closed": (f"rename:{STATE}/history/*", rf"{FINISHED}|\A\Z"),
}

LOOK = {
    "earlier run": "journalctl -b -u reset-identity -o cat --no-pager | sed -n 's/^reset-identity: //p' | grep -E 'earlier run|is finished'",
    "template's id": f"cat {product.TEMPLATE}/machine-id",
    "template's keys": f"cut -d ' ' -f 1,2 {product.TEMPLATE}/ssh_host_*_key.pub",
    "public keys": "cut -d ' ' -f 1,2 /etc/ssh/ssh_host_*_key.pub",
    "private keys": "for key in /etc/ssh/ssh_host_*_key; do ssh-keygen -y -f $key | cut -d ' ' -f 1,2; done",
    "record": f"cat {STATE}/record",
    "left over": f"find / -xdev -name '.*.reset-identity'; ls -d {STATE}/transaction {STATE}/history/leaving-* 2>/dev/null",
}


def look(guest):
    """What the machine says of itself, when its network is up."""
    guest.wait_network()
    found = product.identity(guest)
    for name, command in LOOK.items():
        found[name] = guest.run(command).out.strip()
    return found


def own_name(guest):
    return f"golden-{guest.mac.replace(':', '')[-6:]}"


def template_claims(wire, guest):
    """The frames of a clone with the template's addresses, or with its name where that is not the beginning of its own."""
    found = capture.claims(wire.frames(guest.mac), [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6], ["golden"])
    return [(why, frame) for why, frame in found if not (why.startswith("name") and frame.names(own_name(guest)))]


def has_one_whole_identity(tap, guest, found):
    name, hostname = guest.name, own_name(guest)
    tap.isnt(found["machine-id"], found["template's id"], f"{name}: a new machine-id")
    tap.is_(found["pid1"], f's "{found["machine-id"]}"', f"{name}: PID 1 speaks with it")
    tap.is_(found["journal-directories"], found["machine-id"], f"{name}: the one journal directory has it")
    tap.is_((found["hostname"], found["kernel-hostname"]), (hostname, hostname), f"{name}: its name, in the file and the kernel")
    tap.like(found["hosts"], rf"^127\.0\.1\.1 +{hostname}$", f"{name}: its name in /etc/hosts")
    tap.like(found["active"], r"^\S+:ens\d+:activated:lan$", f"{name}: the NIC is up on the mended profile")
    tap.unlike(found["profiles"], product.PROFILE_UUID, f"{name}: with a UUID of its own")
    tap.like(found["addresses"], r"^10\.0\.0\.2\d\d/24$", f"{name}: its address by DHCP, and no other")
    tap.is_(found["verify"], "", f"{name}: what runs speaks with the new identity")
    tap.is_(found["verdict"], "same", f"{name}: the record is this machine's")
    tap.like(found["record"], guest.uuid, f"{name}: and has its UUID")
    tap.is_(found["left over"], "", f"{name}: no transaction, no temporary file is left")


def serves_its_keys(tap, guest, found):
    own, template = (dict(line.split() for line in found[which].splitlines()) for which in ("public keys", "template's keys"))
    tap.is_(sorted(own), sorted(template), f"{guest.name}: a host key of each type the template has")
    tap.is_(set(own.values()) & set(template.values()), set(), f"{guest.name}: all of them new")
    tap.is_(found["private keys"], found["public keys"], f"{guest.name}: private and public keys belong together")
    tap.is_(product.host_keys(found["addresses"].split("/")[0]), own, f"{guest.name}: ssh-keyscan gets just these")


lab.enter("bookworm")
with Tap() as tap, lab.Lab("power-cuts") as it, concurrent.futures.ThreadPoolExecutor(len(MOMENTS)) as pool:
    golden = product.quick_golden(it)
    clones = [it.linked_clone(golden, name) for name in MOMENTS]
    tap.step("cloned")
    wire = it.capture()
    it.dhcp()

    list(pool.map(lambda guest: guest.cut_power_at(MOMENTS[guest.name][0]), clones))
    tap.step("the power of all is cut")
    tap.is_(wire.frames(*[guest.mac for guest in clones]), [], "until then not one frame of theirs is on the wire")

    tap.is_(it.boot(*clones), ["running"] * len(clones), "the next boot of each is complete, with no failed unit")
    tap.step("booted again")
    looks = list(pool.map(look, clones))
    tap.step("looked")
    for guest, found in zip(clones, looks):
        tap.like(found["earlier run"], MOMENTS[guest.name][1], f"{guest.name}: what became of the earlier run")
        has_one_whole_identity(tap, guest, found)
        serves_its_keys(tap, guest, found)
    for what in ("machine-id", "hostname", "keys", "profiles"):
        tap.is_(len({found[what] for found in looks}), len(clones), f"no two clones have the same {what}")

    wire.stop()
    claims = [claim for guest in clones for claim in template_claims(wire, guest)]
    tap.is_(claims, [], "not one frame carries the template's address or name")
    tap.step("checked")
