"""What the command has printed under one profile, in full, also while it still prints."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from rich.cells import chop_cells
from rich.segment import Segment
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.getters import query_one
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xswitch.launch.each.job import STDERR, STDOUT, shown_line
from xswitch.launch.each.lines import Lines
from xswitch.text import printable
from xswitch.tui.screens.each_rows import clock_text, look_of
from xswitch.tui.screens.working import WorkingScreen
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from xswitch.launch.each.job import Job
    from xswitch.sessions.interaction import Interaction

    Printed = list[tuple[str, str]]

READ = ("", "output")
_TICK = 0.1  # seconds
_SHARE = 5  # reading takes at most one part in so many of the time: there may be much to read
# What is shown at most; nobody reads more of it.
_MOST_LINES = 10_000
_MOST_BYTES = 2 * 1024 * 1024
_MARGINS = {STDERR: "▌ "}
_NO_MARGIN = "  "


class OutputView(ScrollView, can_focus=True):
    """Shows printable lines with their streams, wrapped. Where its end is in sight, it stays in sight."""

    COMPONENT_CLASSES = {"output-view--stderr"}
    BINDINGS = [
        Binding("up,k", "scroll_up", show=False),
        Binding("down,j", "scroll_down", show=False),
        Binding("g,home", "scroll_home", show=False),
        Binding("G,end", "scroll_end", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: Printed = []
        self._rows: Printed = []
        self._end = 0  # how far it could be scrolled, when that was looked at last

    def show(self, lines: Printed) -> None:
        """Show other lines, or more of them."""
        self._lines = lines
        self._wrap()

    def _wrap(self) -> None:
        at_end = self.scroll_offset.y >= self._end
        width = max(self.scrollable_content_region.width - len(_NO_MARGIN), 1)
        self._rows = [(stream, row) for stream, text in self._lines for row in _pieces(text, width)]
        self.virtual_size = Size(0, len(self._rows))
        self._end = self.max_scroll_y
        if at_end:
            self.scroll_end(animate=False, force=True, immediate=True)
        self.refresh()

    def on_resize(self) -> None:
        """Wrap the lines to the new width."""
        self._wrap()

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the screen."""
        index = self.scroll_offset.y + y
        width, base = self.size.width, self.rich_style
        if index >= len(self._rows):
            return Strip.blank(width, base)
        stream, text = self._rows[index]
        style = base
        if stream == STDERR:
            style = base + self.get_component_rich_style("output-view--stderr", partial=True)
        return Strip([Segment(_MARGINS.get(stream, _NO_MARGIN) + text, style)]).adjust_cell_length(
            width, base
        )


class OutputScreen(WorkingScreen[None]):
    """Shows what a job has printed; `printed` returns how many bytes."""

    CSS_PATH = "lists.tcss"
    DEFAULT_CLASSES = ""
    AUTO_FOCUS = "OutputView"
    BINDINGS = [Binding("q,enter", "close", show=False)]

    view = query_one(OutputView)

    def __init__(self, job: Callable[[], Job], printed: Callable[[], int]) -> None:
        super().__init__(job().profile)
        self._job = job
        self._printed = printed
        self._read: tuple[Job, int, int, bool] | None = None  # what was read last
        self._reading = (0.0, 0.0)  # since when, and until when nothing more is read
        self._count = 0
        self._is_cut = False

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Text(id="status")
        yield OutputView()
        yield Text(id="says")
        yield Text(id="keys")

    def on_mount(self) -> None:
        """Read at once, and whenever there is more."""
        self._tick()
        self.set_interval(_TICK, self._tick)

    def _tick(self) -> None:
        job, now = self._job(), time.monotonic()
        self._show(job, now)
        state = (job, job.attempts, self._printed(), job.has_ended)
        if state == self._read or self.tasks.get(READ) is not None or now < self._reading[1]:
            return
        self._read, self._reading = state, (now, 0.0)

        def read(_: Interaction) -> tuple[Printed, bool]:
            return lines_of(job)

        self.start(READ, "reading", read, self._take)

    def _take(self, found: tuple[Printed, bool]) -> None:
        now = time.monotonic()
        self._reading = (0.0, now + _SHARE * (now - self._reading[0]))
        lines, self._is_cut = found
        self._count = len(lines)
        self.view.show(lines)
        self._show(self._job(), now)

    def _show(self, job: Job, now: float) -> None:
        sign, style = look_of(job)
        self.query_one("#status", Text).show(
            Content.assemble(
                (f"{sign} {job.word}  ", style),
                (printable(job.profile), "bold"),
                (f"  {clock_text(job, now)}", "dim"),
            )
        )
        cut = f"the last {self._count} lines" if self._is_cut else ""
        nothing = (
            ""
            if self._count or self.tasks.get(READ)
            else "nothing was printed" + ("" if job.has_ended else " yet")
        )
        self.tell((job.error, "$text-error"), (cut or nothing, "dim"))
        self.query_one("#keys", Text).show("↑↓ PgUp PgDn g G scroll   ▌ stderr   esc back")


def lines_of(job: Job) -> tuple[Printed, bool]:
    """Return the last lines of a job, each with its stream, and whether there were more before them."""
    chunks: deque[tuple[str, bytes]] = deque()
    size, is_cut = 0, False
    for stream, data in job.chunks():
        chunks.append((stream, data))
        size += len(data)
        while size > _MOST_BYTES:
            size -= len(chunks.popleft()[1])
            is_cut = True
    whole = {STDOUT: Lines(), STDERR: Lines()}
    found: list[tuple[str, bytes]] = []
    for stream, data in chunks:
        found += [(stream, line) for line in whole[stream].feed(data)]
    for stream, lines in whole.items():
        found += [(stream, line) for line in lines.rest()]
    is_cut = is_cut or len(found) > _MOST_LINES
    return [(stream, shown_line(line)) for stream, line in found[-_MOST_LINES:]], is_cut


def _pieces(text: str, width: int) -> list[str]:
    """Return a line in pieces of at most `width` columns."""
    if len(text) <= width and text.isascii():
        return [text]
    if text.isascii():
        return [text[start : start + width] for start in range(0, len(text), width)]
    return chop_cells(text, width) or [""]
