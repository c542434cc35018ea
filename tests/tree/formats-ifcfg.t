#!/usr/bin/python3
"""ifcfg files: what a clone gets, what stays, and that an undo brings every byte back.

What is left of the template is searched for by this file's own reading of lines and words.
"""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, MACHINE_ID, REPOSITORY, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

SCRIPTS = "/etc/sysconfig/network-scripts"
COMMON = "/etc/sysconfig/network"
PLUGIN = "/usr/lib64/NetworkManager/1.30.0-1.el8/libnm-settings-plugin-ifcfg-rh.so"
CORPUS = os.path.join(REPOSITORY, "tests/corpus/ifcfg")
COMPANIONS = ("route", "route6", "rule", "rule6", "keys")

# What may differ on a clone; numbers behind them do not count.
PLANNED = {
    "UUID", "DEVICE", "HWADDR", "MACADDR", "BOOTPROTO", "IPADDR", "PREFIX", "NETMASK", "GATEWAY", "NETWORK", "BROADCAST", "DNS",
    "IPV6ADDR", "IPV6ADDR_SECONDARIES", "IPV6_DEFAULTGW", "IPV6_AUTOCONF", "IPV6_TOKEN", "PHYSDEV", "MASTER_UUID", "BRIDGE_UUID",
    "BONDING_OPTS", "DHCP_HOSTNAME", "IEEE_8021X_IDENTITY", "HOSTNAME", "GATEWAYDEV", "DHCP_CLIENT_ID",
}


def machine_with(files, nics, policy=""):
    """Sealed before the files of the corpus come: a template that a seal would refuse can be cloned too."""
    machine = Machine()
    machine.write("/etc/machine-id", MACHINE_ID + "\n", 0o444)
    machine.write("/etc/hostname", "golden\n")
    machine.write("/etc/hosts", "127.0.0.1\tlocalhost\n")
    machine.write("/usr/sbin/NetworkManager", "", 0o755)
    machine.write(PLUGIN, "")
    if policy:
        machine.write("/etc/reset-identity/policy.ini", policy)
    machine.set_hardware(TEMPLATE_UUID, nics)
    sealed = machine.run("seal")
    assert sealed.returncode == 0, sealed.stderr
    for name, content in files.items():
        path = name if name.startswith("/") else f"{SCRIPTS}/{name}"
        machine.write(path, content, 0o600 if name.startswith("keys-") else 0o644)
    return machine


def configuration(machine):
    """{path: (mode, owner, group, mtime, content)} of all that may be edited here."""
    return {path: entry for path, entry in machine.snapshot().items() if path.startswith("etc/sysconfig") and entry[4] is not None}


def key_of(line):
    match = re.match(r"\s*([A-Za-z_][A-Za-z_0-9]*?)[0-9]*=", line)
    return match.group(1) if match else None


def lines_of(entry):
    return entry[4].decode("utf-8", "surrogateescape").split("\n") if entry else []


def wrong_changes(before, after):
    """Lines that changed and are of no key that may; a companion's are looked at by what is left."""
    wrong = []
    for path, old in before.items():
        if not os.path.basename(path).startswith("ifcfg-") and path != COMMON[1:]:
            continue
        new = after.get(path)
        if new is None and (":" in path or "-range" in path):
            continue
        gone, came = set(lines_of(old)) - set(lines_of(new)), set(lines_of(new)) - set(lines_of(old))
        continued = {line for before_it, line in zip(lines_of(old), lines_of(old)[1:]) if before_it.endswith("\\")}
        wrong += [line for line in (gone | came) - continued if key_of(line) not in PLANNED]
    return wrong


def words(line):
    return re.split(r"[\s\"',;=/%#]+", line.strip())


def old_values(before, nics):
    values = {"golden", "golden.example.org"} | {name for name, _ in nics} | {mac.lower() for _, mac in nics}
    for path, entry in before.items():
        for line in lines_of(entry):
            if os.path.basename(path).startswith("ifcfg-") and re.match(r"\s*(IPADDR|IPV6ADDR|UUID)", line):
                values |= {word.lower() for word in words(line)[1:] if "." in word or ":" in word or word.count("-") == 4}
    return values


