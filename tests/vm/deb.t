#!/usr/bin/python3
"""The package on machines that nobody prepared for it: apt installs it in a stock template that runs, which then is sealed and cloned. The
clones boot at once, beside the template: each is a machine of its own, and none of their frames carries the template's address or name;
a copy that was made before anybody sealed is told by its product UUID. An upgrade in a clone keeps what it knows, and a second boot
changes nothing.

    deb.t [SUITE]    the package of that release, in guests of it; the host's unless it is said
"""

import contextlib
import os
import platform
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "packages"))

import capture
import channel
import deb
import lab
import namespace
import paths
import process
import product
import rootfs
from tap import Tap

APT = "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0"
UNITS = ["reset-identity.service", "reset-identity-door.service", "reset-identity-verify.service"]
# The image has no seed of its own to save. systemd writes one as soon as it has read the one that is there: on the template
# the file is as old as the boot, so there was none; a clone has removed that one too.
SEEDS = "systemctl unmask systemd-random-seed && systemctl start systemd-random-seed && test -s /var/lib/systemd/random-seed"
SEED = """cd /var/lib/systemd && if [ ! -e random-seed ]; then echo none
elif [ $(stat -c %W random-seed) -ge $(awk '/^btime/ {print $2 - 2}' /proc/stat) ]; then echo new; else echo old; fi"""
# A folder is as old as dpkg's last look into it.
KNOWN = ("cd / && find etc/reset-identity var/lib/reset-identity "
         "\\( -type d -printf '%p %M %U\\n' -o -printf '%p %M %U %T@\\n' -exec sha256sum {} + \\) | sort")


def stock(it, suite, folder):
    """A machine that has never heard of us, with the packages on a second disk."""
    os.mkdir(folder)
    package = deb.package(suite)
    shutil.copy(package, os.path.join(folder, "first.deb"))
    shutil.copy(deb.as_version(package, "99", it.work), os.path.join(folder, "newer.deb"))
    golden = it.deployed(lab.Image(suite, "golden", files=[product.PROFILE], quick=True, purpose="stock"), "golden")
    golden.add_disk(size="16M", tree=folder)
    return golden


def installed(tap, golden):
    """On the machine that runs, without a network."""
    tap.isnt(golden.run(f"ls -d /etc/reset-identity /usr/sbin/reset-identity || dpkg -s {deb.NAME} libinih1").status, 0,
             "a stock machine: neither the package is there nor what it needs")
    golden.out(f"{APT} update")
    done = golden.run(f"cd /root && {APT} install ./first.deb", timeout=240)
    tap.is_(done.status, 0, "apt installs it, and what it needs") or tap.diag(done.out + done.err)
    tap.unlike(done.out + done.err, "(?i)warning|error|failed|not recorded", "and has nothing to say")
    tap.is_(golden.out(f"dpkg-query -W -f '${{db:Status-Abbrev}}\\n' {deb.NAME} libinih1 libyaml-0-2").split(), ["ii"] * 3,
            "the package and the libraries are installed")
    tap.is_(golden.out(f"systemctl is-enabled {' '.join(UNITS)}").split(), ["enabled"] * 3, "its units are enabled")
    tap.is_(golden.out(f"systemctl show -p ActiveEnterTimestampMonotonic --value {' '.join(UNITS)}").split(), ["0"] * 3, "none is started")
    tap.is_(golden.out("systemctl is-system-running --wait").strip(), "running", "the machine is as well as before")
    status = golden.out("reset-identity status")
    tap.like(status, "(?m)^verdict +same", "it is recorded as settled") or tap.diag(status)
    tap.is_(golden.out("ip -o -4 address show scope global | awk '{print $4}'").split(), [f"{product.TEMPLATE_ADDRESS}/24"], "its address is untouched")


def add_rsa_key(it, golden):
    """Made here: an emulated processor takes longer for one than for a boot."""
    path = os.path.join(it.work, "ssh_host_rsa_key")
    process.run("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-C", "root@golden", "-f", path)
    for name, mode in (("ssh_host_rsa_key", 0o600), ("ssh_host_rsa_key.pub", 0o644)):
        golden.put(f"/etc/ssh/{name}", paths.read(os.path.join(it.work, name)), mode)


def sealed(tap, it, golden):
    tap.is_(golden.wait_booted(), "running", "the next boot is complete: the units run for the first time")
    tap.is_(product.last_run(golden), None, "and there was nothing to do")
    add_rsa_key(it, golden)
    before = product.identity(golden)
    with contextlib.suppress(channel.Closed):
        result = golden.run("reset-identity seal --poweroff", timeout=120)
        tap.is_(result.status, 0, "seal --poweroff") or tap.diag(result.out + result.err)
    golden.wait_off()
    return before


def upgraded(tap, guest, found):
    known = guest.out(KNOWN)
    tap.like(known, r"(?m)var/lib/reset-identity/history/", f"{guest.name}: it has a history")
    done = guest.run(f"cd /root && {APT} install ./newer.deb", timeout=240)
    tap.is_((done.status, guest.out(f"dpkg-query -W -f '${{Version}} ${{Status}}' {deb.NAME}")), (0, "99 install ok installed"),
            f"{guest.name}: apt upgrades the package") or tap.diag(done.out + done.err)
    tap.is_(guest.out(KNOWN), known, f"{guest.name}: its record, its history and its policy are untouched")
    tap.is_(product.essentials(guest), {what: found[what] for what in product.essentials(guest)}, f"{guest.name}: it is who it was")


