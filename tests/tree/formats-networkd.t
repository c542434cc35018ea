#!/usr/bin/python3
"""systemd-networkd's files: only what has to change does, undo brings every byte back, nothing old is left unmentioned, and
systemd-networkd itself has no more to complain of than before."""

import difflib
import os
import re
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, REPOSITORY, TEMPLATE_UUID, Machine
from tap import Tap

CORPUS = os.path.join(REPOSITORY, "tests/corpus/networkd")
DIRECTORY = "/etc/systemd/network"
NETWORKD = "/lib/systemd/systemd-networkd"
OLD_NICS = [("ens3", "52:54:00:20:00:01"), ("ens4", "52:54:00:20:00:02")]
NEW_NICS = [("ens8", "52:54:00:99:00:01"), ("ens9", "52:54:00:99:00:02")]
OLD_VALUES = ["10.20.0.10", "fd00:20::10", "52:54:00:20:00:01", "ens3", "golden"]
HOST = f"[network]\ngateway = 10.20.0.254\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.20.0.17/24, fd00:20::17/64\n"
NAMED = "[identity]\nhostname = web-17\n"

# What may change: a key of one of these sections, and a section of its own that goes as a whole.
KEYS = {
    "Match": {"MACAddress", "PermanentMACAddress", "Name", "OriginalName", "Path", "Host"},
    "Link": {"MACAddress"},
    "Network": {"Address", "Gateway", "DNS", "DHCP", "IPv6Token", "IPv6AcceptRA", "LinkLocalAddressing", "Domains", "BindCarrier"},
    "Address": {"Address", "Peer"},
    "Route": {"Gateway", "GatewayOnLink", "PreferredSource"},
    "RoutingPolicyRule": {"From", "IncomingInterface", "OutgoingInterface"},
    "IPv6AcceptRA": {"Token"},
    "DHCPv4": {"Hostname", "DUIDRawData", "DUIDType"},
    "DHCP": {"Hostname"},
    "DHCPServer": {"DNS", "ServerAddress"},
    "IPv6Prefix": {"Token"},
    "IPv6SendRA": {"DNS"},
    "NetDev": {"MACAddress"},
    "VXLAN": {"Local"},
    "Tunnel": {"Local"},
}
WHOLE = {"Address", "Route"}

tap = Tap()


def corpus():
    return sorted(os.listdir(CORPUS))


def source(name):
    with open(os.path.join(CORPUS, name), "rb") as file:
        return file.read()


def machine_with(files, policy=""):
    machine = Machine()
    machine.set_hardware(TEMPLATE_UUID, OLD_NICS)
    machine.add_template(0)
    machine.run("seal")
    machine.write("/etc/reset-identity/policy.ini", NAMED + policy)
    for name, content in files.items():
        machine.write(name if name.startswith("/") else f"{DIRECTORY}/{name}", content)
    wants = machine.path("/etc/systemd/system/multi-user.target.wants")
    os.makedirs(wants)
    os.symlink("/lib/systemd/system/systemd-networkd.service", os.path.join(wants, "systemd-networkd.service"))
    machine.set_hardware(CLONE_UUID, NEW_NICS)
    return machine


def lines_with_sections(text):
    """[(section, line)]: an independent and simple reading."""
    section, found = None, []
    for line in text.splitlines(keepends=True):
        head = re.fullmatch(r"\s*\ufeff?\[(.+)\]\s*", line)
        section = head.group(1) if head else section
        found.append((section, line))
    return found


def stray_changes(old, new):
    """Lines that differ and are none of the keys that may."""
    before, after = lines_with_sections(old), lines_with_sections(new)
    stray = []
    for tag, first, last, first_new, last_new in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for section, line in ([] if tag == "equal" else before[first:last] + after[first_new:last_new]):
            key = line.split("=")[0].strip()
            if line.strip() and not (key in KEYS.get(section, ()) or section in WHOLE and not line.lstrip().startswith(("#", ";"))
                                     or key in ("[Network]", "[Address]", "[Route]")
                                     or section == "Match" and line.strip() in ("eth0", "ens3 \\", "ens8 \\")):
                stray.append(f"[{section}] {line!r}")
    return stray


def known_values(name):
    """An address is the template's where a file gives it one."""
    text = source(name).decode()
    return [value for value in OLD_VALUES if ":" not in value and "." not in value or value.startswith("52:")
            or re.search(rf"(?m)^\s*Address\s*=\s*{re.escape(value)}/", text)]


def unmentioned(machine, path, known, said):
    """Old values in tokens of the file that no warning names with its line."""
    found = []
    for number, line in enumerate(machine.read(path).splitlines(), 1):
        text = line.lstrip("\ufeff").strip()
        for value in known:
            if (text and text[0] not in "#;[" and "=" in text and re.search(rf"(?<![\w.:-]){re.escape(value)}(?![\w:-]|\.\w)", text)
                    and not re.search(rf"{re.escape(path)}:\d+: [^\n]*{re.escape(value)}", said)):
                found.append(f"{path}:{number}: {line}")
    return found


