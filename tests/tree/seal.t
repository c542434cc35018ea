#!/usr/bin/python3
"""seal: what no clone could be given is refused, here and not at the clone's first boot."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

POLICY = "/etc/reset-identity/policy.ini"


def refused(tap, what, says, policy="", code=78, hostname="golden", arrange=None):
    with Machine() as machine:
        machine.add_template()
        machine.write("/etc/hostname", hostname + "\n")
        machine.write("/etc/reset-identity/policy.ini", policy)
        if arrange:
            arrange(machine)
        before = machine.snapshot()
        result = machine.run("seal")
        tap.is_(result.returncode, code, f"{what}: seal is refused")
        tap.like(result.stderr, says, f"{what}: seal says why")
        after = {path: entry for path, entry in machine.snapshot().items() if not path.startswith("var/lib/reset-identity")}
        tap.is_(after, {path: entry for path, entry in before.items() if not path.startswith("var/lib/reset-identity")},
                f"{what}: nothing is changed")
        tap.ok(not machine.exists("/var/lib/reset-identity/record"), f"{what}: nothing is sealed")
        machine.become_clone()
        tap.ok(machine.run("--policy=" + machine.path("/etc/reset-identity/policy.ini"), "plan", "--force").returncode != 3,
               f"{what}: and a clone's plan is refused too")


def accepted(tap, what, policy="", says=None, nics=None, options=(), arrange=None):
    with Machine() as machine:
        machine.add_template()
        if arrange:
            arrange(machine)
        machine.set_hardware(TEMPLATE_UUID, nics if nics is not None else [("ens3", TEMPLATE_MAC)])
        machine.write("/etc/reset-identity/policy.ini", policy)
        result = machine.run(*options, "seal")
        tap.is_(result.returncode, 0, f"{what}: sealed")
        if says:
            tap.like(result.stderr, says, f"{what}: with a clone's warning")
        return result.stderr


def rehearsed(tap, what, policy="", says="", code=0, arrange=None, options=(), hostname="golden"):
    """seal --dry-run, and then seal, which does as it said."""
    with Machine() as machine:
        machine.add_template()
        machine.write("/etc/hostname", hostname + "\n")
        machine.write(POLICY, policy)
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])
        if arrange:
            arrange(machine)
        before = machine.snapshot()
        rehearsal = machine.run(*options, "seal", "--dry-run")
        tap.is_(rehearsal.returncode, code, f"rehearsed: {what}: exits as seal")
        tap.like(rehearsal.stdout + rehearsal.stderr, says, f"rehearsed: {what}: says what seal would")
        tap.is_(machine.snapshot(), before, f"rehearsed: {what}: nothing is changed")
        sealed = machine.run(*options, "seal")
        tap.is_(sealed.returncode, code, f"rehearsed: {what}: and seal does so")
        said = sealed.stderr.splitlines()
        tap.is_([line for line in said if line not in (rehearsal.stdout + rehearsal.stderr).splitlines()], [],
                f"rehearsed: {what}: with the same warnings and errors")
        changed = {path for path, entry in machine.snapshot().items() if before.get(path) != entry} | (set(before) - set(machine.snapshot()))
        return rehearsal.stdout, changed


def a_rehearsal(tap):
    says, changed = rehearsed(tap, "a template with a seed", says=r"(?m)^  record +none -> template", arrange=with_seed)
    tap.like(says, r"(?m)^  random-seed +/var/lib/systemd/random-seed: ", "rehearsed: it names what is removed")
    tap.like(says, r"(?m)^  services +stop systemd-random-seed\.service", "rehearsed: and what is stopped")
    tap.like(says, r"(?m)^0 files change, 1 is removed", "rehearsed: and counts")
    tap.ok("var/lib/systemd/random-seed" in changed, "rehearsed: which seal then removes", changed)
    rehearsed(tap, "a host that no address fits", policy=f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress.ens9 = 10.0.0.9/24\n", says="ens9", code=78)
    rehearsed(tap, "an invalid policy", policy="[nonsense]\n", says="policy.ini:1: ", code=78)
    rehearsed(tap, "no evidence", says="no copy could be told", code=1, arrange=lambda machine: machine.set_hardware(None, []))
    rehearsed(tap, "a kept address", policy="[network]\nmethod = keep\n", says="keeps the template's address")
    rehearsed(tap, "a state directory that anybody may write", says="users other than root", code=77, arrange=open_state)
    rehearsed(tap, "no directory for the copy of the record", says="-> template", arrange=without_policy)
    rehearsed(tap, "a directory where the record goes", says="a directory|regular file", code=1, arrange=record_in_the_way)
    with Machine() as machine:
        machine.add_template()
        machine.run("seal")
        machine.become_clone()
        machine.run("apply", "--yes")
        before = machine.snapshot()
        tap.like(machine.run("seal", "--dry-run").stdout, r"(?m)^  history +1 run -> none", "rehearsed: the history that is forgotten")
        code, value = machine.json("seal", "--dry-run")
        tap.is_((code, value["command"], [choice["name"] for choice in value["choices"]], value["error"]), (0, "seal", ["record", "history"], None),
                "rehearsed: as JSON")
        tap.is_({change["path"] for change in value["changes"]}, {"/var/lib/reset-identity/record", "/etc/reset-identity/record"},
                "rehearsed: with what is written")
        tap.is_(machine.run("-q", "seal", "--dry-run").stdout, "", "rehearsed: -q is quiet")
        machine.write("/srv/candidate.ini", "[identity]\nhostname = 123\n")
        result = machine.run("--policy=" + machine.path("/srv/candidate.ini"), "seal", "--dry-run")
        tap.is_((result.returncode, "candidate.ini:2" in result.stderr), (78, True), "rehearsed: with a policy that is not installed yet")
        machine.write("/srv/candidate.ini", "[identity]\nhostname = x-{mac}\n")
        result = machine.run("--policy=" + machine.path("/srv/candidate.ini"), "seal", "--dry-run")
        tap.is_((result.returncode, "not looked at" in result.stderr), (0, False), "rehearsed: with one that is right")
        os.unlink(machine.path("/srv/candidate.ini"))
        os.rmdir(machine.path("/srv"))
        tap.is_(machine.snapshot(), before, "rehearsed: and the history is there")
        machine.write("/srv/candidate.ini", "[identity]\nhostname = x-{mac}\n")
        result = machine.run("--policy=" + machine.path("/srv/candidate.ini"), "seal")
        tap.is_((result.returncode, "which was not looked at, and not " + machine.path("/srv/candidate.ini") in result.stderr), (0, True),
                "sealed by a policy that clones do not read: it is said")


def with_seed(machine):
    machine.write("/var/lib/systemd/random-seed", b"\x07" * 512, 0o600)
    machine.write("/usr/lib/systemd/system/systemd-random-seed.service", "[Unit]\n")


def open_state(machine):
    os.makedirs(machine.path("/var/lib/reset-identity"))
    os.chmod(machine.path("/var/lib/reset-identity"), 0o777)


def without_policy(machine):
    os.unlink(machine.path(POLICY))
    os.rmdir(machine.path(os.path.dirname(POLICY)))


def record_in_the_way(machine):
    os.makedirs(machine.path("/var/lib/reset-identity/record"), 0o700)


def old_key(machine):
    machine.write("/etc/ssh/ssh_host_key", b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0\0\0", 0o600)


def seed_that_stays(machine):
    machine.write("/boot/loader/random-seed", "seed")
    os.rename(machine.path("/boot/loader/random-seed"), machine.path("/boot/loader/seed"))
    os.mkdir(machine.path("/boot/loader/random-seed"))
    machine.write("/etc/credstore.encrypted/db", "x")
    machine.write("/var/lib/systemd/credential.secret", "x", 0o400)


def link_into_nowhere(machine):
    os.unlink(machine.path("/etc/machine-id"))
    os.symlink("/data/machine-id", machine.path("/etc/machine-id"))


INFINIBAND = "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:aa:00:01"


def bind_infiniband(machine):
    machine.write("/etc/NetworkManager/system-connections/ib.nmconnection",
                  "[connection]\nid=ib\nuuid=11111111-1111-4111-8111-0000000000ff\ntype=infiniband\n\n[infiniband]\n"
                  f"mac-address={INFINIBAND}\ntransport-mode=datagram\n\n[ipv4]\nmethod=manual\naddress1=10.50.0.10/24\n", 0o600)


with Tap() as tap:
    refused(tap, "a long name", "host name", hostname="a-template-whose-name-has-sixty-two-characters-which-leaves-no-room")
    # To systemd it is appserver.
    accepted(tap, "an underscore", arrange=lambda machine: machine.write("/etc/hostname", "app_server\n"))
    refused(tap, "a key of SSH protocol 1", "ssh_host_key", code=1, arrange=old_key)
    refused(tap, "a host's name", r"\[host web-17\]",
            policy=f"[host web-17]\nmatch-uuid = {CLONE_UUID}\nhostname = {{template}}-{{serial}}\n")
    refused(tap, "an address for a NIC that no name tells", r"called eno\*", policy=f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress.eno* = 10.0.0.9/24\n")
    refused(tap, "a host's address", "ens9", policy=f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress.ens9 = 10.0.0.9/24\n")
    accepted(tap, "a usual template")
    for hostname, says in (("localhost\n", "every machine has the name localhost,"), ("localhost.localdomain\n", "every machine has the name localhost.localdomain,"),
                           ("", "there is no name,")):
        name = lambda machine, hostname=hostname: machine.write("/etc/hostname", hostname)
        accepted(tap, f"a template called {hostname!r}", says=f"/etc/hostname: {says} so that clones are called localhost-", arrange=name)
        for policy in ("[identity]\nhostname = node-{mac:6}\n", f"[network]\nunmatched = refuse\n[host a]\nmatch-uuid = {CLONE_UUID}\n"):
            tap.unlike(accepted(tap, "which the policy names otherwise", policy=policy, arrange=name), "localhost", "and nothing is said of it")
    accepted(tap, "a host by MAC", policy="[host a]\nmatch-mac = 52:54:00:aa:bb:09\naddress = 10.0.0.9/24\n")
    for what, policy in {"its UUID and an address by MAC": f"match-uuid = {CLONE_UUID}\naddress.52:54:00:AA:BB:09 = 10.0.0.9/24\n",
                         "another NIC by MAC": "match-mac = 52:54:00:aa:bb:08\naddress = 10.0.0.8/24\naddress.52-54-00-aa-bb-09 = 192.168.5.9/24\n",
                         "two NICs by MAC": "match-serial = X\naddress.52:54:00:aa:bb:08 = 10.0.0.8/24\naddress.52:54:00:aa:bb:09 = 192.168.5.9/24\n"}.items():
        accepted(tap, f"a host by {what}", policy=f"[host a]\n{policy}")
    quiet = accepted(tap, "an address that begins as the template's", policy=f"[host a]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.1.17/16\n")
    tap.unlike(quiet, "mentioned here", "and the line that gets it is not said to say the old one")
    both = [("ib0", INFINIBAND), ("ens3", TEMPLATE_MAC)]
    accepted(tap, "a profile of an InfiniBand NIC", nics=both, arrange=bind_infiniband)
    accepted(tap, "a host that is known by the MAC of its Ethernet NIC beside it", nics=both, arrange=bind_infiniband,
             policy="[host a]\nmatch-mac = 52:54:00:aa:bb:09\naddress.ens3 = 10.0.0.9/24\n"
                    f"address.{INFINIBAND[:-1]}2 = 10.50.0.9/24\n")
    accepted(tap, "a kept address", policy="[network]\nmethod = keep\n", says="keeps the template's address")
    quiet = accepted(tap, "a host that no sample is", policy=f"[host a]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.9/24\n")
    tap.unlike(quiet, "names this clone", "that no section names a clone which is made up is no news")
    accepted(tap, "only hosts are allowed", policy="[network]\nunmatched = refuse\n[identity]\nhostname = x-{template}\n"
             f"[host a]\nmatch-uuid = {CLONE_UUID}\n")

    accepted(tap, "the template's own address", policy=f"[host a]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.1.1/24\n",
             says=r"warning: policy\.ini:3: \[host a\] gets 10\.0\.1\.1/24, which is the template's own address")
    accepted(tap, "the template's own name", policy=f"[host Golden]\nmatch-uuid = {CLONE_UUID}\n",
             says=r"warning: policy\.ini:1: \[host Golden\] gets Golden, which is the template's own host name")
    here = accepted(tap, "a host that is this machine", policy=f"[host a]\nmatch-uuid = {TEMPLATE_UUID}\n")
    tap.like(here, r"(?m)^warning: /etc/reset-identity/policy\.ini:1: host a: this is the template itself", "a warning says so once")

    with Machine() as machine:
        machine.add_template()
        machine.write("/etc/NetworkManager/dispatcher.d/10-name", "#!/bin/sh\nlogger golden\nlogger 10.0.1.1\n", 0o755)
        machine.write("/etc/reset-identity/policy.ini",
                      "".join(f"[host web-{n}]\nmatch-mac = 52:54:00:00:01:0{n}\naddress = 10.0.1.2{n}/24\n" for n in range(1, 6)))
        result = machine.run("seal")
        tap.is_((result.returncode, result.stderr.count("10-name:2: the host name golden is mentioned here")), (0, 1),
                "a line is named once, whatever each of many clones would be called")
        tap.is_(result.stderr.count("10-name:3: the address 10.0.1.1 is mentioned here"), 1,
                "and once where one clone gives the address up and others get another")

    with Machine() as machine:
        machine.add_template()
        machine.run("seal")
        machine.become_clone()
        result = machine.run("seal")
        tap.is_(result.returncode, 0, "a clone that was not reset is sealed")
        tap.like(result.stderr, r"warning: this machine is a copy of another one and was not reset: it keeps the name golden",
                 "but what it keeps is said")

    with Machine() as machine:
        machine.add_template()
        machine.write("/etc/reset-identity/policy.ini", "[host a]\nmatch-uuid = " + CLONE_UUID + "\naddress = 10.0.0.9/24\n")
        result = machine.run("seal")
        machine.become_clone()
        machine.run("apply", "--yes")
        tap.is_(machine.run("seal").returncode, 0, "a clone becomes a template")
        tap.ok("apply" not in [run["kind"] for run in machine.json("log")[1]["runs"]],
               "its history, which has old files, is forgotten")
        for seed in ("var/lib/systemd/random-seed", "boot/efi/loader/random-seed"):
            machine.write(seed, b"\x07" * 512, 0o600)
        tap.is_(machine.run("seal").returncode, 0, "a template with random seeds is sealed")
        tap.ok(not machine.exists("var/lib/systemd/random-seed") and not machine.exists("boot/efi/loader/random-seed"),
               "and hands none to its clones")
        kept = [path for path, entry in machine.snapshot().items() if entry[4] is not None and b"\x07" * 16 in
                (entry[4] if isinstance(entry[4], bytes) else entry[4].encode())]
        tap.is_(kept, [], "nor a backup of one")
        code, report = machine.json("seal")
        tap.is_((code, report["history"]), (0, None), "and nothing is left of that run")
        result = machine.run("seal", "--poweroff")
        tap.is_(result.returncode, 2, "--poweroff with --root is a usage error")
        tap.like(result.stderr, "--root", "which says so")
    a_rehearsal(tap)
    accepted(tap, "a directory that is not mounted", says="/etc/machine-id: it is a symbolic link into a directory that is not there",
             arrange=link_into_nowhere)
    accepted(tap, "a key of credentials that is needed", says="credential.secret is kept", arrange=seed_that_stays)
