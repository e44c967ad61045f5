"""Results that a shell evaluates or takes for words: byte for byte, whatever the locale."""

from __future__ import annotations

import os
import sys

from xswitch.errors import XswitchError


def write_exactly(text: str) -> None:
    """Write a result and a line break to stdout. XswitchError, and nothing written, where that cannot be."""
    try:
        data = os.fsencode(text + "\n")
    except UnicodeEncodeError:
        raise XswitchError(
            "a name or a value has a letter that this locale cannot spell", "use a locale with UTF-8"
        ) from None
    if b"\0" in data:
        raise XswitchError("a name or a value has a NUL character in it", "no shell can hold that")
    if sys.stdout is not None:  # closed by the caller
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def write_all(descriptor: int, data: bytes) -> None:
    """Write everything, also where others have set the descriptor so that it does not wait."""
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            import select

            poll = select.poll()
            poll.register(descriptor, select.POLLOUT)
            poll.poll()


def is_terminal(stream: object) -> bool:
    """Tell whether a standard stream is a terminal; one that was closed is none."""
    return stream is not None and bool(getattr(stream, "isatty", bool)())
