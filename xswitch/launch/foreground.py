"""Running a command as a child in the foreground, as if it had replaced this process.

The child shares our terminal and process group, so keys of job control reach both. What is sent to this
process alone is passed on to it.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from xswitch.errors import ExitStatus, XswitchError
from xswitch.launch.execute import flush_streams, replace_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType
    from typing import NoReturn, Self, TypeAlias

    _Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None

# A shell with job control sends SIGCONT to the group, the terminal the others.
_TO_GROUP = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGCONT)
# The group reads from or writes to a terminal that another one has taken.
_TO_BACKGROUND = (signal.SIGTTIN, signal.SIGTTOU)
_TO_US = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_HANDLED = (*_TO_GROUP, *_TO_BACKGROUND, *_TO_US, signal.SIGCHLD)


class Foreground:
    """A stretch of time in which this process ends only with its child.

    Signals that come before the child is there wait for it, so what is made within is always cleaned up.
    """

    def __init__(self) -> None:
        self._pid = 0
        self._mask: set[int] = set()
        self._handlers: dict[int, _Handler] = {}
        self._early: set[int] = set()  # signals that came when there was no child to get them too
        self._signals = -1  # a pipe of the numbers of signals that came, whichever thread took them

    def __enter__(self) -> Self:
        self._mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED))
        # Where the caller ignores the ends of children, we would not be told how ours ended.
        self._handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._signals >= 0:
            os.close(signal.set_wakeup_fd(-1))
            os.close(self._signals)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def run(self, argv: Sequence[str], environ: Mapping[str, str], started: Callable[[], None]) -> int:
        """Run `argv` to its end; return its exit status, or the number of the signal that ended it, negative.

        `started` is called once the command runs. XswitchError as `replace_process` where it cannot.
        """
        flush_streams()
        reading, writing = os.pipe()  # closed by the start of the command
        self._early = set(signal.sigpending())
        self._pid = os.fork()
        if self._pid == 0:
            self._become(argv, environ, writing)
        os.close(writing)
        self._take_signals()
        with os.fdopen(reading, encoding="utf-8", errors="surrogateescape") as pipe:
            failure = pipe.read()
        if failure:
            os.waitpid(self._pid, 0)
            status, message, hint = failure.split("\0")
            raise XswitchError(message, hint, int(status))
        started()
        return self._wait()

    def _become(self, argv: Sequence[str], environ: Mapping[str, str], writing: int) -> NoReturn:
        status, message, hint = ExitStatus.NOT_EXECUTABLE, "the command could not be started", ""
        try:
            # A handler of Python's would run here for a key that is meant for the command.
            for number in _HANDLED:
                if callable(signal.getsignal(number)):
                    signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, self._handlers[signal.SIGCHLD])
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
            replace_process(argv, environ)
        except XswitchError as error:
            status, message, hint = error.status, error.message, error.hint
        finally:
            # Never back into the caller, of which there would be two then.
            report = f"{status}\0{message}\0{hint}".encode("utf-8", "surrogateescape")
            while report:
                report = report[os.write(writing, report) :]
            os._exit(status)

    def _take_signals(self) -> None:
        self._signals, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in _HANDLED:
            before = signal.getsignal(number)
            if before != signal.SIG_IGN:  # what the caller ignores, the command does too
                self._handlers.setdefault(number, before)
                signal.signal(number, _noted)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _wait(self) -> int:
        while (code := self._look()) is None:
            [number] = os.read(self._signals, 1)
            if self._is_for_the_command(number):
                os.kill(self._pid, number)
        return code

    def _is_for_the_command(self, number: int) -> bool:
        if number == signal.SIGCHLD or number in _TO_BACKGROUND:
            return False
        if number in self._early:
            self._early.remove(number)
            return True
        # What the whole group gets has reached the command already, and to many a second Ctrl+C means
        # another thing. Nor does it stop us: we stop once the command has.
        return not (number in _TO_GROUP and in_foreground())

    def _look(self) -> int | None:
        """Return how the command ended, None where it has not. Where it has stopped, stop with it."""
        stopped = False
        while True:
            found, status = os.waitpid(self._pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if not found:
                if stopped:  # and we are not, any more
                    os.kill(self._pid, signal.SIGCONT)
                return None
            if os.WIFSTOPPED(status):
                stopped = _stop_along(os.WSTOPSIG(status))
            elif os.WIFCONTINUED(status):
                stopped = False
            else:
                return os.waitstatus_to_exitcode(status)


def _noted(*_: object) -> None:
    """Do nothing: the number of the signal is in the pipe."""


def _stop_along(number: int) -> bool:
    """Stop as the command did, or the shell that waits for us would never know; tell whether to continue it.

    Somebody else's SIGSTOP is theirs to undo, and they will not think of us then.
    """
    if number == signal.SIGSTOP and not in_foreground():
        return False
    with suppress(OSError):
        # Else nobody would continue us, and the command must not stop either: kernels do it the same way.
        if os.getsid(os.getppid()) == os.getsid(0):
            signal.raise_signal(signal.SIGSTOP)
    return True


def end_as(code: int) -> int:
    """Return an exit status as `Foreground.run` told it; where that was a signal, end by it."""
    if code >= 0:
        return code
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command has left a core dump, if any
    with suppress(OSError):  # of SIGKILL
        signal.signal(-code, signal.SIG_DFL)
    flush_streams()
    os.kill(os.getpid(), -code)
    return 128 - code


def in_foreground(*, without_terminal: bool = False) -> bool:
    """Tell whether the keys of a terminal reach this process group; as told where there is no terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return without_terminal
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return without_terminal
    finally:
        os.close(terminal)
