#!/usr/bin/python3
"""Netplan's file rendered by a cloud-init that finds at each boot the instance which it has set up already. See stacks.py."""

import sys

sys.dont_write_bytecode = True

import stacks

stacks.main("cloud-init-on", *sys.argv[1:])
