#!/usr/bin/python3
"""Others between NetworkManager and the wire: a team, which teamd runs, two NICs whose leases dhclient gets, and polkit, which says
who may do what. All of it is up on the clone, with nothing of the template's, and again when the identity is changed while it is up:
typed into an SSH session over the team, from a unit, with the same address, and by a run whose power is cut on the way."""

import re
import sys

sys.dont_write_bytecode = True

import lab
import live
import product
import story
from tap import Tap

TEAM_UUID = "7ea3a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c00"
PORT_UUIDS = ["7ea3a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c01", "7ea3a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c02"]
LEASE_UUIDS = ["d4c1a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c04", "d4c1a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c05"]
FOLDER = "/etc/NetworkManager/system-connections"

# teamd asks the gateway from the machine's own address, and sends from the MAC that its configuration has.
TEAM = lab.File(f"{FOLDER}/team0.nmconnection", f"""\
[connection]
id=team0
uuid={TEAM_UUID}
type=team
interface-name=team0

[team]
config={{"hwaddr": "{lab.GOLDEN_MACS[0]}", "runner": {{"name": "activebackup"}}, "link_watch": {{"name": "arp_ping", \
"interval": 1000, "source_host": "10.0.0.10", "target_host": "10.0.0.1"}}}}

[ipv4]
method=manual
address1=10.0.0.10/24,10.0.0.1

[ipv6]
method=disabled
""", 0o600)

PORTS = [lab.File(f"{FOLDER}/port{number}.nmconnection", f"""\
[connection]
id=port{number}
uuid={PORT_UUIDS[number]}
type=ethernet
master={TEAM_UUID}
slave-type=team

[ethernet]
mac-address={lab.GOLDEN_MACS[number].upper()}

[team-port]
config={{"prio": {100 - number}}}
""", 0o600) for number in (0, 1)]

# One asks with a DUID, which is made of the machine-id, the other with what dhclient's own configuration says.
LEASES = [lab.File(f"{FOLDER}/{name}.nmconnection", f"""\
[connection]
id={name}
uuid={uuid}
type=ethernet

[ethernet]
mac-address={mac}

[ipv4]
method=auto
never-default=true
{client_id}
[ipv6]
method=disabled
""", 0o600) for name, uuid, mac, client_id in (("duid", LEASE_UUIDS[0], lab.GOLDEN_MACS[2], "dhcp-client-id=duid\n"),
                                             ("mac", LEASE_UUIDS[1], lab.GOLDEN_MACS[3], ""))]
DHCLIENT = [
    lab.File("/etc/NetworkManager/conf.d/dhclient.conf", "[main]\ndhcp=dhclient\n"),
    lab.File("/etc/dhcp/dhclient.conf", f"""\
send host-name = gethostname();
send dhcp-client-identifier 1:{lab.GOLDEN_MACS[3]};
"""),
]
PROFILES = [TEAM, *PORTS, *LEASES]

POLICY = f"""\
[network]
gateway = 10.0.0.1

[host mate]
match-uuid = {product.CLONE_UUID}
hostname = mate-{{random:6}}
address.team0 = 10.0.0.17/24
"""

PREPARE = [
    "nm-online --quiet --wait-for-startup --timeout=120",
    "for name in duid mac; do nmcli -g GENERAL.STATE connection show $name; done; ls /var/lib/NetworkManager/dhclient-*.lease",
    *product.TEMPLATE_KEPT,
    f"cp /var/lib/NetworkManager/dhclient-* {product.TEMPLATE}",
]
STATE = "/var/lib/NetworkManager"

# What an unprivileged user may, which NetworkManager asks polkit.
ALLOWED = "setpriv --reuid=nobody --regid=nogroup --clear-groups nmcli -t -f PERMISSION,VALUE general permissions | sort"

# One request: on an emulated processor each costs.
STACK = rf"""{product.FACTS}
line() {{ echo "$1 $(tr '\n' ' ')"; }}
( {live.LEFT_OVER} ) 2>&1 | line left-over
nmcli -t -f NAME,STATE,DEVICE,UUID connection show --active | grep -v '^lo:' | sort | line up
grep -H '^uuid=' {FOLDER}/* | sed 's|.*/||; s|.nmconnection:uuid=|:|' | sort | line files
sed -n s/^master=//p {PORTS[0].path} {PORTS[1].path} | line masters
ls /sys/class/net/team0 | sed -n 's/^lower_//p' | sort | line ports
teamdctl team0 state item get runner.active_port | line active-port
teamdctl team0 config dump actual | line teamd
cat /sys/class/net/team0/address | line team-mac
cat /proc/[0-9]*/comm 2>/dev/null | grep -xE 'dhclient|teamd' | sort | line daemons
ls {STATE} | grep -E '{'|'.join(LEASE_UUIDS)}' | line leases
{ALLOWED} | line allowed
systemctl is-active polkit | line polkit
ping -c 1 -w 20 -q 10.0.0.1 | sed -n 's/.* \([0-9]*\)% packet loss.*/\1/p' | line lost
"""


def lease_of(server, mac):
    """(address, name, client id) of the newest lease of that NIC. A server knows one lease only by the same name."""
    address = re.findall(rf"DHCPACK\(\S+\) (\S+) {mac}", server.log())[-1]
    return next(row[1:] for row in server.leases() if row[1] == address)


