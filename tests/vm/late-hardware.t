#!/usr/bin/python3
"""Network cards whose driver is loaded only after the basic system is up; and a boot with reset-identity=off."""

import sys

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap

MOMENTS = "InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic,InactiveEnterTimestampMonotonic," \
          "ExecMainStartTimestampMonotonic"


def moments(guest, unit):
    """{property: microseconds since the kernel started}; 0: never."""
    lines = guest.out(f"systemctl show -p {MOMENTS} {unit}").splitlines()
    return {name.removesuffix("TimestampMonotonic"): int(value) for name, value in (line.split("=") for line in lines)}


def only_the_network_waits(tap, guest):
    name = guest.name
    driver = moments(guest, "late-cards.service")["ExecMainStart"]
    reached = {unit: moments(guest, unit)["ActiveEnter"] for unit in ("sysinit.target", "basic.target", "network-pre.target")}
    ours = moments(guest, "reset-identity.service")
    ended = max(ours["ActiveEnter"], ours["InactiveEnter"])
    tap.diag(f"{name}: driver {driver / 1e6:.1f} s, " + ", ".join(f"{unit} {at / 1e6:.1f} s" for unit, at in reached.items()))
    tap.ok(0 < reached["sysinit.target"] < driver, f"{name}: sysinit.target does not wait for the cards")
    tap.ok(0 < reached["basic.target"] < driver, f"{name}: neither does basic.target")
    tap.ok(0 < ours["InactiveExit"] < driver < ended <= reached["network-pre.target"],
           f"{name}: we wait for them, and network-pre.target for us", repr(ours))


lab.enter("bookworm")
with Tap() as tap, lab.Lab("late-hardware") as it:
    golden = product.quick_golden(it)
    clone = it.linked_clone(golden, "clone")
    clone.set_uuid(product.CLONE_UUID)
    off = it.linked_clone(golden, "off")
    for guest in (golden, clone):
        guest.set_kernel_arguments(product.LATE_CARDS)
    # Without a card: it would claim the template's address beside the template.
    off.set_kernel_arguments("reset-identity=off modprobe.blacklist=virtio_net")
    tap.step("cloned")

    wire = it.capture()
    tap.is_(it.boot(golden, clone, off), ["running"] * 3, "template, clone and a clone with reset-identity=off boot")
    for guest in (golden, clone):
        guest.wait_network()
    tap.step("booted")
    found = {guest.name: product.identity(guest) for guest in (golden, clone)}
    for guest in (golden, clone):
        only_the_network_waits(tap, guest)

    tap.is_(product.last_run(golden), None, "golden: the template is the same, no run at boot")
    tap.is_((found["golden"]["hostname"], found["golden"]["verdict"]), ("golden", "same"), "golden: it is as it was")
    tap.is_(found["golden"]["addresses"], f"{product.TEMPLATE_ADDRESS}/24 {product.TEMPLATE_ADDRESS6}/64",
            "golden: its network comes up")
    tap.like(found["golden"]["active"], rf"^{product.PROFILE_UUID}:ens\d+:activated:lan$", "golden: on its own profile")

    run = product.last_run(clone)
    tap.is_((run["verdict"], run["outcome"]), ("clone", "done"), "clone: reset")
    tap.is_((found["clone"]["hostname"], found["clone"]["verdict"]), ("web-17", "same"), "clone: settled under its own name")
    tap.is_(found["clone"]["addresses"], "10.0.0.17/24 2001:db8::17/64", "clone: its own addresses, and no other")
    tap.like(found["clone"]["active"], r"^\S+:ens\d+:activated:lan$", "clone: the late NIC is up on the mended profile")
    tap.like(clone.get(product.PROFILE_PATH).decode(), f"^mac-address={clone.mac}$", "clone: the plan knew the late NIC")
    tap.like(clone.out("cat /var/lib/reset-identity/record"), clone.mac, "clone: and so does the record")
    tap.is_(capture.claims(wire.frames(*clone.macs), [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6], ["golden"]),
            [], "clone: not one frame carries the template's address or name")

    tap.is_(product.last_run(off), None, "off: no run at boot")
    tap.like(off.run("reset-identity status").out, r"^verdict +off$", "off: and status says so")
    tap.is_(off.out(f"cat /etc/hostname && cmp /etc/machine-id {product.TEMPLATE}/machine-id && uname -n"), "golden\ngolden\n",
            "off: it is the template still")
    tap.is_(product.changed_paths(product.snapshot(golden), product.snapshot(off)), [],
            "off: not a byte, not a time stamp differs from the template")
    wire.stop()