def unmentioned(before, after, values, said):
    """Lines that still have an old value, and are named with their number by no warning."""
    left = []
    for path, new in after.items():
        old = lines_of(before.get(path))
        for line in lines_of(new):
            if line.strip().startswith("#") or not values & {word.lower() for word in words(line)}:
                continue
            if not any(f"/{path}:{n + 1}:" in said for n, text in enumerate(old) if text == line):
                left.append(f"{path}: {line}")
    return left


def of_corpus(name):
    """The file with what belongs to it."""
    own = name[len("ifcfg-"):]
    names = [name] + [f"{kind}-{own}" for kind in COMPANIONS] + [n for n in os.listdir(CORPUS)
                                                                  if n.startswith((name + ":", name + "-range"))]
    files = {}
    for other in names:
        if os.path.exists(os.path.join(CORPUS, other)):
            with open(os.path.join(CORPUS, other), "rb") as file:
                files[other] = file.read()
    return files


def value(content, key):
    found = re.findall(rf"^\s*{key}=([^\s#;]+)", content.decode("utf-8", "surrogateescape"), re.M)
    return re.sub(r"[$\"']", "", found[-1]) if found else None


def every_file_of_the_corpus(tap):
    for name in sorted(os.listdir(CORPUS)):
        if not name.startswith("ifcfg-") or "-refused-" in name or ":" in name or "-range" in name:
            continue
        files = of_corpus(name)
        device, mac = value(files[name], "DEVICE") or "ens3", value(files[name], "HWADDR") or TEMPLATE_MAC
        device = device.split(".")[0] if re.match(r"[a-z0-9]+$", device.split(".")[0]) else "ens3"
        nics = [(device, mac.lower())]
        with machine_with(files, nics) as machine:
            machine.set_hardware(CLONE_UUID, [("enp9s0", CLONE_MAC if len(mac) == 17 else mac[:-8].lower() + "0a:0b:0c")])
            before = configuration(machine)
            said = machine.run("plan", "-v").stdout
            result = machine.run("apply", "--yes")
            after = configuration(machine)
            left = unmentioned(before, after, old_values(before, nics), said)
            wrong = wrong_changes(before, after)
            undone = machine.run("undo", "--yes")
            back = configuration(machine)
            tap.is_((result.returncode, undone.returncode, wrong, left), (0, 0, [], []),
                    f"{name}: only planned keys change, nothing old is left unmentioned")
            tap.is_(back == before, True, f"{name}: undo brings every byte, mode and time back")


def every_file_that_a_shell_would_have_to_run(tap):
    for name in sorted(n for n in os.listdir(CORPUS) if "-refused-" in n):
        files = of_corpus(name)
        with machine_with(files, [("ens3", TEMPLATE_MAC)]) as machine:
            machine.set_hardware(CLONE_UUID, [("ens3", CLONE_MAC)])
            before = machine.snapshot()
            result = machine.run("apply", "--yes")
            if "blank-around-equals" in name:
                tap.is_((result.returncode, machine.read(f"{SCRIPTS}/{name}")), (0, files[name].decode()),
                        f"{name}: no reader finds an address in it, and it stays as it is")
                continue
            tap.is_((result.returncode, f"{SCRIPTS}/{name}:" in result.stderr, machine.snapshot() == before), (1, True, True),
                    f"{name}: its address is refused with file and line, nothing is changed")


