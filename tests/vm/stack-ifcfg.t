#!/usr/bin/python3
"""NetworkManager with its plugin for ifcfg files, and these files only. See stacks.py."""

import sys

sys.dont_write_bytecode = True

import stacks

stacks.main("ifcfg", *sys.argv[1:])
