"""The one form of the UI: fields, the change that they make, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Button, Input

from xswitch.editing.operation import FieldError
from xswitch.tui.lines import NARROW
from xswitch.tui.screens.change import ChangeScreen
from xswitch.tui.widgets.field import FieldRow
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.events import DescendantFocus
    from textual.widget import Widget

    from xswitch.errors import XswitchError
    from xswitch.tui.fields import Field

_WIDEST_LABEL = 26


class FormScreen(ChangeScreen):
    """A form of `fields`, the first of which to be typed in is `first`.

    Every other key than ctrl+s, tab, arrows and escape is text. Escape once where something was typed only
    says that the next one discards it.
    """

    BINDINGS = [
        Binding("ctrl+s", "save", "Save"),
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    # Whether what was refused may be right once the files are others.
    judged_by_files = True

    _fields_pane = query_one("#fields", VerticalScroll)

    def __init__(self, title: str, fields: Iterable[Field], first: str) -> None:
        super().__init__(title)
        self.rows = {field.key: FieldRow(field) for field in fields}
        self._first = first
        self._at: Widget | None = None
        self._warned = False

    def compose(self) -> ComposeResult:
        """Lay out the form."""
        with Vertical(classes="box -form") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = "PgUp PgDn scroll the change"
            with VerticalScroll(id="fields", can_focus=False):
                yield from self.rows.values()
                yield from self.more_fields()
            yield self.diff_pane()
            yield Text(id="says")
            with Horizontal(id="buttons"):
                yield from self.buttons()

    def more_fields(self) -> Iterable[Widget]:
        """Return what follows the fields."""
        return ()

    def buttons(self) -> Iterable[Button]:
        """Return the buttons."""
        yield Button(Content("^s Save"), id="save", compact=True)
        yield Button(Content("esc Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Begin in the first field to be typed in."""
        field = self.rows[self._first].input
        self.set_focus(field)
        field.action_end()
        # What is said below a field moves the others, after the focus has been followed.
        self.watch(self._fields_pane, "virtual_size", self._follow_soon, init=False)

    def on_resize(self) -> None:
        """Fit into the new size."""
        self.fit_labels()
        self._follow_soon()

    def fit_labels(self) -> None:
        """Give the labels the room that the widest of them needs, or what there is."""
        most = _WIDEST_LABEL if self.size.width >= NARROW else _WIDEST_LABEL - 8
        widest = max(Content(row.field.label).cell_length for row in self.rows.values())
        for label in self.query(".label"):
            label.styles.width = min(widest, most) + 1

    # -- moving -----------------------------------------------------------------------------------

    def action_step(self, step: int) -> None:
        """Go to the next or previous field or button."""
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show what is wrong with the field that was left, and the whole of the one that was entered."""
        left, self._at = self._at, event.widget
        if left is not None and left is not event.widget:
            self.left(left)
        entered = self._line_of(event.widget)
        for line in self.query(".field"):
            line.set_class(line is entered, "-at")
        self._follow_soon()

    def _follow_soon(self) -> None:
        self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        """Bring the field that has the focus into sight, with what is said of it."""
        line = self._line_of(self.focused) if self.focused is not None else None
        if line is not None:
            self._fields_pane.scroll_to_center(line, animate=False, force=True, immediate=True)

    def _line_of(self, widget: Widget) -> Widget | None:
        return next((line for line in self.query(".field") if line in widget.ancestors), None)

    def left(self, widget: Widget) -> None:
        """Take in that a field or button was left."""
        row = self._row_of(widget)
        if row is not None:
            row.leave()

    def _row_of(self, widget: Widget) -> FieldRow | None:
        return next((parent for parent in widget.ancestors if isinstance(parent, FieldRow)), None)

    # -- what is typed ----------------------------------------------------------------------------

    def value(self, key: str) -> str:
        """Return what stands in a field, "" where there is no such field."""
        return self.rows[key].value if key in self.rows else ""

    def values(self, *without: str) -> dict[str, str]:
        """Return what stands in the fields by key, without some of them."""
        return {key: row.value for key, row in self.rows.items() if key not in without}

    @property
    def is_changed(self) -> bool:
        """Whether something was typed."""
        return any(row.changed for row in self.rows.values())

    def wrong(self) -> list[FieldRow]:
        """Return the rows in which something is wrong or missing."""
        return [row for row in self.rows.values() if row.display and row.error]

    @property
    def has_errors(self) -> bool:
        """Whether something is wrong or missing."""
        return bool(self.wrong())

    def nothing_yet(self) -> str:
        """Return what is missing for a preview."""
        wrong = self.wrong()
        needed = ", ".join(row.field.label for row in wrong if not row.value)
        odd = ", ".join(row.field.label for row in wrong if row.value)
        parts = [f"still needed: {needed}" if needed else "", f"to be corrected: {odd}" if odd else ""]
        return "; ".join(part for part in parts if part)

    @on(FieldRow.Changed)
    def _row_changed(self, event: FieldRow.Changed) -> None:
        event.stop()
        self.field_changed(event.row)
        self.typed()

    def typed(self) -> None:
        """Take in that something was typed: what was said of the form before does not hold any more."""
        self._warned = False
        self.tell()
        for row in self.rows.values():
            row.refuse("")
        self.look_soon()

    def field_changed(self, row: FieldRow) -> None:
        """Take in that something was typed into a field."""

    def files_changed(self) -> None:
        """Judge the fields by the profiles that there are now."""
        for row in self.rows.values():
            if self.judged_by_files:
                row.refuse("")
            row.show_state()
        super().files_changed()

    # -- saving and closing -----------------------------------------------------------------------

    def tried(self) -> bool:
        """Show everything that is wrong, and go to the first of it; tell whether nothing is."""
        for row in self.rows.values():
            row.leave()
        wrong = self.wrong()
        if wrong:
            self.set_focus(wrong[0].input)
        return not wrong

    def action_save(self) -> None:
        """Do what the form says; where something is wrong, show it and keep what was typed."""
        if self.is_saving or not self.tried():
            return
        operation = self.operation()
        if operation is None:
            self.dismiss(None)
        else:
            self.save(operation)

    def action_close(self) -> None:
        """Close, the first time only with a warning where something was typed."""
        if self.is_saving:
            return
        if self.is_changed and not self._warned:
            self._warned = True
            self.tell(("esc again discards what was typed", "$text-warning"))
        else:
            self.dismiss(None)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.pressed(event.button.id or "")

    def pressed(self, button: str) -> None:
        """Do what a button is for."""
        if button == "save":
            self.action_save()
        else:
            self.action_close()

    def fail(self, error: XswitchError, *, tried: bool = True) -> None:
        """Show why something could not be done, beside its field where there is one."""
        row = self.rows.get(error.field) if isinstance(error, FieldError) else None
        if row is None:
            super().fail(error, tried=tried)
            return
        self.tell()
        row.refuse(error.message)
        if tried:
            row.leave()
            self.set_focus(row.input)
