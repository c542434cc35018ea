#!/usr/bin/python3
"""--json: one object each, exactly the members that reset-identity(8) documents."""

import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from json_schema import problems
from machine_tree import CLONE_MAC, CLONE_UUID, PROGRAM, REPOSITORY, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

POLICY = "/etc/reset-identity/policy.ini"


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


with open(os.path.join(REPOSITORY, "conf/reset-identity.schema.json"), encoding="utf-8") as file:
    SCHEMA = json.load(file)


def valid(tap, value, name):
    tap.is_(problems(value, SCHEMA, SCHEMA), [], f"{name}: as the schema says")


def check(tap, pages, command, value):
    valid(tap, value, command)
    undocumented = members(value) - pages[command]
    tap.is_(undocumented, set(), f"{command}: every member is in the manual page")
    tap.is_(value["command"], command, f"{command}: says which command it answers")


def what_each_command_says(tap, machine):
    pages = documented()
    for alias in ("undo", "seal", "adopt"):
        pages[alias] = pages["apply"]
    machine.add_template()
    machine.write("/etc/reset-identity/policy.ini", "[identity]\nhostname = node-{mac:6}\n")
    check(tap, pages | {"seal": pages["plan"]}, "seal", machine.json("seal", "--dry-run")[1])
    for command, arguments in (("seal", []), ("status", []), ("steps", []), ("check-policy", [])):
        check(tap, pages, command, machine.json(command, *arguments)[1])
    machine.become_clone()
    plan = machine.json("plan")[1]
    check(tap, pages, "plan", plan)
    tap.is_(set(plan["changes"][0]), {"step", "action", "path", "destination", "why", "diff"}, "plan: a change is whole")
    name = [choice for choice in plan["choices"] if choice["name"] == "hostname"]
    tap.is_([(c["old"], c["new"][:5], c["source"]) for c in name], [("golden", "node-", "policy.ini:2")],
            "plan: a choice says what was, what will be and where that is written")
    tap.is_([(action["step"], action["kind"]) for action in plan["actions"]],
            [("machine-id", "machine-id"), ("hostname", "hostname"), ("nm-profile", "network")],
            "plan: what must happen beside files")
    check(tap, pages, "apply", machine.json("apply", "--yes")[1])
    log = machine.json("log")[1]
    check(tap, pages, "log", log)
    tap.is_(set(log["runs"][0]), {"number", "time", "kind", "verdict", "summary", "reasons", "undone", "choices", "changes",
                                  "actions"},
            "log: a run is whole")
    tap.is_([(action["kind"], action["done"]) for action in log["runs"][0]["actions"]],
            [("machine-id", True), ("hostname", False), ("network", False)], "log: what did; nothing runs below --root")
    check(tap, pages, "undo", machine.json("undo", "--yes")[1])
    check(tap, pages, "adopt", machine.json("adopt")[1])
    status = machine.json("status")[1]
    top = {"version", "error", "command", "verdict", "reasons", "transaction_open", "isolated", "facts", "record", "policy", "warnings", "last", "verified"}
    tap.is_(set(status), top, "status: every documented member is there")
    machine.write("/etc/reset-identity/policy.ini", "[identity]\nhostnam = x\n")
    code, bad = machine.json("check-policy")
    check(tap, pages, "check-policy", bad)
    tap.is_((code, bad["errors"][0]["line"], bad["errors"][0]["key"]), (78, 2, "identity.hostnam"), "check-policy: an error is whole")
    code, failed = machine.json("plan")
    tap.is_((code, failed["error"]["code"]), (78, 78), "a command that fails has its exit code in the object")
    valid(tap, failed, "plan that fails")
    tap.is_(machine.json("steps")[1]["error"]["code"], 78, "steps lists what is there, with the error")


def an_ignored_word(tap):
    """What status and plan warn people of, their objects have too."""
    for name, uuid in ("the template", TEMPLATE_UUID), ("a copy", CLONE_UUID):
        with Machine() as machine:
            machine.add_template()
            tap.is_(machine.run("seal").returncode, 0, "sealed")
            machine.set_hardware(uuid, [("ens3", TEMPLATE_MAC)], command_line="reset-identity=on")
            for command in "status", "plan":
                code, answer = machine.json(command)
                text = machine.run(command).stdout
                tap.ok(code in (0, 3) and sum("kernel command line has an unknown value" in line for line in answer["warnings"]) == 1,
                       f"{command} --json on {name}: the warning", answer["warnings"])
                tap.is_(text.count("warning: reset-identity= on the kernel command line"), 1, f"{command} on {name}: once")


def stdout_of(*arguments, program=PROGRAM, user=None):
    result = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, user=user,
                            check=False)
    return result.returncode, json.loads(result.stdout)


def one_object_in_every_case(tap, machine):
    where = [f"--root={machine.path('/')}", f"--hardware={machine.hardware}"]
    for name, code, arguments in (
            ("an unknown command", 2, ["stauts"]),
            ("an unknown option", 2, ["plan", "--nonsense"]),
            ("a missing value", 2, ["status", "--policy"]),
            ("no command", 2, []),
            ("an option of another command", 2, ["steps", "--yes"]),
            ("apply that would have to ask", 2, ["apply"]),
            ("undo that would have to ask", 2, ["undo"]),
            ("a run that is not remembered", 1, ["log", "77"]),
            ("a root that is not there", 1, ["--root=/nowhere", "status"])):
        returned, value = stdout_of(*([] if name.startswith("a root") else where), "--json", *arguments)
        tap.is_((returned, value["error"]["code"]), (code, code), f"{name}: an object with the exit status")
        valid(tap, value, name)


