"""One virtual machine: power, commands in it, files in it, its hardware."""

import base64
import contextlib
import os
import re
import shlex
import xml.etree.ElementTree as ET

import channel
import process
import wait

CONSOLE_TAIL = 40
PUT_CHUNK = 12000


class Guest:
    """A domain that is defined in the lab's libvirt. lab.Lab makes them."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.console_path = os.path.join(lab.work, f"{name}.console")
        self.socket_path = os.path.join(lab.sockets, name)
        self.channel = None

    # What the machine is

    def xml(self):
        return ET.fromstring(process.run("virsh", "dumpxml", "--inactive", "--security-info", self.name))

    @property
    def uuid(self):
        return self.xml().findtext("uuid")

    @property
    def macs(self):
        return [mac.get("address") for mac in self.xml().findall("devices/interface/mac")]

    @property
    def mac(self):
        return self.macs[0]

    @property
    def disks(self):
        return [source.get("file") for source in self.xml().findall("devices/disk/source")]

    @contextlib.contextmanager
    def edit(self):
        """Yields the domain's XML for any change, its UUID included, and defines the result. The machine is off."""
        domain = self.xml()
        before = domain.findtext("uuid")
        yield domain
        if domain.findtext("uuid") != before:
            process.run("virsh", "undefine", "--snapshots-metadata", self.name)
        path = os.path.join(self.lab.work, f"{self.name}.xml")
        ET.ElementTree(domain).write(path)
        process.run("virsh", "define", path)

    def set_uuid(self, uuid):
        with self.edit() as domain:
            domain.find("uuid").text = uuid
            for entry in domain.findall("sysinfo/system/entry[@name='uuid']"):
                entry.text = uuid

    def set_mac(self, mac, nic=0):
        with self.edit() as domain:
            domain.findall("devices/interface/mac")[nic].set("address", mac)

    def set_smbios(self, **system):
        """SMBIOS type 1 strings: manufacturer, product, version, serial, sku, family."""
        with self.edit() as domain:
            sysinfo = domain.find("sysinfo")
            if sysinfo is None:
                sysinfo = ET.SubElement(domain, "sysinfo", type="smbios")
                ET.SubElement(domain.find("os"), "smbios", mode="sysinfo")
            block = sysinfo.find("system")
            if block is None:
                block = ET.SubElement(sysinfo, "system")
            for name, value in system.items():
                for old in block.findall(f"entry[@name='{name}']"):
                    block.remove(old)
                ET.SubElement(block, "entry", name=name).text = value

    def set_kernel_arguments(self, extra):
        """What stands on the kernel command line besides what each guest of the lab has."""
        with self.edit() as domain:
            domain.find("os/cmdline").text = f"{self.lab.kernel_arguments} {extra}".strip()

    def add_nic(self, mac=None):
        network = f"bridge={self.lab.BRIDGE},model=virtio" + (f",mac={mac}" if mac else "")
        process.run("virt-xml", self.name, "--add-device", "--network", network)

    def add_disk(self, size="256M", filesystem="ext4", tree=None):
        """Adds a disk (vdb, vdc, ...) with an empty file system, or with the content of the folder tree."""
        path = os.path.join(self.lab.work, f"{self.name}-{len(self.disks)}")
        process.run("mke2fs", "-q", "-t", filesystem, *(["-d", tree] if tree else []), path + ".raw", size)
        process.run("qemu-img", "convert", "-O", "qcow2", path + ".raw", path + ".qcow2")
        os.unlink(path + ".raw")
        process.run(
            "virt-xml", self.name, "--add-device", "--disk", f"path={path}.qcow2,format=qcow2,bus=virtio,cache=unsafe")

    def add_seed(self, tree):
        """Adds a disk with the content of the folder tree, by whose label cloud-init knows it."""
        path = os.path.join(self.lab.work, f"{self.name}-{len(self.disks)}.raw")
        process.run("xorriso", "-as", "mkisofs", "-quiet", "-J", "-R", "-V", "cidata", "-o", path, tree)
        process.run("virt-xml", self.name, "--add-device", "--disk", f"path={path},format=raw,bus=virtio,cache=unsafe,readonly=on")

    # Power

    def start(self):
        process.run("virsh", "start", self.name)
        self._connect()
        return self

    def destroy(self):
        """A power cut."""
        process.run("virsh", "destroy", self.name)
        self._disconnect()

    def shutdown(self, timeout=120):
        """Powers off as an administrator does, and waits until the machine is off."""
        self.power("poweroff")
        self.wait_off(timeout)

    def reboot(self, timeout=None):
        """Restarts, and waits until the next boot is complete. Returns what wait_booted() does.

        The domain stops at a reboot and is started here: a reset inside the emulator boots at half the speed,
        since every page that once held translated code is slow to write.
        """
        deadline = wait.Deadline(timeout or 240 * self.lab.slow)
        self.power("reboot")
        self.wait_off(deadline.left())
        self.start()
        return self.wait_booted(deadline.left())

    def power(self, verb):
        """systemctl's poweroff, reboot, ...: returns at once."""
        with contextlib.suppress(channel.Closed):
            self.run(f"systemctl --no-block {verb}")

    def cut_power_at(self, moment, timeout=240):
        """Starts the machine, and cuts its power when it stands still at that moment: see guest/moment."""
        self.set_kernel_arguments(f"lab.moment={moment}")
        self.start()
        with self._console_on_timeout():
            self.channel.wait_moment(wait.Deadline(timeout))
        self.destroy()
        self.set_kernel_arguments("")

    def wait_off(self, timeout=120):
        deadline = wait.Deadline(timeout)
        with self._console_on_timeout():
            self.channel.wait_closed(deadline)
            wait.until(lambda: self.state() == "shut off", deadline.left() + 1, f"{self.name} is off")
        self._disconnect()

    def state(self):
        return process.run("virsh", "domstate", self.name).strip()

    def wait_agent(self, timeout=180):
        """Waits until commands can be run: early in the boot, with the root file system still read-only maybe."""
        with self._console_on_timeout():
            return self.channel.wait_hello(wait.Deadline(timeout))

    def wait_booted(self, timeout=None):
        """Waits until systemd has finished the boot. Returns "running", or "degraded" if a unit failed."""
        deadline = wait.Deadline(timeout or 240 * self.lab.slow)
        with self._console_on_timeout():
            self.channel.wait_hello(deadline)
            while True:
                # A PID 1 that is re-executed meanwhile forgets who waits: ask again.
                state = self.channel.run("timeout 5 systemctl is-system-running --wait", deadline).out.decode().strip()
                if state in ("running", "degraded", "maintenance"):
                    return state

    def wait_network(self, timeout=120):
        """Waits until NetworkManager has done what it does at boot: systemd does not wait for that."""
        self.out(f"nm-online --quiet --wait-for-startup --timeout={timeout}", timeout + 30)

    def wait_for(self, command, timeout=60):
        """Waits until a shell command succeeds. Returns its standard output.

        One shell in the guest asks again and again: if each time were a command from here, its processes would take a
        quarter of an emulated processor from what is waited for.
        """
        asked = (f"exec 9<> <(:); until {{ {command}\n}} >/run/ri-lab/answer 9<&-; do "
                 f"((SECONDS < {int(timeout)})) || exit 124; read -rt 0.3 -u 9; done; cat /run/ri-lab/answer")
        result = self.run(asked, timeout + 30)
        if result.status != 0:
            with self._console_on_timeout():
                raise wait.Timeout(f"success of: {command}: not within {timeout} s\n{result.err}")
        return result.out

    # Commands and files

    def run(self, command, timeout=60):
        """Runs a shell command as root. Returns Result(status, out, err), both outputs as text."""
        result = self.run_bytes(command, timeout)
        return channel.Result(result.status, result.out.decode(errors="replace"), result.err.decode(errors="replace"))

    def run_bytes(self, command, timeout=60):
        with self._console_on_timeout():
            return self.channel.run(command, wait.Deadline(timeout))

    def out(self, command, timeout=60):
        """The standard output of a command that has to succeed."""
        result = self.run(command, timeout)
        if result.status != 0:
            raise process.Failed(f"{self.name}: {command}: exit status {result.status}\n{result.out}{result.err}")
        return result.out

    def put(self, path, content, mode=0o644):
        """Writes a file: complete, then renamed into place."""
        data = content if isinstance(content, bytes) else content.encode()
        folder, target = shlex.quote(os.path.dirname(path)), shlex.quote(path)
        partial = shlex.quote(os.path.join(os.path.dirname(path), ".ri-lab"))
        chunks = [data[start:start + PUT_CHUNK] for start in range(0, len(data), PUT_CHUNK)] or [b""]
        for number, chunk in enumerate(chunks, 1):
            first = f"mkdir -p {folder} && : >{partial} && chmod {mode:o} {partial} && " if number == 1 else ""
            last = f" && mv {partial} {target}" if number == len(chunks) else ""
            self.out(f"{first}base64 -d >>{partial} <<<'{base64.b64encode(chunk).decode()}'{last}")

    def get(self, path):
        result = self.run_bytes(f"cat {shlex.quote(path)}")
        if result.status != 0:
            raise process.Failed(f"{self.name}: {result.err.decode(errors='replace')}")
        return result.out

    # Console

    def console(self):
        """Everything that came out of the first serial port, of all boots."""
        if not os.path.exists(self.console_path):
            return ""
        with open(self.console_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_console(self, pattern, timeout=120, since=0):
        """Waits for a pattern on the console, from that offset of console() on. Returns the match."""
        with self._console_on_timeout():
            return wait.until(
                lambda: re.compile(pattern, re.MULTILINE).search(self.console(), since), timeout,
                f"{pattern!r} on the console of {self.name}", 0.05)

    # Snapshots

    def snapshot(self, name):
        process.run("virsh", "snapshot-create-as", self.name, name)

    def revert(self, name):
        """Back to a snapshot, running if it was taken of a running machine."""
        self._disconnect()
        process.run("virsh", "snapshot-revert", self.name, name)
        if self.state() == "running":
            self._connect()

    def _connect(self):
        self._disconnect()
        self.channel = channel.Channel(self.socket_path)

    def _disconnect(self):
        if self.channel:
            self.channel.close()
            self.channel = None

    @contextlib.contextmanager
    def _console_on_timeout(self):
        try:
            yield
        except (wait.Timeout, channel.Closed) as error:
            tail = "\n".join(self.console().splitlines()[-CONSOLE_TAIL:])
            raise type(error)(f"{self.name}: {error}\nThe end of its console:\n{tail}") from error
