#!/usr/bin/python3
"""Completion as a person has it: bash, zsh and fish on a terminal. Every command and every option that --help names is offered, and
nothing else."""

import os
import pty
import re
import select
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, "..", "vm"))

from tap import Tap

PROGRAM = os.path.join(TOP, "build/reset-identity")
FILES = os.path.join(TOP, "packaging/completion")
ALL = "\x1b*"  # everything that could stand here, inserted
START = "\x01"  # to the start of the line
SHOW = """
show() { printf '%s\\n' "$@" >"$HOME/words"; echo done; }
"""

BASH = SHOW + f"""
PS1='ready$ '
bind 'set bell-style none' 'set enable-bracketed-paste off' 2>/dev/null
bind '"\\e*": insert-completions'
. {FILES}/reset-identity.bash
"""
ZSH = SHOW + f"""
PS1='ready$ '
unsetopt zle_bracketed_paste beep 2>/dev/null; unset zle_bracketed_paste
fpath=({FILES} $fpath)
autoload -Uz compinit && compinit -u -d "$HOME/dump"
zle -C all-matches complete-word _generic
zstyle ':completion:all-matches:*' completer _all_matches _complete
zstyle ':completion:all-matches:*' insert yes
bindkey -e
bindkey '\\e*' all-matches
"""


class Shell:
    """A shell on a terminal of its own."""

    def __init__(self, home, rc, *command):
        with open(os.path.join(home, rc[0]), "w", encoding="utf-8") as file:
            file.write(rc[1])
        self.home, self.seen = home, ""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            path = f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"
            os.execvpe(command[0], command, os.environ | {"HOME": home, "ZDOTDIR": home, "PATH": path, "TERM": "dumb", "LC_ALL": "C.UTF-8",
                                                         "COLUMNS": "4000", "INPUTRC": "/dev/null"})
        self.wait("ready[$] ")

    def wait(self, pattern):
        """What is written until PATTERN."""
        while not (found := re.search(pattern, self.seen)):
            if not select.select([self.terminal], [], [], 20)[0]:
                raise TimeoutError(f"no {pattern!r} in {self.seen!r}")
            self.seen += os.read(self.terminal, 4096).decode(errors="replace")
        text, self.seen = self.seen[:found.end()], self.seen[found.end():]
        return text

    def complete(self, line, key="\t"):
        """The words of LINE when KEY was pressed at its end."""
        os.write(self.terminal, (line + key + START + "show \n").encode())
        self.wait(r"\ndone\r(.|\n)*ready[$] ")
        with open(os.path.join(self.home, "words"), encoding="utf-8") as file:
            return file.read().splitlines()

    def end(self):
        os.write(self.terminal, b"\x15exit\n")
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def named(*command):
    """The commands, or the options of a command, that --help names."""
    text = subprocess.run([PROGRAM, "help", *command], text=True, check=True, capture_output=True, env=os.environ | {"LC_ALL": "C"}).stdout
    if not command:
        return re.findall(r"^  ([a-z-]+)", text[text.index("Commands:"):text.index("Options:")], re.MULTILINE)
    return re.findall(r"(--[a-z-]+)[ =]", text[text.index("Options:"):text.index("\n\n", text.index("Options:"))])


def options_of(words):
    return sorted({word.split("=")[0] for word in words if word.startswith("--")})


def on_a_terminal(tap, name, shell):
    tap.is_(shell.complete("reset-identity che"), ["reset-identity", "check-policy"], f"{name}: a command")
    tap.is_(shell.complete("reset-identity help sea"), ["reset-identity", "help", "seal"], f"{name}: the command that help is asked for")
    tap.is_(sorted(shell.complete("reset-identity ", ALL)[1:]), sorted(named()), f"{name}: all commands")
    for command in named():
        if command != "help":
            tap.is_(options_of(shell.complete(f"reset-identity {command} --", ALL)), sorted(set(named(command))), f"{name}: all options of {command}")
    tap.is_(shell.complete("reset-identity seal --powe"), ["reset-identity", "seal", "--poweroff"], f"{name}: an option")
    tap.is_(shell.complete(f"reset-identity check-policy {TOP}/conf/pol"), ["reset-identity", "check-policy", f"{TOP}/conf/policy.ini"],
            f"{name}: a file")
    tap.is_(shell.complete(f"reset-identity --root={TOP}/packag")[1].rstrip("/"), f"--root={TOP}/packaging", f"{name}: a directory")
    shell.end()


def fish(home, line):
    text = subprocess.run(["fish", "--no-config", "-c", f"source {FILES}/reset-identity.fish; complete -C '{line}'"], text=True, check=True,
                          capture_output=True, env=os.environ | {"HOME": home, "PATH": f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"}).stdout
    return [word.split("\t")[0] for word in text.splitlines()]


def in_fish(tap, home):
    tap.is_(sorted(fish(home, "reset-identity ")), sorted(named()), "fish: all commands")
    for command in named():
        if command != "help":
            tap.is_(options_of(fish(home, f"reset-identity {command} --")), sorted(set(named(command))), f"fish: all options of {command}")
    tap.is_(fish(home, "reset-identity help sea"), ["seal"], "fish: the command that help is asked for")
    tap.ok(f"{TOP}/conf/policy.ini" in fish(home, f"reset-identity check-policy {TOP}/conf/pol"), "fish: a file")


with Tap() as test, tempfile.TemporaryDirectory() as folder:
    on_a_terminal(test, "bash", Shell(folder, ("bashrc", BASH), "bash", "--noprofile", "--rcfile", f"{folder}/bashrc", "-i"))
    on_a_terminal(test, "zsh", Shell(folder, (".zshrc", ZSH), "zsh", "-d", "-i"))
    in_fish(test, folder)
