#!/bin/bash
# An address that somebody else holds is found before it is used (agent/network/address-probe.c, neighbour-frames.c,
# link.c, netlink.c), with the card up or down and no NetworkManager.
. "$(dirname "$0")/rig.sh"

MAC=$(lan cat /sys/class/net/lan0/address)

probe() { # probe INTERFACE ADDRESS WANTED NAME
  live "--probe=$1,$2"
  is "$OUTPUT" "$3" "$4"
}

gen_mode() { # how the kernel makes an IPv6 address of the interface's own
  ip -d link show "$1" | grep -o 'addrgenmode [a-z0-9_]*' | cut -d' ' -f2
}

sniff() { # every frame that lan0 gets, in words
  ip netns exec lan tcpdump -i lan0 -n -l -e -Q in >"$WORK/frames" 2>"$WORK/tcpdump" &
  SNIFFER=$!
  wait_until 10 grep -q "listening on" "$WORK/tcpdump"
}

is "$(ip -br link show veth0 | awk '{print $2}')" DOWN "the card is down"
sniff
probe veth0 192.0.2.1 "$MAC" "IPv4: who holds it is named"
probe veth0 192.0.2.77 free "IPv4: a free address is free"
probe veth0 2001:db8::1 "$MAC" "IPv6: who holds it is named"
probe veth0 2001:db8::77 free "IPv6: a free address is free"
is "$(ip -br link show veth0 | awk '{print $2}')" DOWN "the card is down again"
is "$(gen_mode veth0)" eui64 "and the kernel's IPv6 makes addresses as before"
wait_until 5 grep -q "2001:db8::77" "$WORK/frames"
kill "$SNIFFER"
wait "$SNIFFER" 2>/dev/null
is "$(grep -c 'who-has 192.0.2.77' "$WORK/frames")" 3 "three ARP probes"
is "$(grep 'who-has' "$WORK/frames" | grep -vc 'tell 0.0.0.0')" 0 "each without a sender address"
is "$(grep -v 'who-has' "$WORK/frames" | grep -vcE '^$|:: > ff02::1:ff.*neighbor solicitation')" 0 \
  "nothing but ARP probes and neighbour solicitations from :: was sent"

# what the administrator has chosen comes back, and a sandbox that keeps /proc/sys read-only changes nothing
ip link set veth0 addrgenmode stable_secret 2>/dev/null || ip link set veth0 addrgenmode random
before=$(gen_mode veth0)
mount -o bind,ro /proc/sys /proc/sys
sniff
probe veth0 192.0.2.77 free "with /proc/sys read-only"
wait_until 5 grep -q "192.0.2.77" "$WORK/frames"
kill "$SNIFFER"
wait "$SNIFFER" 2>/dev/null
umount /proc/sys
is "$(grep -v 'who-has' "$WORK/frames")" "" "nothing but ARP probes was sent"
is "$(gen_mode veth0)" "$before" "the way in which addresses are made is the administrator's"
ip link set veth0 addrgenmode eui64

ip link set veth0 up
probe veth0 192.0.2.1 "$MAC" "with the card up: who holds it is named"
is "$(ip -br link show veth0 | awk '{print $2}')" UP "and it stays up"
live --leap-at=probe --probe=veth0,192.0.2.1
is "$OUTPUT" "$MAC" "where we stand still longer than is listened: who holds it is named"
ip address add 192.0.2.10/24 dev veth0
probe veth0 192.0.2.10 free "an address that we hold is free"

# two who want the same address at the same time: the probe of the other counts
ip netns exec lan ip link set lan1 up
ip link set veth1 up
"$DRIVER" --probe=veth1,203.0.113.5 >"$WORK/one" &
one=$!
ip netns exec lan "$DRIVER" --probe=lan1,203.0.113.5 >"$WORK/two" &
two=$!
wait "$one" "$two"
unlike "$(cat "$WORK/one") $(cat "$WORK/two")" "free free" "of two that ask at once at least one sees the other"

probe nosuch 192.0.2.1 "there is no such interface yet" "an interface that is not there"
lan ip link set lan1 down
probe veth1 192.0.2.1 "the interface has no carrier" "an interface without a cable"
ip tuntap add tun0 mode tun
ip link set tun0 up
probe tun0 192.0.2.1 "the interface has no ARP" "an interface without ARP"

done_testing
