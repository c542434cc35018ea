#!/bin/bash
# When the new network does not work, or somebody gets in the way, everything is as it was before: profiles byte for
# byte, addresses and routes (agent/network/live.c, manager-unit.c, activate-again.c, shadows.c, network-memory.c,
# root-file.c, nm-configuration.c).
. "$(dirname "$0")/rig.sh"

A=aaaaaaaa-0000-4000-8000-00000000000
N=bbbbbbbb-0000-4000-8000-00000000000

fresh() { # fresh [LINE [UUID]]: one static profile, active
  [ -z "${MANAGER_PID:-}" ] || manager_stop KILL
  rm -rf "$PROFILES"/* /run/NetworkManager/system-connections /run/NetworkManager/devices /var/lib/reset-identity/* \
    /run/reset-identity /run/rig-units/timer
  for nic in veth0 veth1; do
    ip address flush dev "$nic"
    ip link set "$nic" down
  done
  printf '[main]\nno-auto-default=*\n' >/etc/NetworkManager/conf.d/no-auto-default.conf
  static_profile a veth0 "${2:-${A}1}" 192.0.2.10/24 192.0.2.1 "${1:-}"
  manager_start
  [ -z "${1:-}" ] || comes_up a veth0
  wait_until 60 device_reaches veth0 100 || give_up "veth0 does not come up"
  wait_until 30 has_no_tentative_address
  remember
}

has_no_tentative_address() {
  [ -z "$(ip -6 address show tentative)" ]
}

no_leftovers() {
  is "$(ls -A /run/reset-identity /run/rig-units/timer 2>/dev/null | grep -v :)" "" "nothing is remembered, no timer is left"
  is "$(drop_ins)" "" "no drop-in is left"
}

stopped() { # the driver has stopped itself
  grep -q '^State:.T' "/proc/$RUN/status"
}

in_background() { # in_background ARGUMENT...: the driver, stopped where --stop-at says
  "$DRIVER" "$@" >"$WORK/driver.out" 2>&1 &
  RUN=$!
  wait_until 60 stopped || give_up "the driver does not stop: $(cat "$WORK/driver.out")"
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

# a standstill while it comes up again, of a snapshot or a frozen container, is no failure
fresh
"$DRIVER" --leap-at=restarting "$(replace a "$(new_uuid ${N}1);/^address1=192/d;s/^method=manual/method=auto\nmay-fail=false/")" \
  >"$WORK/driver.out" 2>&1 &
RUN=$!
wait_until 60 device_reaches veth0 70 # it has asked, and nobody has answered
dhcp_server lan0 192.0.2.100 192.0.2.150
go_on
ok $? "an hour that passes while a profile comes up does not fail the run"
like "$(active_uuid veth0) $(addresses veth0 4)" "^${N}1 192\.0\.2\.1" "and it is active"
kill "$DHCP_PID"

# a profile that cannot come up: no DHCP server
fresh
live "$(replace a "$(new_uuid ${N}1);/^address1=192/d;s/^method=manual/method=auto\ndhcp-timeout=3\nmay-fail=false/")"
fails "no DHCP server fails the run"
like "$OUTPUT" "a does not come up on veth0: .*(ip-config|dhcp)" "with NetworkManager's reason"
like "$OUTPUT" 'see "method" and "address" in the policy' "and what to do"
back_to_old "everything is as it was"

# no DHCP server, and NetworkManager content with an IPv6 link-local address: nobody could reach the machine any more
fresh
live "$(replace a "$(new_uuid ${N}1);/^address1=192/d;s/^method=manual/method=auto/")"
fails "no DHCP server and a device that is active all the same fails the run"
like "$OUTPUT" "address by DHCP on veth0: expected one, found none" "and it is said"
back_to_old "everything is as it was"

# a profile that NetworkManager refuses
fresh
live "$(replace a "$(new_uuid ${N}1);s/^type=.*/type=nonsense/")"
fails "a profile that NetworkManager refuses fails the run"
like "$OUTPUT" "a does not come up on veth0" "and is named"
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
comes_up a veth0
wait_until 30 has_no_tentative_address
remember
shadow=$(cat /run/NetworkManager/system-connections/a.nmconnection)
live "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/;s/,192.0.2.1$/,192.0.2.254/")"
fails "a shadowed profile and a dead gateway"
back_to_old "everything is as it was"
is "$(grep -v timestamp /run/NetworkManager/system-connections/a.nmconnection)" "$(grep -v timestamp <<<"$shadow")" \
  "the shadow is there again"

