"""The terminal: taking it for the UI whatever the streams are, and lending it to a child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from xswitch.errors import UsageError


@contextmanager
def terminal_as_streams() -> Iterator[None]:
    """Point stdin, stdout and stderr at the terminal itself, and back afterwards.

    Textual measures stdout and a child inherits all three, so in `eval "$(xswitch)"` both would go wrong.
    UsageError where there is no terminal.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise UsageError("the terminal UI needs a terminal", "in scripts use: xswitch list, show, run") from None
    if os.environ.get("TERM", "dumb") in {"dumb", ""}:
        os.close(terminal)
        raise UsageError("this terminal (TERM=dumb) cannot show the terminal UI", "use: xswitch list, show, run")
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(descriptor) for descriptor in range(3)]
    try:
        for descriptor in range(3):
            os.dup2(terminal, descriptor)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor, copy in enumerate(kept):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(terminal)


def run_child(prepare: Callable[[], Mapping[str, str]], argv: Sequence[str]) -> int:
    """Run `argv` in the foreground with the environment that `prepare` returns; return its exit status.

    `prepare` may ask and wait, and ctrl+c ends it with KeyboardInterrupt. Once the child runs, ctrl+c is
    the child's alone. A child that a signal ended gives 128 + the signal, as in shells.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        environ = prepare()
        # A handler of our own, not SIG_IGN: that would be inherited by the child.
        signal.signal(signal.SIGINT, lambda *_: None)
        status = subprocess.run(argv, env=dict(environ), check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
    return status if status >= 0 else 128 - status
