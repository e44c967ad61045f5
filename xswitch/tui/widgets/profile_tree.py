"""The profile tree: a list that draws only the lines on the screen, so its cost does not grow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style as TextualStyle

from xswitch.profiles.tree import walk
from xswitch.sessions.session import State
from xswitch.settings.model import COLORS
from xswitch.tui.actions import TREE
from xswitch.tui.lines import Columns, line_parts
from xswitch.tui.rows import Row, Rows, TreeModel, fold_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rich.style import Style
    from textual import events

    from xswitch.profiles.profile import Profile
    from xswitch.tui.lines import Part

# Not component classes: Textual would match every rule with each of them before the first frame.
_STYLES = {
    "bold": "bold",
    "mark": "$text-accent bold",
    "match": "$text-warning bold underline",
    "muted": "dim",
    "heading": "$text-accent",
    "broken": "$text-error",
    "working": "$text-accent",
    State.VALID: "$text-success",
    State.EXPIRING: "$text-warning",
    State.EXPIRED: "$text-error",
    **{f"guard-{color}": f"$guard-{color} bold" for color in COLORS},
}


class ProfileTree(ScrollView, can_focus=True):
    """Shows the rows of a `TreeModel`; moves, folds and filters them. `active` is the profile in use."""

    BINDINGS = [action.binding() for action in TREE]
    COMPONENT_CLASSES = {"profile-tree--cursor"}
    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        """The cursor came to another row, or the rows changed under it."""

    class Chosen(Message):
        """A row was double-clicked."""

    def __init__(self, model: TreeModel, clock: Callable[[], datetime], active: str | None) -> None:
        super().__init__()
        self.model = model
        self.rows = Rows()
        self._clock = clock
        self._active = active
        self._kept: tuple[str, str] | None = None  # the row to stay on
        self._before_filter: tuple[str, str] | None = None
        self._filtered = False
        self._moved = False
        self._drawn: dict[int, list[Part]] = {}
        self._styles: dict[str, Style] = {}
        self._base: Style
        self._layout: Columns
        self._now: datetime

    # -- rows -------------------------------------------------------------------------------------

    def show(self, model: TreeModel) -> None:
        """Show another model in place of this one: the same folds and marks, the cursor on the same row.

        Marks of profiles that are no longer there go.
        """
        model.folds, model.working = self.model.folds, self.model.working
        model.marks = {name for name in self.model.marks if name in model.overview.profiles}
        self.model = model
        self.update_rows()

    def update_rows(self, *, to_match: bool = False) -> None:
        """Build the rows anew; the cursor stays on its row, or goes to the first match."""
        if self.row is not None:
            self._kept = fold_key(self.row.node)
            if not self._filtered:
                self._before_filter = self._kept
        self.rows = self.model.rows(self._clock())
        self._drawn.clear()
        self.virtual_size = Size(0, len(self.rows))
        self._filtered = bool(self.model.filter)
        if not self.rows:  # what the filter came by on its way to nothing was not meant
            self._kept = self._before_filter
        place = self._place(self._kept, to_match=to_match)
        if place == self.cursor:
            self._follow_cursor()
            self.post_message(self.Highlighted())
        self.cursor = place
        self.refresh()

    def _place(self, kept: tuple[str, str] | None, *, to_match: bool) -> int:
        if kept is not None:
            name = kept[1]
            for index, row in enumerate(self.rows):
                if row.node.name == name and fold_key(row.node) == kept and (row.matched or not to_match):
                    return index
        if to_match or kept is None:
            for index, row in enumerate(self.rows):
                if row.matched and not row.node.heading:
                    return index
        return min(self.cursor, max(len(self.rows) - 1, 0))

    @property
    def row(self) -> Row | None:
        """The row under the cursor, or None where there is none."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def profile(self) -> Profile | None:
        """The profile under the cursor, or None."""
        return self.row.node.profile if self.row else None

    def select(self, name: str) -> bool:
        """Move the cursor to the profile of that name; tell whether it is visible."""
        for index, row in enumerate(self.rows):
            if not row.node.heading and row.node.name == name:
                self.cursor = index
                return True
        return False

    def tick(self) -> None:
        """Repaint the lines on the screen whose text has changed with the time."""
        now, columns = self._clock(), self._columns()
        top = self.scroll_offset.y
        for index in range(top, min(top + self.size.height, len(self.rows))):
            if self._drawn.get(index) != self._parts(index, columns, now):
                self.refresh_line(index)

    # -- marks ------------------------------------------------------------------------------------

    def mark(self) -> None:
        """Mark the profile, or take its mark away, and go to the next row; on a heading, all below it.

        Of those, with a filter, only what it has found: nobody marks what he does not see.
        """
        row = self.row
        if row is None:
            return
        names = {row.node.name}
        if row.node.heading:
            names = {node.name for node, _ in walk([row.node]) if not node.heading}
            if self.model.filter:
                names &= {other.node.name for other in self.rows if other.matched}
        if names <= self.model.marks:
            self.model.marks -= names
        else:
            self.model.marks |= names
        self.refresh()
        self.action_cursor(1)

    def mark_all(self) -> None:
        """Mark all profiles that are shown, with a filter those that it has found; if all are, none."""
        names = {row.node.name for row in self.rows if row.matched and not row.node.heading}
        if names <= self.model.marks:
            self.model.marks -= names
        else:
            self.model.marks |= names
        self.refresh()

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.model.marks.clear()
        self.refresh()

    @property
    def marked(self) -> list[str]:
        """The marked profiles, in the order of the files."""
        return [profile.name for profile in self.model.overview.profiles if profile.name in self.model.marks]

    # -- moving and folding -----------------------------------------------------------------------

    def action_cursor(self, step: int) -> None:
        """Move the cursor by `step` rows."""
        self._moved = True
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
        if event.button == 1 and 0 <= index < len(self.rows):
            self._moved = True
            self.cursor = index
            if event.chain == 2:
                self.post_message(self.Chosen())

    def on_resize(self) -> None:
        """Keep the cursor in sight when the room changes; at the start, where the first frame has it."""
        if self._moved:
            self._follow_cursor()
        else:
            self.scroll_to(
                y=max(self.cursor - self.size.height + 1, 0), animate=False, force=True, immediate=True
            )

    # -- drawing ----------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of `crop`. What they have in common is found out once for all of them."""
        self._base, self._layout, self._now = self.rich_style, self._columns(), self._clock()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the screen."""
        index = self.scroll_offset.y + y
        width, base = self.size.width, self._base
        if index >= len(self.rows):
            return Strip.blank(width, base)
        if index == self.cursor:
            base += self.get_component_rich_style("profile-tree--cursor", partial=True)
        parts = self._drawn[index] = self._parts(index, self._layout, self._now)
        strip = Strip([Segment(text, base + self._style(style) if style else base) for text, style in parts])
        return strip.adjust_cell_length(width, base)

    def _columns(self) -> Columns:
        width, locks = self.scrollable_content_region.width, bool(self.model.guards)
        return Columns(width, self.rows.widest_name, locks=locks)

    def _parts(self, index: int, columns: Columns, now: datetime) -> list[Part]:
        row = self.rows[index]
        active = not row.node.heading and row.node.name == self._active
        return line_parts(row, self.model.cells(row, now), columns, self.model, active=active)

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = TextualStyle.parse(_STYLES.get(name, "dim")).rich_style
        return style

    def notify_style_update(self) -> None:
        """Take the colours of the theme as it is now."""
        super().notify_style_update()
        self._styles.clear()
