"""The one place that prints: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys

from xswitch.errors import XswitchError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from xswitch.awsfiles.settings import Problem

_STYLES = {
    "bold": "1",
    "dim": "2",
    "reverse": "7",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


class Output:
    """Writes a command's results and its talk. Text from outside is made printable before it gets here."""

    def __init__(self) -> None:
        self._stdout = sys.stdout or _nowhere()
        self._stderr = sys.stderr or _nowhere()
        for stream in (self._stdout, self._stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")  # a locale that cannot spell a name still shows it
        self._in_progress = False
        self.colour = wants_colour(self._stdout)

    def data(self, text: str) -> None:
        """Write a result."""
        self._stdout.write(text + "\n")

    def json(self, value: object) -> None:
        """Write a result as JSON."""
        import json

        self.data(json.dumps(value, indent=2))

    def talk(self, text: str) -> None:
        """Write a sentence for the user that is no result."""
        self._stdout.flush()
        if self._in_progress:
            self.progress("")
        self._stderr.write(f"xswitch: {text}\n")

    def banner(self, text: str, color: str) -> None:
        """Write a sentence that nobody is to overlook, in a bar of that colour where stderr wants colour."""
        if wants_colour(self._stderr):
            self.talk(_styled(f" {text} ", "bold", "reverse", color))
        else:
            self.talk(f"*** {text}")

    def line_break(self) -> None:
        """End the line in which the user was asked something."""
        self._stderr.write("\n")

    def progress(self, text: str) -> None:
        """Show a sentence in place of the one before, where stderr is a terminal; "" takes it away."""
        self._in_progress = bool(text)
        if self._stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._stderr.write(f"\r\x1b[K{f'xswitch: {text}' if text else ''}")
            self._stderr.flush()

    def flush(self) -> None:
        """Hand over what was written; OSError where stdout does not take it."""
        self._stdout.flush()

    def error(self, error: XswitchError) -> None:
        """Say what failed and what to do, on one line."""
        self.talk(f"{error.message} ({error.hint})" if error.hint else error.message)

    def traceback(self) -> None:
        """Write where the exception being handled comes from."""
        from xswitch.cli.debug import write_traceback

        write_traceback(self._stderr)

    def problems(self, problems: list[Problem]) -> None:
        """Say what is wrong with the files, and that `aws` refuses those with a fatal problem."""
        from xswitch.locations import tilde

        for problem in problems:
            self.talk(f"{problem.place}: {problem.message}")
        for path in dict.fromkeys(problem.file for problem in problems if problem.fatal):
            self.talk(f"aws itself refuses all of {printable(tilde(path))} until this is mended")

    def style(self, text: str, *names: str) -> str:
        """Return `text` with ANSI styles where stdout wants colour."""
        if not self.colour or not names:
            return text
        return _styled(text, *names)


def _styled(text: str, *names: str) -> str:
    return f"\x1b[{';'.join(_STYLES[name] for name in names)}m{text}\x1b[0m"


def _nowhere() -> TextIO:
    # Python has no stream for a descriptor that was closed (`xswitch list >&-`).
    return open(os.devnull, "w", encoding="utf-8")


def wants_colour(stream: TextIO) -> bool:
    """Tell whether colours are wanted on a stream."""
    # https://no-color.org and https://force-color.org: set and not empty counts.
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


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
