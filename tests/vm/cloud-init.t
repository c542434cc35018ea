#!/usr/bin/python3
"""A template whose network cloud-init rendered. Its own seed holds the template's address: known to be left alone as long as the
instance is the one that was set up, refused by seal when it would be new. With the seed taken away one clone is not looked after by
cloud-init any more, the other gets a seed of its own from the hypervisor, which counts. Neither ever sends the template's address."""

import os
import sys

sys.dont_write_bytecode = True

import lab
import namespace
import process
import product
import stacks
from tap import Tap

GIVEN = "10.0.0.18"
SEED = {"meta-data": "instance-id: i-given\nlocal-hostname: given-18\n", "user-data": stacks.CLOUD_USER_DATA, "network-config": f"""\
version: 2
ethernets:
  all:
    match: {{name: "en*"}}
    addresses: [{GIVEN}/24]
    routes: [{{to: default, via: 10.0.0.1}}]
"""}
AT = f"{stacks.CLOUD_SEED}/network-config:8: cloud-init gives lan the static address {product.TEMPLATE_ADDRESS} of the template".replace(".", r"\.")


def rendered(tap, golden):
    tap.is_(golden.wait_booted(), "running", "cloud-init sets the template up")
    golden.out(stacks.UP)
    tap.like(golden.get(stacks.RENDERED).decode(), rf"(?m)^ +- {product.TEMPLATE_ADDRESS}/24$", "and has rendered its network")


def sealed(tap, golden):
    """With a seed that is known, with one that is not, and with none."""
    stacks.policy(golden, stacks.OWN)
    result = golden.run("reset-identity seal", 120)
    tap.is_(result.status, 0, "the seed of the instance that is set up: sealed") or tap.diag(result.out + result.err)
    tap.like(result.out + result.err, rf"{AT}.*cloud-init clean", "with a warning, which says what would bring the address back")
    golden.out("cloud-init clean")
    result = golden.run("reset-identity seal", 120)
    tap.is_(result.status, 1, "and after cloud-init clean: refused") or tap.diag(result.out + result.err)
    tap.like(result.out + result.err, AT, "with file and line")
    tap.is_(golden.run("reset-identity plan --force").status, 1, "plan too refuses it")
    golden.out(f"rm -r {stacks.CLOUD_SEED}")
    golden.out(f"mkdir {product.TEMPLATE} && cp /etc/machine-id /etc/ssh/ssh_host_*_key.pub {product.TEMPLATE}")
    result = golden.run("reset-identity seal", 120)
    tap.is_(result.status, 0, "without the seed: sealed") or tap.diag(result.out + result.err)
    tap.unlike(result.out + result.err, "cloud-init", "and nothing to say")
    golden.shutdown()


def seeded(it, guest):
    folder = os.path.join(it.work, "seed")
    os.mkdir(folder)
    for name, content in SEED.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(content)
    guest.add_seed(folder)


def is_given(tap, guest, template):
    run = product.last_run(guest)
    tap.is_((run["verdict"], run["outcome"]), ("clone", "done"), "given: a clone, reset")
    found = product.identity(guest)
    tap.is_((found["hostname"], found["kernel-hostname"], found["addresses"]), ("given-18", "given-18", f"{GIVEN}/24"),
            "given: then cloud-init gave it the hypervisor's name and address, and no other")
    for what in ("machine-id", "keys"):
        tap.isnt(found[what], template[what], f"given: another {what} than the template's")
    tap.is_((found["verdict"], found["failed"]), ("same", ""), "given: settled, and no failed unit")
    moments = [int(guest.out(f"systemctl show -p {name}TimestampMonotonic --value {unit}"))
               for unit, name in (("reset-identity.service", "ActiveEnter"), ("cloud-init-local.service", "InactiveExit"))]
    tap.ok(0 < moments[0] <= moments[1], "given: the reset was over before cloud-init began", repr(moments))
    return found


def main():
    stack = stacks.cloud_init()
    lab.enter("bookworm", purpose=stack.purpose)
    with Tap() as tap, lab.Lab("cloud-init", slow=2) as it:
        golden = it.deployed(product.image(profiles=stack.files, enable=stack.enable, disable=stack.disable, purpose=stack.purpose,
                                           quick=True), "golden")
        golden.start()
        rendered(tap, golden)
        tap.step("rendered")
        sealed(tap, golden)
        it.freeze(golden)
        web, given = it.linked_clone(golden, "web"), it.linked_clone(golden, "given")
        web.set_uuid(product.CLONE_UUID)
        seeded(it, given)
        tap.step("sealed and cloned")
        wire = it.capture()
        for address in (f"{product.TEMPLATE_ADDRESS}/24", f"{product.TEMPLATE_ADDRESS6}/64"):
            process.run("ip", "address", "add", address, "dev", namespace.BRIDGE)
        tap.is_(it.boot(web, given), ["running"] * 2, "two clones boot beside the template's address")
        tap.step("booted")
        template = product.template(web)
        found = product.identity(web)
        stacks.is_own(tap, "web", found, template, stack)
        tap.is_((found["hostname"], found["addresses"]), ("live", f"{stacks.OWN}/24"), "web: its name and address by the policy, and no other")
        tap.is_(web.out("systemctl is-active cloud-init-local.service; true").strip(), "inactive", "web: cloud-init, which has no seed, is off")
        before = is_given(tap, given, template)
        for guest, address in ((web, stacks.OWN), (given, GIVEN)):
            tap.ok(wire.wait_claim(address, guest.mac), f"{guest.name}: its address is on the wire")
        stacks.has_no_traces(tap, wire, (web, given), template, "first boot")
        tap.is_(given.reboot(), "running", "given: the next boot is complete")
        tap.is_(product.last_run(given), None, "given: there is nothing to do")
        after = product.identity(given)
        tap.is_([after[part] for part in ("machine-id", "hostname", "keys", "addresses")],
                [before[part] for part in ("machine-id", "hostname", "keys", "addresses")], "given: it is who it was")
        stacks.has_no_traces(tap, wire, (web, given), template, "from first to last")
        wire.stop()


main()
