#!/usr/bin/python3
"""Commands, options and exit codes are the same wherever they are said: --help, the manual page, the README, the completions."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, PROGRAM, REPOSITORY, Machine
from tap import Tap


def read(name):
    with open(os.path.join(REPOSITORY, name), encoding="utf-8") as file:
        return file.read()


def shown(*command):
    return subprocess.run([PROGRAM, "help", *command], capture_output=True, text=True, check=True).stdout


def options_of(help_text):
    """{option: whether it takes a value}"""
    return {name: bool(value) for name, value in re.findall(r"^  (?:-\w, )?--([a-z-]+)(=?)", help_text.split("\nOptions:\n")[1], re.M)}


HELP = shown()
COMMANDS = {name: operands for name, operands in re.findall(r"^  ([a-z][a-z-]*)(?: (\[\S+\]))?  +\S", HELP.split("Options:")[0], re.M)}
GLOBAL = options_of(HELP)
OWN = {command: {name: value for name, value in options_of(shown(command)).items() if name not in GLOBAL} for command in COMMANDS}


def section(page, name):
    return re.search(rf"^\.SH {name}\n(.*?)(?=^\.SH )", page, re.M | re.S)[1]


def plain(line):
    """A line of the page's source without its macros and fonts."""
    return re.sub(r"^\.[A-Z]+ ", "", re.sub(r"\\f.", "", line)).replace("\\-", "-").replace('"', "")


def manual(tap):
    page = read("packaging/reset-identity.8")
    heads = [plain(line) for line in re.findall(r"^\.TP\n(.*)$", section(page, "COMMANDS"), re.M)]
    tap.is_([head.split()[0] for head in heads], list(COMMANDS), "the page has the commands of --help, in their order")
    for head in heads:
        command = head.split()[0]
        said = {name: bool(value) for name, value in re.findall(r"--([a-z-]+) ?(\[?=?)", head)}
        tap.is_(said, OWN.get(command), f"{command}: the page's synopsis has the options of --help")
        operand = re.sub(r"--[a-z-]+|[A-Z|]*=[^\]]*|[\s\[\]]", "", head[len(command):])
        tap.is_(bool(operand.replace("|", "")), bool(COMMANDS[command]), f"{command}: and its operand")
    general = " ".join(plain(line) for line in re.findall(r"^\.TP\n(.*)$", section(page, "OPTIONS"), re.M))
    tap.is_(set(re.findall(r"--([a-z-]+)", general)), set(GLOBAL), "the page has the options of every command")
    synopsis = plain(section(page, "SYNOPSIS").replace("\n", " "))
    tap.ok(set(re.findall(r"--([a-z-]+)", synopsis)) <= set(GLOBAL), "its synopsis has no others")


def steps(tap):
    """Both pages have the steps of the program, reset-identity(8) and the policy's page, in its order."""
    with Machine() as machine:
        known = [step["name"] for step in machine.json("steps")[1]["steps"]]
    named = re.findall(r"^\.TP\n\.B (\S+)$", section(read("packaging/reset-identity.8"), "STEPS"), re.M)
    tap.is_([name.replace("\\-", "-") for name in named], known, "reset-identity(8) has each step")
    policy = read("packaging/reset-identity.ini.5").split('.B "reset\\-identity steps"')[1].split(".SS ")[0]
    tap.is_([name.replace("\\-", "-") for name in re.findall(r"^\.TP\n\\fB(\S+)\\fR$", policy, re.M)], known, "so has reset-identity.ini(5)")


def exit_codes(tap):
    names = {int(code) for code in re.findall(r"RI_EXIT_\w+ = (\d+)", read("agent/base/names.h"))}
    page = {int(code) for code in re.findall(r"^\.TP\n\.B (\d+)$", section(read("packaging/reset-identity.8"), "EXIT STATUS"), re.M)}
    said = {int(code) for code in re.findall(r"\b(\d+) [a-z]", HELP.split("Exit status:")[1].split("See ")[0])}
    tap.is_((page, said), (names, names), "the page and --help have the exit codes of the program")


def readme(tap):
    rows = re.findall(r"^\| (`[^|]*`) \|", read("README.md").split("| command | what it does |")[1].split("\n\n")[0], re.M)
    tap.is_({name for row in rows for name in re.findall("`([a-z-]+)`", row)}, set(COMMANDS) - {"help"}, "the README's table has every command")