def one_type_each(tap):
    """A member is of one type (or null) wherever it stands in the schema; each object that a command prints is held against that."""
    types = {}

    def kind(schema):
        if "$ref" in schema:
            return kind(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]])
        listed = schema.get("type") or sorted({"null" if value is None else "string" for value in schema["enum"]})
        return tuple(name for name in ([listed] if isinstance(listed, str) else listed) if name != "null")

    def look(schema):
        for name, inner in schema.get("properties", {}).items():
            types.setdefault(name, set()).add(kind(inner))
            look(inner)
        if "items" in schema:
            look(schema["items"])

    for schema in SCHEMA["$defs"].values():
        look(schema)
    mixed = {name: found - {()} for name, found in types.items() if len(found - {()}) > 1}
    tap.is_(mixed, {}, f"one type for each of {len(types)} members")


def for_another_user(tap, machine):
    """Through a copy of the program in a place where anybody may go."""
    subprocess.run(["chmod", "-R", "go+rX", machine.top], check=True)
    own = os.path.join(machine.top, "program")
    subprocess.run(["install", "-m", "755", PROGRAM, own], check=True)
    where = [f"--root={machine.path('/')}", f"--hardware={machine.hardware}", "--json"]
    for command in ("plan", "apply", "undo", "seal", "adopt", "log", "verify", "status"):
        returned, value = stdout_of(*where, command, program=own, user=65534)
        tap.is_((returned, value["command"], value["error"]["code"]), (77, command, 77), f"{command} of another user: an object")
        valid(tap, value, f"{command} of another user")


def refused_by_the_machine(tap):
    def damage(machine):
        for record in ("/var/lib/reset-identity/record", "/etc/reset-identity/record"):
            machine.write(record, "x", 0o600)

    for what, command, code, arrange in (
            ("status with a damaged record", ["status"], 1, damage),
            ("plan with a damaged record", ["plan"], 1, damage),
            ("log of what is no number", ["log", "last"], 2, lambda machine: None),
            ("adopt on a clone", ["adopt"], 2, lambda machine: machine.become_clone()),
            ("seal with an invalid policy", ["seal"], 78, lambda machine: machine.write(POLICY, "[x]\n")),
            ("seal --dry-run with an invalid policy", ["seal", "--dry-run"], 78, lambda machine: machine.write(POLICY, "[x]\n")),
            ("seal of a machine without evidence", ["seal"], 1, lambda machine: machine.set_hardware(None, [])),
            ("apply with an invalid policy", ["apply", "--yes"], 78, lambda machine: (machine.become_clone(), machine.write(POLICY, "[x]\n"))),
            ("plan with a policy that anybody may write", ["plan"], 77, lambda machine: (machine.write(POLICY, ""), os.chmod(machine.path(POLICY), 0o666))),
            ("undo where there is nothing", ["undo", "--yes"], 1, lambda machine: None),
            ("plan --as nobody", ["plan", "--as=nobody"], 1, lambda machine: None),
            ("verify below --root", ["verify"], 1, lambda machine: None)):
        with Machine() as machine:
            machine.add_template()
            machine.run("seal")
            arrange(machine)
            returned, value = machine.json(*command)
            tap.is_((returned, value["command"], value["error"]["code"]), (code, command[0], code), f"{what}: an object with the exit status")
            valid(tap, value, what)


def every_status(tap):
    def damage(machine):
        for record in ("/var/lib/reset-identity/record", "/etc/reset-identity/record"):
            machine.write(record, "x", 0o600)

    for what, arrange in (
            ("damaged", damage),
            ("same", lambda machine: machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)], command_line="reset-identity=nonsense")),
            ("off", lambda machine: machine.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC)], command_line="reset-identity=off")),
            ("unknown", lambda machine: machine.set_hardware(None, []))):
        with Machine() as machine:
            machine.add_template()
            machine.run("seal")
            arrange(machine)
            value = machine.json("status")[1]
            tap.is_(value["verdict"], what, f"status: {what}")
            valid(tap, value, f"status: {what}")


def a_foreign_last_json(tap, machine):
    for text in ("{oops}\n", "{\"time\":\"x\"", "[]\n", "{\"a\":1}{\"b\":2}\n", "{\"a\":01}\n", "{\"a\":\"\x01\"}\n", "{}\n",
                 '{"command":1}\n', '{"version":"1","time":"x","command":"apply","extra":true}\n'):
        machine.write("/run/reset-identity/last.json", text)
        tap.is_(machine.json("status")[1]["last"], None, f"last.json that is {text!r}: null")


with Tap() as tap:
    with Machine() as machine:
        what_each_command_says(tap, machine)
    with Machine() as machine:
        machine.add_template()
        one_object_in_every_case(tap, machine)
        code, value = stdout_of("--json", "--version")
        tap.is_((code, value["error"]), (0, None), "--version: an object")
        valid(tap, value, "--version")
        for arguments in (["help"], ["help", "plan"], ["plan", "--help"], ["--help"]):
            code, value = stdout_of("--json", *arguments)
            tap.ok(code == 0 and value["error"] is None and value["text"].startswith("Usage: reset-identity "), f"{arguments}: an object", value)
            valid(tap, value, f"{arguments}")
        one_type_each(tap)
        for_another_user(tap, machine)
        refused_by_the_machine(tap)
        every_status(tap)
        an_ignored_word(tap)
        a_foreign_last_json(tap, machine)
