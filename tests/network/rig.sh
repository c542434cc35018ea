# rig.sh - a machine of its own for one test: the real NetworkManager, a real bus, in fresh namespaces.
#
# Source it first thing:  . "$(dirname "$0")/rig.sh"
# The test then runs again inside private network, mount, UTS, IPC and PID namespaces. /etc, /run, /var/lib and /var/log
# are copies or empty there, so nothing of the machine that runs the tests is read for truth or written. Everything
# started inside ends with the test, because the test's shell is PID 1 of its namespace.
#
# The neighbours of the machine (gateway, DHCP server, a rude host) live in a second network namespace, "lan": veth0 is
# the machine's NIC, lan0 its other end; veth1 and lan1 likewise.
#
# After it: $WORK (scratch directory), $PROGRAM (the command), $DRIVER (the network room alone: live-driver.c), and the
# functions below.
# shellcheck shell=bash

if [ -z "${RIG_INSIDE:-}" ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "1..0 # SKIP namespaces need root"
    exit 0
  fi
  RIG_INSIDE=1 exec unshare --net --mount --uts --ipc --pid --fork --mount-proc --kill-child --propagation private \
    bash "$0" "$@"
fi

set -u
RIG_DIRECTORY=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=$(cd "${BUILD:-$RIG_DIRECTORY/../../build}" && pwd)
PROGRAM=$BUILD/reset-identity
DRIVER=${DRIVER:-$BUILD/tests/live-driver}
PROFILES=/etc/NetworkManager/system-connections

# --- TAP -----------------------------------------------------------------------------------------------------------

rig_count=0
rig_failed=0

ok() { # ok STATUS NAME: STATUS is an exit status
  rig_count=$((rig_count + 1))
  if [ "$1" = 0 ]; then
    echo "ok $rig_count - $2"
  else
    rig_failed=$((rig_failed + 1))
    echo "not ok $rig_count - $2"
    explain "not ok: $2"
    [ -z "${OUTPUT:-}" ] || explain "$OUTPUT"
  fi
}

is() { # is GOT WANTED NAME
  if [ "$1" = "$2" ]; then
    ok 0 "$3"
  else
    ok 1 "$3"
    explain "     got: $1"
    explain "  wanted: $2"
  fi
}

like() { # like TEXT EXTENDED-REGULAR-EXPRESSION NAME
  if [[ $1 =~ $2 ]]; then
    ok 0 "$3"
  else
    ok 1 "$3"
    explain "     got: $1"
    explain "  wanted: $2"
  fi
}

unlike() { # unlike TEXT EXTENDED-REGULAR-EXPRESSION NAME
  if [[ ! $1 =~ $2 ]]; then
    ok 0 "$3"
  else
    ok 1 "$3"
    explain "     got: $1"
    explain "unwanted: $2"
  fi
}

diag() {
  printf '%s\n' "$*" | sed 's/^/# /'
}

explain() { # a failure, on standard error, which prove shows
  diag "$@" >&2
}

done_testing() {
  echo "1..$rig_count"
  [ "$rig_failed" = 0 ]
  exit
}

give_up() { # give_up WHY: the end of this program, not of others
  ok 1 "$*"
  [ -f "$WORK/manager.log" ] && explain "$(tail -n 60 "$WORK/manager.log")"
  done_testing
}

# wait_until SECONDS COMMAND...: true as soon as COMMAND is, false when the time is over
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    read -r -t 0.02 <>"$WORK/never" || :
  done
}

# --- the machine's files -------------------------------------------------------------------------------------------

rig_private_copy() { # a directory becomes a writable copy of itself
  local copy
  copy=$(mktemp -d)
  mount -t tmpfs -o mode=755 tmpfs "$copy"
  cp -a "$1/." "$copy/"
  mount --move "$copy" "$1"
  rmdir "$copy"
}

# NetworkManager as a unit of systemd: the drop-in as it is installed, and a stand-in for PID 1 (systemctl in this folder).
# Without it (`rm /run/rig-units/drop-in`) it is a NetworkManager that nobody restarts.
rig_unit() {
  sed "s|@sbindir@/reset-identity|$PROGRAM|" "$RIG_DIRECTORY/../../units/adapt.conf.in" >/run/rig-units/drop-in
  mount --bind "$RIG_DIRECTORY/systemctl" /usr/bin/systemctl
  mount --bind "$RIG_DIRECTORY/systemctl" /usr/bin/systemd-run
}

