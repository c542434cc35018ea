#!/usr/bin/python3
"""What the pages promise: each command is run and says what the page says, each policy is valid, each link leads somewhere.

A page names the machine of its examples in a comment, `<!-- machine: clone -->`; the blocks behind it are one session on
it. In what a command says `...` stands for anything; what is drawn at random is not compared.
"""

import glob
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, PROGRAM, REPOSITORY, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

PAGES = [os.path.join(REPOSITORY, "README.md"), *sorted(glob.glob(os.path.join(REPOSITORY, "packaging/doc/*.md")))]
VOLATILE = [(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"), (r"\b[0-9a-f]{32}\b", "ID"),
            (r"\b[0-9a-f]{8}\.\.\.", "ID..."), (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME")]


def template(machine):
    machine.add_template()
    for path in glob.glob(machine.path("/etc/NetworkManager/system-connections/*")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("10.0.1.1/16", "10.0.0.10/24"))


def sealed(machine):
    template(machine)
    assert machine.run("seal").returncode == 0


def clone(machine):
    sealed(machine)
    machine.become_clone()


def named_clone(machine, policy):
    """By the page's own policy."""
    template(machine)
    machine.write("/etc/reset-identity/policy.ini", policy)
    assert machine.run("seal").returncode == 0
    machine.become_clone()


def rewired(machine):
    template(machine)
    assert machine.run("adopt", "--yes").returncode == 0
    machine.set_hardware(TEMPLATE_UUID, [("ens3", "52:54:00:cc:dd:02")])


def no_evidence(machine):
    sealed(machine)
    machine.set_hardware(None, [])


def damaged(machine):
    sealed(machine)
    for record in ("/var/lib/reset-identity/record", "/etc/reset-identity/record"):
        machine.write(record, "x", 0o600)


def off(machine):
    sealed(machine)
    machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)], command_line="quiet reset-identity=off")


def bad_policy(machine):
    clone(machine)
    machine.write("/etc/reset-identity/policy.ini", "# the clones of golden\n[network]\ngateway = 10.0.0\n")


MACHINES = {"template": template, "sealed template": sealed, "clone": clone, "clone that the policy names": named_clone,
            "rewired": rewired, "no evidence": no_evidence, "unsealed": template, "damaged": damaged, "off": off,
            "clone, bad policy": bad_policy}


def comparable(text):
    for pattern, name in VOLATILE:
        text = re.sub(pattern, name, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def fits(expected, said):
    pattern = ""
    for line in comparable(expected).splitlines():
        if line == "...":
            pattern += r"(?:.*\n)*"
        elif line.endswith("..."):
            pattern += re.escape(line[:-len("...")]) + r".*\n"
        else:
            pattern += re.escape(line) + r"\n"
    return re.fullmatch(pattern, comparable(said) + "\n") is not None


def session(block):
    """(command, what it says) of a console block."""
    found = []
    for line in block.splitlines():
        if line.startswith("# "):
            found.append([line[2:], []])
        else:
            found[-1][1].append(line)
    return [(command, "\n".join(said)) for command, said in found]


def run_console(tap, machine, block, where):
    for command, expected in session(block):
        words = command.split()
        tap.is_(words[0], "reset-identity", f"{where}: {command}: a console block runs reset-identity")
        result = machine.run(*words[1:])
        tap.ok(fits(expected, result.stdout + result.stderr), f"{where}: {command}: says what the page says",
               result.stdout + result.stderr)


def check_command(tap, line, where):
    words = line.split("#")[0].split()
    command = next((word for word in words[1:] if not word.startswith("-")), None)
    shown = subprocess.run([PROGRAM, "help", *([command] if command else [])], capture_output=True, text=True, check=False)
    tap.is_(shown.returncode, 0, f"{where}: {line}: a command that is there")
    for word in words[1:]:
        if word.startswith("--"):
            tap.ok(word.split("=")[0] in shown.stdout, f"{where}: {line}: {word} is an option of it", shown.stdout)


def check_shell(tap, block, where):
    for line in block.splitlines():
        for part in re.split(r"&&|\|", line):
            if part.split() and part.split()[0] == "reset-identity":
                check_command(tap, part.strip(), where)
            if part.split() and part.split()[0] == "make":
                target = [word for word in part.split("#")[0].split()[1:] if "=" not in word]
                made = subprocess.run(["make", "-n", "-C", REPOSITORY, *target], capture_output=True, text=True, check=False)
                tap.is_(made.returncode, 0, f"{where}: {part.strip()}: a target that is there")


def check_page(tap, path):
    page = os.path.relpath(path, REPOSITORY)
    machine = policy = None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for found in re.finditer(r"^<!-- machine: (.*?) -->$|^```(\w+)\n(.*?)^```$", text, re.M | re.S):
        where = f"{page}:{text.count(chr(10), 0, found.start()) + 1}"
        if found[1]:
            if machine is not None:
                machine.__exit__()
            machine = Machine()
            make = MACHINES[found[1]]
            make(machine, *([policy] if make is named_clone else []))
        if found[2]:
            tap.is_([line for line in found[3].splitlines() if len(line) > 80], [], f"{where}: at most 80 columns")
        if found[2] == "console":
            tap.ok(machine is not None, f"{where}: a machine is named for the example")
            run_console(tap, machine, found[3], where)
        elif found[2] == "sh":
            check_shell(tap, found[3], where)
        elif found[2] == "ini":
            policy = found[3]
            checked = subprocess.run([PROGRAM, "check-policy", "-"], input=found[3], capture_output=True, text=True, check=False)
            tap.is_(checked.returncode, 0, f"{where}: a valid policy")
    if machine is not None:
        machine.__exit__()
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        if not re.match(r"\w+:", link):
            tap.ok(os.path.exists(os.path.join(os.path.dirname(path), link)), f"{page}: {link} is there")


with Tap() as tap:
    for page in PAGES:
        check_page(tap, page)
