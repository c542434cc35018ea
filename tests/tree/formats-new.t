#!/usr/bin/python3
"""A NIC that no file gives its addresses, and the policy does: it gets a file in the format of what configures the network there, one
that counts. Judged by netplan's generator, by systemd-networkd with a NIC of that name, by ifquery and by the shell. Undo removes it.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

import ifupdown_package
from machine_tree import CLONE_UUID, MACHINE_ID, TEMPLATE_UUID, Machine
from tap import Tap

OLD_NICS = [("ens3", "52:54:00:40:00:01")]
NICS = [("ens3", "52:54:00:99:00:01"), ("ens9", "52:54:00:99:00:02")]
MAC = NICS[1][1]
HOST = f"""[host web-17]
match-uuid = {CLONE_UUID}
address.ens3 = 10.40.0.17/24
address.ens9 = 10.41.0.17/24, 10.41.0.18/24, fd00:41::17/64
[network ens9]
gateway = 10.41.0.1
dns = 10.41.0.53
dns-search = lab.example
"""
NETWORKD = "[Match]\nName=ens3\n\n[Network]\nAddress=10.40.0.10/24\nGateway=10.40.0.1\n"
NETPLAN = "network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.40.0.10/24]\n"
IFUPDOWN = "auto lo\niface lo inet loopback\n\nauto ens3\niface ens3 inet static\n    address 10.40.0.10/24\n"
IFCFG = "DEVICE=ens3\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.40.0.10\nPREFIX=24\n"
NETWORKD_BINARY = "/lib/systemd/systemd-networkd"

tap = Tap()


def same(found, wanted, name, *said):
    tap.ok(found == wanted, name, f"{found!r}", f"wanted: {wanted!r}", *said)


def enable(machine, unit):
    wants = machine.path("/etc/systemd/system/multi-user.target.wants")
    os.makedirs(wants, exist_ok=True)
    os.symlink(f"/lib/systemd/system/{unit}", os.path.join(wants, unit))


def machine_with(files, policy=HOST, units=(), nics=NICS):
    """A template with one NIC whose clone has two."""
    machine = Machine()
    machine.set_hardware(TEMPLATE_UUID, OLD_NICS)
    machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
    machine.write("/etc/hostname", "golden\n")
    assert machine.run("seal").returncode == 0
    machine.write("/etc/reset-identity/policy.ini", policy)
    for name, content in files.items():
        if content is None:
            os.makedirs(os.path.dirname(machine.path(name)), exist_ok=True)
            os.symlink("/dev/null", machine.path(name))
            continue
        machine.write(name, content, 0o755 if "/sbin/" in name else 0o600 if name.endswith(".yaml") else 0o644)
    for unit in units:
        enable(machine, unit)
    machine.set_hardware(CLONE_UUID, nics)
    return machine


def contents(machine, folder):
    top = machine.path(folder)
    return {os.path.join(folder, os.path.relpath(os.path.join(where, name), top)): machine.read(os.path.join(folder, os.path.relpath(os.path.join(where, name), top)))
            for where, _, names in os.walk(top) for name in names if not os.path.islink(os.path.join(where, name))}


def tried(title, machine, path, expected, folder, mode=0o644):
    """What PATH holds after an apply; what an undo leaves."""
    before = contents(machine, folder)
    planned = machine.run("plan")
    result = machine.run("apply", "--yes", "--no-network")
    found = machine.read(path) if machine.exists(path) else None
    same(found, expected, f"{title}: what it holds", result.stdout, result.stderr, contents(machine, folder))
    tap.ok(result.returncode == 0 and path in planned.stdout and found is not None and os.stat(machine.path(path)).st_mode & 0o777 == mode,
           f"{title}: it is planned, and written with its mode", planned.stdout, planned.stderr, result.stderr)
    after = contents(machine, folder)
    kept = shutil.copytree(machine.root, machine.root + "-kept", symlinks=True)
    undone = machine.run("undo", "--yes", "--no-network")
    tap.ok(undone.returncode == 0 and contents(machine, folder) == before, f"{title}: undo leaves nothing of it", undone.stderr,
           contents(machine, folder))
    return kept, after


# --- systemd-networkd ---

def addresses_by_networkd(files, nic, mac):
    """The addresses that a real systemd-networkd gives a NIC of that name with these files."""
    with tempfile.TemporaryDirectory(prefix="reset-identity-networkd-") as folder:
        os.chmod(folder, 0o755)
        for path, content in files.items():
            with open(os.path.join(folder, os.path.basename(path)), "w", encoding="utf-8") as file:
                file.write(content)
        script = f"""
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/netif/links && mount --bind {shlex.quote(folder)} /etc/systemd/network || exit
mount -t sysfs -o ro sysfs /sys
ip link add {nic} address {mac} type veth peer name peer && ip link set peer up || exit
SYSTEMD_LOG_TARGET=console {NETWORKD_BINARY} 2>/run/said & networkd=$!
for round in {{1..100}}; do
  grep -q fd00:41 <(ip -6 -o address show dev {nic}) && grep -q 10.41.0.18 <(ip -4 -o address show dev {nic}) && break
  read -rt 0.1 <> <(:)