def an_address_in_a_variable_is_named_where_it_is_set(tap):
    lan, own, common = f"{SCRIPTS}/ifcfg-lan", "/etc/sysconfig/own", "/etc/sysconfig/network"
    head = "DEVICE=ens3\nBOOTPROTO=none\nPREFIX=16\n"
    for text, where, address in (
            (f"X=10.0.1.4\n{head}IPADDR=$X\n", f"{lan}:1", "10.0.1.4"),
            (f"X='10.0.1.4'\n{head}IPADDR=\"${{X}}\"\n", f"{lan}:1", "10.0.1.4"),
            (f"{head}. {own}\nIPADDR=$X\n", f"{own}:2", "10.0.1.5"),
            (f"{head}source {own} # ours\nX=10.0.1.4\nIPADDR=$X\n", f"{lan}:5", "10.0.1.4"),
            (f"{head}IPADDR=$COMMON\n", f"{common}:1", "10.0.1.6"),
            (f"N=4\n{head}IPADDR=10.0.1.$N\n", f"{lan}:5", "10.0.1.4"),
            (f"X=10.0.1.4\n{head}IPADDR=${{X:-1}}\n", f"{lan}:5", "${X:-1}"),
            (f"X=10.0.1.4\n{head}IPADDR='$X'\n", None, None)):
        files = {"ifcfg-lan": text, own: "# own\nX=10.0.1.5\n", common: "COMMON=10.0.1.6\n"}
        with machine_with(files, [("ens3", TEMPLATE_MAC)]) as machine:
            machine.become_clone()
            refused = machine.run("plan")
            found = re.findall(r"(\S+:\d+): ifcfg gives ens3 the static address (\S+) of", refused.stderr)
            tap.is_(found, [(where, address)] if where else [], f"what to change is named: {text!r}")


LAN = f"""\
# of the installer
TYPE="Ethernet"
DEVICE="ens3"
NAME="office lan"
UUID="7e570010-5a1e-4c0f-9d3b-0000000ec001"
HWADDR="{TEMPLATE_MAC.upper()}"
BOOTPROTO="static"
IPADDR="10.0.1.1" # mine
NETMASK="255.255.0.0"
NETWORK="10.0.0.0"
IPADDR1="10.0.1.2"
PREFIX1="16"
IPADDR2="10.0.1.3"
DNS1="10.0.0.53"
DNS2="2001:db8::53"
IPV6INIT="yes"
IPV6_AUTOCONF="no"
IPV6ADDR="2001:db8:1::1/64"
WPA_PSK="very secret"
"""
HOST = f"""\
[host web-17]
match-uuid = {CLONE_UUID}
address = 10.0.0.17/24, 10.0.0.18/24, 2001:db8:1::17/64, 2001:db8:1::18/64
gateway = 10.0.0.254, fe80::1
dns = 10.0.0.99, 2001:db8::99
dns-search = example.org, lab.example.org
"""
PLACED = f"""\
# of the installer
TYPE="Ethernet"
DEVICE="ens3"
NAME="office lan"
UUID="NEW"
HWADDR="{CLONE_MAC.upper()}"
BOOTPROTO="static"
IPADDR="10.0.0.17" # mine
NETMASK="255.255.255.0"
IPADDR1="10.0.0.18"
PREFIX1="24"
GATEWAY="10.0.0.254"
DNS1="10.0.0.99"
DNS2="2001:db8::99"
DOMAIN="example.org lab.example.org"
IPV6INIT="yes"
IPV6_AUTOCONF="no"
IPV6ADDR="2001:db8:1::17/64"
IPV6ADDR_SECONDARIES="2001:db8:1::18/64"
IPV6_DEFAULTGW="fe80::1%ens3"
WPA_PSK="very secret"
"""


def without_uuid(text):
    return re.sub(r'UUID="[0-9a-f-]{36}"', 'UUID="NEW"', text)


def a_policy_s_addresses_are_placed(tap):
    files = {"ifcfg-lan": LAN, "ifcfg-lan:1": "DEVICE=lan:1\nIPADDR=10.0.1.9\n", "keys-lan": "WPA_PSK='golden hidden words'\n",
             "route-lan": "10.5.0.0/16 via 10.0.1.254 dev ens3 src 10.0.1.1\n"}
    with machine_with(files, [("ens3", TEMPLATE_MAC)], HOST) as machine:
        machine.become_clone()
        plan = machine.run("plan", "-v")
        shown = plan.stdout + plan.stderr
        tap.is_(("very secret" in shown, "hidden words" in shown), (False, False), "no secret is shown")
        tap.is_(f"{SCRIPTS}/keys-lan:1: the secret holds a value of the template's" in shown, True,
                "a secret that names the template is told by its line alone")
        tap.is_(f"{SCRIPTS}/route-lan:1: the next hop 10.0.1.254 is in none of the new prefixes" in shown, True,
                "a route without a next hop is named")
        tap.is_(machine.run("apply", "--yes").returncode, 0, "apply succeeds")
        text = machine.read(f"{SCRIPTS}/ifcfg-lan")
        tap.is_(without_uuid(text), PLACED, "addresses, gateway and DNS stand where the template's stood, in its quotes")
        tap.is_("7e570010" in text, False, "and the UUID is another")
        tap.is_(machine.read(f"{SCRIPTS}/route-lan"), "10.5.0.0/16 via 10.0.1.254 dev ens3 src 10.0.0.17\n",
                "a route's source follows")
        tap.is_(machine.exists(f"{SCRIPTS}/ifcfg-lan:1"), False, "the alias of the template's is gone")
        tap.is_(os.stat(machine.path(f"{SCRIPTS}/keys-lan")).st_mode & 0o777, 0o600, "the keys stay private")


