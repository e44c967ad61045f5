"""What all dialogs have in common."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.binding import Binding
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None]):
    """A modal screen that escape closes with None."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape", "close", "Cancel")]
    DEFAULT_CLASSES = "dialog"

    def on_key(self, event: events.Key) -> None:
        """Give a key that came before the first focus to the widget that will have it."""
        if self.focused is None and self.focus_chain and event.is_printable:
            event.stop()
            self.focus_chain[0].post_message(events.Key(event.key, event.character))

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)