def judge(files):
    """What systemd-networkd says of FILES when it loads them, without line numbers."""
    with tempfile.TemporaryDirectory(prefix="reset-identity-networkd-") as folder:
        os.chmod(folder, 0o755)
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        script = (f"mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/netif/links && mount --bind {folder} {DIRECTORY} && "
                  f"mount -t sysfs -o ro sysfs /sys && exec {NETWORKD}")
        process = subprocess.Popen(["unshare", "--net", "--mount", "--propagation", "private", "bash", "-c", script],
                                   env={"PATH": os.environ["PATH"], "SYSTEMD_LOG_TARGET": "console", "SYSTEMD_LOG_LEVEL": "debug"},
                                   stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True, errors="replace")
        said = []
        bound = threading.Timer(20, process.kill)
        bound.start()
        for line in process.stdout:
            said.append(line)
            if re.match(r"\S+: (netdev has index|Saved new link)", line):
                break  # the files are read
        bound.cancel()
        process.kill()
        process.wait()
    complaints = {re.sub(r":\d+:", ":", line.strip()) for line in said if line.startswith(DIRECTORY + "/")}
    return complaints, "".join(said)


def check_file(name, policy, label):
    """One file alone on a machine: applied, looked at, undone. Returns what it became."""
    with machine_with({name: source(name)}, policy) as machine:
        path = f"{DIRECTORY}/{name}"
        before = machine.snapshot()
        result = machine.run("apply", "--yes")
        said = result.stdout + result.stderr
        if name.startswith("malformed-"):
            tap.ok(result.returncode != 0 and (path in said or "address = " in said) and machine.read(path).encode() == source(name),
                   f"{label}: {name} is refused, named and left alone", said)
            return source(name)
        if result.returncode != 0:
            tap.ok("[host" in policy and re.search("no (profile|NIC|connection|file)|several|which", said) and machine.snapshot() == before,
                   f"{label}: {name}: what cannot be placed is said, and nothing is changed", said)
            return source(name)
        new = machine.read(path)
        stray = stray_changes(source(name).decode(), new)
        left = unmentioned(machine, path, known_values(name), said)
        comments = [line for line in source(name).decode().splitlines() if line.lstrip().startswith(("#", ";"))]
        kept = [line for line in new.splitlines() if line.lstrip().startswith(("#", ";"))]
        undone = machine.run("undo", "--yes")
        after = {key: value[4] for key, value in machine.snapshot().items() if "reset-identity" not in key}
        same = after == {key: value[4] for key, value in before.items() if "reset-identity" not in key}
        tap.ok(not stray and not left and comments == kept and undone.returncode == 0 and same,
               f"{label}: {name}: only planned keys change, no old value is left unmentioned, undo brings every byte back",
               f"stray {stray}\nleft {left}\n{said}\n{undone.stderr}\n{new}")
        return new.encode("utf-8", "surrogateescape")


# What follows from an address that is gone: networkd says how it helps itself.
CONSEQUENCES = ("Gateway= without static address configured", "DHCPServer= is enabled, but no static address configured",
                "IPv6 link-local addressing is disabled")
SOME = ["static-both.network", "dhcp.network", "token.network", "two-address-sections.network", "crlf.network", "wireguard.network",
        "dhcp-ipv4-static-ipv6.network", "router-advertisement.network"]


def check_corpus():
    old, _ = judge({name: source(name) for name in corpus()})
    for label, policy, names in (("without an address", "", corpus()), ("with an address", HOST, corpus()),
                                 ("disabled", "[network]\nmethod = disabled\n", SOME)):
        became = {name: check_file(name, policy, label) for name in names}
        new, log = judge({name: source(name) for name in corpus()} | became)
        more = {line.replace("ens8", "ens3") for line in new} - old
        more = {line for line in more if not any(words in line for words in CONSEQUENCES)}
        tap.ok(bool(old) and not more, f"{label}: systemd-networkd itself has nothing new to complain of", f"{more}\n{log[-2000:]}")


def result_of(files, policy, expected, name):
    """FILES become EXPECTED."""
    with machine_with(files, policy) as machine:
        plan = machine.run("plan")
        result = machine.run("apply", "--yes")
        found = {path: machine.read(path) for path in expected}
        tap.ok(result.returncode == 0 and found == expected, name, f"{found}\n{result.stdout}{result.stderr}")
        return plan.stdout


