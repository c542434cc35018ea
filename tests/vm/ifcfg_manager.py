"""NetworkManager with its plugin for ifcfg files, which Debian does not build: made of Debian's own source, once."""

import os
import shutil
import subprocess

import paths
import rootfs

SUITE = "bookworm"
# What the plugin needs and nothing more: the rest of NetworkManager, its helpers and libnm are the machine's own. Nobody waits for
# this one: compiled without the optimiser, in half the time.
OPTIONS = [
    "--prefix=/usr", "--sysconfdir=/etc", "--localstatedir=/var", "--libdir=lib64", "--libexecdir=lib/NetworkManager",
    "--buildtype=plain", "-Ddist_version=ifcfg", "-Difcfg_rh=true", "-Dconfig_plugins_default=ifcfg-rh", "-Dcrypto=null",
    "-Dsystemdsystemunitdir=no", "-Dsession_tracking=no", "-Dsuspend_resume=auto", "-Dlibaudit=no", "-Dreadline=none", "-Dtests=no",
    *("-D%s=false" % name for name in (
        "ifupdown", "session_tracking_consolekit", "polkit", "modem_manager", "ppp", "selinux", "libpsl", "ovs", "nmcli", "nmtui",
        "nm_cloud_setup", "introspection", "vapi", "docs", "qt", "wifi", "bluez5_dun", "teamdctl", "concheck", "b_lto")),
]
TARGETS = ["src/core/NetworkManager", "src/core/settings/plugins/ifcfg-rh/libnm-settings-plugin-ifcfg-rh.so"]


def fetch():
    """What needs the real network."""
    rootfs.tarball(SUITE, "ifcfg")


def folder():
    """Where NetworkManager and libnm-settings-plugin-ifcfg-rh.so lie. In the cache if they are there."""
    path = os.path.join(paths.CACHE, f"ifcfg-manager-{paths.digest(rootfs.key(SUITE, 'ifcfg'), OPTIONS, TARGETS)}")
    with paths.making(path) as partial:
        if partial:
            shutil.rmtree(partial, ignore_errors=True)
            os.makedirs(partial)
            _build(partial)
    return path


# ninja's scripts need /dev/fd, and so /proc.
ENTER = """
set -e
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$@"
"""


def _build(result):
    scratch = result + ".root"
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    subprocess.run(["tar", "-C", scratch, "--numeric-owner", "-xf", rootfs.tarball(SUITE, "ifcfg")], check=True)
    for command in (["meson", "setup", "/made", "/source", *OPTIONS], ["ninja", "-C", "/made", *TARGETS]):
        subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh", scratch, *command], check=True,
                       stdout=subprocess.DEVNULL, env=os.environ | {"LC_ALL": "C"})
    for target in TARGETS:
        subprocess.run(["strip", "-o", os.path.join(result, os.path.basename(target)), os.path.join(scratch, "made", target)], check=True)
    shutil.rmtree(scratch)
