#!/usr/bin/python3
"""Storage: what a clone is called on networks of storage, as choices that plan and apply name; undo; the switch."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import TEMPLATE_UUID, Machine
from tap import Tap

FILES = {
    "/etc/iscsi/initiatorname.iscsi": "## DO NOT EDIT\nInitiatorName=iqn.1993-08.org.debian:01:9b3c5d7e1f2\n",
    "/etc/nvme/hostnqn": f"nqn.2014-08.org.nvmexpress:uuid:{TEMPLATE_UUID}\n",
    "/etc/nvme/hostid": TEMPLATE_UUID + "\n",
}


def template(machine, policy=""):
    machine.add_template()
    for path, content in FILES.items():
        machine.write(path, content, 0o600)
    machine.write("/etc/reset-identity/policy.ini", policy)
    assert machine.run("seal").returncode == 0
    machine.become_clone()


def contents(machine):
    return {path: machine.read(path) for path in FILES}


with Tap() as tap:
    clones = []
    for _ in range(2):
        with Machine() as machine:
            template(machine)
            plan = machine.json("plan")[1]
            tap.is_({choice["name"] for choice in plan["choices"] if choice["name"].startswith(("iscsi", "nvme"))},
                    {"iscsi-initiator", "nvme-hostnqn", "nvme-hostid"}, "the plan names what is drawn")
            code, report = machine.json("apply", "--yes")
            tap.is_(code, 0, "apply")
            new = {choice["name"]: choice["new"] for choice in report["choices"]}
            clones.append(contents(machine))
            tap.is_(clones[-1], {
                "/etc/iscsi/initiatorname.iscsi": f"## DO NOT EDIT\nInitiatorName={new['iscsi-initiator']}\n",
                "/etc/nvme/hostnqn": new["nvme-hostnqn"] + "\n",
                "/etc/nvme/hostid": new["nvme-hostid"] + "\n",
            }, "what was drawn is what the files hold")
            tap.is_(os.stat(machine.path("/etc/nvme/hostid")).st_mode & 0o777, 0o600, "with the mode that they had")
            tap.is_(machine.run("undo", "--yes").returncode, 0, "undo")
            tap.is_(contents(machine), FILES, "brings every byte back")
    tap.is_([path for path in FILES if clones[0][path] == clones[1][path]], [], "two clones have no name in common")
    with Machine() as machine:
        template(machine, "[steps]\nstorage = off\n")
        tap.is_(machine.run("apply", "--yes").returncode, 0, "with storage = off")
        tap.is_(contents(machine), FILES, "the names stay")
    with Machine() as machine:
        template(machine)
        machine.set_hardware("9a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9", [("ens3", "52:54:00:cc:dd:02")],
                             command_line="rd.iscsi.firmware=1 rd.nvmf.discover=tcp,10.0.0.1")
        result = machine.run("apply", "--yes")
        tap.is_(contents(machine), FILES, "a machine that boots from such storage keeps its names")
        tap.like(result.stderr, "initiatorname.iscsi is kept", "and says so")
    iface, nvme = "/etc/iscsi/ifaces/lan", "/etc/nvme/config.json"
    with Machine() as machine:
        template(machine)
        machine.write(iface, "# kept\niface.net_ifacename = ens3\niface.hwaddress = 52:54:00:AA:BB:01\niface.transport_name = tcp\n", 0o600)
        machine.write(nvme, '[{"hostnqn":"nqn.other","dhchap_key":"DHHC-1:00:c2VjcmV0c2VjcmV0:","ports":[{"host_iface":"ens3"}]}]\n', 0o600)
        machine.set_hardware("9a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9", [("ens192", "52:54:00:cc:dd:02")])
        plan = machine.run("plan")
        tap.ok(plan.returncode == 3 and "c2Vjcm" not in plan.stdout + plan.stderr, "a key of NVMe's is not shown", plan.stdout)
        machine.run("apply", "--yes")
        tap.is_(machine.read(iface), "# kept\niface.net_ifacename = ens192\niface.hwaddress = 52:54:00:CC:DD:02\niface.transport_name = tcp\n",
                "the NIC that iSCSI goes out by follows")
        tap.is_(machine.read(nvme), '[{"hostnqn":"nqn.other","dhchap_key":"DHHC-1:00:c2VjcmV0c2VjcmV0:","ports":[{"host_iface":"ens192"}]}]\n', "and NVMe's")
    with Machine() as machine:
        template(machine)
        machine.write(iface, "# iface.initiatorname = iqn.a:b\niface.initiatorname = <empty>\n", 0o600)
        machine.write("/var/lib/iscsi/ifaces/lan", "iface.net_ifacename = ens3\niface.initiatorname = iqn.a:golden-lan\n", 0o600)
        warnings = [warning for warning in machine.json("plan")[1]["warnings"] if "iface.initiatorname" in warning]
        tap.ok(len(warnings) == 1 and warnings[0].startswith("/var/lib/iscsi/ifaces/lan:2: "), "a session's own initiator name, which counts before the machine's, is named",
               warnings)
    with Machine() as machine:
        template(machine)
        machine.write("/etc/nvme/hostnqn", FILES["/etc/nvme/hostnqn"] + "# of rack 4\n", 0o600)
        machine.write(nvme, '[{"hostnqn":"%s","hostid":"%s"}]\n' % (FILES["/etc/nvme/hostnqn"].strip(), TEMPLATE_UUID), 0o600)
        new = {choice["name"]: choice["new"] for choice in machine.json("apply", "--yes")[1]["choices"]}
        tap.is_(machine.read("/etc/nvme/hostnqn"), new["nvme-hostnqn"] + "\n# of rack 4\n", "of a file with more lines only the first, the name, changes")
        tap.is_(machine.read(nvme), '[{"hostnqn":"%s","hostid":"%s"}]\n' % (new["nvme-hostnqn"], new["nvme-hostid"]), "and connections kept by it follow")
