#!/bin/bash
# `reset-identity apply` and `undo` on a machine whose NetworkManager runs, as typed into a shell.
. "$(dirname "$0")/rig.sh"

A=aaaaaaaa-0000-4000-8000-00000000000

# The template runs here, sealed, with two cards; then it finds itself on another machine.
fresh() {
  [ -z "${MANAGER_PID:-}" ] || manager_stop KILL
  rm -rf "$PROFILES"/* /run/NetworkManager/system-connections /run/NetworkManager/devices /var/lib/reset-identity \
    /var/lib/NetworkManager/* /run/reset-identity /etc/reset-identity
  for nic in veth0 veth1; do
    ip address flush dev "$nic"
    ip link set "$nic" down
  done
  echo golden >/etc/hostname
  hostname golden
  echo 0123456789abcdef0123456789abcdef >/etc/machine-id
  printf '[main]\nno-auto-default=*\n' >/etc/NetworkManager/conf.d/no-auto-default.conf
  static_profile a veth0 ${A}1 192.0.2.10/24 192.0.2.1
  static_profile b veth1 ${A}2 198.51.100.10/24 ""
  hardware $TEMPLATE_UUID
  run seal || give_up "$OUTPUT"
  hardware $CLONE_UUID
  manager_start
  wait_until 60 device_reaches veth0 100 || give_up "veth0 does not come up"
  wait_until 60 device_reaches veth1 100 || give_up "veth1 does not come up"
  wait_until 60 settled
}

settled() { # no address is tentative
  [ -z "$(ip -6 address show tentative)" ]
}

good_policy() {
  policy <<END
[identity]
hostname = clone-1

[host clone-1]
match-uuid = $CLONE_UUID
address = 192.0.2.20/24
gateway = ${1:-192.0.2.1}

[network veth1]
method = keep
END
}

file_uuid() { # file_uuid NAME
  sed -n 's/^uuid=//p' "$PROFILES/$1.nmconnection"
}

in_force() { # in_force NAME: what the files say is active, one identity
  is "$(active_uuid veth0) $(active_uuid veth1)" "$(file_uuid a) $(file_uuid b)" "$1: what the files say is active"
  is "$(ls "$PROFILES" | paste -sd' ')" "a.nmconnection b.nmconnection" "$1: no further profile"
}

nothing_left() { # nothing_left NAME
  is "$(ls /var/lib/reset-identity | grep -vE '^(record|history|lock|network)$')" "" "$1: no transaction"
  is "$(ls /run/reset-identity/network /run/rig-units/timer 2>/dev/null)" "" "$1: nothing remembered, no timer"
  is "$(drop_ins)" "" "$1: nothing in NetworkManager's configuration"
}

bus_start

# a good change
fresh
good_policy
remember
run apply --yes
is "$?" 0 "apply on a running machine"
is "$(addresses veth0 4)" 192.0.2.20/24 "the policy's address is in force"
is "$(addresses veth1 4)" 198.51.100.10/24 "the other card keeps its address"
in_force "apply"
is "$([ "$(file_uuid a)" != ${A}1 ] && [ "$(file_uuid b)" != ${A}2 ] && echo new)" new "with new UUIDs"
is "$(hostname) $(cat /etc/hostname)" "clone-1 clone-1" "the kernel and the file have the new name"
is "$([ "$(cat /etc/machine-id)" != 0123456789abcdef0123456789abcdef ] && echo new)" new "the machine-id is new"
nothing_left "apply"
run verify --wait=10
is "$?" 0 "verify agrees"
diag "$OUTPUT"
run undo --yes
is "$?" 0 "undo on a running machine"
in_force "undo"
is "$(addresses veth0 4) $(hostname)" "192.0.2.10/24 golden" "the old address and name are in force again"
is "$(file_uuid a)" ${A}1 "the old UUID is there again"
nothing_left "undo"

# static to DHCP
fresh
dhcp_server lan0 192.0.2.100 192.0.2.150
policy <<END
[network veth1]
method = keep
END
run apply --yes
is "$?" 0 "a clone without an address of its own asks for one"
like "$(addresses veth0 4)" '^192\.0\.2\.1[0-9][0-9]/24$' "and gets it"
in_force "static to DHCP"
kill "$DHCP_PID"

# a card that NetworkManager was told to leave alone keeps the address that its profile gives up
fresh
policy <<END
[identity]
hostname = clone-1

[host clone-1]
match-uuid = $CLONE_UUID
address = 192.0.2.20/24
gateway = 192.0.2.1
END
nmcli device set veth1 managed no
wait_until 60 device_reaches veth1 10 || give_up "veth1 does not become unmanaged"
run apply --yes
is "$? $(addresses veth0 4)" "0 192.0.2.20/24" "a card that is left alone: the other one has its new address"
like "$OUTPUT" "veth1 still has the template's address 198.51.100.10:.*ip address delete 198.51.100.10/24 dev veth1" \
  "and the template's address on it is told"
unlike "$OUTPUT" "still has the template's address 192.0.2" "and no other"

# a dead gateway
fresh
good_policy 192.0.2.254
remember
run apply --yes
is "$?" 1 "a policy with a dead gateway fails"
like "$OUTPUT" "gateway 192.0.2.254 on veth0" "and is named"
like "$OUTPUT" "as it was" "and the message says how things are"
back_to_old "a dead gateway: everything is as it was"
in_force "a dead gateway"
nothing_left "a dead gateway"

# its NetworkManager does not come up again, and nobody can tell that from one that was stopped by hand
fresh
good_policy
remember
touch /run/rig-units/vanishes
run apply --yes
is "$?" 1 "a NetworkManager that does not come up fails the run"
like "$OUTPUT" "The files are as they were before this run, but the network does not run as the files say: NetworkManager: expected running, found not running \(systemctl start NetworkManager\)" \
  "that it is not there is said, and what to do"
unlike "$OUTPUT" "[Ee]verything is as it was" "and not that all is well"
systemctl start NetworkManager.service
back_to_old "what is advised helps"
nothing_left "a NetworkManager that does not come up"
fresh
good_policy
"$PROGRAM" --hardware="$WORK/hardware" -v apply --yes >"$WORK/killed.out" 2>&1 </dev/null &
KILLED=$!
wait_until 60 grep -q 'restarting NetworkManager' "$WORK/killed.out"
kill -KILL "$KILLED"
wait "$KILLED" 2>/dev/null
wait_until 60 manager_answers
touch /run/rig-units/vanishes
run undo --yes
like "$? $OUTPUT" "^1 .*Job for NetworkManager.service canceled" "a run that was killed, and an undo whose NetworkManager does not come up"
run undo --yes
like "$? $OUTPUT" "^0 .*warning: the network does not run as the files say: NetworkManager: expected running" "the next one says that it is not there"
systemctl start NetworkManager.service

# a profile that somebody has activated in the place of the one that gets the policy's address
fresh
static_profile c veth0 ${A}3 192.0.2.11/24 "" autoconnect=false
nmcli connection reload
comes_up c veth0
good_policy
run apply --yes
is "$?" 1 "a profile that was activated by hand asks for an address that nobody gives"
like "$OUTPUT" "\(c, of $PROFILES/c.nmconnection, was activated there by hand.*: nmcli connection up a, then try again\)" \
  "it is named with its file, and what to do"
dhcp_server lan0 192.0.2.100 192.0.2.150
run apply --yes
is "$?" 0 "where somebody gives it one"
like "$OUTPUT" "profile of veth0: expected a, found c: c was activated by hand; nmcli connection up a" \
  "it is said that the policy's address is not in force"
run verify
like "$OUTPUT" "skipped +profile of veth0 +a +c" "as verify says"
kill "$DHCP_PID"
comes_up a veth0
is "$(addresses veth0 4)" 192.0.2.20/24 "what is advised helps"

# an undo of a profile whose file somebody has deleted meanwhile
fresh
good_policy
run apply --yes
is "$?" 0 "a policy whose profile is deleted then"
rm "$PROFILES/a.nmconnection"
run undo --yes --force
is "$?" 0 "is undone"
like "$OUTPUT" "$PROFILES/a.nmconnection was gone, and its profile a still active on veth0:.*nmcli device status.*nmcli connection add" \
  "and it is said that the NIC may be left without a profile"
unlike "$OUTPUT" "still active on veth1" "of no other NIC"

# an undo whose network does not work: the old gateway has gone meanwhile, and an earlier lift of isolation is not over
fresh
lan ip address add 192.0.2.2/32 dev lan0
good_policy 192.0.2.2
run apply --yes
is "$?" 0 "a policy with another gateway"
lan ip address delete 192.0.2.1/24 dev lan0
remember
lifted=/run/NetworkManager/conf.d/99-reset-identity-isolate.conf.lifted
mkdir -p "${lifted%/*}"
echo >"$lifted"
run undo --yes
is "$?" 1 "an undo to a gateway that has gone fails"
is "$(ls /run/NetworkManager/conf.d)" "${lifted##*/}" "and does not take a machine off the wire that is being let on it"
rm "$lifted"
like "$OUTPUT" "as it was before this run\. .reset-identity undo --no-network. takes the files back" "and says what is left to do"
back_to_old "an undo to a gateway that has gone: everything is as it was"
nothing_left "an undo to a gateway that has gone"
run undo --yes --no-network
is "$? $(cat /etc/hostname) $(file_uuid a)" "0 golden ${A}1" "which does so"
is "$(addresses veth0 4)" 192.0.2.20/24 "and leaves the network as it runs"
lan ip address delete 192.0.2.2/32 dev lan0
lan ip address add 192.0.2.1/24 dev lan0

