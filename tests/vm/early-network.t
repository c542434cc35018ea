#!/usr/bin/python3
"""A NetworkManager that ran before us at boot, as that of an initramfs does: one that has set the template's address and ended, and
one that still runs. The clone ends with its own identity all the same, and with its own addresses only."""

import sys

sys.dont_write_bytecode = True

import lab
import product
from tap import Tap

PROFILE = lab.File(product.PROFILE_PATH, f"""\
[connection]
id=lan
uuid={product.PROFILE_UUID}
type=ethernet

[ipv4]
method=manual
address1={product.TEMPLATE_ADDRESS}/24,10.0.0.1

[ipv6]
method=disabled
""", 0o600)

HAS_ADDRESS = f"""\
wait_address() {{
  for round in $(seq 600); do
    ip -4 -o address | grep -q ' {product.TEMPLATE_ADDRESS}/' && break
    read -rt 0.1 <> <(:)
  done
  ip -4 -o address | grep ' {product.TEMPLATE_ADDRESS}/' >/run/early-address
}}
"""

# As an initramfs runs it: no bus, it sets up what it finds and ends.
ENDED = lab.File("/usr/lib/ri-lab/early-ended", f"""\
#!/bin/bash
{HAS_ADDRESS}
udevadm trigger --action=add --subsystem-match=net
udevadm settle
NetworkManager --configure-and-quit=initrd --no-daemon
wait_address
""", 0o755)

RUNNING = lab.File("/usr/lib/ri-lab/early-running", f"""\
#!/bin/bash
{HAS_ADDRESS}
NetworkManager --no-daemon &
wait_address
""", 0o755)


def unit(kind, dependencies):
    return lab.File(f"/etc/systemd/system/early-{kind}.service", f"""\
[Unit]
Description=NetworkManager before us, {kind}
ConditionKernelCommandLine=lab.early-{kind}
{dependencies}
Before=reset-identity.service network-pre.target
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/ri-lab/early-{kind}

[Install]
WantedBy=multi-user.target
""")


UNITS = [
    unit("ended", "DefaultDependencies=no\nAfter=sysinit.target"),
    unit("running", "Requires=dbus.service\nAfter=dbus.service"),
]
# The real one takes over from it.
TAKE_OVER = lab.File("/etc/systemd/system/NetworkManager.service.d/take-over.conf", """\
[Service]
ExecStartPre=-+/bin/systemctl stop early-running.service
""")


def has_its_own(tap, guest, hostname, address):
    what = guest.name
    tap.like(guest.out("cat /run/early-address"), product.TEMPLATE_ADDRESS, f"{what}: it had set the template's address before us")
    run = product.last_run(guest)
    tap.is_((run["verdict"], run["outcome"]), ("clone", "done"), f"{what}: reset")
    tap.diag(guest.out("journalctl -b -o cat --no-pager -u reset-identity.service"))
    found = product.identity(guest)
    tap.is_((found["hostname"], found["kernel-hostname"], found["verdict"], found["failed"]), (hostname, hostname, "same", ""),
            f"{what}: its own name, settled, no failed unit")
    tap.is_(found["addresses"], address, f"{what}: its own address, and not the template's")
    tap.like(found["active"], rf"^{found['file']}:ens\d+:activated:lan$", f"{what}: the profile of the file is active")
    tap.isnt(found["file"], product.PROFILE_UUID, f"{what}: under a UUID of its own")
    tap.is_([word for word in found["profiles"].split() if not word.endswith(":lo")], [f"{found['file']}:lan"],
            f"{what}: and there is no other")
    tap.is_(found["verify"], "", f"{what}: verified")
    tap.is_(guest.run("ping -c 1 -w 20 10.0.0.1").status, 0, f"{what}: it reaches the gateway")


lab.enter("bookworm")
with Tap() as test, lab.Lab("early-network") as it:
    image = product.image(policy=product.HOSTS.replace(", 2001:db8::17/64", ""), profiles=[PROFILE], sealed=True, quick=True,
                          files=[ENDED, RUNNING, *UNITS, TAKE_OVER], enable=["early-ended.service", "early-running.service"])
    ended = it.deployed(image, "ended")
    ended.set_uuid(product.CLONE_UUID)
    ended.set_mac("52:54:00:c1:07:01")
    running = it.deployed(image, "running")
    running.set_mac(product.CLONE_MAC)
    for guest in (ended, running):
        guest.set_kernel_arguments(f"lab.early-{guest.name}")
    test.step("deployed")
    test.is_(it.boot(ended, running), ["running"] * 2, "both boot without a failed unit")
    for guest in (ended, running):
        guest.wait_network()
    test.step("booted")
    has_its_own(test, ended, "web-17", "10.0.0.17/24")
    has_its_own(test, running, "db-18", "10.0.0.18/24")
