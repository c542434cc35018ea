#!/usr/bin/python3
"""SELinux that enforces, with Debian's policy: a clone gets its identity at its first boot, is changed over SSH and by a unit while it
runs, and after its power was cut on the way. Each file then has the label that the policy gives its path, and nothing of ours was
denied anything."""

import sys

sys.dont_write_bytecode = True

import lab
import live
import product
import story
from tap import Tap

CONTEXTS = "/etc/selinux/default/contexts/files/file_contexts"
FILES = [
    lab.File("/etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=default\n"),
    # The lab's hand in the guest is started by PID 1, and may do what the scripts in /etc/init.d may.
    lab.File(f"{CONTEXTS}.local", "/usr/lib/ri-lab/.*\tsystem_u:object_r:initrc_exec_t:s0\n"),
]
LABELLED = ["setfiles", "-m", "-F", "-e", "/proc", CONTEXTS, "/"]

# Files whose label is not the policy's, but for what the history keeps with the label that it had; what was denied to whom.
MISLABELLED = "restorecon -Rnv /etc /var /usr/sbin /usr/lib/reset-identity /run/NetworkManager 2>&1 | " \
              "sed '/reset-identity.history/d; s/^Would relabel //' | sort"
DENIED = r"""journalctl -b -o cat --no-pager | sed -n 's/.*avc: *denied *{ \(.*\) }.* comm="\([^"]*\)".*""" \
         r"""scontext=[^:]*:[^:]*:\([^:]*\):.* tcontext=[^:]*:[^:]*:\([^:]*\):.* tclass=\([^ ]*\).*/\2 as \3: \1 of \4 \5/p' | sort -u"""
# That ssh-keygen stays in our domain is what we ask for; a library's regular expressions do without machine code.
OURS = r"^(reset-identity|clone-check|ssh-keygen) as [^:]*: (?!nnp_transition |execmem )"
DOMAINS = "journalctl -b -F _SELINUX_CONTEXT -u reset-identity.service"

PREPARE = [
    'test "$(getenforce)" = Enforcing',
    *product.TEMPLATE_KEPT,
    f"{MISLABELLED} >{product.TEMPLATE}/mislabelled",
    f"{DENIED} >{product.TEMPLATE}/denied",
]


def lines_beside(guest, command, name):
    """What the command finds now and did not find in the template."""
    template = set(guest.out(f"cat {product.TEMPLATE}/{name}").splitlines())
    return [line for line in guest.out(command, 180).splitlines() if line not in template]


def is_whole(tap, guest, addresses, what):
    found = live.identity(guest)
    live.is_whole(tap, found, addresses, what)
    tap.is_(guest.out("getenforce"), "Enforcing\n", f"{what}: SELinux enforces")
    tap.is_(lines_beside(guest, MISLABELLED, "mislabelled"), [], f"{what}: each file has the label that the policy gives its path")
    denied = lines_beside(guest, DENIED, "denied")
    tap.unlike("\n".join(denied), OURS, f"{what}: nothing of ours was denied anything")
    tap.diag("\n".join(denied))
    return found


def changed(tap, guest, before, address, what, run):
    live.policy(guest, address)
    guest.out("restorecon /etc/reset-identity/policy.ini")
    found = story.changed(tap, what, run, lambda what: is_whole(tap, guest, f"{address}/24", what))
    live.is_other(tap, found, before, what)
    return found


lab.enter("bookworm", purpose="selinux")
with Tap() as test, lab.Lab("selinux", memory=512, security="security=selinux enforcing=1 audit=1") as it, \
     story.lone_clone(test, it, product.image(policy=product.HOSTS, files=FILES, quick=True, purpose="selinux", last=LABELLED), PREPARE,
                      [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6]) as (clone, _):
    live.let_in(it, clone)
    identity = is_whole(test, clone, "10.0.0.17/24 2001:db8::17/64", "first boot")
    test.like(clone.out(DOMAINS), r":initrc_t:", "first boot: the unit runs in the domain of the system's own scripts")
    test.step("looked")

    identity = changed(test, clone, identity, "10.0.0.27", "changed over SSH", lambda: story.by_session(it, clone, "10.0.0.17"))
    identity = changed(test, clone, identity, "10.0.0.27", "changed by a unit", lambda: story.by_unit(clone))
    changed(test, clone, identity, "10.0.0.37", "its power cut", lambda: story.by_power_cut(clone))
