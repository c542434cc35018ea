#!/usr/bin/python3
"""systemd-networkd alone: what a clone's wire carries at boot, and a change on a machine that runs, with its way back. Each boot is a
systemd of its own as PID 1 in systemd-nspawn, as in door.t; the gateway answers at the other end of the wire.

    networkd.t [NAME...]    only these boots
"""

import concurrent.futures
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "vm"), HERE]

import container
import machine_story
import second_nic
from machine_story import APPLY, GATEWAY, NO_ADDRESS, OWN, POLICY, SILENT, SILENT_GATEWAY, UNDO, VERIFY
from tap import Tap

OLD = container.ADDRESS
FILE = "/etc/systemd/network/20-lab.network"
NETWORKD = f"# golden's\n[Match]\nName=ens3\n\n[Network]\nAddress={OLD}/24\nGateway=10.0.0.1\nIPv6AcceptRA=no\n"
# A template for two hypervisors has a file for each name of its NIC.
OTHER_FILE = "/etc/systemd/network/10-other.network"
OTHER = NETWORKD.replace("ens3", container.OTHER_NIC)
BOTH = POLICY + second_nic.POLICY
KEEPS_ID = "[steps]\nmachine-id = off\n"

# The machine's own story; what it prints is read here.
START = machine_story.BEGIN + """\
say() {
  echo "== $1"; cat /etc/hostname; ip -4 -o address show dev ens3; ip route show default; ip -6 -o address show dev ens3 | grep -o 'fe80::'
  systemctl show -p InvocationID systemd-networkd; cat /etc/systemd/network/20-lab.network
  ip -4 -o address show dev ens4; cat /etc/systemd/network/10-ens4.network
}
say boot
"""
# As where it has asked a DHCP server: it knows the machine-id.
ASKED = "busctl call org.freedesktop.network1 / org.freedesktop.DBus.Peer GetMachineId\n"
# An earlier run's way back, under way still or failed: it has our unit's name.
TAKE_BACK = "reset-identity-take-back"
WAITING = f"""\
systemd-run --quiet --collect --unit={TAKE_BACK} --on-active=1ms sleep infinity
until systemctl -q is-active {TAKE_BACK}.service; do read -rt 0.1 <> <(:); done
"""
HAS_FAILED = f"""\
systemd-run --quiet --unit={TAKE_BACK} --on-active=1ms false
until systemctl -q is-failed {TAKE_BACK}.service; do read -rt 0.1 <> <(:); done
systemctl --no-pager --all --plain list-units '{TAKE_BACK}*'
"""
# networkd does not start as long as the clone's address is in its file.
NO_START = f"""\
mkdir -p /etc/systemd/system/systemd-networkd.service.d
printf '[Service]\\nExecStartPre=/bin/sh -c "! grep -q {OWN} {FILE}"\\n' >/etc/systemd/system/systemd-networkd.service.d/crash.conf
systemctl daemon-reload
"""
STOP = machine_story.TIMER + """\
journalctl -b -o cat --no-pager -u 'reset-identity*' -u systemd-networkd | tail -30
systemctl poweroff --force --force
"""
BOOT = container.BOOT.replace("ip link set wire up\n", f"""\
{second_nic.LINK}ip address add {GATEWAY}/24 dev wire
ip link set wire up
if [ -e "$1/dhcp" ]; then
  ip link set lo up
  dnsmasq --conf-file=/dev/null --pid-file= --dhcp-leasefile="$1/leases" --port=0 --interface=wire --dhcp-range=10.0.0.100,10.0.0.120
  trap 'kill $(cat "$1/dhcp")' EXIT
fi
""").replace("--pid-file=", '--pid-file="$1/dhcp"')


def machine(policy, story, dhcp=False, elsewhere=False):
    def do(root):
        container.networkd(root)
        if second_nic.POLICY in policy:
            second_nic.install(root)
        container.write(root, FILE, NETWORKD)
        if elsewhere:
            container.write(root, OTHER_FILE, OTHER)
            container.seal_elsewhere(root)
        container.write(root, "/etc/reset-identity/policy.ini", policy)
        container.write(root, "/usr/lib/test-end", START + story + STOP, 0o755)
        if dhcp:
            container.write(os.path.dirname(root), "dhcp", "")
    return do


# NAME: is it a clone when it boots, its policy, what it does then, whether there is a DHCP server, and whether it was sealed on
# another hypervisor.
BOOTS = {
    "an address": (True, BOTH, ""),
    "two hypervisors": (True, POLICY, "", False, True),
    "no address": (True, NO_ADDRESS, ""),
    "live by a new start": (False, POLICY, ASKED + APPLY + VERIFY + UNDO),
    "live by reload": (False, BOTH + KEEPS_ID, APPLY + VERIFY + UNDO),
    "live, a DHCP server": (False, NO_ADDRESS, ASKED + APPLY + VERIFY + UNDO, True),
    "live, a silent gateway": (False, SILENT_GATEWAY, APPLY + VERIFY),
    "live, a way back that waits": (False, POLICY, WAITING + APPLY),
    "live, a way back that has failed": (False, POLICY, HAS_FAILED + APPLY),
    "live, a networkd that does not start": (False, POLICY, ASKED + NO_START + APPLY),
}


def invocation(text):
    return [line for line in text.splitlines() if line.startswith("InvocationID=")]


