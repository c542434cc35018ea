#!/bin/bash
# Verification tells what is in force and what is not (agent/network/verify.c, verify-network.c, verify-identity.c,
# system-bus.c).
. "$(dirname "$0")/rig.sh"

A=aaaaaaaa-0000-4000-8000-00000000000

row() { # row RESULT WHAT FOUND NAME: extended regular expressions
  like "$OUTPUT" "check $1: $2: expected [^,]*, found $3" "$4"
}

printf '[main]\nno-auto-default=*\n' >/etc/NetworkManager/conf.d/no-auto-default.conf
live --verify
row skipped NetworkManager "not running" "no profiles and no NetworkManager: nothing to verify"
row skipped "machine-id of the system bus" "not running" "no bus: skipped"
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
sed -i 's/^method=link-local/address1=2001:db8::10\/64\nmethod=manual/' "$PROFILES/a.nmconnection"
live --verify
is "$?" 1 "profiles and no NetworkManager: not verified"
row failed NetworkManager "not running" "and it says so"

bus_start
manager_start
wait_until 60 device_reaches veth0 100
live --verify
is "$?" 0 "a machine that is right"
row ok "active profile of veth0" ${A}1 "the profile"
row ok "address 192.0.2.10/24 on veth0" 192.0.2.10/24 "the IPv4 address"
row ok "address 2001:db8::10/64 on veth0" 2001:db8::10/64 "the IPv6 address, waited for"
row ok "gateway 192.0.2.1 on veth0" "..:..:..:..:..:.." "the gateway"
row ok "host name of the kernel" golden "the kernel's host name"
row ok "machine-id of the system bus" 0123456789abcdef0123456789abcdef "the bus's machine-id"

sed -i "s/${A}1/${A}9/" "$PROFILES/a.nmconnection"
hostname other
echo fedcba9876543210fedcba9876543210 >/etc/machine-id
live --verify
is "$?" 1 "a machine that is not"
row failed "active profile of veth0" ${A}1 "another UUID in the file than in force"
row failed "host name of the kernel" other "another host name in the kernel"
row ok "machine-id of the system bus" fedcba9876543210fedcba9876543210 "the bus reads the id again when it is asked"
sed -i "s/${A}9/${A}1/" "$PROFILES/a.nmconnection"

live --hostname=golden
is "$(hostname)" golden "the kernel takes a name"

ip address delete 192.0.2.10/24 dev veth0
ip neighbour flush dev veth0
lan ip link set lan0 arp off
live --verify
row failed "address 192.0.2.10/24 on veth0" "it is not there" "a lost address"
row failed "gateway 192.0.2.1 on veth0" silent "a silent gateway"
lan ip link set lan0 arp on
ip address add 192.0.2.10/24 dev veth0

# another machine holds the IPv6 address: the kernel finds out
neighbour rude 2001:db8::10/64
ip -6 address delete 2001:db8::10/64 dev veth0
ip -6 address add 2001:db8::10/64 dev veth0
live --verify
row failed "address 2001:db8::10/64 on veth0" "another machine holds it" "a duplicate IPv6 address"

# a profile that should be active
nmcli device disconnect veth0 >/dev/null
live --verify
row skipped "profile of veth0" "disconnected by hand" "a device that was disconnected by hand"

# hostnamed, where the machine has it
if [ -x /usr/lib/systemd/systemd-hostnamed ]; then
  echo golden >/etc/hostname
  mkdir -p /run/systemd # for its varlink socket (257)
  /usr/lib/systemd/systemd-hostnamed >"$WORK/hostnamed.log" 2>&1 &
  wait_until 60 busctl get-property org.freedesktop.hostname1 /org/freedesktop/hostname1 org.freedesktop.hostname1 Hostname
  echo brass >/etc/hostname
  before=$(stat -c %i /etc/hostname)
  live --hostname=brass
  is "$? $OUTPUT" "0 named" "a new name with hostnamed running"
  is "$(busctl get-property org.freedesktop.hostname1 /org/freedesktop/hostname1 org.freedesktop.hostname1 StaticHostname)" \
    's "brass"' "hostnamed has it"
  is "$(stat -c %i /etc/hostname)" "$before" "and did not write the file anew"
  live --verify
  row ok "host name of hostnamed" brass "it is verified"
fi

done_testing
