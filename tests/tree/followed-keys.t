#!/usr/bin/python3
"""Keys of bonds, bridges and teams that have a NIC's MAC address or the machine's address in them follow in each format; identities that
are written down and files that others run are named; the choices say what the files become."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, TEMPLATE_UUID, Machine
from tap import Tap

PROFILES = "/etc/NetworkManager/system-connections"
SCRIPTS = "/etc/sysconfig/network-scripts"
OLD = [("ens3", "52:54:00:aa:bb:01"), ("ens4", "52:54:00:aa:bb:02")]
NEW = [("ens3", "52:54:00:cc:dd:01"), ("ens4", "52:54:00:cc:dd:02")]
HOST = f"[network]\nprobe = off\n[host web]\nmatch-uuid = {CLONE_UUID}\naddress.ens3 = 10.0.0.77/24\n"
LAN = "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-000000000001\ntype=ethernet\ninterface-name=ens3\n\n" \
      "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\n"

FOLLOWED = {
    f"{PROFILES}/bond.nmconnection":
        "[connection]\nid=b\nuuid=11111111-1111-4111-8111-000000000002\ntype=bond\ninterface-name=bond0\n\n[bond]\nmode=802.3ad\n"
        "ad_actor_system=52:54:00:aa:bb:02\n\n[ipv4]\nmethod=disabled\n",
    f"{PROFILES}/port.nmconnection":
        "[connection]\nid=p\nuuid=11111111-1111-4111-8111-000000000003\ntype=ethernet\ninterface-name=ens4\nmaster=team0\nslave-type=team\n\n"
        '[team-port]\nconfig={"prio":1,"link_watch":{"name":"arp_ping","source_host":"10.0.0.5"}}\n',
    f"{SCRIPTS}/ifcfg-br0": "DEVICE=br0\nTYPE=Bridge\nBRIDGE_MACADDR=52:54:00:aa:bb:01\nBOOTPROTO=dhcp\n",
    f"{SCRIPTS}/ifcfg-bond2": 'DEVICE=bond2\nTYPE=Bond\nBONDING_OPTS="mode=4 ad_actor_system=52:54:00:aa:bb:02"\n',
    f"{SCRIPTS}/ifcfg-port2": 'DEVICE=em9\nTEAM_PORT_CONFIG="{\\"source_host\\": \\"10.0.0.5\\"}"\n',
    f"{SCRIPTS}/ifcfg-sit1": "DEVICE=sit1\nIPV6TUNNELIPV4=192.0.2.1\nIPV6TUNNELIPV4LOCAL=10.0.0.5\n",
    "/etc/systemd/network/b.netdev": "[NetDev]\nName=bond1\nKind=bond\n\n[Bond]\nMode=802.3ad\nAdActorSystem=52:54:00:aa:bb:02\n",
    "/etc/network/interfaces": "auto lo\niface lo inet loopback\niface bond3 inet manual\n    bond-slaves none\n"
                               "    bond-ad-actor-system 52:54:00:aa:bb:02\n",
}


def sealed(files, policy="", deleted=None):
    machine = Machine()
    machine.set_hardware(TEMPLATE_UUID, OLD)
    machine.add_template(0)
    for path, text in files.items():
        machine.write(path, text, 0o600)
    if deleted:
        os.symlink("/dev/null", machine.path(f"{PROFILES}/{deleted}.nmmeta"))
    machine.write("/etc/reset-identity/policy.ini", policy)
    result = machine.run("seal")
    machine.set_hardware(CLONE_UUID, NEW)
    return machine, result


def choices_of(machine):
    return [(choice["name"], choice["old"], choice["new"]) for choice in machine.json("plan")[1].get("choices", [])
            if choice["name"].startswith("address")]


def check_followed(tap):
    machine, _ = sealed({f"{PROFILES}/lan.nmconnection": LAN} | FOLLOWED, HOST)
    with machine:
        applied = machine.run("apply", "--yes", "--no-network")
        tap.is_(applied.returncode, 0, "a clone with bonds, bridges and teams is reset")
        for path in FOLLOWED:
            text = machine.read(path)
            tap.ok("aa:bb" not in text and "10.0.0.5" not in text and ("cc:dd" in text or "10.0.0.77" in text),
                   f"{path}: what is the NIC's or the machine's own follows", text)


def check_named(tap):
    files = {
        "/etc/dhcp/dhclient.conf": 'request subnet-mask;\nsend dhcp-client-identifier "lab-master";\nsend host-name "golden";\n',
        "/etc/dhcp/dhclient-ens4.conf": "send dhcp-client-identifier = hardware;\nsend dhcp-client-identifier 1:52:54:00:aa:bb:01;\n",
        "/etc/network/if-up.d/rule": "#!/bin/sh\nip rule add from 10.0.0.5 dev x || ip rule add from 10.0.0.5 dev y\n",
    }
    machine, _ = sealed({f"{PROFILES}/lan.nmconnection": LAN} | files)
    with machine:
        warnings = machine.json("plan")[1]["warnings"]
        tap.is_([line.split(":", 1)[0] + ":" + line.split(":")[1] for line in warnings if "fixed identity" in line], ["/etc/dhcp/dhclient.conf:2"],
                "dhclient.conf: an identifier that every clone has is named, and no other")
        tap.is_(len([line for line in warnings if line.startswith("/etc/network/if-up.d/rule:2: the address 10.0.0.5")]), 1,
                "what ifup runs is searched, and a line that says it twice is named once")


def check_beside(tap):
    """What every clone would have that is not in a profile: defaults of NetworkManager, the initramfs's own address, sshd's."""
    files = {
        "/etc/NetworkManager/conf.d/site.conf": "[connection]\nipv4.dhcp-client-id=lab-master\nipv6.dhcp-duid=ll\n"
                                                "ethernet.cloned-mac-address=02:11:22:33:44:55\nwifi.cloned-mac-address=random\n"
                                                "[connection-lan]\nipv4.dhcp-client-id=golden\nipv6.dhcp-duid=00:03:00:01:52:54:00:aa:bb:01\n",
        "/etc/dhcp/dhclient.d/site.sh": "site_config() {\n  ip rule add from 10.0.0.5\n}\n",
        "/etc/resolvconf/resolv.conf.d/head": "nameserver 10.0.0.5\n",
        "/etc/resolv.conf": "# nameserver 10.0.0.5\nnameserver 10.0.0.5\nnameserver 10.0.0.53\n",
        "/etc/sysconfig/network/if-up.d/50-site": "#!/bin/sh\nip rule add from 10.0.0.5\n",
        "/etc/systemd/network/10-fixed.link": "[Match]\nType=ether\n[Link]\nMACAddress=02:11:22:33:44:66\n",
        "/usr/bin/dracut": "",
        "/etc/dracut.conf": "# kernel_cmdline=\" ip=10.0.0.5 \"\nkernel_cmdline+=\" rd.neednet=1 ip=ens3:dhcp \"\n",
        "/etc/dracut.conf.d/static_ip.conf": 'kernel_cmdline="ip=10.0.0.5::10.0.0.1:255.255.255.0:golden:ens3:none"\n',
        "/etc/cmdline.d/net.conf": "rd.neednet=1 ip=10.0.0.5::10.0.0.1:24::ens3:off\n",
        "/etc/ssh/sshd_config": "Port 22\n#ListenAddress 10.0.0.5\nListenAddress 10.0.0.5\n",
        "/etc/ssh/sshd_config.d/10.conf": "Match LocalAddress 10.0.0.5\n  PasswordAuthentication no\n",
    }
    machine, _ = sealed({f"{PROFILES}/lan.nmconnection": LAN} | files)
    with machine:
        warnings = machine.json("plan")[1]["warnings"]
        for part in ("/site.conf:2: ipv4.dhcp-client-id = lab-master is a fixed identity", "/site.conf:4: ethernet.cloned-mac-address = 02:11:22:33:44:55 is no NIC's",
                     "/static_ip.conf: ip= gives the initramfs a static address", "`dracut -f --regenerate-all`", "/static_ip.conf:1: the host name golden",
                     "/cmdline.d/net.conf: ip= gives the initramfs", "/sshd_config:3: the address 10.0.0.5", "/10.conf:1: the address 10.0.0.5", "/site.sh:2: the address 10.0.0.5",
                     "/head:1: the address 10.0.0.5", "/etc/resolv.conf:2: the address 10.0.0.5", "/50-site:2: the address 10.0.0.5",
                     "/10-fixed.link:4: gives its NIC the MAC address"):
            tap.is_(min(1, len([line for line in warnings if part in line])), 1, f"a warning: {part}")
        tap.is_([line for line in warnings if "dhcp-duid" in line or "= golden" in line or "wifi" in line or "/etc/dracut.conf:" in line or "sshd_config:2" in line], [],
                "and none of what is right")
        # A settled machine that got another NIC is nobody's clone.
        machine.run("adopt", "--yes")
        machine.set_hardware(CLONE_UUID, [("ens192", "52:54:00:cc:dd:09")])
        plan = machine.json("plan")[1]
        tap.is_((plan["verdict"], [line for line in plan["warnings"] if "every clone" in line]), ("rewired", []),
                "nothing of clones where a NIC was exchanged")


def check_twice(tap):
    """An address that stands twice in a profile is one address."""
    for policy, new in (("", "DHCP"), ("[network]\nmethod = keep\n", "10.0.0.5/24")):
        machine, _ = sealed({f"{PROFILES}/lan.nmconnection": LAN + "address2=10.0.0.5/24\n"}, policy)
        with machine:
            tap.is_(choices_of(machine), [("address ens3", "10.0.0.5/24", new)], f"an address that stands twice is told once, as old and as {new}")


def check_sysctl(tap):
    """kernel.hostname takes the place of /etc/hostname at every boot."""
    files = {
        "/etc/sysctl.conf": "# kernel.hostname = golden\n; kernel.hostname = golden\nkernel.hostname = golden\nkernel.sysrq=1\n",
        "/etc/sysctl.d/10-name.conf": "-kernel.hostname=golden\nkernel/domainname = golden.example.org\nkernel.core_pattern=core.golden-2\n",
        "/etc/sysctl.d/20-nic.conf": "net.ipv4.conf.ens4.rp_filter = 2\nnet/ipv4/conf/ens4/arp_ignore = 1\n",
        "/usr/lib/sysctl.d/50-site.conf": "kernel.hostname = golden\n",
        "/etc/sysctl.d/README": "kernel.hostname = golden\n",
    }
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, OLD)
        machine.add_template(0)
        for path, text in ({f"{PROFILES}/lan.nmconnection": LAN} | files).items():
            machine.write(path, text, 0o600)
        os.symlink("../sysctl.conf", machine.path("/etc/sysctl.d/99-sysctl.conf"))
        machine.run("seal")
        machine.set_hardware(CLONE_UUID, [("ens3", NEW[0][1]), ("ens5", NEW[1][1])])
        warnings = [line for line in machine.json("plan")[1]["warnings"] if "sysctl" in line]
        for place in ("/etc/sysctl.conf:3: the host name golden", "/etc/sysctl.d/10-name.conf:1: the host name golden",
                      "/etc/sysctl.d/10-name.conf:2: the host name golden", "/usr/lib/sysctl.d/50-site.conf:1: the host name golden",
                      "/etc/sysctl.d/20-nic.conf:1: the NIC name ens4", "/etc/sysctl.d/20-nic.conf:2: the NIC name ens4"):
            tap.is_(len([line for line in warnings if line.startswith(place)]), 1, f"a warning: {place}")
        tap.is_(len(warnings), 6, "and none of what is a comment, another word, or read by nobody")


def check_strange_macs(tap):
    """A MAC address that no NIC has had, and that a bridge or NIC sends from, is every clone's."""
    files = {
        "/etc/netplan/a.yaml": "network:\n  version: 2\n  bridges:\n    br1: {macaddress: '02:11:22:33:44:01', interfaces: []}\n"
                               "  ethernets:\n    ens4: {macaddress: '02:11:22:33:44:02', dhcp4: true}\n",
        f"{PROFILES}/br2.nmconnection": "[connection]\nid=br2\nuuid=11111111-1111-4111-8111-000000000009\ntype=bridge\ninterface-name=br2\n\n"
                                        "[bridge]\nmac-address=02:11:22:33:44:03\n\n[ipv4]\nmethod=disabled\n",
        f"{SCRIPTS}/ifcfg-br3": "DEVICE=br3\nTYPE=Bridge\nBRIDGE_MACADDR=02:11:22:33:44:04\nBOOTPROTO=none\n",
        "/etc/network/interfaces": "iface br4 inet manual\n bridge_ports none\n bridge_hw 02:11:22:33:44:05\n",
    }
    machine, result = sealed(files)
    with machine:
        warnings = [line for line in machine.json("plan")[1]["warnings"] if "every clone will send from it" in line]
        tap.is_(sorted(f"02:11:22:33:44:0{n}" for n in range(10) for line in warnings if f"02:11:22:33:44:0{n}" in line),
                [f"02:11:22:33:44:0{n}" for n in range(1, 6)], f"a fixed MAC address of a bridge is named once, in each format {result.stderr}")


