#!/usr/bin/python3
"""/etc/network/interfaces of a clone: every file of tests/corpus/ifupdown, with an address of its own and without, on NICs that
are called as the template's and otherwise. What is read here is read by this file itself and by ifupdown's own ifquery.

    formats-ifupdown.t [FILE...]    only these
"""

import os
import re
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

import ifupdown_package
from machine_tree import CLONE_UUID, MACHINE_ID, REPOSITORY, TEMPLATE_UUID, Machine
from tap import Tap

CORPUS = os.path.join(REPOSITORY, "tests/corpus/ifupdown")
OLD_NICS = [("eth0", "00:50:56:aa:00:01"), ("eth1", "00:50:56:aa:00:02"), ("eth2", "00:50:56:aa:00:03")]
NEW_MACS = ["52:54:00:cc:00:01", "52:54:00:cc:00:02", "52:54:00:cc:00:03"]
NAMES = {"the same names": ["eth0", "eth1", "eth2"], "other names": ["ens192", "ens224", "ens256"]}
OLD_ADDRESSES = ["10.0.0.10", "10.0.0.11", "10.0.0.12", "10.1.0.10", "2001:db8::10"]
# Lines that a reset may change, by their first words.
EDITED = {"", "iface", "address", "netmask", "network", "broadcast", "gateway", "pointopoint", "scope", "accept_ra", "autoconf",
          "hwaddress", "hostname", "client", "bridge_hw", "local", "address-virtual"}
NAMING = {"auto", "allow-hotplug", "allow-auto", "no-auto-down", "no-scripts", "rename", "mapping", "bridge_ports", "bond-slaves",
          "bond-primary", "vlan-raw-device"}
# What ifupdown itself does not take, or what needs a shell or a script to know its NIC, is left alone and refused where it has an
# address.
REFUSED = {"mapping", "malformed-stray-option", "malformed-no-method", "malformed-unknown-method", "ng-several-addresses", "ng-template",
           "ng-options-under-auto", "address-by-command", "ifconfig-command"}
# Whose address the policy gives by the NIC's name, where the definition's is another.
LOGICAL = {"inherits-address": ("eth0", None), "logical-name": ("eth0", "lan"), "pattern-by-mac": ("eth0", "lan"), "rename": ("eth0", "lan0")}


def words_of(line):
    return line.split() or [""]


def logical_lines(text):
    """(number, line) without comments; a line that is continued is one."""
    lines, number = text.split("\n"), 0
    while number < len(lines):
        first, line = number + 1, lines[number]
        if line.lstrip().startswith("#"):
            number += 1
            continue
        while line.endswith("\\") and number + 1 < len(lines):
            number += 1
            line = line[:-1] + lines[number]
        number += 1
        yield first, line


class Trial:
    def __init__(self, tap, machine, name):
        self.tap, self.machine, self.name = tap, machine, name
        self.files = {}
        self.applied = None

    def install(self):
        shutil.rmtree(self.machine.path("/etc/network"), ignore_errors=True)
        shutil.copytree(os.path.join(CORPUS, "interfaces.d"), self.machine.path("/etc/network/interfaces.d"))
        shutil.copy(os.path.join(CORPUS, self.name), self.machine.path("/etc/network/interfaces"))
        self.files = self.contents()

    def contents(self):
        found = {}
        for folder, _, names in os.walk(self.machine.path("/etc/network")):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.machine.root)
                found["/" + path] = self.machine.read(path)
        return found

    def holder(self):
        """What has the template's first address, as ifquery reads it."""
        known = ifupdown_package.interfaces(self.machine.root)
        if isinstance(known, str):
            return None
        return next((name for name, values in known.items() if ("address", "10.0.0.10") in values and name != "lo"), None)

    def unplanned(self, renamed):
        """Lines that changed and are none of those that may."""
        allowed = EDITED | (NAMING if renamed else set())
        found = []
        for path, text in self.contents().items():
            before = [line for _, line in logical_lines(self.files[path])]
            after = [line for _, line in logical_lines(text)]
            for line in set(before) ^ set(after):
                word = words_of(line)[0]
                if word not in allowed and "mac/" not in line and not word.startswith("dns-"):
                    found.append(f"{path}: {line}")
        return found

    def comments(self, contents):
        return {path: re.findall(r"(?m)^[ \t]*#.*$", text) for path, text in contents.items()}

    def unnamed(self, warnings, values):
        found = []
        for path, text in self.contents().items():
            said = "\n".join(warning for warning in warnings if path in warning)
            for number, line in logical_lines(text):
                if not self.is_read(path):
                    continue
                for value, pattern in values.items():
                    if re.search(pattern, line) and value not in said:
                        found.append(f"{path}:{number}: {line}")
        return found

    def is_read(self, path):
        """Is the file sourced at all? What is not says nothing to anybody."""
        return path == "/etc/network/interfaces" or path in self.reading

    def sourced(self):
        self.reading, todo = set(), ["/etc/network/interfaces"]
        while todo:
            text = self.files[todo.pop()]
            for _, line in logical_lines(text):
                words = words_of(line)
                for pattern in words[1:] if words[0] in ("source", "source-directory") else ():
                    whole = os.path.join("/etc/network/interfaces.d" if pattern == "more" else "/etc/network", pattern)
                    for path in self.files:
                        good = (os.path.dirname(path) == whole and re.fullmatch(r"[\w-]+", os.path.basename(path))
                                if words[0] == "source-directory" else re.fullmatch(whole.replace(".", r"\.").replace("*", "[^/]*"), path))
                        if good and path not in self.reading:
                            self.reading.add(path)
                            todo.append(path)


