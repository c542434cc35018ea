#!/usr/bin/python3
"""A directory that holds no system (an image that is not mounted there, one too high or too low): each command names it, and nothing is made in
it. A file in the place of /etc is no system either."""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import Machine
from tap import Tap

COMMANDS = (["status"], ["plan"], ["plan", "--force"], ["apply", "--yes"], ["apply", "--boot"], ["undo", "--yes"], ["seal"], ["seal", "--dry-run"],
            ["adopt", "--yes"], ["log"])


with Tap() as tap:
    for what, name in (("an empty root", None), ("a root one too high", "mnt/etc/"), ("a file called etc", "etc")):
        with Machine() as machine, tempfile.TemporaryDirectory() as root:
            if name is not None and name.endswith("/"):
                os.makedirs(os.path.join(root, name))
            elif name is not None:
                with open(os.path.join(root, name), "w", encoding="utf-8") as file:
                    file.write("x")
            before = sorted(os.listdir(root))
            machine.root = root
            for command in COMMANDS:
                result = machine.run(*command)
                tap.ok(result.returncode == 1 and f"there is no directory /etc below {root} (--root)" in result.stderr,
                       f"{what}: {' '.join(command)} names it", result.stdout + result.stderr)
            tap.is_(sorted(os.listdir(root)), before, f"{what}: nothing is made there")
