"""A DHCP server on the lab's bridge: dnsmasq, without DNS."""

import os
import signal

import process


class Dhcp:
    def __init__(self, folder, bridge, first="10.0.0.200", last="10.0.0.250"):
        self.leases_path = os.path.join(folder, "dhcp.leases")
        self.log_path = os.path.join(folder, "dhcp.log")
        self.process = process.start(
            ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", f"--interface={bridge}",
             "--bind-interfaces", f"--dhcp-range={first},{last},255.255.255.0,1h", "--dhcp-authoritative",
             f"--dhcp-leasefile={self.leases_path}", f"--log-facility={self.log_path}", "--log-dhcp",
             "--user=root", "--group=root", "--pid-file="])
        process.wait_output(self.log_path, "DHCP, IP range", 10)

    def leases(self):
        """[(mac, address, hostname, client id)] as the server remembers them; "*" where it knows none."""
        if not os.path.exists(self.leases_path):
            return []
        with open(self.leases_path, encoding="utf-8") as file:
            rows = [line.split() for line in file]
        return [tuple(row[1:5]) for row in rows if len(row) == 5]

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        process.stop(self.process, signal.SIGTERM)
