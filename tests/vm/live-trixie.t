#!/usr/bin/python3
"""The manual command on a running machine: Debian 13, NetworkManager 1.52. See live.py."""

import sys

sys.dont_write_bytecode = True

import live

live.main("trixie")
