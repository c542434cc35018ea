#!/usr/bin/python3
"""NetworkManager of each release under its own systemd, as door.t boots it: what a clone's wire carries at boot; a change on a machine
that runs and its way back; changes that are refused; runs that are killed.

    manager.t [SUITE...]    only these releases
"""

import concurrent.futures
import os
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "vm"), HERE]

import container
import machine_story
from live import KILLER
from machine_story import GATEWAY, NO_ADDRESS, OWN, POLICY, SILENT, SILENT_GATEWAY
from tap import Tap

SUITES = ["bookworm", "bullseye", "trixie"]
OLD, NEIGHBOUR = container.ADDRESS, "10.0.0.201"
FILE = "/etc/NetworkManager/system-connections/lan.nmconnection"
# A template for two hypervisors has a profile for each name of its NIC; on the other one it was up last.
OTHER_FILE = "/etc/NetworkManager/system-connections/other.nmconnection"
OTHER = container.PROFILE.replace("id=lan", "id=other").replace("ens3", container.OTHER_NIC).replace("11111111", "22222222")
SEEN_LAST = "[timestamps]\n22222222-1111-4111-8111-111111111111=1700000000\n"
# systemd calls the machine golden all the same.
SPELLED = "gol_den"
SPELL = f"echo {SPELLED} >/etc/hostname\nsha256sum {FILE} /etc/hosts /etc/hostname >/before\n"
KEPT = NO_ADDRESS + "[network]\nmethod = keep\n"

# The machine's own story; what it prints is read here.
START = machine_story.BEGIN + f"""\
say() {{
  echo "== $1"; cat /etc/hostname; ip -4 -o address show dev ens3; ip route show default
  echo "file $(sed -n 's/^uuid=//p' {FILE})"; nmcli -t -f UUID,DEVICE,STATE connection show --active; nmcli -t -f UUID connection show | grep -c .
  echo "machine-id $(cat /etc/machine-id)"; busctl call org.freedesktop.systemd1 / org.freedesktop.DBus.Peer GetMachineId; echo "== then"
}}
up() {{ ip route show default | grep -q via && nmcli -t -f DEVICE,STATE connection show --active | grep -q '^ens3:activated'; }}
for round in {{1..80}}; do up && break; read -rt 0.1 <> <(:); done
say boot
sha256sum {FILE} /etc/hosts /etc/hostname >/before
"""
LIVE = machine_story.CLONE + """\
ip monitor address route >/events & monitor=$!
reset-identity --hardware=/hw apply --yes; echo "apply ended with $?"
kill $monitor; grep '^Deleted' /events | grep -vE 'fe80|ff00'
say applied
reset-identity --hardware=/hw verify --wait=20; echo "verify ended with $?"
"""
UNDO = """\
reset-identity --hardware=/hw undo --yes; echo "undo ended with $?"
say undone
sha256sum --quiet -c /before && echo "every byte is back"
answers && echo "the gateway answers again"
"""
REFUSED = LIVE.partition("reset-identity --hardware=/hw verify")[0] + """\
sha256sum --quiet -c /before && echo "every byte is back"
answers && echo "the gateway answers again"
"""
# It ends with every start that finds the new address.
CRASHES = f"""\
mkdir -p /etc/systemd/system/NetworkManager.service.d
printf '[Service]\\nExecStartPre=/bin/sh -c "! grep -q {OWN} {FILE}"\\n' >/etc/systemd/system/NetworkManager.service.d/crash.conf
systemctl daemon-reload
"""
STOP = machine_story.TIMER + """\
find /etc /var/lib -xdev -name '.*.reset-identity'; ls -d /var/lib/reset-identity/transaction
systemctl --failed --plain --no-legend | grep -E 'reset-identity|NetworkManager|journald'
echo == log
journalctl -b -o cat --no-pager -u 'reset-identity*' -u NetworkManager | tail -40
systemctl poweroff --force --force
"""
BOOT = container.BOOT.replace("ip link set wire up\n", f"""\
for address in {GATEWAY} {NEIGHBOUR}; do ip address add $address/24 dev wire; done
ip link set wire up
""")


def killed(stage):
    """A run that ends when it says that it is there, and the next one, which has to end what is begun."""
    return machine_story.CLONE + f"""\
/usr/lib/test-killer '{stage}' reset-identity --hardware=/hw -v apply --yes; echo "the first ended with $?"
reset-identity --hardware=/hw apply --yes; echo "apply ended with $?"
say applied
reset-identity --hardware=/hw verify --wait=20; echo "verify ended with $?"
"""


# Stages that are the same whatever NetworkManager there is: of the first release only.
OF_THE_FILES = ["staged", "in place", "the running host name"]
# NAME: is it a clone when it boots, its policy, what it does then, whether it was sealed on another hypervisor, and whether the policy
# is the distribution's and /etc/reset-identity, with the record's copy, is not there.
WITHOUT_ETC = "a clone of a template without /etc/reset-identity"
BOOTS = {
    "a clone": (True, POLICY, ""),
    WITHOUT_ETC: (True, POLICY, "ls /etc/reset-identity\n", False, True),
    "a clone of two hypervisors' template": (True, POLICY, "", True),
    "live": (False, POLICY, LIVE + UNDO),
    "a name with what systemd drops": (False, POLICY, SPELL + LIVE + UNDO),
    "another identity alone": (False, KEPT, LIVE + UNDO),
    "a silent gateway": (False, SILENT_GATEWAY, REFUSED),
    "somebody's address": (False, POLICY.replace(f"{OWN}/24", f"{NEIGHBOUR}/24"), REFUSED),
    "a NetworkManager that does not start": (False, POLICY, CRASHES + REFUSED),
    **{f"killed at '{stage}'": (False, POLICY, killed(stage) + UNDO)
       for stage in ("asking whether the new addresses are free", "committed", "NetworkManager takes the profiles",
                     "restarting NetworkManager", "verifying gateway", *OF_THE_FILES)},
}
# Those that are refused: what is said.
WHY = {"a silent gateway": SILENT, "somebody's address": NEIGHBOUR, "a NetworkManager that does not start": "Job for NetworkManager.service failed"}


