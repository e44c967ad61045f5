"""The profile tree: a list that draws only the lines on the screen, so its cost does not grow with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xswitch.profiles.profile import Profile
from xswitch.sessions.state import State
from xswitch.tui.actions import TREE
from xswitch.tui.rows import Cells, Row, TreeModel, fold_key, width_of

_ACCOUNT = 14
_STATUS = 10
_REGION = 15
_REGION_FROM = 120  # columns of the tree from which the region has its own
_ROLE_AT_LEAST = 8


class ProfileTree(ScrollView, can_focus=True):
    """Shows the rows of a `TreeModel`; moves, folds and filters them. `active` is the profile in use."""

    BINDINGS = [action.binding() for action in TREE]  # noqa: RUF012 - as Textual declares it
    COMPONENT_CLASSES = {  # noqa: RUF012 - as Textual declares it
        "profile-tree--cursor",
        "profile-tree--match",
        "profile-tree--muted",
        "profile-tree--valid",
        "profile-tree--expiring",
        "profile-tree--expired",
        "profile-tree--broken",
        "profile-tree--heading",
    }
    cursor: reactive[int] = reactive(0)

    class Highlighted(Message):
        """The cursor came to another row, or the rows changed under it."""

    class Chosen(Message):
        """A row was double-clicked."""

    def __init__(self, model: TreeModel, clock: Callable[[], datetime], active: str | None) -> None:
        super().__init__()
        self.model = model
        self.rows: list[Row] = []
        self._clock = clock
        self._active = active
        self._name_width = 0
        self._drawn: dict[int, Cells] = {}

    # -- rows -------------------------------------------------------------------------------------

    def show(self, model: TreeModel) -> None:
        """Show another model in place of this one: the same folds and filter, the cursor on the same row."""
        model.folds, model.filter = self.model.folds, self.model.filter
        self.model = model
        self.update_rows()

    def update_rows(self, *, to_match: bool = False) -> None:
        """Build the rows anew; the cursor stays on its row, or goes to the first match."""
        kept = fold_key(self.row.node) if self.row else None
        self.rows = self.model.rows(self._clock())
        self._name_width = max(
            (width_of(row.guides) + width_of(row.node.name) + 2 for row in self.rows), default=0
        )
        self._drawn.clear()
        self.virtual_size = Size(0, len(self.rows))
        self.cursor = self._place(kept, to_match=to_match)
        self._follow_cursor()
        self.refresh()
        self.post_message(self.Highlighted())

    def _place(self, kept: tuple[str, str] | None, *, to_match: bool) -> int:
        matches = [index for index, row in enumerate(self.rows) if row.matched and row.node.profile is not None]
        for index, row in enumerate(self.rows):
            if fold_key(row.node) == kept and (row.matched or not to_match):
                return index
        return matches[0] if matches and (to_match or kept is None) else min(self.cursor, max(len(self.rows) - 1, 0))

    @property
    def row(self) -> Row | None:
        """The row under the cursor, or None where there is none."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def profile(self) -> Profile | None:
        """The profile under the cursor, or None."""
        return self.row.node.profile if self.row else None

    @property
    def match_count(self) -> int:
        """How many profiles match the filter. Folded rows do not count as hidden ones."""
        return sum(1 for row in self.rows if row.matched and row.node.profile is not None)

    def select(self, name: str) -> None:
        """Move the cursor to the profile of that name, where it is visible."""
        for index, row in enumerate(self.rows):
            if row.node.profile is not None and row.node.name == name:
                self.cursor = index

    def tick(self) -> None:
        """Repaint the lines on the screen whose text has changed with the time."""
        now = self._clock()
        top = self.scroll_offset.y
        for index in range(top, min(top + self.size.height, len(self.rows))):
            if self._drawn.get(index) != self.model.cells(self.rows[index], now):
                self.refresh_line(index)

    # -- moving and folding -----------------------------------------------------------------------

    def action_cursor(self, step: int) -> None:
        """Move the cursor by `step` rows."""
        self.cursor = max(0, min(self.cursor + step, len(self.rows) - 1))

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self.action_cursor(direction * max(self.size.height - 1, 1))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self.action_cursor(-len(self.rows))

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self.action_cursor(len(self.rows))

    def action_fold(self) -> None:
        """Fold the row, or go to the one it hangs from."""
        row = self.row
        if row is None:
            return
        if row.node.children and not row.folded and not self.model.filter:
            self.model.folds.add(fold_key(row.node))
            self.update_rows()
            return
        for index in range(self.cursor, -1, -1):
            if self.rows[index].depth < row.depth:
                self.cursor = index
                return

    def action_unfold(self) -> None:
        """Unfold the row, or go to its first child."""
        row = self.row
        if row is None or not row.node.children:
            return
        if row.folded:
            self.model.folds.discard(fold_key(row.node))
            self.update_rows()
        else:
            self.action_cursor(1)

    def toggle_fold(self) -> None:
        """Fold or unfold the row."""
        if self.row is not None and self.row.folded:
            self.action_unfold()
        else:
            self.action_fold()

    def watch_cursor(self, before: int, after: int) -> None:
        """Repaint the two rows that changed, and keep the cursor in sight."""
        self.refresh_line(before)
        self.refresh_line(after)
        self._follow_cursor()
        self.post_message(self.Highlighted())

    def _follow_cursor(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Select the row that was clicked; the second click of two chooses it."""
        index = self.scroll_offset.y + event.y
        if 0 <= index < len(self.rows):
            self.cursor = index
            if event.chain == 2:
                self.post_message(self.Chosen())

    def on_resize(self) -> None:
        """Keep the cursor in sight when the room changes."""
        self._follow_cursor()

    # -- drawing ----------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the screen."""
        index = self.scroll_offset.y + y
        width = self.size.width
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        row = self.rows[index]
        cells = self.model.cells(row, self._clock())
        self._drawn[index] = cells
        base = self.rich_style
        if index == self.cursor:
            base += self.get_component_rich_style("profile-tree--cursor", partial=True)
        return Strip(self._segments(row, cells, base, width)).adjust_cell_length(width, base)

    def _segments(self, row: Row, cells: Cells, base: Style, width: int) -> list[Segment]:
        muted = base + self._style("muted")
        state = base + self._style(cells.state)
        text = muted if not row.matched else base + self._style("heading") if cells.state == "heading" else base
        name_width, role_width, shows_account, shows_region = self._columns(width)
        active = row.node.profile is not None and row.node.name == self._active
        fold = self.model.icons["folded"] if row.folded else " "
        icon = fold if row.folded and row.node.profile is None else cells.icon
        segments = [
            Segment(self.model.icons["active"] + " " if active else "  ", base + Style(bold=True)),
            Segment(row.guides, muted),
            Segment(icon + fold if row.folded and row.node.profile is not None else icon + " ", state),
        ]
        room = max(name_width - width_of(row.guides) - 2, 1)
        segments += self._highlighted(_fit(cells.name, room), text, base)
        if shows_account:
            segments += [Segment("  ", base), *self._highlighted(_fit(cells.account, _ACCOUNT), muted, base)]
        status_width = _STATUS if cells.state != "broken" else min(len(cells.status), _STATUS + role_width)
        room = role_width - (status_width - _STATUS)
        if room >= _ROLE_AT_LEAST:
            segments += [Segment("  ", base), *self._highlighted(_fit(cells.role, room), text, base)]
        elif role_width:
            segments.append(Segment(" " * (room + 2), base))
        if shows_region:
            segments += [Segment("  ", base), *self._highlighted(_fit(cells.region, _REGION), muted, base)]
        segments.append(Segment("  " + _fit_right(cells.status, status_width) + " ", state))
        return segments

    def _columns(self, width: int) -> tuple[int, int, bool, bool]:
        """Return the widths of the name and role columns, and whether account and region have theirs.

        Of what does not fit, the region goes first, then the role, then the account.
        """
        free = width - 2 - _STATUS - 3
        shows_region = width >= _REGION_FROM
        free -= (_REGION + 2) if shows_region else 0
        shows_account = free - _ACCOUNT - 2 >= 16
        free -= (_ACCOUNT + 2) if shows_account else 0
        name = min(self._name_width, free if free < 34 else max(24, free * 3 // 5))
        role = free - name - 2
        if role < _ROLE_AT_LEAST:
            return free, 0, shows_account, shows_region
        return name, role, shows_account, shows_region

    def _style(self, name: str) -> Style:
        known = name in {"match", "muted", "heading", "broken", State.VALID, State.EXPIRING, State.EXPIRED}
        return self.get_component_rich_style(f"profile-tree--{name if known else 'muted'}", partial=True)

    def _highlighted(self, text: str, style: Style, base: Style) -> list[Segment]:
        """Return `text` with the letters that the filter found marked."""
        spans = self.model.filter.spans(text) if self.model.filter else []
        if not spans:
            return [Segment(text, style)]
        match = base + self._style("match")
        segments, position = [], 0
        for start, end in spans:
            start = max(start, position)
            if start < end:
                segments += [Segment(text[position:start], style), Segment(text[start:end], match)]
                position = end
        return [*segments, Segment(text[position:], style)]


def _fit(text: str, width: int) -> str:
    """Return `text` in exactly `width` columns, cut with an ellipsis where it is longer."""
    taken = width_of(text)
    if taken <= width:
        return text + " " * (width - taken)
    return set_cell_size(text, width - 1) + "…"


def _fit_right(text: str, width: int) -> str:
    return text.rjust(width) if len(text) <= width else text[: width - 1] + "…"