def a_default_route_in_its_route_file_is_named(tap):
    """The template's gateway, beside the one that this machine gets; not where it is that one, nor in a table of its own."""
    said = f"{SCRIPTS}/route-lan:%d: the template's default route by 10.0.0.1 stays beside the gateway %s;"
    numbered = "GATEWAY%d=10.0.0.1\nADDRESS%d=%s\nNETMASK%d=%s"
    for line, policy, wanted in (("default via 10.0.0.1 dev ens3", HOST, said % (1, "10.0.0.254")),
                                 ("0.0.0.0/0 via 10.0.0.1", "", said % (1, "that DHCP or a router gives")),
                                 ("#\n" + numbered % (0, 0, "0.0.0.0", 0, "'0.0.0.0'"), HOST, said % (2, "10.0.0.254")),
                                 (numbered % (12, 12, "0.0.0.0", 1, "0.0.0.0"), HOST, None),
                                 (numbered % (0, 0, "10.9.0.0", 0, "255.255.255.0"), HOST, None),
                                 ("default via 10.0.0.254", HOST, None),
                                 ("default via 10.0.0.1 table 7", "", None)):
        with machine_with({"ifcfg-lan": LAN, "route-lan": line + "\n"}, [("ens3", TEMPLATE_MAC)], policy) as machine:
            machine.become_clone()
            result = machine.run("plan", "-v")
            told = result.stdout + result.stderr
            tap.ok(wanted in told if wanted else "default route" not in told, f"{line.replace(chr(10), chr(32))}: {wanted and 'named' or 'not named'}", told)


def without_an_address_it_asks_for_one(tap):
    with machine_with({"ifcfg-lan": LAN}, [("ens3", TEMPLATE_MAC)]) as machine:
        machine.become_clone()
        tap.is_(machine.run("apply", "--yes").returncode, 0, "apply succeeds without a policy")
        lines = machine.read(f"{SCRIPTS}/ifcfg-lan").splitlines()
        tap.is_(lines[6:], ['BOOTPROTO="dhcp"', 'IPV6INIT="yes"', 'IPV6_AUTOCONF="yes"', 'WPA_PSK="very secret"'],
                "DHCP and router advertisements take the place of addresses, gateway and DNS")
    for method, wanted in (("disabled", ['BOOTPROTO="static"', 'IPV6INIT="no"', 'IPV6_AUTOCONF="no"', 'WPA_PSK="very secret"']),
                           ("keep", LAN.splitlines()[6:])):
        with machine_with({"ifcfg-lan": LAN}, [("ens3", TEMPLATE_MAC)], f"[network]\nmethod = {method}\n") as machine:
            machine.become_clone()
            tap.is_(machine.run("apply", "--yes").returncode, 0, f"apply succeeds with method = {method}")
            tap.is_(machine.read(f"{SCRIPTS}/ifcfg-lan").splitlines()[6:], wanted, f"method = {method} is kept")