# a NIC has taken a profile that was not there before; the one that it had is up on the other one too
fresh
# Metrics are given: those that NetworkManager chooses depend on when it let go of the ones before.
sed -i "/^interface-name=/d;s/^type=.*/&\nmulti-connect=3/;s/^\(address1=[^,]*\).*/\1\nroute-metric=200/" "$PROFILES/a.nmconnection"
nmcli connection load "$PROFILES/a.nmconnection"
comes_up a veth0
nmcli device connect veth1 >"$WORK/connect.out" || give_up "$(cat "$WORK/connect.out")"
wait_until 30 has_no_tentative_address
remember
static_profile new veth0 ${N}2 192.0.2.20/24 192.0.2.254 autoconnect-priority=10
mv "$PROFILES/new.nmconnection" "$WORK/new"
live "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.11/")" "$PROFILES/new.nmconnection=$WORK/new"
fails "a new profile with a dead gateway"
back_to_old "everything is as it was"

# PID 1 does not restart it
fresh
touch /run/rig-units/fails
live "$(replace a "$(new_uuid ${N}1)")"
fails "a restart that fails fails the run"
like "$OUTPUT" "restart NetworkManager.service: .*Job for" "with the words of systemctl"
rm /run/rig-units/fails
is "$(diff -r "$WORK/before" "$PROFILES")" "" "the files are as they were"

# NetworkManager does not come up with the new files, or hangs
fresh
touch /run/rig-units/crashes
live "$(replace a "$(new_uuid ${N}1)")"
fails "a NetworkManager that crashes as it starts fails the run"
like "$OUTPUT" "rolled back" "the way back starts it again"
is "$(manager_answers && echo running)" running "it runs"
back_to_old "everything is as it was"
no_leftovers
fresh
in_background --stop-at=active "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/;s/,192.0.2.1$/,192.0.2.254/")"
kill -STOP "$(cat /run/rig-units/pid)"
go_on
fails "a NetworkManager that hangs, and a dead gateway"
like "$OUTPUT" "rolled back" "the way back restarts it"
back_to_old "everything is as it was"
no_leftovers

# PID 1 is systemd, and has no time to say anything: that is no NetworkManager that is not a unit
mute() {
  mkdir -p /run/systemd/system /run/systemd/units
  ln -sf 1 /run/systemd/units/invocation:dbus.service
  ln -sf 1 /run/systemd/units/invocation:NetworkManager.service
  touch /run/rig-units/mute
}
unmute() {
  rm -r /run/systemd/system /run/systemd/units /run/rig-units/mute
}
fresh
mute
live "$(replace a "$(new_uuid ${N}1)")"
like "$? $OUTPUT" "^1 systemd does not say whether NetworkManager runs: .*Connection timed out" "a PID 1 that does not answer: refused"
unmute
in_background --stop-at=active "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/;s/,192.0.2.1$/,192.0.2.254/")"
mute
go_on
fails "a dead gateway, and a PID 1 that does not answer any more"
like "$OUTPUT" "not back: systemd does not say whether NetworkManager runs" "that what runs is not as before is said"
unmute

# NetworkManager is killed half-way, and started again as systemd would
fresh
in_background --stop-at=active "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
manager_stop KILL
manager_start
go_on
ok $? "NetworkManager killed and started again: the run goes on"
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.20/24" "the new state"
no_leftovers
fresh
in_background --stop-at=written "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
manager_stop KILL
manager_start
go_on
ok $? "NetworkManager restarted by somebody else before us: the run goes on"
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.20/24" "the new state"
no_leftovers

# we are updated half-way
fresh
cp "$DRIVER" "$WORK/driver"
DRIVER=$WORK/driver in_background --stop-at=written "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
cp "$DRIVER" "$WORK/update"
mv "$WORK/update" "$WORK/driver"
go_on
ok $? "the program updated while it runs: the timer would run the new one, and the run goes on"
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.20/24" "the new state"
no_leftovers

in_background --no-verify --stop-at=active "$(replace a "$(new_uuid ${N}2);s/192.0.2.20/192.0.2.30/")"
manager_stop KILL
go_on
ok $? "NetworkManager gone at the end of a run"
is "$(ls /run/rig-units/timer 2>/dev/null)" "" "no timer is left"
manager_start

