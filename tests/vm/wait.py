"""Bounded waiting: every wait of the lab ends with what it waited for, or with a Timeout that says what was missing."""

import time


class Timeout(Exception):
    """Something did not happen in time."""


class Deadline:
    def __init__(self, seconds):
        self.end = time.monotonic() + seconds
        self.seconds = seconds

    def left(self):
        return max(0.0, self.end - time.monotonic())

    def passed(self):
        return time.monotonic() >= self.end


def until(condition, timeout, what, interval=0.1):
    """Calls condition() until it is true, and returns its value. Raises Timeout after that many seconds."""
    deadline = Deadline(timeout)
    while True:
        value = condition()
        if value:
            return value
        if deadline.passed():
            raise Timeout(f"{what}: not within {timeout} s")
        time.sleep(interval)
