#!/bin/bash
# The live run brings changed profiles into effect on a running NetworkManager (agent/network/live.c, adapt.c,
# network-memory.c, profile-shape.c, active-list.c, activate-again.c, shadows.c, nm-session.c, verify-network.c).
. "$(dirname "$0")/rig.sh"

A=aaaaaaaa-0000-4000-8000-00000000000
N=bbbbbbbb-0000-4000-8000-00000000000

fresh() { # fresh: no profile, no NetworkManager, both cards bare
  [ -z "${MANAGER_PID:-}" ] || manager_stop
  rm -rf "$PROFILES"/* /run/NetworkManager/system-connections /run/NetworkManager/devices /var/lib/NetworkManager/*
  for nic in veth0 veth1; do
    ip address flush dev "$nic"
    ip link set "$nic" down
  done
}

up() { # up DEVICE...
  manager_start
  for device; do
    wait_until 60 device_reaches "$device" 100 || give_up "$device does not come up"
  done
}

bus_start

# static to static, only the UUID
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
static_profile b veth1 ${A}2 198.51.100.10/24 ""
up veth0 veth1
ip monitor address route >"$WORK/changes" &
monitor=$!
ip address add 192.0.2.66/24 dev veth0
wait_until 5 grep -q 192.0.2.66 "$WORK/changes"
live "$(replace a "$(new_uuid ${N}1)")"
ok $? "a new UUID comes into force"
is "$(active_uuid veth0)" ${N}1 "the profile with the new UUID is active"
kill "$monitor"
is "$(addresses veth0 4)" "192.0.2.10/24 192.0.2.66/24" "with the same address, and the one that somebody added by hand"
is "$(grep -c Deleted "$WORK/changes")" 0 "no address and no route went meanwhile"
ip address delete 192.0.2.66/24 dev veth0
is "$(nmcli -g UUID connection show | sort | grep -c "${A}1")" 0 "the old UUID is gone"
is "$(active_uuid veth1) $(addresses veth1 4)" "${A}2 198.51.100.10/24" "the other NIC is as it was"
is "$(head -n 1 $PROFILES/a.nmconnection)" "# the site's own comment" "the file is the one that was written"
is "$(ls /run/reset-identity)" "" "nothing is remembered"

# static to static, another address
live "$(replace a "$(new_uuid ${N}2);s/192.0.2.10/192.0.2.20/")"
ok $? "a new address comes into force"
is "$(addresses veth0 4)" 192.0.2.20/24 "and it is the only one"
like "$OUTPUT" "gateway 192.0.2.1 on veth0: expected an answer, found ..:..:" "the gateway was asked"

# the same UUID, another address
live "$(replace a 's/192.0.2.20/192.0.2.30/')"
ok $? "a new address under the same UUID comes into force"
is "$(addresses veth0 4)" 192.0.2.30/24 "and it is the only one"

# static to DHCP and back
dhcp_server lan0 192.0.2.100 192.0.2.150
live "$(replace a "$(new_uuid ${N}3);/^address1=192/d;s/^method=manual/method=auto/")"
ok $? "static to DHCP"
like "$(addresses veth0 4)" '^192\.0\.2\.1[0-9][0-9]/24$' "the address is one of the DHCP server's"
like "$OUTPUT" "gateway 192.0.2.1 on veth0: expected an answer, found ..:..:" "the gateway that DHCP gave was asked"
live "$(replace a "$(new_uuid ${N}4);s/^method=auto/address1=192.0.2.10\/24,192.0.2.1\nmethod=manual/")"
ok $? "DHCP to static"
is "$(addresses veth0 4)" 192.0.2.10/24 "and no address of DHCP is left"
kill "$DHCP_PID"

# IPv6
live "$(replace a "$(new_uuid ${N}5);s/^method=link-local/address1=2001:db8::10\/64,2001:db8::1\nmethod=manual/")"
ok $? "an IPv6 address comes into force"
is "$(addresses veth0 6)" 2001:db8::10/64 "and it is on the NIC"
like "$OUTPUT" "check ok: address 2001:db8::10/64 on veth0" "its duplicate address detection was waited for"
like "$OUTPUT" "check ok: gateway 2001:db8::1 on veth0" "its gateway was asked"

# two cards with a default route each: the first stays the first
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
static_profile b veth1 ${A}2 198.51.100.10/24 198.51.100.1
lan ip address add 198.51.100.1/24 dev lan1
up veth0 veth1
before=$(ip -4 route | sort)
live "$(replace a "$(new_uuid ${N}1)")"
ok $? "one of two cards with a default route changes"
is "$(ip -4 route | sort)" "$before" "every route is as it was, down to its metric"
live "$(replace a "$(new_uuid ${N}2)")" "$(replace b "$(new_uuid ${N}3)")"
ok $? "both change"
is "$(ip -4 route | sort)" "$before" "every route is as it was, down to its metric"
lan ip address delete 198.51.100.1/24 dev lan1

# autoconnect=false
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1 autoconnect=false
up
comes_up a veth0
live "$(replace a "$(new_uuid ${N}1)")"
ok $? "a profile that does not connect by itself is activated again"
is "$(active_uuid veth0)" ${N}1 "it is active"

# inactive profiles stay inactive
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
static_profile spare veth0 ${A}2 192.0.2.66/24 "" autoconnect=false
static_profile apart veth1 ${A}3 198.51.100.10/24 ""
up veth0 veth1
nmcli device disconnect veth1 >/dev/null
live "$(replace a "$(new_uuid ${N}1)")" "$(replace spare "$(new_uuid ${N}2)")" "$(replace apart "$(new_uuid ${N}3)")"
ok $? "active and inactive profiles change together"
is "$(active_uuid veth0)" ${N}1 "the one that was active is"
is "$(nmcli -g UUID connection show --active | grep -c "${N}2")" 0 "the spare one is not"
is "$(active_uuid veth1)" "" "the one that was disconnected by hand is not"

# a shadow in /run
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
up veth0
nmcli connection modify --temporary a ipv4.addresses 192.0.2.99/24
comes_up a veth0
is "$(ls /run/NetworkManager/system-connections | grep -c '^a\.')" 1 "the profile is shadowed in /run"
live "$(replace a "$(new_uuid ${N}1)")"
ok $? "a shadowed profile changes"
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.10/24" "what the file says is in force"
is "$(ls /run/NetworkManager/system-connections | grep -c '^a\.')" 0 "the shadow is gone"
is "$(nmcli -g UUID connection show | grep -c "${A}1")" 0 "there is no second profile"

# "Wired connection 1" holds the NIC
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
sed -i 's/^interface-name=.*//; s/^\[ethernet\]/&\nmac-address=52:54:00:99:99:99/' "$PROFILES/a.nmconnection"
manager_start
has_connection() { [ -n "$(nmcli -g GENERAL.CONNECTION device show veth0)" ]; }
wait_until 60 has_connection
like "$(nmcli -g GENERAL.CONNECTION device show veth0)" "^Wired connection" "a Wired connection holds the NIC"
live "$(replace a "$(new_uuid ${N}1);s/52:54:00:99:99:99/52:54:00:12:34:56/")"
ok $? "the mended profile displaces it"
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.10/24" "and is in force"

# a bridge with two ports, tied by UUID
fresh
profile br0 <<END
[connection]
id=br0
uuid=${A}1
type=bridge
interface-name=br0

[bridge]
stp=false

[ipv4]
address1=192.0.2.10/24,192.0.2.1
method=manual

[ipv6]
method=disabled
END
for n in 0 1; do
  profile port$n <<END
[connection]
id=port$n
uuid=${A}$((n + 2))
type=ethernet
interface-name=veth$n
master=${A}1
slave-type=bridge
END
done
up br0 veth0 veth1
live "$(replace br0 "$(new_uuid ${N}1)")" "$(replace port0 "$(new_uuid ${N}2);s/^master=.*/master=${N}1/")" \
  "$(replace port1 "$(new_uuid ${N}3);s/^master=.*/master=${N}1/")"
ok $? "a bridge and its ports change together"
is "$(active_uuid br0) $(active_uuid veth0) $(active_uuid veth1)" "${N}1 ${N}2 ${N}3" "all three are active"
is "$(addresses br0 4)" 192.0.2.10/24 "the address is on the bridge"
is "$(ls /sys/class/net/br0/brif | paste -sd' ')" "veth0 veth1" "both ports are in the bridge"
# and with another address of the bridge, which begins anew with its ports in it
live "$(sed -E "s/^uuid=.*/uuid=${A}7/;s/192.0.2.10/192.0.2.20/" "$PROFILES/br0.nmconnection" >"$WORK/new-br0"
  printf '%s=%s\n' "$PROFILES/br0.nmconnection" "$WORK/new-br0")" \
  "$(replace port0 "s/^uuid=.*/uuid=${A}8/;s/^master=.*/master=${A}7/")" \
  "$(replace port1 "s/^uuid=.*/uuid=${A}9/;s/^master=.*/master=${A}7/")"
