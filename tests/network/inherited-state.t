#!/bin/bash
# A NetworkManager that has ended, as the one of an initramfs, leaves cards up and state in /run: the next one starts with
# the new profiles all the same (agent/network/inherited-state.c, link.c).
. "$(dirname "$0")/rig.sh"

A=aaaaaaaa-0000-4000-8000-00000000000
N=bbbbbbbb-0000-4000-8000-00000000000

printf '[main]\nno-auto-default=*\n' >/etc/NetworkManager/conf.d/no-auto-default.conf
bus_start
static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
static_profile b veth1 ${A}2 198.51.100.10/24 ""
manager_start
wait_until 60 device_reaches veth0 100
wait_until 60 device_reaches veth1 100
manager_stop
is "$(addresses veth0 4) $(addresses veth1 4)" "192.0.2.10/24 198.51.100.10/24" "the cards stay up with their addresses"

live --inherit "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
is "$? $OUTPUT" "0 adapted" "what was left is adapted"
is "$(addresses veth0 4)" "" "the old address is off the card"
is "$(addresses veth1 4)" 198.51.100.10/24 "the other card is as it was"
manager_start
wait_until 60 device_reaches veth0 100
wait_until 60 device_reaches veth1 100
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.20/24" "NetworkManager starts with the new profile, alone"
is "$(active_uuid veth1)" ${A}2 "and with the old one on the other card"

# only the UUID: the address never goes
manager_stop
ip monitor address dev veth0 >"$WORK/changes" &
monitor=$!
live --inherit "$(replace a "$(new_uuid ${N}2)")"
manager_start
wait_until 60 device_reaches veth0 100
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}2 192.0.2.20/24" "a new UUID alone"
kill "$monitor"
is "$(grep -c 'Deleted.*192.0.2.20' "$WORK/changes")" 0 "the address was there all the time"

manager_stop
rm -rf /run/NetworkManager/devices
live --inherit "$(replace a "$(new_uuid ${N}3)")"
is "$? $OUTPUT" "0 nothing left" "nothing was left: nothing to adapt"

# A boot: what NetworkManager will begin with, and cannot before we have ended.
rm -rf /run/NetworkManager/system-connections
live --inherit --waits "$(replace a "$(new_uuid ${N}4)")"
is "$? $OUTPUT" "0 nothing remembered" "NetworkManager has not run and waits: nothing is remembered"
install -d /run/NetworkManager/system-connections
live --inherit --waits "$(replace a "$(new_uuid ${N}5)")"
is "$? $OUTPUT" "0 nothing left" "where profiles in /run may hide others, they are"
rm -rf /run/NetworkManager/system-connections
manager_start
wait_until 60 device_reaches veth0 100
live --inherit --waits "$(replace a "$(new_uuid ${N}6)")"
is "$? $OUTPUT" "0 adapted" "one that runs although it should wait is remembered"
manager_stop
live --inherit --waits "$(replace a "$(new_uuid ${N}7)")"
is "$? $OUTPUT" "0 adapted" "and one that has run"

done_testing
