"""The Debian package, built from this source by the tools of some suite."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

import build
import paths
import rootfs

NAME = "reset-identity"


def fetch(suite):
    """What needs the real network."""
    rootfs.tarball(suite)
    if not build.is_native(suite):
        rootfs.tarball(suite, "package")


def _make(prefix, *arguments, umask=0o022, **environment):
    made = subprocess.run([*prefix, "make", "-s", *arguments], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", umask=umask, env=os.environ | {"MAKEFLAGS": "", "LC_ALL": "C"} | environment)
    if made.returncode != 0:
        raise RuntimeError(f"make {' '.join(arguments)}: exit status {made.returncode}\n{made.stdout[-4000:]}")


def tarball(folder):
    _make([], "-C", paths.TOP, "dist", f"B={folder}")
    return glob.glob(os.path.join(folder, "*.tar.gz"))[0]


def build_in(folder, source, umask=0o022, **environment):
    """`make deb` from the tarball SOURCE, unpacked in FOLDER. Returns the folder with what was built."""
    os.makedirs(folder)
    subprocess.run(["tar", "-C", folder, "--strip-components=1", "-xf", source], check=True)
    _make([], "-C", folder, "deb", umask=umask, **environment)
    return os.path.join(folder, "build/deb")


def built(suite):
    """A folder with the suite's package, in the cache if it is there: of the same source, by the same tools."""
    with tempfile.TemporaryDirectory() as scratch:
        source = tarball(scratch)
        tools = paths.read("/var/lib/dpkg/status") if build.is_native(suite) else rootfs.key(suite, "package")
        folder = os.path.join(paths.CACHE, f"deb-{suite}-{paths.digest(paths.read(source), tools)}")
        with paths.making(folder) as partial:
            if partial:
                shutil.rmtree(partial, ignore_errors=True)
                os.makedirs(partial)
                if build.is_native(suite):
                    result = build_in(os.path.join(scratch, "source"), source, TZ="UTC")
                else:
                    result = _build_inside(suite, os.path.join(scratch, "root"), source)
                for file in glob.glob(os.path.join(result, f"{NAME}*_*")):
                    shutil.copy(file, partial)
    return folder


def _build_inside(suite, root, source):
    os.makedirs(os.path.join(root, "source"))
    subprocess.run(["tar", "-C", root, "--numeric-owner", "-xf", rootfs.tarball(suite, "package")], check=True)
    subprocess.run(["tar", "-C", os.path.join(root, "source"), "--strip-components=1", "-xf", source], check=True)
    _make(["chroot", root], "-C", "/source", "deb", TMPDIR="/tmp")
    return os.path.join(root, "source/build/deb")


def package(suite):
    """The path of the .deb."""
    return glob.glob(os.path.join(built(suite), f"{NAME}_*.deb"))[0]


def as_version(path, version, into, change=lambda tree: None):
    """The package PATH as if it were of another VERSION, in the folder INTO. CHANGE: of its unpacked tree."""
    tree = os.path.join(into, f"tree-{version}")
    subprocess.run(["dpkg-deb", "-R", path, tree], check=True)
    control = os.path.join(tree, "DEBIAN/control")
    lines = paths.read(control).decode().splitlines()
    with open(control, "w", encoding="utf-8") as file:
        file.write("".join(f"Version: {version}\n" if line.startswith("Version:") else f"{line}\n" for line in lines))
    change(tree)
    result = os.path.join(into, f"{NAME}_{version}.deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, result], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return result
