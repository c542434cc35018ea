#!/usr/bin/python3
"""Somebody stops a run, or the terminal that it speaks to: behind the commit point it goes on to its end."""

import os
import pty
import subprocess
import sys
import termios
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import PROGRAM, Machine
from tap import Tap

TRANSACTION = "/var/lib/reset-identity/transaction"
RENAMES = "?rename,?renameat,?renameat2"
LIMIT_S = 60


def sealed_clone(machine):
    machine.add_template()
    assert machine.run("seal").returncode == 0
    machine.become_clone()
    return machine


def command(machine, *arguments):
    return [PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", *arguments]


def strace(inject):
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={RENAMES}", "-e", f"inject={RENAMES}:signal={inject}"]


def full_pipe():
    """Its writing end; nobody reads."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    return writer, reader


def stopped_terminal():
    """After Ctrl-S."""
    master, slave = pty.openpty()
    termios.tcflow(slave, termios.TCOOFF)
    return slave, master


def run(line, **options):
    """None: it does not end."""
    try:
        return subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False, timeout=LIMIT_S, **options)
    except subprocess.TimeoutExpired:
        return None


def nobody_reads(tap):
    for what, make in (("a pipe that nobody reads", full_pipe), ("a terminal after Ctrl-S", stopped_terminal)):
        with sealed_clone(Machine()) as machine:
            fds = make()
            result = run(command(machine, "apply", "--yes", "-v"), stderr=fds[0], env={**os.environ, "TERM": "xterm"})
            tap.ok(result is not None and result.returncode == 0, f"{what}: what is said of each stage is not waited for", result)
            tap.is_(machine.run("status").returncode, 0, f"{what}: all is done")
            for fd in fds:
                os.close(fd)


def nobody_reads_of_an_earlier_run(tap):
    """That an earlier run is finished is said when it is."""
    with sealed_clone(Machine()) as machine:
        run([*strace("KILL:when=3"), *command(machine, "apply", "--yes")], stderr=subprocess.DEVNULL)
        assert machine.exists(TRANSACTION)
        fds = full_pipe()
        with subprocess.Popen(command(machine, "apply", "--yes"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=fds[0]) as process:
            end = time.monotonic() + LIMIT_S
            while machine.exists(TRANSACTION) and time.monotonic() < end:
                time.sleep(0.01)
            tap.ok(not machine.exists(TRANSACTION), "a pipe that nobody reads: an earlier run is finished")
            process.kill()
        for fd in fds:
            os.close(fd)
        tap.is_(machine.run("status").returncode, 0, "as a whole")


def ctrl_z(tap):
    """In a process group of its own, as a shell gives it: only then does the kernel stop it."""
    for when in range(1, 5):
        with sealed_clone(Machine()) as machine:
            result = run([*strace(f"TSTP:when={when}"), *command(machine, "apply", "--yes")], stderr=subprocess.PIPE, preexec_fn=os.setpgrp)
            tap.ok(result is not None and (result.returncode, result.stdout) == (0, "golden is golden-ccdd02 now\n"),
                   f"Ctrl-Z at rename {when}: the run goes on to its end", result)


with Tap() as tap:
    nobody_reads(tap)
    nobody_reads_of_an_earlier_run(tap)
    ctrl_z(tap)
