#!/usr/bin/python3
"""The manual command on a running machine: Debian 11, NetworkManager 1.30. See live.py."""

import sys

sys.dont_write_bytecode = True

import live

live.main("bullseye")
