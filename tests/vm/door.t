#!/usr/bin/python3
"""Faults of our own programs in real guests, where tests/nspawn/door.t has all of them in containers: killed with its work half
done, or gone, a clone stays off the wire, says why, and comes right once the programs are back; one that still has one of the two
gets its identity; an unchanged machine is on the wire."""

import sys

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap

CURED = f"mv {product.KEPT}/reset-identity /usr/sbin/ && {{ mv {product.KEPT}/clone-check /usr/lib/reset-identity/ || true; }}"


def is_kept_off(tap, guest):
    name = guest.name
    guest.wait_console(r"reset-identity: nothing could decide whether this machine is a clone: it is kept off the network", 60)
    tap.like(guest.out("systemctl --failed --plain --no-legend"), r"^reset-identity-door\.service ", f"{name}: the door's unit says so")
    tap.like(guest.out("journalctl -b -o cat -u reset-identity-door"), r"(?m)^reset-identity: kept off the network", f"{name}: its journal too")
    tap.is_(guest.out("systemctl is-active NetworkManager || true"), "inactive\n", f"{name}: NetworkManager is not started")
    tap.is_(guest.out("ip -o address show scope global"), "", f"{name}: no address")
    tap.is_(guest.out(f"cat /etc/hostname && cmp /etc/machine-id {product.TEMPLATE}/machine-id"), "golden\n", f"{name}: nothing is changed")


def comes_right(tap, guest, wire, hostname, address):
    guest.out(CURED)
    cured = guest.run("reset-identity apply --yes", 240)
    tap.is_((cured.status, cured.out.splitlines()[-1:]), (0, [f"golden is {hostname} now"]), f"{guest.name}: cured as the console says")
    tap.ok(wire.wait_claim(address, guest.mac), f"{guest.name}: its own address is on the wire")
    is_itself(tap, guest, hostname, address)


def is_itself(tap, guest, hostname, address):
    guest.wait_network()
    found = product.essentials(guest)
    tap.is_((found["verdict"], found["hostname"], found["verify"]), ("same", hostname, ""), f"{guest.name}: settled, in effect")
    tap.like(found["addresses"], rf"^{address}/24\b", f"{guest.name}: its address")


lab.enter("bookworm")
with Tap() as test, lab.Lab("door") as it:
    golden = product.quick_golden(it)
    killed = it.linked_clone(golden, "killed")
    killed.set_uuid(product.CLONE_UUID)
    killed.set_kernel_arguments(f"{product.FAULT}=large-killed")
    gone = it.linked_clone(golden, "gone")
    gone.set_mac(product.CLONE_MAC)
    gone.set_kernel_arguments(f"{product.FAULT}=large-gone {product.FAULT}=small-gone")
    test.step("cloned")

    lan = it.capture()
    it.boot(killed, gone)
    test.step("booted without a program that ends its work")
    for clone in (killed, gone):
        is_kept_off(test, clone)
    test.like(killed.out("journalctl -b -o cat _PID=1"), r"(?m)^reset-identity\.service: Main process exited, code=killed, status=9/KILL",
              "killed: by a signal, in the middle of its work")
    test.ok(killed.out("ls /var/lib/reset-identity/transaction"), "killed: which is there, and not committed")
    test.is_(lan.frames(*gone.macs), [], "gone: not one frame")
    test.is_({why for why, _ in capture.claims(lan.frames(*killed.macs), ["10.0.0.17"])} - {"ARP probe 10.0.0.17"}, set(),
             "killed: it has at most asked for its address")
    comes_right(test, killed, lan, "web-17", "10.0.0.17")
    comes_right(test, gone, lan, "db-18", "10.0.0.18")
    test.step("cured")
    for clone in (killed, gone):
        clone.destroy()

    half = it.linked_clone(golden, "half")
    half.set_mac(product.CLONE_MAC)
    half.set_kernel_arguments(f"{product.FAULT}=small-gone")
    golden.set_kernel_arguments(f"{product.FAULT}=small-killed")
    it.boot(half, golden)
    test.step("booted without a check")
    is_itself(test, half, "db-18", "10.0.0.18")
    is_itself(test, golden, "golden", product.TEMPLATE_ADDRESS)
    test.is_(product.last_run(golden)["verdict"], "same", "golden: the large program has decided in place of the small one")
    test.is_(capture.claims(lan.frames(*killed.macs, *gone.macs, *half.macs), [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6], ["golden"]),
             [], "from first to last not one frame of a clone carries the template's address or name")
    lan.stop()
