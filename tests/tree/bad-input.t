#!/usr/bin/python3
"""Nothing in a policy, a profile, a record, a manifest, a host's files or SMBIOS crashes, hangs, is followed outside the root, or changes
anything: a clear error and a non-zero exit, or the file is left alone and named."""

import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, Machine
from tap import Tap

GARBAGE = {
    "bytes that are no text": bytes(range(256)) * 8,
    "NUL bytes": b"[connection]\0\nuuid=\0\0\n",
    "a 1 MiB line": b"x" * (1 << 20) + b"\n",
    "a 1 MiB value": b"[identity]\nhostname = " + b"x" * (1 << 20) + b"\n",
    "nothing at all": b"",
    "a byte order mark": b"\xef\xbb\xbf[connection]\r\nid=x\r\n",
    "brackets": b"[" * 5000 + b"]" * 5000,
    "deep nonsense": b"[[[[\n=====\n]]]]\n[x]\n=y\n%n%s%n\n",
}
SECONDS = 20


def directory(path):
    os.makedirs(path)


def fifo(path):
    os.mkfifo(path)


def loop(path):
    os.symlink(os.path.basename(path), path)


def device(path):
    os.symlink("/dev/zero", path)


THINGS = {"a directory": directory, "a FIFO": fifo, "a link to itself": loop, "a link to what is not there": device}


def template():
    machine = Machine()
    machine.add_template()
    machine.write("/etc/reset-identity/policy.ini", "")
    assert machine.run("seal").returncode == 0
    machine.become_clone()
    return machine


def place(machine, name, thing):
    path = machine.path(name)
    if os.path.lexists(path):
        os.unlink(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if callable(thing):
        thing(path)
    else:
        machine.write(name, thing, 0o600)


def survives(tap, name, what, thing, refused, policy="", also=None):
    """REFUSED: the exit codes that are right; with another one than 0 nothing may have changed. ALSO: a second file that becomes the same."""
    with template() as machine:
        machine.write("/etc/reset-identity/policy.ini", policy)
        machine.write("/etc/hostname", "golden.example.org\n")
        place(machine, name, thing)
        if also:
            place(machine, also, thing)
        before = machine.snapshot()
        for command in (["status"], ["plan"], ["apply", "--yes"]):
            result = machine.run(*command, timeout=SECONDS)
            tap.ok(0 <= result.returncode <= 78, f"{name}, {what}: {command[0]} does not crash", result.returncode, result.stderr[-400:])
        tap.ok(result.returncode in refused, f"{name}, {what}: apply exits with one of {refused}", result.returncode, result.stderr[-400:])
        if result.returncode != 0:
            tap.ok(result.stderr.strip(), f"{name}, {what}: and says why")
            tap.ok(machine.snapshot() == before, f"{name}, {what}: and has changed nothing")


def inputs(tap):
    for what, content in {**GARBAGE, **THINGS}.items():
        empty = content in (b"",)
        survives(tap, "/etc/reset-identity/policy.ini", what, content, [0] if empty else [77, 78, 1])
        survives(tap, "/var/lib/reset-identity/record", f"{what}, but for its copy", content, [0, 1])
        survives(tap, "/var/lib/reset-identity/record", what, content, [1], also="/etc/reset-identity/record")
        survives(tap, "/etc/NetworkManager/system-connections/odd", what, content, [0])
        survives(tap, "/etc/hosts", what, content, [0, 1])
        survives(tap, "/etc/hostname", what, content, [0, 1, 78])
        survives(tap, "/var/lib/NetworkManager/timestamps", what, content, [0, 1])
    for method in ("auto", "keep"):
        survives(tap, "/etc/systemd/network/10-lan.network", f"an address that is none, method = {method}",
                 "[Match]\nName=ens3\n[Network]\nAddress=10.0.0.300/24\nAddress=2001::db8::1/64\n", [0], f"[network]\nmethod = {method}\n")
    survives(tap, "/etc/hosts", "the host name under another domain", "127.0.1.1 golden.lan\n127.0.0.1 golden.\n", [0],
             "[identity]\nhostname = web.example.org\n")


def manifests(tap):
    for what, content in GARBAGE.items():
        with template() as machine:
            machine.write("/var/lib/reset-identity/transaction/manifest", content, 0o600)
            before = machine.snapshot()
            result = machine.run("apply", "--yes", timeout=SECONDS)
            tap.is_(result.returncode, 1, f"a committed manifest, {what}: refused")
            tap.like(result.stderr, "transaction", f"a committed manifest, {what}: named")
            tap.ok(machine.snapshot() == before, f"a committed manifest, {what}: nothing is changed")


def firmware(tap):
    for what, text in {"garbage": "\x01\x02garbage\xff", "a long line": "9" * 100000, "15 digits": "3445DEE7-45D0-1244-95DD-34FAA067C1BE33E",
                       "an escape sequence": "\x1b[2J" + CLONE_UUID}.items():
        with template() as machine:
            machine.set_hardware(text, [("ens3", CLONE_MAC)], serial=text)
            for command in (["status"], ["plan"]):
                result = machine.run(*command, timeout=SECONDS)
                tap.ok(result.returncode in (0, 3), f"SMBIOS, {what}: {command[0]} goes on", result.returncode, result.stderr[-300:])
                tap.ok("\x1b" not in result.stdout + result.stderr, f"SMBIOS, {what}: {command[0]} prints no control characters")


def outside(tap):
    with template() as machine:
        secret = os.path.join(machine.top, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("[connection]\nid=secret\nuuid=22222222-2222-4222-8222-222222222222\ntype=ethernet\n")
        climb = "../" * 12 + secret.lstrip("/")
        os.symlink(climb, machine.path("/etc/NetworkManager/system-connections/climb.nmconnection"))
        os.symlink(secret, machine.path("/etc/NetworkManager/system-connections/absolute.nmconnection"))
        shutil.rmtree(machine.path("/var/lib/reset-identity/history"), ignore_errors=True)
        os.symlink(machine.top, machine.path("/var/lib/reset-identity/history"))
        machine.run("apply", "--yes", timeout=SECONDS)
        with open(secret, encoding="utf-8") as file:
            tap.like(file.read(), "22222222", "links out of the root are not followed")
        tap.is_(sorted(os.listdir(machine.top)), ["hardware", "root", "secret"], "and nothing is made there")


with Tap() as tap:
    inputs(tap)
    manifests(tap)
    firmware(tap)
    outside(tap)
