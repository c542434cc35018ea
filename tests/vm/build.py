"""What `make install` puts on a machine of some suite, as a tree: the program is built from this source for each of them."""

import os
import platform
import shutil
import subprocess
import tempfile

import paths
import rootfs

MAKEFILE = os.path.join(paths.TOP, "Makefile")
SOURCES = ["agent", "conf", "packaging", "units", "tests/network"]
DIRECTORIES = ["prefix=/usr", "sysconfdir=/etc", "localstatedir=/var"]


def is_native(suite):
    """Whether the host's own build runs there: with the same libraries."""
    host = platform.freedesktop_os_release()
    return host.get("ID") == "debian" and host.get("VERSION_CODENAME") == suite


def fetch(suite):
    """What needs the real network."""
    if not is_native(suite):
        rootfs.tarball(suite, "build")


def installed(suite):
    """The tree that is installed."""
    if not is_native(suite):
        return os.path.join(root(suite), "installed")
    tree = os.path.join(tempfile.mkdtemp(), "installed")
    _make([], "-C", paths.TOP, *_install(tree))
    return tree


def root(suite):
    """A root file system of the suite with this source in /source, built by the suite's compiler: a warning that only that one
    has is an error too. In the cache if it is there."""
    sources = [paths.digest_tree(os.path.join(paths.TOP, name)) for name in SOURCES] + [paths.read(MAKEFILE)]
    folder = os.path.join(paths.CACHE, f"root-{suite}-{paths.digest(rootfs.key(suite, 'build'), *sources)}")
    with paths.making(folder) as partial:
        if partial:
            shutil.rmtree(partial, ignore_errors=True)
            os.makedirs(partial)
            _build(suite, partial)
    return folder


def _build(suite, folder):
    subprocess.run(["tar", "-C", folder, "--numeric-owner", "-xf", rootfs.tarball(suite, "build")], check=True)
    for name in SOURCES:
        shutil.copytree(os.path.join(paths.TOP, name), os.path.join(folder, "source", name))
    shutil.copy(MAKEFILE, os.path.join(folder, "source"))
    inside = ["chroot", folder]
    _make(inside, "-C", "/source", "-j2", "all", "network-tools")
    _make(inside, "-C", "/source", *_install("/installed"))


def _install(tree):
    return ["install", f"DESTDIR={tree}", *DIRECTORIES]


def _make(prefix, *arguments):
    subprocess.run([*prefix, "make", "-s", *arguments], check=True, stdout=subprocess.DEVNULL,
                   env=os.environ | {"TMPDIR": "/tmp", "LC_ALL": "C", "MAKEFLAGS": ""})