def old_values(renamed):
    values = {address: rf"(?<![\w.:]){re.escape(address)}(?![\w]|\.\w)" for address in OLD_ADDRESSES}
    values.update({mac: rf"(?i)(?<![\w:]){mac}(?![\w:])" for _, mac in OLD_NICS})
    if renamed:
        values.update({name: rf"(?<![\w-]){name}(?![\w-])" for name, _ in OLD_NICS})
    values["golden"] = r"(?<![\w.-])golden(?![\w-])"
    return values


def judge_address(trial, title, device):
    """ifquery has the new address of the device, and the old one of nothing."""
    known = ifupdown_package.interfaces(trial.machine.root)
    values = known.get(device) if isinstance(known, dict) else None
    good = values is not None and ("address", "10.0.0.77") in values and ("gateway", "10.0.255.254") in values
    mask = [value for key, value in values or [] if key == "netmask"]
    trial.tap.ok(good and mask[:1] in (["255.255.0.0"], ["16"]), f"{title}: ifquery has the new address and its mask", known)
    old = [(name, key, value) for name, items in (known.items() if isinstance(known, dict) else ()) for key, value in items
           if key == "address" and value in OLD_ADDRESSES and name.split(":")[0] == device]
    trial.tap.ok(not old, f"{title}: ifquery has no address of the template on it", old)


def judge_none(trial, title):
    known = ifupdown_package.interfaces(trial.machine.root)
    old = [(name, key, value) for name, items in (known.items() if isinstance(known, dict) else ()) for key, value in items
           if key in ("address", "gateway") and value.split("\n")[0] in [*OLD_ADDRESSES, "10.0.0.1"] and name != "lo"]
    trial.tap.ok(isinstance(known, dict) and not old, f"{title}: ifquery reads it and has no address of the template", known)


def try_one(trial, names, policy, device):
    title = f"{trial.name}, {names}, {policy}"
    machine, tap, renamed = trial.machine, trial.tap, names == "other names"
    mapped = dict(zip(NAMES["the same names"], NAMES[names]))
    machine.set_hardware(CLONE_UUID, list(zip(NAMES[names], NEW_MACS)))
    text = "[network]\n"
    if policy == "an address":
        text += f"gateway = 10.0.255.254\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress.{mapped.get(device, device)} = 10.0.0.77/16\ndns = 10.0.0.99\n"
    machine.write("/etc/reset-identity/policy.ini", text)
    if trial.name in REFUSED:
        code, plan = machine.json("plan")
        tap.ok(code not in (0, 3) and "/etc/network/interfaces:" in str(plan), f"{title}: refused by file and line", code, plan)
        tap.ok(trial.contents() == trial.files, f"{title}: and left alone")
        return
    code, applied = machine.json("apply", "--yes")
    if not tap.ok(code == 0, f"{title}: applied", applied):
        return
    unplanned = trial.unplanned(renamed)
    tap.ok(not unplanned, f"{title}: only lines of addresses and names change", unplanned)
    tap.is_(trial.comments(trial.contents()), trial.comments(trial.files), f"{title}: comments stay")
    if not trial.name.startswith(("malformed", "ng-", "two-range")):
        if policy == "an address":
            judge_address(trial, title, renamed_device(mapped, device, trial.name))
        else:
            judge_none(trial, title)
    left = trial.unnamed(applied["warnings"], old_values(renamed))
    tap.ok(not left, f"{title}: nothing of the template is left unnamed", left, applied["warnings"])
    undone = machine.run("undo", "--yes")
    tap.ok(undone.returncode == 0 and trial.contents() == trial.files, f"{title}: undo brings every byte back", undone.stderr)


