"""A program in a pseudo-terminal that answers it, and when what it drew had come."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING, Self

from benchmarks.answers import Answers
from benchmarks.processes import MeasuringError, Sample, now

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIZE = (100, 30)
# What stands between these is shown at once, where the terminal says that it can.
_BEGINS, _ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
_PATIENCE = 30.0


class Terminal:
    """A program in a terminal of its own, from its start to its end."""

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], standard_input: int | None = None
    ) -> None:
        self._master, slave = pty.openpty()
        columns, lines = SIZE
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        streams = [
            # The first terminal that the leader of a session opens is the session's own.
            (os.POSIX_SPAWN_OPEN, 1, os.ttyname(slave), os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            (os.POSIX_SPAWN_DUP2, 1 if standard_input is None else standard_input, 0),
        ]
        self.started = Sample(time.perf_counter(), 0)
        # Not a fork, which would cost a sixth of a Python start more than the anchors have.
        self.pid = os.posix_spawn(argv[0], argv, environ, file_actions=streams, setsid=True)
        os.close(slave)
        self.output = b""
        self._answers = Answers()
        self._typed_at = 0
        self._reaped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._reaped:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)

    def until(self, text: bytes) -> Sample:
        """Read until the text has been drawn since the last key; return the moment."""
        deadline = time.monotonic() + _PATIENCE
        while not self._is_drawn(text):
            if not self._read(deadline - time.monotonic()):
                raise MeasuringError(f"{text!r} was not drawn, but {self.output[self._typed_at :][-500:]!r}")
        return now(self.pid)

    def now(self) -> Sample:
        """Return the moment, and what the program has used of a processor until then."""
        return now(self.pid)

    def type(self, keys: bytes) -> Sample:
        """Type keys; return the moment."""
        self._typed_at = len(self.output)
        moment = now(self.pid)
        os.write(self._master, keys)
        return moment

    def rest(self, seconds: float = 0.05) -> Sample:
        """Wait until nothing has been drawn for some time; return the moment."""
        while self._read(seconds):
            pass
        return now(self.pid)

    def watch(self, seconds: float) -> None:
        """Read what is drawn for some time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._read(left)

    def gone(self, status: int = 0) -> Sample:
        """Read until the process has ended with that status; return the moment."""
        deadline = time.monotonic() + _PATIENCE
        while self._read(deadline - time.monotonic()):
            pass
        _, how, used = os.wait4(self.pid, 0)
        moment = Sample(time.perf_counter(), used.ru_utime + used.ru_stime)
        self._reaped = True
        if os.waitstatus_to_exitcode(how) != status:
            raise MeasuringError(f"it ended with {os.waitstatus_to_exitcode(how)}, not {status}")
        return moment

    def _is_drawn(self, text: bytes) -> bool:
        at = self.output.find(text, self._typed_at)
        if at < 0:
            return False
        whole = self.output.rfind(_BEGINS, 0, at) <= self.output.rfind(_ENDS, 0, at)
        return whole or _ENDS in self.output[at:]

    def _read(self, timeout: float) -> bool:
        """Take in what was drawn, and answer it; tell whether there was anything."""
        if not select.select([self._master], [], [], max(timeout, 0))[0]:
            return False
        try:
            drawn = os.read(self._master, 65536)
        except OSError:  # how Linux tells that the other side is closed
            return False
        self.output += drawn
        if answers := self._answers.to(drawn):
            os.write(self._master, answers)
        return bool(drawn)
