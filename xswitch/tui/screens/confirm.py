"""A question that enter answers with yes and escape with no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content

from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ConfirmScreen(Dialog[bool]):
    """Asks whether to do something; `label` is what enter does."""

    BINDINGS = [Binding("enter", "confirm", show=False)]

    def __init__(self, title: str, text: str, label: str) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._label = label

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(classes="box") as box:
            box.border_title = Content(self._title)
            yield Text(self._text)
            yield Text(f"⏎ {self._label}   esc cancel", classes="hint")

    def action_confirm(self) -> None:
        """Close with yes."""
        self.dismiss(True)
