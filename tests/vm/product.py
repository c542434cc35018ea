"""The product in a golden machine: installed by make, enabled, with a policy and profiles, sealed by its own command."""

import json
import os
import re
import shlex
import subprocess

import build
import lab

CLONE_UUID = "4dc56075-50f3-466d-98f2-79838106e82f"
CLONE_MAC = "52:54:00:c1:07:02"
CLONE_SERIAL = "VMware-42 1c 50 75 56 f3 6d 46-98 f2 79 83 81 06 e8 2f"
TEMPLATE_ADDRESS = "10.0.0.10"
TEMPLATE_ADDRESS6 = "2001:db8::10"
PROFILE_UUID = "b1b0a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c01"
PROFILE_PATH = "/etc/NetworkManager/system-connections/lan.nmconnection"

PROFILE = lab.File(PROFILE_PATH, f"""\
# the template's own network
[connection]
id=lan
uuid={PROFILE_UUID}
type=ethernet

[ethernet]
mac-address={lab.GOLDEN_MACS[0]}

[ipv4]
method=manual
address1={TEMPLATE_ADDRESS}/24,10.0.0.1
dns=10.0.0.53;

[ipv6]
method=manual
address1={TEMPLATE_ADDRESS6}/64
""", 0o600)

HOSTS = f"""\
[network]
gateway = 10.0.0.1
dns = 10.0.0.54

[host web-17]
match-uuid = {CLONE_UUID.upper()}
address = 10.0.0.17/24, 2001:db8::17/64

[host db-18]
match-mac = {CLONE_MAC.upper().replace(":", "-")}
address = 10.0.0.18/24

[host esx-19]
match-serial = {CLONE_SERIAL}
address = 10.0.0.19/24
"""

POLICY = f"""\
[identity]
hostname = node-{{mac:6}}

{HOSTS}"""


def image(policy=POLICY, profiles=(PROFILE,), files=(), suite="bookworm", enable=(), **options):
    """A golden machine's image with the product in it."""
    own = list(profiles) + list(files)
    if policy is not None:
        own.append(lab.File(POLICY_PATH, policy))
    return lab.Image(suite, "golden", files=own, installed=build.installed(suite), enable=["reset-identity.service", *enable],
                     **options)


SEAL = ["reset-identity seal"]

# What the template was can be read in each clone.
TEMPLATE = "/root/template"
TEMPLATE_KEPT = [
    f"mkdir {TEMPLATE} && cp /etc/machine-id /etc/ssh/ssh_host_*_key.pub {TEMPLATE}",
    *SEAL,
]

# The driver of the network cards kept from udev and brought in by a unit, once the basic system is up.
LATE_CARDS = "modprobe.blacklist=virtio_net lab.late-cards"
LATE_CARDS_UNIT = lab.File("/etc/systemd/system/late-cards.service", """\
[Unit]
Description=Network cards that appear late
ConditionKernelCommandLine=lab.late-cards
DefaultDependencies=no
After=basic.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/bin/sleep 2
ExecStart=/sbin/modprobe virtio_net

[Install]
WantedBy=multi-user.target
""")

# /etc/machine-id as a mount point that is there to stay.
BOUND_MACHINE_ID = "lab.bound-machine-id"
BOUND_MACHINE_ID_UNIT = lab.File("/etc/systemd/system/etc-machine\\x2did.mount", """\
[Unit]
Description=A machine-id that is mounted
ConditionKernelCommandLine=lab.bound-machine-id

[Mount]
What=/etc/machine-id
Where=/etc/machine-id
Options=bind

[Install]
WantedBy=local-fs.target
""")

POLICY_PATH = "/etc/reset-identity/policy.ini"
BROKEN_POLICY = f"""\
[network]
gatewy = 10.0.0.1

[host web-17]
match-uuid = {CLONE_UUID}
address = 10.0.0.300/24
"""

