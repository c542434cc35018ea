#!/usr/bin/python3
"""--json: one object each, exactly the members that reset-identity(8) documents."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import REPOSITORY, Machine
from tap import Tap


def documented():
    """{command: set of members} from the page's own table; nested names are flattened."""
    with open(os.path.join(REPOSITORY, "packaging/reset-identity.8"), encoding="utf-8") as file:
        table = re.search(r"^\.nf\n(.*?)^\.fi", file.read(), re.MULTILINE | re.DOTALL).group(1).replace("\\-", "-")
    rows = {}
    for line in table.splitlines():
        if not line:
            continue
        name, rest = line[:14].strip(), line[14:]
        if name and not line.startswith(" ") and name != "seal, adopt":
            current = rows.setdefault(name, [])
        current.append(rest)
    found = {}
    for names, lines in rows.items():
        members = set(re.findall(r"[a-z_]+", " ".join(lines)))
        for name in re.findall(r"[a-z-]+", names):
            found[name] = members
    return found


def members(value):
    """Every name in an object, however deep, but for what is another object's own documentation."""
    names = set()
    if isinstance(value, dict):
        for name, inner in value.items():
            names.add(name)
            if name not in ("last", "verified"):
                names |= members(inner)
    elif isinstance(value, list):
        for inner in value:
            names |= members(inner)
    return names


def check(tap, pages, command, value):
    undocumented = members(value) - pages[command]
    tap.is_(undocumented, set(), f"{command}: every member is in the manual page")
    tap.is_(value["command"], command, f"{command}: says which command it answers")


with Tap() as tap, Machine() as machine:
    pages = documented()
    for alias in ("undo", "seal", "adopt"):
        pages[alias] = pages["apply"]
    machine.add_template()
    machine.write("/etc/reset-identity/policy.ini", "[identity]\nhostname = node-{mac:6}\n")
    for command, arguments in (("seal", []), ("status", []), ("steps", []), ("check-policy", [])):
        check(tap, pages, command, machine.json(command, *arguments)[1])
    machine.become_clone()
    plan = machine.json("plan")[1]
    check(tap, pages, "plan", plan)
    tap.is_(set(plan["changes"][0]), {"step", "action", "path", "destination", "why", "diff"}, "plan: a change is whole")
    name = [choice for choice in plan["choices"] if choice["name"] == "hostname"]
    tap.is_([(c["old"], c["new"][:5], c["source"]) for c in name], [("golden", "node-", "policy.ini:2")],
            "plan: a choice says what was, what will be and where that is written")
    check(tap, pages, "apply", machine.json("apply", "--yes")[1])
    log = machine.json("log")[1]
    check(tap, pages, "log", log)
    tap.is_(set(log["runs"][0]), {"number", "time", "kind", "verdict", "summary", "reasons", "undone", "changes"},
            "log: a run is whole")
    check(tap, pages, "undo", machine.json("undo", "--yes")[1])
    check(tap, pages, "adopt", machine.json("adopt")[1])
    status = machine.json("status")[1]
    top = {"command", "verdict", "reasons", "transaction_open", "isolated", "facts", "record", "policy", "last", "verified"}
    tap.is_(set(status), top, "status: every documented member is there")
    machine.write("/etc/reset-identity/policy.ini", "[identity]\nhostnam = x\n")
    code, bad = machine.json("check-policy")
    check(tap, pages, "check-policy", bad)
    tap.is_((code, bad["errors"][0]["line"], bad["errors"][0]["key"]), (78, 2, "identity.hostnam"), "check-policy: an error is whole")
    code, failed = machine.json("plan")
    tap.is_((code, failed["error"]["code"]), (78, 78), "a command that fails has its exit code in the object")
