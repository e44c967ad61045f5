"""The terminal: taking it for the UI whatever the streams are, and lending it to a child."""

from __future__ import annotations

import os
import sys

from xswitch.errors import UsageError
from xswitch.locations import HOOK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Self, TypeAlias

    Prepare: TypeAlias = Callable[[], tuple[Sequence[str], Mapping[str, str]]]
    """Returns the command line and environment of a child. It may ask and wait; ctrl+c ends it."""


_END_OF_FRAME = b"\x1b[?1049l\x1b[?25h\x1b[?7h"


class TerminalAsStreams:
    """A context in which stdin, stdout and stderr are the terminal itself, whatever they were.

    Textual measures stdout and a child inherits all three, so in `eval "$(xswitch)"` both would go wrong.
    The terminal's settings come back at the end, also that by a signal. `framed`: a first frame is shown.
    UsageError where there is no terminal.
    """

    def __enter__(self) -> Self:
        """Take the terminal."""
        try:
            self._terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            raise UsageError(
                "the terminal UI needs a terminal", "in scripts use: xswitch list, show, run"
            ) from None
        if os.environ.get("TERM", "dumb") in {"dumb", ""}:
            os.close(self._terminal)
            raise UsageError("a terminal with TERM=dumb cannot show the UI", "use: xswitch list, show, run")
        import termios

        self.framed = False
        self.settings: list[Any] = termios.tcgetattr(self._terminal)
        self._handlers = handle_ends(self._end_by_signal)
        sys.stdout.flush()
        sys.stderr.flush()
        self._kept = [os.dup(descriptor) for descriptor in range(3)]
        for descriptor in range(3):
            os.dup2(self._terminal, descriptor)
        return self

    def show_first_frame(self, frame: str) -> None:
        """Show the frame that stands until Textual is there, and have keys kept as they are typed."""
        import termios

        attributes = termios.tcgetattr(self._terminal)
        # Typed ahead, ctrl+s is the key that saves a form; it is not to stop the terminal.
        attributes[0] &= ~(termios.ICRNL | termios.IXON)
        attributes[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(self._terminal, termios.TCSANOW, attributes)
        self.framed = bool(frame)
        os.write(self._terminal, frame.encode())

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Give it back."""
        import _signal as signal  # type: ignore[import-not-found]  # `signal` costs an `enum`

        sys.stdout.flush()
        sys.stderr.flush()
        self._restore(unframe=kind is not None)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        for descriptor, copy in enumerate(self._kept):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(self._terminal)

    def _restore(self, *, unframe: bool) -> None:
        import termios

        if unframe and self.framed:
            os.write(self._terminal, _END_OF_FRAME)
        termios.tcsetattr(self._terminal, termios.TCSANOW, self.settings)

    def _end_by_signal(self, number: int, _: object) -> None:
        # Not by an exception: it would come out of the middle of an import as another one.
        self._restore(unframe=True)
        os._exit(128 + number)


def handle_ends(handler: Callable[[int, Any], None]) -> dict[int, Any]:
    """Set a handler for the signals that end a process, and return the ones before.

    What the caller has ignored (`nohup`) stays ignored.
    """
    import _signal as signal

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    return {number: signal.signal(number, handler) for number in heard}


def tell(text: str) -> None:
    """Say something on the terminal while the UI has lent it to a child."""
    sys.stderr.write(f"xswitch: {text}\n")
    sys.stderr.flush()


def run_child(what: str, prepare: Prepare, *, wait: bool) -> None:
    """Say `what`, and run a child in the foreground; with `wait`, show its exit status until Enter.

    Where `prepare` returns an empty command line, preparing was all. Ctrl+c ends preparing and waiting with
    KeyboardInterrupt; while the child runs, it and the quit key are the child's alone. A child that a signal
    ended gives 128 + the signal, as in shells.
    """
    import signal
    import subprocess

    tell(what)
    numbers = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
    before = {number: signal.getsignal(number) for number in numbers}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    if wait and os.environ.get(HOOK):
        # A shell waits in `$(…)` for what we shall print: were we stopped, it would wait for ever. The child
        # inherits that; a subshell, which does not come here, has job control of its own.
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    try:
        argv, environ = prepare()
        if not argv:
            return
        # Handlers of our own, not SIG_IGN: that would be inherited by the child.
        for number in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, lambda *_: None)
        status = subprocess.run(argv, env=dict(environ), check=False).returncode
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        if wait:
            input(f"\nxswitch: exit status {status if status >= 0 else 128 - status}; Enter goes back ")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