ok $? "a bridge changes its address"
is "$(active_uuid br0) $(active_uuid veth0) $(active_uuid veth1)" "${A}7 ${A}8 ${A}9" "with its ports active"
is "$(addresses br0 4)" 192.0.2.20/24 "and no other address on it"
live "$(sed -E "s/^uuid=.*/uuid=${N}1/;s/192.0.2.20/192.0.2.10/" "$PROFILES/br0.nmconnection" >"$WORK/new-br0"
  printf '%s=%s\n' "$PROFILES/br0.nmconnection" "$WORK/new-br0")" \
  "$(replace port0 "s/^uuid=.*/uuid=${N}2/;s/^master=.*/master=${N}1/")" \
  "$(replace port1 "s/^uuid=.*/uuid=${N}3/;s/^master=.*/master=${N}1/")"
ok $? "and back"
# ports tied by name, only the bridge changes
for n in 0 1; do
  sed -i 's/^master=.*/master=br0/' "$PROFILES/port$n.nmconnection"
done
nmcli connection reload
live "$(replace br0 "$(new_uuid ${N}4)")"
ok $? "only the bridge changes"
is "$(active_uuid br0) $(active_uuid veth0) $(active_uuid veth1)" "${N}4 ${N}2 ${N}3" "its ports came up again with it"

