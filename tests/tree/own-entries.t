#!/usr/bin/python3
"""A template for two hypervisors: the NIC has an entry under the name that it has on each of them. On a clone the one with its name
there counts, and the other, which would be put together with it, is for no NIC, without the template's address."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, MACHINE_ID, TEMPLATE_UUID, Machine
from tap import Tap

INTERFACES = """\
auto lo
iface lo inet loopback
auto ens3
iface ens3 inet static
    address 10.0.0.10/24
    gateway 10.0.0.1
allow-hotplug ens192
iface ens192 inet dhcp
"""
VLANS = """\
auto ens3 ens3.5
iface ens3 inet manual
iface ens3.5 inet static
    address 10.0.5.10/24
auto ens192.5
iface ens192 inet manual
iface ens192.5 inet dhcp
"""
NETPLAN = {"ens3": "network:\n  ethernets:\n    ens3:\n      addresses: [10.0.0.10/24]\n      routes: [{to: default, via: 10.0.0.1}]\n",
           "ens192": "network:\n  ethernets:\n    ens192:\n      dhcp4: true\n"}
BOTH = NETPLAN["ens3"] + "    ens192: {dhcp4: true}\n"
HOST = f"[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.77/24\n"


def clone(files, policy, nics=("ens192",), slot=3):
    """The machine whose template had FILES, as a clone."""
    machine = Machine()
    machine.set_hardware(TEMPLATE_UUID, [("ens3", "52:54:00:30:00:01")])
    machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
    machine.write("/etc/hostname", "golden\n")
    for path, content in files.items():
        machine.write(path, content, 0o600)
    machine.write("/usr/sbin/netplan" if any("netplan" in path for path in files) else "/usr/sbin/ifup", "", 0o755)
    machine.run("seal")
    machine.write("/etc/reset-identity/policy.ini", policy)
    machine.set_hardware(CLONE_UUID, [(name, f"52:54:00:cc:00:0{at}") for at, name in enumerate(nics, 1)], first_slot=slot)
    return machine


def becomes(tap, name, files, policy, wanted, said="ens3 is ens192 on this machine, which has an entry of its own in "):
    """apply makes WANTED of FILES, undo brings them back."""
    with clone(files, policy) as machine:
        applied = machine.run("apply", "--yes", "--no-network")
        tap.is_({path: machine.read(path) for path in files}, wanted, f"{name}" + applied.stderr * (applied.returncode != 0))
        tap.ok(applied.returncode == 0 and applied.stderr.count(said) == 1, f"{name}: said once", applied.stderr)
        tap.is_("becomes" in applied.stderr, False, f"{name}: and no name is called left over")
        machine.run("undo", "--yes", "--no-network")
        tap.is_({path: machine.read(path) for path in files}, files, f"{name}: undone")


def ifupdown(tap):
    path = "/etc/network/interfaces"
    nobody = INTERFACES.replace("auto ens3\n", "auto ens192\n").replace("inet static\n    address 10.0.0.10/24\n    gateway 10.0.0.1\n", "inet dhcp\n")
    becomes(tap, "ifupdown", {path: INTERFACES}, "", {path: nobody})
    becomes(tap, "ifupdown, an address", {path: INTERFACES}, HOST,
            {path: nobody.replace("ens192 inet dhcp\n", "ens192 inet static\n    address 10.0.0.77/24\n    gateway 10.0.0.1\n")})
    same = INTERFACES.replace("ens192 inet dhcp\n", "ens192 inet static\n    address 10.0.0.10/24\n")
    becomes(tap, "ifupdown, the address in both", {path: same}, HOST,
            {path: nobody.replace("ens192 inet dhcp\n", "ens192 inet static\n    address 10.0.0.77/24\n    gateway 10.0.0.1\n")})
    becomes(tap, "ifupdown, a VLAN", {path: VLANS}, HOST.replace("address", "address.ens3.5").replace("10.0.0", "10.0.5"),
            {path: VLANS.replace("auto ens3 ens3.5", "auto ens192 ens192.5").replace("static\n    address 10.0.5.10/24", "dhcp").replace(
                "ens192.5 inet dhcp\n", "ens192.5 inet static\n    address 10.0.5.77/24\n")},
            "ens3.5 is ens192.5 on this machine")
    # Names that go round are no entries of two hypervisors.
    with clone({path: "auto ens3\niface ens3 inet dhcp\nauto ens4\niface ens4 inet static\n    address 10.1.0.10/24\n"}, "") as machine:
        machine.set_hardware(TEMPLATE_UUID, [("ens3", "52:54:00:30:00:01"), ("ens4", "52:54:00:30:00:02")])
        machine.run("seal")
        machine.set_hardware(CLONE_UUID, [("ens4", "52:54:00:cc:00:01"), ("ens5", "52:54:00:cc:00:02")])
        applied = machine.run("apply", "--yes", "--no-network")
        tap.ok("on this machine" not in applied.stderr and "iface ens5" in machine.read(path), "NICs that moved on by one name", applied.stderr,
               machine.read(path))


def netplan(tap):
    path, other = "/etc/netplan/50-kvm.yaml", "/etc/netplan/60-vmware.yaml"
    alone = NETPLAN["ens3"].replace("addresses: [10.0.0.10/24]\n      routes: [{to: default, via: 10.0.0.1}]", "dhcp4: true")
    own = "      dhcp4: false\n      addresses:\n        - 10.0.0.77/24\n"
    becomes(tap, "netplan", {path: BOTH}, "", {path: alone + "    ens192: {dhcp4: true}\n"})
    becomes(tap, "netplan, two files", {path: NETPLAN["ens3"], other: NETPLAN["ens192"]}, "", {path: alone, other: NETPLAN["ens192"]})
    with clone({path: NETPLAN["ens3"], other: NETPLAN["ens192"]}, HOST) as machine:
        applied = machine.run("apply", "--yes", "--no-network")
        tap.is_((applied.returncode, machine.read(path)), (0, alone), "netplan, an address: the template's entry is without one" + applied.stderr)
        text = machine.read(other)
        tap.ok(own in text and "via: 10.0.0.1" in text, "netplan, an address: the NIC's own entry has it, and the gateway", text)


def netplan_matches(tap):
    """Entries that are called as somebody likes, and say in their match which NIC they are for."""
    path, said = "/etc/netplan/50.yaml", "ens3 is ens192 on this machine, which has an entry of its own in "
    kvm = "network:\n  ethernets:\n    kvm:\n      match: {name: ens3}\n      addresses: [10.0.0.10/24]\n      routes: [{to: default, via: 10.0.0.1}]\n"
    nobody = kvm.replace("addresses: [10.0.0.10/24]\n      routes: [{to: default, via: 10.0.0.1}]", "dhcp4: true")
    for name, own in (("match", "    vmware:\n      match: {name: ens192}\n      dhcp4: true\n      mtu: 1400\n"), ("its key", "    ens192:\n      dhcp4: true\n")):
        becomes(tap, f"netplan, by {name}", {path: kvm + own}, "", {path: nobody + own}, said)
        becomes(tap, f"netplan, by {name}, an address", {path: kvm + own}, HOST, {path: nobody + own.replace(
            "dhcp4: true\n", "dhcp4: false\n") + ("      addresses:\n        - 10.0.0.77/24\n      routes:\n        - to: default\n          via: 10.0.0.1\n")}, said)
    # What is known by its MAC address was the template's own NIC's.
    with clone({path: kvm.replace("name: ens3", "macaddress: 52:54:00:30:00:01") + "    vmware: {match: {name: ens192}, dhcp4: true}\n"}, "") as machine:
        tap.ok("52:54:00:cc:00:01" in machine.run("plan").stdout, "netplan, by MAC: it follows")


IFCFG = "/etc/sysconfig/network-scripts/ifcfg-{}"
STATIC = "TYPE=Ethernet\nDEVICE={}\nNAME={}\nUUID=7e57aaaa-5a1e-4c0f-9d3b-00000000000{}\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.0.{}.10\nPREFIX=24\n"


def without_uuids(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith("UUID="))


def ifcfg(tap):
    """Beside the name here there may be one that udev has for the NIC too, which neither NetworkManager nor the network scripts know."""
    ens3, ens192, slot = IFCFG.format("ens3"), IFCFG.format("ens192"), IFCFG.format("enp0s3")
    for who, program in (("NetworkManager", "/usr/lib64/NetworkManager/1.30/libnm-settings-plugin-ifcfg-rh.so"), ("the network scripts", "/etc/init.d/network")):
        for bound in ("", ", by MAC"):
            files = {ens3: STATIC.format("ens3", "lan", 1, 0), slot: STATIC.format("enp0s3", "old", 2, 5) + "HWADDR=52:54:00:30:00:01\n" * bool(bound), program: ""}
            with clone(files, HOST, slot=11) as machine:
                applied = machine.run("apply", "--yes", "--no-network")
                lan, old = without_uuids(machine.read(ens3)), machine.read(slot)
                tap.is_((applied.returncode, lan), (0, without_uuids(files[ens3].replace("=ens3", "=ens192").replace("10.0.0.10", "10.0.0.77"))),
                        f"{who}{bound}: the file of the NIC's own name has the address" + applied.stderr)
                tap.ok("DEVICE=enp0s3\n" in old and "IPADDR" not in old, f"{who}{bound}: that of another name stays for no NIC, without the template's address", old)
                tap.is_(applied.stderr.count(f"{slot}:2: the NIC name enp0s3 is mentioned here"), 1, f"{who}{bound}: which is named once")
        files = {ens3: STATIC.format("ens3", "kvm", 1, 0) + "HWADDR=52:54:00:30:00:01\nGATEWAY=10.0.0.1\n", ens192: STATIC.format("ens192", "vmware", 2, 0), program: ""}
        with clone(files, HOST) as machine:
            applied = machine.run("apply", "--yes", "--no-network")
            kvm = machine.read(ens3)
            tap.is_((applied.returncode, without_uuids(machine.read(ens192))),
                    (0, without_uuids(files[ens192].replace("10.0.0.10", "10.0.0.77").replace("PREFIX=24\n", "PREFIX=24\nGATEWAY=10.0.0.1\n"))),
                    f"{who}, two hypervisors: the file of the name here has the address, and the gateway" + applied.stderr)
            tap.ok("DEVICE=ens3\nNAME=kvm\n" in kvm and "HWADDR=52:54:00:30:00:01\n" in kvm and "IPADDR" not in kvm, f"{who}: the other is for no NIC", kvm)
            tap.is_(applied.stderr.count(f"ens3 is ens192 on this machine, which has an entry of its own in {ens192}: that one counts"), 1, f"{who}: said once")
            tap.is_("becomes" in applied.stderr, False, f"{who}: and nothing is called left over")
        same = {ens3: STATIC.format("ens3", "one", 1, 0), ens192: STATIC.format("ens3", "two", 2, 5), program: ""}
        with clone(same, HOST) as machine:
            tap.like(machine.run("apply", "--yes", "--no-network").stderr, "which of several profiles comes up on ens192 is ambiguous", f"{who}: two files of one name are refused as ever")


# Lists of NICs, one of which is never there: as they were in the template, and in one file of each format that is matched so.
LISTS = {
    "/etc/netplan/50.yaml": ("network:\n  ethernets:\n    ens3: {}\n    ens192: {}\n  bonds:\n    bond0:\n      interfaces: [ens3, ens192]\n      dhcp4: true\n", "[ens3, ens192]"),
    "/etc/network/interfaces": ("iface ens3 inet manual\niface ens192 inet manual\nauto br0\niface br0 inet dhcp\n  bridge_ports ens3 ens192\n", "ports ens3 ens192\n"),
    "/etc/systemd/network/10-lan.network": ("[Match]\nName=ens192 ens3\n\n[Network]\nDHCP=yes\n", "Name=ens192 ens3\n"),
    "/etc/NetworkManager/system-connections/lan": (
        "[connection]\nid=lan\nuuid=7e57bbbb-5a1e-4c0f-9d3b-000000000001\ntype=ethernet\n[match]\ninterface-name=ens3;ens192;\n", "=ens3;ens192;\n"),
}


def lists(tap):
    for path, (text, kept) in LISTS.items():
        with clone({path: text}, "") as machine:
            applied = machine.run("apply", "--yes", "--no-network")
            tap.ok(applied.returncode == 0 and kept in machine.read(path) and "becomes" not in applied.stderr, f"{path}: a list with both names stays", machine.read(path), applied.stderr)
        with clone({path: text}, "", nics=("ens7",)) as machine:
            machine.run("apply", "--yes", "--no-network")
            tap.ok(kept.replace("ens3", "ens7") in machine.read(path), f"{path}: on a third hypervisor it follows", machine.read(path))


CONNECTION = "/etc/NetworkManager/system-connections/{}.nmconnection"
STAMPS = "/var/lib/NetworkManager/timestamps"
NETWORK = "/etc/systemd/network/{}.network"


def keyfile(name, bound, number, ipv4):
    return f"[connection]\nid={name}\nuuid=7e57bbbb-5a1e-4c0f-9d3b-00000000000{number}\ntype=ethernet\n{bound}\n[ipv4]\n{ipv4}\n"


def without_uuid(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith("uuid="))


def keyfiles(tap):
    """Which of two keyfiles comes up would be said by priority and timestamp: that of the template's own NIC has the newest."""
    kvm, vmware = CONNECTION.format("kvm"), CONNECTION.format("vmware")
    static, auto = "method=manual\naddress1=10.0.0.10/24,10.0.0.1", "method=auto"
    said = f"ens3 is ens192 on this machine, which has an entry of its own in {vmware}: that one counts"
    stamps = "[timestamps]\n7e57bbbb-5a1e-4c0f-9d3b-000000000001=1700000000\n"
    for by, form in (("", "interface-name={}\n"), (", by [match]", "[match]\ninterface-name={};\n")):
        for own in (auto, static):
            files = {kvm: keyfile("kvm", form.format("ens3"), 1, static), vmware: keyfile("vmware", form.format("ens192"), 2, own), STAMPS: stamps}
            wanted = {kvm: files[kvm].replace(static, auto), vmware: files[vmware].replace(static, auto)}
            for policy in ("", HOST):
                name = f"keyfiles{by}, {own.split()[0]}" + ", an address" * bool(policy)
                with clone(files, policy) as machine:
                    applied = machine.run("apply", "--yes", "--no-network")
                    tap.is_(without_uuid(machine.read(kvm)), without_uuid(wanted[kvm]), f"{name}: the other is for no NIC" + applied.stderr * (applied.returncode != 0))
                    text = without_uuid(machine.read(vmware))
                    tap.ok(("address1=10.0.0.77/24\ngateway=10.0.0.1\n" in text) if policy else text == without_uuid(wanted[vmware]), f"{name}: the one of the name here counts", text)
                    tap.is_((applied.stderr.count(said), "becomes" in applied.stderr), (1, False), f"{name}: said once")
                    machine.run("undo", "--yes", "--no-network")
                    tap.is_({path: machine.read(path) for path in files}, files, f"{name}: undone")
    # By MAC address it was the template's NIC's own; what does not connect by itself takes nothing away; nor does what is not the admin's.
    own = keyfile("vmware", "interface-name=ens192\n", 2, auto)
    left = {"bound by MAC": {kvm: keyfile("kvm", "[ethernet]\nmac-address=52:54:00:30:00:01\n", 1, static), vmware: own},
            "of a user": {kvm: keyfile("kvm", "interface-name=ens3\n", 1, static), vmware: own.replace("type=", "permissions=user:joe:;\ntype=")},
            "by hand": {kvm: keyfile("kvm", "interface-name=ens3\n", 1, static), vmware: own.replace("type=", "autoconnect=false\ntype=")},
            "in /run": {kvm: keyfile("kvm", "interface-name=ens3\n", 1, static), "/run/NetworkManager/system-connections/ip.nmconnection": own}}
    for name, files in left.items():
        with clone({**files, STAMPS: stamps}, HOST) as machine:
            applied = machine.run("apply", "--yes", "--no-network")
            text = machine.read(kvm)
            tap.ok("10.0.0.77/24" in text and "=ens3\n" not in text and "that one counts" not in applied.stderr, f"keyfiles, {name}: the template's own follows",
                   text + applied.stderr)
    # Of Wi-Fi's profiles there are several for one NIC.
    wifi = {path: keyfile(name, f"interface-name={nic}\n[wifi]\nssid={name}\n", number, auto).replace("ethernet", "wifi")
            for path, name, nic, number in ((kvm, "kvm", "ens3", 1), (vmware, "vmware", "ens192", 2))}
    with clone(wifi, "") as machine:
        machine.run("apply", "--yes", "--no-network")
        tap.is_(without_uuid(machine.read(kvm)), without_uuid(wifi[kvm].replace("ens3", "ens192")), "keyfiles, Wi-Fi: it follows")


