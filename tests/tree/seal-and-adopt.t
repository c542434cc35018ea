#!/usr/bin/python3
"""What seal refuses or warns of beside the plan of its clones, and what adopt says and asks on a clone."""

import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, PROGRAM, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

PLACEHOLDER = "03000200-0400-0500-0006-000700080009"
POLICY = "/etc/reset-identity/policy.ini"
RECORD = "/var/lib/reset-identity/record"
NIC = [("ens3", TEMPLATE_MAC)]
UNIT = "/usr/lib/systemd/system/reset-identity.service"
DOOR = "/usr/lib/systemd/system/reset-identity-door.service"


def from_outside(machine, *arguments):
    """seal with --root alone."""
    import subprocess
    return subprocess.run([PROGRAM, f"--root={machine.root}", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)


def evidence(tap):
    cases = [
        ("a placeholder UUID and no NIC", PLACEHOLDER, [], "", False),
        ("no UUID and no NIC", None, [], "", False),
        ("signals = mac and no NIC", TEMPLATE_UUID, [], "signals = mac\n", False),
        ("signals = uuid and no UUID", None, NIC, "signals = uuid\n", False),
        ("no UUID, but a NIC", None, NIC, "", True),
        ("no NIC, but a UUID", TEMPLATE_UUID, [], "", True),
    ]
    for what, uuid, nics, signals, good in cases:
        with Machine() as machine:
            machine.add_template()
            machine.write(POLICY, f"[identity]\nhostname = node-{{random:6}}\n[detect]\n{signals}")
            machine.set_hardware(uuid, nics)
            os.makedirs(machine.path(os.path.dirname(RECORD)), 0o700)  # where the lock is taken
            before = machine.snapshot()
            result = machine.run("seal")
            tap.is_(result.returncode, 0 if good else 1, f"{what}: {'sealed' if good else 'refused'}")
            if not good:
                tap.like(result.stderr, "no copy could be told from this machine", "and why")
                tap.is_(machine.snapshot(), before, "nothing is written")
                tap.is_(from_outside(machine, "seal").returncode, 0, "sealed from outside, any machine differs")


def unit(tap):
    with Machine() as machine:
        machine.add_template()
        tap.unlike(machine.run("seal").stderr, "not enabled", "no systemd, no word of units")
        machine.write(UNIT, "[Unit]\n")
        result = machine.run("seal")
        tap.is_(result.returncode, 0, "a unit that is not enabled is no refusal")
        tap.like(result.stderr, f"systemctl --root={machine.root} enable reset-identity.service", "the command is named")
        os.makedirs(machine.path("/etc/systemd/system/sysinit.target.wants"))
        os.symlink(UNIT, machine.path("/etc/systemd/system/sysinit.target.wants/reset-identity.service"))
        tap.unlike(machine.run("seal").stderr, "not enabled", "an enabled one is no warning")
        machine.write(DOOR, "[Unit]\n")
        tap.like(machine.run("seal").stderr, f"systemctl --root={machine.root} enable reset-identity-door.service", "nor is the door")
        os.symlink(DOOR, machine.path("/etc/systemd/system/sysinit.target.wants/reset-identity-door.service"))
        tap.unlike(machine.run("seal").stderr, "not enabled", "until it is enabled")


def file_systems(tap):
    for place, good in ("/var", False), ("/var/", False), ("/var/lib", False), ("/var/log", True), ("/home", True), \
                       ("/var/lib/reset-identity", False), ("/var/lib/reset", True), ("//var//lib", False):
        with Machine() as machine:
            machine.add_template()
            machine.write("/etc/fstab", f"# a comment\nUUID=1 / ext4 defaults 0 1\nUUID=2 {place} ext4 defaults 0 2\n")
            result = from_outside(machine, "seal")
            tap.is_(result.returncode, 0 if good else 1, f"{place} of its own and not mounted")
            tap.is_(machine.exists(RECORD), good, "and the record accordingly")
            if not good:
                tap.like(result.stderr, "is not mounted", "why is said")


    for unit, good in ("var.mount", False), ("var-lib.mount", False), (r"var-lib-reset\x2didentity.mount", False), ("var-log.mount", True):
        with Machine() as machine:
            machine.add_template()
            machine.write(f"/etc/systemd/system/{unit}", "[Mount]\n")
            tap.is_(from_outside(machine, "seal").returncode, 0, f"{unit} that is not enabled mounts nothing")
            machine.write(f"/etc/systemd/system/local-fs.target.requires/{unit}", "")
            result = from_outside(machine, "seal")
            tap.ok(result.returncode == (0 if good else 1) and (good or unit in result.stderr), f"{unit} that is enabled", result.stderr)


BOUND = {
    "nm-profile": ({}, "/etc/NetworkManager/system-connections/lan.nmconnection",
                   "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-000000000001\ntype=ethernet\ninterface-name=ens3\n\n[ethernet]\n"
                   "mac-address=52:54:00:AA:BB:01\n\n[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\n"),
    "nm-ifcfg": ({"/etc/sysconfig/network-scripts/ifup": ""}, "/etc/sysconfig/network-scripts/ifcfg-lan",
                 "DEVICE=ens3\nHWADDR=52:54:00:AA:BB:01\nBOOTPROTO=none\nIPADDR=10.0.0.5\nPREFIX=24\nGATEWAY=10.0.0.1\n"),
    "netplan": ({"/usr/sbin/netplan": ""}, "/etc/netplan/lan.yaml",
                "network:\n  version: 2\n  ethernets:\n    lan:\n      match: {macaddress: '52:54:00:AA:BB:01'}\n      set-name: ens3\n"
                "      addresses: [10.0.0.5/24]\n"),
    "networkd": ({"/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": ""}, "/etc/systemd/network/lan.network",
                 "[Match]\nName=ens3\nMACAddress=52:54:00:AA:BB:01\n\n[Network]\nAddress=10.0.0.5/24\n"),
}


def bound_macs(tap):
    """Sealed without NICs: a MAC address that a profile is bound to is the template's."""
    for name, (enabled, path, text) in BOUND.items():
        for nic in "ens3", "ens192":
            for sealed_by in from_outside, Machine.run:
                with Machine() as machine:
                    machine.set_hardware(TEMPLATE_UUID, [])
                    machine.add_template(0)
                    for file, content in (enabled | {path: text}).items():
                        machine.write(file, content, 0o600)
                    machine.write(POLICY, "[network]\nprobe = off\n[host web]\nmatch-mac = 52:54:00:cc:dd:02\naddress = 10.0.0.77/24\n")
                    tap.is_(sealed_by(machine, "seal").returncode, 0, f"{name}: sealed without NICs")
                    machine.set_hardware(CLONE_UUID, [(nic, CLONE_MAC)])
                    result = machine.run("apply", "--yes", "--no-network")
                    after = machine.read(path)
                    tap.ok(result.returncode == 0 and CLONE_MAC in after.lower() and "10.0.0.77" in after and nic in after and "aa:bb" not in after.lower(),
                           f"{name}: the profile is {nic}'s now, by the MAC address too", result.stderr, after)
    for nics, macs in ([("ens3", CLONE_MAC)], ["AA:BB:01"]), \
                      ([("ens3", CLONE_MAC), ("ens4", "52:54:00:aa:bb:01")], ["AA:BB:01"]), \
                      ([("ens7", CLONE_MAC), ("ens8", "52:54:00:cc:dd:03")], ["AA:BB:01", "AA:BB:02"]):
        with Machine() as machine:
            machine.add_template(0)
            _, path, text = BOUND["nm-profile"]
            second = path.replace("lan", "wan")
            machine.write(path, text.replace("interface-name=ens3\n", ""), 0o600)
            machine.write(second, text.replace("interface-name=ens3\n", "").replace("BB:01", "BB:02").replace("000001", "000002"), 0o600)
            from_outside(machine, "seal")
            machine.set_hardware(CLONE_UUID, nics)
            result = machine.run("apply", "--yes", "--no-network")
            tap.is_((result.returncode, [mac for mac in macs if mac in machine.read(path) + machine.read(second)]), (0, macs),
                    f"nothing is guessed: two such profiles and {len(nics)} NICs")


def bound_beside_another(tap):
    """The clone's NIC has a profile: what is bound to a NIC that nobody has does not come up beside it."""
    for sealed in True, False:
        with Machine() as machine:
            machine.add_template(0)
            _, path, text = BOUND["nm-profile"]
            machine.write(path, text.replace("interface-name=ens3\n", ""), 0o600)
            machine.write(POLICY, "")
            machine.write(path.replace("lan", "own"), "[connection]\nid=own\nuuid=11111111-1111-4111-8111-000000000009\ntype=ethernet\n", 0o600)
            if sealed:
                from_outside(machine, "seal")
            machine.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC)])
            result = machine.run("apply", "--yes", "--no-network", "--force")
            tap.ok(result.returncode == 0 and "AA:BB:01" in machine.read(path) and CLONE_MAC not in machine.read(path),
                   f"a profile bound to another NIC is not bound to this one, sealed: {sealed}", result.stderr, machine.read(path))


