"""Where things are, relative to the repository's root, and how the cache is filled, by one process at a time, and kept small."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import time

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
def making(path, days=1):
    """Locks one cache entry. Yields a temporary name to fill, which is renamed at the end; None when it is there. Entries of
    its kind, its name up to the key, that nobody has asked for in so many DAYS go when another is made."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(path):
            os.utime(path)
            yield None
            return
        partial = f"{path}.partial"
        yield partial
        os.rename(partial, path)
        os.utime(path)
    _forget(path, days)


def _forget(path, days):
    folder, name = os.path.split(path)
    for other in os.listdir(folder):
        entry = os.path.join(folder, other)
        if other.endswith((".lock", ".partial")) or other.rsplit("-", 1)[0] != name.rsplit("-", 1)[0]:
            continue
        with open(entry + ".lock", "w", encoding="ascii") as lock, contextlib.suppress(BlockingIOError, FileNotFoundError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.stat(entry).st_mtime < time.time() - days * 86400:
                remove = shutil.rmtree if os.path.isdir(entry) else os.remove
                remove(entry)


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
