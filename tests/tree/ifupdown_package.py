"""Debian's ifupdown, unpacked and not installed: its `ifquery` judges what is written for it."""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

import paths


def _unpack(folder):
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        subprocess.run(["apt-get", "-q", "download", "ifupdown"], cwd=scratch, check=True, capture_output=True)
        package, = os.listdir(scratch)
        subprocess.run(["dpkg-deb", "--extract", os.path.join(scratch, package), folder], check=True)


def program(name):
    """Needs the network once."""
    folder = os.path.join(paths.CACHE, "ifupdown-bookworm")
    with paths.making(folder) as partial:
        if partial:
            _unpack(partial)
    return os.path.join(folder, "sbin", name)


def interfaces(root):
    """{NAME: [(key, value)]} of all that `auto` and `iface` name below ROOT, as ifquery reads it, or what it says against it."""
    with tempfile.TemporaryDirectory() as scratch:
        top = os.path.join(scratch, "network")
        names = []
        for folder, _, files in os.walk(os.path.join(root, "etc/network")):
            for file in files:
                text = paths.read(os.path.join(folder, file))
                path = os.path.join(top, os.path.relpath(os.path.join(folder, file), os.path.join(root, "etc/network")))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as out:
                    out.write(text.replace(b"/etc/network/", top.encode() + b"/"))
                names += [words[1] for line in text.decode(errors="replace").replace("\\\n", "").splitlines()
                          for words in [line.split()] if len(words) > 1 and words[0] == "iface"]
        found = {}
        for name in dict.fromkeys(names):
            command = [program("ifquery"), f"--interfaces={top}/interfaces", name]
            result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
            if "couldn't read" in result.stderr:
                return result.stderr
            found[name] = [tuple(line.split(": ", 1)) for line in result.stdout.splitlines() if ": " in line]
        return found
