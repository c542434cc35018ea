"""One way of configuring a network, alone in a golden machine whose files know their NIC by its MAC address. Two clones boot beside
the template's address, one with an address from the policy, one without; the first is then changed while it runs, refused a change
that does not work, and taken back. The same for each way.

    stack-NAME.t [SUITE]    in guests of that release; bookworm unless it is said
"""

import os
import textwrap

import capture
import duid
import ifcfg_manager
import lab
import namespace
import paths
import process
import product
from tap import Tap

OWN, OWN6, OTHER, NEVER = "10.0.0.17", "2001:db8::17", "10.0.0.27", "10.0.0.28"
MAC = lab.GOLDEN_MACS[0]


class Stack:
    """files: the template's. Units to enable and to disable; the purpose of the root file system (rootfs.py). profiles: how many
    NetworkManager has. duid: whether a DHCP server knows the machine by its machine-id. prepare: what is done in the template
    when it has its network. slow: how many times as long a boot may take."""

    def __init__(self, *files, enable=(), disable=(), purpose="guest", profiles=0, duid=False, prepare=(), slow=1):
        self.files = files
        self.enable = enable
        self.disable = disable
        self.purpose = purpose
        self.profiles = profiles
        self.duid = duid
        self.prepare = list(prepare)
        self.slow = slow


def networkd():
    return Stack(lab.File("/etc/systemd/network/20-lan.network", f"""\
# golden's
[Match]
MACAddress={MAC}

[Network]
Address={product.TEMPLATE_ADDRESS}/24
Address={product.TEMPLATE_ADDRESS6}/64
Gateway=10.0.0.1
DNS=10.0.0.53
"""), enable=["systemd-networkd.service"], disable=["NetworkManager.service"], duid=True)


def ifupdown():
    """As Debian's installer writes it, with a MAC address besides."""
    return Stack(lab.File("/etc/network/interfaces", f"""\
# golden's
source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback

allow-hotplug ens2
iface ens2 inet static
    hwaddress ether {MAC}
    address {product.TEMPLATE_ADDRESS}/24
    gateway 10.0.0.1
    dns-nameservers 10.0.0.53

iface ens2 inet6 static
    address {product.TEMPLATE_ADDRESS6}/64
"""), purpose="ifupdown")


NETPLAN = f"""\
# golden's
network:
  version: 2
  renderer: RENDERER
  ethernets:
    lan:
      match:
        macaddress: "{MAC}"  # of the card
      MORE
      addresses:
        - {product.TEMPLATE_ADDRESS}/24
        - "{product.TEMPLATE_ADDRESS6}/64"
      routes:
        - to: 0.0.0.0/0  # netplan before 0.103 does not know the word
          via: 10.0.0.1
      nameservers:
        addresses: [10.0.0.53]
"""


def netplan_networkd():
    """As cloud-init renders it."""
    return Stack(lab.File("/etc/netplan/50-lan.yaml", NETPLAN.replace("RENDERER", "networkd").replace("MORE", "set-name: ens2"), 0o600),
                 enable=["systemd-networkd.service"], disable=["NetworkManager.service"], purpose="netplan",
                 duid=True)


CLOUD_SEED = "/var/lib/cloud/seed/nocloud"
RENDERED = "/etc/netplan/50-cloud-init.yaml"
# What cloud-init does to a machine beside its network and its name is not asked for here, and takes an emulated processor minutes.
CLOUD_USER_DATA = "#cloud-config\nusers: []\n"
CLOUD_MODULES = lab.File("/etc/cloud/cloud.cfg.d/95-modules.cfg", "cloud_init_modules: [set_hostname, update_hostname]\n")
CLOUD_LATER = ["cloud-config.service", "cloud-final.service"]


