"""Reads a pcap file and what the tests ask of its frames: Ethernet, ARP, IPv4, IPv6, neighbour discovery, DHCP.

Formats: pcap-savefile(5), RFC 826, 791, 8200, 4861, 2131 and 2132.
"""

import ipaddress
import struct

ARP, IPV4, IPV6, VLAN, QINQ = 0x0806, 0x0800, 0x86DD, 0x8100, 0x88A8
UDP, ICMPV6 = 17, 58
NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 135, 136
UNSPECIFIED = {"0.0.0.0", "::"}


class Frame:
    """One frame. Fields that it has not are None."""

    def __init__(self, time, data):
        self.time = time
        self.data = data
        self.destination = _mac(data[0:6])
        self.source = _mac(data[6:12])
        self.vlan = None
        self.arp = self.ip_source = self.ip_destination = self.protocol = self.target = self.dhcp = None
        kind, = struct.unpack_from("!H", data, 12)
        start = 14
        while kind in (VLAN, QINQ):
            tag, kind = struct.unpack_from("!HH", data, start)
            self.vlan = tag & 0xFFF
            start += 4
        self.kind = kind
        self.payload = data[start:]
        try:
            {ARP: self._read_arp, IPV4: self._read_ipv4, IPV6: self._read_ipv6}.get(kind, lambda: None)()
        except (struct.error, IndexError):
            pass

    def _read_arp(self):
        operation, = struct.unpack_from("!H", self.payload, 6)
        sender_mac, sender, _, target = struct.unpack_from("!6s4s6s4s", self.payload, 8)
        self.arp = {"operation": operation, "sender_mac": _mac(sender_mac), "sender": _ip(sender),
                    "target": _ip(target)}

    def _read_ipv4(self):
        length = (self.payload[0] & 15) * 4
        self.protocol = self.payload[9]
        self.ip_source, self.ip_destination = _ip(self.payload[12:16]), _ip(self.payload[16:20])
        fragment = struct.unpack_from("!H", self.payload, 6)[0] & 0x1FFF
        if self.protocol == UDP and not fragment:
            self._read_udp(self.payload[length:])

    def _read_ipv6(self):
        self.protocol = self.payload[6]
        self.ip_source, self.ip_destination = _ip(self.payload[8:24]), _ip(self.payload[24:40])
        rest = self.payload[40:]
        if self.protocol == ICMPV6 and rest[0] in (NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT):
            self.target = (rest[0], _ip(rest[8:24]))

    def _read_udp(self, data):
        ports = struct.unpack_from("!HH", data)
        if set(ports) <= {67, 68} and data[8 + 236:8 + 240] == b"\x63\x82\x53\x63":
            self.dhcp = _dhcp(data[8:])

    def claims(self, address):
        """How this frame says that its sender has, had or wants that address; None if it does not."""
        address = str(ipaddress.ip_address(address))
        if self.arp:
            if self.arp["sender"] == address:
                return "ARP sender"
            if self.arp["target"] == address and self.arp["sender"] in UNSPECIFIED:
                return "ARP probe"
        if self.ip_source == address:
            return "IP source"
        if self.target and self.target[1] == address:
            if self.target[0] == NEIGHBOUR_ADVERTISEMENT:
                return "neighbour advertisement"
            if self.ip_source in UNSPECIFIED:
                return "duplicate address detection"
        if self.dhcp and self.dhcp["operation"] == 1:
            if self.dhcp["client_address"] == address:
                return "DHCP client address"
            if self.dhcp["options"].get(50) == ipaddress.ip_address(address).packed:
                return "DHCP requested address"
        return None

    def names(self, name):
        """Whether the payload has that name anywhere, in any case: as text, or as DNS labels (mDNS, LLMNR, DHCP)."""
        lower = self.payload.lower()
        text = name.lower().encode()
        labels = b"".join(bytes([len(label)]) + label for label in text.split(b"."))
        return text in lower or labels in lower

    def __repr__(self):
        what = self.arp or self.dhcp or f"{self.ip_source} > {self.ip_destination} protocol {self.protocol}"
        return f"<{self.time:.3f} {self.source} > {self.destination} {self.kind:#06x} {what}>"


def read(path):
    """All frames of a pcap file; one that is cut off at the end, since it is being written, is left out."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 24:
        return []
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    magic, = struct.unpack_from(order + "I", data)
    fraction = 1e9 if magic == 0xA1B23C4D else 1e6
    frames = []
    start = 24
    while start + 16 <= len(data):
        seconds, part, length, _ = struct.unpack_from(order + "IIII", data, start)
        start += 16
        if start + length > len(data):
            break
        if length >= 14:
            frames.append(Frame(seconds + part / fraction, data[start:start + length]))
        start += length
    return frames


def _dhcp(data):
    """BOOTP fields and options; a repeated option continues the one before (RFC 3396)."""
    options = {}
    at = 240
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        code, length = data[at], data[at + 1]
        options[code] = options.get(code, b"") + data[at + 2:at + 2 + length]
        at += 2 + length
    return {"operation": data[0], "client_address": _ip(data[12:16]), "your_address": _ip(data[16:20]),
            "client_mac": _mac(data[28:34]), "message": (options.get(53) or b"\0")[0],
            "hostname": options.get(12, b"").decode(errors="replace"), "client_id": options.get(61, b"").hex(":"),
            "options": options}


def _mac(data):
    return data.hex(":")


def _ip(data):
    return str(ipaddress.ip_address(data))
