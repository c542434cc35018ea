#!/bin/bash
# When the new network does not work, or somebody gets in the way, everything is as it was before: profiles byte for
# byte, addresses and routes (agent/network/live-back.c, live-note.c, live-files.c, root-file.c, nm-checkpoint.c,
# address-detection.c, nm-configuration.c).
. "$(dirname "$0")/rig.sh"

A=aaaaaaaa-0000-4000-8000-00000000000
N=bbbbbbbb-0000-4000-8000-00000000000
MANAGER=org.freedesktop.NetworkManager
MANAGER_PATH=/org/freedesktop/NetworkManager

fresh() { # fresh [LINE [UUID]]: one static profile, active
  [ -z "${MANAGER_PID:-}" ] || manager_stop KILL
  rm -rf "$PROFILES"/* /run/NetworkManager/system-connections /run/NetworkManager/devices /var/lib/reset-identity/*
  for nic in veth0 veth1; do
    ip address flush dev "$nic"
    ip link set "$nic" down
  done
  printf '[main]\nno-auto-default=*\n' >/etc/NetworkManager/conf.d/no-auto-default.conf
  static_profile a veth0 "${2:-${A}1}" 192.0.2.10/24 192.0.2.1 "${1:-}"
  manager_start
  [ -z "${1:-}" ] || nmcli connection up a >/dev/null
  wait_until 10 device_reaches veth0 100 || give_up "veth0 does not come up"
  wait_until 5 has_no_tentative_address
  remember
}

has_no_tentative_address() {
  [ -z "$(ip -6 address show dev veth0 tentative)" ]
}

checkpoint() { # checkpoint METHOD SIGNATURE ARGUMENT...
  busctl call $MANAGER $MANAGER_PATH $MANAGER "$@"
}

no_leftovers() {
  is "$(ls /var/lib/reset-identity 2>/dev/null)" "" "no note is left"
  is "$(busctl get-property $MANAGER $MANAGER_PATH $MANAGER Checkpoints)" "ao 0" "no checkpoint is left"
  is "$(drop_ins)" "" "no drop-in is left"
}

stopped() { # the driver has stopped itself
  grep -q '^State:.T' "/proc/$RUN/status"
}

in_background() { # in_background ARGUMENT...: the driver, stopped where --stop-at says
  "$DRIVER" "$@" >"$WORK/driver.out" 2>&1 &
  RUN=$!
  wait_until 20 stopped || give_up "the driver does not stop: $(cat "$WORK/driver.out")"
}

go_on() { # its exit status; output in $OUTPUT
  kill -CONT "$RUN"
  wait "$RUN"
  local status=$?
  OUTPUT=$(cat "$WORK/driver.out")
  return $status
}

fails() { # fails NAME: the last command has failed, with status 1
  local status=$?
  is "$status" 1 "$1"
}

bus_start

# the gateway is dead
fresh
live "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/;s/,192.0.2.1$/,192.0.2.254/")"
fails "a dead gateway fails the run"
like "$OUTPUT" "gateway 192.0.2.254 on veth0: expected an answer, found silent" "and is named"
back_to_old "everything is as it was"
is "$(active_uuid veth0)" ${A}1 "the old profile is active"
no_leftovers

# a gateway that was silent before is no reason
fresh
lan ip link set lan0 arp off
live "$(replace a "$(new_uuid ${N}1)")"
ok $? "a gateway that was silent before the change does not fail it"
like "$OUTPUT" "silent, as it was before the change" "and it is said"
lan ip link set lan0 arp on

# a profile that cannot come up: no DHCP server
fresh
live "$(replace a "$(new_uuid ${N}1);/^address1=192/d;s/^method=manual/method=auto\ndhcp-timeout=3\nmay-fail=false/")"
fails "no DHCP server fails the run"
like "$OUTPUT" "a does not come up on veth0: .*(ip-config|dhcp)" "with NetworkManager's reason"
back_to_old "everything is as it was"

# no DHCP server, and NetworkManager content with an IPv6 link-local address: nobody could reach the machine any more
fresh
live "$(replace a "$(new_uuid ${N}1);/^address1=192/d;s/^method=manual/method=auto/")"
fails "no DHCP server and a device that is active all the same fails the run"
like "$OUTPUT" "address by DHCP on veth0: expected one, found none" "and it is said"
back_to_old "everything is as it was"

# NetworkManager's own look for an address is left out, where there is one, for an address that the card has
looks() { # NetworkManager looks by default
  [ "$(printf '%s\n' 1.43 "$(NetworkManager --version)" | sort -V | head -n 1)" = 1.43 ]
}
fresh
in_background --stop-at=activating "$(replace a "$(new_uuid ${N}1)")"
expected=
! looks || expected=$'match-device=interface-name:=veth0,\nipv4.dad-timeout=0'
is "$(cat /run/NetworkManager/conf.d/* 2>/dev/null | grep =)" "$expected" "while a profile that keeps its address comes up: its card only"
go_on
ok $? "the run succeeds"
no_leftovers
fresh
in_background --stop-at=activating \
  "$(replace a "$(new_uuid ${N}1);/^address1=192/d;s/^method=manual/method=auto\ndhcp-timeout=3\nmay-fail=false/")"
is "$(drop_ins)" "" "a lease is looked for"
go_on
fails "there is no lease"
no_leftovers
fresh
in_background --stop-at=activating "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
is "$(drop_ins)" "" "another address is looked for"
go_on
ok $? "and comes into force"
no_leftovers

# a profile that NetworkManager refuses
fresh
live "$(replace a "$(new_uuid ${N}1);s/^type=.*/type=nonsense/")"
fails "a profile that NetworkManager refuses fails the run"
like "$OUTPUT" "NetworkManager refuses .*a.nmconnection" "and is named"
back_to_old "everything is as it was"

# a UUID in capitals, which NetworkManager knows in small letters
CAPITALS=$(tr a-f A-F <<<${A}1)
fresh "" "$CAPITALS"
diag "NetworkManager $(NetworkManager --version) has $(active_uuid veth0)"
live "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/;s/,192.0.2.1$/,192.0.2.254/")"
fails "a UUID in capitals and a dead gateway"
like "$(tail -n 1 <<<"$OUTPUT")" "rolled back" "is taken back"
back_to_old "everything is as it was"
is "$(active_uuid veth0 | tr A-F a-f)" ${A}1 "and active"
no_leftovers
fresh "" "$CAPITALS"
live "$(replace a "$(new_uuid ${N}1)")"
ok $? "a UUID in capitals is replaced"
is "$(active_uuid veth0)" ${N}1 "by the new one"

