#!/usr/bin/python3
"""What is a clone and what is not: a serial of VMware's, new cards, a snapshot, a byte-swapped UUID, a clone of a clone."""

import sys
import uuid

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap

NEW_MAC = "52:54:00:c1:07:99"
STATE = "/var/lib/reset-identity/"


def byte_swapped(text):
    """The same 16 bytes, read in the other order that SMBIOS has had: the first three fields the other way round."""
    return str(uuid.UUID(bytes_le=uuid.UUID(text).bytes))


lab.enter("bookworm")
with Tap() as tap, lab.Lab("verdicts") as it:
    golden = product.quick_golden(it)
    vmware = it.linked_clone(golden, "vmware")
    vmware.set_smbios(manufacturer="VMware, Inc.", product="VMware Virtual Platform", serial=product.CLONE_SERIAL)
    copied = it.linked_clone(golden, "copied")
    # libvirt knows a UUID only once: the template, which stays off here, gives its own away.
    golden.set_uuid(str(uuid.uuid4()))
    copied.set_uuid(lab.GOLDEN_UUID)
    copied.set_mac(product.CLONE_MAC)
    tap.step("cloned")

    wire = it.capture()
    it.dhcp()
    tap.is_(it.boot(vmware, copied), ["running"] * 2, "first boots without a failed unit")
    for guest in (vmware, copied):
        guest.wait_network()
    tap.step("first boots")

    first = {guest.name: product.identity(guest) for guest in (vmware, copied)}
    runs = {guest.name: product.last_run(guest) for guest in (vmware, copied)}
    tap.is_(vmware.out("cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_serial"),
            f"VMware, Inc.\n{product.CLONE_SERIAL}\n", "vmware: the guest sees VMware's strings")
    tap.is_((runs["vmware"]["verdict"], runs["vmware"]["outcome"]), ("clone", "done"), "vmware: a clone, reset")
    tap.is_(first["vmware"]["hostname"], "esx-19", "vmware: the host section is found by the serial")
    tap.is_(first["vmware"]["addresses"], "10.0.0.19/24", "vmware: its address by serial, and no other")
    tap.is_((runs["copied"]["verdict"], runs["copied"]["outcome"]), ("clone", "done"),
            "copied: the sealed template's UUID with a new MAC is a clone")
    tap.like(" ".join(runs["copied"]["reasons"]), "template.*new NICs", "copied: and it says why")
    tap.is_((first["copied"]["hostname"], first["copied"]["addresses"]), ("db-18", "10.0.0.18/24"), "copied: by its MAC")
    for name, found in first.items():
        tap.is_(found["failed"], "", f"{name}: no failed unit")
        tap.is_(found["verdict"], "same", f"{name}: settled")
        tap.like(found["active"], r"^\S+:ens\d+:activated:lan$", f"{name}: the NIC is up on the mended profile")
        tap.is_(runs[name]["machine_id"], found["machine-id"], f"{name}: its new machine-id is in force")
    for what in ("machine-id", "keys"):
        tap.isnt(first["vmware"][what], first["copied"][what], f"two clones, two {what}")
    tap.is_(capture.claims(wire.frames(*vmware.macs, *copied.macs), [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6],
                           ["golden"]), [], "not one frame of theirs carries the template's address or name")

    settled = {guest.name: product.snapshot(guest) for guest in (vmware, copied)}
    vmware.snapshot("settled")
    vmware.out(f"rm -r {STATE} /etc/ssh/ssh_host_* && echo other >/etc/hostname && sync")
    vmware.revert("settled")
    vmware.wait_agent()
    tap.is_(product.changed_paths(settled["vmware"], product.snapshot(vmware)), [], "vmware: a snapshot brings back what it had")
    tap.is_(product.identity(vmware)["verdict"], "same", "vmware: a reverted snapshot is not a clone")
    tap.step("reverted")

    for guest in (vmware, copied):
        guest.shutdown()
    real_uuid = vmware.uuid
    vmware.set_uuid(byte_swapped(real_uuid))
    copied.set_mac(NEW_MAC)
    tap.is_(it.boot(vmware, copied), ["running"] * 2, "second boots without a failed unit")
    for guest in (vmware, copied):
        guest.wait_network()
    tap.step("second boots")
    again = {guest.name: product.identity(guest) for guest in (vmware, copied)}
    tap.is_(vmware.out("cat /sys/class/dmi/id/product_uuid").strip(), byte_swapped(real_uuid),
            "vmware: the guest sees its UUID in the other byte order")
    tap.is_(product.last_run(vmware), None, "vmware: reverted and byte-swapped, it is the same: no run at boot")
    tap.is_(product.changed_paths(settled["vmware"], product.snapshot(vmware)), [],
            "vmware: not a byte, not a time stamp has changed")
    tap.is_(again["vmware"], first["vmware"], "vmware: and it is up as it was")

    rewired = product.last_run(copied)
    tap.is_((rewired["verdict"], rewired["outcome"]), ("rewired", "done"), "copied: settled, a new MAC is a new card only")
    tap.is_(again["copied"], first["copied"], "copied: same identity, and the new card is up on the old address")
    tap.is_([path for path in product.changed_paths(settled["copied"], product.snapshot(copied)) if not path.startswith((STATE, "/etc/reset-identity/record"))],
            [product.PROFILE_PATH], "copied: nothing but the profile has changed")
    tap.like(copied.get(product.PROFILE_PATH).decode(), f"^mac-address={NEW_MAC}$", "copied: which names the new card")
    tap.ok(wire.wait_claim("10.0.0.18", NEW_MAC), "copied: the address is on the wire from the new card")

    vmware.destroy()
    copied.shutdown()
    child = it.settled_clone(copied, "child")
    tap.is_(it.boot(child), ["running"], "child: the clone of a settled clone boots without a failed unit")
    child.wait_network()
    tap.step("clone of a clone")
    found = product.identity(child)
    tap.is_(product.last_run(child)["verdict"], "clone", "child: it is a clone")
    tap.is_(found["hostname"], "golden-" + child.mac.replace(":", "")[-6:],
            "child: its default name is made of the original template's")
    for what in ("machine-id", "hostname", "keys", "profiles"):
        tap.isnt(found[what], first["copied"][what], f"child: {what} of its own")
    tap.is_((found["verdict"], found["failed"], found["journal-directories"]), ("same", "", found["machine-id"]),
            "child: settled, no failed unit, one journal directory")
    tap.like(found["active"], r"^\S+:ens\d+:activated:lan$", "child: the NIC is up on the mended profile")
    tap.like(found["addresses"], r"^10\.0\.0\.2\d\d/24$", "child: an address by DHCP, and not its parent's")
    frames = wire.frames(*child.macs)
    tap.ok(frames, "child: it does talk")
    tap.is_(capture.claims(frames, ["10.0.0.18", product.TEMPLATE_ADDRESS], ["db-18"]), [],
            "child: not one frame carries the parent's address or name")
    wire.stop()
