#!/usr/bin/python3
"""Netplan's files of a clone: every file of tests/corpus/netplan, with an address of its own and without, on NICs that are called as
the template's and otherwise. What is read here is read by PyYAML and by `netplan get`.

    formats-netplan.t [FILE...]    only these
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

import yaml

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))
sys.path.append("/usr/share/netplan")

import netplan.cli.commands
from netplan import Netplan

from machine_tree import CLONE_MAC, CLONE_UUID, MACHINE_ID, REPOSITORY, TEMPLATE_UUID, Machine
from tap import Tap

CORPUS = os.path.join(REPOSITORY, "tests/corpus/netplan")
OLD_NICS = [("ens3", "52:54:00:30:00:01"), ("ens4", "52:54:00:30:00:02"), ("wlan0", "52:54:00:30:00:03")]
NEW_MACS = ["52:54:00:cc:00:01", "52:54:00:cc:00:02", "52:54:00:cc:00:03"]
NAMES = {"the same names": ["ens3", "ens4", "wlan0"], "other names": ["ens192", "ens224", "wlp9s0"]}
OLD_ADDRESSES = ["10.30.0.10", "10.30.0.11", "10.30.0.12", "10.31.0.10", "fd00:30::10"]
NEW = {4: "10.30.0.77/24", 6: "fd00:30::77/64"}
POLICIES = {
    "without an address": "",
    "with an address": f"[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress.NIC = {NEW[4]}\ngateway = 10.30.0.1\ndns = 10.30.0.99\n",
    "with both families": f"[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress.NIC = {NEW[4]}, {NEW[6]}\ngateway = 10.30.0.1, fd00:30::1\n",
}


def scalars(node, way=()):
    """Every scalar, keys too, with its way."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield way, str(key)
            yield from scalars(value, (*way, str(key)))
    elif isinstance(node, list):
        for item in node:
            yield from scalars(item, way)
    elif node is not None:
        yield way, str(node)


class Text(yaml.SafeLoader):
    """Every scalar is a string, as for netplan."""

    yaml_implicit_resolvers = {}


def read(text):
    return yaml.load(text.replace("\t", " "), Text) or {}


def addresses_of(tree):
    found = []
    network = tree.get("network") or {}
    for section, interfaces in network.items():
        for name, interface in (interfaces.items() if isinstance(interfaces, dict) else ()):
            if not isinstance(interface, dict):
                continue
            for item in interface.get("addresses") or []:
                found.append((section, name, next(iter(item)) if isinstance(item, dict) else item))
            for key, value in ((interface.get("networkmanager") or {}).get("passthrough") or {}).items():
                if re.match(r"ipv[46]\.address\d", key):
                    found.append((section, name, value.split(",")[0]))
    return found


# What is left alone, because a span of it means more than itself, because it cannot be read, or because netplan refuses it here.
REFUSED = {"anchors", "anchor-on-address", "anchor-on-list", "tags", "malformed-bracket", "other-double-key", "other-two-documents"}
if not os.path.exists("/usr/bin/ovs-vsctl"):
    REFUSED.add("openvswitch")
# The interface that the policy's address is for; files that are not here, and not in AMBIGUOUS, are for the first NIC.
TARGET = {"bond-basic": "bond0", "bond-match-ports": "bond0", "bond-lacp": "bond0", "bridge-basic": "br0", "bridge-alone": "br0",
          "bridge-costs": "br0", "bridge-over-bond": "br0", "vlan-over-bond": "bond0.7"}
WIRELESS = {"wifi-psk", "wifi-static", "wifi-hidden", "plain-over-lines"}
# No NIC is the one that is meant, or there is no interface that could get an address.
AMBIGUOUS = {"ethernet-match-driver", "ethernet-match-glob", "nm-devices", "tunnel-sit", "tunnel-wireguard", "empty", "only-comments",
             "only-version", "malformed-only-document-start", "malformed-merge-key", "malformed-alias", "malformed-control", "malformed-key",
             "malformed-tab", "other-lone-cr"}
