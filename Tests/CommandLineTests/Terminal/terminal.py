"""A program on a terminal of its own: keys go in, a screen comes out. The screen is pyte's."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

import pyte


class Terminal:
    """Runs `arguments` with a pseudo-terminal as its controlling one."""

    def __init__(self, arguments, directory, columns=72, rows=20, environment=None):
        self.columns, self.rows = columns, rows
        self.screen = pyte.HistoryScreen(columns, rows, history=5000, ratio=1)
        self.screen.set_mode(pyte.modes.LNM)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.status = None
        variables = {
            "PATH": os.environ["PATH"], "HOME": directory, "TERM": "xterm", "LANG": "C.UTF-8", "USER": "tester",
            "ASSAY_CACHE": directory + "/cache", "TZ": "UTC", "SHELL": "/bin/sh",
        }
        variables.update(environment or {})
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.chdir(directory)
            try:
                os.execvpe(arguments[0], arguments, variables)
            finally:
                os._exit(127)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.master, keys.encode())

    def read(self, seconds):
        """Takes in what has been printed; False at the end."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    @property
    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    @property
    def transcript(self):
        """What scrolled away and what is to be seen."""
        history = ["".join(line[x].data for x in range(self.columns)).rstrip() for line in self.screen.history.top]
        return history + self.lines

    def wait(self, condition, what=""):
        """Reads until the condition holds (a text: until it is on the screen)."""
        holds = condition if callable(condition) else lambda: any(condition in line for line in self.lines)
        deadline = time.monotonic() + 30
        while not holds():
            if not self.read(0.2) and not holds():
                raise AssertionError(f"ended without {what or condition!r}:\n" + "\n".join(self.transcript))
            if time.monotonic() > deadline:
                raise AssertionError(f"no {what or condition!r}:\n" + "\n".join(self.transcript))
        return self

    def end(self):
        """Reads to the end; the exit code, or minus the signal."""
        deadline = time.monotonic() + 30
        while self.read(0.2):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                raise AssertionError("does not end:\n" + "\n".join(self.transcript))
        _, status = os.waitpid(self.pid, 0)
        os.close(self.master)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def state(self):
        """The process's state letter in /proc."""
        with open(f"/proc/{self.pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]


def assay():
    return os.environ["ASSAY"]


def report(text):
    print(text, file=sys.stderr)