def check_infiniband_id(tap):
    """A DHCP client identifier of InfiniBand has the length of an address and its end."""
    ports = ["80:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a1", "80:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cc:b2"]
    path = f"{PROFILES}/ib0.nmconnection"
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("ib0", ports[0])])
        machine.add_template(0)
        machine.write(path, LAN.replace("ethernet", "infiniband").replace("ens3", "ib0") + "dhcp-client-id=ff:00:00:00:00:00:02:00:00:02:c9:00:"
                      "f4:52:14:03:00:7b:cb:a1\n\n[infiniband]\ntransport-mode=datagram\n", 0o600)
        machine.run("seal")
        machine.set_hardware(CLONE_UUID, [("ib0", ports[1])])
        machine.run("apply", "--yes", "--no-network")
        tap.like(machine.read(path), "dhcp-client-id=ff:00:00:00:00:00:02:00:00:02:c9:00:f4:52:14:03:00:7b:cc:b2\n",
                 "an identifier made of an InfiniBand port's GUID gets the clone's, and stays an identifier")


def check_choices(tap):
    other = LAN.replace("10.0.0.5", "10.0.0.4")
    machine, result = sealed({f"{PROFILES}/a.nmconnection": LAN, f"{PROFILES}/a.nmconnection.bak": other}, HOST)
    with machine:
        tap.is_(result.returncode, 0, "a copy of a profile: sealed")
        tap.is_(choices_of(machine), [("address ens3", "10.0.0.4/24", "10.0.0.77/24")], "its NIC is told once, with what both files get")
    wireguard = LAN.replace("ethernet", "wireguard").replace("ens3", "wg0").replace(",10.0.0.1", "")
    shared = LAN.replace("manual", "shared").replace(",10.0.0.1", "")
    machine, _ = sealed({f"{PROFILES}/wg.nmconnection": wireguard, f"{PROFILES}/ap.nmconnection": shared.replace("0001", "0002")})
    with machine:
        tap.is_(sorted(choices_of(machine)), [("address ens3", "10.0.0.5/24", None), ("address wg0", "10.0.0.5/24", None)],
                "where nothing assigns another address, the choice does not say DHCP")
        tap.ok(any("addresses of wg0 are removed" in line for line in machine.json("plan")[1]["warnings"]), "and the warning names the link")


