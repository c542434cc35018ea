#!/usr/bin/python3
"""A pattern of NICs' names that fitted the template's NIC goes on to mean the one that took its place, whatever that is called, in each
format; a name does too, and what is none of the template's stays."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

POLICY = f"[identity]\nhostname = web-17\n[network]\nprobe = off\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.60.0.17/24\n"
KEYFILE = "/etc/NetworkManager/system-connections/lan.nmconnection"
IFCFG = "/etc/sysconfig/network-scripts/ifcfg-lan"
INTERFACES = "/etc/network/interfaces"

# FORMAT: its file, what makes its stack run, what it says with PATTERN in it.
FORMATS = {
    "keyfile": (KEYFILE, {}, "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-000000000001\ntype=ethernet\n\n[match]\n"
                             "interface-name={}\n\n[ipv4]\nmethod=manual\naddress1=10.60.0.10/24\n"),
    "ifcfg": (IFCFG, {"/etc/sysconfig/network-scripts/ifup": ""}, "TYPE=Ethernet\nMATCH_INTERFACE_NAME='{}'\nIPADDR=10.60.0.10\nPREFIX=24\n"),
    "ifupdown": (INTERFACES, {"/usr/sbin/ifup": ""}, "auto {}\niface lan inet static\n    address 10.60.0.10/24\n"),
}

# FORMAT, pattern, what it becomes where eth0 is ens192 now.
CASES = [
    ("keyfile", "eth*;", "eth*;ens192;"),
    ("keyfile", "usb*;|eth?", "usb*;|eth?;ens192;"),
    ("keyfile", "eth0;usb0;", "ens192;usb0;"),
    ("keyfile", "e*;", "e*;"),
    ("keyfile", "!wl*;", "!wl*;"),
    ("ifcfg", "eth*", "eth* ens192"),
    ("ifcfg", "usb0 eth[01]", "usb0 eth[01] ens192"),
    ("ifcfg", "e*", "e*"),
    ("ifupdown", "/eth*=lan", "/eth*=lan ens192=lan"),
    ("ifupdown", "/eth*/1=lan lo", "/eth*/1=lan lo ens192=lan"),
    ("ifupdown", "/e*=lan", "/e*=lan"),
    ("ifupdown", "eth0=lan", "ens192=lan"),
    ("ifupdown", f"mac/{TEMPLATE_MAC}=lan", f"mac/{CLONE_MAC}=lan"),
]


def check(tap, name, pattern, wanted):
    path, enabled, text = FORMATS[name]
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("eth0", TEMPLATE_MAC)])
        machine.add_template(0)
        machine.run("seal")
        for file, content in ({path: text.format(pattern)} | enabled).items():
            machine.write(file, content, 0o755 if content == "" else 0o600)
        machine.write("/etc/reset-identity/policy.ini", POLICY)
        machine.set_hardware(CLONE_UUID, [("ens192", CLONE_MAC)])
        applied = machine.run("apply", "--yes", "--no-network")
        became = machine.read(path)
        places = [file for file in (KEYFILE, IFCFG, INTERFACES) if machine.exists(file)]
        head = text.format(wanted).split("\n\n[ipv4]")[0].split("\nIPADDR")[0].split("\n    address")[0].split("type=")[-1]
        tap.ok(applied.returncode == 0 and head in became and "10.60.0.17" in became and places == [path],
               f"{name}: {pattern} becomes {wanted}, and has the address", became, applied.stderr)
        machine.run("undo", "--yes", "--no-network")
        tap.is_(machine.read(path), text.format(pattern), f"{name}: {pattern} is back after an undo")


NETWORK = "/etc/systemd/network/lan.network"
LINKS = "/etc/udev/rules.d/70-persistent-net.rules"
# A NIC by its slot, and what that becomes where the NIC of 00:03.0 is in 00:0b.0 now.
SLOTS = [
    (KEYFILE, "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-000000000001\ntype=ethernet\n\n[match]\npath={}\n\n[ipv4]\nmethod=manual\naddress1=10.60.0.10/24\n",
     "pci-0000:00:0[34].0;", "pci-0000:00:0[34].0;pci-0000:00:0b.0;"),
    (IFCFG, "TYPE=Ethernet\nMATCH_PATH='{}'\nIPADDR=10.60.0.10\nPREFIX=24\n", "pci-0000:00:0[34].0", "pci-0000:00:0[34].0 pci-0000:00:0b.0"),
    (NETWORK, "[Match]\nPath={}\n\n[Network]\nAddress=10.60.0.10/24\n", "pci-0000:00:0[34].0", "pci-0000:00:0[34].0 pci-0000:00:0b.0"),
    (NETWORK, "[Match]\nPath={}\n\n[Network]\nAddress=10.60.0.10/24\n", "pci-0000:00:*", "pci-0000:00:*"),
    (LINKS, 'SUBSYSTEM=="net", KERNELS=="{}", NAME="eth0"\n', "0000:00:03.0", "0000:00:0b.0"),
]


def check_slot(tap, path, text, pattern, wanted):
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("eth0", TEMPLATE_MAC)])
        machine.add_template(0)
        machine.write(path, text.format(pattern), 0o600)
        machine.write("/etc/reset-identity/policy.ini", POLICY)
        machine.run("seal")
        machine.set_hardware(CLONE_UUID, [("eth0", CLONE_MAC)], first_slot=11)
        applied = machine.run("apply", "--yes", "--no-network")
        became = machine.read(path)
        tap.ok(applied.returncode == 0 and text.split("{}")[0].splitlines()[-1] + wanted in became and "10.60.0.10" not in became, f"{path}: {pattern} becomes {wanted}",
               became, applied.stderr)
        tap.ok("Address" not in text and "address" not in text or "10.60.0.17/24" in became, f"{path}: the address stays where it was", became, applied.stderr)
        machine.run("undo", "--yes", "--no-network")
        tap.is_(machine.read(path), text.format(pattern), f"{path}: {pattern} is back after an undo")


def check_other_names(tap):
    """NetworkManager takes no name but the NIC's own ("mismatching interface name"): what was for nothing on the template is for nothing on the clone."""
    old, configuration = KEYFILE.replace("lan", "old"), "/etc/NetworkManager/conf.d/10-old.conf"
    named = "[connection]\nid={0}\nuuid={1}1111111-1111-4111-8111-000000000001\ntype=ethernet\ninterface-name={0}\n\n[ipv4]\nmethod=manual\naddress1=10.6{1}.0.10/24\n"
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC)])
        machine.add_template(0)
        machine.write(KEYFILE, named.format("ens3", 0), 0o600)
        machine.write(old, named.format("enp0s3", 1), 0o600)
        machine.write("/var/lib/NetworkManager/timestamps", "[timestamps]\n11111111-1111-4111-8111-000000000001=1700000000\n")
        machine.write(configuration, "[keyfile]\nunmanaged-devices=interface-name:enp0s3\n")
        machine.write("/etc/reset-identity/policy.ini", POLICY)
        machine.run("seal")
        machine.set_hardware(CLONE_UUID, [("ens192", CLONE_MAC)], first_slot=11)
        warnings = machine.json("plan")[1].get("warnings") or []
        applied = machine.run("apply", "--yes", "--no-network")
        tap.ok(applied.returncode == 0 and "interface-name=ens192\n" in machine.read(KEYFILE) and "10.60.0.17/24" in machine.read(KEYFILE),
               "the NIC's own name is followed", machine.read(KEYFILE), applied.stderr)
        tap.ok("interface-name=enp0s3\n" in machine.read(old), "a profile by the name of its slot, which NetworkManager does not know, is not for the clone's NIC either",
               machine.read(old))
        tap.is_(machine.read(configuration), "[keyfile]\nunmanaged-devices=interface-name:enp0s3\n", "and no list of devices gets it by that name")
        for path, line in ((old, 5), (configuration, 2)):
            tap.ok(any(warning.startswith(f"{path}:{line}: the NIC name enp0s3 is mentioned here") for warning in warnings), f"{path}:{line} is named", warnings)