def networkd(tap):
    kvm, vmware, later = (NETWORK.format(name) for name in ("10-kvm", "20-vmware", "30-kvm"))
    said = f"ens3 is ens192 on this machine, which has an entry of its own in {vmware}: that one counts"
    static = "[Match]\nName=ens3\n\n[Network]\nAddress=10.0.0.10/24\nGateway=10.0.0.1\n"
    own = "[Match]\nName=ens192\n\n[Network]\nDHCP=yes\nMulticastDNS=no\n"
    for path in (kvm, later):
        for policy in ("", HOST):
            name = f"networkd, {os.path.basename(path)}" + ", an address" * bool(policy)
            files = {path: static, vmware: own, "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": ""}
            with clone(files, policy) as machine:
                applied = machine.run("apply", "--yes", "--no-network")
                text = machine.read(path)
                tap.ok("Name=ens3\n" in text and "10.0.0" not in text and "DHCP=ipv4" in text, f"{name}: the other is for no NIC", text + applied.stderr)
                text = machine.read(vmware)
                tap.ok("Address=10.0.0.77/24\nGateway=10.0.0.1\n" in text if policy else text == own, f"{name}: the one of the name here counts", text)
                tap.is_((applied.stderr.count(said), "becomes" in applied.stderr), (1, False), f"{name}: said once")
                machine.run("undo", "--yes", "--no-network")
                tap.is_({each: machine.read(each) for each in files}, files, f"{name}: undone")


with Tap() as tap:
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can seal a tree")
        sys.exit(tap.done())
    ifupdown(tap)
    netplan(tap)
    netplan_matches(tap)
    ifcfg(tap)
    keyfiles(tap)
    networkd(tap)
    lists(tap)
