"""A list of lines with a cursor; only those on the screen are made and drawn, however many it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xswitch.tui.actions import TREE

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style
    from textual import events

    from xswitch.tui.lines import Part

_COLORS = ("red", "yellow", "green", "blue", "magenta", "cyan")
_STYLES = frozenset(
    {"bold", "muted", "accent", "error", "warning", "success", *(f"guard-{color}" for color in _COLORS)}
)


class LineList(ScrollView, can_focus=True):
    """Shows `count` lines; `line(index, width)` returns one, as printable texts with names of styles."""

    BINDINGS = [action.binding() for action in TREE if action.id.startswith("cursor.")]
    COMPONENT_CLASSES = {f"line-list--{name}" for name in (*_STYLES, "cursor")}
    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        """The cursor came to another line, or the lines changed under it."""

    class Chosen(Message):
        """A line was double-clicked."""

    def __init__(self, line: Callable[[int, int], list[Part]]) -> None:
        super().__init__()
        self.count = 0
        self._line = line
        self._drawn: dict[int, list[Part]] = {}

    def show(self, count: int, cursor: int | None = None) -> None:
        """Show that many lines anew, the cursor where it was or on another line."""
        self.count = count
        self._drawn.clear()
        self.virtual_size = Size(0, count)
        self.cursor = max(0, min(self.cursor if cursor is None else cursor, count - 1))
        self._follow_cursor()
        self.refresh()
        self.post_message(self.Highlighted())

    def tick(self) -> None:
        """Repaint the lines on the screen that are not as they were drawn."""
        top, width = self.scroll_offset.y, self._width
        for index in range(top, min(top + self.size.height, self.count)):
            if self._drawn.get(index) != self._line(index, width):
                self.refresh_line(index)

    # -- moving -----------------------------------------------------------------------------------

    def action_cursor(self, step: int) -> None:
        """Move the cursor by `step` lines."""
        self.cursor = max(0, min(self.cursor + step, self.count - 1))

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self.action_cursor(direction * max(self.size.height - 1, 1))

    def action_first(self) -> None:
        """Move the cursor to the first line."""
        self.action_cursor(-self.count)

    def action_last(self) -> None:
        """Move the cursor to the last line."""
        self.action_cursor(self.count)

    def watch_cursor(self, before: int, after: int) -> None:
        """Repaint the two lines that changed, and keep the cursor in sight."""
        self.refresh_line(before)
        self.refresh_line(after)
        self._follow_cursor()
        self.post_message(self.Highlighted())

    def _follow_cursor(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Go to the line that was clicked; the second click of two chooses it."""
        index = self.scroll_offset.y + event.y
        if event.button == 1 and 0 <= index < self.count:
            self.cursor = index
            if event.chain == 2:
                self.post_message(self.Chosen())

    def on_resize(self) -> None:
        """Keep the cursor in sight when the room changes."""
        self._follow_cursor()

    # -- drawing ----------------------------------------------------------------------------------

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the screen."""
        index = self.scroll_offset.y + y
        width = self.size.width
        base = self.rich_style
        if index >= self.count:
            return Strip.blank(width, base)
        if index == self.cursor:
            base += self.get_component_rich_style("line-list--cursor", partial=True)
        parts = self._drawn[index] = self._line(index, self._width)
        strip = Strip([Segment(text, base + self._style(style) if style else base) for text, style in parts])
        return strip.adjust_cell_length(width, base)

    def _style(self, name: str) -> Style:
        name = f"line-list--{name if name in _STYLES else 'muted'}"
        return self.get_component_rich_style(name, partial=True)
