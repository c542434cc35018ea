"""The story of a machine in a container, which it tells in /result: a bash script, BEGIN and then what it does. `say NAME`, which is
the test's own, says what the machine is at that moment. Also: the policies that it has.

The kernel has an address a moment before the route that goes with it: what a story waits for is the gateway's answer, not the
address alone.
"""

import container

OWN, GATEWAY, SILENT = "10.0.0.77", "10.0.0.1", "10.0.0.200"
NO_ADDRESS = "[identity]\nhostname = clone-1\n"
POLICY = NO_ADDRESS + f"""\
[network]
gateway = {GATEWAY}
[host clone-1]
match-uuid = {container.CLONE_UUID}
address = {OWN}/24
"""
SILENT_GATEWAY = POLICY.replace(f"gateway = {GATEWAY}", f"gateway = {SILENT}")

BEGIN = f"""\
#!/bin/bash
exec >/result 2>&1
has() {{ ip -4 -o address show dev ens3 | grep -q "inet $1"; }}
comes() {{
  for round in {{1..80}}; do
    has "$1" && return
    read -rt 0.1 <> <(:)
  done
  false
}}
answers() {{
  for round in {{1..10}}; do
    ping -c 1 -W 1 {GATEWAY} >/dev/null 2>&1 && return
    has "" || break
    read -rt 0.1 <> <(:)
  done
  false
}}
comes ""
answers && echo "the gateway answers"
"""

CLONE = f"echo {container.CLONE_UUID} >/hw/sys/class/dmi/id/product_uuid\n"
APPLY = CLONE + """\
reset-identity --hardware=/hw apply --yes; echo "apply ended with $?"
say applied
"""
VERIFY = """\
reset-identity --hardware=/hw verify; echo "verify ended with $?"
"""
UNDO = f"""\
reset-identity --hardware=/hw undo --yes; echo "undo ended with $?"
comes {container.ADDRESS}/
say undone
answers && echo "the gateway answers again"
"""
TIMER = """\
systemctl list-timers --no-pager --plain --all | grep take-back && echo "the timer is left"
"""
