"""The manual command on a running machine, typed into SSH sessions over the very NIC that it changes: what is good is in force
without a reboot, what does not work is taken back, a run that is killed is finished or forgotten, and the machine is never off the
network. The same for each suite, that is for each NetworkManager."""

import contextlib
import datetime
import json
import os
import re
import shlex
import signal
import subprocess

import channel
import lab
import namespace
import process
import product
from tap import Tap

ADDRESS = "10.0.0.17"
NEIGHBOUR = "10.0.0.77"
NEIGHBOUR_MAC = namespace.MAC
STATE = "/var/lib/reset-identity"
LEFT_OVER = f"find /etc /var/lib /root -xdev -name '.*.reset-identity'; " \
            f"ls -d {STATE}/transaction /run/reset-identity/network {STATE}/history/leaving-* 2>/dev/null; " \
            "ls -A /run/NetworkManager/system-connections /run/NetworkManager/conf.d 2>/dev/null | grep -vE '^(lo|/run|$)'; true"

# What a run says when it gets there, and what mends it when it is killed then. Namespaces and containers have nearly all of it for each
# NetworkManager (tests/network/command.t, tests/nspawn/manager.t); to keep the time, a guest is killed before the commit, between two
# states, half-way up and at the end only, unless RESET_IDENTITY_ALL_LIVE is set. Only the first waits for others after it has said so:
# behind the rest a run may be a stage further when the signal comes.
KILLED_AT = [
    ("asking whether the new addresses are free", "apply"),
    ("staged", "apply"),
    ("committed", "apply"),
    ("in place", "reboot"),
    ("the running host name", "apply"),
    ("NetworkManager takes the profiles", "apply"),
    ("restarting NetworkManager", "reboot"),
    ("verifying gateway", "apply"),
    ("sshd serves", "apply"),
]
ALWAYS = ["asking whether the new addresses are free", "NetworkManager takes the profiles", "restarting NetworkManager", "sshd serves"]
KILLER = """\
#!/bin/bash
# killer STAGE COMMAND...: runs the command, and kills it when it says that it is there
stage=$1
shift
exec 3< <(exec "$@" 2>&1)
run=$!
while IFS= read -r line <&3; do
  case $line in *"$stage"*) kill -KILL $run ;; esac
done
wait $run
"""

# The machine stops with all that it had not written yet, as one does whose power is cut.
CUTTER = """\
#!/bin/bash
# cutter STAGE COMMAND...: runs the command, and cuts the power when it says that it is there
stage=$1
shift
"$@" 2>&1 | while IFS= read -r line; do
  case $line in *"$stage"*) echo b >/proc/sysrq-trigger ;; esac
done
"""


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
         "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=15",
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
    if not times:
        return 0
    gone, back = (datetime.datetime.fromisoformat(time) for time in (times[0], times[-1]))
    return (back - gone).total_seconds()


def good_change_and_back(tap, it, guest, address):
    """Returns the identity at the end, as the others do."""
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
    return found


def refused(tap, it, guest, before, address, why, what):
    """A run that has to fail: everything is as it was, to the byte and to the route."""
    files, routes = product.snapshot(guest), guest.out(product.ROUTES)
    status, alive, said = typed(it, address, "reset-identity apply --force --yes")
    tap.is_((status, alive), (1, True), f"{what}: exit status 1, and the session that ran it goes on")
    tap.like(said, why, f"{what}: it says why")
    guest.wait_for(product.NOT_TENTATIVE)
    tap.is_(sorted(set(product.snapshot(guest).splitlines()) ^ set(files.splitlines())), [],
            f"{what}: not a byte, not a time stamp has changed")
    tap.is_(guest.out(product.ROUTES), routes, f"{what}: the same addresses and routes")
    found = identity(guest)
    is_whole(tap, found, before["addresses"], what)
    tap.is_(who(found), who(before), f"{what}: the same machine-id, name and active profile")
    tap.step(what)
    return found


def detached(it, guest, addresses, command):
    """A command that outlives the session it is typed into, at the first of these addresses that a session gets in at: where it is
    about to change, one may go as the other comes. Returns its exit status and what it said."""
    inner = f"{command} >/run/said 2>&1; echo $? >/run/status"
    for address in addresses * 5:
        status, _, trouble = ssh(it, address, f"rm -f /run/status; setsid sh -c {shlex.quote(inner)} </dev/null >/dev/null 2>&1 &")
        if status == 0:
            return int(guest.wait_for("[ -s /run/status ] && cat /run/status", 240)), guest.out("cat /run/said")
    raise process.Failed(f"no session gets in at {' or '.join(addresses)}: {trouble}\n{guest.out(product.ROUTES)}")


