#!/bin/bash
# Isolation keeps every card off the wire, whatever /etc says, until it is lifted (agent/network/isolation.c).
. "$(dirname "$0")/rig.sh"

DROP_IN=/run/NetworkManager/conf.d/99-reset-identity-isolate.conf
A=aaaaaaaa-0000-4000-8000-00000000000
N=bbbbbbbb-0000-4000-8000-00000000000

frames() { # how many frames the neighbours have seen from the machine
  lan cat /sys/class/net/lan0/statistics/rx_packets
}

# NetworkManager has looked at every device once it says that it is done with starting
has_started() {
  [ "$(nmcli -t -f STARTUP general)" = started ]
}

try() { # try NAME: NetworkManager starts in isolation and leaves the card alone
  manager_start
  wait_until 60 has_started
  is "$(device_state veth0) $(device_state veth1)" "10 10" "$1: the cards are unmanaged"
  is "$(ip -br link show veth0 | awk '{print $2}')" DOWN "$1: and down"
  is "$(frames)" 0 "$1: not one frame was sent"
  manager_stop
  rm -rf /etc/NetworkManager/conf.d/* /run/NetworkManager/devices
}

bus_start
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
isolated() { # isolated NAME
  live --isolate="the policy is broken"
  is "$? $OUTPUT" "0 isolated" "$1: isolation is set"
}

isolated "plain"
like "$(cat $DROP_IN)" "Why: the policy is broken" "the drop-in says why"
try "plain"
printf '[keyfile]\nunmanaged-devices=none\n' >/etc/NetworkManager/conf.d/z.conf
isolated "/etc overrides unmanaged-devices"
try "/etc overrides unmanaged-devices"
printf '[device-z]\nmatch-device=interface-name:veth0\nmanaged=1\n' >/etc/NetworkManager/conf.d/z.conf
isolated "/etc overrides managed"
try "/etc overrides managed"
live --lift
is "$? $OUTPUT" "0 lifted" "lifting"
is "$(ls $DROP_IN 2>/dev/null)" "" "removes the drop-in"
live --lift
is "$? $OUTPUT" "0 was not set" "lifting twice is no error"

# lifted while NetworkManager runs
live --isolate="again"
manager_start
wait_until 60 has_started
is "$(device_state veth0)" 10 "isolated again"
live --lift
is "$? $OUTPUT" "0 lifted" "lifting with NetworkManager running"
wait_until 60 device_reaches veth0 100
is "$(active_uuid veth0)" ${A}1 "NetworkManager takes the card back"

# set while it runs
live --isolate="late"
is "$? $OUTPUT" "0 isolated" "setting with NetworkManager running"
wait_until 60 device_reaches veth0 10
is "$(device_state veth0)" 10 "the card is let go"

# PID 1 is systemd, and does not say whether NetworkManager runs, which has to be restarted to take the cards back
printf '[keyfile]\nunmanaged-devices=none\n' >/etc/NetworkManager/conf.d/z.conf
isolated "and once more"
mkdir -p /run/systemd/system /run/systemd/units
ln -s 1 /run/systemd/units/invocation:dbus.service
ln -s 1 /run/systemd/units/invocation:NetworkManager.service
touch /run/rig-units/mute
live --lift
like "$? $OUTPUT" "^1 .*try-restart NetworkManager.service: " "a restart that is due is asked for, and does not count as none"
rm /run/rig-units/mute
live --lift
is "$? $OUTPUT" "0 lifted" "the next one asks again"
wait_until 60 device_reaches veth0 100
is "$(device_state veth0)" 100 "and NetworkManager takes the card back"
live --lift
is "$? $OUTPUT" "0 was not set" "then nothing is left to lift"

# killed between the file that goes and NetworkManager, which is to know
rm -r /run/systemd/system /run/systemd/units /etc/NetworkManager/conf.d/z.conf
isolated "before a lift that is killed"
wait_until 60 device_reaches veth0 10
"$DRIVER" --lift --die-at=connect
is "$(ls $DROP_IN 2>/dev/null) $(device_state veth0)" " 10" "killed: the drop-in has gone, and the card is down"
live --lift
is "$? $OUTPUT" "0 lifted" "killed: the next one has it to lift"
wait_until 60 device_reaches veth0 100
is "$(device_state veth0)" 100 "killed: and NetworkManager takes the card back"

done_testing
