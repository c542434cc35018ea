#!/usr/bin/python3
"""Debian's ifupdown alone. See stacks.py."""

import sys

sys.dont_write_bytecode = True

import stacks

stacks.main("ifupdown", *sys.argv[1:])