rig_files() {
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  mkfifo "$WORK/never"
  rig_private_copy /etc
  mount -t tmpfs -o mode=755 tmpfs /run
  mount -t tmpfs -o mode=755 tmpfs /var/lib
  mount -t tmpfs -o mode=755 tmpfs /var/log
  mount -t sysfs -o ro sysfs /sys # this namespace's NICs; read-only: NetworkManager does not wait for udev then
  mkdir -p /run/rig-units /run/dbus /run/lock /run/NetworkManager /var/lib/NetworkManager /var/lib/dbus
  rm -rf /etc/NetworkManager /etc/reset-identity
  mkdir -p /etc/NetworkManager/conf.d /etc/NetworkManager/dispatcher.d
  mkdir -p -m 700 "$PROFILES"
  cat >/etc/NetworkManager/NetworkManager.conf <<'END'
[main]
plugins=keyfile
auth-polkit=false
dns=none
rc-manager=unmanaged
dhcp=internal
hostname-mode=none
[connectivity]
enabled=false
[logging]
level=DEBUG
domains=ALL
END
  rig_unit
  echo golden >/etc/hostname
  hostname golden
  printf '127.0.0.1\tlocalhost\n127.0.1.1\tgolden\n' >/etc/hosts
  echo 0123456789abcdef0123456789abcdef >/etc/machine-id
}

# --- the wire ------------------------------------------------------------------------------------------------------

lan() { # lan COMMAND...: run it among the neighbours
  ip netns exec lan "$@"
}

rig_wire() {
  ip link set lo up
  ip netns add lan
  lan ip link set lo up
  rig_nic 0 52:54:00:12:34:56
  rig_nic 1 52:54:00:12:34:57
  lan ip address add 192.0.2.1/24 dev lan0
  lan ip address add 2001:db8::1/64 dev lan0 nodad
}

rig_nic() { # rig_nic NUMBER MAC: one NIC and its other end
  ip link add "veth$1" address "$2" type veth peer name "lan$1"
  ip link set "lan$1" netns lan
  lan ip link set "lan$1" up
}

neighbour() { # neighbour NAME ADDRESS...: another machine on lan0's wire, in the namespace NAME
  local name=$1 address keep
  shift
  ip netns list | grep -qw "$name" || ip netns add "$name"
  if ! lan ip link show bridge0 >/dev/null 2>&1; then
    lan ip link add bridge0 type bridge forward_delay 0
    for address in $(lan ip -o address show dev lan0 scope global | awk '{print $4}'); do
      keep=()
      [[ $address != *:* ]] || keep=(nodad)
      lan ip address delete "$address" dev lan0
      lan ip address add "$address" dev bridge0 "${keep[@]}"
    done
    lan ip link set bridge0 up
    lan ip link set lan0 master bridge0
  fi
  lan ip link add "to-$name" type veth peer name eth0 netns "$name"
  lan ip link set "to-$name" master bridge0 up
  ip netns exec "$name" ip link set eth0 up
  for address; do
    keep=()
    [[ $address != *:* ]] || keep=(nodad)
    ip netns exec "$name" ip address add "$address" dev eth0 "${keep[@]}"
  done
}

# --- the bus, NetworkManager, its neighbours -----------------------------------------------------------------------

bus_start() {
  cat >"$WORK/bus.conf" <<'END'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/><allow user="*"/>
  </policy>
</busconfig>
END
  unset DBUS_SYSTEM_BUS_ADDRESS
  dbus-daemon --config-file="$WORK/bus.conf" --nofork --nopidfile >"$WORK/bus.log" 2>&1 &
  BUS_PID=$!
  wait_until 60 test -S /run/dbus/system_bus_socket || give_up "no bus"
}

manager_start() { # manager_start [NetworkManager options]
  echo "NetworkManager --debug $*" >/run/rig-units/command
  ln -sf "$WORK/manager.log" /run/rig-units/log
  systemctl start NetworkManager.service || give_up "NetworkManager does not start"
  MANAGER_PID=$(cat /run/rig-units/pid)
}

manager_answers() {
  [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]
}

manager_stop() { # manager_stop [SIGNAL]
  kill -"${1:-TERM}" "$(cat /run/rig-units/pid)"
  wait_until 60 manager_gone
}

manager_gone() {
  ! systemctl is-active NetworkManager.service
}

device_state() { # 100 is active
  nmcli -g GENERAL.STATE device show "$1" 2>/dev/null | cut -d' ' -f1
}

device_reaches() { # device_reaches DEVICE STATE
  [ "$(device_state "$1")" = "$2" ]
}

comes_up() { # comes_up NAME DEVICE: activated by hand; a NIC that NetworkManager has just met may still be without carrier to it
  wait_until 60 nmcli connection up "$1" && wait_until 60 device_reaches "$2" 100 || give_up "$1 does not come up on $2"
}

active_uuid() {
  nmcli -g GENERAL.CON-UUID device show "$1" 2>/dev/null
}

addresses() { # addresses DEVICE FAMILY: those that people set, sorted, on one line
  ip -o "-$2" address show dev "$1" scope global | awk '{print $4}' | sort | paste -sd' '
}

routes() { # every route and address of the machine, in an order and a form that can be compared
  for family in 4 6; do
    ip "-$family" route show table all | sed -E 's/ expires [0-9]+sec//; s/ +$//' | sort
    ip "-$family" -o address show | awk '{print $2, $3, $4}' | sort
  done
}