done
ip -o address show dev {nic}; ip route show default; grep ens9: /run/said | grep -v state.file >&2
kill $networkd; wait
"""
        return subprocess.run(["unshare", "--net", "--mount", "--propagation", "private", "bash", "-c", script], capture_output=True, text=True,
                              check=False, timeout=60)


def networkd():
    unit = ["systemd-networkd.service"]
    lan, new = "/etc/systemd/network/20-lan.network", "/etc/systemd/network/10-ens9.network"
    text = ("[Match]\nName=ens9\n\n[Network]\nDHCP=no\nAddress=10.41.0.17/24\nAddress=10.41.0.18/24\nAddress=fd00:41::17/64\n"
            "Gateway=10.41.0.1\nDNS=10.41.0.53\nDomains=lab.example\n")
    held = "/run/systemd/network/!reset-identity-isolate.network"
    with machine_with({lan: NETWORKD, held: "[Match]\nName=*\n[Link]\nUnmanaged=yes\n"}, units=unit) as machine:
        _, after = tried("networkd", machine, new, text, "/etc/systemd/network")
        tap.ok("Address=10.40.0.17/24" in after[lan], "networkd: the other NIC has its own, where it was", after)
    glob = "/etc/systemd/network/05-all.network"
    with machine_with({lan: NETWORKD, glob: "[Match]\nName=ens*\n\n[Network]\nDHCP=yes\n"}, HOST.replace("address.ens3 = 10.40.0.17/24\n", ""),
                      units=unit) as machine:
        _, after = tried("networkd, a file for all", machine, "/etc/systemd/network/00-ens9.network", text, "/etc/systemd/network")
        seen = addresses_by_networkd(after, "ens9", MAC)
        tap.ok(all(f" {address}" in seen.stdout for address in ("10.41.0.17/24", "10.41.0.18/24", "fd00:41::17/64")) and
               "default via 10.41.0.1 dev ens9" in seen.stdout, "networkd itself takes the new file before the one for all", seen.stdout, seen.stderr)
    for key in ("PermanentMACAddress", "MACAddress"):
        with machine_with({lan: NETWORKD.replace("Name=ens3", f"{key}={OLD_NICS[0][1]}")}, units=unit) as machine:
            _, after = tried(f"networkd, {key}", machine, new, text.replace("Name=ens9", f"{key}={MAC}" + ("\nName=ens9" if key == "MACAddress" else "")),
                             "/etc/systemd/network")
    with machine_with({"/etc/systemd/network/!a.network": "[Match]\nName=*\n[Network]\nDHCP=yes\n"}, units=unit) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 1 and "!a.network" in result.stderr and "rename it" in result.stderr,
               "networkd: where nothing comes before a file, that is said", result.stderr)
    with machine_with({}, HOST.replace("address.ens3 = 10.40.0.17/24\n", ""), units=unit) as machine:
        tried("networkd without a file", machine, new, text, "/etc/systemd/network")
    only6 = HOST.replace("10.41.0.17/24, 10.41.0.18/24, ", "").replace("gateway = 10.41.0.1\ndns = 10.41.0.53\n", "")
    with machine_with({lan: NETWORKD}, only6, units=unit) as machine:
        tried("networkd, IPv6 alone", machine, new, "[Match]\nName=ens9\n\n[Network]\nDHCP=ipv4\nAddress=fd00:41::17/64\nDomains=lab.example\n",
              "/etc/systemd/network")
    with machine_with({lan: NETWORKD}, only6 + "method = disabled\n", units=unit) as machine:
        tried("networkd, IPv6 alone and nothing else", machine, new, "[Match]\nName=ens9\n\n[Network]\nDHCP=no\nAddress=fd00:41::17/64\nDomains=lab.example\n",
              "/etc/systemd/network")
    off = HOST.replace("address.ens3 = 10.40.0.17/24\n", "") + "[steps]\nnetworkd = off\nnm-profile = off\n"
    with machine_with({}, off, units=unit) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode != 0 and "no step that is on" in result.stderr, "what is off in [steps] makes no file", result.stderr)


# --- netplan ---

def rendered(root):
    """What netplan's own generator makes of the files: {name: content}."""
    shutil.rmtree(os.path.join(root, "run"), ignore_errors=True)
    result = subprocess.run(["/usr/libexec/netplan/generate" if os.path.exists("/usr/libexec/netplan/generate") else "/lib/netplan/generate",
                             "--root-dir", root], capture_output=True, text=True, check=False)
    found = {"error": result.stderr} if result.returncode != 0 else {}
    folder = os.path.join(root, "run/systemd/network")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            found[name] = file.read()
    return found


