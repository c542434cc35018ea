"""The smallest initramfs that mounts a virtio disk: busybox, the drivers from the guest's own kernel, one script.

It is uncompressed and some 3 MB: on an emulated processor, unpacking the distribution's costs seconds of every boot.
"""

import glob
import lzma
import os

import paths

PROGRAMS = ["sh", "cat", "mount", "insmod", "sleep", "switch_root"]
DRIVERS = ["virtio_pci", "virtio_blk", "ext4"]


def build(tree, path):
    """Writes the initramfs for the kernel that is installed in tree."""
    archive = _Cpio()
    for folder in ("bin", "dev", "lib", "root"):
        archive.add(folder, 0o040755)
    archive.add("init", 0o100755, paths.read(os.path.join(paths.GUEST, "init")))
    archive.add("bin/busybox", 0o100755, paths.read(os.path.join(tree, "bin/busybox")))
    for program in PROGRAMS:
        archive.add(f"bin/{program}", 0o120777, b"busybox")
    modules = _modules(tree)
    for name, content in modules:
        archive.add(f"lib/{name}", 0o100644, content)
    archive.add("modules", 0o100644, "".join(f"{name}\n" for name, _ in modules).encode())
    archive.write(path)


def _modules(tree):
    """(file name, content) of each driver and what it depends on, in loading order; built-in ones are left out."""
    root, = glob.glob(os.path.join(tree, "usr/lib/modules/*"))
    needs = {}
    with open(os.path.join(root, "modules.dep"), encoding="ascii") as file:
        for line in file:
            module, _, dependencies = line.partition(":")
            needs[_name(module)] = (module, dependencies.split())
    ordered = []
    for driver in DRIVERS:
        if driver in needs:
            module, dependencies = needs[driver]
            ordered += [each for each in [*reversed(dependencies), module] if each not in ordered]
    return [(_name(module) + ".ko", _unpacked(os.path.join(root, module))) for module in ordered]


def _name(module):
    return os.path.basename(module).split(".")[0]


def _unpacked(path):
    content = paths.read(path)
    return lzma.decompress(content) if path.endswith(".xz") else content


class _Cpio:
    """An archive in the "newc" form (Documentation/driver-api/early-userspace/buffer-format.rst of the kernel)."""

    def __init__(self):
        self.data = bytearray()
        self.inode = 0

    def add(self, name, mode, content=b""):
        self.inode += 1
        fields = [self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        self.data += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        self._pad()
        self.data += content
        self._pad()

    def write(self, path):
        self.add("TRAILER!!!", 0)
        with open(path, "wb") as file:
            file.write(self.data)

    def _pad(self):
        self.data += b"\0" * (-len(self.data) % 4)