# Something happens to a program of ours, or to the policy, before it runs: which, and what, stands on the kernel command line.
FAULT = "lab.fault"
KEPT = "/usr/lib/ri-lab/kept"
FAULT_PROGRAM = lab.File("/usr/lib/ri-lab/fault", f"""\
#!/bin/bash
set -e
small=/usr/lib/reset-identity/clone-check large=/usr/sbin/reset-identity
mkdir -p {KEPT}
take() {{ mv "$1" {KEPT}/; }}
script() {{ take "$1"; printf '#!/bin/bash\\n%s\\n' "$2" >"$1"; chmod 755 "$1"; }}
read -ra words </proc/cmdline
for word in "${{words[@]}}"; do
  case $word in
    {FAULT}=small-gone) take $small ;;
    {FAULT}=small-killed) script $small 'kill -KILL $$' ;;
    {FAULT}=large-gone) take $large ;;
    {FAULT}=policy-broken) printf %s {shlex.quote(BROKEN_POLICY)} >{POLICY_PATH} ;;
    # With its work half done: as soon as there is something of it.
    {FAULT}=large-killed) script $large '{KEPT}/reset-identity "$@" &
until set -- /var/lib/reset-identity/transaction/*; [ -e "$1" ] || ! kill -0 $!; do :; done
kill -KILL $! $$' ;;
  esac
done
""", 0o755)
FAULT_UNIT = lab.File("/etc/systemd/system/lab-fault.service", f"""\
[Unit]
Description=A fault of one of our programs
ConditionKernelCommandLine={FAULT}
DefaultDependencies=no
After=local-fs.target systemd-remount-fs.service
Before=reset-identity.service

[Service]
Type=oneshot
ExecStart={FAULT_PROGRAM.path}

[Install]
WantedBy=sysinit.target
""")


def quick_golden(it):
    """The golden machine that several tests share; its policy leaves the host name to the default."""
    shared = image(policy=HOSTS, quick=True, files=[LATE_CARDS_UNIT, BOUND_MACHINE_ID_UNIT, FAULT_PROGRAM, FAULT_UNIT],
                   enable=["late-cards.service", "lab-fault.service", os.path.basename(BOUND_MACHINE_ID_UNIT.path)])
    return it.golden(shared, prepare=TEMPLATE_KEPT)


# Each process costs an emulated processor a twentieth of a second, each of NetworkManager's clients nearly one: bash itself does
# what it can; by a pipe, since `ip` in a domain of SELinux's own may not write to our files. verify comes first: it waits for a
# network that is still coming up.
ESSENTIALS = rf"""
set -f
said() {{ mapfile -t said < <(exec "$@"); }}
read -r value </etc/machine-id; echo "machine-id $value"
read -r value </etc/hostname; echo "hostname $value"
read -r value </proc/sys/kernel/hostname; echo "kernel-hostname $value"
value=; [ ! -e {PROFILE_PATH} ] || while read -r line; do [[ $line != uuid=* ]] || value+=${{line#uuid=}}; done <{PROFILE_PATH}
echo "file $value"
said reset-identity verify --wait=60 2>/run/ri-lab/complaint; mapfile -t -O ${{#said[@]}} said </run/ri-lab/complaint; value=
for line in "${{said[@]}}"; do [[ $line != failed* ]] || value+="$line;"; done
echo "verify $value"
said nmcli -t -f ACTIVE,UUID,DEVICE,STATE,NAME connection show; value= profiles=
for line in "${{said[@]}}"; do
  [[ $line != yes:* || $line == *:lo:* ]] || value+="${{line#yes:}} "
  line=${{line#*:}} name=${{line#*:*:*:}}
  [ "$name" = lo ] || profiles+="${{line%%:*}}:$name "
done
echo "active $value"
said ip -o address show scope global; value=
for line in "${{said[@]}}"; do set -- $line; value+="$4 "; done
echo "addresses $value"
said reset-identity status; value=
for line in "${{said[@]}}"; do [[ $line != verdict* ]] || {{ set -- $line; value+=$2; }}; done
echo "verdict $value"
"""

FACTS = ESSENTIALS + r"""
mapfile -t said </etc/hosts; value=
for line in "${said[@]}"; do [[ $line != 127.0.1.1* ]] || value+="${line//$'\t'/ } "; done
echo "hosts $value"
set +f
value=
for line in /var/log/journal/* /run/log/journal/*; do
  line=${line##*/}
  [[ ! $line =~ ^[0-9a-f]{32}$ || " $value" == *" $line "* ]] || value+="$line "
done
echo "journal-directories $value"
read -r value < <(journalctl -b -o cat --no-pager _TRANSPORT=kernel 2>/dev/null); echo "first-message $value"
said busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.DBus.Peer GetMachineId; echo "pid1 ${said[*]}"
said systemctl --failed --plain --no-legend; echo "failed ${said[*]}"
echo "profiles $profiles"
value=
for line in /etc/ssh/ssh_host_*_key.pub; do read -r _ key _ <"$line"; value+="$key "; done
echo "keys $value"
"""


def identity(guest, script=FACTS):
    """What makes a machine one of its own, as the machine itself sees it: {name: text}."""
    found = {}
    for line in guest.out(script, timeout=120).splitlines():
        name, _, value = line.partition(" ")
        found[name] = value.strip()
    return found