# an occupied address
fresh
good_policy
lan ip address add 192.0.2.20/32 dev lan0
remember
run apply --yes
is "$?" 1 "an occupied address fails"
like "$OUTPUT" "192.0.2.20 .*$(lan cat /sys/class/net/lan0/address)" "the address and who holds it are named"
back_to_old "an occupied address: nothing was changed"
nothing_left "an occupied address"
lan ip address delete 192.0.2.20/32 dev lan0

# no NetworkManager, but something else that had the network and does not run
manager_stop
unset MANAGER_PID
for stack in /run/systemd/netif/state:systemd-networkd /run/network/ifstate:ifupdown; do
  good_policy
  mkdir -p "$(dirname "${stack%:*}")"
  touch "${stack%:*}"
  remember
  run apply --yes
  is "$? $(cat /etc/hostname)" "0 clone-1" "${stack#*:} does not run: the files are changed"
  is "$([ "$(file_uuid a)" != ${A}1 ] && echo new)" new "${stack#*:}: the profiles among them"
  rm "${stack%:*}"
  fresh
  manager_stop
  unset MANAGER_PID
done

# on a terminal: a question, a line per stage, and Ctrl-C
# A shell that is not interactive lets what it starts in the background ignore Ctrl-C.
on_terminal() { # on_terminal: apply on a terminal of its own, its input from the FIFO $WORK/keys; $TERMINAL is its pid
  rm -f "$WORK/keys" "$WORK/screen"
  mkfifo "$WORK/keys"
  env --default-signal=INT script -qefc "$PROGRAM --hardware=$WORK/hardware apply" "$WORK/screen" <"$WORK/keys" >/dev/null 2>&1 &
  TERMINAL=$!
  exec 8>"$WORK/keys"
  wait_until 20 grep -q 'Apply these changes' "$WORK/screen"
}

