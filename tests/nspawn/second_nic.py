"""A second NIC, ens4, that the template has not and no file knows: its hardware below /hw, and a wire of its own."""

import os

ADDRESS, MAC = "10.0.1.77", "52:54:00:cc:dd:04"
POLICY = f"address.ens4 = {ADDRESS}/24\n"
LINK = f"""\
if [ -e "$1/second" ]; then
  ip link add ens4 address {MAC} netns machine type veth peer name second
  ip address add 10.0.1.1/24 dev second
  ip link set second up
fi
"""


def install(root):
    """Below ROOT; the folder above it says that the machine is booted with it."""
    device = "hw/sys/devices/pci0000:00/0000:00:04.0"
    os.makedirs(os.path.join(root, device, "net/ens4"))
    for name, value in (("address", MAC), ("addr_assign_type", "0"), ("type", "1")):
        with open(os.path.join(root, device, "net/ens4", name), "w", encoding="utf-8") as file:
            file.write(value + "\n")
    os.symlink("../../devices/pci0000:00/0000:00:04.0/net/ens4", os.path.join(root, "hw/sys/class/net/ens4"))
    os.symlink("../..", os.path.join(root, device, "net/ens4/device"))
    with open(os.path.join(os.path.dirname(root.rstrip("/")), "second"), "w", encoding="utf-8"):
        pass