def other_address(tap, it, guest, before, old, new):
    policy(guest, new)
    tap.is_(detached(it, guest, [old], "reset-identity apply --force --yes")[0], 0, "another address: it succeeds")
    tap.is_((answers(new), answers(old, 3)), (True, False), "another address: the new one answers, the old one does not")
    status, out, _ = ssh(it, new, "reset-identity --json verify")
    verified = json.loads(out)
    tap.is_((status, verified["command"], verified["ok"]), (0, "verify", True), "another address: verify is clean")
    tap.is_((set(verified), {name for check in verified["checks"] for name in check}),
            ({"version", "command", "ok", "checks", "error"}, {"what", "expected", "found", "result", "advice"}),
            "another address: what verify says as JSON is what the manual page documents")
    tap.ok([check for check in verified["checks"] if (check["what"], check["result"]) == (f"address {new}/24 on ens2", "ok")],
           "another address: and the address is among it", out)
    found = identity(guest)
    is_whole(tap, found, f"{new}/24", "another address")
    is_other(tap, found, before, "another address")
    tap.step("another address")
    return found


PARTS = ["machine-id", "hostname", "file", "addresses"]


def killed(tap, it, guest, before, old, new, stage, mend):
    """One run that is killed, and mended. Returns what is there afterwards."""
    policy(guest, new)
    status, _ = detached(it, guest, [old], f"/root/killer '{stage}' reset-identity -v apply --force --yes")
    tap.is_(status, 128 + signal.SIGKILL, f"killed at '{stage}'")
    tap.ok(any(answers(address, 1) for address in [old, new] * 10), f"killed at '{stage}': the machine is on the network",
           guest.out(product.ROUTES))
    if mend == "reboot":
        tap.is_(guest.reboot(), "running", f"killed at '{stage}': it boots without a failed unit")
        guest.wait_network()
    else:
        status, said = detached(it, guest, [old, new], "reset-identity apply --yes")
        tap.ok(status == 0, f"killed at '{stage}': a session gets in, and an apply succeeds", said)
    found = product.essentials(guest)
    changed = {found[part] != before[part] for part in PARTS}
    tap.is_(len(changed), 1, f"killed at '{stage}', then {mend}: the whole old or the whole new identity")
    address = new if changed == {True} else old
    tap.is_((found["kernel-hostname"], found["addresses"], found["verdict"], found["verify"], guest.out(LEFT_OVER)),
            (found["hostname"], f"{address}/24", "same", "", ""),
            f"killed at '{stage}', then {mend}: it is in force, all of it, and nothing is left of the run")
    tap.like(found["active"], rf"^{found['file']}:ens\d+:activated:lan$", f"killed at '{stage}', then {mend}: its profile is active")
    tap.is_(ssh(it, address, "uname -n")[1].strip(), found["hostname"], f"killed at '{stage}', then {mend}: a session gets in")
    tap.step(f"killed at '{stage}', then {mend}: {'finished' if address == new else 'forgotten'}")
    return found


def cut_power(guest, stage):
    """One run that is ended by a power cut. Returns how the next boot ended."""
    guest.put("/root/cutter", CUTTER, 0o755)
    guest.out("sync")
    with contextlib.suppress(channel.Closed):
        guest.run(f"/root/cutter '{stage}' reset-identity -v apply --force --yes", 180)
    guest.wait_off()
    guest.start()
    state = guest.wait_booted()
    guest.wait_network()
    return state


def let_in(it, guest):
    """Sessions get in with a key of the lab's."""
    key = os.path.join(it.work, "key")
    process.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    guest.out("mkdir -pm 700 /root/.ssh")
    with open(f"{key}.pub", encoding="ascii") as public:
        guest.put("/root/.ssh/authorized_keys", public.read(), 0o600)


def killed_everywhere(tap, it, guest, found, points):
    guest.put("/root/killer", KILLER, 0o755)
    ends = set()
    for number, (stage, mend) in enumerate(points):
        old, new = found["addresses"].split("/")[0], f"10.0.0.{40 + number}"
        found = killed(tap, it, guest, found, old, new, stage, mend)
        ends.add(found["addresses"] == f"{new}/24")
    tap.is_(ends, {True, False}, "those that were killed before the commit point were forgotten, the others finished")


def main(suite):
    lab.enter(suite)
    with Tap() as tap, lab.Lab(f"live-{suite}") as it:
        live = it.deployed(product.image(policy=product.HOSTS, suite=suite, sealed=True, quick=True), "live")
        live.set_uuid(product.CLONE_UUID)
        process.run("ip", "address", "add", f"{NEIGHBOUR}/24", "dev", namespace.BRIDGE)
        tap.is_(it.boot(live), ["running"], "a machine made from a sealed image boots and is settled")
        live.wait_network()
        tap.diag(live.out("NetworkManager --version; systemctl --version | head -n 1"))
        let_in(it, live)
        tap.step("booted")
        found = good_change_and_back(tap, it, live, ADDRESS)
        policy(live, ADDRESS, gateway="10.0.0.99")
        found = refused(tap, it, live, found, ADDRESS, r"gateway 10\.0\.0\.99", "a dead gateway")
        policy(live, NEIGHBOUR)
        found = refused(tap, it, live, found, ADDRESS, rf"{re.escape(NEIGHBOUR)}.* in use .*{NEIGHBOUR_MAC}",
                        "an address of somebody else")
        found = other_address(tap, it, live, found, ADDRESS, "10.0.0.30")
        everywhere = "RESET_IDENTITY_ALL_LIVE" in os.environ
        killed_everywhere(tap, it, live, found, [point for point in KILLED_AT if everywhere or point[0] in ALWAYS])
