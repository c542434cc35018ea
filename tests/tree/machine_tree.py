"""A machine in a directory: its files below one root, its hardware (/sys and /proc) below another."""

import json
import os
import shutil
import subprocess
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("RESET_IDENTITY", os.path.join(REPOSITORY, "build/reset-identity"))
CLONE_CHECK = os.environ.get("CLONE_CHECK", os.path.join(REPOSITORY, "build/clone-check"))

TEMPLATE_UUID = "4dc56075-50f3-466d-98f2-79838106e82f"
CLONE_UUID = "9a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
TEMPLATE_MAC = "52:54:00:aa:bb:01"
CLONE_MAC = "52:54:00:cc:dd:02"
MACHINE_ID = "0123456789abcdef0123456789abcdef"

PROFILE = """\
# kept: a comment
[connection]
id=lan {n}
uuid={uuid}
type=ethernet
interface-name={interface}

[ethernet]
mac-address={mac}

[ipv4]
method=manual
address1=10.0.{high}.{low}/16,10.0.0.1
dns=10.0.0.53;

[ipv6]
method=auto
"""


class Machine:
    def __init__(self, top=None):
        """TOP: a directory that somebody else removes."""
        self.top = top or tempfile.mkdtemp(prefix="reset-identity-tree-")
        self.root = os.path.join(self.top, "root")
        self.hardware = os.path.join(self.top, "hardware")
        for name in ("etc", "var/lib", "run"):
            os.makedirs(self.path(name))
        self.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top)

    def path(self, name):
        return os.path.join(self.root, name.lstrip("/"))

    def write(self, name, content, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(path, mode)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def set_hardware(self, uuid, nics, serial=None, command_line="quiet", first_slot=3):
        """NICS: (name, permanent MAC) in the order of their slots."""
        shutil.rmtree(self.hardware, ignore_errors=True)
        files = {"proc/cmdline": command_line + "\n"}
        if uuid:
            files["sys/class/dmi/id/product_uuid"] = uuid + "\n"
        if serial:
            files["sys/class/dmi/id/product_serial"] = serial + "\n"
        os.makedirs(os.path.join(self.hardware, "sys/class/net"))
        for slot, (name, mac) in enumerate(nics, first_slot - 3):
            device = f"sys/devices/pci0000:00/0000:00:{slot + 3:02x}.0"
            files[f"{device}/net/{name}/address"] = mac + "\n"
            files[f"{device}/net/{name}/addr_assign_type"] = "0\n"
            files[f"{device}/net/{name}/type"] = ("32" if len(mac) > 17 else "1") + "\n"
            files[f"{device}/net/{name}/ifindex"] = f"{slot + 2}\n"
        for name, content in files.items():
            path = os.path.join(self.hardware, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        for slot, (name, _) in enumerate(nics, first_slot - 3):
            device = f"devices/pci0000:00/0000:00:{slot + 3:02x}.0"
            os.symlink(f"../../{device}/net/{name}", os.path.join(self.hardware, "sys/class/net", name))
            os.symlink("../..", os.path.join(self.hardware, "sys", device, "net", name, "device"))

    def become_clone(self):
        self.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC)])

    def add_template(self, profiles=1):
        """What a sealed template's disk holds, without SSH keys."""
        self.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
        self.write("/etc/hostname", "golden\n")
        self.write("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tgolden.example.org\tgolden\n")
        for n in range(profiles):
            uuid = f"11111111-1111-4111-8111-{n:012x}"
            interface = "ens3" if n == 0 else f"dummy{n}"
            mac = TEMPLATE_MAC if n == 0 else f"02:00:00:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}"
            text = PROFILE.format(n=n, uuid=uuid, interface=interface, mac=mac, high=1 + n // 250, low=1 + n % 250)
            self.write(f"/etc/NetworkManager/system-connections/lan{n}.nmconnection", text, 0o600)

    def run(self, *arguments, program=PROGRAM, **options):
        command = [program, f"--root={self.root}", f"--hardware={self.hardware}", *arguments]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="surrogateescape",
                              check=False, **options)

    def json(self, *arguments):
        result = self.run("--json", *arguments)
        return result.returncode, json.loads(result.stdout)

    def snapshot(self, below="/"):
        """{path: (mode, owner, group, size, mtime, content or target)} of everything below a directory of the root."""
        found = {}
        for directory, names, files in os.walk(self.path(below)):
            for name in names + files:
                path = os.path.join(directory, name)
                info = os.lstat(path)
                if os.path.islink(path):
                    content = os.readlink(path)
                elif os.path.isfile(path):
                    with open(path, "rb") as file:
                        content = file.read()
                else:
                    content = None
                when = None if os.path.isdir(path) else info.st_mtime_ns
                found[os.path.relpath(path, self.root)] = (info.st_mode, info.st_uid, info.st_gid, when, content)
        return found