# the same with a profile that does not connect by itself, and one that is shadowed
fresh autoconnect=false
live "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/;s/,192.0.2.1$/,192.0.2.254/")"
fails "autoconnect=false and a dead gateway"
back_to_old "everything is as it was, and up"
fresh
nmcli connection modify --temporary a ipv4.addresses 192.0.2.99/24
nmcli connection up a >/dev/null
wait_until 5 has_no_tentative_address
remember
shadow=$(cat /run/NetworkManager/system-connections/a.nmconnection)
live "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/;s/,192.0.2.1$/,192.0.2.254/")"
fails "a shadowed profile and a dead gateway"
back_to_old "everything is as it was"
is "$(grep -v timestamp /run/NetworkManager/system-connections/a.nmconnection)" "$(grep -v timestamp <<<"$shadow")" \
  "the shadow is there again"

# another checkpoint
fresh
checkpoint CheckpointCreate aouu 0 600 0 >/dev/null
live "$(replace a "$(new_uuid ${N}1)")"
fails "a checkpoint that another holds fails the run"
like "$OUTPUT" "NetworkManager makes no checkpoint: .*let it finish" "and the message says what to do"
back_to_old "nothing was changed"
is "$(ls /var/lib/reset-identity 2>/dev/null)" "" "no note is left"

# the bus does not let us
fresh
sed -i "s#</policy>#<deny send_interface='$MANAGER' send_member='ActivateConnection'/>&#" "$WORK/bus.conf"
kill -HUP "$BUS_PID"
wait_until 5 bash -c "! busctl call $MANAGER $MANAGER_PATH $MANAGER ActivateConnection ooo / / / 2>&1 | grep -q 'is not'"
live "$(replace a "$(new_uuid ${N}1)")"
status=$?
sed -i "s#<deny[^>]*ActivateConnection[^>]*>##" "$WORK/bus.conf"
kill -HUP "$BUS_PID"
# NetworkManager may have brought a profile that connects by itself up before it was asked: both ends are good.
if [ "$status" = 0 ]; then
  is "$(active_uuid veth0)" ${N}1 "a denied activation: the new state"
else
  back_to_old "a denied activation: everything is as it was"
fi

# NetworkManager is killed half-way, and started again as systemd would
fresh
in_background --stop-at=loaded "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
manager_stop KILL
manager_start
go_on
status=$?
if [ "$status" = 0 ]; then
  is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.20/24" "NetworkManager killed and restarted: the new state"
else
  back_to_old "NetworkManager killed and restarted: everything is as it was"
fi
no_leftovers
fresh
in_background --stop-at=written "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
manager_stop KILL
kill -CONT "$RUN"
wait_until 5 grep -q "waiting for NetworkManager" "$WORK/driver.out"
manager_start
wait "$RUN"
OUTPUT=$(cat "$WORK/driver.out")
like "$OUTPUT" "rolled back|done" "NetworkManager killed before the load, and started meanwhile: the run ends"
back_to_old "everything is as it was"
no_leftovers

