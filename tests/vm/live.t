#!/usr/bin/python3
"""The manual command on a running machine, typed into SSH sessions over the very NIC that it changes: what is good is in force
without a reboot, what does not work is taken back, and the session lives on."""

import datetime
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True

import lab
import namespace
import process
import product
from tap import Tap

NEIGHBOUR = "10.0.0.77"
NEIGHBOUR_MAC = "52:54:00:ff:ff:01"
STATE = "/var/lib/reset-identity"
LEFT_OVER = f"find / -xdev -name '.*.reset-identity'; ls -d {STATE}/transaction {STATE}/live-network {STATE}/history/leaving-* " \
            "2>/dev/null; ls -A /run/NetworkManager/system-connections | grep -v ^lo; true"
ROUTES = "ip -o address | sed 's/valid_lft.*//'; ip route; ip -6 route"


def policy(guest, address, gateway="10.0.0.1"):
    guest.put("/etc/reset-identity/policy.ini", f"""\
[network]
gateway = {gateway}
dns = 10.0.0.54

[host live]
match-mac = {guest.mac}
hostname = live-{{random:6}}
address = {address}/24
""")


def ssh(it, address, command, timeout=300):
    """A real session. Returns its exit status, which is 255 if the connection broke, and its standard output and error."""
    result = subprocess.run(
        ["ssh", "-i", os.path.join(it.work, "key"), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
         "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=60",
         "-o", "ServerAliveInterval=15", f"root@{address}", command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)
    return result.returncode, result.stdout, result.stderr


def typed(it, address, command):
    """What a command that changes the network tells the session that started it: its exit status, then a word later on."""
    status, out, err = ssh(it, address, f"{command} 2>&1; status=$?; echo still here; exit $status")
    return status, out.endswith("still here\n"), out + err


def answers(address, within=30):
    return subprocess.run(["ping", "-c", "1", "-w", str(within), address], stdout=subprocess.DEVNULL, check=False).returncode == 0


def identity(guest):
    found = product.identity(guest)
    found["file"] = product.uuid_of_profile(guest)
    found["left-over"] = guest.out(LEFT_OVER)
    found["served"] = " ".join(product.host_keys(found["addresses"].split("/")[0]).values())
    return found


def who(found):
    """The parts of an identity that a run replaces, all of them or none."""
    return found["machine-id"], found["hostname"], found["active"].split(":")[0]


def is_whole(tap, found, addresses, what):
    """One identity, the same in the files, in what runs and in the network."""
    tap.is_((found["kernel-hostname"], found["verdict"], found["failed"], found["verify"]), (found["hostname"], "same", "", ""),
            f"{what}: one name, settled, no failed unit, verify finds everything in force")
    tap.is_((found["pid1"], found["journal-directories"]), (f's "{found["machine-id"]}"', found["machine-id"]),
            f"{what}: PID 1 and journald have the machine-id of the file")
    tap.like(found["hosts"], rf"^127\.0\.1\.1 +{found['hostname']}$", f"{what}: /etc/hosts has the name")
    tap.like(found["active"], rf"^{found['file']}:ens\d+:activated:lan$", f"{what}: the profile of the file is active")
    tap.is_([word for word in found["profiles"].split() if not word.endswith(":lo")], [f"{found['file']}:lan"],
            f"{what}: and there is no other")
    tap.is_(found["addresses"], addresses, f"{what}: its addresses, and no other")
    tap.is_(sorted(found["served"].split()), sorted(found["keys"].split()), f"{what}: sshd serves the host keys of the files")
    tap.is_(found["left-over"], "", f"{what}: no transaction, no note, no temporary file is left")


def is_other(tap, found, before, what):
    for new, old, part in zip(who(found), who(before), ("machine-id", "hostname", "connection UUID")):
        tap.isnt(new, old, f"{what}: another {part}")


def seconds_without_address(guest):
    """From what the kernel told `ip -tshort monitor`: the address goes, the address comes."""
    times = re.findall(r"^\[([^]]+)\].*inet ", guest.out("cat /run/monitor"), re.MULTILINE)
    gone, back = (datetime.datetime.fromisoformat(time) for time in (times[0], times[-1]))
    return (back - gone).total_seconds()


def good_change_and_back(tap, it, guest, address):
    before = identity(guest)
    policy(guest, address)
    guest.out("setsid ip -tshort -4 monitor address </dev/null >/run/monitor 2>&1 & true")
    status, alive, said = typed(it, address, "reset-identity -v apply --force --yes")
    tap.is_((status, alive), (0, True), "good change: exit status 0, and the session that ran it goes on")
    tap.diag("\n".join(line for line in said.splitlines() if status or line.startswith("[")))
    tap.diag(f"{seconds_without_address(guest)} s without the address")
    tap.step("changed")
    found = identity(guest)
    is_whole(tap, found, f"{address}/24", "good change")
    is_other(tap, found, before, "good change")
    tap.is_(ssh(it, address, "hostname")[1].strip(), found["hostname"], "good change: a new session says the new name")

    status, alive, said = typed(it, address, "reset-identity undo --yes")
    tap.is_((status, alive), (0, True), "undo: exit status 0, and the session that ran it goes on")
    tap.step("undone")
    found = identity(guest)
    is_whole(tap, found, before["addresses"], "undo")
    tap.is_(who(found), who(before), "undo: machine-id, name and connection UUID are the old ones")


def refused(tap, it, guest, address, why, what):
    """A run that has to fail: everything is as it was, to the byte and to the route."""
    before = product.snapshot(guest), guest.out(ROUTES), identity(guest)
    status, alive, said = typed(it, address, "reset-identity apply --force --yes")
    tap.is_((status, alive), (1, True), f"{what}: exit status 1, and the session that ran it goes on")
    tap.like(said, why, f"{what}: it says why")
    tap.is_(sorted(set(product.snapshot(guest).splitlines()) ^ set(before[0].splitlines())), [],
            f"{what}: not a byte, not a time stamp has changed")
    tap.is_(guest.out(ROUTES), before[1], f"{what}: the same addresses and routes")
    found = identity(guest)
    is_whole(tap, found, before[2]["addresses"], what)
    tap.is_(who(found), who(before[2]), f"{what}: the same machine-id, name and active profile")
    tap.step(what)


def other_address(tap, it, guest, old, new):
    before = identity(guest)
    policy(guest, new)
    status, _, _ = ssh(it, old, "systemd-run --quiet --unit=change -p RemainAfterExit=yes reset-identity apply --force --yes")
    tap.is_(status, 0, "another address: started from a session at the old one")
    guest.wait_for("systemctl show -p SubState --value change | grep -E 'exited|failed'", 240)
    tap.is_(guest.out("systemctl show -p Result --value change").strip(), "success", "another address: it succeeds")
    tap.is_((answers(new), answers(old, 3)), (True, False), "another address: the new one answers, the old one does not")
    tap.is_(ssh(it, new, "reset-identity verify")[0], 0, "another address: verify is clean")
    found = identity(guest)
    is_whole(tap, found, f"{new}/24", "another address")
    is_other(tap, found, before, "another address")
    tap.step("another address")


def main(tap, it):
    golden = product.quick_golden(it)
    live = it.linked_clone(golden, "live")
    live.set_uuid(product.CLONE_UUID)
    process.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(it.work, "key"))
    process.run("ip", "address", "add", f"{NEIGHBOUR}/24", "dev", namespace.BRIDGE)
    tap.is_(it.boot(live), ["running"], "a clone boots and is settled")
    live.out("mkdir -pm 700 /root/.ssh")
    with open(os.path.join(it.work, "key.pub"), encoding="ascii") as key:
        live.put("/root/.ssh/authorized_keys", key.read(), 0o600)
    live.wait_network()
    tap.step("booted")
    good_change_and_back(tap, it, live, "10.0.0.17")
    policy(live, "10.0.0.17", gateway="10.0.0.99")
    refused(tap, it, live, "10.0.0.17", r"gateway 10\.0\.0\.99", "a dead gateway")
    policy(live, NEIGHBOUR)
    refused(tap, it, live, "10.0.0.17", rf"{re.escape(NEIGHBOUR)}.* in use .*{NEIGHBOUR_MAC}", "an address of somebody else")
    other_address(tap, it, live, "10.0.0.17", "10.0.0.30")


lab.enter("bookworm")
with Tap() as test, lab.Lab("live") as world:
    main(test, world)