def check_copies(tap):
    ifcfg = "TYPE=Ethernet\nUUID=11111111-1111-4111-8111-000000000001\nDEVICE=ens3\nONBOOT=yes\nIPADDR=10.0.0.5\nPREFIX=24\n"
    machine, result = sealed({f"{SCRIPTS}/ifcfg-ens3": ifcfg, f"{SCRIPTS}/ifcfg-ens3.rpmsave": ifcfg}, HOST)
    with machine:
        applied = machine.run("apply", "--yes", "--no-network")
        both = [machine.read(f"{SCRIPTS}/{name}") for name in ("ifcfg-ens3", "ifcfg-ens3.rpmsave")]
        tap.ok(result.returncode == 0 and applied.returncode == 0 and all("IPADDR=10.0.0.77\n" in text for text in both),
               "of ifcfg files with one UUID the newest counts, and both get the address", both, result.stderr + applied.stderr)
    machine, _ = sealed({f"{PROFILES}/lan.nmconnection": LAN.replace("0001", "0002"),
                         "/usr/lib/NetworkManager/system-connections/d.nmconnection": LAN}, HOST, "11111111-1111-4111-8111-000000000001")
    with machine:
        applied = machine.run("apply", "--yes", "--no-network")
        tap.ok(applied.returncode == 0 and "10.0.0.77" in machine.read(f"{PROFILES}/lan.nmconnection"),
               "a package's profile that was deleted does not count", applied.stderr)


