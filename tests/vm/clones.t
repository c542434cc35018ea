#!/usr/bin/python3
"""Three clones of a sealed golden machine boot at once, beside the template: each is a machine of its own, and none of their
frames carries the template's address or name. A second boot changes nothing."""

import sys

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap


# The image has no seed of its own to save. systemd writes one as soon as it has read the one that is there: on the template
# the file is as old as the boot, so there was none; a clone has removed that one too.
SEEDS = "systemctl unmask systemd-random-seed && systemctl start systemd-random-seed && test -s /var/lib/systemd/random-seed"
SEED = """cd /var/lib/systemd && if [ ! -e random-seed ]; then echo none
elif [ $(stat -c %W random-seed) -ge $(awk '/^btime/ {print $2 - 2}' /proc/stat) ]; then echo new; else echo old; fi"""


lab.enter("bookworm")
with Tap() as tap, lab.Lab("clones") as it:
    golden = it.golden(product.image(), prepare=[SEEDS, *product.SEAL])
    web = it.linked_clone(golden, "web")
    db = it.linked_clone(golden, "db")
    full = it.full_clone(golden, "full")
    web.set_uuid(product.CLONE_UUID)
    db.set_mac(product.CLONE_MAC)
    tap.step("cloned")

    wire = it.capture()
    it.dhcp()
    tap.is_(it.boot(golden, web, db, full), ["running"] * 4, "template and three clones boot side by side")
    tap.step("booted")
    template = product.identity(golden)
    tap.is_((template["hostname"], template["verdict"]), ("golden", "same"), "the template is as it was")
    for guest in (web, db, full):
        checks = product.verified_by_unit(guest)
        # The bus of Debian answers nobody's Peer calls, root's neither.
        tap.is_([what for what, result in checks.items() if result == "skipped" and what != "machine-id of the system bus"], [],
                f"{guest.name}: its unit's sandbox kept verify from none of its {len(checks)} checks")
        tap.ok(len(checks) >= 8, f"{guest.name}: and they are all there", "\n".join(checks))
    found = {guest.name: product.identity(guest) for guest in (web, db, full)}
    for name, identity in found.items():
        product.is_machine_of_its_own(tap, name, identity, template)
        product.has_profile_of_its_own(tap, name, identity)
    tap.is_(len({identity["machine-id"] for identity in found.values()}), 3, "three machine-ids")
    tap.is_(found["web"]["hostname"], "web-17", "web: named by its UUID")
    tap.is_(found["web"]["addresses"], "10.0.0.17/24 2001:db8::17/64", "web: its addresses by UUID, and no other")
    tap.is_(found["db"]["hostname"], "db-18", "db: named by its MAC")
    tap.is_(found["db"]["addresses"], "10.0.0.18/24", "db: its address by MAC, and no other")
    tap.is_(found["full"]["hostname"], f"node-{full.mac.replace(':', '')[-6:]}", "full: named by the policy's template")
    tap.like(found["full"]["addresses"], r"^10\.0\.0\.(?!10/)\d+/24$", "full: an address by DHCP")

    for guest, found_seed in ((golden, "new"), (web, "none"), (db, "none"), (full, "none")):
        tap.is_(guest.out(SEED).strip(), found_seed, f"{guest.name}: no random seed of the template's")

    keys = [product.host_keys(address) for address in ("10.0.0.10", "10.0.0.17", "10.0.0.18")]
    tap.ok(all(len(served) == 3 for served in keys), "ssh-keyscan: three types from template and clones", repr(keys))
    for kind in keys[0]:
        tap.is_(len({served.get(kind) for served in keys}), 3, f"ssh-keyscan: three different {kind} keys")

    frames = wire.frames(*web.macs, *db.macs, *full.macs)
    tap.ok(frames, "the clones do talk")
    claims = capture.claims(frames, [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6], ["golden"])
    tap.is_(claims, [], "not one frame of a clone carries the template's address or name")
    tap.step("checked")

    before = {guest.name: product.snapshot(guest) for guest in (web, golden)}
    web.shutdown()
    golden.shutdown()
    for guest in (db, full):
        guest.destroy()
    tap.is_(it.boot(web, golden), ["running"] * 2, "a clone and the template boot again")
    for guest in (web, golden):
        changes = set(product.snapshot(guest).splitlines()) ^ set(before[guest.name].splitlines())
        tap.is_(sorted(changes), [], f"{guest.name}: not a byte, not a time stamp has changed")
        tap.is_(guest.run("journalctl -b -u reset-identity -o cat | grep -c 'is .* now'").out.strip(), "0",
                f"{guest.name}: no reset")
    tap.step("booted again")
    wire.stop()
