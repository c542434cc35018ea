"""The DHCP client identifier that systemd-networkd makes of a machine-id: a DUID-EN (RFC 8415, 11.3) with systemd's enterprise number
and the machine-id's SipHash-2-4 (Aumasson and Bernstein, 2012) under networkd's own key (systemd, src/libsystemd-network/dhcp-identifier.c)."""

import struct

ENTERPRISE = 43793
KEY = bytes.fromhex("80118cc2fe4a03ee3ed60c6f36391409")
MASK = (1 << 64) - 1


def _left(value, bits):
    return (value << bits | value >> 64 - bits) & MASK


def _round(a, b, c, d):
    a, c = (a + b) & MASK, (c + d) & MASK
    b, d = _left(b, 13) ^ a, _left(d, 16) ^ c
    a, c = (_left(a, 32) + d) & MASK, (c + b) & MASK
    return a, _left(b, 17) ^ c, _left(c, 32), _left(d, 21) ^ a


def siphash(key, data):
    first, second = struct.unpack("<QQ", key)
    state = (first ^ 0x736F6D6570736575, second ^ 0x646F72616E646F6D, first ^ 0x6C7967656E657261, second ^ 0x7465646279746573)
    padded = data + bytes(-(len(data) + 1) % 8) + bytes([len(data) & 0xFF])
    for word, in struct.iter_unpack("<Q", padded):
        a, b, c, d = state
        a, b, c, d = _round(*_round(a, b, c, d ^ word))
        state = (a ^ word, b, c, d)
    a, b, c, d = state
    state = (a, b, c ^ 0xFF, d)
    for _ in range(4):
        state = _round(*state)
    a, b, c, d = state
    return struct.pack("<Q", a ^ b ^ c ^ d)


def of_machine_id(machine_id):
    return struct.pack("!HI", 2, ENTERPRISE) + siphash(KEY, bytes.fromhex(machine_id))
