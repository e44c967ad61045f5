"""The command under one of the profiles: how far it is, and what it has printed."""

from __future__ import annotations

import re
import time

from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.launch.each.spool import Spool

STDOUT, STDERR = "stdout", "stderr"
# Escape sequences: of colours and the like, of titles and links, and of a letter or two (as in `tput sgr0`).
SEQUENCES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-Z\\-~]")
_TAIL = 1024  # bytes that a last line is looked for in


class JobState:
    """How far a job is. The last four are ends."""

    WAITING = "waiting"
    SIGNING_IN = "signing in"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"  # it ran and was ended
    SKIPPED = "skipped"  # it never ran


ENDS = frozenset({JobState.DONE, JobState.FAILED, JobState.STOPPED, JobState.SKIPPED})


class Job:
    """The command under `profile`.

    `exit_status` is None where there is none (yet), and -n where signal n ended it; `error` is a sentence
    where the command could not be run, else "". `attempts` counts how often it was started; `started` (of the
    last attempt) and `ended` are monotonic seconds.
    """

    def __init__(self, profile: str, spool: Spool | None = None) -> None:
        self.profile = profile
        self.state = JobState.WAITING
        self.exit_status: int | None = None
        self.error = ""
        self.attempts = 0
        self.started: float | None = None
        self.ended: float | None = None
        self._spool = spool
        self._tails = {STDOUT: b"", STDERR: b""}
        self._latest = STDOUT

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDS

    @property
    def outcome(self) -> str:
        """How it ended, in words: `exit status 3`, or what went wrong; "" where all is well."""
        return self.error or self._status("exit status")

    @property
    def word(self) -> str:
        """What it is at, in a word or two for a table: of one that failed, how."""
        return (self._status("exit") if self.state == JobState.FAILED else "") or self.state

    def _status(self, word: str) -> str:
        if not self.exit_status:
            return ""
        return f"{word} {self.exit_status}" if self.exit_status > 0 else signal_name(-self.exit_status)

    def seconds(self, now: float | None = None) -> float | None:
        """Return how long the last attempt has run or ran, None where there was none."""
        if self.started is None:
            return None
        ended = self.ended if self.ended is not None else time.monotonic() if now is None else now
        return max(ended - self.started, 0.0)

    @property
    def last_line(self) -> str:
        """The last line that it printed and that is not blank; fit to be shown."""
        for stream in (self._latest, STDERR if self._latest == STDOUT else STDOUT):
            for line in reversed(self._tails[stream].splitlines()):
                text = shown_line(line).strip()
                if text:
                    return text
        return ""

    def chunks(self) -> Iterator[tuple[str, bytes]]:
        """Yield what the last attempt printed, in the order in which it came, each with its stream."""
        return self._spool.chunks() if self._spool else iter(())

    def lines(self, last: int = 1000) -> list[tuple[str, str]]:
        """Return the last lines that it printed, fit to be shown, each with its stream."""
        from collections import deque

        from xswitch.launch.each.lines import Lines

        whole = {STDOUT: Lines(), STDERR: Lines()}
        found: deque[tuple[str, str]] = deque(maxlen=last)
        for stream, data in self.chunks():
            found.extend((stream, shown_line(line)) for line in whole[stream].feed(data))
        for stream, lines in whole.items():
            found.extend((stream, shown_line(line)) for line in lines.rest())
        return list(found)

    def begin(self, now: float) -> None:
        """Note that the command is started, perhaps once more."""
        self.state = JobState.RUNNING
        self.attempts += 1
        self.started, self.ended, self.exit_status = now, None, None
        self._tails = {STDOUT: b"", STDERR: b""}
        if self._spool is not None:
            self._spool.restart()

    def take(self, stream: str, data: bytes) -> None:
        """Note what the command has printed."""
        self._tails[stream] = (self._tails[stream] + data)[-_TAIL:]
        self._latest = stream
        if self._spool is not None:
            self._spool.add(stream, data)

    def end(self, state: str, now: float, exit_status: int | None = None, error: str = "") -> None:
        """Note how it ended."""
        self.state = state
        self.exit_status = exit_status
        self.error = error
        if self.started is not None and self.ended is None:
            self.ended = now
        if self._spool is not None:
            self._spool.rest()


class Listener:
    """Is told what happens, in the thread of `Fanout.run`. This one does nothing."""

    def changed(self, job: Job) -> None:
        """Hear that the state of a job is another one, or that it begins a further attempt."""

    def output(self, job: Job, stream: str, data: bytes) -> None:
        """Hear what a command prints to `stdout` or `stderr`, as it comes."""

    def said(self, text: str) -> None:
        """Hear a sentence for the user."""

    def asking(self, asking: bool) -> None:
        """Hear that from now on the user may be asked something on the terminal, or no longer."""


def signal_name(number: int) -> str:
    """Return what a signal is called."""
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def shown_line(line: bytes) -> str:
    """Return a line of a program's output fit to be shown: no control characters, no colours."""
    text = SEQUENCES.sub("", line.decode("utf-8", "replace").rstrip("\r\n"))
    text = text.rpartition("\r")[2]  # what is left to be seen of a progress bar
    return printable(text.expandtabs())