# NetworkManager is gone for good
fresh
in_background --stop-at=written "$(replace a "$(new_uuid ${N}1)")"
manager_stop KILL
go_on
fails "NetworkManager gone half-way fails the run"
like "$OUTPUT" "NetworkManager does not run any more.*systemctl start NetworkManager" "and the message says what to do"
is "$(diff -r "$WORK/before" "$PROFILES")" "" "the files are as they were"
manager_start
wait_until 10 device_reaches veth0 100
is "$(active_uuid veth0)" ${A}1 "NetworkManager comes up with the old profile"

# NetworkManager is not there from the start; no bus
manager_stop
live "$(replace a "$(new_uuid ${N}1)")"
is "$? $OUTPUT" "3 no NetworkManager: it does not run" "a stopped NetworkManager is told apart"
kill "$BUS_PID"
wait "$BUS_PID" 2>/dev/null
rm -f /run/dbus/system_bus_socket
live "$(replace a "$(new_uuid ${N}1)")"
is "$? $OUTPUT" "3 no NetworkManager: no bus" "no bus is told apart"
bus_start

# the bus goes away half-way
unset MANAGER_PID
fresh
in_background --stop-at=written "$(replace a "$(new_uuid ${N}1)")"
kill "$BUS_PID"
wait "$BUS_PID" 2>/dev/null
go_on
fails "the bus gone half-way fails the run"
is "$(diff -r "$WORK/before" "$PROFILES")" "" "the files are as they were"
rm -f /run/dbus/system_bus_socket
manager_stop KILL
unset MANAGER_PID
bus_start

# we are killed: NetworkManager goes back by itself, the next run mends what it wrote
for point in prepared written activating loaded; do
  fresh autoconnect=false
  live --die-at=$point "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
  is "$?" 137 "killed when $point"
  path=$(busctl get-property $MANAGER $MANAGER_PATH $MANAGER Checkpoints | cut -d'"' -f2)
  checkpoint CheckpointAdjustRollbackTimeout ou "$path" 1 >/dev/null
  wait_until 10 bash -c "busctl get-property $MANAGER $MANAGER_PATH $MANAGER Checkpoints | grep -qx 'ao 0'"
  wait_until 10 device_reaches veth0 100
  is "$(addresses veth0 4)" 192.0.2.10/24 "NetworkManager went back to the old address by itself"
  live --recover
  is "$? $(tail -n 1 <<<"$OUTPUT")" "0 recovered" "the next run recovers"
  is "$(ls "$PROFILES")" a.nmconnection "what NetworkManager wrote is gone"
  is "$(active_uuid veth0)" "$(sed -n 's/^uuid=//p' "$PROFILES/a.nmconnection")" "what the file says is active"
  is "$(addresses veth0 4)" "$(sed -n 's/^address1=\([^,]*\).*/\1/p' "$PROFILES/a.nmconnection")" "with its address"
  no_leftovers
  live --recover
  is "$? $(tail -n 1 <<<"$OUTPUT")" "0 nothing to recover" "once"
done

# we are killed while NetworkManager's look is left out
fresh
live --die-at=activating "$(replace a "$(new_uuid ${N}1)")"
is "$?" 137 "killed while the address is kept"
live --recover
ok $? "the next run recovers"
is "$(active_uuid veth0)" ${N}1 "what the file says is active"
no_leftovers

# we are killed, and the next run comes before NetworkManager goes back
fresh
live --die-at=loaded "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
live --recover
ok $? "the next run comes at once"
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.20/24" "what the files say is in force"
no_leftovers

# we are killed, and the machine reboots
fresh
live --die-at=loaded "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
path=$(busctl get-property $MANAGER $MANAGER_PATH $MANAGER Checkpoints | cut -d'"' -f2)
checkpoint CheckpointAdjustRollbackTimeout ou "$path" 1 >/dev/null
wait_until 10 test -e "$PROFILES/a-${A}1.nmconnection"
manager_stop
rm -rf /run/NetworkManager/*
for nic in veth0 veth1; do
  ip address flush dev "$nic"
  ip link set "$nic" down
done
live --recover
is "$? $(tail -n 1 <<<"$OUTPUT")" "0 recovered" "at the next boot NetworkManager does not run yet"
is "$(ls "$PROFILES")" a.nmconnection "what NetworkManager wrote is gone"
manager_start
wait_until 10 device_reaches veth0 100
is "$(active_uuid veth0)" ${N}1 "NetworkManager starts with the new profile"

done_testing
