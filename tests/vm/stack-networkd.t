#!/usr/bin/python3
"""systemd-networkd alone. See stacks.py."""

import sys

sys.dont_write_bytecode = True

import stacks

stacks.main("networkd", *sys.argv[1:])
