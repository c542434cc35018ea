#!/usr/bin/python3
"""A file that changes while the question is on the terminal: the plan is made and shown anew, and nothing of the change is lost."""

import os
import pty
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import PROGRAM, Machine
from tap import Tap

QUESTION = b"Apply these changes? [y/N] "
PROFILE = "/etc/NetworkManager/system-connections/lan0.nmconnection"


class Terminal:
    """The command on a terminal of its own, as a person sees it."""

    def __init__(self, machine, *arguments):
        command = [PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", *arguments]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execv(PROGRAM, command)

    def read_until(self, text=None):
        """What it says until that text, or until its end."""
        said = b""
        while text is None or text not in said:
            try:
                more = os.read(self.fd, 65536)
            except OSError:  # EIO: the other end is closed
                more = b""
            if not more:
                break
            said += more
        return said.decode()

    def answer(self, text):
        os.write(self.fd, text.encode() + b"\n")

    def exit_status(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def sealed_clone(machine):
    machine.add_template()
    assert machine.run("seal").returncode == 0
    machine.become_clone()


def change_at_each_question(machine, times):
    """Returns what was said, question by question, and the exit status."""
    terminal = Terminal(machine, "apply")
    said = []
    for number in range(times):
        said.append(terminal.read_until(QUESTION))
        machine.write(PROFILE, machine.read(PROFILE) + f"# change {number}\n", 0o600)
        terminal.answer("y")
    said.append(terminal.read_until(QUESTION))
    if said[-1].endswith(QUESTION.decode()):
        terminal.answer("y")
        said.append(terminal.read_until())
    return said, terminal.exit_status()


def one_change(tap):
    with Machine() as machine:
        sealed_clone(machine)
        said, status = change_at_each_question(machine, 1)
        tap.is_(status, 0, "one change: applied in the end")
        tap.like(said[1], "a file has changed meanwhile: planning again", "and why it asks again is said")
        tap.unlike(said[0], r"# change 0", "the first plan knows nothing of the change")
        tap.is_(said[1].count("Apply these changes?"), 1, "the second is shown before the second question")
        tap.like(machine.read(PROFILE), r"# change 0$", "the change is kept")
        tap.unlike(machine.read(PROFILE), r"11111111-1111", "and the profile has a new UUID")
        tap.is_(machine.run("status").returncode, 0, "the machine is settled")


def a_change_at_each_question(tap):
    with Machine() as machine:
        sealed_clone(machine)
        said, status = change_at_each_question(machine, 3)
        tap.is_(status, 1, "a change at each question: given up after the third")
        tap.like(" ".join(said[-1].split()), r"lan0\.nmconnection: its content (is another|changed) since the changes were planned", "and says which file")
        tap.like(machine.read(PROFILE), r"11111111-1111[^\n]*\n(.*\n)*# change 2$", "the profile is as it was, with all changes")
        tap.is_(machine.run("status").returncode, 3, "there is still work")
        tap.ok(not machine.exists("/var/lib/reset-identity/transaction"), "no transaction is left")


def a_change_before_the_undo(tap):
    with Machine() as machine:
        machine.add_template()
        assert machine.run("seal").returncode == 0
        assert machine.run("apply", "--force", "--yes").returncode == 0
        machine.write("/etc/hosts", machine.read("/etc/hosts") + "192.0.2.1 printer\n")
        refused = machine.run("undo", "--yes")
        tap.is_((refused.returncode, "/etc/hosts: its content has changed" in refused.stderr), (1, True), "undo keeps a change")
        undone = machine.run("undo", "--force", "--yes")
        tap.is_((undone.returncode, "printer" in machine.read("/etc/hosts")), (0, False), "undo --force does not")
    with Machine() as machine:
        sealed_clone(machine)
        assert machine.run("apply", "--yes").returncode == 0
        shutil.rmtree(machine.path(os.path.dirname(PROFILE)))
        refused = machine.run("undo", "--force", "--yes")
        tap.ok(refused.returncode == 1 and "its directory" in refused.stderr and "switch the step" not in refused.stderr,
               "no step can be switched off for an undo", refused.stderr)
        tap.unlike(undone.stdout, "resets it again", "and takes the machine for what it is: its next boot does nothing")
        tap.is_(machine.run("status").returncode, 0, "as status does")


def other_permissions_before_the_undo(tap):
    """A file that somebody closed, or gave to a group, is not opened again unasked."""
    changes = {"other permissions": lambda path: os.chmod(path, 0o600), "another group": lambda path: os.chown(path, -1, 42)}
    for what, change in changes.items():
        with Machine() as machine:
            sealed_clone(machine)
            before = machine.snapshot("/etc")["etc/hosts"]
            assert machine.run("apply", "--yes").returncode == 0
            change(machine.path("/etc/hosts"))
            changed = machine.snapshot("/etc")
            refused = machine.run("undo", "--yes")
            tap.is_((refused.returncode, "/etc/hosts: its owner or its permissions have changed" in refused.stderr), (1, True),
                    f"{what}: undo names the file")
            tap.is_(refused.stderr.count(" have changed"), 1, f"{what}: and no other")
            tap.is_(machine.snapshot("/etc"), changed, f"{what}: and changes nothing")
            tap.is_(machine.run("undo", "--force", "--yes").returncode, 0, f"{what}: undo --force goes on")
            tap.is_(machine.snapshot("/etc")["etc/hosts"], before, f"{what}: and the file is as it was")
    with Machine() as machine:
        machine.add_template()
        os.chmod(machine.path("/etc/machine-id"), 0o644)
        os.chmod(machine.path(PROFILE), 0o644)
        assert machine.run("seal").returncode == 0
        machine.become_clone()
        assert machine.run("apply", "--yes").returncode == 0
        undone = machine.run("undo", "--yes")
        tap.is_((undone.returncode, undone.stderr), (0, ""), "permissions that the run itself gave are no change")


RENAMES = "?rename,?renameat,?renameat2"


def run_and_kill(machine, command, calls, when):
    subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=KILL:when={when}",
                    PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", command, "--yes"],
                   stdin=subprocess.DEVNULL, capture_output=True, check=False)


def killed(machine, rename=2):
    """An apply whose power goes behind the commit point: the first rename is the manifest's, the second one the first file's."""
    sealed_clone(machine)
    run_and_kill(machine, "apply", RENAMES, rename)
    assert machine.exists("/var/lib/reset-identity/transaction/manifest")
    return machine


def left_beside(machine):
    return [name for name in machine.snapshot() if name.endswith(".reset-identity")]


def a_change_before_the_recovery(tap):
    """Kept and named; only what still says an old value leaves the run unfinished."""
    cases = {"the name": ("127.0.0.1 localhost\n127.0.1.1 golden # mine\n", 1), "the name with a domain": ("127.1 GOLDEN.lan\n", 1),
             "a line that was to go": ("127.0.1.1\tgolden.example.org\tgolden\n::1 x\n", 1),
             "another name": ("127.0.0.1 localhost\n127.0.1.1 golden-db\n", 0), "nothing of it": ("127.0.0.1 localhost\n", 0)}
    for what, (content, code) in cases.items():
        for command in ("apply", "undo"):
            with killed(Machine()) as machine:
                machine.write("/etc/hosts", content)
                result = machine.run(command, "--yes")
                expected = code if command == "apply" else 0
                tap.is_((result.returncode, "/etc/hosts" in result.stderr, machine.read("/etc/hosts")), (expected, True, content),
                        f"/etc/hosts with {what}: {command} keeps and names it")
                tap.is_(machine.run("status").returncode, 0 if (command, code) == ("apply", 0) else 3, f"{what}: and status after {command}")
                if expected == 0:
                    tap.is_(left_beside(machine), [], f"{what}: {command} leaves nothing beside it")
    with killed(Machine()) as machine:
        os.unlink(machine.path(PROFILE))
        result = machine.run("undo", "--yes")
        tap.is_((result.returncode, PROFILE in result.stderr), (0, True), "a profile that was removed does not keep the run from being undone")
        tap.is_((machine.exists(PROFILE), left_beside(machine)), (False, []), "and stays removed")


def other_permissions_before_the_recovery(tap):
    """They stay, and do not keep the run from its end: what it changes is the content."""
    for rename, command, name in ((2, "apply", "golden-ccdd02"), (6, "undo", "golden")):
        with killed(Machine(), rename) as machine:
            had_new = "golden-ccdd02" in machine.read("/etc/hosts")
            tap.is_(had_new, command == "undo", f"{command}: the killed run had come to the file" if had_new else f"{command}: and had not")
            before = machine.snapshot("/etc")
            os.chmod(machine.path("/etc/hosts"), 0o600)
            os.chown(machine.path("/etc/hosts"), 0, 42)
            result = machine.run(command, "--yes")
            tap.is_((result.returncode, "/etc/hosts (its owner and permissions)" in result.stderr), (0, True),
                    f"{command} ends the run and names the file")
            after = machine.snapshot("/etc")
            tap.is_((after["etc/hosts"][:3], f"\t{name}\n" in machine.read("/etc/hosts")), ((0o100600, 0, 42), True),
                    f"{command}: its owner and permissions are kept, its content is the run's")
            tap.is_([path for path in after if path != "etc/hosts" and path in before and after[path][:3] != before[path][:3]], [],
                    f"{command}: no other file has others")
            tap.is_(left_beside(machine), [], f"{command} leaves nothing beside it")
        for when in range(1, 9):
            with killed(Machine(), rename) as machine:
                os.chmod(machine.path("/etc/hosts"), 0o600)
                os.chown(machine.path("/etc/hosts"), 0, 42)
                run_and_kill(machine, command, f"fchown,fchmod,{RENAMES}", when)
                machine.run(command, "--yes")
                tap.is_((machine.snapshot("/etc")["etc/hosts"][:3], f"\t{name}\n" in machine.read("/etc/hosts"), left_beside(machine)),
                        ((0o100600, 0, 42), True, []), f"{command} killed at its call {when}, and once more: the same")


with Tap() as tap:
    one_change(tap)
    a_change_before_the_recovery(tap)
    other_permissions_before_the_recovery(tap)
    a_change_before_the_undo(tap)
    other_permissions_before_the_undo(tap)
    a_change_at_each_question(tap)
