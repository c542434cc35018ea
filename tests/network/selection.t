#!/bin/bash
# Which profile NetworkManager brings up on which NIC (agent/profiles/selection/selection.c, profile-fit.c, managed-devices.c,
# device-spec.c): the agent's answer against a real one, over random worlds. SEED=N takes one world only.
. "$(dirname "$0")/rig.sh"
SELECTION=$BUILD/tests/selection-driver
WORLDS=100
SECONDS_AT_MOST=40
NICS="veth0 veth1 veth2 veth3 veth4"

bare() { # bare: no profile, no drop-in, no timestamp, every NIC down
  rm -rf "$PROFILES"/* /run/NetworkManager/* /usr/lib/NetworkManager/system-connections /usr/lib/NetworkManager/conf.d \
    /var/lib/NetworkManager/* /etc/NetworkManager/conf.d/* /etc/network/interfaces
  mkdir -p /run/NetworkManager/system-connections /run/NetworkManager/conf.d /usr/lib/NetworkManager/system-connections \
    /usr/lib/NetworkManager/conf.d /etc/network
  # What no profile is for stays without one.
  printf '[main]\nno-auto-default=*\n' >/etc/NetworkManager/conf.d/99-rig.conf
  for nic in $NICS; do
    ip link set "$nic" down
  done
}

has_started() {
  [ "$(nmcli -t -f STARTUP general 2>/dev/null)" = started ]
}

compare() { # compare NIC UUID...: one of these, or nothing ("-"), is active there
  local nic=$1 up
  shift
  up=$(active_uuid "$nic")
  [ -z "$up" ] || active=$((active + 1))
  [ $# != 1 ] || certain=$((certain + 1))
  [[ " $* " != *" ${up:--} "* ]] || return 0
  wrong=$((wrong + 1))
  explain "SEED=$seed: $nic: expected one of: $*; found ${up:-nothing}"
}

rig_private_copy /usr/lib/NetworkManager
for n in 2 3 4; do
  rig_nic $n 52:54:00:12:34:6$n
done
bus_start

first=${SEED:-$RANDOM$RANDOM}
[ -z "${SEED:-}" ] || WORLDS=1
diag "SEED=$first and those after it"
active=0 certain=0 wrong=0 worlds=0
while [ "$worlds" -lt "$WORLDS" ] && [ "$SECONDS" -lt "$SECONDS_AT_MOST" ]; do
  seed=$((first + worlds))
  bare
  "$SELECTION" make "$seed"
  "$SELECTION" foretell >"$WORK/foretold" || give_up "SEED=$seed: nothing is foretold"
  manager_start
  wait_until 60 has_started || give_up "SEED=$seed: NetworkManager does not come to rest"
  while read -ra line; do
    compare "${line[@]}"
  done <"$WORK/foretold"
  manager_stop
  worlds=$((worlds + 1))
done
diag "$worlds worlds, $((worlds * 5)) NICs: $active had a profile up, of $certain the answer was certain"
is "$wrong" 0 "on every NIC NetworkManager brings up what the agent says"
[ -n "${SEED:-}" ] || ok $((active < worlds)) "there is much to say"
[ -n "${SEED:-}" ] || ok $((certain < worlds)) "much of it is certain"
done_testing
