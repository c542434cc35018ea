#!/usr/bin/python3
"""Every command on a tree: what it prints, what it exits with, what it changes."""

import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, MACHINE_ID, PROGRAM, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

POLICY = f"""\
[identity]
hostname = node-{{mac:6}}

[network]
gateway = 10.0.0.1
dns = 10.0.0.54

[host web-17]
match-uuid = {CLONE_UUID.upper()}
address = 10.0.0.17/24
"""


def sealed(machine, profiles=1, policy=None):
    machine.add_template(profiles)
    if policy:
        machine.write("/etc/reset-identity/policy.ini", policy)
    result = machine.run("seal")
    assert result.returncode == 0, result.stderr
    return machine


def usage(tap):
    with Machine() as machine:
        none = machine.run()
        tap.is_((none.returncode, none.stdout), (2, ""), "no command: exit 2, nothing on standard output")
        tap.like(none.stderr, "Usage: reset-identity", "but the help on standard error")
        tap.is_(machine.run("--help").returncode, 0, "--help exits 0")
        tap.like(machine.run("--version").stdout, r"^reset-identity \d+\.\d+", "--version")
        tap.is_(machine.run("frobnicate").returncode, 2, "an unknown command is usage")
        tap.is_(machine.run("apply").returncode, 2, "apply without --yes and without a terminal is usage")
        undo = machine.run("undo")
        tap.is_((undo.returncode, "there is no run to undo" in undo.stderr), (1, True), "undo where there is nothing says so before it asks")


def first_boot_after_the_install(tap):
    with Machine() as machine:
        machine.add_template()
        before = machine.snapshot()
        code, status = machine.json("status")
        tap.is_((code, status["verdict"], status["record"]), (0, "unrecorded", None), "no record: nothing to do yet")
        tap.is_(machine.run("apply", "--yes").returncode, 0, "apply records it")
        after = machine.snapshot()
        changed = {path for path in after if after[path] != before.get(path)}
        tap.ok(all(path.startswith(("var/lib", "etc/reset-identity")) for path in changed), "and changes nothing else", changed)
        code, status = machine.json("status")
        tap.is_((code, status["verdict"], status["record"]["state"]), (0, "same", "settled"), "settled as it is")
        tap.is_(status["record"]["template"], "golden", "with its name")


def a_clone(tap):
    with sealed(Machine(), policy=POLICY) as machine:
        code, status = machine.json("status")
        tap.is_((code, status["verdict"], status["record"]["state"]), (0, "same", "template"), "sealed: a template")
        machine.become_clone()
        before = machine.snapshot()
        code, status = machine.json("status")
        tap.is_((code, status["verdict"], status["policy"]["host"]), (3, "clone", "web-17"), "the copy is a clone")
        tap.ok(any(TEMPLATE_UUID in reason and CLONE_UUID in reason for reason in status["reasons"]),
               "the reasons name both UUIDs", status["reasons"])
        plan = machine.run("plan")
        tap.is_(plan.returncode, 3, "plan: there is work")
        for line in ["-golden", "+web-17", "-address1=10.0.1.1/16,10.0.0.1", "+address1=10.0.0.17/24",
                     f"-mac-address={TEMPLATE_MAC}", f"+mac-address={CLONE_MAC}"]:
            tap.ok(line in plan.stdout.splitlines(), f"plan shows {line}", plan.stdout)
        tap.is_(machine.snapshot(), before, "status and plan have changed nothing, not even a time stamp")

        code, report = machine.json("apply", "--yes")
        tap.is_((code, report["outcome"], report["old_hostname"], report["hostname"]), (0, "done", "golden", "web-17"), "apply")
        profile = machine.read("/etc/NetworkManager/system-connections/lan0.nmconnection")
        tap.unlike(profile, "11111111-1111-4111-8111-000000000000", "a UUID of its own")
        tap.like(profile, "^# kept: a comment$", "comments stay")
        tap.like(machine.read("/etc/hosts"), r"^127\.0\.1\.1\tweb-17\.example\.org\tweb-17$", "/etc/hosts")
        tap.ok(MACHINE_ID not in machine.read("/etc/machine-id"), "another machine-id")
        tap.is_(os.stat(machine.path("/etc/machine-id")).st_mode & 0o777, 0o444, "with the mode it had")
        code, status = machine.json("status")
        tap.is_((code, status["verdict"], status["record"]["uuid"]), (0, "same", CLONE_UUID), "settled on its machine")
        settled = machine.snapshot()
        tap.is_(machine.run("apply", "--yes").returncode, 0, "a second apply has nothing to do")
        tap.is_(machine.snapshot(), settled, "and changes nothing")

        code, log = machine.json("log")
        tap.is_([run["kind"] for run in log["runs"]], ["apply"], "the log has the run that changed files")
        tap.is_(machine.run("undo", "--yes").returncode, 0, "undo")
        undone = {path: entry for path, entry in machine.snapshot().items() if not path.startswith("var/lib/reset-identity")}
        original = {path: entry for path, entry in before.items() if not path.startswith("var/lib/reset-identity")}
        tap.is_(undone, original, "every byte, mode and time stamp is back")
        tap.is_(machine.json("status")[1]["verdict"], "clone", "and the record too")


