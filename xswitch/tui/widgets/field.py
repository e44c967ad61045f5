"""A field of a form: its label, a line to type in, and below it what there is to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from xswitch.text import printable
from xswitch.tui.lines import fit
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from xswitch.tui.fields import Field


class FieldInput(Input):
    """A line of a form. Up, down and enter go to the next one; what stands in it is selected at first."""

    BINDINGS = [
        Binding("up", "screen.step(-1)", show=False),
        Binding("down", "screen.step(1)", show=False),
        Binding("pageup", "screen.scroll_diff(-1)", show=False),
        Binding("pagedown", "screen.scroll_diff(1)", show=False),
    ]

    def __init__(self, value: str = "", hint: str = "", *, secret: bool = False) -> None:
        super().__init__(value, password=secret, compact=True)
        self._hint = hint

    def show_hint(self, hint: str) -> None:
        """Show another text where nothing is typed, as far as there is room: Textual would wrap it."""
        self._hint = hint
        width = self.scrollable_content_region.width
        if width:
            self.placeholder = fit(printable(hint), width).rstrip()

    def on_resize(self) -> None:
        """Fit the hint into the room."""
        self.show_hint(self._hint)

    def _on_paste(self, event: events.Paste) -> None:
        """Take the first line that has anything; what a terminal would act on is no part of it."""
        event.stop()
        event.prevent_default()
        lines = [line.strip() for line in event.text.splitlines() if line.strip()]
        text = "".join(char for char in lines[0] if char.isprintable()) if lines else ""
        self.replace(text, *self.selection)
        if len(lines) > 1:
            self.notify("only the first line of what was pasted is here", markup=False)

    def action_cut(self) -> None:
        """Cut what is selected; a secret only away, not into the clipboard."""
        if self.password:
            self.delete_selection()
        else:
            super().action_cut()

    def action_copy(self) -> None:
        """Copy what is selected, unless it is a secret."""
        if not self.password:
            super().action_copy()


class PickInput(FieldInput):
    """A line whose text can be picked from the tree."""

    BINDINGS = [Binding("ctrl+o", "screen.pick", show=False)]


class KeptInput(FieldInput):
    """A line for what stands in the files and is not shown. Backspace in the empty line removes it."""

    def __init__(self, kept: str, *, secret: bool) -> None:
        super().__init__("", kept, secret=secret)
        self.removed = False
        self._kept = kept

    def action_delete_left(self) -> None:
        """Delete a character; where there is none, mark what is kept as removed, or no longer."""
        if self.value:
            super().action_delete_left()
            return
        self.removed = not self.removed
        self.show_hint("will be removed; backspace keeps it" if self.removed else self._kept)
        self.post_message(self.Changed(self, self.value))


class FieldRow(Vertical):
    """Shows a field. Errors are shown once the field has been left, and before that as a remark."""

    class Changed(Message):
        """Something was typed into a field."""

        def __init__(self, row: FieldRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, field: Field) -> None:
        super().__init__(classes="field")
        self.field = field
        self._touched = False
        self._first = field.value
        self._refusal = ""
        if field.kept is not None:
            self.input: FieldInput = KeptInput(field.kept, secret=field.secret)
        else:
            kind = PickInput if field.picks else FieldInput
            self.input = kind(field.value, field.hint, secret=field.secret)

    def compose(self) -> ComposeResult:
        """Lay out the field."""
        with Horizontal(classes="line"):
            yield Text(self.field.label, classes="label")
            yield self.input
            if self.field.picks:
                yield Text("^o ▾", classes="pick")
        yield Text(classes="note")

    def on_mount(self) -> None:
        """Say what there is to say from the start."""
        self.show_state()

    # -- what is in it ----------------------------------------------------------------------------

    @property
    def value(self) -> str:
        """What is typed, without blanks around it: in the files they would not be part of it either."""
        return self.input.value.strip()

    @property
    def removed(self) -> bool:
        """Whether what is kept is to be removed."""
        return isinstance(self.input, KeptInput) and self.input.removed and not self.value

    @property
    def changed(self) -> bool:
        """Whether its user has changed it."""
        return self.removed or self.value != self._first

    @property
    def wish(self) -> str | None:
        """What the setting is to be; None for unset."""
        return self.value or None

    @property
    def error(self) -> str:
        """What is wrong with it, "" for nothing. What stood there before is not judged."""
        if self._refusal:
            return self._refusal
        if not self.value:
            missing = self.field.needed and (self.field.kept is None or self.removed)
            return "this is needed" if missing else ""
        return self.field.check(self.value) if self.changed else ""

    def fill(self, value: str) -> None:
        """Put a text into it that nobody typed."""
        self._first = value
        self.input.value = value
        self.input.action_end()

    def refuse(self, message: str) -> None:
        """Take in why what is typed cannot be; "" takes that back."""
        if message != self._refusal:
            self._refusal = message
            self.show_state()

    def leave(self) -> None:
        """Show what is wrong with it from now on."""
        self._touched = True
        self.show_state()

    # -- what it says -----------------------------------------------------------------------------

    def show_state(self) -> None:
        """Show what is wrong with the field, or what there is to say."""
        error = self.error
        text = error or (self.field.check(self.value) if self.value else "") or self.field.note(self.value)
        wrong = bool(error) and self._touched
        if error and not self.value and not wrong:
            text = ""
        note = self.query_one(".note", Text)
        note.show(f"✗ {printable(text)}" if wrong else printable(text))
        note.display = bool(text)
        note.set_class(wrong, "error")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._refusal = ""
        self.show_state()
        self.post_message(self.Changed(self))
