#!/usr/bin/python3
"""A run that is not finished: what each command says of it is true, and what somebody did meanwhile is nobody's fault."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import MACHINE_ID, PROGRAM, Machine
from tap import Tap

HISTORY = "/var/lib/reset-identity/history"
TRANSACTION = "/var/lib/reset-identity/transaction"
PROFILE = "/etc/NetworkManager/system-connections/lan0.nmconnection"
KEY = "/etc/ssh/ssh_host_ed25519_key"
RENAMES = "?rename,?renameat,?renameat2"


def sealed_clone(machine):
    machine.add_template()
    os.makedirs(machine.path("/etc/ssh"))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", machine.path(KEY)], check=True)
    assert machine.run("seal").returncode == 0
    machine.become_clone()
    return machine


def cut_off(machine, when, *command):
    """Its power goes before that rename: the first is the manifest's, the others those of the files."""
    subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={RENAMES}", "-e", f"inject={RENAMES}:signal=KILL:when={when}",
                    PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", *command, "--yes"],
                   stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert machine.exists(TRANSACTION)


def killed(machine, when):
    cut_off(sealed_clone(machine), when, "apply")
    return machine


def what_is_shown(tap):
    with killed(Machine(), 3) as machine:
        before = machine.snapshot()
        code, plan = machine.json("plan")
        tap.is_((code, plan["transaction_open"], plan["changes"], plan["choices"]), (3, True, [], []), "plan shows no change that apply never makes")
        plan = machine.run("plan")
        tap.is_((plan.returncode, "is not finished" in plan.stdout, "+++" in plan.stdout), (3, True, False), "nor as text")
        code, plan = machine.json("plan", "--as=52:54:00:11:11:11")
        tap.is_((code, plan["transaction_open"], plan["changes"]), (3, True, []), "nor for another machine, of files of which half are new")
        seal = machine.run("seal", "--dry-run")
        tap.is_((seal.returncode, "run is not finished" in seal.stderr, seal.stdout), (1, True, ""), "seal --dry-run does not judge what is half done")
        tap.ok(machine.snapshot() == before, "nothing is changed")
        machine.write(TRANSACTION + "/manifest", "garbage", 0o600)
        status = machine.run("status")
        tap.is_((status.returncode, "manifest: damaged" in status.stdout), (3, True), "status says what is damaged")
        tap.unlike(status.stdout, "finishes", "and not that it will be finished")
        for command in (["plan"], ["apply", "--yes"], ["undo", "--yes"], ["seal"], ["seal", "--dry-run"], ["adopt", "--yes"]):
            result = machine.run(*command)
            tap.is_((result.returncode, "manifest: damaged" in result.stderr), (1, True), f"{' '.join(command)} is refused alike")
    with killed(Machine(), 1) as machine:
        status = machine.run("status")
        tap.like(status.stdout, "removes its preparations", "what was never committed is no run to finish")
        tap.unlike(status.stdout, "undo", "nor to undo")
        code, plan = machine.json("plan")
        tap.is_((code, plan["transaction_open"], len(plan["changes"]) > 0), (3, True, True), "plan shows what apply will do anew")
        tap.unlike("\n".join(plan["warnings"]), "copy of a private host key", "a prepared key is no copy of one")


def refused_after_it_was_finished(tap):
    """The policy is wrong by now: nothing more is changed, but the earlier run is finished by then."""
    with killed(Machine(), 3) as machine:
        machine.write("/etc/reset-identity/policy.ini", "[nowhere]\n")
        code, report = machine.json("apply", "--yes")
        tap.is_((code, report["outcome"], report["recovered"]), (78, "failed", True), "a policy that is invalid is refused")
        tap.ok("is finished: golden is" in report["message"] and "After that: the policy is invalid" in report["message"],
               "and what was finished before it is said with it", report["message"])
    with killed(Machine(), 3) as machine:
        machine.write("/etc/reset-identity/policy.ini", "[nowhere]\n")
        said = machine.run("--quiet", "apply", "--yes").stderr
        tap.ok(said.count("is finished: golden is") == 1 and "After that: the policy is invalid" in said, "with --quiet too", said)
    with killed(Machine(), 1) as machine:
        machine.write("/etc/reset-identity/policy.ini", "[nowhere]\n")
        code, report = machine.json("apply", "--yes")
        tap.ok(report["message"].startswith("the policy is invalid, nothing is changed"), "and nothing where nothing was", report["message"])


def removed_meanwhile(tap):
    with Machine() as machine:
        sealed_clone(machine)
        machine.run("apply", "--yes")
        os.rename(machine.path(HISTORY + "/1"), machine.path(TRANSACTION))
        os.unlink(machine.path(PROFILE))
        result = machine.run("apply", "--yes")
        tap.is_((result.returncode, PROFILE in result.stderr), (0, True), "a profile that was removed once it was in place does not keep the run open")
        tap.is_((machine.exists(PROFILE), machine.run("status").returncode), (False, 0), "and stays removed")