def check_policy(tap):
    """The policy was written beside the template's files: what it calls a NIC by is followed likewise, and that is said."""
    static = FORMATS["keyfile"][2].split("[match]")[0] + "[ethernet]\nmac-address={}\n\n[ipv4]\nmethod=manual\naddress1={}/24\n"
    host = POLICY.replace("address =", "address.eth0 =") + "[network eth1]\nmethod = disabled\n[network eth*]\ndns = 10.60.0.53\n"
    second = TEMPLATE_MAC[:-1] + "7"
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("eth0", TEMPLATE_MAC), ("eth1", second)])
        machine.add_template(0)
        machine.write(KEYFILE, static.format(TEMPLATE_MAC, "10.60.0.10"), 0o600)
        machine.write(KEYFILE.replace("lan", "two"), static.replace("001", "002").format(second, "10.61.0.10"), 0o600)
        machine.write("/etc/reset-identity/policy.ini", host)
        tap.is_(machine.run("seal").returncode, 0, "the policy calls NICs as the template has them: sealed")
        machine.set_hardware(CLONE_UUID, [("ens192", CLONE_MAC), ("ens224", CLONE_MAC[:-1] + "7")])
        warnings = machine.json("plan")[1].get("warnings")
        applied = machine.run("apply", "--yes", "--no-network")
        lan, two = machine.read(KEYFILE), machine.read(KEYFILE.replace("lan", "two"))
        tap.ok(applied.returncode == 0 and "address1=10.60.0.17/24" in lan and "dns=10.60.0.53;" in lan,
               "address.eth0 and [network eth*] mean ens192, which is in eth0's place", lan, applied.stderr)
        tap.ok("method=disabled" in two and "10.61" not in two, "and [network eth1] the other one", two)
        tap.ok("/etc/reset-identity/policy.ini:7: host web-17: address.eth0 goes to ens192, which has taken the place of the template's eth0."
               in (warnings or []), "the plan says where it goes", warnings)
    by_mac = POLICY.replace("address =", f"address.{TEMPLATE_MAC.upper()} =") + (
        f"[network {second}]\nmethod = disabled\n[network eth0]\ndns = 10.60.0.52\n[network {TEMPLATE_MAC}]\ndns = 10.60.0.53\n")
    for names in (("eth0", "eth1"), ("ens192", "ens224")):
        with Machine() as machine:
            machine.set_hardware(TEMPLATE_UUID, [("eth0", TEMPLATE_MAC), ("eth1", second)])
            machine.add_template(0)
            machine.write(KEYFILE, static.format(TEMPLATE_MAC, "10.60.0.10"), 0o600)
            machine.write(KEYFILE.replace("lan", "two"), static.replace("001", "002").format(second, "10.61.0.10"), 0o600)
            machine.write("/etc/reset-identity/policy.ini", by_mac)
            tap.is_(machine.run("seal").returncode, 0, f"the policy calls NICs by the template's addresses: sealed ({names[0]})")
            machine.set_hardware(CLONE_UUID, [(names[0], CLONE_MAC), (names[1], CLONE_MAC[:-1] + "7")])
            warnings = machine.json("plan")[1].get("warnings")
            applied = machine.run("apply", "--yes", "--no-network")
            lan, two = machine.read(KEYFILE), machine.read(KEYFILE.replace("lan", "two"))
            tap.ok(applied.returncode == 0 and "address1=10.60.0.17/24" in lan and "dns=10.60.0.53;" in lan and "method=disabled" in two,
                   f"they mean the NICs that took their places, and before a name ({names[0]})", lan, two, applied.stderr)
            tap.ok(any(f"goes to {names[0]}, which has taken the place of the template's {TEMPLATE_MAC}." in warning for warning in warnings or []),
                   "the plan says where it goes", warnings)
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("eth0", TEMPLATE_MAC), ("eth1", second)])
        machine.add_template(0)
        machine.run("seal")
        machine.write("/etc/reset-identity/policy.ini", POLICY.replace("address =", f"address.{TEMPLATE_MAC} ="))
        machine.set_hardware(CLONE_UUID, [("eth0", second[:-1] + "8"), ("eth1", TEMPLATE_MAC)])
        plan = machine.json("plan")[1]
        tap.ok(any(choice["name"] == "address eth1" and choice["new"] == "10.60.0.17/24" for choice in plan.get("choices", [])),
               "an address that a NIC has now is that NIC's", plan)
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("ens3", TEMPLATE_MAC), ("eth0", second)])
        machine.add_template(0)
        machine.write(KEYFILE, static.format(TEMPLATE_MAC, "10.60.0.10"), 0o600)
        machine.run("seal")
        machine.write("/etc/reset-identity/policy.ini", POLICY.replace("address =", "address.eth0 ="))
        machine.set_hardware(CLONE_UUID, [("eth0", CLONE_MAC), ("eth1", CLONE_MAC[:-1] + "7")])
        plan = machine.json("plan")[1]
        tap.ok(any(choice["name"] == "address eth0" and choice["new"] == "10.60.0.17/24" for choice in plan.get("choices", [])),
               "a name that a NIC has now is that NIC's", plan)