# NetworkManager ended when it was about to set the address
fresh
in_background --stop-at=written "$(replace a "$(new_uuid ${N}1)")"
manager_stop KILL
ip address flush dev veth0
go_on
manager_start
wait_until 60 device_reaches veth0 100
is "$(active_uuid veth0) $(addresses veth0 4)" "$(sed -n 's/^uuid=//p' "$PROFILES/a.nmconnection") 192.0.2.10/24" \
  "a NetworkManager that ended before it had set the address: the next one sets it"

# NetworkManager is gone half-way
fresh
in_background --stop-at=written "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
manager_stop KILL
go_on
manager_start
wait_until 60 device_reaches veth0 100
is "$(active_uuid veth0) $(addresses veth0 4)" \
  "$(sed -n 's/^uuid=//p' "$PROFILES/a.nmconnection") $(sed -n 's/^address1=\([^,]*\).*/\1/p' "$PROFILES/a.nmconnection")" \
  "NetworkManager that ended half-way starts with what the files say"

# NetworkManager is not there from the start; no bus; nobody restarts it
fresh
manager_stop
live --no-verify "$(replace a "$(new_uuid ${N}1)")"
like "$OUTPUT" "it does not run" "a stopped NetworkManager is told apart"
manager_start
wait_until 60 device_reaches veth0 100
is "$(active_uuid veth0)" ${N}1 "and starts with the new profile"
fresh
mv /run/rig-units/drop-in "$WORK/drop-in"
live --no-verify "$(replace a "$(new_uuid ${N}1)")"
like "$OUTPUT" "it runs apart" "one that would not adapt is told apart"
is "$(active_uuid veth0)" ${A}1 "and not restarted"
mv "$WORK/drop-in" /run/rig-units/drop-in
fresh
manager_stop
unset MANAGER_PID
kill "$BUS_PID"
wait "$BUS_PID" 2>/dev/null
rm -f /run/dbus/system_bus_socket
live "$(replace a "$(new_uuid ${N}1)")"
like "$OUTPUT" "no bus" "no bus is told apart"
bus_start

# --no-network, and a restart by somebody later
fresh
live --no-network "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
is "$? $(active_uuid veth0) $(addresses veth0 4)" "0 ${A}1 192.0.2.10/24" "the files only: the network is not touched"
systemctl restart NetworkManager.service
wait_until 60 device_reaches veth0 100
is "$(active_uuid veth0) $(addresses veth0 4)" "${N}1 192.0.2.20/24" "a later restart takes the new profile, alone"
no_leftovers

# we are killed: any start of NetworkManager ends in what the files say
for point in noted written restarting active verifying; do
  fresh autoconnect=false
  live --die-at=$point "$(replace a "$(new_uuid ${N}1);s/192.0.2.10/192.0.2.20/")"
  is "$?" 137 "killed when $point"
  like "$(addresses veth0 4)" '^192\.0\.2\.[12]0/24$' "killed when $point: the NIC has one address, old or new"
  live
  is "$?" 0 "killed when $point: a run that changes nothing more"
  is "$(active_uuid veth0) $(addresses veth0 4)" \
    "$(sed -n 's/^uuid=//p' "$PROFILES/a.nmconnection") $(sed -n 's/^address1=\([^,]*\).*/\1/p' "$PROFILES/a.nmconnection")" \
    "killed when $point: what the file says is active, with its address"
  no_leftovers
done

# the helper that is killed, or cannot do its work, does not take NetworkManager along
fresh
printf 'nonsense' | install -D -m 600 /dev/stdin /run/reset-identity/network
systemctl restart NetworkManager.service
ok $? "NetworkManager starts where what is remembered is damaged"
wait_until 60 device_reaches veth0 100
is "$(addresses veth0 4)" 192.0.2.10/24 "with the network of before"
rm -f /run/reset-identity/network

# a MACVLAN that is still waiting for a DHCP server when the time is over
fresh
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
nmcli connection load "$PROFILES/over.nmconnection"
comes_up over over0
remember
live "$(replace over "$(new_uuid ${N}2);/^address1=192/d;s/^method=manual/method=auto\ndhcp-timeout=infinity/")"
fails "no DHCP server for a MACVLAN fails the run"
like "$OUTPUT" "over does not come up on over0: .*DHCP" "and the missing address is named"
like "$OUTPUT" 'see "method" and "address" in the policy' "and what to do"
back_to_old "everything is as it was"

done_testing