def completions(tap):
    """They ask the program for commands and options; what they know by themselves is what takes a value, and the operands."""
    valued = {name for options in [GLOBAL, *OWN.values()] for name, value in options.items() if value}
    operands = {command for command, operand in COMMANDS.items() if operand}
    bash, zsh, fish = (read(f"packaging/completion/{name}") for name in ("reset-identity.bash", "_reset-identity", "reset-identity.fish"))
    cases = bash.split("case $previous in")[1].split("esac")[0]
    tap.is_(set(re.findall(r"--([a-z-]+)", cases)), valued, "bash completes each value")
    tap.is_(set(re.search(r"--@\(([a-z|-]+)\)", bash)[1].split("|")), valued, "and takes none of them for a command")
    tap.is_(set(re.findall(r"--([a-z]+)\\[|)]", zsh)), valued, "zsh completes each value")
    tap.is_(set(re.findall(r"^complete .* -l ([a-z-]+)", fish, re.M)), valued - {"wait"}, "fish each that has names to offer")
    for shell, text, pattern in (("bash", bash.split("case $command in")[1], r"^  (.*)\)"), ("zsh", zsh.split("case $command in")[1], r"^  (.*?)\)"),
                                 ("fish", fish, r"contains ([a-z-]+) \(__")):
        said = {word for words in re.findall(pattern, text, re.M) for word in re.findall(r"[a-z][a-z-]*", words.split(")")[0])}
        tap.is_(said - {"plan"}, operands, f"{shell} knows which commands have an operand")


def documents(tap):
    """What a page of ours calls `reset-identity WORD` is a command, and --OPTION one that there is."""
    known = set(GLOBAL) | {name for options in OWN.values() for name in options}
    pages = ["README.md", *(f"packaging/doc/{name}" for name in sorted(os.listdir(os.path.join(REPOSITORY, "packaging/doc"))) if name.endswith(".md"))]
    for name in pages:
        spans = re.findall(r"`(reset-identity [^`\n]+)`", read(name))
        for span in spans:
            words = span.split()[1:]
            command = next((word for word in words if not word.startswith("-")), None)
            tap.ok(command in COMMANDS, f"{name}: {span}: a command")
            tap.is_([word for word in words if word.startswith("--") and word[2:].split("=")[0] not in known], [], f"{name}: {span}: options")
    told = set()
    for directory, _, files in os.walk(os.path.join(REPOSITORY, "agent")):
        for file in files:
            if file.endswith(".c"):
                told |= set(re.findall(r"`reset-identity ([a-z][a-z-]*)", read(os.path.join(directory, file))))
    tap.is_(told - set(COMMANDS) - {"adapt-network", "take-back"}, set(), "what a message tells to run is a command")


def messages(tap):
    """What the page calls a message is one of the program's, word for word; `...` stands for what it fills in."""
    text = ""
    for directory, _, files in os.walk(os.path.join(REPOSITORY, "agent")):
        for file in files:
            if file.endswith((".c", ".h")):
                literals = re.sub(r'"\s*(?:[A-Z_]+\s*)?"', "", re.sub(r"\\\n", "", read(os.path.join(directory, file))))
                text += "\n".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', literals)) + "\n"
    told = re.findall(r"^- \*\*(.*)\*\*\\$", read("packaging/doc/troubleshooting.md").split("## Messages")[1], re.M)
    tap.ok(len(told) > 8, "the page has messages")
    for message in told:
        parts = [part for part in re.split(r"\.\.\. ?", message) if part.strip()]
        tap.is_([part for part in parts if part.strip() not in text], [], f"troubleshooting.md: {message}: the program says so")


def examples(tap):
    """The page's: what runs our command is run, below --root; a pipe into jq with it."""
    lines = [plain(line).replace("\\(aq", "'") for line in re.findall(r'^\.B "(.*)"$', section(read("packaging/reset-identity.8"), "EXAMPLES"), re.M)]
    text = re.sub(r"\|\n +", "| ", "\n".join(lines))
    ours = [line for line in text.splitlines() if line.startswith("reset-identity ") and "apply" not in line and "/mnt" not in line]
    for line in ours:
        with Machine() as machine:
            machine.add_template()
            machine.write("/etc/reset-identity/policy.ini", "[host web-17]\nmatch-uuid = " + CLONE_UUID + "\n")
            if "seal" not in line:
                machine.run("seal")
            if "jq" in line or line.endswith(" plan"):
                machine.become_clone()
                machine.run("apply", "--yes") if " log" in line else None
            own = f'reset-identity() {{ {PROGRAM} --root={machine.root} --hardware={machine.hardware} "$@"; }}; set -o pipefail; '
            result = subprocess.run(["bash", "-c", own + line.replace("--poweroff", "")], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            wanted = 3 if " plan" in line else 0
            tap.is_((result.returncode, bool(result.stdout)), (wanted, True), f"the page's example runs: {line}")
            tap.diag(result.stdout + result.stderr)
    tap.is_(len(ours), 7, "each of them is looked at")


with Tap() as tap:
    for test in (manual, steps, exit_codes, readme, completions, documents, messages, examples):
        test(tap)