MEANT = ":2: by its pattern {1}, {0} meant eth0, and does not mean ens192, which took its place;"
MEANS = ":2: by its pattern {1}, {0} did not mean eth0, and means ens192, which took its place;"
# A line of a device list, what is said of it, what it becomes.
LISTS = [
    ("[keyfile]", "unmanaged-devices=interface-name:eth*", MEANT, "interface-name:eth*", None),
    ("[device-lan]", "match-device=interface-name:~eth?,type:wifi", MEANT, "interface-name:~eth?", None),
    ("[connection-lan]", "match-device=interface-name:ens*;interface-name:usb0", MEANS, "interface-name:ens*", None),
    ("[main]", "no-auto-default=*,except:interface-name:eth*", MEANS, "except:interface-name:eth*", None),
    ("[keyfile]", "unmanaged-devices=*,except:interface-name:ens*", MEANT, "except:interface-name:ens*", None),
    ("[keyfile]", f"unmanaged-devices=mac:{TEMPLATE_MAC};interface-name:eth*", None, None, f"unmanaged-devices=mac:{CLONE_MAC};interface-name:eth*"),
    ("[keyfile]", "unmanaged-devices=interface-name:eth0;interface-name:eth?", None, None,
     "unmanaged-devices=interface-name:ens192;interface-name:eth?"),
    ("[keyfile]", "unmanaged-devices=interface-name:e*", None, None, None),
    ("[keyfile]", "unmanaged-devices=interface-name:=eth*;interface-name:docker*", None, None, None),
]