def cloud_init(*prepare):
    """Rendered by cloud-init from a seed on the disk, as Debian's and Ubuntu's images of a cloud have it."""
    network = NETPLAN.split("network:\n")[1].replace("  renderer: RENDERER\n", "").replace("MORE", "set-name: ens2")
    return Stack(lab.File(f"{CLOUD_SEED}/meta-data", "instance-id: i-golden\nlocal-hostname: golden\n"),
                 lab.File(f"{CLOUD_SEED}/user-data", CLOUD_USER_DATA),
                 lab.File(f"{CLOUD_SEED}/network-config", textwrap.dedent(network)), CLOUD_MODULES,
                 enable=["systemd-networkd.service"], disable=["NetworkManager.service", *CLOUD_LATER], purpose="cloud", duid=True, slow=2,
                 prepare=[f"grep -F {product.TEMPLATE_ADDRESS}/24 {RENDERED}", *prepare])


def cloud_init_off():
    return cloud_init("touch /etc/cloud/cloud-init.disabled")


def netplan_manager():
    yaml = NETPLAN.replace("RENDERER", "NetworkManager").replace("MORE", f"networkmanager: {{name: lan, uuid: {product.PROFILE_UUID}}}")
    return Stack(lab.File("/etc/netplan/50-lan.yaml", yaml, 0o600), purpose="netplan", profiles=1)


def ifcfg():
    """The NetworkManager that has the plugin takes the place of Debian's."""
    made = ifcfg_manager.folder()
    plugin = "libnm-settings-plugin-ifcfg-rh.so"
    return Stack(
        lab.File("/usr/sbin/NetworkManager", paths.read(os.path.join(made, "NetworkManager")), 0o755),
        lab.File(f"/usr/lib64/NetworkManager/ifcfg/{plugin}", paths.read(os.path.join(made, plugin))),
        lab.File("/etc/NetworkManager/NetworkManager.conf", "[main]\nplugins=ifcfg-rh,keyfile\n"),
        lab.File("/etc/sysconfig/network-scripts/ifcfg-lan", f"""\
# golden's
TYPE=Ethernet
NAME="lan"
UUID="{product.PROFILE_UUID}"
HWADDR={MAC.upper()}
ONBOOT=yes
BOOTPROTO='none'
IPADDR={product.TEMPLATE_ADDRESS}
NETMASK=255.255.255.0
GATEWAY=10.0.0.1
DNS1=10.0.0.53
IPV6INIT=yes
IPV6_AUTOCONF=no
IPV6ADDR={product.TEMPLATE_ADDRESS6}/64
"""), profiles=1)


STACKS = {"networkd": networkd, "ifupdown": ifupdown, "netplan-networkd": netplan_networkd, "netplan-manager": netplan_manager,
          "ifcfg": ifcfg, "cloud-init-on": cloud_init, "cloud-init-off": cloud_init_off}

POLICY = f"""\
[network]
gateway = GATEWAY

[host live]
match-uuid = {product.CLONE_UUID}
address = ADDRESS/24
"""
PARTS = ["machine-id", "hostname", "kernel-hostname", "hosts", "pid1", "profiles", "addresses", "verdict", "verify", "failed"]
# The template has had its network before it is sealed.
UP = "timeout 60 bash -c 'until [ $(ip -o address show scope global -tentative | wc -l) = 2 ]; do read -rt 0.2 <> <(:); done; true'"


def policy(guest, address, gateway="10.0.0.1"):
    guest.put("/etc/reset-identity/policy.ini", POLICY.replace("ADDRESS", address).replace("GATEWAY", gateway))


def is_own(tap, name, found, before, stack):
    product.is_machine_of_its_own(tap, name, found, before)
    tap.is_(len(found["profiles"].split()), stack.profiles, f"{name}: NetworkManager has {stack.profiles or 'no'} profile")
    tap.unlike(found["profiles"], product.PROFILE_UUID, f"{name}: and not one with the template's UUID")


def has_no_traces(tap, wire, guests, template, what):
    """Of the template, in any frame of these clones, or in one that nobody knows to have sent."""
    macs = [mac for guest in guests for mac in guest.macs]
    tap.ok(wire.frames(*macs), f"{what}: the clones do talk")
    frames = wire.frames(*macs) + wire.others(*macs, namespace.MAC)
    found = capture.traces(frames, "golden", MAC, template["machine-id"], product.TEMPLATE_ADDRESS, product.TEMPLATE_ADDRESS6)
    tap.is_(found, [], f"{what}: no frame has anything of the template, its address, name, MAC address or machine-id")


