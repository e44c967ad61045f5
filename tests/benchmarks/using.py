"""What a person does in the UI, and how long it is until it can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.homes import account, is_role
from benchmarks.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.processes import Sample
    from benchmarks.rounds import Samples

DOWN, PAGE_DOWN, BACKSPACE = b"j", b"\x1b[6~", b"\x7f"
DIGITS = "23456789"  # each is in the names of some roles
_DOWNS = 9
_PAGE = 26  # rows that one key goes down, on 30 lines
_PAGES = 8


@dataclass(frozen=True)
class Ui:
    """How to start xswitch, and how many profiles it shows."""

    argv: Sequence[str]
    environ: Mapping[str, str]
    profiles: int

    def open(self) -> Terminal:
        """Return its terminal, at its start."""
        return Terminal(self.argv, self.environ)

    def wait(self, terminal: Terminal) -> None:
        """Wait until it is live."""
        until_live(terminal)

    def start_and_quit(self) -> Samples:
        """Open it and leave it."""
        with self.open() as terminal:
            first, live = until_live(terminal)
            terminal.rest()
            left = leave(terminal, b"q")
        return {"first frame": [first], "live": [live], "quit": [left]}

    def until_live(self) -> Samples:
        """Open it; name the sample by how many profiles it shows."""
        with self.open() as terminal:
            _, live = until_live(terminal)
            return {str(self.profiles): [live]}

    def keys(self) -> Samples:
        """Move in the list and type in the filter, each key when the one before has been drawn."""
        with self.open() as terminal:
            until_live(terminal)
            terminal.rest(0.3)
            terminal.type(b"g")
            terminal.rest()
            downs, pages = self._move(terminal)
            terminal.type(b"/")
            terminal.rest()
            filters = filter_keys(terminal, self._count)
        return {"filter": filters, "down": downs, "page down": pages}

    def _move(self, terminal: Terminal) -> tuple[list[Sample], list[Sample]]:
        """Go down by rows and by pages. The rows stand in the order of their numbers."""
        rows = range(1, _DOWNS + 1)
        pages = range(_DOWNS + _PAGE, _DOWNS + _PAGE * _PAGES + 1, _PAGE)
        pages = [row for row in pages if row < self.profiles]
        return (
            [seen(terminal, DOWN, account(row)) for row in rows],
            [seen(terminal, PAGE_DOWN, account(row)) for row in pages],
        )

    def _count(self, digit: str) -> str:
        found = sum(is_role(number) and str(number).startswith(digit) for number in range(self.profiles))
        return f"{found}/{self.profiles} profiles"


def until_live(terminal: Terminal) -> tuple[Sample, Sample]:
    """Wait for the first frame, then for the effect of a key that is typed at its sight.

    The key moves the cursor to the second row. The frame that is drawn before Textual is there shows no
    details of the profile under the cursor, and Textual's first those of keys, which come from no source.
    """
    first = terminal.until(b"role-19").since(terminal.started)
    terminal.type(DOWN)
    return first, terminal.until(b"via keys-0").since(terminal.started)


def filter_keys(terminal: Terminal, count: Callable[[str], str]) -> list[Sample]:
    """Type the digits after `role-` in turn and delete each; `count` tells what is seen after a digit."""
    terminal.type(b"role-")
    terminal.until(count("").encode())
    terminal.rest()
    return [
        seen(terminal, key, count(found))
        for digit in DIGITS
        for key, found in ((digit.encode(), digit), (BACKSPACE, ""))
    ]


def seen(terminal: Terminal, key: bytes, text: str) -> Sample:
    """Type a key; return how long it was until the text was drawn, and wait for quiet."""
    typed = terminal.type(key)
    sample = terminal.until(text.encode()).since(typed)
    terminal.rest()
    return sample


def leave(terminal: Terminal, key: bytes, status: int = 0) -> Sample:
    """Type the key that leaves; return how long it was until the process was gone."""
    typed = terminal.type(key)
    return terminal.gone(status).since(typed)
