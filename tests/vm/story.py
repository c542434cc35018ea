"""What the tests of one clone have in common: it boots beside nobody, with a policy of its own, is changed while it runs, and from
first to last nothing of the template's is on the wire."""

import contextlib

import capture
import lab
import live
import product


@contextlib.contextmanager
def lone_clone(tap, it, image, prepare, addresses, nics=1):
    """The clone, booted, with the network up, and the capture of the wire. ADDRESSES: the template's own."""
    golden = it.golden(image, prepare=prepare, nics=nics)
    clone = it.linked_clone(golden, "clone")
    clone.set_uuid(product.CLONE_UUID)
    tap.step("cloned")
    wire = it.capture()
    tap.is_(it.boot(clone), ["running"], "the clone boots without a failed unit")
    clone.wait_network()
    tap.step("booted")
    yield clone, wire
    tap.is_(wire.frames(*lab.GOLDEN_MACS), [], "not one frame from the template's MACs")
    tap.is_(capture.claims(wire.frames(*clone.macs), addresses, ["golden"]), [], "and not one with its addresses or name")
    wire.stop()


def by_session(it, guest, address):
    """Each way to change it returns an exit status and what was said."""
    return live.detached(it, guest, [address], "reset-identity -v apply --force --yes")


def by_unit(guest):
    result = guest.run("systemd-run --quiet --wait --unit=again reset-identity -v apply --force --yes", 180)
    return result.status, result.err + guest.out("journalctl -b -o cat --no-pager -u again")


def by_power_cut(guest):
    """The next boot completes what a run had begun."""
    state = live.cut_power(guest, "restarting NetworkManager")
    return int(state != "running"), state


def changed(tap, what, run, look):
    """Changed by RUN; LOOK says what is in effect then, and is told what that is called."""
    status, said = run()
    tap.ok(status == 0, f"{what}: exit status 0", said)
    tap.diag("\n".join(line for line in said.splitlines() if line.startswith("[")))
    found = look(what)
    tap.step(what)
    return found