# Keys that a reset writes or takes away; on a line with none of them only a value has changed.
WRITTEN = re.compile(r"addresses|dhcp[46]|accept-ra|gateway|routes|\bto\b|\bvia\b|nameservers|ipv[46]\.")


def netplan_get(root):
    """(code, output, errors) of `netplan get`: its own main, in a child, since most of its time is the start of Python, and what it imports."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output, tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.dup2(output.fileno(), 1)
                os.dup2(errors.fileno(), 2)
                sys.argv = ["netplan", "get", "--root-dir", root]
                Netplan().main()
                code = 0
            except SystemExit as end:
                code = 0 if end.code is None else 1
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        status = os.waitpid(child, 0)[1]
        output.seek(0)
        errors.seek(0)
        return os.waitstatus_to_exitcode(status), output.read(), errors.read()


def generates(root):
    """netplan makes its back end's files of them."""
    program = next(p for p in ("/usr/libexec/netplan/generate", "/usr/lib/netplan/generate", "/lib/netplan/generate") if os.access(p, os.X_OK))
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(os.path.join(root, "etc/netplan"), os.path.join(copy, "etc/netplan"))
        return subprocess.run([program, "--root-dir", copy], capture_output=True, check=False).returncode == 0


class Trial:
    def __init__(self, tap, machine, name):
        self.tap, self.machine, self.name = tap, machine, name
        self.path = f"/etc/netplan/{name}.yaml"
        with open(os.path.join(CORPUS, name + ".yaml"), "rb") as file:
            self.before = file.read()

    def install(self, nics, policy):
        for old in os.listdir(self.machine.path("/etc/netplan")):
            os.unlink(self.machine.path(f"/etc/netplan/{old}"))
        self.machine.write(self.path, self.before, 0o600)
        self.machine.set_hardware(CLONE_UUID, list(zip(nics, NEW_MACS)))
        target = TARGET.get(self.name, nics[2] if self.name in WIRELESS else nics[0])
        self.machine.write("/etc/reset-identity/policy.ini", POLICIES[policy].replace("NIC", target))

    def after(self):
        """{file name: content} of what is there now."""
        return {name: self.machine.read(f"/etc/netplan/{name}") for name in os.listdir(self.machine.path("/etc/netplan"))}

    def unmentioned(self, texts, old, warnings):
        found = []
        for name, text in texts.items():
            said = [warning for warning in warnings if self.path in warning]
            for way, value in scalars(read(text)):
                for word, pattern in old.items():
                    if pattern.search(value) and not any(word in warning for warning in said):
                        found.append(f"{name}: {'.'.join(way)}: {value}: {word}")
        return found

    def strange_lines(self, texts):
        """New lines that say neither a value of the clone nor a key of an address, nor that nothing is left of a mapping."""
        old_lines = self.before.decode("utf-8", "replace").splitlines()
        mine = [*NEW_MACS, *NAMES["other names"], *NEW.values(), "10.30.0.77", "golden-", "web-17"]
        lines = [line for text in texts.values() for line in text.splitlines() if line not in old_lines]
        return [line for line in lines if not WRITTEN.search(line) and not any(value in line for value in mine) and
                not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-4", line) and not any(line.removesuffix(" {}").strip(" ,") in old for old in old_lines)]

    def check(self, names, policy):
        nics = NAMES[names]
        self.install(nics, policy)
        snapshot = self.machine.snapshot("/etc/netplan")
        title = f"{self.name}, {names}, {policy}"
        if self.name in REFUSED:
            code, plan = self.machine.json("plan")
            said = plan.get("error", {}).get("message", "")
            self.tap.ok(code == 1 and self.name + ".yaml" in said, f"{title}: refused with the file's name", said)
            return
        code, applied = self.machine.json("apply", "--yes", "--no-network")
        texts = self.after()
        wrong = [] if code == 0 else [applied]
        old = {mac: re.compile(mac) for _, mac in OLD_NICS} | {"golden": re.compile(r"\bgolden(?![\w-])")}
        if not self.name.startswith(("malformed-", "other-")):
            had = [value.split("/")[0] for _, _, value in addresses_of(read(self.before.decode()))]
            old |= {address: re.compile(rf"(?<![\w.]){re.escape(address)}(?![\w.])") for address in OLD_ADDRESSES if address in had}
        if names == "other names":
            old |= {name: re.compile(rf"(?<![\w-]){name}(?![\w-]|\.\d)") for name, _ in OLD_NICS}
        if not self.name.startswith(("malformed-", "other-")):
            wrong += self.unmentioned(texts, old, applied.get("warnings", []))
            wrong += self.strange_lines(texts)
            wrong += self.addresses(texts, policy)
        undone = self.machine.run("undo", "--yes", "--no-network")
        now = self.machine.snapshot("/etc/netplan")
        changed = [path for path in snapshot if now.get(path) != snapshot[path]]
        self.tap.ok(not wrong and undone.returncode == 0 and not changed, title, wrong, changed, undone.stderr)

    def addresses(self, texts, policy):
        """What netplan itself reads has the clone's addresses, each once, and no other of a NIC's."""
        code, output, errors = netplan_get(self.machine.root)
        if code != 0 and self.name != "malformed-merge-key":
            return [errors]
        seen = addresses_of(read(output))
        own = [address for tree in texts.values() for address in addresses_of(read(tree))]
        values = [address for _, _, address in seen]
        wrong = [f"netplan reads {seen}, this file {own}"] if sorted(seen) != sorted(own) else []
        wanted = list(NEW.values()) if policy == "with both families" else [NEW[4]] if policy == "with an address" else []
        wrong += [f"{values} without {address}" for address in wanted if values.count(address) != 1]
        return wrong + [f"{section}.{name}: {address}" for section, name, address in seen
                        if address not in wanted and section not in ("tunnels", "nm-devices")]


def several_files(tap, machine):
    """Lists add up over files, and the last one's key wins; a file in /etc hides one of its name."""
    for old in os.listdir(machine.path("/etc/netplan")):
        os.unlink(machine.path(f"/etc/netplan/{old}"))
    first = "network:\n  ethernets:\n    ens3:\n      dhcp4: true\n      addresses: [10.30.0.10/24]\n"
    second = "network:\n  ethernets:\n    ens3:\n      # more\n      addresses:\n        - 10.30.0.11/24\n      dhcp4: false\n"
    machine.write("/etc/netplan/50-first.yaml", first, 0o600)
    machine.write("/etc/netplan/60-second.yaml", second, 0o600)
    machine.write("/usr/lib/netplan/60-second.yaml", "network: {ethernets: {ens3: {addresses: [10.30.0.12/24]}}}\n", 0o600)
    machine.set_hardware(CLONE_UUID, list(zip(NAMES["the same names"], NEW_MACS)))
    machine.write("/etc/reset-identity/policy.ini", POLICIES["with an address"].replace("NIC", "ens3"))
    applied = machine.run("apply", "--yes", "--no-network")
    tap.is_(applied.returncode, 0, "an interface of two files gets its address")
    tap.is_(machine.read("/etc/netplan/50-first.yaml"), first.replace("10.30.0.10", "10.30.0.77").replace(
        "77/24]\n", "77/24]\n      routes:\n        - to: 0.0.0.0/0\n          via: 10.30.0.1\n      nameservers:\n        addresses: [10.30.0.99]\n"),
            "what is new goes to the first one")
    tap.is_(machine.read("/etc/netplan/60-second.yaml"), "network:\n  ethernets:\n    ens3:\n      # more\n      dhcp4: false\n",
            "the other one's address goes")
    machine.run("undo", "--yes", "--no-network")
    machine.write("/usr/lib/netplan/40-package.yaml", "network: {ethernets: {ens3: {addresses: [10.30.0.12/24]}}}\n", 0o600)
    refused = machine.run("plan")
    tap.ok(refused.returncode == 1 and "/usr/lib/netplan/40-package.yaml:1" in refused.stderr, "an address of a package's file is refused",
           refused.stderr)
    shutil.rmtree(machine.path("/usr/lib/netplan"))


def names_exchanged(tap, machine):
    """Two NICs that have each other's names on the clone."""
    for old in os.listdir(machine.path("/etc/netplan")):
        os.unlink(machine.path(f"/etc/netplan/{old}"))
    text = ("network:\n  ethernets:\n    ens3:\n      addresses: [10.30.0.10/24]\n    ens4: {dhcp6: true}\n  bridges:\n"
            "    br0: {interfaces: [ens4], parameters: {path-cost: {ens4: 5}}}\n")
    machine.write("/etc/netplan/50-two.yaml", text, 0o600)
    machine.write("/etc/reset-identity/policy.ini", POLICIES["without an address"])
    machine.set_hardware(CLONE_UUID, list(zip(["ens4", "ens3", "wlan0"], NEW_MACS)))
    applied = machine.run("apply", "--yes", "--no-network")
    tap.is_(machine.read("/etc/netplan/50-two.yaml"),
            "network:\n  ethernets:\n    ens4:\n      dhcp4: true\n    ens3: {dhcp6: true}\n  bridges:\n"
            "    br0: {interfaces: [ens3], parameters: {path-cost: {ens3: 5}}}\n",
            "NICs that have each other's names keep each their own settings" + applied.stderr)
    machine.run("undo", "--yes", "--no-network")


def pattern_of_the_template(tap, machine):
    """A pattern that fitted the template's NIC and does not fit the clone's."""
    text = 'network:\n  ethernets:\n    lan:\n      match: {name: "ens3*"}\n      addresses: [10.30.0.10/24]\n'
    os.unlink(machine.path("/etc/netplan/50-two.yaml"))
    machine.write("/etc/netplan/50-lan.yaml", text, 0o600)
    machine.write("/etc/reset-identity/policy.ini", POLICIES["with an address"].replace("NIC", "eth0"))
    machine.set_hardware(CLONE_UUID, list(zip(["eth0", "eth1", "eth2"], NEW_MACS)))
    applied = machine.run("apply", "--yes", "--no-network")
    tap.ok('match: {name: "eth0"}\n      addresses: [10.30.0.77/24]\n' in machine.read("/etc/netplan/50-lan.yaml"),
           "a pattern becomes the name of the one NIC that it fitted", applied.stderr, machine.read("/etc/netplan/50-lan.yaml"))
    machine.run("undo", "--yes", "--no-network")
    machine.write("/etc/netplan/50-lan.yaml", text.replace("ens3*", "ens*"), 0o600)
    machine.write("/etc/reset-identity/policy.ini", "")
    planned = machine.run("plan")
    tap.like(planned.stdout + planned.stderr, r"50-lan.yaml:4: match.name ens\* fitted ens\d", "of several NICs it is named")


def rendered_files(tap, machine):
    """What netplan made of the files is no other's address; what only looks so is."""
    made = "/run/systemd/network/10-netplan-ens3.network"
    strange = "/run/systemd/network/10-netplan-ens9.network"
    network = "[Match]\nName=ens3\n[Network]\nAddress=10.30.0.10/24\n"
    for old in os.listdir(machine.path("/etc/netplan")):
        os.unlink(machine.path(f"/etc/netplan/{old}"))
    machine.write("/etc/netplan/50.yaml", "network: {ethernets: {ens3: {addresses: [10.30.0.10/24]}}}\n", 0o600)
    machine.write("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "")
    machine.write("/etc/reset-identity/policy.ini", "")
    machine.write(made, network)
    planned = machine.run("plan")
    tap.ok(planned.returncode == 3 and made not in planned.stdout + planned.stderr, "a file that netplan made is not named",
           planned.stdout[-500:], planned.stderr)
    machine.write(strange, network)
    refused = machine.run("plan")
    tap.ok(refused.returncode == 1 and strange in refused.stderr, "one of an id that no file defines is refused", refused.stderr)


def said_twice(tap, machine):
    """What NetworkManager writes into /etc/netplan says a static address in netplan's words and in its own: both follow."""
    path = "/etc/netplan/90-NM.yaml"
    text = """network:
  version: 2
  ethernets:
    lan:
      renderer: NetworkManager
      match: {name: ens3}
      addresses:
      - "10.30.0.10/24"
      - "fd00:30::10/64"
      nameservers:
        addresses: [10.30.0.53]
      routes:
      - to: "default"
        via: "10.30.0.1"
      networkmanager:
        name: "lan"
        passthrough:
          ipv4.address1: "10.30.0.10/24,10.30.0.1"
          ipv4.method: "manual"
          ipv6.method: "manual"
"""
    for old in os.listdir(machine.path("/etc/netplan")):
        os.unlink(machine.path(f"/etc/netplan/{old}"))
    for policy, v4, v6 in (("without an address", [], []), ("with an address", [NEW[4]], []), ("with both families", [NEW[4]], [NEW[6]])):
        machine.write(path, text, 0o600)
        machine.write("/etc/reset-identity/policy.ini", POLICIES[policy].replace("NIC", "ens3"))
        applied = machine.run("apply", "--yes", "--no-network")
        lan = read(machine.read(path))["network"]["ethernets"]["lan"]
        passed = lan["networkmanager"]["passthrough"]
        wanted = {"ipv4.address1": v4[:1], "ipv6.address1": v6[:1]}
        tap.ok(applied.returncode == 0 and lan.get("addresses", []) == v4 + v6 and "10.30.0.10" not in machine.read(path) and
               "fd00:30::10" not in machine.read(path) and "routes" not in lan and
               all([value.split(",")[0] for key, value in passed.items() if key == name] == values for name, values in wanted.items()) and
               passed["ipv4.method"] == ("manual" if v4 else "auto") and passed["ipv6.method"] == ("manual" if v6 else "auto"),
               f"an address that is said twice, {policy}", applied.stderr, machine.read(path))
        machine.run("undo", "--yes", "--no-network")
        tap.is_(machine.read(path), text, f"and undone, {policy}")


def refused_by_netplan(tap, machine):
    """What netplan refuses is not edited, so an address of the policy cannot be placed: that is no success."""
    for old in os.listdir(machine.path("/etc/netplan")):
        os.unlink(machine.path(f"/etc/netplan/{old}"))
    machine.write("/etc/netplan/50.yaml", "network:\n  version: 2\n  ethernets:\n    ens3:\n", 0o600)
    machine.write("/etc/reset-identity/policy.ini", POLICIES["with an address"].replace("NIC", "ens3"))
    refused = machine.run("plan")
    tap.ok(refused.returncode == 1 and "50.yaml:4: ens3 is to have the policy's address 10.30.0.77" in refused.stderr,
           "an address for a file that netplan refuses is refused", refused.stderr)


def overrides_of_one_family(tap, machine):
    """netplan refuses DHCP in both families with overrides in one; and of its words the one that refuses counts, not the warnings before it."""
    for old in os.listdir(machine.path("/etc/netplan")):
        os.unlink(machine.path(f"/etc/netplan/{old}"))
    path = "/etc/netplan/50.yaml"
    machine.write(path, "network:\n  version: 2\n  ethernets:\n    ens3:\n      dhcp4: true\n      dhcp4-overrides: {use-dns: false}\n"
                        "      accept-ra: false\n      addresses: ['fd00:30::10/64']\n", 0o600)
    machine.write("/etc/reset-identity/policy.ini", "")
    applied = machine.run("apply", "--yes", "--no-network")
    text = machine.read(path)
    tap.ok(applied.returncode == 0 and "fd00:30::10" not in text and "accept-ra: true" in text and "dhcp6" not in text
           and netplan_get(machine.root), "IPv6 is left to what routers say where DHCP of both families would have to agree",
           applied.stderr, text)
    machine.run("undo", "--yes", "--no-network")
    machine.write(path, "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.30.0.10/24]\n      dhcp6: true\n"
                        "      dhcp6-overrides: {use-dns: false, route-metric: 70, hostname: box}\n", 0o600)
    applied = machine.run("apply", "--yes", "--no-network")
    ens3 = read(machine.read(path))["network"]["ethernets"]["ens3"]
    tap.ok(applied.returncode == 0 and ens3["dhcp4"] == "true" and ens3["dhcp4-overrides"] == ens3["dhcp6-overrides"]
           and "DHCPv4 gets the dhcp6-overrides too (hostname: box, route-metric: 70, use-dns: false)" in applied.stderr
           and generates(machine.root), "DHCPv4 in place of an address gets the overrides that DHCPv6 has, and it is said", applied.stderr, ens3)
    machine.run("undo", "--yes", "--no-network")
    machine.write(path, "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.30.0.10/24, 'fd00:30::10/64']\n"
                        "      dhcp6-overrides: {use-dns: false}\n", 0o600)
    applied = machine.run("apply", "--yes", "--no-network")
    ens3 = read(machine.read(path))["network"]["ethernets"]["ens3"]
    tap.ok(applied.returncode == 0 and ens3["dhcp4"] == "true" and "dhcp6" not in ens3 and "addresses" not in ens3 and generates(machine.root),
           "where both addresses go the family with overrides is left to what routers say", applied.stderr, ens3)
    machine.run("undo", "--yes", "--no-network")
    machine.write(path, "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.30.0.10/24]\n      gateway4: 10.30.0.1\n"
                        "      dhcp4: true\n      dhcp6: true\n      dhcp4-overrides: {use-dns: false}\n", 0o600)
    refused = machine.run("plan")
    tap.ok(refused.returncode == 1 and "ERROR: ens3: networkd requires that use-dns" in refused.stderr and "deprecated" not in refused.stderr,
           "a refusal is told, and not that a key is deprecated", refused.stderr)


def gateway_outside(tap):
    """A gateway that is on the link and in no prefix, as of a routed host address: networkd refuses the route without on-link."""
    routes = {
        "a block": "      routes:\n      - to: default\n        via: 10.30.0.1\n",
        "a flow": "      routes: [{to: 0.0.0.0/0, via: 10.30.0.1, on-link: false}, {to: 10.31.0.0/16, via: 10.30.0.9}]\n",
        "the old key": "      gateway4: 10.30.0.1\n",
        "nothing": "",
    }
    for name, text in routes.items():
        with Machine() as machine:
            machine.add_template(0)
            machine.write("/etc/netplan/50.yaml", "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.30.0.10/24]\n" + text, 0o600)
            machine.write("/etc/reset-identity/policy.ini", f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress = 203.0.113.7/32\n"
                                                            "gateway = 172.31.1.1\ngateway-onlink = yes\n")
            sealed = machine.run("seal")
            machine.become_clone()
            machine.run("apply", "--yes", "--no-network")
            ens3 = read(machine.read("/etc/netplan/50.yaml"))["network"]["ethernets"]["ens3"]
            defaults = [route for route in ens3.get("routes", []) if route["to"] in ("default", "0.0.0.0/0")]
            tap.ok(len(defaults) == 1 and defaults[0]["via"] == "172.31.1.1" and defaults[0]["on-link"] == "true" and "gateway4" not in ens3,
                   f"a gateway outside of the prefix is on-link where {name} said one", ens3, sealed.stderr)


def refused_and_allowed(tap):
    """Where the policy takes the template's address, what netplan refuses is a warning; an address of the policy's has to go somewhere."""
    yaml = "network:\n  version: 2\n  ethernets:\n    ens3:\n      match: {macaddress: '52:54:00:aa:bb:01'}\n      addresses: [10.30.0.10/24]\n      no-such-key: 1\n"
    host = f"[host w]\nmatch-mac = {CLONE_MAC}\naddress = 10.30.0.17/24\n"
    for policy, allowed in (("foreign = warn\n", True), ("method = keep\n", True), ("foreign = refuse\n", False), ("foreign = warn\n" + host, False)):
        with Machine() as machine:
            machine.add_template(0)
            machine.write("/etc/netplan/50.yaml", yaml, 0o600)
            machine.write("/etc/reset-identity/policy.ini", "[network]\n" + policy)
            sealed = machine.run("seal")
            machine.become_clone()
            applied = machine.run("apply", "--force", "--yes", "--no-network")
            tap.is_((sealed.returncode, applied.returncode), (0, 0) if allowed else (1, 1), f"netplan refuses its files, {policy.split()[2]}") or tap.diag(sealed.stderr)
            told = {"keep": "50.yaml: keeps the template's address 10.30.0.10", "warn": "50.yaml:4: ens3 has the static address 10.30.0.10: the clone uses it too"}.get(
                policy.split()[2] if allowed else "", "50.yaml:4: ens3 has the static address 10.30.0.10, and is not edited")
            tap.ok(told in sealed.stderr and told in applied.stderr and machine.read("/etc/netplan/50.yaml") == yaml, f"and says so, {policy.split()[2]}",
                   sealed.stderr, applied.stderr)


def another_netplan(tap):
    """An image has a netplan of its own, which may know what that of this machine does not."""
    yaml = "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.30.0.10/24]\n  devices-to-come:\n    x0: {}\n"
    for generator, mode in ((None, "refuses"), ("/usr/libexec/netplan/generate", "edits"), ("same", "refuses")):
        with Machine() as machine:
            machine.add_template(0)
            machine.write("/etc/netplan/50.yaml", yaml, 0o600)
            if generator == "same":
                with open("/usr/libexec/netplan/generate" if os.path.exists("/usr/libexec/netplan/generate") else "/lib/netplan/generate", "rb") as file:
                    machine.write("/usr/libexec/netplan/generate", file.read(), 0o755)
            elif generator:
                machine.write(generator, "another\n", 0o755)
            sealed = machine.run("seal")
            machine.become_clone()
            applied = machine.run("apply", "--force", "--yes", "--no-network")
            text = machine.read("/etc/netplan/50.yaml")
            if mode == "refuses":
                tap.ok(sealed.returncode == 1 and "netplan refuses the files as they are" in sealed.stderr and text == yaml,
                       f"what netplan refuses is not edited (the image's: {generator})", sealed.stderr, text)
                continue
            tap.ok(sealed.returncode == 0 and applied.returncode == 0 and "10.30.0.10" not in text and "dhcp4: true\n" in text,
                   "an image with another netplan is sealed and edited", sealed.stderr, applied.stderr, text)
            tap.like(applied.stderr, "the netplan of this machine refuses it, and the image has another one: the edited files are not checked: .*devices-to-come",
                     "and what this machine's netplan says of it is told")


def lost_sources(tap, machine):
    """A route of an address that is gone would be waited for."""
    for old in os.listdir(machine.path("/etc/netplan")):
        os.unlink(machine.path(f"/etc/netplan/{old}"))
    path = "/etc/netplan/50.yaml"
    text = ("network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.30.0.10/24]\n      routes:\n        - to: 10.9.0.0/16\n"
            "          via: 10.30.0.9\n          from: 10.30.0.10\n        - {to: 10.8.0.0/16, from: 10.30.0.10, via: 10.30.0.9}\n"
            "        - {to: 10.7.0.0/16, from: 10.1.2.3, via: 10.30.0.9}\n      routing-policy:\n        - from: 10.30.0.10\n          table: 7\n")
    machine.write(path, text, 0o600)
    machine.write("/etc/reset-identity/policy.ini", "")
    warnings = [warning for warning in machine.json("plan")[1]["warnings"] if "mentioned here" in warning]
    applied = machine.run("apply", "--yes", "--no-network")
    ens3 = read(machine.read(path))["network"]["ethernets"]["ens3"]
    tap.ok(applied.returncode == 0 and [route.get("from") for route in ens3["routes"]] == [None, None, "10.1.2.3"] and generates(machine.root)
           and ens3["routing-policy"] == [{"from": "10.30.0.10", "table": "7"}], "where the address goes a route's source goes too", ens3, applied.stderr)
    tap.ok(len(warnings) == 1 and warnings[0].startswith(f"{path}:13:"), "what a rule matches is named, and no line that has changed", warnings)
    machine.run("undo", "--yes", "--no-network")
    tap.is_(machine.read(path), text, "an undo brings it back")


def secrets(tap, machine):
    word, key = "never to be shown", "4GgaQCy68nzNsUE5aJ9fuLzHhB65tAlwbmA72MWnOm8="
    for old in os.listdir(machine.path("/etc/netplan")):
        os.unlink(machine.path(f"/etc/netplan/{old}"))
    machine.write("/etc/netplan/wifi.yaml", "network:\n  renderer: NetworkManager\n  wifis:\n    wlan0:\n      match: {macaddress: '52:54:00:30:00:03'}\n      access-points:\n"
                  f"        home: {{password: \"{word}\"}}\n  tunnels:\n    wg0: {{mode: wireguard, addresses: [10.96.0.1/24],\n      key: {key},\n"
                  "      peers: [{keys: {public: M9nt4YujIOmNrRmpIRTmYSfMdrpvE7u6WkG8FY8WjG4=}, allowed-ips: [10.96.0.0/24]}]}\n"
                  f"# password: {word}\n", 0o600)
    machine.write("/etc/reset-identity/policy.ini", "")
    planned = machine.run("plan")
    tap.ok("macaddress: '52:54:00:cc:00:03'" in planned.stdout and not re.search(f"{word}|{key}", planned.stdout + planned.stderr) and
           planned.stdout.count("<hidden>") > 0, "passwords and keys are not shown", planned.stdout, planned.stderr)
    tap.is_(re.findall(r"wifi.yaml:(\d+): this is the template's WireGuard key", planned.stdout + planned.stderr), ["10"], "and a tunnel's key is said to be shared")
    machine.write("/etc/netplan/wifi.yaml", machine.read("/etc/netplan/wifi.yaml").replace(key, word), 0o600)
    refused = machine.run("plan")
    tap.ok(refused.returncode == 1 and "wifi.yaml:9:" in refused.stderr and word not in refused.stdout + refused.stderr,
           "netplan's refusal is given without the line", refused.stderr)


with Tap() as tap:
    if os.geteuid() != 0:
        tap.ok(True, "# SKIP only root can seal a tree")
        sys.exit(tap.done())
    chosen = sys.argv[1:] or sorted(name[:-len(".yaml")] for name in os.listdir(CORPUS))
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, OLD_NICS)
        machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
        machine.write("/etc/hostname", "golden\n")
        machine.write("/usr/sbin/netplan", "", 0o755)
        os.makedirs(machine.path("/etc/netplan"))
        tap.is_(machine.run("seal").returncode, 0, "the template is sealed")
        for name in chosen:
            trial = Trial(tap, machine, name)
            trial.check("the same names", "without an address")
            if name not in AMBIGUOUS | REFUSED:
                trial.check("other names", "with both families")
        if not sys.argv[1:]:
            Trial(tap, machine, "ethernet-static").check("the same names", "with an address")
            several_files(tap, machine)
            said_twice(tap, machine)
            refused_by_netplan(tap, machine)
            overrides_of_one_family(tap, machine)
            lost_sources(tap, machine)
            secrets(tap, machine)
            rendered_files(tap, machine)
            shutil.rmtree(machine.path("/run/systemd/network"))
            another_netplan(tap)
            refused_and_allowed(tap)
            gateway_outside(tap)
            names_exchanged(tap, machine)
            pattern_of_the_template(tap, machine)