def check_meanings():
    lan = f"{DIRECTORY}/lan.network"
    result_of({lan: "[Match]\nName=ens3\n\n[Network]\nAddress=10.20.0.10/24\nGateway=10.20.0.1\n"}, "",
              {lan: "[Match]\nName=ens8\n\n[Network]\nDHCP=ipv4\n"}, "only the family whose static address goes gets DHCP")
    result_of({lan: "[Match]\nName=ens3\n\n[Network]\nDHCP=ipv4\nAddress=fd00:20::10/64\nIPv6AcceptRA=no\n"}, "",
              {lan: "[Match]\nName=ens8\n\n[Network]\nDHCP=yes\nIPv6AcceptRA=yes\n"}, "and the other one keeps its own")
    result_of({lan: "[Match]\nName=ens3\n\n[Network]\nDHCP=yes\n"}, HOST,
              {lan: "[Match]\nName=ens8\n\n[Network]\nDHCP=no\nAddress=10.20.0.17/24\nAddress=fd00:20::17/64\nGateway=10.20.0.254\n"},
              "an address takes DHCP's place")
    result_of({lan: "[Match]\nName=ens3\n\n[Address]\nLabel=a\nAddress=10.20.0.10/24\nBroadcast=10.20.0.255\n\n"
                    "[Route]\nGateway=10.20.0.1\nMetric=5\n\n[Route]\nDestination=192.0.2.0/24\nGateway=10.20.0.3\n"}, HOST.replace(", fd00:20::17/64", ""),
              {lan: "[Match]\nName=ens8\n\n[Address]\nLabel=a\nAddress=10.20.0.17/24\n\n"
                    "[Route]\nGateway=10.20.0.254\nMetric=5\n\n[Route]\nDestination=192.0.2.0/24\nGateway=10.20.0.3\n"},
              "an [Address] and a default [Route] keep what else they say")
    result_of({lan: "[Match]\nName=ens3\n\n[Network]\nAddress=10.20.0.10/24\n"},
              HOST.replace("10.20.0.254\n", "192.0.2.1\ngateway-onlink = yes\n").replace(", fd00:20::17/64", ""),
              {lan: "[Match]\nName=ens8\n\n[Network]\nAddress=10.20.0.17/24\n\n[Route]\nGateway=192.0.2.1\nGatewayOnLink=yes\n"},
              "a gateway outside of the prefix is said to be on the link")
    onlink = HOST.replace("10.20.0.254\n", "192.0.2.1\ngateway-onlink = yes\n").replace(", fd00:20::17/64", "")
    for old in ("Gateway=10.20.0.1\n", "Address=10.20.0.11/24\nGateway=10.20.0.1\n"):
        result_of({lan: f"[Match]\nName=ens3\n\n[Network]\nAddress=10.20.0.10/24\n{old}"}, onlink,
                  {lan: "[Match]\nName=ens8\n\n[Network]\nAddress=10.20.0.17/24\n\n[Route]\nGateway=192.0.2.1\nGatewayOnLink=yes\n"},
                  f"where {old!r} stood too, which cannot say it")
    result_of({lan: "[Match]\nName=ens3\n\n[Network]\nAddress=10.20.0.10/24\n\n[Route]\nGateway=10.20.0.1\nMetric=5\nGatewayOnLink=no\n"}, onlink,
              {lan: "[Match]\nName=ens8\n\n[Network]\nAddress=10.20.0.17/24\n\n[Route]\nGateway=192.0.2.1\nGatewayOnLink=yes\nMetric=5\n"},
              "and where a [Route] stood, there")
    result_of({lan: "[Match]\nName=ens3\n\n[Network]\nAddress=10.20.0.10/24\nGateway=10.20.0.1\n"},
              HOST.replace("10.20.0.17/24, fd00:20::17/64", "10.20.0.17/24, 10.20.0.18/24"),
              {lan: "[Match]\nName=ens8\n\n[Network]\nAddress=10.20.0.17/24\nAddress=10.20.0.18/24\nGateway=10.20.0.254\n"},
              "a second address stands behind the first")
    told = result_of({lan: "[Match]\nName=ens3\n\n[Network]\nAddress=10.20.0.10/24\n\n[Route]\nDestination=192.0.2.0/24\nGateway=10.9.0.3\n"},
                     HOST.replace(", fd00:20::17/64", ""),
                     {lan: "[Match]\nName=ens8\n\n[Network]\nAddress=10.20.0.17/24\nGateway=10.20.0.254\n\n[Route]\nDestination=192.0.2.0/24\nGateway=10.9.0.3\n"},
                     "another route stays")
    tap.ok(f"{lan}:9: the next hop 10.9.0.3 is in none of the new prefixes" in " ".join(told.split()), "and what no prefix reaches is told", told)
    result_of({lan: "[Match]\nName=ens3\n[Network]\nDHCP=yes\n[IPv6AcceptRA]\nToken=::10\nToken=eui64\nToken=static:::11\n"}, "",
              {lan: "[Match]\nName=ens8\n[Network]\nDHCP=yes\n[IPv6AcceptRA]\nToken=eui64\n"}, "every token of the template goes")
    result_of({lan: "[Match]\nName=ens3\n[Network]\nDHCP=yes\n[IPv6Prefix]\nPrefix=fd00:21::/64\nAssign=yes\nToken=::10\n"}, "",
              {lan: "[Match]\nName=ens8\n[Network]\nDHCP=yes\n[IPv6Prefix]\nPrefix=fd00:21::/64\nAssign=yes\n"},
              "also that of a prefix of its own")


