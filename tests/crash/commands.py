"""The whole command on a machine's tree, to be broken as crash-apply is: how its start is made, and what can be compared of its end."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tree"))

from breaking import LONG_AGO, STATE, Scenario, Workshop, run
from machine_tree import PROGRAM


def command(top, *arguments):
    return [PROGRAM, f"--root={top}/root", f"--hardware={top}/hardware", *arguments]


def apply(top):
    return command(top, "apply", "--yes")


def succeed(top, *arguments):
    status, output = run(command(top, *arguments))
    if status != 0:
        raise RuntimeError(output)


def seal(top):
    """Nothing that it has is recent, so that what a run touches shows."""
    succeed(top, "seal")
    for directory, _, files in os.walk(os.path.join(top, "root")):
        for name in files:
            os.utime(os.path.join(directory, name), (LONG_AGO, LONG_AGO))


def without_time(files):
    """The record says when."""
    files = dict(files)
    for name in (f"{STATE}/record", "etc/reset-identity/record"):
        *about, content = files[name]
        files[name] = (*about, re.sub(rb"(?m)^(time|sum) = .*", rb"\1", content))
    return files


def end_of(name, prepare, normalise, *arguments):
    """What PREPARE makes, after the command with ARGUMENTS where there are any."""
    with Workshop(prepare) as top:
        if arguments:
            succeed(top, *arguments)
        return Scenario(name, None, None, None, normalise).end(name, top)
