"""Where the output of many commands goes: to a pipe as it is, to a terminal without power over it."""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
import sys

from xswitch.cli.output import wants_colour, write_all
from xswitch.launch.each.job import SEQUENCES, STDERR, STDOUT
from xswitch.launch.foreground import in_foreground
from xswitch.text import columns, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from xswitch.cli.each_echo import Echo
    from xswitch.cli.each_table import Table
    from xswitch.launch.each.fanout import Fanout
    from xswitch.launch.prepare import Launcher

_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}
_UNGUARDED = ("cyan", "green", "blue", "magenta")
_OF_COLOURS = re.compile(r"(\x1b\[[0-9;:]*m)")


class Streams:
    """The two streams, and the table below what is written to a terminal.

    With `above`, what goes to stdout may be written above the table; else there is none where stdout is a
    terminal. After the reader of stdout has gone, or the disk is full, the commands are ended, as that of a
    pipe would be; for the latter `failure` says why.
    """

    def __init__(self, names: Sequence[str], launcher: Launcher, *, above: bool) -> None:
        self._streams = {STDOUT: sys.stdout, STDERR: sys.stderr}
        self._terminals = {name: _is_terminal(stream) for name, stream in self._streams.items()}
        self._colours = {
            name: stream is not None and wants_colour(stream) for name, stream in self._streams.items()
        }
        self._names = _coloured(names, launcher)
        self._above = above
        self.failure: OSError | None = None  # why stdout has taken no more
        self._table: Table | None = None
        self._echo: Echo | None = None
        self._fanout: Fanout | None = None

    def begin(self, fanout: Fanout) -> None:
        """Prepare the table, where there is a terminal for it; it is shown by `resume`."""
        self._fanout = fanout
        stream = self._stream_of_table()
        if stream is not None:
            from xswitch.cli.each_echo import Echo
            from xswitch.cli.each_table import Table

            self._echo = Echo(stream)
            shared = self._above and self._terminals[STDOUT]
            self._table = Table(fanout.jobs, self._names, stream, half=shared)

    def is_terminal(self, stream: str) -> bool:
        """Tell whether a stream is a terminal."""
        return self._terminals[stream]

    def has_colour(self, stream: str) -> bool:
        """Tell whether a stream wants colours."""
        return self._colours[stream]

    @property
    def are_same(self) -> bool:
        """Whether both streams lead to the same place, so that each says it once."""
        try:
            one, other = (os.fstat(stream.fileno()) for stream in self._streams.values() if stream)
        except (OSError, ValueError):
            return False
        return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)

    def name(self, profile: str, stream: str, width: int = 0) -> str:
        """Return the name of a profile for a line, padded; guarded ones have the colour of their guard."""
        shown = printable(profile)
        padding = " " * (width - columns(shown))
        if not self._colours[stream]:
            return shown + padding
        return f"\x1b[{_COLOURS[self._names[profile]]}m{shown}\x1b[0m{padding}"

    def bar(self, stream: str) -> str:
        """Return what stands between a name and its line, as far as the terminal has letters for it."""
        target = self._streams[stream]
        return " │ " if target is not None and target.encoding.lower().startswith("utf") else " | "

    def heading(self, stream: str, profile: str, notes: str) -> None:
        """Write what stands above the output of a profile."""
        self.show(stream, f"=== {self.name(profile, stream)} ({notes})\n")

    def show(self, stream: str, text: str) -> None:
        """Write whole lines that are fit to be shown."""
        target = self._streams[stream]
        encoding = "utf-8" if target is None else target.encoding
        self.write(stream, text.encode(encoding, "backslashreplace"))

    def write(self, stream: str, data: bytes) -> None:
        """Write; lines to a terminal stand above the table."""
        if not data:
            return
        if self._table is not None and self._table.is_shown and self._terminals[stream]:
            self._table.above(data.decode(sys.stderr.encoding, "replace"))
            return
        target = self._streams[stream]
        if target is None:
            return
        try:
            target.flush()
            write_all(target.fileno(), data)
        except OSError as error:
            self._streams[stream] = None
            if stream == STDOUT and self._fanout is not None:
                self.failure = None if isinstance(error, BrokenPipeError) else error
                self._fanout.ask_to_end()

    def note(self, text: str) -> None:
        """Say something below the table, where there is one."""
        if self._table is not None:
            self._table.note = text

    def pause(self) -> bool:
        """Take the table away; tell whether it was there."""
        if self._table is None or self._echo is None:
            return False
        shown = self._table.is_shown
        self._table.hide()
        self._echo.give_back()
        return shown

    def resume(self) -> None:
        """Show the table, where there is one and the terminal is ours."""
        if self._table is not None and self._echo is not None and in_foreground():
            self._echo.take_away()
            self._table.show()

    def _stream_of_table(self) -> TextIO | None:
        if os.environ.get("TERM", "dumb") == "dumb" or any(map(_is_read, self._streams.values())):
            return None
        if self._terminals[STDERR] and (self._above or not self._terminals[STDOUT]):
            return sys.stderr
        return sys.stdout if self._terminals[STDOUT] and self._above else None


def terminal_line(line: bytes, *, colour: bool) -> str:
    """Return a line of a program's output for a terminal: of its escape sequences, colours stay if wanted."""
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    text = text.rpartition("\r")[2]  # what is left to be seen of a progress bar
    shown, column = "", 0
    parts = _OF_COLOURS.split(text)
    for position, part in enumerate(parts):
        if position % 2:
            shown += part if colour else ""
        else:
            plain = (" " * column + SEQUENCES.sub("", part)).expandtabs()[column:]
            column += len(plain)
            shown += printable(plain)
    return shown + "\x1b[0m" if colour and len(parts) > 1 else shown


def json_text(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield bytes as the inside of a JSON string; those that are not UTF-8 as U+FFFD."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for piece in pieces:
        yield json.dumps(decoder.decode(piece))[1:-1].encode()
    yield json.dumps(decoder.decode(b"", final=True))[1:-1].encode()


def _is_read(stream: TextIO | None) -> bool:
    """Tell whether a program reads a stream: it may write to the terminal itself, wherever the table is."""
    if stream is None:
        return False
    mode = os.fstat(stream.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _coloured(names: Sequence[str], launcher: Launcher) -> dict[str, str]:
    """Return a colour for each name: that of its guard, or one of the others in turn."""
    return {
        name: guard.color if guard else _UNGUARDED[position % len(_UNGUARDED)]
        for position, (name, guard) in enumerate(zip(names, launcher.guards_of(names), strict=True))
    }
