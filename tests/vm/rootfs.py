"""A Debian root file system, bootstrapped once for each suite and purpose and kept as a tar in build/cache."""

import os
import subprocess

import paths

# What a guest runs; what the program is built with, and meets NetworkManager with in namespaces, where the host's own
# build and NetworkManager are of another suite; what its package is built with.
PACKAGES = {
    "guest": [
        "systemd-sysv", "udev", "kmod", "dbus", "network-manager", "openssh-server", "linux-image-cloud-amd64",
        "iproute2", "iputils-ping", "iputils-arping", "libnm0", "libinih1", "libuuid1", "libsystemd0", "libyaml-0-2", "e2fsprogs",
        "busybox-static",
    ],
    "build": [
        "gcc", "libc6-dev", "make", "pkg-config", "libnm-dev", "libinih-dev", "libsystemd-dev", "libyaml-dev", "uuid-dev",
        "network-manager", "dbus", "systemd", "iproute2", "iputils-arping", "iputils-ping", "dnsmasq-base", "tcpdump",
        "procps", "diffutils",
    ],
    "package": [
        "build-essential", "debhelper", "dpkg-dev", "fakeroot", "pkg-config", "libnm-dev", "libinih-dev", "libsystemd-dev",
        "libyaml-dev", "uuid-dev", "systemd",
    ],
    "ifcfg": [
        "gcc", "libc6-dev", "meson", "ninja-build", "pkg-config", "gettext", "python3", "libglib2.0-dev", "libudev-dev", "libndp-dev",
        "uuid-dev", "libsystemd-dev", "libdbus-1-dev", "libxml2-utils", "xsltproc", "dpkg-dev",
    ],
}

# What is got beside packages: the source of Debian's NetworkManager, in /source.
PURPOSE_OPTIONS = {
    "ifcfg": [
        "--setup-hook=sed 's/^deb /deb-src /' \"$1/etc/apt/sources.list\" >\"$1/etc/apt/sources.list.d/source.list\"",
        "--customize-hook=chroot \"$1\" sh -ec 'cd /tmp && apt-get -qq source network-manager && mv network-manager-*/ /source'",
    ],
}

# And netplan, whose generator would run in every other guest too; and cloud-init, whose boot tests/bench has beside ours.
PACKAGES["netplan"] = PACKAGES["guest"] + ["netplan.io"]
PACKAGES["cloud-init"] = PACKAGES["guest"] + ["cloud-init"]
# Both, as in Debian's and Ubuntu's images of a cloud: cloud-init renders for netplan there.
PACKAGES["cloud"] = PACKAGES["netplan"] + ["cloud-init"]
# What Debian's installer leaves of a network on a server.
PACKAGES["ifupdown"] = [name for name in PACKAGES["guest"] if name != "network-manager"] + ["ifupdown", "isc-dhcp-client"]
# Daemons between NetworkManager and the wire, and the one that it asks who may do what.
PACKAGES["daemons"] = PACKAGES["guest"] + ["libteam-utils", "isc-dhcp-client", "polkitd"]
PACKAGES["selinux"] = PACKAGES["guest"] + ["selinux-policy-default", "policycoreutils", "selinux-utils"]

# A machine that knows nothing of us: what our package needs beside a usual system is in a repository on its disk.
PACKAGES["stock"] = [name for name in PACKAGES["guest"] if not name.startswith("lib")] + ["python3"]
# And without a kernel, what autopkgtest wants and what the package's tests want.
PACKAGES["autopkgtest"] = ["systemd-sysv", "dbus", "network-manager", "apt-utils", "binutils", "dpkg-dev", "openssh-client", "python3", "strace"]
REPOSITORY = "/srv/repository"
WANTED = "libinih1 libnm0 libuuid1 libsystemd0 libyaml-0-2"
PURPOSE_OPTIONS["stock"] = PURPOSE_OPTIONS["autopkgtest"] = [
    f"--customize-hook=chroot \"$1\" sh -ec 'mkdir {REPOSITORY} && cd {REPOSITORY} && apt-get -qq -o APT::Sandbox::User=root download {WANTED} && "
    f"apt-cache show --no-all-versions {WANTED} | sed \"s|^Filename: .*/|Filename: ./|\" >Packages && rm -f /etc/apt/sources.list.d/* && "
    f"echo \"deb [trusted=yes] file:{REPOSITORY} ./\" >/etc/apt/sources.list'",
]

OPTIONS = [
    "--variant=minbase",
    "--aptopt=APT::Install-Recommends false",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
]

# Bootstrapped, not installed, that release has no merged /usr yet.
SUITE_PACKAGES = {"bullseye": ["usrmerge"]}
# In the others that file is in systemd.
PACKAGE_PACKAGES = {"trixie": ["systemd-dev"]}

# The index of its security archive names packages that are no longer there.
SUITE_OPTIONS = {"bullseye": ['--setup-hook=sed -i /security/d "$1/etc/apt/sources.list"']}


def _options(suite, purpose):
    packages = PACKAGES[purpose] + SUITE_PACKAGES.get(suite, [])
    if purpose == "package":
        packages = packages + PACKAGE_PACKAGES.get(suite, [])
    return OPTIONS + SUITE_OPTIONS.get(suite, []) + PURPOSE_OPTIONS.get(purpose, []) + ["--include=" + ",".join(packages)]


def key(suite, purpose="guest"):
    return paths.digest(suite, _options(suite, purpose))


def tarball(suite, purpose="guest"):
    """Returns the path of the suite's tar; bootstraps it first if it is not in the cache. Needs the network."""
    path = os.path.join(paths.CACHE, f"rootfs-{suite}-{purpose}-{key(suite, purpose)}.tar")
    with paths.making(path, days=30) as partial:
        if partial:
            scratch = os.path.join(paths.WORK, "tmp")
            os.makedirs(scratch, exist_ok=True)
            subprocess.run(
                # In mounts of its own: what it mounts goes with it, however it ends.
                ["unshare", "--mount", "--propagation", "private",
                 "mmdebstrap", "--quiet", "--format=tar", *_options(suite, purpose), suite, partial],
                # INITRD: the lab makes its own initramfs.
                check=True, env=os.environ | {"TMPDIR": scratch, "INITRD": "No"}, stdout=subprocess.DEVNULL)
    return path