def has_profile_of_its_own(tap, name, found):
    """Of NetworkManager's."""
    tap.unlike(found["profiles"], PROFILE_UUID, f"{name}: a connection UUID of its own")
    tap.like(found["active"], r"^\S+:ens\d+:activated:lan$", f"{name}: the NIC is up on the edited profile")
    tap.unlike(found["profiles"], "Wired connection", f"{name}: no \"Wired connection 1\"")


def essentials(guest):
    """The part of identity() that is asked for again and again."""
    return identity(guest, ESSENTIALS)


def template(guest):
    """What TEMPLATE_KEPT has left of the template in a clone, as identity() says it of the clone."""
    return {"hostname": "golden", "machine-id": guest.out(f"cat {TEMPLATE}/machine-id").strip(),
            "keys": " ".join(guest.out(f"awk '{{print $2}}' {TEMPLATE}/*.pub").split())}


def is_machine_of_its_own(tap, name, found, template):
    tap.is_(found["verdict"], "same", f"{name}: settled")
    for what in ("machine-id", "hostname", "keys"):
        tap.isnt(found[what], template[what], f"{name}: another {what} than the template's")
    tap.is_(found["kernel-hostname"], found["hostname"], f"{name}: the kernel has the name of the file")
    tap.like(found["hosts"], rf"127\.0\.1\.1 +{found['hostname']}\b", f"{name}: /etc/hosts")
    tap.is_(found["journal-directories"], found["machine-id"], f"{name}: one journal directory, its own")
    tap.like(found["first-message"], r"^Linux version", f"{name}: the whole boot is readable")
    tap.is_(found["pid1"], f's "{found["machine-id"]}"', f"{name}: PID 1 speaks with the new id")
    tap.is_(found["verify"], "", f"{name}: verify finds everything in force")
    tap.is_(found["failed"], "", f"{name}: no failed unit")


# What the network of a machine is; the addresses that IPv6 makes itself are tried for a second or two first.
ROUTES = "ip -o address | sed 's/valid_lft.*//'; ip route; ip -6 route"
NOT_TENTATIVE = '[ -z "$(ip -6 address show tentative)" ]'

SNAPSHOT = r"""
where="/etc /var/lib/NetworkManager/secret_key /var/lib/reset-identity /var/lib/dbus"
find $where -xdev ! -name resolv.conf \( -type f -o -type l \) -printf '%p %m %U %T@ %l\n'
find $where -xdev ! -name resolv.conf -type f -print0 | xargs -0 sha256sum
"""


def last_run(guest):
    """What reset-identity itself says of its run at this boot; None: it did not run."""
    if guest.run("test -e /run/reset-identity/last.json").status != 0:
        return None
    return json.loads(guest.get("/run/reset-identity/last.json"))


def verified_by_unit(guest):
    """What reset-identity-verify.service found after the clone's first boot, in its own sandbox: {check: result}."""
    guest.wait_for("test -s /run/reset-identity/verify.json", 180)
    return {check["what"]: check["result"] for check in json.loads(guest.get("/run/reset-identity/verify.json"))["checks"]}


def snapshot(guest):
    """Content, mode, owner and time stamp of every file that carries identity. NetworkManager itself writes resolv.conf."""
    return guest.out(SNAPSHOT, timeout=180)


def changed_paths(before, after):
    """The files in which two snapshots differ."""
    lines = set(before.splitlines()) ^ set(after.splitlines())
    return sorted({next(word for word in line.split() if word.startswith("/")) for line in lines})


def is_refused(tap, guest, why, what, routes):
    """An apply that has to fail: everything is as it was, to the byte and to the route, as the command ROUTES says it."""
    files, before = snapshot(guest), guest.out(routes)
    result = guest.run("reset-identity apply --force --yes", 180)
    tap.is_(result.status, 1, f"{what}: exit status 1")
    tap.like(result.err, why, f"{what}: it is named")
    guest.wait_for(NOT_TENTATIVE)
    tap.is_(changed_paths(files, snapshot(guest)), [], f"{what}: not a byte has changed")
    tap.is_(guest.out(routes), before, f"{what}: the same addresses and routes")


def host_keys(address):
    """A real ssh-keyscan from the host."""
    result = subprocess.run(["ssh-keyscan", "-T", "20", address], capture_output=True, text=True, check=False)
    return {line.split()[1]: line.split()[2] for line in result.stdout.splitlines() if not line.startswith("#")}


def uuid_of_profile(guest, path=PROFILE_PATH):
    return re.search(r"^uuid=(.*)$", guest.get(path).decode(), re.MULTILINE).group(1)
