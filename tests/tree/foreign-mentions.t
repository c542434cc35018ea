#!/usr/bin/python3
"""Files of others that say what was the template's, and what is enabled for a NIC by its name (which words: old-values.t)."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_MAC, CLONE_UUID, TEMPLATE_MAC, TEMPLATE_UUID, Machine
from tap import Tap

WANTS = "/etc/systemd/system/multi-user.target.wants"
UNITS = {
    f"{WANTS}/dhcpcd@eth0.service": "dhcpcd@ens192.service",
    f"{WANTS}/golden@eth0.timer": "golden@ens192.timer",
    "/etc/systemd/system/network-online.target.requires/systemd-networkd-wait-online@eth0.service": "systemd-networkd-wait-online@ens192.service",
    "/etc/systemd/system/wpa_supplicant@eth0.service.d/x.conf": "wpa_supplicant@ens192.service",
    "/etc/systemd/system/own@eth0.service": "own@ens192.service",
}
OTHERS = [f"{WANTS}/getty@tty1.service", f"{WANTS}/own@eth01.service", f"{WANTS}/own@.service", f"{WANTS}/own@eth0", "/etc/systemd/system/own@.service"]


# What says the template's name, NIC or MAC to the wire, or sets up a NIC, beside the files that are edited: one warning for each line.
SAYS = {
    "/etc/avahi/avahi-daemon.conf": "[server]\nhost-name=golden\nallow-interfaces=eth0\n",
    "/etc/samba/smb.conf": "[global]\n  netbios name = GOLDEN\n",
    "/etc/rsyslog.d/10-name.conf": "$LocalHostName golden\n",
    "/etc/snmp/snmpd.conf": "sysName golden\n",
    "/etc/lldpd.d/name.conf": "configure system hostname golden\n",
    "/etc/frr/frr.conf": "hostname golden\n",
    "/etc/HOSTNAME": "golden\n",
    "/etc/modprobe.d/bonding.conf": "options bonding primary=eth0\n",
    "/etc/teamd/team0.conf": f'{{\n"hwaddr":"{TEMPLATE_MAC}",\n"ports":{{"eth0":{{}}}}\n}}\n',
    "/etc/wpa_supplicant/wpa_supplicant-wired-eth1.conf": 'network={\n identity="host/golden"\n}\n',
    "/etc/rc.local": f"#!/bin/sh\nip link set $NIC address {TEMPLATE_MAC}\nhostname golden\n",
    "/etc/crontab": "@reboot root hostname golden\n",
    "/etc/systemd/system/name.service": "[Service]\nExecStart=/bin/hostname golden\n",
    "/etc/systemd/system/one.socket": "[Socket]\nBindToDevice=eth0\n",
    "/etc/systemd/system/one.service.d/nic.conf": "[Unit]\nAfter=sys-subsystem-net-devices-eth0.device\n",
}
SECRETS = {"/etc/wpa_supplicant.conf": 'network={\n password="golden"\n wep_key0="golden"\n private_key_passwd="golden"\n}\n'}
COMMAND_LINE = ["ip=::::golden:eth1:dhcp", f"ifname=lan0:{TEMPLATE_MAC}", "rd.iscsi.initiator=iqn.2004-10.com.example:golden", "ds=nocloud;h=golden"]


def warnings_of(files, template, clone):
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, template)
        machine.add_template(0)
        for path, content in files.items():
            machine.write(path, content)
        assert machine.run("seal").returncode == 0
        machine.set_hardware(CLONE_UUID, clone)
        return [warning for warning in machine.json("plan")[1]["warnings"] if any(path.startswith(warning.split(" ")[0].split(":")[0]) for path in files)]


with Tap() as tap:
    one = [("eth0", TEMPLATE_MAC)]
    units = dict.fromkeys([*UNITS, *OTHERS], "[Unit]\n")
    said = warnings_of(units, one, [("ens192", CLONE_MAC)])
    tap.is_(len(said), len(UNITS), "one warning each")
    for path, unit in UNITS.items():
        tap.ok(any(path.startswith(warning.split(" is for")[0]) and f"enable {unit} in its place" in warning for warning in said), f"{path}: enable {unit}", said)
    tap.is_(warnings_of(units, one, [("eth0", CLONE_MAC)]), [], "a NIC that is called as before is no news")
    said = warnings_of(units, [("eth9", "52:54:00:aa:bb:09"), *one], [("eth9", CLONE_MAC)])
    tap.ok(len(said) == len(UNITS) and all("none here took its place: disable it" in warning for warning in said), "of one that is gone that is said", said)
    rule = "-A INPUT -i eth0 -j ACCEPT\n"
    said = warnings_of({"/etc/iptables/rules.v4": "#" * (1 << 20) + "\n" + rule, "/etc/iptables/rules.v6": rule * 2}, one, [("ens192", CLONE_MAC)])
    tap.ok(len(said) == 3 and "/etc/iptables/rules.v4 is larger than 1 MiB and is not searched" in said[0] and "rules.v6:2: the NIC name eth0" in said[2],
           "a file of any size costs no time, and is named", said)
    said = warnings_of(SAYS, one, [("ens192", CLONE_MAC)])
    for path, text in SAYS.items():
        lines = [number for number, line in enumerate(text.splitlines(), 1) if any(old in line.lower() for old in ("golden", "eth0", TEMPLATE_MAC))]
        tap.is_([sum(warning.startswith(f"{path}:{number}: ") for warning in said) for number in lines], [1] * len(lines), f"{path}: each line is named")
    said = warnings_of(SECRETS, one, one)
    tap.ok(len(said) == 3 and all("the secret holds a value of the template's" in warning for warning in said), "what a secret says is not repeated", said)
    with Machine() as machine:
        machine.set_hardware(TEMPLATE_UUID, [("eth0", TEMPLATE_MAC)], command_line="quiet " + " ".join(COMMAND_LINE))
        machine.add_template(0)
        sealed = machine.run("seal")
        machine.set_hardware(CLONE_UUID, [("ens192", CLONE_MAC)], command_line="quiet " + " ".join(COMMAND_LINE))
        planned = machine.run("plan")
        for word in COMMAND_LINE:
            named = f"warning: /proc/cmdline:1: the {'MAC address' if 'ifname' in word else 'host name'} "
            key = word.split("=")[0]
            for who, result in (("seal", sealed), ("plan", planned)):
                tap.ok(any(named in line and f"({key})" in line for line in (result.stdout + result.stderr).splitlines()), f"{key} on the kernel command line: {who}",
                       result.stdout, result.stderr)