def check_lists(tap):
    """What a list of devices in NetworkManager's configuration says of a NIC, it says of the one in its place, or that is named."""
    for directory in ("/etc/NetworkManager/conf.d", "/run/NetworkManager/conf.d", "/usr/lib/NetworkManager/conf.d"):
        for group, line, said, item, became in LISTS:
            path = f"{directory}/50-lan.conf"
            with Machine() as machine:
                machine.set_hardware(TEMPLATE_UUID, [("eth0", TEMPLATE_MAC)])
                machine.add_template(0)
                machine.write(path, f"{group}\n{line}\n")
                machine.run("seal")
                machine.set_hardware(CLONE_UUID, [("ens192", CLONE_MAC)])
                warnings = [warning for warning in machine.json("plan")[1]["warnings"] if " mean" in warning]
                wanted = [path + said.format(line.split("=")[0], item)] if said else []
                in_etc = directory.startswith("/etc")
                if not in_etc and became:
                    continue
                tap.ok(len(warnings) == len(wanted) and all(w.startswith(want) for w, want in zip(warnings, wanted)),
                       f"{path}: {line}: {'is named' if said else 'nothing to say'}", warnings, wanted)
                machine.run("apply", "--yes", "--no-network")
                tap.is_(machine.read(path), f"{group}\n{became or line}\n", f"{path}: {line}: and as it should be")


with Tap() as tap:
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can make profiles that NetworkManager loads")
        sys.exit(tap.done())
    for case in CASES:
        check(tap, *case)
    for case in SLOTS:
        check_slot(tap, *case)
    check_other_names(tap)
    check_policy(tap)
    check_lists(tap)