def check_server_addresses():
    """What a DHCP server is to answer from is put on its NIC, as any address is."""
    lan, v4 = f"{DIRECTORY}/lan.network", HOST.replace(", fd00:20::17/64", "")
    text = "[Match]\nName=ens3\n[Network]\n{}DHCPServer=yes\n{}[DHCPServer]\nPoolOffset=9\n{}"
    server = "ServerAddress=10.20.0.10/24\n"
    for own in ("", "Address=10.20.0.10/24\n", "Address=10.20.0.5/24\n"):
        result_of({lan: text.format(own, "", server)}, "", {lan: text.format("", "DHCP=ipv4\n", "").replace("ens3", "ens8")},
                  f"the server's address goes where DHCP comes ({own.strip() or 'no other'})")
    result_of({lan: text.format("Address=10.20.0.5/24\n", "", server)}, v4,
              {lan: text.format("Address=10.20.0.17/24\n", "Gateway=10.20.0.254\n", "").replace("ens3", "ens8")},
              "with one from the policy the server takes that")
    pool = text.format("", "", "ServerAddress=0.0.0.0/28\n")
    result_of({lan: pool}, "", {lan: pool.replace("ens3", "ens8")}, "a pool is nobody's")
    package = "/usr/lib/systemd/network/lan.network"
    with machine_with({package: text.format("", "", server)}) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 1 and f"{package}:7:" in result.stderr, "a package's file with one is refused with file and line", result.stderr)


def check_drop_ins():
    lan, drop_in = f"{DIRECTORY}/lan.network", f"{DIRECTORY}/lan.network.d/50-address.conf"
    result_of({lan: "[Match]\nName=ens3\n[Network]\nAddress=192.0.2.9/24\n",
               drop_in: "[Network]\nAddress=\nAddress=10.20.0.10/24\nGateway=10.20.0.1\n"}, HOST.replace(", fd00:20::17/64", ""),
              {lan: "[Match]\nName=ens8\n[Network]\n", drop_in: "[Network]\nAddress=\nAddress=10.20.0.17/24\nGateway=10.20.0.254\n"},
              "a drop-in that takes an address back gets the new one, behind that")
    package = "/usr/lib/systemd/network/lan.network"
    result_of({package: "[Match]\nName=ens*\n[Network]\nDHCP=yes\n", drop_in: "[Network]\nAddress=10.20.0.10/24\n"}, "",
              {package: "[Match]\nName=ens*\n[Network]\nDHCP=yes\n", drop_in: "[Network]\n"},
              "a package's file stays, its drop-in in /etc is edited")
    with machine_with({package: "[Match]\nName=ens3\n[Network]\nAddress=10.20.0.10/24\n"}) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 1 and f"{package}:4:" in result.stderr, "a static address of a package's file is refused with file and line",
               result.stderr)
    with machine_with({package: "[Match]\nName=ens3\n[Network]\nAddress=10.20.0.10/24\n", lan: ""}) as machine:
        os.unlink(machine.path(lan))
        os.symlink("/dev/null", machine.path(lan))
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0, "one that is masked in /etc is nobody's", result.stderr)


def check_links():
    """A link is the file that it leads to, where that is the admin's."""
    text = "[Match]\nName=ens3\n[Network]\nAddress=10.20.0.10/24\n"
    with machine_with({"/srv/network/lan.network": text}, HOST.replace(", fd00:20::17/64", "")) as machine:
        link = machine.path(f"{DIRECTORY}/lan.network")
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink("/srv/network/lan.network", link)
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0 and os.path.islink(link) and "Address=10.20.0.17/24" in machine.read("/srv/network/lan.network"),
               "a file that lies elsewhere is edited there", result.stderr)
        machine.run("undo", "--yes")
        tap.ok(machine.read("/srv/network/lan.network") == text, "and undone")