def is_up(tap, guest, server, what, address):
    """The whole stack, by NetworkManager, by the kernel, by teamd, by the DHCP server and by the files."""
    found = product.identity(guest, STACK)
    tap.is_((found["verdict"], found["failed"], found["verify"], found["left-over"]), ("same", "", "", ""),
            f"{what}: settled, no failed unit, verified, nothing is left of the run")
    tap.is_((found["kernel-hostname"], found["pid1"]), (found["hostname"], f's "{found["machine-id"]}"'),
            f"{what}: one name, and PID 1 has the machine-id of the file")
    up = {line.split(":")[0]: line.split(":")[1:] for line in found["up"].split()}
    tap.is_(" ".join(f"{name}:{up[name][2]}" for name in sorted(up)), found["files"], f"{what}: each profile is up as its file has it")
    tap.is_({state for state, _, _ in up.values()}, {"activated"}, f"{what}: all the way")
    tap.is_(len(found["profiles"].split()), len(PROFILES), f"{what}: no further profile, no \"Wired connection\" took a NIC")

    tap.is_(found["masters"].split(), [up["team0"][2]] * 2, f"{what}: the ports name the team's UUID")
    tap.is_(found["ports"].split(), sorted(up[f"port{number}"][1] for number in (0, 1)), f"{what}: the team has both ports")
    tap.ok(found["active-port"] in found["ports"].split(), f"{what}: and one is active", found["active-port"])
    tap.is_(found["daemons"], "dhclient dhclient teamd", f"{what}: one teamd runs, and one dhclient for each of the other NICs")
    tap.like(found["teamd"], rf'"source_host": "{re.escape(address)}"', f"{what}: teamd asks from the machine's own address")
    tap.unlike(found["teamd"].lower(), rf'"10\.0\.0\.10"|{lab.GOLDEN_MACS[0]}', f"{what}: it has nothing of the template's")
    tap.is_(found["team-mac"], guest.mac, f"{what}: the team sends from the clone's first NIC")

    leases = [lease_of(server, mac) for mac in guest.macs[2:]]
    tap.is_(sorted(found["addresses"].split()), sorted([f"{address}/24", *(f"{lease[0]}/24" for lease in leases)]),
            f"{what}: the team has its address, the other NICs what the server gave them last, and there is no other")
    tap.is_(re.findall(r"client provides name: (\S+)", server.log())[-1], found["hostname"], f"{what}: dhclient gives the machine's name")
    tap.is_(leases[1][2], f"01:{guest.macs[3]}", f"{what}: it asks with the identifier of its own configuration, which is the clone's")
    tap.like(leases[0][2], r"^ff:[0-9a-f:]{20,}$", f"{what}: and with a DUID where the profile says so")
    tap.is_(found["leases"], "", f"{what}: no lease of the template's")
    tap.is_(found["lost"], "0", f"{what}: the team reaches the gateway")
    tap.is_(found["polkit"], "active", f"{what}: polkit runs")
    tap.like(found["allowed"], r"NetworkManager\.enable-disable-network:(auth|no|yes)", f"{what}: and tells NetworkManager what a user may")
    found["duid"] = leases[0][2]
    return found


def is_other(tap, found, before, what):
    for part in ("machine-id", "hostname", "duid"):
        tap.isnt(found[part], before[part], f"{what}: another {part}")
    tap.is_(set(found["files"].split()) & set(before["files"].split()), set(), f"{what}: no profile has the UUID that it had")
    tap.is_(found["allowed"], before["allowed"], f"{what}: polkit says the same as before")


def changed(tap, guest, server, before, address, what, run):
    guest.put("/etc/reset-identity/policy.ini", POLICY.replace(".17/24", f".{address.split('.')[-1]}/24"))
    found = story.changed(tap, what, run, lambda what: is_up(tap, guest, server, what, address))
    is_other(tap, found, before, what)
    return found


def changed_by_unit(tap, guest, server, before):
    guest.out("setsid ip -tshort -4 monitor address </dev/null >/run/monitor 2>&1 & true")

    def run():
        ended = story.by_unit(guest)
        tap.unlike(guest.out("cat /run/monitor"), r"Deleted.*team0",
                   "changed by a unit: the team, whose address stays, was never without it")
        return ended

    return changed(tap, guest, server, before, "10.0.0.27", "changed by a unit", run)


lab.enter("bookworm", purpose="daemons")
with Tap() as test, lab.Lab("daemons") as it:
    dhcp = it.dhcp()
    with story.lone_clone(test, it, product.image(policy=POLICY, profiles=PROFILES, files=DHCLIENT, quick=True, purpose="daemons"),
                          PREPARE, ["10.0.0.10"], nics=4) as (clone, _):
        live.let_in(it, clone)
        # It is started when it is asked first.
        clone.wait_for(f"{ALLOWED} | grep enable-disable-network:")

        first = is_up(test, clone, dhcp, "first boot", "10.0.0.17")
        for uuid in (TEAM_UUID, *PORT_UUIDS, *LEASE_UUIDS):
            test.unlike(first["profiles"], uuid, f"no profile with the template's UUID {uuid[:4]}...{uuid[-2:]}")
        test.unlike(clone.out(f"cat {product.TEMPLATE}/dhclient-*"), first["duid"], "the DUID is not the template's")

        again = changed(test, clone, dhcp, first, "10.0.0.27", "changed over SSH",
                        lambda: story.by_session(it, clone, "10.0.0.17"))
        test.is_(live.ssh(it, "10.0.0.27", "uname -n")[1].strip(), again["hostname"],
                 "changed over SSH: a session gets in at the new address")
        again = changed_by_unit(test, clone, dhcp, again)
        changed(test, clone, dhcp, again, "10.0.0.37", "its power cut", lambda: story.by_power_cut(clone))
