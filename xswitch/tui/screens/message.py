"""Screens that only show something, until they are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

    from xswitch.tui.detail import Line


class MessageScreen(Dialog[None]):
    """What failed, what to do, and what AWS said where that is wanted. It stays until it is closed."""

    BINDINGS = [
        Binding("enter", "close", show=False),
        Binding("c", "copy", "Copy"),
    ]

    def __init__(self, message: str, hint: str = "", raw: str = "") -> None:
        super().__init__()
        self._message = message
        self._hint = hint
        self._raw = raw

    def compose(self) -> ComposeResult:
        """Lay out the message."""
        with Vertical(classes="box") as box:
            box.border_title = "That did not work"
            yield Static(self._message, classes="error", markup=False)
            if self._hint:
                yield Static(self._hint, markup=False)
            if self._raw:
                yield Static(self._raw, classes="raw", markup=False)
            yield Static("⏎ close   c copy", classes="hint", markup=False)

    def action_copy(self) -> None:
        """Copy the message."""
        lines = [self._message, self._hint, self._raw]
        self.app.copy_to_clipboard("\n".join(line for line in lines if line))
        self.app.notify("copied the message", markup=False)


class DetailScreen(Dialog[None]):
    """The detail of a profile where the terminal has no room for it beside the tree."""

    BINDINGS = [Binding("d,enter,q", "close", "Close")]

    def __init__(self, produce: Callable[[], Iterable[Line]]) -> None:
        super().__init__()
        self._produce = produce

    def compose(self) -> ComposeResult:
        """Lay out the detail."""
        box = Pane(self._produce, classes="box -wide")
        box.border_title = "Detail"
        box.border_subtitle = "esc closes"
        yield box

    def on_mount(self) -> None:
        """Let the time left tick."""
        self.set_interval(1.0, self.query_one(Pane).show)