def check_lost_sources():
    """systemd-networkd does not set a route before it has the address that it is to come from: for ever, where that is gone."""
    text = ("[Match]\nName=ens3\n\n[Network]\nAddress=10.20.0.10/24\nGateway=10.20.0.1\n\n[Route]\nDestination=10.9.0.0/16\nGateway=10.20.0.9\n"
            "PreferredSource=10.20.0.10\n\n[Route]\nDestination=10.8.0.0/16\nPreferredSource=10.7.7.7\n\n[RoutingPolicyRule]\nFrom=10.20.0.10\nTable=7\n")
    lan = f"{DIRECTORY}/lan.network"
    renamed = text.replace("ens3", "ens8")
    said = result_of({"lan.network": text}, "", {
        lan: renamed.replace("Address=10.20.0.10/24\nGateway=10.20.0.1\n", "DHCP=ipv4\n").replace("PreferredSource=10.20.0.10\n", "")},
                     "where the address goes a route's source goes too; another's stays, and what a rule matches")
    tap.ok("[Route] PreferredSource 10.20.0.10 removed" in said, "and that is said", said)
    with machine_with({"lan.network": text}) as machine:
        warnings = [warning for warning in machine.json("plan")[1]["warnings"] if "10.20.0.10" in warning]
        tap.ok(len(warnings) == 1 and f"{lan}:18: the address 10.20.0.10 is mentioned here (RoutingPolicyRule.From)" in warnings[0],
               "the rule is named", warnings)
    result_of({"lan.network": text}, HOST.replace(", fd00:20::17/64", ""), {
        lan: renamed.replace("10.20.0.10", "10.20.0.17").replace("10.20.0.1\n", "10.20.0.254\n")}, "a new address is the source")


def check_settings():
    conf = "/etc/systemd/networkd.conf"
    said = result_of({conf: "[Network]\n#SpeedMeter=no\n\n[DHCPv4]\nDUIDType=vendor\nDUIDRawData=00:00:ab:11:01\n",
                      "lan.network": "[Match]\nName=ens3\n[Network]\nDHCP=yes\n[DHCPv4]\nDUIDType=link-layer-time\n"
                                     "DUIDRawData=00:01:2a:00:00:00:52:54:00:20:00:01\n"}, "",
                     {conf: "[Network]\n#SpeedMeter=no\n\n[DHCPv4]\n",
                      f"{DIRECTORY}/lan.network": "[Match]\nName=ens8\n[Network]\nDHCP=yes\n[DHCPv4]\nDUIDType=link-layer-time\n"
                                                  "DUIDRawData=00:01:2a:00:00:00:52:54:00:99:00:01\n"},
                     "a DUID that is written down goes, one of a NIC follows to the new one")
    tap.ok("DUID" in said, "and both are said", said)
    key = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0ISEhISE="
    netdev = f"[NetDev]\nName=wg0\nKind=wireguard\nMACAddress=52:54:00:20:00:01\n[WireGuard]\nPrivateKey={key}\n"
    with machine_with({"wg0.netdev": netdev}) as machine:
        result = machine.run("plan", "-v")
        tap.ok(key not in result.stdout + result.stderr and "52:54:00:99:00:01" in result.stdout and "WireGuard key" in result.stdout + result.stderr,
               "a private key is never shown, and said to be shared", result.stdout + result.stderr)


def check_patterns():
    lan, text = f"{DIRECTORY}/lan.network", "[Match]\nName=eth* usb?\n\n[Network]\nDHCP=yes\n"
    with machine_with({}) as machine:
        machine.set_hardware(TEMPLATE_UUID, [("eth0", OLD_NICS[0][1])])
        machine.run("adopt", "--yes")
        machine.write(lan, text)
        machine.set_hardware(CLONE_UUID, NEW_NICS[:1])
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0 and machine.read(lan) == text.replace("usb?", "usb? ens8"),
               "a pattern that does not fit the new NIC's name gets that name", machine.read(lan) + result.stdout + result.stderr)
    with machine_with({lan: text.replace("eth*", "en*")}) as machine:
        machine.run("apply", "--yes")
        tap.ok(machine.read(lan) == text.replace("eth*", "en*"), "one that fits both stays", machine.read(lan))
    v4 = HOST.replace(", fd00:20::17/64", "")
    for names, became in (("ens3 eth0", "ens8 eth0"), ("ens3*", "ens8*"), ("?ns3", "?ns3 ens8")):
        result_of({lan: f"[Match]\nName={names}\n\n[Network]\nAddress=10.20.0.10/24\nGateway=10.20.0.1\n"}, v4,
                  {lan: f"[Match]\nName={became}\n\n[Network]\nAddress=10.20.0.17/24\nGateway=10.20.0.254\n"},
                  f"Name={names} is for the NIC that took its NIC's place, and has its address")


