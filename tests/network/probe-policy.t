#!/bin/bash
# What the policy says where nobody can be asked whether an address is free, and where somebody has it (agent/cli/run-wire.c).
. "$(dirname "$0")/rig.sh"

probing() { # probing POLICY ADDRESS: a clone of this machine with ADDRESS for its second NIC
  printf '[network]\nprobe = %s\n[host clone-1]\nmatch-uuid = %s\naddress.veth1 = %s\n' "$1" $CLONE_UUID "$2" | policy
}

rm -f /etc/ssh/ssh_host_*
static_profile second veth1 aaaaaaaa-0000-4000-8000-000000000001 198.51.100.10/24 ""
hardware $TEMPLATE_UUID
run seal || give_up "$OUTPUT"
hardware $CLONE_UUID
lan ip link set lan1 down

probing required 198.51.100.20/24
run apply --yes
is $? 1 "required, and no cable: refused"
like "$OUTPUT" "198.51.100.20 .*veth1: the interface has no carrier.* network.probe = required.*nothing is changed" "the address, the cause and the key are named"
is "$(cat /etc/machine-id)" 0123456789abcdef0123456789abcdef "and nothing is changed"

lan ip link set lan1 up
lan ip address add 198.51.100.20/24 dev lan1
probing off 198.51.100.20/24
run apply --yes
is $? 0 "off: an address that somebody has is taken"
run undo --yes
is $? 0 "undone"
probing best-effort 198.51.100.20/24
run apply --yes
is $? 1 "best-effort, and somebody has it: refused"
like "$OUTPUT" "198.51.100.20 .*in use on veth1 by $(lan cat /sys/class/net/lan1/address)" "who has it is named"

# Ctrl-Z meanwhile is only noted: it is not the end of the time in which somebody may answer.
probing best-effort 198.51.100.21/24
"$PROGRAM" --hardware="$WORK/hardware" apply --yes -v >"$WORK/probed" 2>&1 </dev/null &
run=$!
wait_until 20 grep -q "asking whether" "$WORK/probed"
for _ in {1..20}; do
  kill -TSTP "$run"
  read -r -t 0.02 <>"$WORK/never" || :
done
kill -CONT "$run" 2>/dev/null
wait "$run"
is $? 0 "Ctrl-Z while an address is asked for: done"
like "$(awk -F'[[ s]+' '/asking whether/ { asked = 1; began = $2 } asked && /planning$/ { print $2 - began; exit }' "$WORK/probed")" '^(0\.9|[1-9])' \
  "and it is asked for as long as ever"
run undo --yes

probing best-effort 198.51.100.20/24
lan ip link set lan1 down
run apply --yes
is $? 0 "best-effort, and no cable: done"
like "$OUTPUT" "warning: Nobody could be asked whether the address 198.51.100.20 is free on veth1: the interface has no carrier" "and said"
is "$(ip -br link show veth1 | awk '{print $2}')" DOWN "the NIC is down again"

done_testing
