"""The live table below the output of many commands: who is at it, for how long, and what it said last."""

from __future__ import annotations

import os
import time

from rich.console import Console, ConsoleDimensions, Group
from rich.live import Live
from rich.table import Table as Grid
from rich.text import Text

from xswitch.cli.output import write_all
from xswitch.launch.each.job import JobState
from xswitch.launch.each.looks import LOOKS, seconds_text
from xswitch.text import columns, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from xswitch.launch.each.job import Job

_STYLES = {"accent": "cyan", "warning": "yellow", "success": "green", "error": "red", "muted": "dim"}
# Whose rows are shown where there is no room for all, the first ones first.
_ORDER = (
    JobState.RUNNING,
    JobState.SIGNING_IN,
    JobState.FAILED,
    JobState.STOPPED,
    JobState.DONE,
    JobState.WAITING,
    JobState.SKIPPED,
)
_REFRESH = 5  # times a second
_MUCH = 4096  # letters that are written past Rich, which lays out each line
_WIDE = 60  # columns that it takes for the states to be there as words


class _Whole:
    """A terminal that gets all of what is written, as a file for Rich.

    Python's own stream, where it has no buffer (PYTHONUNBUFFERED), drops what the terminal does not take at
    once: lines of the table would be missing, and the next one drawn over the output above it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding
        self.fileno, self.isatty, self.flush = stream.fileno, stream.isatty, stream.flush

    def write(self, text: str) -> int:
        """Write all of it at once."""
        self.flush()
        write_all(self.fileno(), text.encode(self.encoding, "backslashreplace"))
        return len(text)


class Table:
    """A table of jobs at the bottom of a terminal. With `half` it leaves the upper half to the output."""

    def __init__(
        self, jobs: Sequence[Job], colours: Mapping[str, str], stream: TextIO, *, half: bool
    ) -> None:
        self._jobs = jobs
        self._colours = colours
        self._half = half
        self._stream = stream
        self._whole = whole = _Whole(stream)
        self._console = Console(file=whole, highlight=False, markup=False, emoji=False)  # type: ignore[arg-type]
        self.note = ""  # said below it
        self._live: Live | None = None
        self._narrowest = max((columns(printable(job.profile)) for job in jobs), default=0)

    @property
    def is_shown(self) -> bool:
        """Whether it stands on the terminal now."""
        return self._live is not None

    def show(self) -> None:
        """Draw it, and go on drawing."""
        if self._live is None:
            self._live = Live(
                get_renderable=self.render,
                console=self._console,
                refresh_per_second=_REFRESH,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start(refresh=True)

    def hide(self) -> None:
        """Take it away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def above(self, text: str) -> None:
        """Write whole lines above it, as they are."""
        if len(text) < _MUCH:
            self._console.out(text.removesuffix("\n"), highlight=False)
            return
        self.hide()
        self._whole.write(text)
        self.show()

    def _fit(self) -> None:
        """Take the terminal's size from itself: COLUMNS and LINES may be those of another one.

        One that does not know its size says that it has none.
        """
        try:
            width, height = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return
        if width and height:
            self._console.size = ConsoleDimensions(width, height)

    def render(self) -> Group:
        """Return it as it is now."""
        now = time.monotonic()
        self._fit()
        height = self._console.height
        room = max((height // 2 if self._half else height) - 2, 1)
        grid = Grid.grid(padding=(0, 1))
        width = min(self._narrowest, max(self._console.width // 3, 8))
        has_room = self._console.width >= _WIDE
        grid.add_column(no_wrap=True, width=12 if has_room else 1)
        grid.add_column(no_wrap=True, overflow="ellipsis", width=width)
        grid.add_column(no_wrap=True, justify="right", width=6)
        grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        grid.expand = True
        for job in self._shown(room):
            sign, *cells = self._row(job, now)
            grid.add_row(sign if has_room else sign[:1], *cells)
        return Group(grid, self._counts())

    def _shown(self, room: int) -> list[Job]:
        """Return the jobs there is room for, in their order."""
        jobs = list(self._jobs)
        if len(jobs) <= room:
            return jobs
        ranks = {state: rank for rank, state in enumerate(_ORDER)}
        chosen = sorted(range(len(jobs)), key=lambda at: (ranks[jobs[at].state], at))[:room]
        return [jobs[at] for at in sorted(chosen)]

    def _row(self, job: Job, now: float) -> tuple[Text, ...]:
        sign, style = self._sign(job.state)
        seconds = job.seconds(now)
        said = job.error or job.last_line
        return (
            Text(f"{sign} {job.word}", style),
            Text(printable(job.profile), self._colours[job.profile]),
            Text("" if seconds is None else seconds_text(seconds), "dim"),
            Text(said, "red" if job.state == JobState.FAILED else "dim"),
        )

    def _sign(self, state: str) -> tuple[str, str]:
        sign, plain, tone = LOOKS[state]
        return (sign if self._console.encoding.startswith("utf") else plain), _STYLES[tone]

    def _counts(self) -> Text:
        states = [job.state for job in self._jobs]
        counts = [
            (f"{states.count(state)} {state}", self._sign(state)[1]) for state in _ORDER if state in states
        ]
        text = Text(no_wrap=True, overflow="ellipsis")
        for position, (words, style) in enumerate(counts):
            text.append("   " if position else "").append(words, style)
        return text.append(f"   {self.note}" if self.note else "", "bold")
