"""TAP producer: each test file prints its own plan and runs alone or below prove."""

import re
import sys
import time
import traceback


class Tap:
    """Counts and prints results. Use as a context manager: an exception is a failure with its traceback, and the end of this
    program, not of others."""

    def __init__(self):
        self.count = 0
        self.failed = 0
        self.started = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None and kind is not SystemExit:
            self.ok(False, str(error).splitlines()[0] if str(error) else kind.__name__,
                    "".join(traceback.format_exception(kind, error, trace)))
        if kind is not SystemExit:
            self.done()
        return False

    def ok(self, condition, name, *diagnostics):
        self.count += 1
        if not condition:
            self.failed += 1
        self._print(f"{'ok' if condition else 'not ok'} {self.count} - {name}")
        if not condition:
            self._explain(name, diagnostics)
        return bool(condition)

    @staticmethod
    def _explain(name, diagnostics):
        """On standard error, which prove shows."""
        text = "\n".join([f"not ok: {name}", *(str(part) for part in diagnostics)])
        print("".join(f"# {line}\n" for line in text.splitlines()), end="", file=sys.stderr, flush=True)

    def is_(self, got, wanted, name):
        return self.ok(got == wanted, name, f"     got: {got!r}", f"  wanted: {wanted!r}")

    def isnt(self, got, unwanted, name):
        return self.ok(got != unwanted, name, f"     got: {got!r}, which it must not be")

    def like(self, got, pattern, name):
        found = re.search(pattern, got, re.MULTILINE)
        return self.ok(found, name, f"{got!r}", f"does not match {pattern!r}")

    def unlike(self, got, pattern, name):
        found = re.search(pattern, got, re.MULTILINE)
        return self.ok(not found, name, f"{got!r}", f"matches {pattern!r}")

    def diag(self, text):
        for line in str(text).splitlines():
            self._print(f"# {line}")

    def step(self, text):
        """A line of progress with the seconds since the start: where a slow run spends its time."""
        self.diag(f"[{time.monotonic() - self.started:6.1f} s] {text}")

    def done(self):
        self._print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)

    @staticmethod
    def _print(line):
        print(line, flush=True)