def seal_from_outside(tap):
    with Machine() as machine:
        machine.add_template()
        result = machine.run("seal", program=machine_program_without_hardware(machine))
        tap.is_(result.returncode, 0, "an image that never ran is sealed with --root alone")
        tap.like(machine.read("/var/lib/reset-identity/record"), r"machine\s*=\s*none", "no machine is recorded")
        code, status = machine.json("status")
        tap.is_((code, status["verdict"]), (3, "clone"), "so any machine differs")


def machine_program_without_hardware(machine):
    """A wrapper that drops --hardware, whose absence is what matters here."""
    from machine_tree import PROGRAM
    path = os.path.join(machine.top, "without-hardware")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\nroot=$1\nshift 2\nexec {PROGRAM} \"$root\" \"$@\"\n")
    os.chmod(path, 0o755)
    return path


def refusals(tap):
    with sealed(Machine()) as machine:
        machine.become_clone()
        machine.write("/etc/reset-identity/policy.ini", "[identity]\nhostnam = x\n[netwrk]\n[network]\ngateway = 10.0.0\n")
        before = machine.snapshot()
        result = machine.run("check-policy")
        lines = result.stderr.splitlines()
        tap.is_((result.returncode, len(lines)), (78, 3), "check-policy lists every error")
        tap.ok(all(re.match(r"\S*policy\.ini:\d+: \S+: .", line) for line in lines), "as file:line: section.key: message", lines)
        tap.is_(machine.run("apply", "--yes").returncode, 78, "apply refuses it")
        tap.is_(machine.run("plan").returncode, 78, "plan too")
        tap.is_(machine.run("seal").returncode, 78, "a template is not sealed with it")
        tap.is_(machine.run("status").returncode, 78, "status says so, and still reports")
        tap.is_(machine.json("apply", "--yes")[1]["error"]["code"], 78, "and so does --json")
        os.chmod(machine.path("/etc/reset-identity/policy.ini"), 0o666)
        tap.is_(machine.run("apply", "--yes").returncode, 77, "a policy that others can write is not trusted")
        os.chmod(machine.path("/etc/reset-identity/policy.ini"), 0o644)
        tap.is_(machine.snapshot(), before, "nothing was changed")

        machine.write("/etc/reset-identity/policy.ini", "")
        machine.write("/var/lib/reset-identity/record", "garbage", 0o600)
        tap.is_(machine.json("status")[1]["verdict"], "clone", "one copy of the record is damaged: the other counts")
        machine.write("/etc/reset-identity/record", "garbage", 0o600)
        before = machine.snapshot()
        code, status = machine.json("status")
        tap.is_((code, status["verdict"]), (1, "damaged"), "a damaged record")
        failed = machine.run("apply", "--yes")
        tap.is_(failed.returncode, 1, "apply changes nothing")
        tap.like(failed.stderr, "adopt", "and says what mends it")
        tap.is_(machine.snapshot(), before, "really nothing")
        tap.is_(machine.run("adopt").returncode, 0, "adopt mends it")
        tap.is_(machine.json("status")[1]["verdict"], "same", "and this is its machine now")