def check_profile_folder(tap):
    """NetworkManager has its keyfiles where [keyfile] path of its configuration says."""
    lan, second = "/etc/site/profiles/lan.nmconnection", "/etc/site/profiles/ens4.nmconnection"
    conf = {"/etc/NetworkManager/NetworkManager.conf": "[keyfile]\npath=relative\n",
            "/etc/NetworkManager/conf.d/site.conf": "[keyfile]\npath=/etc/site//profiles/\n"}
    machine, result = sealed({lan: LAN} | conf)
    with machine:
        applied = machine.run("apply", "--yes", "--no-network")
        text = machine.read(lan)
        tap.ok(result.returncode == 0 and applied.returncode == 0 and "10.0.0.5" not in text and "11111111" not in text,
               "[keyfile] path: a profile there does not keep the template's address, nor its UUID", text, applied.stderr)
    machine, result = sealed({lan: LAN} | conf, HOST.replace("address.ens3", "address.ens4"))
    with machine:
        applied = machine.run("apply", "--yes", "--no-network")
        tap.ok(applied.returncode == 0 and os.path.exists(machine.path(second)) and "10.0.0.77" in machine.read(second),
               "and a new profile is written there", result.stderr, applied.stderr)
    machine, _ = sealed({f"{PROFILES}/lan.nmconnection": LAN, "/etc/NetworkManager/conf.d/site.conf": "[keyfile]\npath=relative\n"})
    with machine:
        machine.run("apply", "--yes", "--no-network")
        tap.unlike(machine.read(f"{PROFILES}/lan.nmconnection"), "10.0.0.5", "a path that NetworkManager does not take is passed over")


with Tap() as tap:
    check_followed(tap)
    check_profile_folder(tap)
    check_named(tap)
    check_beside(tap)
    check_twice(tap)
    check_sysctl(tap)
    check_strange_macs(tap)
    check_infiniband_id(tap)
    check_choices(tap)
    check_copies(tap)
