#!/usr/bin/python3
"""A template whose policy was broken after it was sealed: its clone stays off the wire, says why, and comes right once mended."""

import sys

sys.dont_write_bytecode = True

import capture
import lab
import product
from tap import Tap

POLICY_PATH = "/etc/reset-identity/policy.ini"
BROKEN = f"""\
[network]
gatewy = 10.0.0.1

[host web-17]
match-uuid = {product.CLONE_UUID}
address = 10.0.0.300/24
"""

lab.enter("bookworm")
with Tap() as tap, lab.Lab("isolation") as it:
    golden = product.quick_golden(it)
    it.boot(golden)
    golden.put(POLICY_PATH, BROKEN)
    golden.shutdown()
    tap.step("policy broken in the template")
    clone = it.settled_clone(golden, "clone")
    clone.set_uuid(product.CLONE_UUID)

    wire = it.capture()
    tap.is_(it.boot(clone), ["degraded"], "the clone boots to the end, with a failed unit")
    tap.step("booted")
    clone.wait_network()
    tap.is_(clone.out("systemctl --failed --plain --no-legend | cut -d ' ' -f 1"), "reset-identity.service\n", "it is ours")
    said = clone.wait_console(r"reset-identity: the policy is invalid(?:.*\n)+?.*reset-identity status explains", 60).group()
    tap.like(said, r"policy\.ini:2: network\.gatewy: ", "the console says why: the unknown key with its line")
    tap.like(said, r"policy\.ini:6: host web-17\.address: .*10\.0\.0\.300", "and the bad address with its line")
    tap.like(said, r"cards are kept down.*\n?.*`reset-identity apply --yes`", "and what to do")
    status = clone.run("reset-identity status")
    tap.is_(status.status, 78, "status: the policy is invalid")
    tap.like(status.out, r"^verdict +clone$", "status: this is a clone")
    tap.like(status.out, r"network cards are kept down until an apply succeeds", "status: it is kept off the network")
    tap.like(status.out, r"^ +outcome +failed$", "status: the last run failed")
    tap.like(status.err, r"policy\.ini:2: network\.gatewy: ", "status: and why")
    tap.is_(clone.run("reset-identity check-policy").status, 78, "check-policy agrees")
    tap.is_(clone.out(f"cat /etc/hostname && cmp /etc/machine-id {product.TEMPLATE}/machine-id"), "golden\n",
            "nothing is changed")
    tap.like(clone.out("ip -o link show"), r"^\d+: ens\d+: <BROADCAST,MULTICAST>", "the card is down")
    tap.is_(wire.frames(*clone.macs), [], "not one frame of the clone is on the wire")

    clone.put(POLICY_PATH, product.HOSTS)
    mended = clone.run("reset-identity apply --yes", 240)
    tap.is_((mended.status, mended.out, mended.err), (0, "golden is web-17 now\n", ""), "mended: apply --yes succeeds")
    tap.unlike(clone.run("reset-identity status").out, "kept down", "mended: the cards are free")
    tap.step("mended")
    tap.is_(clone.reboot(), "running", "after a reboot no unit has failed")
    clone.wait_network()
    tap.step("rebooted")
    found = product.identity(clone)
    tap.is_(product.last_run(clone), None, "there was nothing left to do at boot")
    tap.is_((found["hostname"], found["verdict"], found["failed"]), ("web-17", "same", ""), "it is settled under its own name")
    tap.isnt(found["machine-id"], clone.out(f"cat {product.TEMPLATE}/machine-id").strip(), "with a machine-id of its own")
    tap.is_(found["addresses"], "10.0.0.17/24 2001:db8::17/64", "and its addresses")
    tap.like(found["active"], r"^\S+:ens\d+:activated:lan$", "the NIC is up on the mended profile")
    tap.is_(clone.run("ping -c 1 -w 20 10.0.0.1").status, 0, "it reaches the gateway")
    tap.ok(wire.wait_claim("10.0.0.17", clone.mac), "its address is on the wire")
    tap.is_(capture.claims(wire.frames(*clone.macs), [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6], ["golden"]),
            [], "from first to last not one frame carries the template's address or name")
    wire.stop()