def references_follow(tap):
    bond = "7e570010-5a1e-4c0f-9d3b-0000000ec0b0"
    files = {"ifcfg-bond0": f"DEVICE=bond0\nTYPE=Bond\nBONDING_OPTS='mode=1 primary=ens3'\nUUID={bond}\nBOOTPROTO=dhcp\n",
             "ifcfg-port": f"DEVICE=ens3\nMASTER_UUID='{bond}'\nHWADDR={TEMPLATE_MAC}\nMACADDR={TEMPLATE_MAC}\n",
             "ifcfg-other": f"DEVICE=ens10\nMASTER={bond}\n",
             "ifcfg-vlan": "DEVICE=ens3.7\nVLAN=yes\nBOOTPROTO=dhcp\n",
             "ifcfg-system": "DEVICE=ens9\nTYPE=Ethernet\nBOOTPROTO=dhcp\n"}
    with machine_with(files, [("ens3", TEMPLATE_MAC)]) as machine:
        machine.set_hardware(CLONE_UUID, [("ens192", CLONE_MAC)])
        tap.is_(machine.run("apply", "--yes").returncode, 0, "apply succeeds")
        text = machine.read(f"{SCRIPTS}/ifcfg-bond0")
        uuid = value(text.encode(), "UUID")
        port = machine.read(f"{SCRIPTS}/ifcfg-port")
        tap.is_(uuid != bond and "primary=ens192'" in text, True, "a bond has a UUID of its own, and the new name of its port")
        tap.is_([line for line in port.splitlines() if not line.startswith("UUID=")], ["DEVICE=ens192", f"MASTER_UUID='{uuid}'", f"HWADDR={CLONE_MAC}", f"MACADDR={CLONE_MAC}"],
                "its port follows")
        tap.like(machine.read(f"{SCRIPTS}/ifcfg-other"), f"(?m)^MASTER={uuid}$", "and one that says the bond's UUID as MASTER")
        tap.is_("DEVICE=ens192.7\n" in machine.read(f"{SCRIPTS}/ifcfg-vlan"), True, "a VLAN is called after its new NIC")
        tap.is_("\nUUID=" in machine.read(f"{SCRIPTS}/ifcfg-system"), True,
                "without a UUID NetworkManager would make every clone the same: it gets one")


def what_all_have_in_common_follows(tap):
    files = {"ifcfg-lan": "DEVICE=ens3\nBOOTPROTO=none\nIPADDR=10.0.1.1\nPREFIX=16\n",
             COMMON: "# common\nHOSTNAME='golden'\nGATEWAY=10.0.0.1\nGATEWAYDEV=ens3\n"}
    with machine_with(files, [("ens3", TEMPLATE_MAC)], HOST) as machine:
        machine.set_hardware(CLONE_UUID, [("ens192", CLONE_MAC)])
        tap.is_(machine.run("apply", "--yes").returncode, 0, "apply succeeds")
        tap.is_(machine.read(COMMON), "# common\nHOSTNAME='web-17'\nGATEWAY=10.0.0.254\nGATEWAYDEV=ens192\n",
                "host name, gateway and its NIC follow where they were said")
    with machine_with(files, [("ens3", TEMPLATE_MAC)]) as machine:
        machine.become_clone()
        machine.run("apply", "--yes")
        tap.is_("GATEWAY=" in machine.read(COMMON), False, "the template's gateway is not a clone's that asks for one")


KEYFILE = "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-000000000001\ntype=ethernet\ninterface-name=ens3\n[ipv4]\nmethod=%s\n"


def a_keyfile_beside_it(tap):
    keyfile = "/etc/NetworkManager/system-connections/lan.nmconnection"
    policy = f"[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.17/24\n"
    with machine_with({"ifcfg-lan": LAN}, [("ens3", TEMPLATE_MAC)], policy) as machine:
        machine.write(keyfile, KEYFILE % "auto", 0o600)
        machine.become_clone()
        tap.is_(machine.run("apply", "--yes").returncode, 0, "a keyfile and an ifcfg file are for one NIC")
        tap.is_(("10.0.0.17" in machine.read(f"{SCRIPTS}/ifcfg-lan"), "10.0.0.17" in machine.read(keyfile)), (True, False),
                "the address goes where the template's was")
    with machine_with({"ifcfg-lan": LAN}, [("ens3", TEMPLATE_MAC)], policy) as machine:
        machine.write(keyfile, KEYFILE % "manual\naddress1=10.0.1.4/16", 0o600)
        os.remove(machine.path(PLUGIN))
        machine.become_clone()
        tap.is_(machine.run("apply", "--yes").returncode, 0, "a NetworkManager without the plugin reads no ifcfg files")
        text = machine.read(f"{SCRIPTS}/ifcfg-lan")
        tap.is_(("10.0.0.17" in machine.read(keyfile), "10.0.1.1" in text, 'BOOTPROTO="dhcp"' in text), (True, False, True),
                "the address goes to the keyfile; the ifcfg file loses the template's all the same")


