"""The host's end of a guest's second serial port: see guest/agent for what is said on it."""

import collections
import select
import socket

import wait

Result = collections.namedtuple("Result", "status out err")


class Closed(Exception):
    """The machine is off: its end of the port is gone."""


class Channel:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.pending = b""
        self.requests = 0

    def close(self):
        self.socket.close()

    def wait_hello(self, deadline):
        """Waits for the guest's agent, asking every two seconds, since its first word may be long gone.

        Returns the guest's boot id.
        """
        while not deadline.passed():
            for line in self._lines(min(2.0, deadline.left())):
                if line.startswith((b"HELLO ", b"PONG ")):
                    return line.split()[1].decode()
            self._send(b"\nPING\n")
        raise wait.Timeout(f"no word from the guest's agent within {deadline.seconds} s")

    def run(self, command, deadline):
        """Runs a shell command in the guest. Returns Result(status, out, err), both outputs as bytes."""
        self.requests += 1
        tag = b"%d" % self.requests
        self._send(b"\nRUN " + tag + b" " + command.encode().hex().encode() + b"\n")
        while not deadline.passed():
            for line in self._lines(deadline.left()):
                words = line.split()
                if len(words) == 5 and words[:2] == [b"DONE", tag]:
                    return Result(int(words[2]), _decode(words[3]), _decode(words[4]))
                if words[:1] == [b"HELLO"]:
                    raise Closed(f"the guest's agent started anew during: {command}")
        raise wait.Timeout(f"no answer within {deadline.seconds} s to: {command}")

    def wait_moment(self, deadline):
        """Waits until the machine says that it has come to its moment (guest/moment), and stands still."""
        while not deadline.passed():
            if any(line.startswith(b"MOMENT ") for line in self._lines(deadline.left())):
                return
        raise wait.Timeout(f"the moment did not come within {deadline.seconds} s")

    def wait_closed(self, deadline):
        while not deadline.passed():
            try:
                for _ in self._lines(deadline.left()):
                    pass
            except Closed:
                return
        raise wait.Timeout(f"still powered on after {deadline.seconds} s")

    def _send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Closed(str(error)) from error

    def _lines(self, seconds):
        """The complete lines that are there or come in within that time: as soon as there are any."""
        deadline = wait.Deadline(seconds)
        while b"\n" not in self.pending:
            if not select.select([self.socket], [], [], deadline.left())[0]:
                return []
            try:
                data = self.socket.recv(65536)
            except ConnectionError as error:
                raise Closed(str(error)) from error
            if not data:
                raise Closed("the machine is off")
            self.pending += data
        *lines, self.pending = self.pending.split(b"\n")
        return lines


def _decode(word):
    """A word ends with a dot, so that empty output is a word as well."""
    return bytes.fromhex(word.rstrip(b".").decode())
