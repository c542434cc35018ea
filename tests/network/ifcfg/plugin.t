#!/bin/bash
# ifcfg files under the real NetworkManager with its plugin for them: a clone comes up with its own address, a machine that
# runs changes it and goes back.
. "$(dirname "$0")/../rig.sh"

SCRIPTS=/etc/sysconfig/network-scripts
A=aaaaaaaa-0000-4000-8000-00000000000

# The machine's own NetworkManager makes room for the one with the plugin, which lies where RHEL has it.
plugin() {
  rig_private_copy /usr/lib64
  mkdir -p /usr/lib64/NetworkManager/ifcfg
  cp "$IFCFG_MANAGER"/*.so /usr/lib64/NetworkManager/ifcfg/
  mount --bind "$IFCFG_MANAGER/NetworkManager" /usr/sbin/NetworkManager
  sed -i 's/^plugins=.*/plugins=ifcfg-rh,keyfile/' /etc/NetworkManager/NetworkManager.conf
}

ifcfg() { # ifcfg NAME: stdin becomes a file of the scripts
  install -m 644 /dev/stdin "$SCRIPTS/ifcfg-$1"
}

# The template, sealed, with the address .10; then its disk is in another machine.
fresh() {
  [ -z "${MANAGER_PID:-}" ] || manager_stop KILL
  unset MANAGER_PID
  rm -rf "$PROFILES"/* /etc/sysconfig /run/NetworkManager/system-connections /run/NetworkManager/devices \
    /var/lib/reset-identity /var/lib/NetworkManager/* /run/reset-identity /etc/reset-identity
  mkdir -p "$SCRIPTS"
  for nic in veth0 veth1; do
    ip address flush dev "$nic"
    ip link set "$nic" down
  done
  echo golden >/etc/hostname
  hostname golden
  echo 0123456789abcdef0123456789abcdef >/etc/machine-id
  printf '[main]\nno-auto-default=*\n' >/etc/NetworkManager/conf.d/no-auto-default.conf
  ifcfg lan <<END
# of the installer
TYPE=Ethernet
DEVICE="veth0"
UUID="${A}1"   # drawn once
ONBOOT=yes
BOOTPROTO='none'
IPADDR=192.0.2.10
NETMASK=255.255.255.0
GATEWAY=192.0.2.1
IPV6INIT=yes
IPV6_AUTOCONF=no
IPV6ADDR=2001:db8::10/64
END
  # Without a UUID of its own.
  ifcfg veth1 <<END
DEVICE=veth1
BOOTPROTO=none
IPADDR0=198.51.100.10
PREFIX0=24
END
  hardware $TEMPLATE_UUID
  run seal || give_up "$OUTPUT"
  hardware $CLONE_UUID
}

comes_up() {
  manager_start
  wait_until 60 device_reaches veth0 100 || give_up "veth0 does not come up"
  wait_until 60 device_reaches veth1 100 || give_up "veth1 does not come up"
  wait_until 60 settled
}

settled() { # no address is tentative
  [ -z "$(ip -6 address show tentative)" ]
}

good_policy() { # good_policy [GATEWAY]
  policy <<END
[identity]
hostname = clone-1
[host clone-1]
match-uuid = $CLONE_UUID
address = 192.0.2.20/24, 2001:db8::20/64
gateway = ${1:-192.0.2.1}
[network veth1]
method = keep
END
}

key() { # key NAME KEY: as a shell reads it
  (. "$SCRIPTS/ifcfg-$1" && printf '%s\n' "${!2}")
}

in_force() { # in_force NAME: what the files say is active
  is "$(active_uuid veth0) $(active_uuid veth1)" "$(key lan UUID) $(key veth1 UUID)" "$1: what the files say is active"
  is "$(ls "$SCRIPTS" | paste -sd' ')" "ifcfg-lan ifcfg-veth1" "$1: no further file"
}

capture_start() {
  lan tcpdump -l -n -i lan0 >"$WORK/frames" 2>"$WORK/capture.log" &
  CAPTURE_PID=$!
  wait_until 10 grep -q listening "$WORK/capture.log"
}

capture_stop() { # the frames are in $FRAMES
  kill "$CAPTURE_PID"
  wait "$CAPTURE_PID"
  FRAMES=$(cat "$WORK/frames")
}

plugin
bus_start

# the template as it is
fresh
comes_up
is "$(nmcli -g NAME,FILENAME connection show | grep "$SCRIPTS" | sort | paste -sd' ')" \
  "System lan:$SCRIPTS/ifcfg-lan System veth1:$SCRIPTS/ifcfg-veth1" "NetworkManager has the files by its plugin"
is "$(addresses veth0 4) $(addresses veth0 6)" "192.0.2.10/24 2001:db8::10/64" "the template has its addresses"
MADE=$(active_uuid veth1)
good_policy
run --json plan
like "$OUTPUT" "$MADE" "the UUID that NetworkManager makes of a file's name is known"

# every file of the corpus: who has no UUID has the one that NetworkManager makes, and what is edited it still takes
loaded() { # FILE UUID of each file that NetworkManager takes
  nmcli -t -f FILENAME,UUID connection show | grep "^$SCRIPTS" | sed 's/\\:/:/g; s/:\([^:]*\)$/ \1/' | sort
}
known() { # FILE UUID of each that the plan says
  "$PROGRAM" --hardware="$WORK/hardware" --json plan 2>"$WORK/trouble" </dev/null |
    python3 -c 'import json, sys
for choice in json.load(sys.stdin)["choices"]:
    if choice["name"].startswith("connection-uuid /etc/sysconfig"):
        print(choice["name"].split(" ", 1)[1], choice["old"])' | sort
}
fresh
cp "$RIG_DIRECTORY"/../corpus/ifcfg/* "$SCRIPTS"
rm "$SCRIPTS/network" "$SCRIPTS"/*-refused-*
manager_start
loaded >"$WORK/loaded"
known >"$WORK/known"
is "$([ "$(wc -l <"$WORK/loaded")" -ge 40 ] && echo many)" many "NetworkManager takes the files of the corpus"
is "$(comm -23 "$WORK/loaded" "$WORK/known")" "" "and has each under the UUID that the plan knows"
manager_stop
run apply --yes
is "$?" 0 "they are made a clone's"
manager_start
loaded >"$WORK/loaded-now"
is "$(cut -d' ' -f1 "$WORK/loaded-now")" "$(cut -d' ' -f1 "$WORK/loaded")" "NetworkManager takes all of them still"
is "$(comm -12 "$WORK/loaded" "$WORK/loaded-now")" "" "each under another UUID"

# a clone's boot: the reset first, then NetworkManager
fresh
good_policy
capture_start
run apply --yes
is "$?" 0 "a clone's files are changed before NetworkManager starts"
comes_up
ping -c1 -w5 192.0.2.1 >/dev/null
capture_stop
is "$(addresses veth0 4) $(addresses veth0 6)" "192.0.2.20/24 2001:db8::20/64" "a clone comes up with its own addresses"
unlike "$FRAMES" "192\.0\.2\.10[^0-9]|2001:db8::10[^0-9]" "and no frame has the template's"
like "$FRAMES" "192\.0\.2\.20" "the capture sees frames"
in_force "a clone's boot"
is "$([ "$(key lan UUID)" != ${A}1 ] && [ "$(key veth1 UUID)" != "$MADE" ] && echo new)" new \
  "with new UUIDs, one for the file that had none"
run verify --wait=10
is "$?" 0 "verify agrees"

# a clone that asks for an address
fresh
dhcp_server lan0 192.0.2.100 192.0.2.150
policy <<END
[network veth1]
method = keep
END
capture_start
run apply --yes
is "$?" 0 "a clone that the policy does not name is changed"
comes_up
capture_stop
like "$(addresses veth0 4)" '^192\.0\.2\.1[0-9][0-9]/24$' "it asks for an address and gets it"
unlike "$FRAMES" "192\.0\.2\.10[^0-9]|2001:db8::10[^0-9]" "and no frame has the template's"
kill "$DHCP_PID"

# a machine that runs, and its way back
fresh
good_policy
comes_up
cp -a "$SCRIPTS" "$WORK/scripts-before"
run apply --yes
is "$?" 0 "apply on a running machine"
is "$(addresses veth0 4) $(addresses veth0 6)" "192.0.2.20/24 2001:db8::20/64" "the policy's addresses are in force"
is "$(addresses veth1 4)" 198.51.100.10/24 "the other NIC keeps its address"
in_force "apply"
is "$(hostname)" clone-1 "with the new name"
run verify --wait=10 -v
is "$?" 0 "verify agrees"
like "$OUTPUT" "192\.0\.2\.20" "having looked at the address"
run undo --yes
is "$?" 0 "undo on a running machine"
is "$(addresses veth0 4) $(addresses veth0 6)" "192.0.2.10/24 2001:db8::10/64" "the old addresses are in force again"
is "$(active_uuid veth0) $(active_uuid veth1)" "${A}1 $MADE" "and the old UUIDs, the made one too"
is "$(diff -r "$WORK/scripts-before" "$SCRIPTS")" "" "every byte is back"

# another identity, the same network: nothing goes
fresh
policy <<END
[network]
method = keep
END
comes_up
ip monitor address route >"$WORK/events" &
MONITOR_PID=$!
run apply --yes
is "$?" 0 "apply of another identity alone"
kill "$MONITOR_PID"
is "$(grep '^Deleted' "$WORK/events" | grep -vE 'fe80|ff00')" "" "no address and no route goes meanwhile"
in_force "another identity"

# a gateway that is silent
fresh
good_policy 192.0.2.254
comes_up
remember
run apply --yes
is "$?" 1 "a policy with a dead gateway fails"
like "$OUTPUT" "gateway 192.0.2.254 on veth0" "and is named"
back_to_old "a dead gateway: everything is as it was"
is "$(active_uuid veth0) $(active_uuid veth1)" "${A}1 $MADE" "a dead gateway: the old UUIDs are active"

# beside a keyfile
fresh
rm "$SCRIPTS/ifcfg-veth1"
static_profile b veth1 ${A}2 198.51.100.10/24 ""
good_policy
comes_up
run apply --yes
is "$?" 0 "apply with a keyfile beside the ifcfg file"
is "$(addresses veth0 4) $(addresses veth1 4)" "192.0.2.20/24 198.51.100.10/24" "both have what their files say"
is "$(active_uuid veth0) $(active_uuid veth1)" "$(key lan UUID) $(sed -n 's/^uuid=//p' "$PROFILES/b.nmconnection")" \
  "and are active under their new UUIDs"

# a bridge in a keyfile, its port in an ifcfg file that is not edited
fresh
ifcfg veth1 <<END
TYPE=Ethernet
DEVICE=veth1
UUID=${A}2
ONBOOT=yes
BRIDGE_UUID=${A}9
END
install -m 600 /dev/stdin "$PROFILES/lanbr.nmconnection" <<END
[connection]
id=lanbr
uuid=${A}9
type=bridge
interface-name=lanbr

[bridge]
stp=false

[ipv4]
method=manual
address1=198.51.100.10/24

[ipv6]
method=disabled
END
rm "$SCRIPTS/ifcfg-lan"
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
hardware $TEMPLATE_UUID
run seal || give_up "$OUTPUT"
hardware $CLONE_UUID
good_policy
policy <<END
$(cat /etc/reset-identity/policy.ini)
[network lanbr]
method = keep
[steps]
nm-ifcfg = off
END
run apply --yes
is "$?" 0 "a clone is reset without the step of its ifcfg files"
comes_up
is "$(active_uuid veth1) $(active_uuid lanbr)" "${A}2 ${A}9" "the port and the bridge that it names keep their UUIDs"
is "$(basename "$(readlink /sys/class/net/veth1/master)")" lanbr "the port is in its bridge"
unlike "$(active_uuid veth0)" "^${A}1\$" "another profile has a new UUID"
is "$(addresses veth0 4) $(addresses lanbr 4)" "192.0.2.20/24 198.51.100.10/24" "and the policy's address"

done_testing
