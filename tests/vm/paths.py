"""Where things are, relative to the repository's root, and how the cache is filled: by one process at a time."""

import contextlib
import fcntl
import hashlib
import os

LAB = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(LAB))
# It may be a link, below which systemctl enables nothing.
CACHE = os.path.realpath(os.path.join(TOP, "build", "cache"))
WORK = os.path.join(TOP, "build", "vm")
PROGRAM = os.path.join(TOP, "build", "reset-identity")
# Runs a command in a cgroup of its own.
OWN_CGROUP = os.path.join(TOP, "tests", "own-cgroup")
GUEST = os.path.join(LAB, "guest")


@contextlib.contextmanager
def making(path):
    """Locks one cache entry. Yields a temporary name to fill, which is renamed at the end; None when it is there."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(path):
            yield None
            return
        partial = f"{path}.partial"
        yield partial
        os.rename(partial, path)


def digest(*parts):
    """A short hash of strings, bytes and whatever has a stable repr."""
    total = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        total.update(b"%d:" % len(data) + data)
    return total.hexdigest()[:16]


def digest_tree(root):
    """A short hash of every path, mode, link and content below root."""
    parts = []
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(folders + names):
            path = os.path.join(folder, name)
            parts += [os.path.relpath(path, root), os.lstat(path).st_mode]
            if os.path.islink(path):
                parts.append(os.readlink(path))
            elif os.path.isfile(path):
                parts.append(read(path))
    return digest(*parts)


def read(path):
    with open(path, "rb") as file:
        return file.read()