def is_live(tap, boot, name, restarted):
    result = boot.result()
    before, applied, undone = boot.part("boot"), boot.part("applied"), boot.part("undone")
    tap.ok(f"inet {OLD}/24" in before and "the gateway answers" in result, f"{name}: the template runs with its address", result)
    tap.ok("apply ended with 0" in result and f"inet {OWN}/24" in applied and f"inet {OLD}/" not in applied and f"via {GATEWAY}" in applied
           and "fe80::" in applied,
           f"{name}: the clone's address takes the place of the template's", result)
    tap.ok(f"Address={OWN}/24" in applied and applied.startswith("clone-1\n"), f"{name}: and the file says so", result)
    tap.ok((invocation(before) != invocation(applied)) == restarted,
           f"{name}: networkd {'starts anew, for its DUID is another one' if restarted else 'reloads and is not restarted'}", result)
    tap.ok("verify ended with 0" in result, f"{name}: verify agrees", result)
    tap.ok("undo ended with 0" in result and f"inet {OLD}/24" in undone and f"inet {OWN}/" not in undone and "fe80::" in undone and NETWORKD in undone
           and "the gateway answers again" in result, f"{name}: undo brings the address and every byte back", result)
    tap.ok("the timer is left" not in result, f"{name}: no timer is left", result)
    if not restarted:
        tap.ok(f"inet {second_nic.ADDRESS}/24" in applied and "10-ens4.network: No such file" in undone and second_nic.ADDRESS not in undone,
               f"{name}: a NIC that had no file has one, until the undo", result)


def judge(tap, name, boot):
    result = boot.result()
    console = boot.read("console")[-2000:]
    if name == "an address":
        tap.ok(f"inet {OWN}/24" in result and f"inet {OLD}/" not in result and "the gateway answers" in result,
               "a clone comes up with its own address", result, console)
        tap.ok(result and not boot.frames_of_template(), "and no frame has the template's", boot.read("text")[-2000:])
        tap.ok(f"inet {second_nic.ADDRESS}/24" in result and "[Match]\nName=ens4\n" in result, "a NIC that had no file has one, and its address",
               result, console)
    elif name == "two hypervisors":
        tap.ok(f"inet {OWN}/24" in result and result.count("inet ") == 1 and "the gateway answers" in result,
               "of two hypervisors' files the one of the NIC's name here counts, and the NIC has its own address only", result, console)
        tap.ok(result and not boot.frames_of_template(), "and no frame has the template's", boot.read("text")[-2000:])
        tap.is_(re.findall("Name=.*|DHCP=.*|Address=.*", boot.read(f"upper{OTHER_FILE}")), [f"Name={container.OTHER_NIC}", "DHCP=ipv4"],
                "the other is for no NIC")
    elif name == "no address":
        tap.ok("DHCP=ipv4" in result and "inet " not in result, "a clone without an address asks a DHCP server", result, console)
        tap.ok("BOOTP/DHCP, Request" in boot.read("text") and not boot.frames_of_template(), "and no frame has the template's address",
               boot.read("text")[-2000:])
    elif name == "live, a DHCP server":
        applied, undone = boot.part("applied"), boot.part("undone")
        tap.ok("apply ended with 0" in result and re.search(r"inet 10\.0\.0\.1[012]\d/24 .*dynamic", applied) and f"inet {OLD}/" not in applied
               and "DHCP=ipv4" in applied, f"{name}: a lease takes the place of the template's address", result, console)
        tap.ok("undo ended with 0" in result and f"inet {OLD}/24" in undone and "dynamic" not in undone and NETWORKD in undone,
               f"{name}: undo brings the address back, and the lease goes", result)
    elif name == "live, a silent gateway":
        applied = boot.part("applied")
        tap.ok("apply ended with 1" in result and f"gateway {SILENT} on ens3" in result, f"{name}: the change fails, and says why", result, console)
        tap.ok(f"inet {OLD}/24" in applied and f"inet {OWN}/" not in applied and applied.startswith("golden\n") and NETWORKD in applied,
               f"{name}: and everything is as it was", result)
        tap.ok("the timer is left" not in result, f"{name}: no timer is left", result)
    elif "a way back that" in name:
        applied = boot.part("applied")
        tap.ok("apply ended with 0" in result and f"inet {OWN}/24" in applied, f"{name}: the change is made all the same", result, console)
        tap.ok("the timer is left" not in result, f"{name}: no timer is left", result)
    elif name == "live, a networkd that does not start":
        applied = boot.part("applied")
        tap.ok("apply ended with 1" in result and "systemd-networkd.service" in result, f"{name}: the change fails, and says why", result, console)
        tap.ok(f"inet {OLD}/24" in applied and f"via {GATEWAY}" in applied and NETWORKD in applied and "Everything is as it was" in result,
               f"{name}: and everything is as it was, as is said", result)
    else:
        is_live(tap, boot, name, name == "live by a new start")


def main(names):
    if os.geteuid() != 0:
        print("1..0 # SKIP namespaces need root")
        return
    with tempfile.TemporaryDirectory(prefix="reset-identity-networkd-") as top, concurrent.futures.ThreadPoolExecutor(2) as pool, Tap() as tap:
        root = os.path.join(top, "golden")
        os.mkdir(root)
        container.golden(root)
        boots = [(name, pool.submit(container.Boot(top, root, is_clone, machine(*rest), BOOT).run))
                 for name, (is_clone, *rest) in BOOTS.items() if not names or name in names]
        for name, boot in boots:
            judge(tap, name, boot.result())


main(sys.argv[1:])
