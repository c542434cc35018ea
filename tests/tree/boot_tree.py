"""A machine in a directory that boots: the program in namespaces where the tree is / and PID 1's root, with a console and a journal
that the test reads."""

import os
import socket
import struct
import subprocess
import threading

from machine_tree import PROGRAM

# The programs are this machine's, below those of the tree; all else is the tree's. $1 the tree, $2 the hardware, $3 a directory with
# console and journal/, $4 the program, $5 what is run.
ENTER = """
set -e
mount --make-rprivate /
cd "$1"
mount -t overlay -o lowerdir="$1/usr:/usr" overlay usr
for link in /bin /sbin /lib /lib64; do [ -L $link ] || [ ! -d $link ] || mount --bind $link .$link; done
mount -t proc proc proc
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs dev
mount -t tmpfs tmpfs tmp
mkdir -p run/systemd/journal tmp/program
mount --bind "$3/journal" run/systemd/journal
mknod dev/null c 1 3; mknod dev/urandom c 1 9; chmod 666 dev/*
: >dev/console
mount --bind "$3/console" dev/console
mount --bind "$2" hw
mount --bind "$(dirname "$4")" tmp/program
exec chroot . /bin/sh -c "$5"
"""


def prepare(machine):
    """The mount points, before a tree is made read-only."""
    for name in ("usr", "proc", "hw", "tmp", "dev"):
        os.makedirs(machine.path(name), exist_ok=True)
    for link in ("/bin", "/sbin", "/lib", "/lib64"):
        if os.path.islink(link) and not machine.exists(link):
            os.symlink(os.readlink(link), machine.path(link))
        elif not os.path.islink(link) and os.path.isdir(link):
            os.makedirs(machine.path(link), exist_ok=True)
    os.makedirs(os.path.join(machine.top, "outside/journal"), exist_ok=True)


def fields_of(datagram):
    """A journal entry in the native protocol: a field a line, or its name, its length and its bytes."""
    fields = {}
    while datagram:
        line, _, rest = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8:8 + length], rest[8 + length + 1:]
        fields[name.decode()] = value.decode("utf-8", "replace")
        datagram = rest
    return fields


class Boot:
    """What one boot said: output, the console's text, the journal's entries, and the lines behind each "== NAME" of the script."""

    def __init__(self, machine, script, **environment):
        outside = os.path.join(machine.top, "outside")
        self.entries = []
        with open(os.path.join(outside, "console"), "w", encoding="utf-8"):
            pass
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            place = os.path.join(outside, "journal/socket")
            journal.bind(place)
            reader = threading.Thread(target=self._read, args=(journal,))
            reader.start()
            result = subprocess.run(["unshare", "--mount", "--uts", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "enter",
                                     machine.root, machine.hardware, outside, PROGRAM, script], stdin=subprocess.DEVNULL, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **environment}, check=False)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
                end.sendto(b"", place)
            reader.join()
            os.unlink(place)
        self.code, self.output = result.returncode, result.stdout
        with open(os.path.join(outside, "console"), encoding="utf-8") as file:
            self.console = file.read()

    def _read(self, journal):
        while datagram := journal.recv(1 << 20):
            self.entries.append(fields_of(datagram))

    def part(self, name):
        """What was said between "== NAME" and the next one."""
        return self.output.split(f"== {name}\n", 1)[1].split("\n== ")[0]