def steps_off(tap):
    """What a step that is off leaves alone has the template's address, whatever file it is."""
    for name, (enabled, path, text) in BOUND.items():
        for foreign, code in ("refuse", 1), ("warn", 0):
            with Machine() as machine:
                machine.add_template(0)
                for file, content in (enabled | {path: text}).items():
                    machine.write(file, content, 0o600)
                machine.write(POLICY, f"[network]\nforeign = {foreign}\n[steps]\n{name} = off\n")
                result = machine.run("seal")
                tap.ok(result.returncode == code and f"{path}:" in result.stderr and "the static address 10.0.0.5 of the template" in result.stderr,
                       f"{name} = off, foreign = {foreign}", result.stderr)


def adopt(tap):
    with Machine() as machine:
        machine.add_template()
        machine.run("seal")
        result = machine.run("adopt")
        tap.is_(result.returncode, 0, "adopt asks nothing where the machine is the recorded one")
        tap.ok("no longer a template: before it is copied, run reset-identity seal" in result.stdout, "of the template it says that it is none now", result)
        tap.ok("no longer a template" not in machine.run("adopt").stdout, "of a settled machine it does not")
        machine.run("seal")
        machine.become_clone()
        before = machine.snapshot()
        result = machine.run("adopt")
        tap.is_(result.returncode, 2, "on a clone without a terminal it wants --yes")
        tap.like(result.stderr, "keeps the name golden", "and says what stays")
        tap.is_(machine.snapshot(), before, "nothing is changed")
        result = machine.run("adopt", "--yes")
        tap.is_(result.returncode, 0, "adopt --yes")
        tap.like(result.stderr, "keeps the name golden", "says it too")
        tap.is_(machine.json("status")[1]["verdict"], "same", "and this is its machine now")
        # The second copy of the record lies there.
        folder, before = machine.path("/etc/reset-identity"), machine.snapshot()
        for mode, owner in ((0o777, 0), (0o755, 65534)):
            os.chmod(folder, mode)
            os.chown(folder, owner, -1)
            result = machine.run("adopt")
            tap.is_((result.returncode, "/etc/reset-identity: not trusted" in result.stderr), (77, True), f"a policy directory of owner {owner}, mode {mode:o}, is refused")
            os.chmod(folder, 0o755)
            os.chown(folder, 0, -1)
        tap.is_(machine.snapshot(), before, "and nothing is written")
        machine.write("/etc/reset-identity/policy.ini", "[nonsense]\n")
        result = machine.run("adopt")
        tap.is_((result.returncode, "nothing tells it from a copy" in result.stderr), (0, False), "a policy that is only wrong is no matter")
        machine.set_hardware(None, [])
        result = machine.run("adopt", "--yes")
        tap.is_((result.returncode, "nothing tells it from a copy" in result.stderr), (0, True), "a machine that shows nothing is recorded with a warning")


