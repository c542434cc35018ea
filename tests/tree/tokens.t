#!/usr/bin/python3
"""A tokenised interface identifier is a static address in all but name: with those it goes, with those it is kept."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, Machine
from tap import Tap

FORMATS = (
    ("/etc/NetworkManager/system-connections/lan.nmconnection", "token=::17",
     "[connection]\nid=lan\nuuid=11111111-1111-4111-8111-000000000001\ntype=ethernet\ninterface-name=ens3\n"
     "[ipv4]\nmethod=manual\naddress1=10.0.1.1/16\n[ipv6]\nmethod=auto\naddr-gen-mode=eui64\ntoken=::17\n"),
    ("/etc/sysconfig/network-scripts/ifcfg-ens3", "IPV6_TOKEN=::17",
     "DEVICE=ens3\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.0.1.1\nPREFIX=16\nIPV6INIT=yes\nIPV6_AUTOCONF=yes\nIPV6_TOKEN=::17\n"),
    ("/etc/systemd/network/10-lan.network", "IPv6Token=::17",
     "[Match]\nName=ens3\n[Network]\nAddress=10.0.1.1/16\nIPv6AcceptRA=yes\nIPv6Token=::17\n"),
    ("/etc/netplan/10-lan.yaml", 'ipv6-address-token: "::17"',
     "network:\n  ethernets:\n    ens3:\n      addresses: [10.0.1.1/16]\n      accept-ra: true\n"
     '      ipv6-address-token: "::17"\n'),
)
HOST = f"[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.17/24\n"


def a_token_fares_as_static_addresses_do(tap):
    for path, token, text in FORMATS:
        for policy, stays in (("", False), (HOST, False), (HOST + "[network]\nmethod = disabled\n", False),
                              (HOST + "[network]\nmethod = keep\n", True), ("[network]\nmethod = keep\n", True)):
            with Machine() as machine:
                machine.add_template(0)
                machine.run("seal")
                machine.write("/etc/reset-identity/policy.ini", policy)
                machine.write(path, text, 0o600)
                machine.become_clone()
                result = machine.run("apply", "--yes")
                told = [line for line in result.stderr.splitlines() if "keeps the template's" in line and "token" in line.lower()]
                tap.is_((result.returncode, token in machine.read(path), len(told)), (0, stays, int(stays)),
                        f"{os.path.basename(path)}, {policy!r}: the token {'stays, and that is told' if stays else 'goes'}")


with Tap() as tap:
    a_token_fares_as_static_addresses_do(tap)
