"""The private world of one test: own mounts, network, processes and host name. The host sees nothing of it.

enter() runs the calling script again below unshare(1). Inside, process 1 only reaps, since libvirt takes a
zombie for a guest that refuses to die, and everything that the test started ends with it.
"""

import os
import shutil
import subprocess
import sys

BRIDGE = "br-lab"
MAC = "52:54:00:ff:ff:01"
ADDRESS4 = "10.0.0.1/24"
ADDRESS6 = "2001:db8::1/64"
HOSTNAME = "lab"

_INSIDE = "RESET_IDENTITY_LAB"


def inside():
    return os.environ.get(_INSIDE) == "1"


def enter():
    """Returns inside the private namespaces. Outside, it does not return: the script's exit status becomes ours."""
    if inside():
        _become_child_of_reaper()
        _mounts()
        _network()
        return
    if os.geteuid() != 0:
        sys.exit("1..0 # the virtual machine tests need root")
    os.environ[_INSIDE] = "1"
    os.execvp("unshare", [
        "unshare", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child",
        "--propagation", "private", sys.executable, *sys.argv])


def _become_child_of_reaper():
    test = os.fork()
    if test == 0:
        return
    while True:
        try:
            pid, status = os.wait()
        except KeyboardInterrupt:
            continue
        if pid == test:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _mounts():
    """Empty state directories, a copy of libvirt's configuration, this network namespace's /sys, no KVM."""
    configuration = {}
    for folder, _, names in os.walk("/etc/libvirt"):
        for name in names:
            path = os.path.join(folder, name)
            if name.endswith(".conf") and os.path.isfile(path):
                with open(path, "rb") as file:
                    configuration[path] = file.read()
    _run("umount", "--lazy", "/sys")
    _run("mount", "-t", "sysfs", "sysfs", "/sys")
    for folder in ("/run", "/etc/libvirt", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt"):
        os.makedirs(folder, exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
    for path, content in configuration.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    # libvirt and tcpdump look names up: without these, every look-up waits for a server that cannot be reached.
    for path, content in (("/etc/hosts", f"127.0.0.1 localhost {HOSTNAME}\n::1 localhost\n"), ("/etc/resolv.conf", "")):
        private = "/run/lab-" + os.path.basename(path)
        with open(private, "w", encoding="ascii") as file:
            file.write(content)
        _run("mount", "--bind", private, path)
    if os.path.exists("/dev/kvm"):
        _hide_kvm()


def _hide_kvm():
    """KVM may be there and hang. libvirt has to find it unusable: else it probes the emulator anew at each command."""
    private = "/run/lab-kvm"
    with open(private, "w", encoding="ascii"):
        pass
    _run("mount", "--bind", private, "/dev/kvm")
    _run("mount", "-o", "remount,bind,ro", "/dev/kvm")


def _network():
    _run("hostname", HOSTNAME)
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", BRIDGE, "type", "bridge", "stp_state", "0", "forward_delay", "0")
    _run("ip", "link", "set", BRIDGE, "address", MAC, "up")
    _run("ip", "address", "add", ADDRESS4, "dev", BRIDGE)
    _run("ip", "address", "add", ADDRESS6, "dev", BRIDGE, "nodad")


def _run(*command):
    subprocess.run(command, check=True)


def need(*programs):
    """Ends the test, as failed, when a program of the host is missing: a skipped test proves nothing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        print(f"Bail out! not installed: {' '.join(missing)}", flush=True)
        sys.exit(255)
