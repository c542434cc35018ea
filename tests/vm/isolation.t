#!/usr/bin/python3
"""A clone that cannot have its identity stays off the wire, says why, and comes right once it is mended: the policy is broken
since the template was sealed, or another machine has the address."""

import re
import sys

sys.dont_write_bytecode = True

import capture
import lab
import namespace
import process
import product
from tap import Tap

TAKEN = "10.0.0.18"
TEMPLATE = [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6]


def is_kept_down(tap, guest, what):
    tap.is_(guest.out("systemctl --failed --plain --no-legend | cut -d ' ' -f 1"), "reset-identity.service\n",
            f"{what}: the failed unit is ours")
    tap.is_(guest.out(f"cat /etc/hostname && cmp /etc/machine-id {product.TEMPLATE}/machine-id"), "golden\n",
            f"{what}: nothing is changed")
    tap.like(guest.out("ip -o link show"), r"^\d+: ens\d+: <BROADCAST,MULTICAST>", f"{what}: the card is down")

# Standard error of an apply on a machine that runs.
OLD_ID = r"\Awarning: Programs that were started before, .* keep the old machine-id until they are restarted: [^\n]*\n\Z"


def policy_is_broken(tap, guest, wire):
    is_kept_down(tap, guest, "broken policy")
    said = guest.wait_console(r"reset-identity: the policy is invalid(?:.*\n)+?.*reset-identity status explains", 60).group()
    tap.like(said, r"policy\.ini:2: network\.gatewy: ", "the console says why: the unknown key with its line")
    tap.like(said, r"policy\.ini:6: host web-17\.address: .*10\.0\.0\.300", "and the bad address with its line")
    tap.like(said, r"NICs are kept down.*\n?.*`reset-identity apply --yes`", "and what to do")
    status = guest.run("reset-identity status")
    tap.is_(status.status, 78, "status: the policy is invalid")
    tap.like(status.out, r"^verdict +clone$", "status: this is a clone")
    tap.like(status.out, r"NICs are kept down until an apply succeeds", "status: it is kept off the network")
    tap.like(status.out, r"^ +outcome +failed$", "status: the last run failed")
    tap.like(status.err, r"policy\.ini:2: network\.gatewy: ", "status: and why")
    tap.is_(guest.run("reset-identity check-policy").status, 78, "check-policy agrees")
    tap.is_(wire.frames(*guest.macs), [], "not one frame of the clone is on the wire")


def policy_is_mended(tap, guest, wire):
    guest.put(product.POLICY_PATH, product.HOSTS)
    guest.set_kernel_arguments("")
    mended = guest.run("reset-identity apply --yes", 240)
    tap.is_((mended.status, mended.out), (0, "golden is web-17 now\n"), "mended: apply --yes succeeds")
    tap.like(mended.err, OLD_ID, "mended: what was started before is named, and nothing else is said")
    tap.unlike(guest.run("reset-identity status").out, "kept down", "mended: the cards are free")
    tap.is_(guest.out("systemctl --failed --plain --no-legend"), "", "mended: no unit counts as failed any more")
    tap.step("mended")
    tap.is_(guest.reboot(), "running", "after a reboot no unit has failed")
    guest.wait_network()
    tap.step("rebooted")
    found = product.identity(guest)
    tap.is_(product.last_run(guest), None, "there was nothing left to do at boot")
    tap.is_((found["hostname"], found["verdict"], found["failed"]), ("web-17", "same", ""), "it is settled under its own name")
    tap.isnt(found["machine-id"], guest.out(f"cat {product.TEMPLATE}/machine-id").strip(), "with a machine-id of its own")
    tap.is_(found["addresses"], "10.0.0.17/24 2001:db8::17/64", "and its addresses")
    tap.like(found["active"], r"^\S+:ens\d+:activated:lan$", "the NIC is up on the mended profile")
    tap.is_(guest.run("ping -c 1 -w 20 10.0.0.1").status, 0, "it reaches the gateway")
    tap.ok(wire.wait_claim("10.0.0.17", guest.mac), "its address is on the wire")


def address_is_taken(tap, guest, wire):
    is_kept_down(tap, guest, "address taken")
    tap.ok(guest.wait_console(rf"{re.escape(TAKEN)} .* in use on ens\d+ by {namespace.MAC}(?:.*\n)+?.*NICs are kept down", 60),
           "address taken: the console says by which card, and that the cards are kept down")
    tap.is_({why for why, _ in capture.claims(wire.frames(*guest.macs), [TAKEN])}, {f"ARP probe {TAKEN}"},
            "address taken: it asked for the address, and that is all it said of it")


def address_is_freed(tap, guest, wire):
    process.run("ip", "address", "delete", f"{TAKEN}/24", "dev", namespace.BRIDGE)
    freed = guest.run("reset-identity apply --yes", 240)
    tap.is_(freed.status, 0, "address freed: apply --yes succeeds")
    tap.like(freed.err, OLD_ID, "address freed: what was started before is named, and nothing else is said")
    found = product.identity(guest)
    tap.is_((found["hostname"], found["verdict"], found["verify"]), ("db-18", "same", ""), "address freed: its own, and verified")
    tap.is_(found["addresses"], f"{TAKEN}/24", "address freed: it has the address, without a reboot")
    tap.ok(wire.wait_claim(TAKEN, guest.mac), "address freed: which is on the wire")
    tap.step("address freed")


lab.enter("bookworm")
with Tap() as test, lab.Lab("isolation") as it:
    golden = product.quick_golden(it)
    taken = it.linked_clone(golden, "taken")
    taken.set_mac(product.CLONE_MAC)
    broken = it.linked_clone(golden, "broken")
    broken.set_uuid(product.CLONE_UUID)
    broken.set_kernel_arguments(f"{product.FAULT}=policy-broken")
    process.run("ip", "address", "add", f"{TAKEN}/24", "dev", namespace.BRIDGE)

    lan = it.capture()
    test.is_(it.boot(broken, taken), ["degraded"] * 2, "both clones boot to the end, with a failed unit")
    test.step("booted")
    policy_is_broken(test, broken, lan)
    address_is_taken(test, taken, lan)
    policy_is_mended(test, broken, lan)
    address_is_freed(test, taken, lan)
    test.is_(capture.claims(lan.frames(*broken.macs, *taken.macs), TEMPLATE, ["golden"]), [],
             "from first to last not one frame carries the template's address or name")
    lan.stop()