def kept_keys(tap):
    with Machine() as machine:
        sealed_clone(machine)
        machine.run("apply", "--yes")
        new = machine.read(KEY)
        os.rename(machine.path(HISTORY + "/1"), machine.path(TRANSACTION))
        result = machine.run("undo", "--yes")
        tap.is_((result.returncode, machine.read(KEY) == new), (0, True), "a run that is undone late keeps its new key")
        tap.like(result.stderr, f"{KEY} keeps the new content", "which is said")
        tap.unlike(result.stderr, "changed since", "and nobody is said to have changed it")


def removed_certificate(tap):
    with Machine() as machine:
        sealed_clone(machine)
        certificate = KEY + "-cert.pub"
        machine.write(certificate, "ssh-ed25519-cert-v01@openssh.com AAAA\n")
        machine.run("apply", "--yes")
        result = machine.run("undo", "--yes")
        tap.is_((result.returncode, machine.exists(certificate)), (0, False), "a host certificate goes with its key, for good")
        tap.like(result.stderr, f"{certificate} stays removed", "which undo says")
        tap.unlike(result.stderr, f"{certificate} keep|, {certificate}", "and not that it has a new content")


def undone_in_two_steps(tap):
    with killed(Machine(), 5) as machine:
        cut_off(machine, 2, "undo")
        assert machine.exists(TRANSACTION + "/manifest.revert")
        said = machine.run("seal").stderr
        tap.like(said, r"(?m)^reset-identity: the apply of \S+ is undone(;|$)", "one whose undoing was cut off is said to be undone")
        tap.unlike(said, "golden-", "without a name that nothing has any more")


def undo_that_was_cut_off(tap):
    """Asked for again it is taken back, so it must not be said that all is as it was before the apply."""
    with Machine() as machine:
        sealed_clone(machine)
        machine.run("apply", "--yes")
        new = machine.read("/etc/machine-id")
        cut_off(machine, 3, "undo")
        status = machine.run("status").stdout
        tap.ok("an earlier undo is not finished" in status and "reset-identity undo takes it back" in status, "status says that it is an undo", status)
        result = machine.run("undo", "--yes")
        tap.is_((result.returncode, machine.read("/etc/machine-id")), (0, new), "an undo that was cut off is taken back")
        tap.ok("the undo that was not finished is taken back" in result.stdout and "as they were before" not in result.stdout, "and that is said", result.stdout)
        result = machine.run("undo", "--yes")
        tap.is_((result.returncode, machine.read("/etc/machine-id").strip()), (0, MACHINE_ID), "another one undoes the run")


def in_the_way_of_the_history(tap):
    for what, make in {"a file": lambda path: open(path, "w", encoding="utf-8").close(), "a link": lambda path: os.symlink("/srv", path)}.items():
        with Machine() as machine:
            sealed_clone(machine)
            make(machine.path(HISTORY))
            before = machine.snapshot()
            plan, apply = machine.run("plan"), machine.run("apply", "--yes")
            tap.is_((plan.returncode, apply.returncode, "history: a directory is needed" in apply.stderr), (1, 1, True), f"{what} in the history's place is refused")
            tap.is_((machine.snapshot() == before, machine.exists(TRANSACTION)), (True, False), f"{what}: before anything is changed")


def undone_with_a_backup_that_stays(tap):
    """A backup is a second name of its file: where that is immutable by now, the backup stays, and the run is undone all the same."""
    with killed(Machine(), 3) as machine:
        old = machine.read("/etc/hosts")
        can = subprocess.run(["chattr", "+i", machine.path("/etc/hosts")], capture_output=True, check=False).returncode == 0
        result = machine.run("undo", "--yes")
        tap.is_((result.returncode, machine.read("/etc/machine-id").strip(), machine.read("/etc/hosts") == old),
                (0, MACHINE_ID, True), "a run is undone beside a file that became immutable")
        tap.unlike(result.stderr, "committed and not finished", "and is not called unfinished")
        if can:
            subprocess.run(["chattr", "-i", machine.path("/etc/hosts")], check=True)
        tap.is_((machine.run("apply", "--yes").returncode, machine.exists(TRANSACTION)), (0, False), "the next run removes what was left")


with Tap() as tap:
    what_is_shown(tap)
    refused_after_it_was_finished(tap)
    removed_meanwhile(tap)
    kept_keys(tap)
    removed_certificate(tap)
    undone_in_two_steps(tap)
    undo_that_was_cut_off(tap)
    in_the_way_of_the_history(tap)
    undone_with_a_backup_that_stays(tap)