def are_their_own(tap, guests, template):
    """The clones: each as it sees itself. Returns that."""
    for guest in guests:
        checks = product.verified_by_unit(guest)
        # The bus of Debian answers nobody's Peer calls, root's neither.
        tap.is_([what for what, result in checks.items() if result == "skipped" and what != "machine-id of the system bus"], [],
                f"{guest.name}: its unit's sandbox kept verify from none of its {len(checks)} checks")
        tap.ok(len(checks) >= 8, f"{guest.name}: and they are all there", "\n".join(checks))
    found = {guest.name: product.identity(guest) for guest in guests}
    for guest in guests:
        run = product.last_run(guest)
        tap.is_(run and (run["verdict"], run["outcome"]), ("clone", "done"), f"{guest.name}: a clone, reset") or tap.diag(run)
        product.is_machine_of_its_own(tap, guest.name, found[guest.name], template)
        product.has_profile_of_its_own(tap, guest.name, found[guest.name])
        tap.is_(guest.out(SEED).strip(), "none", f"{guest.name}: no random seed of the template's")
    for what in ("machine-id", "keys"):
        tap.is_(len({each[what] for each in found.values()}), 3, f"three clones, three {what}")
    return found


def are_named(tap, found, forgotten):
    tap.is_((found["web"]["hostname"], found["web"]["addresses"]), ("web-17", "10.0.0.17/24 2001:db8::17/64"),
            "web: named by its UUID, its addresses too, and it has no other")
    tap.is_((found["db"]["hostname"], found["db"]["addresses"]), ("db-18", "10.0.0.18/24"), "db: named by its MAC, its address too")
    tap.is_(found["forgotten"]["hostname"], f"node-{forgotten.mac.replace(':', '')[-6:]}", "forgotten: named by the policy's template")
    tap.like(found["forgotten"]["addresses"], r"^10\.0\.0\.(?!10/)\d+/24$", "forgotten: an address by DHCP")


def serve_keys_of_their_own(tap):
    keys = [product.host_keys(address) for address in ("10.0.0.10", "10.0.0.17", "10.0.0.18")]
    tap.ok(all(len(served) == 3 for served in keys), "ssh-keyscan: three types from template and clones", repr(keys))
    for kind in keys[0]:
        tap.is_(len({served.get(kind) for served in keys}), 3, f"ssh-keyscan: three different {kind} keys")


def cloned(tap, it, golden, template, web, db, forgotten):
    clones = (web, db, forgotten)
    tap.is_(it.boot(golden, *clones), ["running"] * 4, "template and three clones boot side by side")
    tap.step("booted side by side")
    now = product.identity(golden)
    tap.is_((now, now["hostname"], now["verdict"]), (template, "golden", "same"), "the template is as it was")
    tap.is_(golden.out(SEED).strip(), "new", "golden: no random seed of the template's")
    found = are_their_own(tap, clones, template)
    are_named(tap, found, forgotten)
    serve_keys_of_their_own(tap)
    return found


def boot_again(tap, it, *guests):
    before = [product.snapshot(guest) for guest in guests]
    for guest in guests:
        guest.shutdown()
    tap.is_(it.boot(*guests), ["running"] * 2, "the upgraded clone and the template boot again")
    for guest, was in zip(guests, before):
        tap.is_(product.last_run(guest), None, f"{guest.name}: it has nothing to do")
        changes = set(product.snapshot(guest).splitlines()) ^ set(was.splitlines())
        tap.is_(sorted(changes), [], f"{guest.name}: not a byte, not a time stamp has changed")
        tap.is_(guest.run("journalctl -b -u reset-identity -o cat | grep -c 'is .* now'").out.strip(), "0", f"{guest.name}: no reset")


def main(suite):
    if not namespace.inside():
        deb.fetch(suite)
        rootfs.tarball(suite, "stock")
    lab.enter(suite)
    with Tap() as tap, lab.Lab(f"deb-{suite}") as it:
        golden = stock(it, suite, os.path.join(it.work, "packages"))
        tap.is_(it.boot(golden), ["running"], "a stock machine boots")
        golden.out("mount -o ro /dev/vdb /mnt && cp /mnt/*.deb /root && umount /mnt")
        tap.diag(golden.out("NetworkManager --version; systemctl --version | head -n 1"))
        tap.step("booted")
        installed(tap, golden)
        golden.out(SEEDS)
        tap.step("installed")
        golden.put("/etc/reset-identity/policy.ini", product.POLICY)
        tap.is_(golden.out("reset-identity check-policy"), "/etc/reset-identity/policy.ini: valid\n", "its policy is valid")
        golden.shutdown()
        process.run("virt-xml", golden.name, "--remove-device", "--disk", "target=vdb")
        forgotten = it.full_clone(golden, "forgotten")
        golden.start()
        template = sealed(tap, it, golden)
        web = it.full_clone(golden, "web")
        it.freeze(golden)
        db = it.linked_clone(golden, "db")
        web.set_uuid(product.CLONE_UUID)
        db.set_mac(product.CLONE_MAC)
        tap.step("sealed and cloned")
        wire = it.capture()
        it.dhcp()
        found = cloned(tap, it, golden, template, web, db, forgotten)
        frames = wire.frames(*[mac for guest in (web, db, forgotten) for mac in guest.macs])
        tap.ok(frames, "the clones do talk")
        tap.is_(capture.claims(frames, [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6], ["golden"]), [],
                "not one frame of a clone carries the template's address or name")
        wire.stop()
        tap.step("checked")
        db.destroy()
        forgotten.destroy()
        upgraded(tap, web, found["web"])
        tap.step("upgraded")
        boot_again(tap, it, web, golden)
        tap.step("booted again")


main(sys.argv[1] if len(sys.argv) > 1 else platform.freedesktop_os_release()["VERSION_CODENAME"])
