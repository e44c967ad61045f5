"""What all dialogs have in common."""

from __future__ import annotations

from typing import TypeVar

from textual.binding import Binding
from textual.screen import ModalScreen

from xswitch.tui.actions import STOP

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None]):
    """A modal screen that escape closes with None."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape", "close", "Cancel"), STOP.binding()]
    DEFAULT_CLASSES = "dialog"

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)
