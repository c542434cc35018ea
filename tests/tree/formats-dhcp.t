#!/usr/bin/python3
"""What DHCP clients are told of this machine: dhcpcd.conf and dhclient.conf. Identifiers follow or go, addresses are refused."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, Machine
from tap import Tap

DHCPCD = ("/etc/dhcpcd.conf", "/usr/local/etc/dhcpcd.conf")
DHCLIENT = "/etc/dhcp/dhclient.conf"
LLT = "00:01:00:01:2a:3b:4c:5d"
POLICY = "[identity]\nhostname = web-17\n"

# Of dhcpcd: what is there, and what it becomes.
LINES = [
    ("duid", "duid"),
    ("duid ll", "duid ll"),
    ("duid uuid  # of the board", "duid uuid  # of the board"),
    (f"duid {LLT}:{TEMPLATE_MAC}", f"duid {LLT}:{CLONE_MAC}"),
    ("duid 00:04:4d:c5:60:75:50:f3:46:6d:98:f2:79:83:81:06:e8:2f", "duid"),
    ("  duid 00:02:00:00:ab:11:f9:2a # ours\r", "  duid # ours\r"),
    ("clientid", "clientid"),
    (f"clientid 01:{TEMPLATE_MAC}", f"clientid 01:{CLONE_MAC}"),
    ('clientid "golden"', 'clientid "web-17"'),
    ("denyinterfaces ens3 ens4 enx525400aabb01", "denyinterfaces eth0 ens4 eth0"),
    ("ia_pd 1 ens3/0 br0/1", "ia_pd 1 eth0/0 br0/1"),
]


def machine_with(files, policy=POLICY):
    machine = Machine()
    machine.add_template(0)
    machine.run("seal")
    machine.write("/etc/reset-identity/policy.ini", policy)
    for path, content in files.items():
        machine.write(path, content)
    machine.set_hardware(CLONE_UUID, [("eth0", CLONE_MAC)])
    return machine


def dhcpcd_follows(tap):
    before = "# kept\n" + "\n".join(old for old, _ in LINES)
    after = "# kept\n" + "\n".join(new for _, new in LINES)
    with machine_with({path: before for path in DHCPCD}) as machine:
        snapshot = machine.snapshot()
        applied = machine.run("apply", "--yes")
        for path in DHCPCD:
            tap.is_(machine.read(path), after, f"{path} follows to the clone")
        undone = machine.run("undo", "--yes")
        changed = [path for path in snapshot if path.endswith("dhcpcd.conf") and machine.snapshot()[path] != snapshot[path]]
        tap.ok((applied.returncode, undone.returncode, changed) == (0, 0, []), "and is taken back whole", applied.stderr, undone.stderr, changed)
    with machine_with({DHCPCD[0]: "clientid 01:02:03:04\n"}) as machine:
        planned = machine.run("plan")
        tap.like(planned.stdout, f"{DHCPCD[0]}:1: clientid 01:02:03:04 is a fixed identity", "a client id of nothing that is known is named")


def requests_are_named_or_go(tap):
    """An address that servers are asked for is every clone's, also where no file has it as its own."""
    network = "/etc/systemd/network/20-lan.network"
    dhclient = f"{DHCLIENT[:-5]}-eth0.conf"
    files = {DHCPCD[0]: "interface ens3\nrequest 10.0.7.9\n  request\n",
             DHCLIENT: 'send host-name "web";\ninterface "ens3" {\n  send dhcp-requested-address 10.0.7.8;\n}\n',
             dhclient: "send dhcp-requested-address = 10.0.7.7;\n",
             network: "[Match]\nName=eth0\n\n[Network]\nDHCP=ipv4\n\n[DHCPv4]\n# ours\nRequestAddress=10.0.7.6\nUseMTU=yes\n"}
    with machine_with(files) as machine:
        planned = machine.json("plan")[1]["warnings"]
        for path, address, what in ((f"{DHCPCD[0]}:2", "10.0.7.9", "request"), (f"{DHCLIENT}:3", "10.0.7.8", "send dhcp-requested-address"),
                                    (f"{dhclient}:1", "10.0.7.7", "send dhcp-requested-address")):
            said = [warning for warning in planned if address in warning]
            tap.ok(len(said) == 1 and said[0].startswith(f"{path}: {what} asks DHCP servers for the address {address}, and every clone"),
                   f"{path} asks for an address, and is named once", planned)
        applied = machine.run("apply", "--yes", "--no-network")
        tap.is_((applied.returncode, machine.read(network)), (0, files[network].replace("RequestAddress=10.0.7.6\n", "")),
                "systemd-networkd's goes, as its DUID does")
        machine.run("undo", "--yes", "--no-network")
        tap.is_({path: machine.read(path) for path in files}, files, "and comes back with an undo")
    own = POLICY + f"[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.7.8/24\n"
    static = "[Match]\nName=eth0\n\n[Network]\nAddress=10.0.7.5/24\n"
    with machine_with({DHCLIENT: files[DHCLIENT], network: static}, own) as machine:
        warnings = machine.json("plan")[1]["warnings"]
        tap.ok(not any("10.0.7.8" in warning for warning in warnings), "the clone's own address may be asked for", warnings)
    with machine_with({DHCPCD[0]: "request 10.0.7.5\n", network: static}) as machine:
        warnings = [warning for warning in machine.json("plan")[1]["warnings"] if DHCPCD[0] in warning]
        tap.ok(len(warnings) == 1 and ":1: the address 10.0.7.5 is mentioned here (request)" in warnings[0], "an address that goes is named once",
               warnings)


