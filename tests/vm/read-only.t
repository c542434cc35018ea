#!/usr/bin/python3
"""Clones whose file systems are not just one that is writable: /var on its own, /etc/machine-id a mount point, the root
read-only. Each gets its identity, or a clear refusal: nothing changed, off the wire, and the console says why."""

import sys

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap

STATE = "/var/lib/reset-identity"

# The root's own copy of the state goes: who looks for the record before /var is mounted finds none.
GIVE_VAR_ITS_OWN_DISK = f"""
set -e
mount /dev/vdb /mnt
cp -a /var/. /mnt/
rm -r {STATE}
umount /mnt
echo '/dev/vdb /var ext4 defaults 0 0' >>/etc/fstab
"""

# An empty file is the usual way to send an image out without an id. Since the root is still read-only when PID 1 makes
# one, that is mounted over the file at first; systemd-machine-id-commit.service takes the mount away again.
EMPTY_MACHINE_ID = ": >/etc/machine-id"
COMMITTED = "systemctl show -P ActiveEnterTimestampMonotonic systemd-machine-id-commit.service"
BEGAN = "systemctl show -P InactiveExitTimestampMonotonic reset-identity.service"

READ_ONLY_ROOT = "sed -i '/^.dev.vda / s/defaults/ro/' /etc/fstab"
WITHOUT_FSTAB = "fstab=no"  # then nobody remounts the root, which the kernel mounts read-only

UNCHANGED = f"""
cmp /etc/machine-id {product.TEMPLATE}/machine-id
cat /etc/hostname
cat /etc/ssh/ssh_host_*_key.pub | cmp - <(cat {product.TEMPLATE}/ssh_host_*_key.pub)
grep -c {product.PROFILE_UUID} {product.PROFILE_PATH}
find / -xdev -name '.*.reset-identity'
ls -d {STATE}/transaction 2>/dev/null
true
"""


def refuses(tap, wire, guest, why):
    """The clone is as its disk was, and is off the wire; whoever looks finds out why."""
    name = guest.name
    tap.like(guest.out("systemctl --failed --plain --no-legend"), r"^reset-identity\.service ", f"{name}: the unit has failed")
    console = guest.wait_console(r"reset-identity: nothing is changed:(?:.*\n)+?.*reset-identity status explains", 60).group()
    tap.like(console, why, f"{name}: the console says why")
    tap.like(console, r"NICs are kept down.*\n?.*`reset-identity apply --yes`", f"{name}: and what to do")
    status = guest.run("reset-identity status")
    tap.is_(status.status, 3, f"{name}: status: there is work")
    tap.like(status.out, r"^verdict +clone$", f"{name}: status: this is a clone")
    tap.like(status.out, r"NICs are kept down until an apply succeeds", f"{name}: status: it is kept off the network")
    tap.like(guest.out("ip -o link show"), r"^\d+: ens\d+: <BROADCAST,MULTICAST>", f"{name}: the card is down")
    tap.is_(wire.frames(*guest.macs), [], f"{name}: not one frame of it is on the wire")


def is_settled(tap, guest, old_id, hostname, addresses):
    """The clone has an identity of its own, with the name and the addresses that the policy has for it."""
    name = guest.name
    guest.wait_network()
    found = product.identity(guest)
    tap.is_(found["verdict"], "same", f"{name}: settled")
    tap.isnt(found["machine-id"], old_id, f"{name}: a machine-id of its own")
    tap.is_(found["pid1"], f's "{found["machine-id"]}"', f"{name}: PID 1 speaks with it")
    tap.is_((found["hostname"], found["kernel-hostname"]), (hostname, hostname), f"{name}: its name")
    tap.like(found["addresses"], f"^{addresses}$", f"{name}: its addresses")
    tap.like(found["active"], r"^\S+:ens\d+:activated:lan$", f"{name}: the NIC is up on the mended profile")
    tap.unlike(found["profiles"], product.PROFILE_UUID, f"{name}: with a UUID of its own")
    tap.is_(found["verify"], "", f"{name}: what runs speaks with the new identity")


