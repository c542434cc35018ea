#!/usr/bin/python3
"""A network that Ubuntu's installer left in cloud-init's configuration, which renders it at every boot: switched off on a clone, which has
the rendered file, edited. Refused where the step is off, or where nothing is rendered; undone; left alone where it is nobody's."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import TEMPLATE_MAC, Machine
from tap import Tap

NETWORK = f"""\
network:
  ethernets:
    ens3:
      match: {{macaddress: "{TEMPLATE_MAC}"}}
      addresses:
      - 10.0.0.10/24
      nameservers:
        addresses: [10.0.0.53]
      routes:
      - to: default
        via: 10.0.0.1
  version: 2
"""
BY_NAME = "network: {version: 2, ethernets: {ens3: {dhcp4: true}}}\n"
BY_MAC = f"network: {{version: 2, ethernets: {{ens3: {{match: {{macaddress: '{TEMPLATE_MAC}'}}, dhcp4: true}}}}}}\n"
CONFIGURATION = "/etc/cloud/cloud.cfg.d/90-installer-network.cfg"
RENDERED = "/etc/netplan/50-cloud-init.yaml"
OFF = "/etc/cloud/cloud.cfg.d/99-reset-identity.cfg"
REFUSED = rf"{CONFIGURATION}:7: cloud-init gives ens3 the static address 10\.0\.0\.10 of the template"


def template(machine, policy="", configuration=NETWORK, rendered=NETWORK):
    machine.add_template(profiles=0)
    machine.write("/usr/sbin/netplan", "", 0o755)
    for unit, target in (("cloud-init-local", "cloud-init"), ("systemd-networkd", "multi-user")):
        machine.write(f"/etc/systemd/system/{target}.target.wants/{unit}.service", "")
    machine.write("/etc/cloud/cloud.cfg", "users: [default]\n")
    machine.write(CONFIGURATION, "# the installer's\n" + configuration)
    if rendered:
        machine.write(RENDERED, rendered, 0o600)
    machine.write("/etc/reset-identity/policy.ini", policy)
    return machine.run("seal")


def switched_off(tap, machine):
    sealed = template(machine)
    tap.is_((sealed.returncode, "cloud-init" in sealed.stderr), (0, False), "sealed, with nothing to say of it") or tap.diag(sealed.stderr)
    machine.become_clone()
    before = machine.snapshot()
    code, plan = machine.json("plan")
    tap.is_((code, [(change["step"], change["path"]) for change in plan["changes"] if change["path"] in (RENDERED, OFF)]),
            (3, [("netplan", RENDERED), ("cloud-init", OFF)]), "the rendered file is edited, and what would render it again switched off")
    applied = machine.run("apply", "--yes")
    tap.is_(applied.returncode, 0, "apply") or tap.diag(applied.stderr)
    tap.unlike(machine.read(RENDERED), r"10\.0\.0\.10", "the rendered file has no address of the template's")
    tap.like(machine.read(OFF), r"(?m)^network: \{config: disabled\}$", "cloud-init leaves it alone")
    after = machine.snapshot()
    tap.is_([path for path in before if path.startswith("etc/cloud") and before[path] != after[path] and path != "etc/cloud/cloud.cfg.d"], [],
            "its other configuration is as it was")
    tap.is_(machine.json("plan")[0], 0, "settled: nothing to do")
    tap.is_(machine.run("undo", "--yes").returncode, 0, "undo")
    tap.ok(not machine.exists(OFF), "takes the file away")


def refused(tap, machine, what, **options):
    sealed = template(machine, **options)
    tap.is_(sealed.returncode, 1, f"{what}: seal refuses")
    tap.like(sealed.stderr, REFUSED, f"{what}: with file and line")


def is_planned(tap, machine, planned, what, **options):
    sealed = template(machine, **options)
    tap.is_(sealed.returncode, 0, f"{what}: sealed") or tap.diag(sealed.stderr)
    machine.become_clone()
    changes = [change["path"] for change in machine.json("plan")[1]["changes"]]
    tap.is_(OFF in changes, planned, f"{what}: {'switched off' if planned else 'left alone'}")


with Tap() as test:
    with Machine() as one:
        switched_off(test, one)
    with Machine() as one:
        refused(test, one, "the step is off", policy="[steps]\ncloud-init = off\n")
    with Machine() as one:
        refused(test, one, "nothing is rendered that could be edited", rendered=None)
    with Machine() as one:
        is_planned(test, one, True, "a MAC of the template's", configuration=BY_MAC, rendered=BY_MAC)
    with Machine() as one:
        is_planned(test, one, False, "by name, with DHCP", configuration=BY_NAME, rendered=BY_NAME)
    with Machine() as one:
        one.write("/etc/cloud/cloud-init.disabled", "")
        is_planned(test, one, False, "cloud-init is disabled")
    with Machine() as one:
        one.write("/etc/cloud/cloud.cfg.d/99-disable.cfg", "network: {config: disabled}\n")
        is_planned(test, one, False, "the admin has switched it off")