def dhcpcd_addresses_are_refused(tap):
    for path in DHCPCD:
        with machine_with({path: "interface ens3\nstatic ip_address=10.0.7.9/24\n", "/usr/sbin/dhcpcd": ""}) as machine:
            planned = machine.run("plan")
            tap.ok(planned.returncode == 1 and f"{path}:2: dhcpcd gives ens3 the static address 10.0.7.9" in planned.stderr,
                   f"a static address in {path} is refused with its line", planned.stderr)


def dhclient_addresses_are_refused(tap):
    text = ('#alias { fixed-address 10.0.7.1; }\nalias {\n  interface "ens3";\n  fixed-address 10.0.7.9;\n}\n'
            'lease {\n  fixed-address 10.0.7.8;\n  interface "ens3";\n}\ninterface "ens3" { send host-name "golden"; }\n')
    with machine_with({DHCLIENT: text, "/sbin/dhclient": ""}) as machine:
        planned = machine.run("plan")
        tap.ok(planned.returncode == 1 and f"{DHCLIENT}:4: dhclient gives ens3 the static address 10.0.7.9" in planned.stderr and
               f"{DHCLIENT}:7: " in planned.stderr and "10.0.7.1" not in planned.stderr,
               "what dhclient adds to a lease, and takes without one, is refused", planned.stderr)
    capitals = "ALIAS {\n  INTERFACE \"ens3\";\n  FIXED-ADDRESS 10.0.7.9;\n}\n"
    with machine_with({DHCLIENT: capitals, "/sbin/dhclient": ""}) as machine:
        planned = machine.run("plan")
        tap.ok(planned.returncode == 1 and f"{DHCLIENT}:3: dhclient gives ens3 the static address 10.0.7.9" in planned.stderr, "in capitals too", planned.stderr)
    with machine_with({DHCLIENT: 'SEND Host-Name "golden";\n', "/sbin/dhclient": ""}) as machine:
        tap.like(machine.run("plan").stdout, '\\+SEND Host-Name "web-17"', "keywords in capitals are followed")
    with machine_with({DHCLIENT: text}) as machine:
        planned = machine.run("plan")
        tap.ok(planned.returncode == 3 and "10.0.7.9 of the template" in planned.stdout, "without dhclient it is named", planned.stderr)


with Tap() as tap:
    for test in (dhcpcd_follows, requests_are_named_or_go, dhcpcd_addresses_are_refused, dhclient_addresses_are_refused):
        test(tap)
