#!/usr/bin/python3
"""The lab itself: a golden machine, a linked and a full clone of it, commands, files, power, and the wire. With nothing installed
a clone does claim what is the template's: the other tests would see it."""

import sys

sys.dont_write_bytecode = True

import capture
import lab
from tap import Tap

PROFILE = lab.File("/etc/NetworkManager/system-connections/lan.nmconnection", """\
[connection]
id=lan
uuid=b1b0a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c01
type=ethernet

[ipv4]
method=manual
address1=10.0.0.10/24,10.0.0.1

[ipv6]
method=manual
address1=2001:db8::10/64
""", 0o600)

lab.enter("bookworm")
with Tap() as tap, lab.Lab("rig") as it:
    golden = it.golden(lab.Image("bookworm", "golden", files=[PROFILE]))
    tap.step("golden machine is there")
    linked = it.linked_clone(golden, "linked")
    full = it.full_clone(golden, "full")
    tap.step("cloned")
    tap.is_(len({guest.uuid for guest in it.guests}), 3, "virt-clone gave each machine a UUID of its own")
    tap.is_(len({guest.mac for guest in it.guests}), 3, "and a MAC")

    wire = it.capture()
    linked.set_smbios(serial="VMware-42 1c 00", manufacturer="Lab")
    linked.set_kernel_arguments("lab.test=1")
    linked.add_nic("52:54:00:aa:00:02")
    linked.add_disk()
    dhcp = it.dhcp()
    tap.is_(it.boot(linked), ["running"], "a clone boots with no failed unit")
    linked.wait_network()
    tap.step("booted, network up")
    tap.is_(linked.out("hostname"), "golden\n", "it has the template's name")
    tap.like(linked.out("ip -4 -o address show"), r"10\.0\.0\.10/24", "and the template's profile is up")
    tap.ok(linked.run("ping -c 1 -w 10 10.0.0.1").status == 0, "it reaches the host")
    tap.is_(linked.out("cat /sys/class/dmi/id/product_uuid").strip(), linked.uuid, "it sees its UUID")
    tap.like(linked.out("cat /sys/class/net/*/address"), linked.mac, "and its MAC")
    tap.is_(linked.out("cat /sys/class/dmi/id/product_serial"), "VMware-42 1c 00\n", "SMBIOS serial")
    tap.like(linked.out("cat /proc/cmdline"), r"lab\.test=1", "kernel command line")
    tap.is_(linked.run("test -b /dev/vdb").status, 0, "a second disk")
    tap.is_(linked.out("cat /sys/class/net/ens*/address | wc -l"), "2\n", "and a second NIC")
    linked.out("nic=$(nmcli -g DEVICE,STATE device | sed -n s/:disconnected//p); "
               "nmcli connection add type ethernet con-name second ifname $nic && nmcli connection up second", 90)
    tap.like(repr(dhcp.leases()), "golden", "the second NIC has a lease, under the template's name")

    # NetworkManager does not wait for duplicate address detection, and the kernel begins it up to a second late.
    tap.ok(wire.wait_claim("10.0.0.10", *linked.macs), "with nothing installed a clone does claim the template's address")
    tap.ok(wire.wait_claim("2001:db8::10", *linked.macs), "and its IPv6 address")
    tap.ok(capture.claims(wire.frames(*linked.macs), [], ["golden"]), "and its name, to the DHCP server")
    tap.is_(capture.claims(wire.others(*linked.macs), ["10.0.0.10"]), [], "nobody else has claimed it")

    data = bytes(range(256)) * 200
    linked.put("/root/blob", data, 0o600)
    tap.ok(linked.get("/root/blob") == data, "a file goes in and comes back the same")
    tap.is_(linked.out("stat -c %a /root/blob"), "600\n", "with its mode")
    tap.is_(linked.run("echo out; echo err >&2; exit 3"), (3, "out\n", "err\n"), "status and both outputs of a command")
    linked.snapshot("running")
    linked.out("rm /root/blob && sync")
    linked.revert("running")
    linked.wait_agent()
    tap.is_(linked.run("test -e /root/blob").status, 0, "a snapshot brings back what was there")
    linked.destroy()
    tap.is_(linked.state(), "shut off", "a power cut")
    wire.stop()
