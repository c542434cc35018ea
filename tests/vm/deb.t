#!/usr/bin/python3
"""The package on machines that nobody prepared for it: apt installs it in a stock template that runs, which then is sealed and cloned. The
clones are machines of their own, beside the template; a copy that was made before anybody sealed is told by its product UUID; an
upgrade in a clone keeps what it knows.

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
import process
import product
import rootfs
from tap import Tap

APT = "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0"
UNITS = ["reset-identity.service", "reset-identity-door.service", "reset-identity-verify.service"]
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


def sealed(tap, golden):
    tap.is_(golden.wait_booted(), "running", "the next boot is complete: the units run for the first time")
    tap.is_(product.last_run(golden), None, "and there was nothing to do")
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


def cloned(tap, it, golden, template, web, db, forgotten):
    wire = it.capture()
    it.dhcp()
    clones = (web, db, forgotten)
    tap.is_(it.boot(golden, *clones), ["running"] * 4, "template and three clones boot side by side")
    tap.step("booted side by side")
    tap.is_(product.identity(golden), template, "the template is as it was")
    found = {guest.name: product.identity(guest) for guest in clones}
    for guest in clones:
        run = product.last_run(guest)
        tap.is_(run and (run["verdict"], run["outcome"]), ("clone", "done"), f"{guest.name}: a clone, reset") or tap.diag(run)
        product.is_machine_of_its_own(tap, guest.name, found[guest.name], template)
        product.has_profile_of_its_own(tap, guest.name, found[guest.name])
    tap.is_((found["web"]["hostname"], found["web"]["addresses"]), ("web-17", "10.0.0.17/24 2001:db8::17/64"), "web: what its UUID names")
    tap.is_((found["db"]["hostname"], found["db"]["addresses"]), ("db-18", "10.0.0.18/24"), "db: what its MAC names")
    tap.is_(found["forgotten"]["hostname"], f"node-{forgotten.mac.replace(':', '')[-6:]}", "forgotten: named by the policy's template")
    for what in ("machine-id", "keys"):
        tap.is_(len({each[what] for each in found.values()}), 3, f"three clones, three {what}")
    frames = wire.frames(*[mac for guest in clones for mac in guest.macs])
    tap.ok(frames, "the clones do talk")
    tap.is_(capture.claims(frames, [product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6], ["golden"]), [],
            "not one frame of a clone carries the template's address or name")
    wire.stop()
    upgraded(tap, web, found["web"])
    tap.step("upgraded")
    tap.is_(web.reboot(), "running", "the upgraded clone boots again")
    tap.is_(product.last_run(web), None, "and has nothing to do")


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
        tap.step("installed")
        golden.put("/etc/reset-identity/policy.ini", product.POLICY)
        tap.is_(golden.out("reset-identity check-policy"), "/etc/reset-identity/policy.ini: valid\n", "its policy is valid")
        golden.shutdown()
        process.run("virt-xml", golden.name, "--remove-device", "--disk", "target=vdb")
        forgotten = it.full_clone(golden, "forgotten")
        golden.start()
        template = sealed(tap, golden)
        web = it.full_clone(golden, "web")
        it.freeze(golden)
        db = it.linked_clone(golden, "db")
        web.set_uuid(product.CLONE_UUID)
        db.set_mac(product.CLONE_MAC)
        tap.step("sealed and cloned")
        cloned(tap, it, golden, template, web, db, forgotten)


main(sys.argv[1] if len(sys.argv) > 1 else platform.freedesktop_os_release()["VERSION_CODENAME"])