ended() { # the exit status of what ran there
  wait "$TERMINAL"
  local status=$?
  exec 8>&-
  OUTPUT=$(tr -d '\r' <"$WORK/screen")
  return $status
}

fresh
good_policy
remember
on_terminal
printf 'n\n' >&8
ended
is "$?" 1 "a terminal: no is an answer"
like "$OUTPUT" "not confirmed: nothing is changed" "and it is said what that means"
back_to_old "no: nothing was changed"
on_terminal
printf '\003' >&8
ended
is "$([ $? != 0 ] && echo ended)" ended "a terminal: Ctrl-C at the question"
back_to_old "Ctrl-C at the question: nothing was changed"
nothing_left "Ctrl-C at the question"
mount --bind "$PROFILES" "$PROFILES"
mount -o remount,ro,bind "$PROFILES"
run apply --yes
like "$? $OUTPUT" "^1 .*nothing is changed" "a file that cannot be replaced: nothing is changed"
umount "$PROFILES"
nothing_left "a file that cannot be replaced"
on_terminal
printf 'y\n' >&8
wait_until 20 grep -q 'staged' "$WORK/screen"
printf '\003' >&8
ended
status=$?
if grep -q 'committed' "$WORK/screen"; then # it had got there already
  in_force "Ctrl-C as it is staged"
