"""A field whose text is one of a few: they are gone through, not typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Horizontal

from xswitch.tui.widgets.field import FieldInput, FieldRow
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

    from xswitch.tui.fields import Field


class ChoiceInput(FieldInput):
    """A line that shows one of `choices`.

    Left, right and space change it, a letter goes to the next one that begins with it.
    """

    BINDINGS = [
        Binding("left", "choose(-1)", show=False),
        Binding("right", "choose(1)", show=False),
    ]

    def __init__(self, value: str, choices: Sequence[str]) -> None:
        super().__init__(value)
        self._choices = choices

    def action_choose(self, step: int) -> None:
        """Take the next choice, or the one before."""
        self._take(self._choices[(self._choices.index(self.value) + step) % len(self._choices)])

    async def _on_key(self, event: events.Key) -> None:
        """Take letters as choices."""
        if not event.is_printable or event.character is None:
            return
        event.stop()
        event.prevent_default()
        if event.character == " ":
            self.action_choose(1)
            return
        place = self._choices.index(self.value) + 1
        for choice in (*self._choices[place:], *self._choices[:place]):
            if choice.startswith(event.character.lower()):
                self._take(choice)
                return

    def _on_paste(self, event: events.Paste) -> None:
        """Take nothing: it is not typed."""
        event.stop()
        event.prevent_default()

    def replace(self, text: str, start: int, end: int) -> None:
        """Change nothing: what deletes or inserts has no meaning here."""

    def _take(self, choice: str) -> None:
        self.value = choice
        self.action_select_all()


class ChoiceRow(FieldRow):
    """Shows a field with choices, the field's value among them."""

    def __init__(self, field: Field, choices: Sequence[str]) -> None:
        super().__init__(field)
        self.input = ChoiceInput(field.value, choices)

    def compose(self) -> ComposeResult:
        """Lay out the field."""
        with Horizontal(classes="line"):
            yield Text(self.field.label, classes="label")
            yield self.input
            yield Text("◂ ▸", classes="pick")
        yield Text(classes="note")