def netplan():
    program, lan, new = "/usr/sbin/netplan", "/etc/netplan/50-lan.yaml", "/etc/netplan/60-ens9.yaml"
    text = ("network:\n  version: 2\n  ethernets:\n    ens9:\n      dhcp4: false\n      addresses:\n        - 10.41.0.17/24\n"
            "        - 10.41.0.18/24\n        - fd00:41::17/64\n      routes:\n        - to: 0.0.0.0/0\n          via: 10.41.0.1\n      nameservers:\n"
            "        addresses:\n          - 10.41.0.53\n        search:\n          - lab.example\n")
    with machine_with({program: "", lan: NETPLAN}) as machine:
        kept, _ = tried("netplan", machine, new, text, "/etc/netplan", 0o600)
        made = rendered(kept)
        tap.ok(all(f"Address={address}" in made.get("10-netplan-ens9.network", "") for address in ("10.41.0.17/24", "10.41.0.18/24", "fd00:41::17/64"))
               and "Gateway=10.41.0.1" in made["10-netplan-ens9.network"] and "DNS=10.41.0.53" in made["10-netplan-ens9.network"],
               "netplan's generator takes it", made)
    every = "network:\n  ethernets:\n    all-en:\n      match: {name: 'en*'}\n      dhcp4: true\n"
    with machine_with({program: "", lan: every}, HOST.replace("address.ens3 = 10.40.0.17/24\n", "")) as machine:
        kept, _ = tried("netplan, a definition for all", machine, new,
                        text.replace("    ens9:\n", "    00-ens9:\n      match:\n        name: ens9\n"), "/etc/netplan", 0o600)
        made = rendered(kept)
        tap.ok("Name=ens9\n" in made.get("10-netplan-00-ens9.network", "") and next(iter(made)) == "10-netplan-00-ens9.network",
               "and what it makes of it comes before the one for all", made)
    with machine_with({program: "", lan: NETPLAN.replace("addresses: [10.40.0.10/24]", "no-such-key: 1")},
                      HOST.replace("address.ens3 = 10.40.0.17/24\n", "")) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 1 and new in result.stderr and "no-such-key" in result.stderr and not machine.exists(new),
               "nothing is added to files that netplan refuses", result.stderr)
    with machine_with({program: "", lan: NETPLAN, new: "network: {version: 2}\n", "/usr/sbin/NetworkManager": "",
                       "/etc/NetworkManager/conf.d/none.conf": "[keyfile]\nunmanaged-devices=*\n"}) as machine:
        kept, _ = tried("netplan, where NetworkManager leaves the NIC alone", machine, "/etc/netplan/60-ens9-1.yaml", text, "/etc/netplan", 0o600)