def renamed_device(mapped, device, name):
    """A NIC's own name, that of a VLAN which is called by it, or a logical one."""
    if LOGICAL.get(name, (None, None))[1]:
        return LOGICAL[name][1]
    nic, dot, number = device.partition(".")
    return mapped.get(nic, nic) + dot + number


def virtual_addresses(tap, machine):
    """ifupdown2's: what routers share is named, what is the machine's own too follows, and is refused where the clone has no address."""
    path, shared = "/etc/network/interfaces", "00:00:5e:00:01:07"
    text = ("auto eth0\niface eth0 inet static\n    address 10.0.0.10/24\n    address-virtual {} 10.0.0.12/24 2001:db8::12/64\n"
            "    address-virtual-ipv6-addrgen off\n    vrrp 7 10.0.0.13/24\n").format(shared)
    own = text.replace("10.0.0.12/24", "10.0.0.10/24").replace("10.0.0.13/24", "10.0.0.10/24").replace(shared, OLD_NICS[0][1])
    machine.set_hardware(CLONE_UUID, [("eth0", NEW_MACS[0])])
    for policy, address in (("", ""), (f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.77/24\n", "10.0.0.77")):
        machine.write("/etc/reset-identity/policy.ini", policy)
        machine.write(path, text)
        warnings = machine.json("plan")[1]["warnings"]
        applied = machine.run("apply", "--yes", "--no-network")
        for line, virtual in ((4, "10.0.0.12"), (4, "2001:db8::12"), (6, "10.0.0.13")):
            tap.is_(len([said for said in warnings if said.startswith(f"{path}:{line}: the virtual address {virtual},")]), 1, f"{policy!r}: {virtual} is named once", )
        tap.ok(applied.returncode == 0 and text.split("\n", 3)[3] in machine.read(path) and "10.0.0.10" not in machine.read(path),
               f"{policy!r}: and stays, while the machine's own goes", machine.read(path), applied.stderr)
        machine.run("undo", "--yes", "--no-network")
        machine.write(path, own)
        applied = machine.run("apply", "--yes", "--no-network")
        if address:
            tap.ok(applied.returncode == 0 and f"address-virtual {NEW_MACS[0]} {address}/24 2001" in machine.read(path) and f"vrrp 7 {address}/24" in machine.read(path),
                   "what is the machine's own address and MAC too follows", machine.read(path), applied.stderr)
            machine.run("undo", "--yes", "--no-network")
        else:
            tap.ok(applied.returncode != 0 and all(f"{path}:{line}: ifupdown gives eth0 the static address 10.0.0.10 of the template, and this line" in applied.stderr
                                                   for line in (4, 6)), "or is refused where the clone has none", applied.stderr)


def ucarp(tap, machine):
    """Debian's way: `ucarp-vip` in the stanza, and one that ucarp brings up by the name eth0:ucarp while this machine holds the address."""
    path = "/etc/network/interfaces"
    text = ("auto eth0\niface eth0 inet static\n    address 10.0.0.10/24\n    gateway 10.0.0.1\n    ucarp-vid 1\n    ucarp-vip 10.0.0.5\n"
            "iface eth0:ucarp inet static\n    address 10.0.0.5/32\n")
    for policy, own in (("", "inet dhcp\n"), (f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.77/24\n", "inet static\n    address 10.0.0.77/24\n    gateway 10.0.0.1\n")):
        machine.set_hardware(CLONE_UUID, [("ens192", NEW_MACS[0])])
        machine.write("/etc/reset-identity/policy.ini", policy)
        machine.write(path, text)
        warnings = machine.json("plan")[1]["warnings"]
        applied = machine.run("apply", "--yes", "--no-network")
        wanted = text.replace("inet static\n    address 10.0.0.10/24\n    gateway 10.0.0.1\n", own).replace("eth0", "ens192")
        tap.is_((applied.returncode, machine.read(path)), (0, wanted), f"ucarp, {policy!r}: what is shared stays" + applied.stderr)
        tap.ok(len(warnings) == 1 and warnings[0].startswith(f"{path}:8: the virtual address 10.0.0.5,"), f"ucarp, {policy!r}: and is named once", warnings)
        machine.run("undo", "--yes", "--no-network")


# What ifupdown takes and what it refuses; its own words decide, below.
JUDGED = [
    "iface eth0", "iface eth0 inherits", "iface eth0 inherits nobody", "iface eth0 inherits eth1\niface eth1 inet dhcp",
    "iface eth1 inet dhcp\niface eth0 inherits eth1", "iface eth1 inet6 auto\niface eth0 inet inherits eth1",
    "iface eth1 inet dhcp\niface eth0 inet inherits eth1", "iface eth1 inet dhcp\niface eth0 inet6 auto inherits eth1",
    "iface eth1 inet6 static\niface eth0 inet6 auto inherits eth1", "iface eth1 inet dhcp\niface eth0 inet odd inherits eth1",
    "iface eth0 inet manual\niface eth0 inet dhcp inherits eth0", "iface eth0 inet dhcp inherits eth0", "iface eth0 inet6 tunnel",
    "iface eth0 inet6 ppp", "iface eth0 inet auto", "iface eth0 ipx dynamic", "iface eth0 ipx dhcp", "iface eth0 can static",
    "iface eth0 meta static", "iface eth0 link manual", "iface eth0 INET dhcp", "iface eth0 inet", "iface eth0 inet dhcp more words",
    "iface eth0 inet dhcp\n mtu", "mtu 1400", "mapping eth0\n script /x\n map a b\niface eth1 inet dhcp", "mapping eth0\n script /x\n odd b",
]


def judged_alike(tap, machine):
    """ifupdown refuses a whole file for one line of it, and then brings up nothing: that is said where it is so, and nowhere else."""
    machine.set_hardware(CLONE_UUID, list(zip(NAMES["the same names"], NEW_MACS)))
    machine.write("/etc/reset-identity/policy.ini", "")
    shutil.rmtree(machine.path("/etc/network"), ignore_errors=True)
    for text in JUDGED:
        machine.write("/etc/network/interfaces", "auto lo\niface lo inet loopback\n" + text + "\n")
        known = ifupdown_package.interfaces(machine.root)
        warnings = str(machine.json("plan")[1]["warnings"])
        line = re.search(r"interfaces:(\d+):", known) if isinstance(known, str) else None
        said = re.search(r"interfaces:(\d+): [^:]*: ifupdown refuses that", warnings)
        # ifupdown has read the next line when it complains.
        alike = said is not None and abs(int(line[1]) - int(said[1])) <= 1 if line else said is None
        tap.ok(alike, f"ifupdown {'refuses' if line else 'takes'} {text!r}, and so it is said", known, warnings)


def main(chosen):
    with Tap() as tap, Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, OLD_NICS)
        machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
        machine.write("/etc/hostname", "golden\n")
        machine.write("/usr/sbin/ifup", "", 0o755)
        machine.write("/etc/network/interfaces", "")
        machine.write("/etc/reset-identity/policy.ini", "")
        tap.is_(machine.run("seal").returncode, 0, "sealed")
        for name in sorted(os.listdir(CORPUS)):
            if name == "interfaces.d" or (chosen and name not in chosen):
                continue
            trial = Trial(tap, machine, name)
            trial.install()
            trial.sourced()
            device = LOGICAL[name][0] if name in LOGICAL else trial.holder()
            for names in NAMES:
                try_one(trial, names, "DHCP", device)
                if device is not None and name not in REFUSED:
                    try_one(trial, names, "an address", device)
        judged_alike(tap, machine)
        virtual_addresses(tap, machine)
        ucarp(tap, machine)


main(sys.argv[1:])
