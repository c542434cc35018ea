#!/usr/bin/python3
"""Netplan with NetworkManager. See stacks.py."""

import sys

sys.dont_write_bytecode = True

import stacks

stacks.main("netplan-manager", *sys.argv[1:])
