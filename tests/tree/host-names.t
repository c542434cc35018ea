#!/usr/bin/python3
"""The template's name is what systemd makes of /etc/hostname: the program says it so, and follows it in other files as it is written there."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import Machine
from tap import Tap

HOSTS = "127.0.0.1 localhost\n127.0.1.1 {0}.example.org {0} # {0} of the lab\n"
# What is written, what it is read as, what a clone is called.
NAMES = [("web_1", "web1", "web1-ccdd02"), ("web-", "web", "web-ccdd02"), ("-web", "web", "web-ccdd02"), ("golden", "golden", "golden-ccdd02")]


def clone(name):
    machine = Machine()
    machine.add_template(1)
    machine.write("/etc/hostname", f"{name}\n")
    machine.write("/etc/hosts", HOSTS.format(name))
    machine.write("/etc/mailname", f"{name}.example.org\n")
    return machine


with Tap() as tap:
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can seal a tree")
        sys.exit(tap.done())
    for written, known, wanted in NAMES:
        with clone(written) as machine:
            sealed = machine.run("seal")
            machine.become_clone()
            applied = machine.run("apply", "--yes", "--no-network")
            tap.ok(sealed.returncode == 0 and applied.returncode == 0 and f"{known} is {wanted} now" in applied.stdout, f"{written}: the template is {known}",
                   sealed.stderr, applied.stdout, applied.stderr)
            names = (machine.read("/etc/hostname"), machine.read("/etc/hosts").splitlines()[1].split(" #")[0], machine.read("/etc/mailname"))
            tap.is_(names, (f"{wanted}\n", f"127.0.1.1 {wanted}.example.org {wanted}", f"{wanted}.example.org\n"), f"{written}: it follows in each file")
            machine.run("undo", "--yes", "--no-network")
            tap.is_([machine.read(path) for path in ("/etc/hostname", "/etc/hosts")], [f"{written}\n", HOSTS.format(written)], f"{written}: undone")
    # With a domain in the name too, whatever the words hash to.
    for written, known in (("web_1", "web1"), ("web_tmpl", "webtmpl"), ("my_db", "mydb"), ("a_b", "ab"), ("x_", "x")):
        with clone(written) as machine:
            machine.write("/etc/hostname", f"{written}.example.org\n")
            machine.run("seal")
            machine.become_clone()
            applied = machine.run("apply", "--yes", "--no-network")
            tap.is_(machine.read("/etc/hosts").splitlines()[1].split(" #")[0], f"127.0.1.1 {known}-ccdd02.example.org {known}-ccdd02",
                    f"{written}.example.org: it follows in /etc/hosts {applied.stderr}")
    # What the plan calls the default is what gives this name, the domain too.
    with clone("golden") as machine:
        machine.write("/etc/hostname", "golden.example.org\n")
        machine.run("seal")
        machine.become_clone()
        for policy in (None, "default {template}-{mac:6}.example.org"):
            if policy is not None:
                machine.write("/etc/reset-identity/policy.ini", f"[identity]\nhostname = {policy.removeprefix('default ')}\n")
            chosen = {choice["name"]: choice for choice in machine.json("plan")[1]["choices"]}["hostname"]
            tap.is_((chosen["new"], policy or chosen["source"]), ("golden-ccdd02.example.org", "default {template}-{mac:6}.example.org"),
                    "a name with a domain: the default can be written into the policy")
    # systemd fills it in, of the machine-id.
    with clone("node-????") as machine:
        machine.run("seal")
        machine.become_clone()
        machine.write("/etc/reset-identity/policy.ini", "[steps]\nhostname = off\n")
        applied = machine.run("apply", "--yes", "--no-network")
        tap.ok(applied.returncode == 0 and machine.read("/etc/hostname") == "node-????\n", "a pattern of systemd's is kept where the policy says so", applied.stderr)
        undone = machine.run("undo", "--yes", "--no-network")
        tap.is_(undone.returncode, 0, "and undone") or tap.diag(undone.stderr)