def bound_beside_a_named_one(tap):
    """The default gateway is in a profile bound to a MAC address of the image's template: it is not given to the other NIC."""
    other = {"nm-profile": ("/etc/NetworkManager/system-connections/back.nmconnection",
                            "[connection]\nid=back\nuuid=11111111-1111-4111-8111-000000000009\ntype=ethernet\ninterface-name=ens4\n"
                            "[ipv4]\nmethod=manual\naddress1=192.168.5.5/24\n"),
             "networkd": ("/etc/systemd/network/20-back.network", "[Match]\nName=ens4\n[Network]\nAddress=192.168.5.5/24\n")}
    lan = {"nm-profile": ("/etc/NetworkManager/system-connections/front.nmconnection",
                          f"[connection]\nid=front\nuuid=11111111-1111-4111-8111-000000000008\ntype=ethernet\n[ethernet]\nmac-address={TEMPLATE_MAC}\n"
                          "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\n"),
           "networkd": ("/etc/systemd/network/10-front.network",
                        f"[Match]\nMACAddress={TEMPLATE_MAC}\n[Network]\nAddress=10.0.0.5/24\nGateway=10.0.0.1\n")}
    both, private = [("ens3", CLONE_MAC), ("ens4", "52:54:00:cc:dd:03")], [("ens4", CLONE_MAC)]
    for name, (path, text) in lan.items():
        for nics, address, code in (both, "address", 78), (both, "address.ens3", 0), (private, "address", 0):
            with Machine() as machine:
                machine.add_template(0)
                machine.write(path, text, 0o600)
                machine.write(*other[name], 0o600)
                machine.write(POLICY, f"[network]\nprobe = off\n[host web]\nmatch-mac = {CLONE_MAC}\n{address} = 10.0.0.77/24\n")
                machine.set_hardware(CLONE_UUID, nics)
                result = machine.run("apply", "--yes", "--force", "--no-network")
                tap.ok(result.returncode == code and (code == 0 or (path in result.stderr and "address.NIC" in result.stderr)),
                       f"{name}: {address} on {[nic for nic, _ in nics]}: {'refused, with its name' if code else 'placed'}", result.stderr)


