"""What `make install` puts on a machine of some suite, as a tree: the program is built from this source for each of them."""

import os
import platform
import shutil
import subprocess
import tempfile

import paths
import rootfs

MAKEFILE = os.path.join(paths.TOP, "Makefile")
SOURCES = ["agent", "conf", "packaging", "units"]
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
    """The installed tree, in the cache if it was built there."""
    if is_native(suite):
        tree = os.path.join(tempfile.mkdtemp(), "installed")
        _make(["make", "-C", paths.TOP], tree)
        return tree
    sources = [paths.digest_tree(os.path.join(paths.TOP, name)) for name in SOURCES] + [paths.read(MAKEFILE)]
    tree = os.path.join(paths.CACHE, f"installed-{suite}-{paths.digest(rootfs.key(suite, 'build'), *sources)}")
    with paths.making(tree) as partial:
        if partial:
            shutil.rmtree(partial, ignore_errors=True)
            _build(suite, partial)
    return tree


def _build(suite, result):
    """In a root file system of the suite, by its compiler: a warning that only this one has is an error too."""
    root = tempfile.mkdtemp()
    subprocess.run(["tar", "-C", root, "--numeric-owner", "-xf", rootfs.tarball(suite, "build")], check=True)
    for name in SOURCES:
        shutil.copytree(os.path.join(paths.TOP, name), os.path.join(root, "source", name))
    shutil.copy(MAKEFILE, os.path.join(root, "source"))
    _make(["chroot", root, "make", "-j2", "-C", "/source"], "/installed")
    shutil.move(os.path.join(root, "installed"), result)
    shutil.rmtree(root)


def _make(command, tree):
    subprocess.run([*command, "-s", "install", f"DESTDIR={tree}", *DIRECTORIES], check=True, stdout=subprocess.DEVNULL,
                   env=os.environ | {"TMPDIR": "/tmp", "LC_ALL": "C"})
