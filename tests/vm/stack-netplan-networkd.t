#!/usr/bin/python3
"""Netplan with systemd-networkd. See stacks.py."""

import sys

sys.dont_write_bytecode = True

import stacks

stacks.main("netplan-networkd", *sys.argv[1:])