def of_both_the_one_that_comes_up(tap):
    """NetworkManager ranks keyfiles and ifcfg files together: by autoconnect-priority, then by what was up last."""
    keyfile = "/etc/NetworkManager/system-connections/lan.nmconnection"
    policy = f"[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.17/24\n"
    static = "manual\naddress1=10.0.1.4/16"
    uuid = value(LAN.encode(), "UUID")
    for of_ifcfg, of_keyfile, was_up, wanted in (
            (LAN + "AUTOCONNECT_PRIORITY=10\n", KEYFILE % static, None, (True, False)),
            (LAN + "AUTOCONNECT_PRIORITY=-10\n", KEYFILE % "auto", None, (False, True)),
            (LAN, KEYFILE.replace("[ipv4]", "autoconnect-priority=5\n[ipv4]") % "auto", None, (False, True)),
            (LAN, KEYFILE % static, uuid, (True, False)),
            (LAN, KEYFILE % static, None, None)):
        with machine_with({"ifcfg-lan": of_ifcfg}, [("ens3", TEMPLATE_MAC)], policy) as machine:
            machine.write(keyfile, of_keyfile, 0o600)
            if was_up:
                machine.write("/var/lib/NetworkManager/timestamps", f"[timestamps]\n{was_up}=1700000000\n")
            machine.become_clone()
            applied = machine.run("apply", "--yes")
            found = tuple("10.0.0.17" in machine.read(path) for path in (f"{SCRIPTS}/ifcfg-lan", keyfile))
            if wanted is None:
                tap.like(applied.stderr, "which of several profiles comes up on ens3 is ambiguous.*lan.nmconnection.*ifcfg-lan",
                         "two that nothing ranks are named")
            else:
                tap.is_(found, wanted, f"the address goes to what NetworkManager brings up, {of_ifcfg[-30:]!r} {of_keyfile[-40:]!r}")


def a_rewired_machine_keeps_its_addresses(tap):
    with machine_with({"ifcfg-lan": LAN}, [("ens3", TEMPLATE_MAC)]) as machine:
        machine.run("adopt", "--yes")
        machine.set_hardware(TEMPLATE_UUID, [("ens192", CLONE_MAC)])
        before = machine.read(f"{SCRIPTS}/ifcfg-lan")
        tap.is_(machine.run("apply", "--yes").returncode, 0, "apply rebinds")
        wanted = before.replace('"ens3"', '"ens192"').replace(TEMPLATE_MAC.upper(), CLONE_MAC.upper()).replace(CLONE_MAC.upper(), "MAC")
        tap.is_(machine.read(f"{SCRIPTS}/ifcfg-lan").replace(CLONE_MAC, "MAC").replace(CLONE_MAC.upper(), "MAC"), wanted,
                "only the NIC's name and MAC change")
    alias = "DEVICE=ens3:1\nIPADDR=10.0.1.9\n"
    with machine_with({"ifcfg-ens3": LAN, "ifcfg-ens3:1": alias}, [("ens3", TEMPLATE_MAC)]) as machine:
        machine.run("adopt", "--yes")
        machine.set_hardware(TEMPLATE_UUID, [("ens192", CLONE_MAC)])
        plan = machine.run("plan", "-v")
        tap.is_(f"{SCRIPTS}/ifcfg-ens3:1 adds addresses to ens3, which is called ens192 now" in plan.stdout, True,
                "an alias that only the network scripts would look for elsewhere is named")
        tap.is_((machine.run("apply", "--yes").returncode, machine.read(f"{SCRIPTS}/ifcfg-ens3:1")), (0, alias),
                "and keeps its name, as NetworkManager wants it")