# --- ifupdown ---

def ifupdown():
    program, main, part = "/usr/sbin/ifup", "/etc/network/interfaces", "/etc/network/interfaces.d/ens9"
    stanzas = ("auto ens9\niface ens9 inet static\n    address 10.41.0.17/24\n    gateway 10.41.0.1\n    dns-search lab.example\n"
               "    dns-nameservers 10.41.0.53\n\niface ens9 inet6 static\n    address fd00:41::17/64\n    dns-search lab.example\n\n"
               "iface ens9 inet static\n    address 10.41.0.18/24\n")
    wanted = {"10.41.0.17", "10.41.0.18", "fd00:41::17"}
    for title, text, path in (("ifupdown, sourced", "source /etc/network/interfaces.d/*\n" + IFUPDOWN, part),
                              ("ifupdown, a directory", "source-directory interfaces.d\n" + IFUPDOWN, part),
                              ("ifupdown, an ending", IFUPDOWN + "source interfaces.d/*.cfg\n", part + ".cfg"),
                              ("ifupdown, one file", IFUPDOWN, main)):
        with machine_with({program: "", main: text}) as machine:
            own = stanzas if path != main else IFUPDOWN.replace("10.40.0.10", "10.40.0.17") + "\n" + stanzas
            kept, _ = tried(title, machine, path, own, "/etc/network")
            known = ifupdown_package.interfaces(kept)
            seen = {value for key, value in (known["ens9"] if isinstance(known, dict) else ()) if key == "address"}
            same(seen, wanted, f"{title}: ifquery has the addresses", known)
            tap.ok(isinstance(known, dict) and ("gateway", "10.41.0.1") in known["ens9"], f"{title}: and the gateway", known)
    with machine_with({program: "", main: IFUPDOWN + "iface\n"},
                      HOST.replace("address.ens3 = 10.40.0.17/24\n", "")) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 1 and main in result.stderr, "ifupdown: nothing is added to what it refuses", result.stderr)


# --- ifcfg ---

def ifcfg():
    scripts, new = "/etc/sysconfig/network-scripts", "/etc/sysconfig/network-scripts/ifcfg-ens9"
    with machine_with({f"{scripts}/ifup": "", f"{scripts}/ifcfg-ens3": IFCFG}, units=["network.service"]) as machine:
        before = contents(machine, scripts)
        result = machine.run("apply", "--yes")
        said = subprocess.run(["sh", "-c", f". {shlex.quote(machine.path(new))}; set"], capture_output=True, text=True, check=False, env={})
        values = dict(re.findall(r"^([A-Z0-9_]+)='?(.*?)'?$", said.stdout, re.M))
        expected = {"TYPE": "Ethernet", "DEVICE": "ens9", "HWADDR": MAC, "ONBOOT": "yes", "BOOTPROTO": "none", "IPADDR": "10.41.0.17", "PREFIX": "24",
                    "IPADDR1": "10.41.0.18", "PREFIX1": "24", "GATEWAY": "10.41.0.1", "DNS1": "10.41.0.53", "IPV6INIT": "yes", "IPV6ADDR": "fd00:41::17/64"}
        same({key: values.get(key) for key in expected}, expected, "ifcfg: the shell reads the addresses", result.stderr, said.stdout)
        tap.ok("10.40.0.17" in machine.read(f"{scripts}/ifcfg-ens3"), "ifcfg: the other NIC has its own")
        undone = machine.run("undo", "--yes")
        tap.ok(undone.returncode == 0 and contents(machine, scripts) == before, "ifcfg: undo leaves nothing of it", undone.stderr)


# --- who makes it ---