def check_patterns_of_vlans():
    """VLANs keep their names, whatever the NIC below them is called: so does a pattern that is for them alone."""
    vlans = {"20-vlan.netdev": "[NetDev]\nName=ens3.30\nKind=vlan\n[VLAN]\nId=30\n",
             "25-vlans.network": "[Match]\nName=ens3.*\n[Network]\nBridge=br0\n",
             "26-vlans.network": "[Match]\nName=ens3.[0-9]*\n[Network]\nBridge=br0\n",
             "/etc/NetworkManager/conf.d/vlans.conf": "[keyfile]\nunmanaged-devices=interface-name:ens3.*\n"}
    with machine_with({"10-lan.network": "[Match]\nName=ens3\n[Network]\nDHCP=yes\nVLAN=ens3.30\n", **vlans}) as machine:
        result = machine.run("apply", "--yes")
        kept = {name: machine.read(name if name.startswith("/") else f"{DIRECTORY}/{name}") for name in vlans}
        lan = machine.read(f"{DIRECTORY}/10-lan.network")
        tap.ok(result.returncode == 0 and kept == vlans and "Name=ens8\n" in lan and "VLAN=ens3.30" in lan,
               "a pattern of VLANs stays with them", f"{kept}{lan}{result.stderr}")


def check_lost_nics():
    """A package's file is not edited: where it was for the NIC by a pattern there is no old value in it to be told of."""
    package = "/usr/lib/systemd/network/50-dhcp.network"
    dhcp = "[Match]\nName=%s\n\n[Network]\nDHCP=yes\n"
    lost = rf"{package}: \[Match\] fitted (ens[34]), which is (ens[89]) now, and no file is for \2:"
    for files, count, what in (({package: dhcp % "ens[0-7]"}, 2, "NICs that a package's file is no longer for are named"),
                               ({"/run/systemd/network/50-dhcp.network": dhcp % "ens[0-7]"}, 2, "so are those of one in /run"),
                               ({package: dhcp % "ens[0-7]", "90-all.network": dhcp % "e*"}, 0, "but where another is for them"),
                               ({package: dhcp % "ens[0-7]", "90-own.network": dhcp % "ens[34]"}, 0, "or comes to be"),
                               ({package: dhcp % "ens[0-9]"}, 0, "or this one fits"),
                               ({"/run/systemd/network/10-netplan-ens.network": dhcp % "ens[0-7]"}, 0, "or netplan makes it anew"),
                               ({package: dhcp % "ens3"}, 0, "and a name has a line of its own")):
        with machine_with(files) as machine:
            said = machine.run("plan").stdout
            found = re.findall(lost.replace(package, next(path for path in files if path.startswith("/"))), said)
            tap.ok(len(found) == count and ("ens3 is mentioned here" in said) == (dhcp % "ens3" in files.values()), what, said)
    with machine_with({package: dhcp % "ens[0-7]"}) as machine:
        os.unlink(machine.path("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"))
        tap.ok("fitted" not in machine.run("plan").stdout, "where systemd-networkd is not enabled nothing is lost")


def check_hardware():
    for match, name in (("Path=pci-0000:00:03.0", "a path"), ("MACAddress=52:54:00:20:00:01 52:54:00:77:77:77", "one address of several"),
                        ("MACAddress=5254.0020.0001", "an address with dots"), ("PermanentMACAddress=5254.0077.7777 5254.0020.0001", "one with dots of several")):
        text = f"[Match]\n{match}\n\n[Network]\nAddress=10.20.0.10/24\n"
        with machine_with({"lan.network": text, "wan.network": "[Match]\nName=ens4\n\n[Network]\nDHCP=yes\n"},
                          HOST.replace("address =", "address.ens8 =")) as machine:
            result = machine.run("apply", "--yes")
            became = machine.read(f"{DIRECTORY}/lan.network")
            tap.ok(result.returncode == 0 and "Address=10.20.0.17/24" in became and "52:54:00:20" not in became and "5254.0020" not in became,
                   f"the NIC that {name} means has its address there", became + result.stdout + result.stderr)


def check_hosts():
    """[Match] Host= goes by the name or the machine-id: what counted counts, and what did not does not."""
    lan, other = f"{DIRECTORY}/lan.network", f"{DIRECTORY}/05-other.network"
    v4 = HOST.replace(", fd00:20::17/64", "")
    text = "[Match]\nName=ens3\nHost={}\n\n[Network]\nAddress=10.20.0.10/24\n"
    new = "[Match]\nName=ens8\nHost={}\n\n[Network]\nAddress=10.20.0.17/24\nGateway=10.20.0.254\n"
    for before, after in (("GOLD*", "web-17"), ("golden", "web-17"), ("!db-*", "!db-*"), ("*", "*")):
        shown = result_of({lan: text.format(before)}, v4, {lan: new.format(after)}, f"Host={before} is this machine's still")
        tap.is_(f"[Match] Host {before} becomes {after}" in shown, before != after, f"and the plan says so of {before}")
    result_of({lan: text.replace("Host={}\n", ""), other: text.format("!gold*").replace("10/24", "11/24")}, v4.replace("address", "address.ens8"),
              {other: text.format("!web-17").replace("ens3", "ens8").replace("Address=10.20.0.10/24", "DHCP=ipv4")},
              "Host=!gold* is for all but this machine still")
    with machine_with({lan: text.format("golden"), other: text.format("db-1").replace("10/24", "11/24")}, v4) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0 and machine.read(lan) == new.format("web-17") and "10.20.0.17" not in machine.read(other),
               "the address goes to the file of this machine, not to one that is for another", machine.read(other) + result.stderr)
    with machine_with({lan: text.format("0123456789abcdef0123456789abcdef")}, v4) as machine:
        result = machine.run("apply", "--yes")
        own = machine.read("/etc/machine-id").strip()
        tap.ok(own != "0123456789abcdef0123456789abcdef" and machine.read(lan) == new.format(own), "a machine-id follows", machine.read(lan), result.stderr)


