#!/usr/bin/python3
"""The Debian package as it is made: lintian has nothing to say, and whoever builds it, wherever and whenever, gets the same bytes."""

import glob
import os
import platform
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "vm")]

import deb
import paths
from tap import Tap


def main(tap, top):
    second = deb.build_in(os.path.join(top, "another/and-a-longer-path"), deb.tarball(top), umask=0o077, LC_ALL="C.UTF-8",
                          LANG="de_DE.UTF-8", TZ="Asia/Kathmandu", HOME="/nowhere", DEB_BUILD_OPTIONS="parallel=1",
                          PATH=os.environ["PATH"] + ":/nowhere")
    # The one that the other tests install, which deb.t builds meanwhile.
    first = deb.built(platform.freedesktop_os_release()["VERSION_CODENAME"])
    names = sorted(os.path.basename(path) for kind in ("deb", "dsc", "tar.*") for path in glob.glob(f"{first}/*.{kind}"))
    tap.ok(any(name.startswith("reset-identity_") and name.endswith(".deb") for name in names), "there is a package", names)
    for name in names:
        tap.ok(paths.read(os.path.join(first, name)) == paths.read(os.path.join(second, name)), f"built elsewhere, {name} has the same bytes",
               subprocess.run(["diffoscope", f"{first}/{name}", f"{second}/{name}"], capture_output=True, text=True, check=False).stdout[:2000]
               if os.path.exists("/usr/bin/diffoscope") else "")
    told = subprocess.run(["lintian", "-EvI", "--pedantic", "--allow-root", "--fail-on", "error,warning,info,pedantic",
                           *glob.glob(f"{first}/*.changes")], capture_output=True, text=True, check=False)
    tap.is_((told.returncode, told.stdout), (0, ""), "lintian has nothing to say") or tap.diag(told.stderr)


with Tap() as test, tempfile.TemporaryDirectory(prefix="reset-identity-deb-") as folder:
    main(test, folder)