dhcp_server() { # dhcp_server INTERFACE FIRST LAST: of the neighbours
  ip netns exec lan dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface="$1" --bind-interfaces --no-ping \
    --dhcp-range="$2,$3,1h" --dhcp-leasefile="$WORK/leases" --dhcp-authoritative --user=root --pid-file= \
    >"$WORK/dhcp.log" 2>&1 &
  DHCP_PID=$!
}

# profile NAME: stdin becomes a profile
profile() {
  install -m 600 /dev/stdin "$PROFILES/$1.nmconnection"
}

# static_profile NAME INTERFACE UUID ADDRESS GATEWAY [further keys of connection]
static_profile() {
  profile "$1" <<END
# the site's own comment

[connection]
id=$1
uuid=$3
type=ethernet
interface-name=$2
${6:-}

[ethernet]

[ipv4]
address1=$4${5:+,$5}
method=manual

[ipv6]
addr-gen-mode=eui64
method=link-local
END
}

# --- a run over the network room alone -----------------------------------------------------------------------------

# replace NAME SED-SCRIPT: prints PATH=NEWFILE for the driver, the new file being the old one through sed
replace() {
  sed -E "$2" "$PROFILES/$1.nmconnection" >"$WORK/new-$1"
  printf '%s=%s\n' "$PROFILES/$1.nmconnection" "$WORK/new-$1"
}

new_uuid() { # new_uuid NAME UUID: a sed script that gives it this UUID
  printf 's/^uuid=.*/uuid=%s/' "$1"
}

live() { # live ARGUMENT...: its output is in $OUTPUT, its exit status is returned
  OUTPUT=$("$DRIVER" "$@" 2>&1)
  local status=$?
  [ "$status" -lt 128 ] || diag "$OUTPUT"
  return $status
}

drop_ins() { # what runs have added to NetworkManager's configuration
  ls /run/NetworkManager/conf.d 2>/dev/null
}

# remember, is_as_remembered: profiles byte for byte, addresses and routes
remember() {
  rm -rf "$WORK/before" "$WORK/etc-before"
  cp -a "$PROFILES" "$WORK/before"
  cp -a /etc "$WORK/etc-before"
  hostname >"$WORK/hostname-before"
  routes >"$WORK/routes-before"
}

is_as_remembered() {
  diff -r "$WORK/before" "$PROFILES" >"$WORK/difference" && diff -r --no-dereference /etc "$WORK/etc-before" \
    >>"$WORK/difference" && [ "$(hostname)" = "$(cat "$WORK/hostname-before")" ] && routes_are_back
}

routes_are_back() {
  routes >"$WORK/routes-now"
  diff "$WORK/routes-before" "$WORK/routes-now" >>"$WORK/difference"
}

# back_to_old NAME: everything is as it was; NetworkManager gets a moment for what it does in the background
back_to_old() {
  : >"$WORK/difference"
  wait_until 5 is_as_remembered
  ok $? "$1"
  [ ! -s "$WORK/difference" ] || is_as_remembered || explain "$(cat "$WORK/difference")"
}

# --- a run of the command ------------------------------------------------------------------------------------------

TEMPLATE_UUID=4dc56075-50f3-466d-98f2-79838106e82f
CLONE_UUID=9a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9

# hardware UUID: a machine with this product UUID, and the two cards as what they are not here: on a bus
hardware() {
  local slot device
  rm -rf "$WORK/hardware"
  mkdir -p "$WORK/hardware/proc" "$WORK/hardware/sys/class/dmi/id" "$WORK/hardware/sys/class/net"
  echo quiet >"$WORK/hardware/proc/cmdline"
  echo "$1" >"$WORK/hardware/sys/class/dmi/id/product_uuid"
  for slot in 0 1; do
    device=devices/pci0000:00/0000:00:0$((slot + 3)).0
    mkdir -p "$WORK/hardware/sys/$device/net/veth$slot"
    cat "/sys/class/net/veth$slot/address" >"$WORK/hardware/sys/$device/net/veth$slot/address"
    echo 0 >"$WORK/hardware/sys/$device/net/veth$slot/addr_assign_type"
    echo 1 >"$WORK/hardware/sys/$device/net/veth$slot/type"
    echo $((slot + 2)) >"$WORK/hardware/sys/$device/net/veth$slot/ifindex"
    ln -s "../../$device/net/veth$slot" "$WORK/hardware/sys/class/net/veth$slot"
    ln -s ../.. "$WORK/hardware/sys/$device/net/veth$slot/device"
  done
}

policy() { # stdin becomes the policy
  mkdir -p /etc/reset-identity
  install -m 644 /dev/stdin /etc/reset-identity/policy.ini
}

run() { # run ARGUMENT...: the command, by $CALLER if set; its output is in $OUTPUT, its exit status is returned
  # shellcheck disable=SC2086
  OUTPUT=$(${CALLER:-} "$PROGRAM" --hardware="$WORK/hardware" "$@" 2>&1 </dev/null)
  local status=$?
  [ "$status" -lt 128 ] || diag "$OUTPUT"
  return $status
}

rig_files
rig_wire