def booted(tap, it, stack, wire, dhcp, web, leased):
    tap.is_(it.boot(web, leased), ["running"] * 2, "two clones boot beside the template's address")
    tap.step("booted")
    template = product.template(web)
    found = {guest.name: product.identity(guest) for guest in (web, leased)}
    for name, identity in found.items():
        is_own(tap, name, identity, template, stack)
    tap.is_((found["web"]["hostname"], found["web"]["addresses"]), ("web-17", f"{OWN}/24 {OWN6}/64"),
            "web: its name and addresses by the policy, and no other")
    tap.ok(wire.wait_claim(OWN, web.mac), "web: its address is on the wire")
    tap.is_(found["leased"]["hostname"], f"node-{leased.mac.replace(':', '')[-6:]}", "leased: named by the policy's template")
    tap.like(found["leased"]["addresses"], r"^10\.0\.0\.2\d\d/24$", "leased: an address by DHCP, and no other")
    tap.is_([(mac, name) for mac, _, name, _ in dhcp.leases()], [(leased.mac, found["leased"]["hostname"])],
            "leased: the server knows it, and it alone, by its own name")
    if stack.duid:
        tap.ok(dhcp.leases()[0][3].endswith(duid.of_machine_id(found["leased"]["machine-id"]).hex(":")),
               "leased: and by the identifier of its own machine-id", dhcp.leases())
    has_no_traces(tap, wire, (web, leased), template, "first boot")
    return found["web"], template


def changed(tap, stack, wire, guest, before):
    policy(guest, OTHER)
    result = guest.run("reset-identity -v apply --force --yes", 180)
    tap.ok(result.status == 0, "another address while it runs: exit status 0", result.out + result.err)
    tap.diag("\n".join(line for line in result.err.splitlines() if line.startswith("[")))
    found = product.identity(guest)
    is_own(tap, "another address while it runs", found, before, stack)
    tap.is_((found["hostname"], found["addresses"]), ("live", f"{OTHER}/24"), "another address while it runs: name and address")
    tap.ok(wire.wait_claim(OTHER, guest.mac), "another address while it runs: it is on the wire")
    tap.is_(guest.run("ping -c 1 -w 20 10.0.0.1").status, 0, "another address while it runs: it reaches the gateway")
    tap.step("changed")
    return found


def is_as_before(tap, guest, before, what):
    found = product.identity(guest)
    tap.is_([found[part] for part in PARTS], [before[part] for part in PARTS], f"{what}: its identity is the one before")
    tap.is_(guest.run("ping -c 1 -w 20 10.0.0.1").status, 0, f"{what}: it reaches the gateway")
    tap.step(what)


def main(name, suite="bookworm"):
    stack = STACKS[name]()
    lab.enter(suite, purpose=stack.purpose)
    with Tap() as tap, lab.Lab(f"stack-{name}-{suite}", slow=stack.slow) as it:
        image = product.image(profiles=stack.files, suite=suite, enable=stack.enable, disable=stack.disable, purpose=stack.purpose,
                              quick=True)
        golden = it.golden(image, prepare=[UP, *stack.prepare, *product.TEMPLATE_KEPT])
        web, leased = it.linked_clone(golden, "web"), it.linked_clone(golden, "leased")
        web.set_uuid(product.CLONE_UUID)
        tap.step("cloned")
        wire, dhcp = it.capture(), it.dhcp()
        for address in (f"{product.TEMPLATE_ADDRESS}/24", f"{product.TEMPLATE_ADDRESS6}/64"):
            process.run("ip", "address", "add", address, "dev", namespace.BRIDGE)
        first, template = booted(tap, it, stack, wire, dhcp, web, leased)
        leased.destroy()
        second = changed(tap, stack, wire, web, first)
        policy(web, NEVER, gateway="10.0.0.99")
        product.is_refused(tap, web, r"gateway 10\.0\.0\.99 on ens\d+", "a dead gateway", product.ROUTES)
        is_as_before(tap, web, second, "a dead gateway")
        tap.is_(web.run("reset-identity undo --yes", 180).status, 0, "undo: exit status 0")
        is_as_before(tap, web, first, "undo")
        has_no_traces(tap, wire, (web, leased), template, "from first to last")
        wire.stop()