def a_gateway_that_the_scripts_pass_over(tap):
    """ifup-eth makes no default route by a gateway outside of the address's network; NetworkManager does."""
    policy = f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress = 203.0.113.7/32\ngateway = 172.31.1.1\ngateway-onlink = yes\n"
    for name, more in (("NetworkManager", ""), ("the scripts", "NM_CONTROLLED=no\n")):
        with machine_with({"ifup": "#!/bin/sh\n", "ifcfg-ens3": LAN + more}, [("ens3", TEMPLATE_MAC)], policy) as machine:
            machine.become_clone()
            warnings = machine.json("plan")[1]["warnings"]
            said = [line for line in warnings if "make no default route by the gateway 172.31.1.1" in line]
            tap.is_(len(said), 1 if more else 0, f"a gateway outside of the prefix, and {name} bring it up")


def a_far_end_goes_with_its_address(tap):
    """`ip addr add A/P peer B` makes no route to the rest of A's network."""
    lan = LAN + 'SCOPE="peer 203.0.113.1"\n'
    host = f"[host web]\nmatch-uuid = {CLONE_UUID}\naddress = %s\ngateway = %s\ngateway-onlink = yes\n"
    for policy, expected in (("", None), (host % ("10.0.0.17/24", "10.0.0.1"), None), (host % ("198.51.100.7/32", "198.51.100.1"), "198.51.100.1")):
        with machine_with({"ifcfg-ens3": lan}, [("ens3", TEMPLATE_MAC)], policy) as machine:
            machine.become_clone()
            code = machine.run("apply", "--yes").returncode
            text = machine.read(f"{SCRIPTS}/ifcfg-ens3")
            tap.is_((code, [line for line in text.splitlines() if line.startswith("SCOPE")]), (0, [f'SCOPE="peer {expected}"'] if expected else []),
                    f"the far end with {expected or 'an address of a network, or none'}")


def of_one_uuid_the_plugin_that_is_named_first(tap):
    """nm-settings-storage.c, nm_settings_storage_cmp; without plugins= no file says which, and both may be it."""
    keyfile = "/etc/NetworkManager/system-connections/lan.nmconnection"
    policy = f"[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.17/24\n"
    uuid = value(LAN.encode(), "UUID")
    text = re.sub("uuid=.*", f"uuid={uuid}", KEYFILE % "manual\naddress1=10.0.1.4/16")
    for plugins, wanted in (("keyfile,ifcfg-rh", (False, True)), ("ifcfg-rh,keyfile", (True, False)), ("ifcfg-rh", (True, False)),
                            ("keyfile", (False, True)), (None, None)):
        with machine_with({"ifcfg-lan": LAN}, [("ens3", TEMPLATE_MAC)], policy) as machine:
            machine.write(keyfile, text, 0o600)
            if plugins:
                machine.write("/etc/NetworkManager/NetworkManager.conf", f"[main]\nplugins={plugins}\n")
            machine.become_clone()
            applied = machine.run("apply", "--yes")
            ifcfg, key = machine.read(f"{SCRIPTS}/ifcfg-lan"), machine.read(keyfile)
            if wanted is None:
                tap.like(applied.stderr, "which of several profiles comes up on ens3 is ambiguous", "one UUID in both, and no order: they are named")
                continue
            tap.is_(("10.0.0.17" in ifcfg, "10.0.0.17" in key), wanted, f"one UUID in both, plugins={plugins}: the address goes to the first")
            tap.is_((uuid in ifcfg + key, "10.0.1." in ifcfg + key), (False, False), f"plugins={plugins}: neither keeps what was the template's")


with Tap() as tap:
    for test in (of_one_uuid_the_plugin_that_is_named_first, a_far_end_goes_with_its_address, every_file_of_the_corpus, every_file_that_a_shell_would_have_to_run,
                 an_address_in_a_variable_is_named_where_it_is_set, a_policy_s_addresses_are_placed,
                 a_default_route_in_its_route_file_is_named,
                 without_an_address_it_asks_for_one, references_follow, what_all_have_in_common_follows, a_keyfile_beside_it,
                 of_both_the_one_that_comes_up, a_rewired_machine_keeps_its_addresses, a_gateway_that_the_scripts_pass_over):
        test(tap)
