#!/usr/bin/python3
"""A profile that takes no name servers or no routes from DHCP keeps its own servers, and is named where it loses its default route."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from machine_tree import CLONE_UUID, Machine
from tap import Tap

KEYFILE = "/etc/NetworkManager/system-connections/lan.nmconnection"
IFCFG = "/etc/sysconfig/network-scripts/ifcfg-ens3"
NETPLAN = "/etc/netplan/60-lab.yaml"
NETWORKD = "/etc/systemd/network/lan.network"

# {file: (its text around %s, what refuses name servers, what refuses routes, what takes both)}
FILES = {
    IFCFG: ("DEVICE=ens3\nONBOOT=yes\nBOOTPROTO=static\nIPADDR=10.9.0.10\nPREFIX=24\nGATEWAY=10.9.0.1\nDNS1=10.9.0.53\n%s",
            "PEERDNS=no\n", "PEERROUTES=no\n", "PEERDNS=yes\n"),
    NETPLAN: ("network:\n  version: 2\n  ethernets:\n    ens3:\n      addresses: [10.9.0.10/24]\n%s      routes:\n"
              "        - {to: 0.0.0.0/0, via: 10.9.0.1}\n      nameservers:\n        addresses: [10.9.0.53]\n",
              "      dhcp4-overrides: {use-dns: false}\n", "      dhcp4-overrides:\n        use-routes: no\n", "      dhcp4-overrides: {use-dns: true}\n"),
    NETWORKD: ("[Match]\nName=ens3\n[Network]\nAddress=10.9.0.10/24\nGateway=10.9.0.1\nDNS=10.9.0.53\n%s",
               "[DHCPv4]\nUseDNS=no\n", "[DHCPv4]\nUseRoutes=no\n", "[DHCPv4]\nUseRoutes=no\nUseGateway=yes\n"),
    KEYFILE: ("[connection]\nid=lan\nuuid=7e57aaaa-5a1e-4c0f-9d3b-000000000001\ntype=ethernet\ninterface-name=ens3\n\n[ipv4]\nmethod=manual\n"
              "address1=10.9.0.10/24,10.9.0.1\ndns=10.9.0.53;\n%s", "ignore-auto-dns=true\n", "ignore-auto-routes=true\n", ""),
}


def reset(path, text, policy=""):
    with Machine() as machine:
        machine.add_template(0)
        machine.write(path, text, 0o600)
        machine.write("/etc/reset-identity/policy.ini", policy)
        machine.run("seal")
        machine.become_clone()
        code, applied = machine.json("apply", "--yes")
        lost = [warning for warning in applied["warnings"] if "takes no routes from DHCP" in warning and warning.startswith(path)]
        return code, machine.read(path), lost


with Tap() as tap:
    for path, (text, no_dns, no_routes, takes) in FILES.items():
        code, new, lost = reset(path, text % no_dns)
        tap.ok(code == 0 and "10.9.0.10" not in new and "10.9.0.53" in new and not lost, f"{path}: servers that nothing replaces stay", new, lost)
        code, new, lost = reset(path, text % no_routes)
        tap.ok(code == 0 and "10.9.0.1" not in new.replace("10.9.0.53", "") and len(lost) == 1, f"{path}: a default route that nothing replaces is named", new, lost)
        code, new, lost = reset(path, text % takes)
        tap.ok(code == 0 and ("10.9.0.53" in new) == (path == KEYFILE) and not lost, f"{path}: where both come with the lease nothing is said", new, lost)
        code, new, lost = reset(path, text % no_routes, f"[host web]\nmatch-uuid={CLONE_UUID}\naddress=10.9.0.17/24\ngateway=10.9.0.1\n")
        tap.ok(code == 0 and "10.9.0.17" in new and not lost, f"{path}: nor with an address of the policy", new, lost)