def machine(policy, story, elsewhere=False, without_etc=False):
    def do(root):
        if elsewhere:
            container.write(root, OTHER_FILE, OTHER, 0o600)
            container.write(root, "/var/lib/NetworkManager/timestamps", SEEN_LAST)
            container.seal_elsewhere(root)
        if without_etc:
            shutil.rmtree(os.path.join(root, "etc/reset-identity"))
        container.write(root, "/usr/lib/reset-identity/policy.d/10-site.ini" if without_etc else "/etc/reset-identity/policy.ini", policy)
        container.write(root, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 golden\n")
        container.write(root, "/usr/lib/test-killer", KILLER, 0o755)
        container.write(root, "/usr/lib/test-end", START + story + STOP, 0o755)
    return do


def is_whole(tap, said, name, host, address):
    """One identity: in the files, in what runs and on the NIC."""
    tap.ok(said.startswith(f"{host}\n") and f"inet {address}/24" in said and len(re.findall(r"\binet ", said)) == 1 and f"via {GATEWAY}" in said,
           f"{name}: its name, its address and no other, its gateway", said)
    uuid, machine_id = (re.search(rf"^{what} (\S+)$", said, re.M)[1] for what in ("file", "machine-id"))
    tap.ok(f"{uuid}:ens3:activated" in said, f"{name}: the profile of the file is active", said)
    tap.ok(f's "{machine_id}"' in said, f"{name}: PID 1 has the machine-id of the file", said)
    return uuid, machine_id


def judge(tap, suite, name, boot):
    result = boot.result()
    label = f"{suite}, {name}"
    console = boot.read("console")[-2000:]
    if not tap.ok("== log\n" in result and f"inet {OLD if not boot.is_clone else OWN}/24" in boot.part("boot") and "the gateway answers" in result,
                  f"{label}: the machine comes up with the address of its files", result, console):
        return
    tap.is_(result.partition("== log\n")[0].count("the timer is left"), 0, f"{label}: no timer is left")
    tap.ok(not re.search(r"\.reset-identity$|^/var/lib/reset-identity/transaction$|failed failed", result.partition("== log\n")[0], re.M),
           f"{label}: nothing is left of a run, and no unit has failed", result)
    if boot.is_clone:
        is_whole(tap, boot.part("boot"), label, "clone-1", OWN)
        tap.is_(boot.marks_of_template(), [], f"{label}: no frame has anything of the template")
        if name == WITHOUT_ETC:
            tap.like(result, "(?m)^record$", f"{label}: the record has its copy again")
        if boot.read(f"upper{OTHER_FILE}"):
            tap.is_(re.findall("interface-name=.*|method=.*|address.*", boot.read(f"upper{OTHER_FILE}")),
                    [f"interface-name={container.OTHER_NIC}", "method=auto", "method=disabled"], f"{label}: the other profile is for no NIC")
        return
    old = is_whole(tap, boot.part("boot"), f"{label}, the template", "golden", OLD)
    if name in WHY:
        tap.ok("apply ended with 1" in result and WHY[name] in result,
               f"{label}: the change fails, and says why", result)
        tap.is_(is_whole(tap, boot.part("applied"), label, "golden", OLD), old, f"{label}: its UUID and machine-id as they were")
        tap.ok("every byte is back" in result and "the gateway answers again" in result, f"{label}: every byte, and the gateway answers", result)
        return
    keeps = BOOTS[name][1] == KEPT
    tap.ok("apply ended with 0" in result and "verify ended with 0" in result, f"{label}: it is changed, and verify agrees", result)
    new = is_whole(tap, boot.part("applied"), label, "clone-1", OLD if keeps else OWN)
    tap.ok(new[0] != old[0] and new[1] != old[1], f"{label}: another UUID and machine-id", result)
    if keeps:
        tap.unlike(result, "^Deleted ", f"{label}: no address and no route goes meanwhile")
    if name.startswith("killed"):
        tap.ok("the first ended with 137" in result, f"{label}: the first run is killed", result)
    tap.ok("undo ended with 0" in result and "every byte is back" in result and "the gateway answers again" in result,
           f"{label}: undo brings every byte back, and the gateway answers", result)
    tap.is_(is_whole(tap, boot.part("undone"), f"{label}, undone", SPELLED if SPELL in BOOTS[name][2] else "golden", OLD), old, f"{label}, undone: the old UUID and machine-id")


def main(suites):
    if os.geteuid() != 0:
        print("1..0 # SKIP namespaces need root")
        return
    with tempfile.TemporaryDirectory(prefix="reset-identity-manager-") as top, concurrent.futures.ThreadPoolExecutor(2) as pool, Tap() as tap:
        for suite in suites:
            # The systemd of Debian 13 wants the unified hierarchy.
            os.environ["HIERARCHY"] = "1" if suite == "trixie" else "0"
            root = os.path.join(top, suite)
            os.mkdir(root)
            container.golden(root, suite=suite)
            boots = [(name, pool.submit(container.Boot(top, root, is_clone, machine(*rest), BOOT).run)) for name, (is_clone, *rest) in BOOTS.items()
                     if suite == SUITES[0] or not (name == WITHOUT_ETC or any(f"'{stage}'" in name for stage in OF_THE_FILES))]
            for name, boot in boots:
                judge(tap, suite, name, boot.result())


main(sys.argv[1:] or SUITES)
