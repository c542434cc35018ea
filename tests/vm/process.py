"""Programs that run beside a test. They die with it: the test's namespace ends, and with it every process in it."""

import os
import subprocess

import wait


class Failed(Exception):
    """A program of the host failed."""


def start(command, log=None):
    """Starts a program with its output in the file log, or nowhere."""
    with open(log or os.devnull, "ab") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)


def stop(process, signal, timeout=10):
    process.send_signal(signal)
    process.wait(timeout)


def run(*command, **options):
    """Runs a program to its end and returns its standard output; what it said is in the exception if it fails."""
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit status {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def wait_output(path, text, timeout):
    """Waits until the file at path has that text."""
    def there():
        if not os.path.exists(path):
            return False
        with open(path, encoding="utf-8", errors="replace") as file:
            return text in file.read()
    wait.until(there, timeout, f"{text!r} in {path}", 0.05)