def makers():
    lan = "/etc/systemd/network/20-lan.network"
    manager = {"/usr/sbin/NetworkManager": "", lan: NETWORKD}
    keyfile, new = "/etc/NetworkManager/system-connections/ens9.nmconnection", "/etc/systemd/network/10-ens9.network"
    for title, files, units, made in (
            ("NetworkManager runs beside networkd", manager, ["NetworkManager.service", "systemd-networkd.service"], keyfile),
            ("NetworkManager is installed and not started", manager, ["systemd-networkd.service"], new),
            ("NetworkManager is masked", manager | {"/etc/systemd/system/NetworkManager.service": None}, ["NetworkManager.service", "systemd-networkd.service"], new),
            ("nothing is enabled", {"/usr/sbin/NetworkManager": ""}, [], keyfile)):
        with machine_with(files, HOST.replace("address.ens3 = 10.40.0.17/24\n", ""), units=units) as machine:
            result = machine.run("apply", "--yes", "--no-network")
            same([path for path in (keyfile, new) if machine.exists(path)], [made], f"{title}: who gets the new one", result.stderr)


def nobody_writes():
    """What configures the NICs reads files that no step writes: an address in a keyfile would be nobody's."""
    one = HOST.split("[network ens9]")[0].replace("address.ens9", ";address.ens9")
    for unit, name in (("wicked.service", "wicked"), ("dhcpcd.service", "dhcpcd"), ("dhcpcd@ens3.service", "dhcpcd"),
                       ("connman.service", "connman"), ("netctl@lan.service", "netctl")):
        for files, units, code in (({}, [unit], 78), ({"/usr/sbin/NetworkManager": ""}, [unit], 78),
                                   ({"/usr/sbin/NetworkManager": ""}, [unit, "NetworkManager.service"], 0)):
            with machine_with(files, one, units=units, nics=NICS[:1]) as machine:
                result = machine.run("apply", "--yes", "--no-network")
                same((result.returncode, f"{name} configures this machine's NICs" in result.stderr,
                      machine.exists("/etc/NetworkManager/system-connections/ens3.nmconnection")), (code, code != 0, code == 0),
                     f"{' and '.join(units)}: the address goes where somebody reads it, or is refused", result.stderr)
    with machine_with({}, "", units=["wicked.service"], nics=NICS[:1]) as machine:
        same(machine.run("apply", "--yes", "--no-network").returncode, 0, "without an address there is nothing to refuse")


def rivals():
    """Two files for one NIC. What only NetworkManager ranks by is no advice for others."""
    lan, interfaces = "/etc/systemd/network/20-lan.network", "/etc/network/interfaces"
    keyfile = "/etc/NetworkManager/system-connections/%s.nmconnection"
    profile = "[connection]\nid=%s\nuuid=11111111-1111-4111-8111-00000000000%d\ntype=ethernet\ninterface-name=ens3\n%s\n[ipv4]\nmethod=manual\naddress1=10.40.0.10/24\n"
    for title, files, units, said in (
            ("networkd and ifupdown", {lan: NETWORKD, interfaces: IFUPDOWN}, ["systemd-networkd.service", "networking.service"], False),
            ("a keyfile and networkd", {"/usr/sbin/NetworkManager": "", lan: NETWORKD, keyfile % "a": profile % ("a", 1, "")},
             ["NetworkManager.service", "systemd-networkd.service"], False),
            ("two keyfiles", {"/usr/sbin/NetworkManager": "", keyfile % "a": profile % ("a", 1, ""), keyfile % "b": profile % ("b", 2, ""),
                              "/usr/lib/NetworkManager/system-connections/c.nmconnection": profile % ("c", 3, "")}, ["NetworkManager.service"], True)):
        with machine_with(files, HOST, units=units) as machine:
            for path in files:
                if "system-connections" in path:
                    os.chmod(machine.path(path), 0o600)
            result = machine.run("apply", "--yes", "--no-network")
            same((result.returncode, "is ambiguous" in result.stderr, "autoconnect-priority" in result.stderr), (78, True, said),
                 f"{title}: what to do fits who reads the files", result.stderr)


with tap:
    networkd()
    netplan()
    ifupdown()
    ifcfg()
    makers()
    nobody_writes()
    rivals()
