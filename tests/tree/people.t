#!/usr/bin/python3
"""What a person sees: options, quiet, status, log, plan's summary, undo's outlook, a policy's warnings."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm"))

from boot_tree import Boot, prepare
from machine_tree import CLONE_MAC, CLONE_UUID, PROGRAM, TEMPLATE_UUID, Machine
from tap import Tap

POLICY_FILE = "/etc/reset-identity/policy.ini"
HOST = f"[network]\ngateway = 10.0.0.1\n[host web-17]\nmatch-uuid = {CLONE_UUID}\naddress = 10.0.0.17/24\n"


def sealed(machine, policy=HOST, profiles=3):
    machine.add_template(profiles)
    machine.write(POLICY_FILE, policy)
    result = machine.run("seal")
    assert result.returncode == 0, result.stderr
    return machine


def options(tap):
    with sealed(Machine()) as machine:
        for arguments, words in ((["steps", "--wait=3"], "steps has no option --wait"),
                                 (["seal", "--poweroff"], "exclude each other"), (["undo", "--dry-run"], "undo has no option --dry-run"),
                                 (["plna"], "did you mean plan"),
                                 (["help", "nonsense"], 'unknown command "nonsense"'), (["help", "aply"], "did you mean apply"),
                                 (["plan", "--policy"], "needs a value")):
            result = machine.run(*arguments)
            tap.is_((result.returncode, words in result.stderr), (2, True), f"{arguments} is usage: {words}")
        for arguments in (["--root="], ["plan", "--as="], ["check-policy", ""], ["status", "--wait=-1"], ["status", "--wait=soon"], ["log", "last"]):
            tap.is_(machine.run(*arguments, *(["status"] if len(arguments) == 1 else [])).returncode, 2, f"{arguments}: a value that cannot be meant is usage")
        for arguments in (["help", "plan"], ["plan", "--help"]):
            result = machine.run(*arguments)
            tap.is_((result.returncode, "--as=" in result.stdout, "--poweroff" in result.stdout), (0, True, False),
                    f"{arguments}: the options of plan")
        machine.become_clone()
        for arguments in (["status"], ["plan"], ["log"], ["steps"]):
            result = machine.run("-q", *arguments)
            tap.is_((result.stdout, result.stderr), ("", ""), f"-q {arguments[0]} is quiet")
        tap.is_(machine.run("-q", "plan").returncode, 3, "and exits as without -q")
        for arguments in (["status"], ["log"], ["steps"], ["verify"], ["check-policy"], ["apply", "--dry-run"]):
            loud, quiet = machine.run("--json", *arguments), machine.run("-q", "--json", *arguments)
            tap.ok(quiet.stdout.startswith("{") and (arguments[0] == "apply" or quiet.stdout == loud.stdout), f"-q --json {arguments[0]}: the object all the same")
        piped = subprocess.run([PROGRAM, f"--root={machine.root}", f"--hardware={machine.hardware}", "--policy=-", "plan"],
                               input=HOST.replace("web-17", "web-18"), capture_output=True, text=True, check=False)
        tap.like(piped.stdout, r"^golden -> web-18  \[host web-18\] <stdin>:3$", "--policy=- is standard input")
        tap.is_(machine.run("--policy=-", "apply").returncode, 2, "apply --policy=- cannot ask: it needs --yes")
        before = machine.snapshot()
        dry = machine.run("apply", "--dry-run")
        tap.is_((dry.returncode, "+web-17" in dry.stdout, machine.snapshot() == before), (3, True, True),
                "apply --dry-run is plan")


def a_plan(tap):
    with sealed(Machine()) as machine:
        planned = machine.run("plan", "--as=web-17")
        tap.is_(planned.returncode, 3, "plan --as a host of the policy")
        tap.like(planned.stdout, r"^golden -> web-17  \[host web-17\] \S+policy.ini:3$", "says who it becomes, and by which line")
        tap.like(planned.stdout, r"10\.0\.0\.17/24", "its address")
        tap.like(machine.run("plan", f"--as={CLONE_MAC}").stdout, r"^golden -> golden-ccdd02$", "plan --as a MAC")
        tap.like(machine.run("plan", "--as=web17").stderr, "did you mean web-17", "a host that is not there")
        for named, key, words in (("ff:ff:ff:ff:ff:ff", "match-mac", "is a group address: no NIC has it as its own"),
                                  ("01-00-5E-00-00-01", "match-mac", "is a group address: no NIC has it as its own"),
                                  ("00:00:00:00:00:00", "match-mac", "is an address that no NIC has"),
                                  ("00000000-0000-0000-0000-000000000000", "match-uuid", "is a placeholder that many machines share"),
                                  ("03000200-0400-0500-0006-000700080009", "match-uuid", "is a placeholder that many machines share")):
            machine.write(POLICY_FILE, HOST)
            refused = machine.run("plan", f"--as={named}")
            tap.is_((refused.returncode, words in refused.stderr), (1, True), f"plan --as={named} is refused: it {words}")
            machine.write(POLICY_FILE, f"[host web-18]\n{key} = {named}\n")
            checked = machine.run("check-policy")
            tap.is_((checked.returncode, words in checked.stderr), (78, True), f"as {key} refuses it, with the same words")
        machine.write(POLICY_FILE, f"[host web-18]\nmatch-uuid = {CLONE_UUID}\naddress.{CLONE_MAC} = 10.0.0.18/24\n")
        for named in ("web-18", CLONE_UUID.upper()):
            by_mac = machine.run("plan", f"--as={named}").stdout
            tap.like(by_mac, r"10\.0\.0\.18/24", f"plan --as={named}: the NIC that the policy names by MAC is that host's")
            tap.unlike(by_mac, "made up.*" + CLONE_MAC, f"plan --as={named}: and not made up")
        machine.write(POLICY_FILE, HOST)
        tap.like(planned.stdout, r"made up for this plan.*: MAC 52:54:00:\S+ of ens3$", "a MAC that nobody named is said to be made up")
        named = machine.run("plan", f"--as={CLONE_MAC}").stdout
        tap.like(named, "made up for this plan.*: product UUID$", "so is a UUID")
        machine.write(POLICY_FILE, "[identity]\nmachine-id = derive\n")
        tap.is_(machine.run("plan", f"--as={CLONE_MAC}").returncode, 3, "plan --as a MAC: the clone has a UUID")
        machine.write(POLICY_FILE, HOST)
        machine.become_clone()
        of_copy = machine.run("plan", "--as=web-17").stdout
        tap.ok("10.0.0.17/24" in of_copy and "gets a new one" not in of_copy and "lan0.nmconnection: ethernet.mac-address" not in of_copy,
               "plan --as on a copy that is not reset: the template's NICs are those of the record", of_copy)
        short, whole = machine.run("plan").stdout, machine.run("plan", "-v").stdout
        tap.like(short, "^  hostname +golden -> web-17  ", "the summary has the choices")
        tap.like(short, r"^\d+ files change; 2 warnings; reset-identity undo brings all", "and how much changes")
        tap.ok(short.index("golden -> web-17") < short.index("+web-17"), "above the diffs")
        tap.unlike(short, r"var/lib/reset-identity/record", "without -v our own record is left out")
        tap.like(whole, r"var/lib/reset-identity/record", "with -v it is shown")
    with Machine() as machine:
        machine.add_template(0)
        machine.run("adopt")
        machine.set_hardware(TEMPLATE_UUID, [("ens3", CLONE_MAC)])
        tap.like(machine.run("plan").stdout, r"^0 files change$", "where no file changes there is none to bring back")
    with Machine() as machine:
        os.makedirs(machine.path("/etc/ssh"))
        for kind in ("ed25519", "ecdsa"):
            subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", machine.path(f"/etc/ssh/ssh_host_{kind}_key")], check=True)
        sealed(machine).become_clone()
        short = machine.run("plan").stdout
        tap.like(short, r"^  services +reload ssh\.service, sshd\.service$", "services as people say it")
        tap.like(short, r"^  ssh-host-keys +a new ecdsa host key, a new ed25519 host key$", "each key by its type, a pair once")
        tap.like(short, r"^  hosts +/etc/hosts: the machine's own lines get", "a step of one file names it")
        tap.like(short, r"^  profiles +3 of 3 get a new UUID$", "how many profiles")
        machine.run("apply", "--yes")
        done = [line.strip() for line in machine.run("log", "1").stdout.splitlines()]
        tap.is_(len(set(done)), len(done), "log N says nothing twice: an action names its unit")
        tap.ok("sshd serves the new host keys (ssh-host-keys, ssh.service): not done" in done, "which below --root was not asked to do anything", done)
    with sealed(Machine(), profiles=40) as machine:
        machine.become_clone()
        short, whole = (machine.run("plan", *options).stdout.split("files change")[0] for options in ([], ["-v"]))
        tap.like(short, r"^  address +dummy1, \S+, \S+, \S+ and 35 more -> DHCP  default$", "many NICs that get the same are one line")
        tap.like(short, r"^  address ens3 +10\.0\.1\.1/16 -> 10\.0\.0\.17/24  ", "the one that gets something else has its own")
        tap.is_((len(short.splitlines()) < 24, whole.count("-> DHCP")), (True, 39), "a summary fits one look; with -v each is told")
    with sealed(Machine(), policy="[network]\nmethod = disabled\n", profiles=40) as machine:
        machine.become_clone()
        tap.like(machine.run("plan").stdout, r"^  address +ens3, \S+, \S+, \S+ and 36 more -> none  policy.ini:2$", "many that get nothing get none")
    with sealed(Machine(), policy="[network]\nmethod = keep\n") as machine:
        machine.become_clone()
        short, whole = machine.run("plan").stdout, machine.run("plan", "-v").stdout
        tap.like(short, r"lan1\.nmconnection: uuid \S+ -> \S+$", "a profile of which only the UUID changes is one line")
        tap.is_((short.count("+uuid="), whole.count("+uuid=")), (1, 3), "with -v it is shown in full")


def a_closed_door(tap):
    """What cannot be written is told, whatever the exit status would have been; nothing goes into a file that takes a closed stream's place."""
    with sealed(Machine()) as machine:
        machine.become_clone()
        where = f"{PROGRAM} --root={machine.root} --hardware={machine.hardware}"
        for command in ("plan", "status", "plan --json", "steps"):
            for target in (">/dev/full", ">&-"):
                result = subprocess.run(["bash", "-c", f"{where} {command} {target}"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
                tap.is_((result.returncode, "cannot write the output" in result.stderr), (1, True), f"{command} {target}: a failure, and said")
        result = subprocess.run(["bash", "-c", f"exec strace -f -qq -o {machine.top}/trace -e trace=write {where} apply --yes <&- >&- 2>&-"], check=False)
        with open(os.path.join(machine.top, "trace"), encoding="utf-8") as file:
            written = re.findall(r"write\([12], .*= (.*)$", file.read(), re.M)
        tap.ok(written and all(said.startswith("-1 EBADF") for said in written), "apply with every stream closed writes nothing where they were", written)
        tap.is_(machine.json("status")[1]["verdict"], "same", "and does its work")


def a_record_that_cannot_be_read(tap):
    with sealed(Machine()) as machine:
        for record in ("/var/lib/reset-identity/record", "/etc/reset-identity/record"):
            machine.write(record, "x", 0o600)
        for command in ("status", "plan"):
            loud, quiet = machine.run(command), machine.run("-q", command)
            tap.is_((quiet.returncode, quiet.stdout, "the record is damaged" in quiet.stderr), (1, "", True), f"-q {command}: says what went wrong")
            tap.is_((loud.stdout + loud.stderr).count("the record is damaged"), 1, f"{command}: once")


def a_policy_that_cannot_be_read(tap):
    """It is not the same as none."""
    for what, spoil in (("a directory", lambda path: os.mkdir(path)), ("a link that leads nowhere", lambda path: os.symlink("/nowhere", path))):
        with sealed(Machine()) as machine:
            os.remove(machine.path(POLICY_FILE))
            spoil(machine.path(POLICY_FILE))
            result = machine.run("status")
            tap.is_((result.returncode, "the defaults apply" in result.stdout), (78, False), f"a policy that is {what}: not taken for none")
            tap.like(result.stdout, "files +not read: see the error", f"{what}: status says so")


def other_nics(tap):
    with Machine() as machine:
        machine.add_template()
        machine.run("adopt", "--yes")
        machine.set_hardware(TEMPLATE_UUID, [("ens3", CLONE_MAC)])
        tap.like(machine.run("plan").stdout, "^golden keeps its name$", "a machine that is rewired keeps its name, and the summary says that")


def a_template_with_an_invalid_policy(tap):
    with sealed(Machine()) as machine:
        machine.write(POLICY_FILE, "[nonsense]\n")
        text = machine.run("status").stdout
        tap.like(text, "this is the sealed template, but with this policy copies of its disk are not reset", "a template whose policy is invalid now")
        tap.unlike(text, "copies of its disk are reset", "no other promise")


def a_status(tap):
    with sealed(Machine()) as machine:
        text = machine.run("status").stdout
        tap.like(text, "this is the sealed template: copies of its disk are reset", "on a template")
        tap.like(text, r"files +\S+policy\.ini$", "the policy's files")
        machine.become_clone()
        text = machine.run("status").stdout
        tap.like(text, r"this is +\[host web-17\] +\S+policy\.ini:3$", "the matched host")
        tap.like(text, "^next +reset-identity plan", "what to run next")
        tap.unlike(machine.run("status", "-v").stdout, "^values", "status -v has no values that nobody gave")
        machine.run("apply", "--yes")
        tap.like(machine.run("status", "-v").stdout, r"^values of run 1\n(  .*\n)*  hostname +golden -> web-17 +policy\.ini:3\n",
                 "status -v: each value that this machine was given, its old one, and where it comes from")
        tap.unlike(machine.run("status").stdout, "^values", "and without -v not")
        machine.run("undo", "--yes")
        tap.unlike(machine.run("status", "-v").stdout, "^values", "nor what was undone")
        machine.write("/run/NetworkManager/conf.d/99-reset-identity-isolate.conf", "# Why: the cause\n[keyfile]\n")
        text = machine.run("status").stdout
        tap.like(text, r"kept down.*99-reset-identity-isolate.conf", "what isolates")
        tap.like(text, "- Why: the cause$", "and why")
        tap.is_(machine.run("status", "--wait").returncode, 3, "status --wait: no run is going on")
        machine.write(POLICY_FILE, "[nonsense]\n")
        tap.like(machine.run("status").stdout, "^next +fix the policy .* then run reset-identity apply --yes", "with an invalid policy too, and what then")
        os.unlink(machine.path(POLICY_FILE))
        machine.run("apply", "--yes")
        os.unlink(machine.path("/run/NetworkManager/conf.d/99-reset-identity-isolate.conf"))
        tap.like(machine.run("status").stdout, "^next +nothing; before it is copied, run reset-identity seal$", "on a settled machine")


# PID 1 as `status --wait` sees it: a job for three questions, then a unit that starts, then one that has.
SYSTEMCTL = """#!/bin/sh
count=$(($(cat /run/asked 2>/dev/null) + 1)); echo $count >/run/asked
case $count in
[123]) echo Job=12; echo ActiveState=inactive ;;
4) echo Job=; echo ActiveState=activating ;;
*) echo ActiveState=active ;;
esac
"""


def waiting(tap):
    with sealed(Machine()) as machine:
        machine.become_clone()
        prepare(machine)
        machine.write("/systemctl", SYSTEMCTL, 0o755)
        status = "/tmp/program/reset-identity --hardware=/hw status"
        boot = Boot(machine, "mkdir -p /run/systemd/system; mount --bind /systemctl /usr/bin/systemctl\n"
                    f"echo == early; {status} --wait=0; echo == waited; {status} --wait; echo == asked; cat /run/asked")
        tap.like(boot.part("waited"), r"^verdict +clone", "status --wait answers once PID 1 has nothing more to start")
        tap.is_(boot.part("asked").strip(), "6", "and not before")
        tap.unlike(boot.part("waited"), "has not ended", "nor after its time is over")


def for_another_user(tap):
    with sealed(Machine()) as machine:
        subprocess.run(["chmod", "-R", "go+rX", machine.top], check=True)
        own = os.path.join(machine.top, "program")
        subprocess.run(["install", "-m", "755", PROGRAM, own], check=True)
        result = machine.run("status", program=other_user(machine, own))
        tap.is_(result.returncode, 77, "status of another user than root")
        tap.like(result.stdout, "hostname +golden", "shows what is in files that anybody may read")
        tap.like(result.stderr, "shown to root only", "and says what is not")
        tap.like(result.stdout, "this is +not known", "which [host] it is, nobody but root can tell")
        draft = os.path.join(machine.top, "draft.ini")
        with open(draft, "w", encoding="utf-8") as file:
            file.write(HOST)
        os.chown(draft, 65534, 65534)
        os.chmod(draft, 0o664)
        tap.is_(machine.run("check-policy", draft, program=other_user(machine, own)).returncode, 0, "who writes a policy may check it before it is root's")
        tap.is_(machine.run("check-policy", draft).returncode, 77, "root is told that it is not trusted")
        os.chmod(machine.path(POLICY_FILE), 0o600)
        for command in ("check-policy", "steps"):
            result = machine.run(command, program=other_user(machine, own))
            tap.is_((result.returncode, "Permission denied: run it as root" in result.stderr), (77, True), f"{command} of a policy that is root's to read")


def other_user(machine, program):
    path = os.path.join(machine.top, "as-nobody")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups {program} "$@"\n')
    os.chmod(path, 0o755)
    return path


def many_profiles(tap):
    with Machine() as machine:
        machine.add_template()
        text = machine.read("/etc/NetworkManager/system-connections/lan0.nmconnection")
        for n in range(1, 7):
            machine.write(f"/etc/NetworkManager/system-connections/more{n}.nmconnection",
                          text.replace("-000000000000", f"-00000000001{n}").replace("10.0.1.1/", f"10.0.1.1{n}/"), 0o600)
        machine.run("seal")
        machine.become_clone()
        tap.like(machine.run("plan").stdout, r"(?m)^  address +ens3 -> DHCP ", "many profiles of one NIC: the NIC is named once")


def log_and_undo(tap):
    with sealed(Machine()) as machine:
        machine.become_clone()
        machine.run("apply", "--yes")
        text = machine.run("log").stdout
        tap.ok(TEMPLATE_UUID in text and CLONE_UUID in text, "log has the reasons", text)
        number = re.match(r"(\d+)", text).group(1)
        tap.like(machine.run("log", number).stdout, r"hostname +golden -> web-17", "log N has the choices")
        tap.is_(machine.run("log", "99").returncode, 1, "a run that is not remembered")
        undone = machine.run("undo", "--yes").stdout
        tap.like(undone, "The next boot resets it again", "undo says what the next boot does")
        tap.like(undone, CLONE_UUID, "with the evidence")
    with sealed(Machine()) as machine:
        machine.become_clone()
        for number in range(4):
            machine.run("apply", "--yes")
            machine.set_hardware(CLONE_UUID, [("ens3", f"52:54:00:cc:dd:1{number}")])
        numbers = [(run["number"], run["verdict"]) for run in machine.json("log")[1]["runs"]]
        tap.is_(numbers, [(4, "rewired"), (3, "rewired"), (2, "rewired"), (1, "clone")], "other NICs do not push the reset out of the log")
        undone = [machine.run("undo", "--yes").returncode for _ in range(4)]
        tap.is_((undone, machine.read("/etc/hostname")), ([0, 0, 0, 0], "golden\n"), "and the way back is whole")
    with Machine() as machine:
        machine.add_template()
        machine.run("adopt")
        machine.set_hardware(TEMPLATE_UUID, [("ens9", "52:54:00:cc:dd:09")])
        machine.run("apply", "--yes")
        undone = machine.run("undo", "--yes").stdout
        tap.like(undone, r"The next boot rebinds it again \(the machine is settled", "and the reason that decides it: not that the UUID is the same")


def a_policy(tap):
    with sealed(Machine()) as machine:
        machine.write("/etc/reset-identity/policy.d/10-site.conf", "[run]\non-failure = continue\n")
        machine.write("/etc/reset-identity/policy.d/20.ini.bak", "")
        machine.write("/etc/reset-identity/policy.d/README", "")
        machine.write(POLICY_FILE, f"[identity]\nhostname = web\n[host me]\nmatch-uuid = {TEMPLATE_UUID}\n"
                      "[host nobody]\nmatch-serial = None\n")
        result = machine.run("check-policy")
        tap.is_((result.returncode, len(result.stderr.splitlines())), (0, 4), "warnings do not change the exit status")
        for words in (r"policy\.ini:2: warning: identity\.hostname: every clone gets the same name",
                      r"policy\.ini:3: warning: host me: this is the template itself",
                      r"policy\.ini:6: warning: host nobody\.match-serial: this matches no machine",
                      r"10-site\.conf:0: warning: this file is not read"):
            tap.like(result.stderr, words, f"warns: {words}")
        tap.like(machine.run("seal").stderr, "every clone gets the same name", "seal warns too")
        machine.write(POLICY_FILE, "[identity]\n" + "".join(f"nonsense{i} = 1\n" for i in range(40)))
        told = machine.run("plan").stderr
        tap.is_((len(told.splitlines()), "35 more: run `reset-identity check-policy`" in told), (7, True),
                "of 40 errors a command tells five")
        tap.is_(machine.run("check-policy").stderr.count("unknown key"), 40, "check-policy tells all")
        piped = subprocess.run([PROGRAM, "check-policy", "-"], input="[steps]\nssh-hostkeys = off\n", text=True,
                               capture_output=True, check=False)
        tap.is_((piped.returncode, "<stdin>:2: steps.ssh-hostkeys" in piped.stderr, "ssh-host-keys?" in piped.stderr),
                (78, True, True), "check-policy - reads standard input; the nearest step is named")


def on_a_terminal(machine, environment, *arguments):
    """What a person sees: through script(1), which gives the program a terminal."""
    line = " ".join([PROGRAM, f"--root={machine.path('/')}", f"--hardware={machine.hardware}", *arguments])
    return subprocess.run(["script", "-qec", line, "/dev/null"], env={**{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "PAGER")}, **environment}, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, check=False)


def a_terminal(tap):
    with sealed(Machine()) as machine:
        machine.become_clone()
        paged = on_a_terminal(machine, {"TERM": "xterm", "PAGER": "sed s/^/P:/"}, "plan")
        tap.is_((paged.returncode, paged.stdout.count("P:") > 20), (3, True), "plan goes through the pager, and exits as ever")
        tap.like(paged.stdout, "\x1b\\[32m", "with its colours")
        logged = on_a_terminal(machine, {"TERM": "xterm", "PAGER": "sed s/^/P:/"}, "log")
        tap.ok("P:" in logged.stdout, "log too")
        tap.unlike(on_a_terminal(machine, {"TERM": "xterm", "PAGER": ""}, "plan").stdout, "P:", "an empty PAGER is none")
        early = on_a_terminal(machine, {"TERM": "xterm", "PAGER": "head -1"}, "plan")
        tap.is_(early.returncode, 3, "a pager that leaves early is no failure")
        plain = on_a_terminal(machine, {"TERM": "xterm", "NO_COLOR": "1", "PAGER": "sed s/^/P:/"}, "plan").stdout
        tap.is_((plain.count("P:") > 20, "\x1b" in plain), (True, False), "NO_COLOR takes the colours and leaves the pager")
        for name, environment in (("TERM=dumb", {"TERM": "dumb"}), ("NO_COLOR", {"TERM": "xterm", "NO_COLOR": "1"})):
            tap.unlike(on_a_terminal(machine, environment, "status").stdout, "\x1b", f"{name}: no colours")
        tap.like(on_a_terminal(machine, {"TERM": "xterm", "NO_COLOR": ""}, "status").stdout, "\x1b\\[",
                 "an empty NO_COLOR is none")


def eighty_columns(tap):
    with sealed(Machine()) as machine:
        listed = on_a_terminal(machine, {"TERM": "dumb"}, "steps").stdout.replace("\r", "")
        tap.ok(max(map(len, listed.splitlines())) <= 80, "steps fits a terminal of 80 columns", listed)
        tap.is_(" ".join(listed.split()), " ".join(machine.run("steps").stdout.split()), "and says the same")
        tap.ok(len(machine.run("steps").stdout.splitlines()) < len(listed.splitlines()), "in a pipe a step is one line")
        machine.become_clone()
        for arguments, most in ((["plan"], "\n\n#"), (["status"], None), (["apply", "--yes"], None), (["log"], None), (["log", "1"], None)):
            said = on_a_terminal(machine, {"TERM": "xterm", "PAGER": "sed s/^//", "NO_COLOR": ""}, *arguments).stdout
            said = re.sub("\x1b\\[[0-9;]*m", "", said.replace("\r", ""))
            said = said.split(most)[0] if most else said
            long = [line for line in said.splitlines() if len(line) > 80 and " " in line.strip()]
            tap.is_(long, [], f"{' '.join(arguments)} fits too")
        said = on_a_terminal(machine, {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "60"}, "status").stdout.replace("\r", "")
        tap.is_([line for line in said.splitlines() if len(line) > 60 and " " in line.strip()], [], "COLUMNS=60 is heeded")
        said = on_a_terminal(machine, {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "45"}, "status").stdout.replace("\r", "")
        tap.is_([line for line in said.splitlines()[:-1] if line != line.rstrip()], [], "a folded line ends with no blank, and none is empty")
        for arguments in (["undo", "--yes"], ["adopt"], ["plna"], ["undo", "--yes"]):
            said = on_a_terminal(machine, {"TERM": "xterm", "NO_COLOR": "1"}, *arguments).stdout.replace("\r", "")
            tap.is_([line for line in said.splitlines() if len(line) > 80], [], f"{' '.join(arguments)}: an error and a warning fit too")
        for arguments in ([], ["plan"], ["apply"], ["status"], ["check-policy"], ["seal"], ["verify"], ["log"], ["undo"], ["adopt"], ["steps"]):
            text = machine.run("help", *arguments).stdout
            tap.ok(max(map(len, text.splitlines())) <= 80, f"help {' '.join(arguments)}: at most 80 columns", text)


def undone_again(tap):
    with sealed(Machine()) as machine:
        machine.become_clone()
        machine.run("apply", "--yes")
        machine.run("apply", "--yes", "--force")
        tap.like(machine.run("undo", "--yes").stdout, r"as they were before it\. The next boot leaves it as it is$", "undo of a reset of a machine that is settled: the next boot does nothing")


def unmatched(tap):
    with sealed(Machine(), policy="[host other]\nmatch-serial = 1\n") as machine:
        machine.become_clone()
        tap.like(machine.run("plan").stdout, "warning: no \\[host\\] section", "plan warns of a clone that no host names")
        tap.like(machine.run("apply", "--yes").stderr, "warning: no \\[host\\] section", "apply too")
    with sealed(Machine(), policy="[network]\nunmatched = refuse\n[host other]\nmatch-serial = 1\n") as machine:
        machine.become_clone()
        tap.is_(machine.run("apply", "--yes").returncode, 78, "unmatched = refuse")


def nobody_to_ask(tap):
    """Without a terminal and without --yes."""
    with sealed(Machine()) as machine:
        result = machine.run("apply")
        tap.is_((result.returncode, result.stdout), (0, "this is the recorded machine: nothing is changed\n"), "apply with nothing to do asks nobody")
        for option in "--json", "-q":
            tap.is_(machine.run("apply", option).returncode, 2, f"apply {option} wants --yes all the same")
        tap.is_(machine.run("undo").returncode, 1, "undo with nothing to undo fails as it does on a terminal")
        machine.become_clone()
        before = machine.snapshot()
        result = machine.run("apply")
        tap.is_((result.returncode, result.stdout, machine.snapshot() == before), (2, "", True), "apply with something to do is a usage error")
        tap.like(result.stderr, "^reset-identity: apply asks .* give --yes .*; nothing is changed$", "which says what to give")
        machine.run("apply", "--yes")
        before = machine.snapshot()
        result = machine.run("undo")
        tap.is_((result.returncode, result.stdout, machine.snapshot() == before), (2, "", True), "so is undo")
        os.rename(machine.path("/var/lib/reset-identity/history/1"), machine.path("/var/lib/reset-identity/transaction"))
        before = machine.snapshot()
        for command in "apply", "undo":
            tap.is_((machine.run(command).returncode, machine.snapshot() == before), (2, True), f"a run that is not finished is something for {command} to do")
        tap.is_(machine.run("apply", "--yes").returncode, 0, "with --yes it is finished")
    with Machine() as machine:
        machine.add_template()
        tap.is_((machine.run("apply").returncode, machine.json("status")[1]["record"]), (2, None), "a machine without a record is not recorded either")


with Tap() as tap:
    for test in (nobody_to_ask, options, a_plan, a_closed_door, a_record_that_cannot_be_read, a_policy_that_cannot_be_read, other_nics, a_template_with_an_invalid_policy, a_status, waiting, for_another_user, log_and_undo, many_profiles, a_policy, a_terminal, eighty_columns, undone_again, unmatched):
        test(tap)
