"""The commands that run at the moment: what they print is read, and their end is noticed, without polling."""

from __future__ import annotations

import os
import selectors
import signal
import threading
import time
from contextlib import suppress

from xswitch.errors import XswitchError
from xswitch.launch.each.child import Child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xswitch.launch.each.folder import OutputFiles, OutputFolder
    from xswitch.launch.each.job import Job, Listener

PATIENCE = 5.0  # seconds that a command has to end by itself
# Seconds that what a command has started has, after its end, to close the pipes: `| tee` in a script is a
# little later than the script. A server that it leaves behind never closes them.
_GRACE = 0.25


class Running:
    """A running command of a job."""

    __slots__ = ("child", "ended_at", "files", "job")

    def __init__(self, job: Job, child: Child, files: OutputFiles | None) -> None:
        self.job = job
        self.child = child
        self.files = files
        self.ended_at: float | None = None


class Crew:
    """All running commands. Signals can be sent to them from any thread and from signal handlers."""

    def __init__(self, listener: Listener, folder: OutputFolder | None) -> None:
        self.is_stopping = False
        self.failure: XswitchError | None = None  # why what was printed could not be kept
        self._listener = listener
        self._folder = folder
        self._lock = threading.RLock()  # a signal handler may be called in the thread that has it
        self._running: dict[Job, Running] = {}
        self._signal = 0  # that was sent to all
        self._kill_at = 0.0
        self._held = False
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = os.pipe()
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)
        self._selector.register(self._wake, selectors.EVENT_READ)

    def __len__(self) -> int:
        return len(self._running)

    # --- from anywhere ----------------------------------------------------------------------------

    def nudge(self) -> None:
        """Have `attend` return."""
        with self._lock, suppress(BlockingIOError):  # full: it will
            if self._waker >= 0:
                os.write(self._waker, b"\0")

    def stop(self, number: int) -> None:
        """Send all commands a signal, SIGKILL if one was sent before."""
        with self._lock:
            self._signal = signal.SIGKILL if self.is_stopping else number
            self._kill_at = time.monotonic() + (0 if self.is_stopping else PATIENCE)
            self.is_stopping = True
            self._send(self._signal)
        self.nudge()

    def ask_to_end(self) -> None:
        """Send all commands SIGTERM, unless they were told to end already."""
        with self._lock:
            if not self.is_stopping:
                self.stop(signal.SIGTERM)

    def hold(self, *, held: bool) -> None:
        """Stop all commands for a while, or continue them."""
        with self._lock:
            self._held = held
            self._send(signal.SIGSTOP if held else signal.SIGCONT)

    def _send(self, number: int) -> None:
        for running in list(self._running.values()):
            running.child.signal(number)

    # --- in the thread that runs the jobs ----------------------------------------------------------

    def start(self, job: Job, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start the command of a job. XswitchError as `Child`, or where its files cannot be made."""
        files = self._folder.open(job.profile) if self._folder is not None else None
        try:
            child = Child(command, environ)
        except BaseException:
            if files is not None:
                files.close()
            raise
        running = Running(job, child, files)
        with self._lock:
            self._running[job] = running
            # A signal may have come while there was no child to get it.
            if self.is_stopping:
                child.signal(self._signal)
            elif self._held:  # by another thread
                child.signal(signal.SIGSTOP)
        for stream, descriptor in child.pipes.items():
            self._selector.register(descriptor, selectors.EVENT_READ, (running, stream))
        self._selector.register(child.end, selectors.EVENT_READ, (running, ""))

    def attend(self, until: float | None) -> Iterator[tuple[Job, int]]:
        """Wait until something happens, or until then (monotonic seconds).

        Yield the jobs whose command has ended by then, with its exit status (-n for signal n).
        """
        for key, _ in self._selector.select(self._timeout(until)):
            if key.data is None:
                with suppress(BlockingIOError):
                    os.read(self._wake, 4096)
                continue
            running, stream = key.data
            if not stream:
                self._selector.unregister(running.child.end)
                running.ended_at = time.monotonic()
            elif stream in running.child.pipes:
                self._read(running, stream)
        yield from self._over()

    def end(self) -> Iterator[tuple[Job, int]]:
        """Kill and yield what still runs, as `attend` does, and let go of everything."""
        with self._lock:
            self._send(signal.SIGKILL)
        for running in list(self._running.values()):
            for stream in list(running.child.pipes):  # unread: who was to take it may be what has failed
                self._close(running, stream)
            yield running.job, self._finish(running)
        with self._lock:
            self._selector.close()
            os.close(self._wake)
            os.close(self._waker)
            self._waker = -1

    def _timeout(self, until: float | None) -> float | None:
        times = [] if until is None else [until]
        if self.is_stopping and self._signal != signal.SIGKILL:
            times.append(self._kill_at)
        times += [
            self._given_up_at(running) for running in self._running.values() if running.ended_at is not None
        ]
        return max(min(times) - time.monotonic(), 0) if times else None

    def _over(self) -> Iterator[tuple[Job, int]]:
        now = time.monotonic()
        if self.is_stopping and self._signal != signal.SIGKILL and now >= self._kill_at:
            self.stop(signal.SIGKILL)
        for running in list(self._running.values()):
            if running.ended_at is None:
                continue
            if not running.child.pipes or now >= self._given_up_at(running):
                yield running.job, self._finish(running)

    def _given_up_at(self, running: Running) -> float:
        """Return until when the pipes of a command that has ended are read.

        What it has started has as long to end as the command itself, where everything is to end.
        """
        return max((running.ended_at or 0.0) + _GRACE, self._kill_at if self.is_stopping else 0.0)

    def _read(self, running: Running, stream: str) -> None:
        data = running.child.read(stream)
        if data:
            self._take(running, stream, data)
        elif data is not None:
            self._close(running, stream)

    def _take(self, running: Running, stream: str, data: bytes) -> None:
        """Hand on what a command has printed. Where it cannot be kept, all are ended, as politely as ever."""
        try:
            running.job.take(stream, data)
            if running.files is not None:
                running.files.write(stream, data)
        except XswitchError as error:
            if self.failure is None:
                self.failure = error
                self.ask_to_end()
        self._listener.output(running.job, stream, data)

    def _close(self, running: Running, stream: str) -> None:
        self._selector.unregister(running.child.pipes[stream])
        running.child.close(stream)

    def _finish(self, running: Running) -> int:
        """Read what is in the pipes, and not what others may still put there; reap the child."""
        for stream in list(running.child.pipes):
            left = running.child.waiting(stream)
            while left > 0 and (data := running.child.read(stream)):
                self._take(running, stream, data)
                left -= len(data)
            self._close(running, stream)
        if running.ended_at is None:
            self._selector.unregister(running.child.end)
        with self._lock:
            del self._running[running.job]  # from now on nobody sends it a signal
        # Without the lock, which others wait for: one that has become another user's cannot be killed.
        status = running.child.reap()
        if running.files is not None:
            running.files.close()
        return status