# something that lies over a NIC (a VLAN needs a guest: this kernel may have none)
fresh
ip link delete br0 2>/dev/null
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
profile over <<END
[connection]
id=over
uuid=${A}2
type=macvlan
interface-name=over0

[macvlan]
mode=2
parent=${A}1

[ipv4]
address1=192.0.2.11/24
method=manual

[ipv6]
method=disabled
END
up veth0 over0
live "$(replace a "$(new_uuid ${N}1)")" "$(replace over "$(new_uuid ${N}2);s/^parent=.*/parent=${N}1/")"
ok $? "a NIC and a MACVLAN over it change together"
is "$(active_uuid veth0) $(active_uuid over0)" "${N}1 ${N}2" "both are active"
is "$(addresses over0 4)" 192.0.2.11/24 "with its address"

# a profile that comes, one that goes
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
up veth0
static_profile b veth1 ${A}2 198.51.100.10/24 ""
mv "$PROFILES/b.nmconnection" "$WORK/b"
nmcli device disconnect veth1 >/dev/null 2>&1
live "$PROFILES/b.nmconnection=$WORK/b"
ok $? "a new profile is loaded"
is "$(nmcli -g UUID connection show | grep -c ${A}2)" 1 "NetworkManager knows it"
live "$PROFILES/b.nmconnection="
ok $? "a profile goes"
is "$(nmcli -g UUID connection show | grep -c ${A}2)" 0 "NetworkManager has forgotten it"
is "$(active_uuid veth0)" ${A}1 "the other one was not touched"

# the file of the active profile was deleted, and NetworkManager not told
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
up veth0
rm "$PROFILES/a.nmconnection"
static_profile b veth0 ${N}1 192.0.2.20/24 192.0.2.1
mv "$PROFILES/b.nmconnection" "$WORK/b"
live "$PROFILES/b.nmconnection=$WORK/b"
ok $? "a profile comes where the active one has no file any more"
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.20/24" "and is in force, with its address alone"
live "$PROFILES/b.nmconnection="
ok $? "an active profile goes, as when it is undone that it was made"
is "$(addresses veth0 4)" "" "and its address with it"

# routing rules: what `ip rule` added stays
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
sed -i 's/^method=manual/&\nrouting-rule1=priority 100 from 192.0.2.10 table 200\nrouting-rule2=priority 101 to 192.0.2.10 table 200/' "$PROFILES/a.nmconnection"
up veth0
marks=$(ip -d rule | grep -c 'lookup 200 .*proto static')
ip rule add priority 50 from 192.0.2.10 table 77
live "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
ok $? "an address with its rules changes"
rules=$(ip rule | grep -oE '192.0.2[^ ]* lookup [0-9]+' | paste -sd,)
if [ "$marks" = 0 ]; then # NetworkManager 1.30 does not say which are its own
  is "$(grep -o '192.0.2.20 lookup 200' <<<"$rules" | wc -l) ${rules%%,*}" "2 192.0.2.10 lookup 77" "its rules are there, and the other one"
else
  is "$rules" "192.0.2.10 lookup 77,192.0.2.20 lookup 200,192.0.2.20 lookup 200" "no rule of the profile that was is left"
fi
ip rule delete priority 50

# another gateway, or another prefix, with the same address
fresh
lan ip address add 192.0.2.254/24 dev lan0
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
up veth0
live "$(replace a "$(new_uuid ${N}1);s/,192.0.2.1\$/,192.0.2.254/")"
ok $? "another gateway"
is "$(ip -4 route show default | grep -o 'via [^ ]*' | paste -sd' ')" "via 192.0.2.254" "is the only one"
live "$(replace a "$(new_uuid ${N}2);s|/24,|/25,|")"
is "$(addresses veth0 4)" 192.0.2.10/25 "another prefix is the only one"

# a profile that was taken down by hand, twice
fresh
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
static_profile b veth1 ${A}2 198.51.100.10/24 ""
up veth0 veth1
nmcli connection down b >/dev/null
for n in 1 3; do
  live "$(replace a "$(new_uuid ${N}$n)")" "$(replace b "$(new_uuid ${N}$((n + 1)))")"
  is "$? $(active_uuid veth0) $(device_state veth1)" "0 ${N}$n 30" "a profile that was taken down by hand stays down"
done

done_testing