else
  is "$([ $status != 0 ] && echo ended)" ended "a terminal: Ctrl-C before the commit point"
  back_to_old "Ctrl-C before the commit point: nothing was changed"
fi
nothing_left "Ctrl-C as it is staged"
fresh
good_policy
on_terminal
printf 'y\n' >&8
wait_until 20 grep -q 'restarting NetworkManager' "$WORK/screen"
printf '\003' >&8
ended
like "$OUTPUT" "the change is committed; it is finished" "a terminal: Ctrl-C after the commit point is explained"
like "$OUTPUT" "restarting NetworkManager.*verifying gateway 192.0.2.1" "a terminal: a line per stage"
like "$OUTPUT" "golden is clone-1 now" "the run goes on to its end and says so"
in_force "Ctrl-C after the commit point"
is "$(addresses veth0 4) $(hostname)" "192.0.2.20/24 clone-1" "Ctrl-C after the commit point: the new identity, whole"
nothing_left "Ctrl-C after the commit point"

# PID 1 can restart NetworkManager neither for the change nor for its way back: what is said of the files is true, and the advice works
fresh
good_policy
remember
touch /run/rig-units/fails
# The same for a caller that ignores SIGCHLD, for whom the kernel forgets how a program ended.
CALLER="env --ignore-signal=CHLD" run apply --yes
is "$?" 1 "a NetworkManager that does not start again fails"
like "$OUTPUT" "Job for NetworkManager.service failed. Undoing it failed too: .*: Job for NetworkManager.service failed. The files are as" \
  "and how far the way back came is said"
is "$(diff -r "$WORK/before" "$PROFILES")" "" "the files are as they were"
run undo --yes
like "$? $OUTPUT" "^1 .*\`reset-identity undo\` tries the rest again, with --no-network it leaves the network as it runs" "undo says what is left too"
run undo --yes --no-network
is "$?" 0 "and with --no-network it works"
rm /run/rig-units/fails
back_to_old "everything is as it was"
is "$(ls /var/lib/reset-identity)" record "and no transaction is left"

# killed at ten points spread over the run, then apply again: one identity, and a network
for ms in 5 20 40 60 90 120 160 220 300 500; do
  fresh
  good_policy
  "$PROGRAM" --hardware="$WORK/hardware" apply --yes >"$WORK/killed.out" 2>&1 </dev/null &
  run=$!
  read -r -t "0.$(printf %03d "$ms")" <>"$WORK/never" || :
  kill -KILL "$run" 2>/dev/null
  wait "$run" 2>/dev/null
  run apply --yes
  is "$?" 0 "killed after $ms ms, then apply"
  wait_until 60 device_reaches veth0 100
  in_force "killed after $ms ms"
  is "$(addresses veth0 4) $(cat /etc/hostname) $(hostname)" "192.0.2.20/24 clone-1 clone-1" \
    "killed after $ms ms: the new identity, whole"
  nothing_left "killed after $ms ms"
done

done_testing
