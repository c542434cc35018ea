"""What of a template's identity is in a clone: put into a root file system, looked for afterwards, and the README's table of it."""

import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, "..", "..", "README.md")
BEGIN, END = "<!-- tests/bench/compare --write -->\n", "<!-- end -->\n"

MACHINE_ID = "0123456789abcdef0123456789abcdef"
NAME, CLONE_NAME = "golden", "web-17"
ADDRESS, CLONE_ADDRESS = "10.0.0.10", "10.0.0.17"
UUID, CLONE_UUID = "4dc56075-50f3-466d-98f2-79838106e82f", "9a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
MAC, CLONE_MAC = "52:54:00:aa:bb:01", "52:54:00:cc:dd:02"
CONNECTION = "b1b0a3a2-7c0e-4a6f-8d5e-0a7b0f2f6c01"
PROFILE_PATH = "etc/NetworkManager/system-connections/lan.nmconnection"
COMMENT = "# by hand: the lab's network"
PROFILE = f"""\
{COMMENT}
[connection]
id=lan
uuid={CONNECTION}
type=ethernet
interface-name=ens3

[ipv4]
method=manual
address1={ADDRESS}/24,10.0.0.1
dns=10.0.0.53;
"""
POLICY = f"""\
[network]
gateway = 10.0.0.1
dns = 10.0.0.53

[host {CLONE_NAME}]
match-uuid = {CLONE_UUID}
address = {CLONE_ADDRESS}/24
"""
SEED = bytes(range(256)) * 2
NETWORK_FILES = ("etc/NetworkManager", "etc/netplan", "etc/network", "etc/systemd/network", "etc/sysconfig")

# In the order of the table; the last two cannot be had: a vCenter's own, and one that no distribution packages.
RUN = ("virt-sysprep", "cloud-init", "systemd", "reset-identity")
NOT_RUN = ("VMware customization", "nm-configurator")
LEFT = ("machine-id", "host name", "connection UUID", "static address", "SSH host keys", "random seed")
PROFILES = ("as it was", "edited, its comment kept", "rewritten", "removed")
HEAD = ["tool", "still the template's afterwards", "its hand-made profile", "CPU"]


def write(root, path, content, mode=0o644):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    os.chmod(path, mode)


def make_template(root):
    write(root, "etc/machine-id", MACHINE_ID + "\n", 0o444)
    write(root, "etc/hostname", NAME + "\n")
    write(root, "etc/hosts", f"127.0.0.1\tlocalhost\n127.0.1.1\t{NAME}\n")
    write(root, PROFILE_PATH, PROFILE, 0o600)
    write(root, "var/lib/systemd/random-seed", SEED, 0o600)
    os.makedirs(os.path.join(root, "etc/ssh"), exist_ok=True)
    for name in os.listdir(os.path.join(root, "etc/ssh")):
        if name.startswith("ssh_host_"):
            os.unlink(os.path.join(root, "etc/ssh", name))
    subprocess.run(["ssh-keygen", "-q", "-A", "-f", root], check=True, stdout=subprocess.DEVNULL)


def keys(root):
    """The contents of the private host keys."""
    found = set()
    directory = os.path.join(root, "etc/ssh")
    for name in os.listdir(directory):
        if re.fullmatch("ssh_host_.*_key", name):
            with open(os.path.join(directory, name), "rb") as file:
                found.add(file.read())
    return found


def content(root, path):
    try:
        with open(os.path.join(root, path), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def network_text(root):
    found = b""
    for top in NETWORK_FILES:
        for directory, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                path = os.path.join(directory, name)
                if os.path.isfile(path):
                    found += content(root, os.path.relpath(path, root))
    return found


def look(root, template_keys):
    """(what is still the template's, what became of the profile)"""
    network = network_text(root)
    left = [name for name, there in (
        ("machine-id", content(root, "etc/machine-id").strip() == MACHINE_ID.encode()),
        ("host name", content(root, "etc/hostname").strip() == NAME.encode()),
        ("connection UUID", CONNECTION.encode() in network),
        ("static address", re.search(rb"(?<![0-9])" + re.escape(ADDRESS.encode()) + rb"(?![0-9])", network)),
        ("SSH host keys", keys(root) & template_keys),
        ("random seed", content(root, "var/lib/systemd/random-seed") == SEED)) if there]
    profile = content(root, PROFILE_PATH).decode()
    became = ("removed" if not profile else "as it was" if profile == PROFILE
              else "edited, its comment kept" if profile.startswith(COMMENT) else "rewritten")
    return left, became


def row(tool, left, became, seconds):
    name = f"**{tool}**" if tool == "reset-identity" else tool
    return [name, ", ".join(left) or "nothing", became, f"{seconds:.2f} s"]


def block(rows, versions, date):
    """The README's lines. ROWS: of the tools that ran; VERSIONS: {tool: version}."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD), *("| " + " | ".join(cells) + " |" for cells in rows)]
    said = ", ".join(f"{tool} {versions[tool]}" for tool in RUN)
    return "\n".join([BEGIN.rstrip("\n"), *lines, "", f"Measured on {date} by `tests/bench/compare`: {said}.", END])


def parsed():
    """(rows, the sentence below them) of the README."""
    with open(README, encoding="utf-8") as file:
        text = file.read()
    inside = text.split(BEGIN, 1)[1].split(END, 1)[0]
    lines = inside.splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [cells[0], *cells[2:]], " ".join(line for line in lines if not line.startswith("|")).strip()


def put(text):
    """Into the README, where the last one was."""
    with open(README, encoding="utf-8") as file:
        page = file.read()
    head, rest = page.split(BEGIN, 1)
    with open(README, "w", encoding="utf-8") as file:
        file.write(head + text + rest.split(END, 1)[1])
