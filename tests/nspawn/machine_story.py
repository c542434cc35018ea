"""How the story of a machine in a container begins, which it tells in /result (BEGIN, a bash script).

The kernel has an address a moment before the route that goes with it: what a story waits for is the gateway's answer, not the
address alone.
"""

GATEWAY = "10.0.0.1"

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