def check_what_else_matches():
    lan, wan = f"{DIRECTORY}/lan.network", f"{DIRECTORY}/wan.network"
    v4 = HOST.replace(", fd00:20::17/64", "")
    text = "[Match]\n{}\n\n[Network]\nAddress=10.20.0.1{}/24\n"
    with machine_with({lan: text.format("Driver=virtio_*", 0), wan: text.format("Driver=e1000 e1000e", 1)}, v4.replace("address", "address.ens9")) as machine:
        for slot, driver in ((3, "virtio_net"), (4, "e1000e")):
            os.makedirs(os.path.join(machine.hardware, "sys/bus/pci/drivers", driver))
            os.symlink(f"../../../bus/pci/drivers/{driver}", os.path.join(machine.hardware, f"sys/devices/pci0000:00/0000:00:{slot:02x}.0/driver"))
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0 and "Address=10.20.0.17/24" in machine.read(wan) and "DHCP=ipv4" in machine.read(lan),
               "a file of a driver is that of the NIC with it", machine.read(lan) + machine.read(wan) + result.stderr)
    with machine_with({lan: text.format("Name=enp0s3", 0), wan: text.format("Name=enp0s4", 1)}, v4.replace("address", "address.ens9")) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0 and "Name=enp0s4\n\n[Network]\nAddress=10.20.0.17/24" in machine.read(wan) and "DHCP=ipv4" in machine.read(lan),
               "a file of a NIC's other name, by its slot, is that NIC's", machine.read(lan) + machine.read(wan) + result.stderr)
    for other, slot in (("enx525400200001", 3), ("enp0s3", 7)):
        with machine_with({lan: text.format(f"Name={other} usb0", 0), wan: text.format("Name=ens4", 1)}, v4.replace("address", "address.ens8")) as machine:
            machine.set_hardware(CLONE_UUID, NEW_NICS, first_slot=slot)
            result = machine.run("apply", "--yes")
            tap.ok(result.returncode == 0 and "Name=ens8 usb0\n\n[Network]\nAddress=10.20.0.17/24" in machine.read(lan),
                   f"a NIC's other name {other}, which nothing has on the clone, becomes its own", machine.read(lan) + result.stderr)
    with machine_with({lan: text.format("Name=ens3\nVirtualization=kvm", 0)}, v4) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0 and f"{lan}:3: [Match] Virtualization=kvm: whether this machine meets that" in result.stdout + result.stderr
               and "10.20.0.17" in machine.read(lan), "what cannot be known is named, and the file edited", result.stdout + result.stderr)


def check_several_nics():
    text = "[Match]\nName=en*\n\n[Network]\nDHCP=yes\n"
    with machine_with({"lan.network": text}, HOST) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode != 0 and re.search("ens8.*ens9", result.stderr) and machine.read(f"{DIRECTORY}/lan.network") == text,
               "an address is not given to a file of several NICs: each would have it", result.stdout + result.stderr)


def check_first_that_fits():
    """systemd.network(5): a NIC gets the first file that fits it, and no other."""
    own = "[Match]\nName=ens4\n\n[Network]\nAddress=192.168.4.5/24\n"
    wired = "[Match]\n{}\n\n[Network]\nAddress=10.20.0.10/24\nGateway=10.20.0.1\n"
    for match in ("Name=en*", "Type=ether\nName=!ens4", "Type=ether", "Name=!ens4 docker*"):
        with machine_with({"10-own.network": own, "20-wired.network": wired.format(match)}, HOST) as machine:
            result = machine.run("apply", "--yes")
            tap.ok(result.returncode == 0 and "Address=10.20.0.17/24" in machine.read(f"{DIRECTORY}/20-wired.network")
                   and "10.20.0.17" not in machine.read(f"{DIRECTORY}/10-own.network"),
                   f"{match!r} is the file of the NIC that no earlier one takes: it gets the address",
                   result.stdout + result.stderr + machine.read(f"{DIRECTORY}/10-own.network"))
    with machine_with({"10-own.network": own, "20-wired.network": "[Match]\nName=en*\n\n[Network]\nDHCP=yes\n"}, HOST) as machine:
        machine.set_hardware(CLONE_UUID, NEW_NICS + [("enp9s0", "52:54:00:99:00:03")])
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 78 and "ens8" in result.stderr and "enp9s0" in result.stderr,
               "nor does another NIC's file get it, where several NICs have one that asks for DHCP", result.stderr)
    with machine_with({"10-mac.network": wired.format("MACAddress=52:54:00:20:00:01"), "20-name.network": own.replace("ens4", "ens3")}, HOST) as machine:
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0 and "Address=10.20.0.17/24" in machine.read(f"{DIRECTORY}/10-mac.network"),
               "a later file for the same NIC says nothing", result.stdout + result.stderr)


