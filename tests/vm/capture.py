"""Everything that crosses the lab's bridge, and what is claimed about it."""

import ipaddress
import os
import signal

import duid
import pcap
import process
import wait


class Capture:
    def __init__(self, path, bridge):
        self.path = path
        self.log = path + ".log"
        self.process = process.start(
            ["tcpdump", "-i", bridge, "-n", "-U", "--immediate-mode", "-s", "0", "-B", "8192", "-Z", "root",
             "-w", path], self.log)
        process.wait_output(self.log, "listening on", 20)

    def stop(self):
        """Ends the capture. A frame that was lost makes every claim worthless: that is an error."""
        process.stop(self.process, signal.SIGINT)
        with open(self.log, encoding="utf-8") as file:
            said = file.read()
        if "\n0 packets dropped by kernel" not in said:
            raise process.Failed(f"tcpdump lost frames:\n{said}")

    def frames(self, *macs):
        """The frames that were sent so far: all, or those from the given MAC addresses."""
        wanted = {mac.lower() for mac in macs}
        return [frame for frame in pcap.read(self.path) if not wanted or frame.source in wanted]

    def others(self, *macs):
        """The frames that none of these addresses sent."""
        known = {mac.lower() for mac in macs}
        return [frame for frame in self.frames() if frame.source not in known]

    def wait_claim(self, address, *macs, timeout=30):
        """Waits until one of these cards has claimed the address. Returns the claims, as claims() does."""
        return wait.until(
            lambda: claims(self.frames(*macs), [address]), timeout, f"a claim of {address} by {' or '.join(macs)}")

    def size(self):
        return os.path.getsize(self.path)


def traces(frames, name, mac, machine_id, *addresses):
    """What of a machine is in any of the frames, as itself or in what is derived from it, wherever in the frame."""
    card = bytes.fromhex(mac.replace(":", ""))
    eui64 = bytes([card[0] ^ 2]) + card[1:3] + b"\xff\xfe" + card[3:]
    marks = {f"the name {name}": name.encode(), f"the MAC address {mac}": card, f"the IPv6 identifier of {mac}": eui64,
             "the machine-id": bytes.fromhex(machine_id), "the machine-id as text": machine_id.encode(),
             "the DHCP identifier of the machine-id": duid.of_machine_id(machine_id),
             **{f"the address {address}": ipaddress.ip_address(address).packed for address in addresses}}
    return sorted({what for frame in frames for what, mark in marks.items() if mark in frame.data})


def claims(frames, addresses=(), names=()):
    """Each frame that claims one of the addresses or carries one of the names, as [(why, frame)]."""
    found = []
    for frame in frames:
        for address in addresses:
            why = frame.claims(address)
            if why:
                found.append((f"{why} {address}", frame))
        found += [(f"name {name}", frame) for name in names if frame.names(name)]
    return found
