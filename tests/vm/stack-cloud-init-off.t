#!/usr/bin/python3
"""Netplan's file rendered by a cloud-init that was switched off when it had rendered the network. See stacks.py."""

import sys

sys.dont_write_bytecode = True

import stacks

stacks.main("cloud-init-off", *sys.argv[1:])