def check_what_is_not_taken():
    """A file that networkd does not take for the NIC gets no address: a package's comes first, or it is for another host, or one
    that followed to the NIC's new name would come before the new file."""
    v4 = HOST.replace(", fd00:20::17/64", "").replace("address =", "address.ens8 =")
    package, own = "/usr/lib/systemd/network/10-package.network", f"{DIRECTORY}/20-own.network"
    dhcp = "[Match]\nName=ens8\n\n[Network]\nDHCP=yes\n"
    text = "[Match]\n{}\n\n[Network]\nAddress=10.20.0.10/24\n"
    for name, files in {"a package's file is before it": {package: dhcp, own: text.format("MACAddress=52:54:00:20:00:01")},
                        "a package's file for all": {package: dhcp.replace("Name=ens8", "Type=ether"), own: text.format("Name=ens3")},
                        "it is for another host": {own: text.format("Name=ens3\nHost=!golden")}}.items():
        with machine_with(files, v4) as machine:
            result = machine.run("apply", "--yes")
            new = sorted(set(os.listdir(machine.path(DIRECTORY))) - {"20-own.network"})
            tap.ok(result.returncode == 0 and "10.20.0.17" not in machine.read(own) and len(new) == 1 and new[0] < "10-package.network"
                   and "10.20.0.17/24" in machine.read(f"{DIRECTORY}/{new[0]}"), f"{name}: a new file in front has the address", new, result.stderr)
    drop_in = "/usr/lib/systemd/network/20-own.network.d/package.conf"
    with machine_with({own: text.format("MACAddress=52:54:00:20:00:01"), drop_in: "[Match]\nName=ens3\n"}) as machine:
        said = str(machine.json("plan")[1]["warnings"])
        tap.ok(f"{drop_in}:2: the NIC name ens3 is mentioned here (Match.Name) and becomes ens8" in said, "a package's drop-in that says an old value is named", said)
    for mask in ("a link", "an empty file"):
        with machine_with({"/usr/lib/systemd/network/20-own.network": dhcp, f"{DIRECTORY}/20-own.network.d/a.conf": "[Network]\nAddress=10.20.0.10/24\n"}) as machine:
            refused = machine.run("plan")
            if mask == "a link":
                os.symlink("/dev/null", machine.path(own))
            else:
                machine.write(own, "")
            planned = machine.run("plan")
            tap.ok(planned.returncode == 3 and "10.20.0.10" not in planned.stderr, f"what a drop-in of a file says that {mask} masks is nobody's address",
                   refused.stderr, planned.stderr)
    pattern = f"{DIRECTORY}/10-all.network"
    with machine_with({pattern: "[Match]\nName=ens[34]\n\n[Network]\nDHCP=yes\n"}, v4) as machine:
        result = machine.run("apply", "--yes")
        new = sorted(set(os.listdir(machine.path(DIRECTORY))) - {"10-all.network"})
        tap.ok(result.returncode == 0 and "ens8" in machine.read(pattern) and len(new) == 1 and new[0] < "10-all.network"
               and "10.20.0.17/24" in machine.read(f"{DIRECTORY}/{new[0]}"), "a new file is in front of a pattern that comes to fit the NIC",
               new, machine.read(pattern), result.stderr)


def check_rewired():
    with machine_with({"lan.network": source("static.network")}) as machine:
        machine.set_hardware(TEMPLATE_UUID, OLD_NICS)
        machine.run("adopt", "--yes")
        machine.set_hardware(TEMPLATE_UUID, NEW_NICS)
        result = machine.run("apply", "--yes")
        tap.ok(result.returncode == 0 and machine.read(f"{DIRECTORY}/lan.network") == source("static.network").decode().replace("ens3", "ens8"),
               "a machine with other NICs is only rebound", result.stdout + result.stderr)


with tap:
    check_meanings()
    check_server_addresses()
    check_drop_ins()
    check_links()
    check_settings()
    check_lost_sources()
    check_patterns()
    check_patterns_of_vlans()
    check_lost_nics()
    check_hardware()
    check_hosts()
    check_what_else_matches()
    check_several_nics()
    check_first_that_fits()
    check_what_is_not_taken()
    check_rewired()
    if "quick" not in sys.argv:
        check_corpus()