def newer(tap):
    """What a newer reset-identity has written is left alone, and called what it is."""
    record, copy = "/var/lib/reset-identity/record", "/etc/reset-identity/record"
    with Machine() as machine:
        machine.run("adopt")
        good = machine.read(record)
        later = good.replace("version = 2", "version = 3")
        for first, second in (later, good), (good, later):
            machine.write(record, first, 0o600)
            machine.write(copy, second, 0o600)
            before = machine.snapshot()
            code, status = machine.json("status")
            tap.is_((code, status["verdict"]), (0, "same"), "one copy of the record is a newer one: the other counts")
            tap.ok(any("newer reset-identity" in reason for reason in status["reasons"]), "it is said", status["reasons"])
            tap.is_(machine.run("apply", "--yes").returncode, 0, "apply has nothing to do")
            tap.is_(machine.snapshot(), before, "and does not write over it")
        machine.write(record, later, 0o600)
        before = machine.snapshot()
        result = machine.run("status")
        tap.is_(result.returncode, 1, "both copies are newer ones")
        tap.ok("newer reset-identity" in result.stdout and "damaged" not in result.stdout, "status says so", result.stdout)
        result = machine.run("apply", "--yes")
        tap.is_(result.returncode, 1, "apply refuses")
        tap.ok("newer reset-identity" in result.stderr and "damaged" not in result.stderr, "and says why", result.stderr)
        tap.is_(machine.snapshot(), before, "nothing is changed")


def absent_for_now(tap):
    """What is only absent at this boot is still known of the machine when its record is written for another reason."""
    nics = [("ens3", TEMPLATE_MAC), ("ens4", "52:54:00:00:00:04")]
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, nics)
        machine.run("adopt")
        machine.set_hardware(None, [nics[0], ("ens4", CLONE_MAC)])
        tap.is_(machine.run("apply", "--yes").returncode, 0, "no UUID for now, and a NIC was replaced: the list follows")
        record = machine.json("status")[1]["record"]
        tap.is_(record["uuid"], TEMPLATE_UUID, "and the UUID is still recorded")
        tap.is_([nic["mac"] for nic in record["nics"]], [TEMPLATE_MAC, CLONE_MAC], "with the NICs that are there")
        machine.set_hardware(CLONE_UUID, [("ens3", "52:54:00:00:00:09")])
        tap.is_(machine.json("status")[1]["verdict"], "clone", "so that its clone is one")
    with Machine() as machine:
        machine.write("/etc/reset-identity/policy.ini", "[detect]\nsettled-uuid = ignore\n")
        machine.set_hardware(TEMPLATE_UUID, nics)
        machine.run("adopt")
        machine.set_hardware(CLONE_UUID, nics)
        machine.run("apply", "--yes")
        tap.is_(machine.json("status")[1]["record"]["uuid_changes"], 1, "a new UUID, the NICs stay: counted")
        machine.set_hardware(CLONE_UUID, [])
        tap.is_(machine.run("apply", "--yes").returncode, 0, "the UUID rests, no NIC is there for now: the count ends")
        record = machine.json("status")[1]["record"]
        tap.is_((record["uuid_changes"], [nic["mac"] for nic in record["nics"]]), (0, [mac for _, mac in nics]),
                "and the NICs are still recorded")


def overrides(tap):
    with sealed(Machine()) as machine:
        machine.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC)], command_line="quiet reset-identity=off")
        code, status = machine.json("status")
        tap.is_((code, status["verdict"]), (0, "off"), "reset-identity=off")
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)], command_line="reset-identity=force")
        tap.is_(machine.json("status")[1]["verdict"], "clone", "reset-identity=force")
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])
        tap.is_(machine.run("plan").returncode, 0, "no clone, no plan")
        tap.is_(machine.run("plan", "--force").returncode, 3, "plan --force: as if cloned")


def a_signal_behind_the_commit_point(tap):
    """It ends the run when all is done and said, into a pipe too."""
    # A shell's job in the background has some of them ignored, and so would what it starts.
    for number in signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
        signal.signal(number, signal.SIG_DFL)
    for name in ("TERM", "HUP", "INT", "QUIT"):
        with sealed(Machine()) as machine:
            machine.become_clone()
            # The first rename is the manifest's, the second one a file's.
            ended = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=?rename,?renameat,?renameat2",
                                    "-e", f"inject=?rename,?renameat,?renameat2:signal={name}:when=2",
                                    PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", "apply", "--yes"],
                                   stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            tap.ok(ended.returncode != 0, f"SIG{name} behind the commit point ends the run", ended)
            tap.is_(ended.stdout, "golden is golden-ccdd02 now\n", f"SIG{name}: and its report is not lost")
            tap.is_(machine.run("status").returncode, 0, f"SIG{name}: all is done")


