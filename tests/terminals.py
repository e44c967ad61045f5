"""Real terminals for tests: a program in a pseudo-terminal that is read as a screen, and one in tmux."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pyte

KEYS = {"enter": "\r", "escape": "\x1b", "ctrl+c": "\x03", "ctrl+z": "\x1a", "tab": "\t"}


class Screen:
    """A program in a terminal of its own, and what is on its screen."""

    def __init__(self, argv, env, size=(100, 30), **streams):
        self.columns, self.lines = size
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.attributes = termios.tcgetattr(slave)
        self._slave = slave  # kept open, so that its settings can be read after the end
        self.process = subprocess.Popen(
            argv,
            env=env,
            stdin=streams.get("stdin", slave),
            stdout=streams.get("stdout", slave),
            stderr=streams.get("stderr", slave),
            preexec_fn=lambda: _own_terminal(slave),  # noqa: PLW1509 - the tests have no threads
        )

    def read(self, timeout=0.05):
        """Take in what was written; tell whether there was anything."""
        readable, _, _ = select.select([self.master], [], [], timeout)
        if not readable:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.raw += data
        # pyte would print the kitty keyboard's sequences, and has no alternate screen.
        data = re.sub(rb"\x1b\[[<>=?][\d;]*[uq]|\x1b\[\?[\d;]*\$p", b"", data)
        self._stream.feed(re.sub(rb"\x1b\[\?1049[hl]", b"\x1b[2J\x1b[H", data))
        return bool(data)

    def text(self):
        return "\n".join(line.rstrip() for line in self._screen.display)

    def until(self, condition, timeout=20):
        """Read until the words are on the screen, or the condition is true; return the screen."""
        wanted = condition if callable(condition) else lambda: condition in self.text()
        deadline = time.monotonic() + timeout
        while not wanted():
            assert time.monotonic() < deadline, f"{condition} did not come:\n{self.text()}"
            self.read()
        # What is drawn at once may come in pieces; nothing that goes on for long is waited for.
        for _ in range(10):
            if not self.read(0.01):
                break
        return self.text()

    def live(self):
        """Wait until keys are honoured: the footer is there."""
        return self.until("? Help")

    def type(self, text):
        os.write(self.master, KEYS.get(text, text).encode())

    def resize(self, columns, lines):
        self._screen.resize(lines, columns)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def end(self, timeout=20):
        """Wait for the end; return the exit status, a signal as 128 + its number."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end:\n{self.text()}"
            self.read()
        while self.read(0):
            pass
        code = self.process.returncode
        return code if code >= 0 else 128 - code

    def assert_restored(self):
        """The terminal is as it was: settings, main screen, cursor, mouse, keyboard, paste, line wrap."""
        now = termios.tcgetattr(self._slave)
        assert now == self.attributes
        for on, off in (
            (b"\x1b[?1049h", b"\x1b[?1049l"),
            (b"\x1b[?25l", b"\x1b[?25h"),
            (b"\x1b[?1000h", b"\x1b[?1000l"),
            (b"\x1b[?1003h", b"\x1b[?1003l"),
            (b"\x1b[?2004h", b"\x1b[?2004l"),
            (b"\x1b[?7l", b"\x1b[?7h"),
            (b"\x1b[?1004h", b"\x1b[?1004l"),
        ):
            assert self.raw.rfind(on) <= self.raw.rfind(off), (on, off)
        assert self.raw.count(b"\x1b[<u") >= self.raw.count(b"\x1b[>") - self.raw.count(b"\x1b[>0q")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self._slave)


def _own_terminal(slave):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


class Tmux:
    """A tmux session of this test's own server."""

    def __init__(self, folder, environ):
        self.socket = str(folder / "tmux")
        self._environ = environ

    def run(self, *arguments):
        done = subprocess.run(
            ["tmux", "-S", self.socket, *arguments],
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def screen(self):
        return self.run("capture-pane", "-p", "-t", "it")

    def until(self, words, timeout=60):
        deadline = time.monotonic() + timeout
        while words not in self.screen():
            assert time.monotonic() < deadline, f"{words!r} did not come:\n{self.screen()}"
            time.sleep(0.05)
        return self.screen()

    def type(self, *keys):
        self.run("send-keys", "-t", "it", *keys)