def two_bound_macs(tap):
    """An address for a clone of an image whose two profiles are bound to MAC addresses: what can be done is said, and helps."""
    _, path, text = BOUND["nm-profile"]
    text = text.replace("interface-name=ens3\n", "")
    second = path.replace("lan", "wan"), text.replace("AA:BB:01", "AA:BB:02").replace("id=lan", "id=wan").replace("1111-", "2222-")
    policy = "[host web]\nmatch-mac = 52:54:00:cc:dd:02\naddress%s = 10.0.0.77/24\n"
    with Machine() as machine:
        machine.add_template(0)
        machine.write(path, text, 0o600)
        machine.write(*second, 0o600)
        machine.write(POLICY, policy % "")
        refused = from_outside(machine, "seal")
        tap.ok(refused.returncode == 78 and all(word in refused.stderr for word in (path, second[0], "52:54:00:aa:bb:02", "interface-name", "address.MAC"))
               and "nic0" not in refused.stderr, "two bound profiles: the refusal names them, and no NIC that is made up", refused.stderr)
        machine.write(POLICY, policy % ".52:54:00:cc:dd:02")
        tap.is_(from_outside(machine, "seal").returncode, 0, "two bound profiles: address.MAC is clear")
        machine.write(POLICY, policy % "")
        for file, content, nic in ((path, text, "ens3"), (*second, "ens4")):
            machine.write(file, content.replace("[ethernet]\n", "[ethernet]\n#").replace("type=", f"interface-name={nic}\ntype="), 0o600)
        machine.write(POLICY, policy % ".ens3")
        tap.is_(from_outside(machine, "seal").returncode, 0, "two bound profiles: by interface-name, too")


def adopt_from_outside(tap):
    """An image does not say what machine it belongs to, and the one that has it mounted is hardly that."""
    with Machine() as machine:
        machine.add_template()
        before = machine.snapshot()
        result = from_outside(machine, "adopt", "--yes")
        tap.is_(result.returncode, 2, "adopt with --root alone is refused")
        tap.like(result.stderr, "--hardware=/", "with what names the machine")
        tap.is_(machine.exists(RECORD), False, f"nothing is recorded {sorted(set(machine.snapshot()) - set(before))}")
        tap.is_(from_outside(machine, "--hardware=/", "adopt", "--yes").returncode, 0, "--hardware=/: the machine that this runs on is meant")
        tap.like(machine.read(RECORD), "state = settled", "and recorded")


def half_in_the_way(tap):
    """What is in the way of one copy of the record: the command that fails has recorded nothing, and sealed nothing."""
    for command in ["seal"], ["seal", "--dry-run"], ["adopt", "--yes"]:
        with Machine() as machine:
            machine.add_template()
            machine.write("/var/lib/systemd/random-seed", "x" * 512, 0o600)
            os.makedirs(machine.path("/var/lib/reset-identity"), 0o700)
            os.makedirs(machine.path(RECORD.replace("/var/lib", "/etc")))
            before = machine.snapshot()
            result = machine.run(*command)
            tap.is_((result.returncode, machine.snapshot() == before), (1, True), f"{' '.join(command)}: refused, and nothing is changed")
            tap.like(result.stderr, "/etc/reset-identity/record: .* (move it away|put a regular file in its place)", f"{' '.join(command)}: what to do is said")


def without_directory(tap):
    """Who has no policy may remove its directory, and with it one copy of the record."""
    def what_is(machine):
        return {path: entry for path, entry in machine.snapshot().items() if not path.startswith(("run", "var/lib/reset-identity/history"))}

    for command, prepare in (["apply", "--yes"], Machine.become_clone), (["apply", "--force", "--yes"], lambda machine: None):
        with Machine() as machine:
            machine.add_template()
            tap.is_(machine.run("seal").returncode, 0, "sealed")
            shutil.rmtree(machine.path("/etc/reset-identity"))
            prepare(machine)
            before = what_is(machine)
            result = machine.run(*command)
            tap.is_((result.returncode, machine.exists("/etc/reset-identity/record")), (0, True), f"{' '.join(command)}: made again {result.stderr}")
            tap.is_((machine.run("undo", "--yes").returncode, what_is(machine) == before), (0, True), f"{' '.join(command)}: undone, it is gone again")
    with Machine() as machine:
        machine.add_template()
        tap.is_(machine.run("seal").returncode, 0, "sealed")
        shutil.rmtree(machine.path("/etc/reset-identity"))
        os.symlink("/mnt/policy", machine.path("/etc/reset-identity"))
        machine.become_clone()
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 1 and "a link into a file system that is not mounted?" in result.stderr,
               "a link that leads nowhere may hide a policy: refused", result.stderr)


with Tap() as tap:
    for part in evidence, unit, file_systems, bound_macs, bound_beside_another, bound_beside_a_named_one, two_bound_macs, adopt, adopt_from_outside, half_in_the_way, without_directory:
        tap.diag(part.__name__.replace("_", " "))
        part(tap)