def a_signal_while_the_record_is_written(tap):
    """No transaction, but an end and a report all the same, and no temporary."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for arguments, said in ((["seal"], "is the template now"), (["adopt"], "is recorded as settled"), (["apply", "--yes"], "is recorded as it is")):
        with Machine() as machine:
            machine.add_template()
            ended = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:signal=TERM:when=1",
                                    PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", *arguments],
                                   stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            tap.ok(ended.returncode != 0 and said in ended.stdout, f"SIGTERM while {arguments[0]} writes the record: it is said", ended)
            tap.is_([path for path in machine.snapshot() if path.endswith(".reset-identity")], [], f"{arguments[0]}: no temporary is left")


def rewired(tap):
    with sealed(Machine()) as machine:
        machine.run("adopt")
        machine.set_hardware(TEMPLATE_UUID, [("ens9", CLONE_MAC)])
        before = machine.snapshot()
        code, report = machine.json("apply", "--yes")
        tap.is_((code, report["verdict"], report["outcome"]), (0, "rewired", "done"), "same UUID, new card: rewired")
        profile = machine.read("/etc/NetworkManager/system-connections/lan0.nmconnection")
        tap.like(profile, f"^mac-address={CLONE_MAC}$", "bound to the new card")
        tap.like(profile, "^interface-name=ens9$", "under its new name")
        tap.like(profile, "11111111-1111-4111-8111-000000000000", "the UUID stays")
        changed = {path for path, entry in machine.snapshot().items() if entry != before.get(path)}
        tap.is_({path for path in changed if path.startswith("etc/") and entry_is_file(machine, path)},
                {"etc/NetworkManager/system-connections/lan0.nmconnection", "etc/reset-identity/record"}, "and nothing else is touched")
    with Machine() as machine:
        machine.add_template(0)
        for nic in "ens3", "ens4":
            machine.write(f"/etc/NetworkManager/system-connections/{nic}.nmconnection", f"[connection]\nid={nic}\ntype=ethernet\ninterface-name={nic}\n", 0o600)
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC), ("ens4", "00:50:56:aa:bb:0e")])
        machine.run("adopt", "--yes")
        machine.set_hardware(TEMPLATE_UUID, [("enp1s0", CLONE_MAC)], first_slot=9)
        code, report = machine.json("apply", "--yes")
        tap.is_((code, report["verdict"], "no profile is rebound" in report["message"]), (0, "rewired", True),
                "where no profile is rebound none is said to be")


def slots_moved_on(tap):
    """A controller more in front of two NICs: WAN and LAN do not change places, and what is in use is not guessed at."""
    directory = "/etc/NetworkManager/system-connections"
    for kind, verb, uuid in (("clone", "seal", CLONE_UUID), ("rewired", "adopt", TEMPLATE_UUID)):
        with Machine() as machine:
            machine.add_template(0)
            for name, nic in (("wan", "ens3"), ("lan", "ens4")):
                machine.write(f"{directory}/{name}.nmconnection", f"[connection]\nid={name}\ntype=ethernet\ninterface-name={nic}\n", 0o600)
            machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC), ("ens4", "00:50:56:aa:bb:0e")])
            machine.run(verb, *(["--yes"] if verb == "adopt" else []))
            machine.set_hardware(uuid, [("ens4", CLONE_MAC), ("ens5", "00:50:56:aa:bb:0f")], first_slot=4)
            code, report = machine.json("apply", "--yes")
            tap.is_((code, report["verdict"]), (0, kind), f"slots moved on: {kind}")
            tap.ok(any("slots of the NICs have moved" in warning for warning in report["warnings"]), "it is said", report)
            bound = [re.search("^interface-name=(.*)$", machine.read(f"{directory}/{name}.nmconnection"), re.M)[1]
                     for name in ("wan", "lan")]
            if kind == "clone":
                tap.is_(bound, ["ens4", "ens5"], "the NICs are told by position")
            else:
                tap.is_(bound, ["ens3", "ens4"], "the profiles stay as they are")


def addresses_of_slots_moved_on(tap):
    """ens4 is the template's LAN, and on this machine the WAN: two addresses that meet on one NIC were meant for two."""
    for names, code in ((("ens3", "ens4"), 78), (("ens4", "ens5"), 0), (("00:50:56:aa:bb:0d", "00:50:56:aa:bb:0e"), 0),
                        (("00:50:56:aa:bb:0d", "ens4"), 0)):
        with Machine() as machine:
            machine.add_template(0)
            machine.set_hardware(TEMPLATE_UUID, [("ens3", "00:50:56:aa:bb:0d"), ("ens4", "00:50:56:aa:bb:0e")])
            machine.write("/etc/reset-identity/policy.ini", f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress.{names[0]} = 10.0.1.17/24\naddress.{names[1]} = 10.0.2.17/24\n")
            machine.run("seal")
            machine.set_hardware(CLONE_UUID, [("ens4", CLONE_MAC), ("ens5", "00:50:56:aa:bb:0f")], first_slot=4)
            result = machine.run("apply", "--yes")
            tap.is_((result.returncode, "address.ens4 is for ens4 on this machine, and so is address.ens3" in result.stderr), (code, code != 0),
                    f"slots moved on: address.{names[0]} and address.{names[1]}")
            tap.diag(result.stderr)


def a_lost_copy_of_the_record(tap):
    """It is the other one, to the byte: where that cannot be written the two would differ for ever, and every boot would begin anew."""
    with Machine() as machine:
        machine.add_template()
        machine.run("adopt", "--yes")
        own, other = "/etc/reset-identity/record", "/var/lib/reset-identity/record"
        os.unlink(machine.path(other))
        before = os.stat(machine.path(own))
        while int(time.time()) <= int(before.st_mtime):
            time.sleep(0.01)
        tap.is_(machine.run("apply", "--yes").returncode, 0, "a lost copy is written again")
        tap.is_(machine.read(other), machine.read(own), "it is the other one, and says its time")
        tap.is_(os.stat(machine.path(own)).st_ino, before.st_ino, "which is not written")
        tap.like(machine.run("apply", "--yes").stdout, "nothing is changed", "and then there is nothing to do")


def entry_is_file(machine, path):
    return os.path.isfile(machine.path(path))


def steps(tap):
    with sealed(Machine(), policy="[steps]\nhosts = off\nhostname = off\n") as machine:
        code, listed = machine.json("steps")
        states = {step["name"]: step["on"] for step in listed["steps"]}
        tap.is_((code, states["hosts"], states["machine-id"]), (0, False, True), "steps says what is on")
        machine.become_clone()
        machine.run("apply", "--yes")
        tap.is_(machine.read("/etc/hostname"), "golden\n", "a step that is off does nothing")
        tap.ok(MACHINE_ID not in machine.read("/etc/machine-id"), "the others do their work")


def links_stay_inside_the_root(tap):
    with Machine() as machine:
        machine.add_template()
        os.rename(machine.path("/etc/hostname"), machine.path("/var/hostname"))
        os.symlink("/var/hostname", machine.path("/etc/hostname"))
        outside = os.path.join(machine.top, "outside")
        with open(outside, "w", encoding="utf-8") as file:
            file.write("127.0.1.1 golden\n")
        os.unlink(machine.path("/etc/hosts"))
        os.symlink("../../../../../../../../" + outside, machine.path("/etc/hosts"))
        machine.run("seal")
        machine.become_clone()
        result = machine.run("apply", "--yes")
        tap.is_(result.returncode, 0, "apply with links")
        tap.ok(os.path.islink(machine.path("/etc/hostname")), "an absolute link stays", result.stderr)
        tap.is_(machine.read("/var/hostname"), "golden-ccdd02\n", "and the file that it means inside the root is edited")
        with open(outside, encoding="utf-8") as file:
            tap.is_(file.read(), "127.0.1.1 golden\n", "a link that climbs out leads nowhere")


with Tap() as tap:
    for test in (usage, first_boot_after_the_install, a_clone, seal_from_outside, refusals, newer, absent_for_now, overrides, rewired, slots_moved_on, addresses_of_slots_moved_on, a_lost_copy_of_the_record, steps, a_signal_behind_the_commit_point, a_signal_while_the_record_is_written,
                 links_stay_inside_the_root):
        tap.diag(test.__name__.replace("_", " "))
        test(tap)
