"""The same with an empty Textual app and with fzf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.homes import is_role
from benchmarks.terminal import Terminal
from benchmarks.using import filter_keys, leave

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.processes import Sample
    from benchmarks.rounds import Samples

_EMPTY_APP = """\
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("nothing else")

Empty().run()
"""
_CTRL_C, _CTRL_Q = b"\x03", b"\x11"
_INTERRUPTED = 130


@dataclass(frozen=True)
class EmptyApp:
    """What every Textual app costs."""

    python: str
    environ: Mapping[str, str]

    def open(self) -> Terminal:
        """Return its terminal, at its start."""
        return Terminal([self.python, "-c", _EMPTY_APP], self.environ)

    def start_and_quit(self) -> Samples:
        """Open it and leave it."""
        with self.open() as terminal:
            first = self.wait(terminal)
            terminal.rest()
            left = leave(terminal, _CTRL_Q)
        return {"empty app, first frame": [first], "empty app, quit": [left]}

    def wait(self, terminal: Terminal) -> Sample:
        """Wait for its only text."""
        return terminal.until(b"nothing else").since(terminal.started)


@dataclass(frozen=True)
class Fzf:
    """A picker of lines, with the names of the profiles; it is no Python."""

    program: str
    environ: Mapping[str, str]
    names: Path
    profiles: int

    def start_and_quit(self) -> Samples:
        """Open it, type in its filter, and leave it."""
        with self.names.open() as names:
            terminal = Terminal([self.program], self.environ, names.fileno())
        with terminal:
            first = terminal.until(b"keys-0").since(terminal.started)
            terminal.rest()
            filters = filter_keys(terminal, self._count)
            left = leave(terminal, _CTRL_C, _INTERRUPTED)
        return {"fzf, first frame": [first], "fzf, filter": filters, "fzf, quit": [left]}

    def _count(self, digit: str) -> str:
        found = sum(is_role(number) and digit in str(number) for number in range(self.profiles))
        return f"{found}/{self.profiles}"