lab.enter("bookworm")
with Tap() as tap, lab.Lab("read-only") as it:
    golden = product.quick_golden(it)
    sealed = it.linked_clone(golden, "sealed")
    bound = it.linked_clone(golden, "bound")
    bound.set_kernel_arguments(product.BOUND_MACHINE_ID)
    workshop = it.linked_clone(golden, "workshop")
    workshop.set_kernel_arguments("reset-identity=off")
    workshop.add_disk()
    sealed.set_kernel_arguments(WITHOUT_FSTAB)
    tap.step("cloned")

    wire = it.capture()
    it.dhcp()
    it.start(sealed, bound, workshop)
    workshop.wait_booted()
    template_id = workshop.out(f"cat {product.TEMPLATE}/machine-id").strip()
    workshop.out(GIVE_VAR_ITS_OWN_DISK)
    workshop.out(EMPTY_MACHINE_ID)
    workshop.shutdown()
    tap.step("a template with a /var of its own and no machine-id")
    it.wait_booted(sealed, bound)
    refuses(tap, wire, sealed, r"its file system is mounted read-only; remount it writable")
    tap.is_(sealed.out(UNCHANGED), "golden\n1\n", "sealed: nothing is changed")
    refuses(tap, wire, bound, r"/etc/machine-id: something is mounted over it, so it cannot be replaced; unmount it")
    tap.is_(bound.out(UNCHANGED), "golden\n1\n", "bound: nothing is changed")
    sealed.destroy()
    bound.destroy()
    tap.step("two refusals")

    split = it.settled_clone(workshop, "split")
    split.set_uuid(product.CLONE_UUID)
    split.set_kernel_arguments("")
    tap.is_(it.boot(split), ["running"], "split: boots with no failed unit")
    tap.step("booted with a /var of its own")
    is_settled(tap, split, template_id, "web-17", "10.0.0.17/24 2001:db8::17/64")
    tap.is_(split.run("mountpoint -q /var && ! mountpoint -q /etc/machine-id").status, 0,
            "split: /var is a mount point, /etc/machine-id is none any more")
    committed, began = int(split.out(COMMITTED)), int(split.out(BEGAN))
    tap.ok(0 < committed <= began, "split: the transient machine-id was on the disk before the reset began", committed, began)
    tap.is_(split.run(f"mount --bind / /mnt && ls -d /mnt{STATE}").status, 2, "split: nothing was written below the mount")
    claims = capture.claims(wire.frames(split.mac), [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6], ["golden"])
    tap.is_(claims, [], "split: not one frame carries the template's address or name")

    # A clone of that clone: the record is in a /var that can be written, what it is about is not.
    split.out(f"umount /mnt; {READ_ONLY_ROOT}")
    settled_id = split.out("cat /etc/machine-id").strip()
    settled = product.snapshot(split)
    split.shutdown()
    copied = it.settled_clone(split, "copied")
    it.boot(copied)
    tap.step("booted with a read-only root")
    refuses(tap, wire, copied, r"/\S+: its file system is mounted read-only; remount it writable")
    tap.is_(sorted(set(product.snapshot(copied).splitlines()) ^ set(settled.splitlines())), [],
            "copied: not a byte, not a time stamp has changed")
    copied.out("mount -o remount,rw /")
    mended = copied.run("reset-identity apply --yes", 240)
    tap.is_(mended.status, 0, "copied: after remounting, apply --yes succeeds")
    tap.diag(mended.out + mended.err)
    tap.step("mended")
    is_settled(tap, copied, settled_id, f"golden-{copied.mac.replace(':', '')[-6:]}", r"10\.0\.0\.2\d\d/24")
    claims = capture.claims(wire.frames(copied.mac), ["10.0.0.17", "2001:db8::17", product.TEMPLATE_ADDRESS], ["web-17"])
    tap.is_(claims, [], "copied: not one frame carries an address of what it was copied from, or its name")
    wire.stop()
    tap.step("checked")
