"""The last row of a form: a key and a value of the user's own, which become a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from xswitch.awsfiles.masking import is_secret
from xswitch.editing.checks import check_key, check_setting
from xswitch.text import printable
from xswitch.tui.widgets.field import FieldInput
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Container

    from textual.app import ComposeResult


class OtherRow(Vertical):
    """Asks for a key that is none of `taken`, and its value; that of a secret is typed unseen."""

    class Changed(Message):
        """Something was typed."""

    class Completed(Message):
        """Enter was pressed at the end of the pair."""

    def __init__(self, taken: Container[str]) -> None:
        super().__init__(classes="field", id="other")
        self._taken = taken
        self._tried = False
        self._refusal = ""
        self.key_input = FieldInput(hint="other key")
        self.value_input = FieldInput(hint="its value")

    def compose(self) -> ComposeResult:
        """Lay out the row."""
        with Horizontal(classes="line"):
            with Horizontal(classes="label"):
                yield self.key_input
            yield self.value_input
        yield Text(classes="note")

    @property
    def key(self) -> str:
        """The key that is typed."""
        return self.key_input.value.strip()

    @property
    def value(self) -> str:
        """The value that is typed."""
        return self.value_input.value.strip()

    @property
    def is_blank(self) -> bool:
        """Whether nothing is typed."""
        return not self.key and not self.value

    @property
    def error(self) -> str:
        """What is wrong with the pair, "" for nothing, also where there is none."""
        if self.is_blank or self._refusal:
            return self._refusal
        if not self.key:
            return "this value needs a key"
        if self.key.lower() in self._taken:
            return f"{printable(self.key)} has a field above"
        if not self.value:
            return check_key(self.key) or "this key needs a value"
        return check_key(self.key) or check_setting(self.key, self.value)

    def clear(self) -> None:
        """Begin anew."""
        self._tried = False
        self.key_input.clear()
        self.value_input.clear()
        self.value_input.password = False
        self.show_state()

    def refuse(self, message: str) -> None:
        """Take in why the pair cannot be; "" takes that back."""
        self._refusal = message
        self.show_state()

    def leave(self) -> None:
        """Show what is wrong from now on."""
        self._tried = True
        self.show_state()

    def show_state(self) -> None:
        """Show what is wrong with the pair, once it was to be complete."""
        text = self.error if self._tried else ""
        note = self.query_one(".note", Text)
        note.show(f"✗ {text}")
        note.display = bool(text)
        note.set_class(True, "error")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._refusal = ""
        self.value_input.password = is_secret(self.key)
        self.show_state()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.input is self.value_input and not self.is_blank:
            event.stop()
            self.post_message(self.Completed())
