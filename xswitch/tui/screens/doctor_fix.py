"""What a fix is asked for with: the change that it makes, or the list of them, before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one

from xswitch.text import printable
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.widgets.pane import Pane
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

    from xswitch.tui.detail import Line


class FixScreen(Dialog[bool]):
    """Shows what is to be done, as the lines that `produce` returns, and asks whether to do it."""

    BINDINGS = [
        Binding("enter", "apply", show=False),
        Binding("up,pageup,k", "scroll_change(-1)", show=False),
        Binding("down,pagedown,j", "scroll_change(1)", show=False),
    ]

    pane = query_one(Pane)

    def __init__(self, title: str, produce: Callable[[], Iterable[Line]], label: str) -> None:
        super().__init__()
        self._title = title
        self._produce = produce
        self._label = label

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(classes="box -fix") as box:
            box.border_title = Content(printable(self._title))
            yield Pane(self._produce, can_focus=False)
            yield Text(f"⏎ {self._label}   esc cancel", classes="hint")

    def action_apply(self) -> None:
        """Close with yes."""
        self.dismiss(True)

    def action_scroll_change(self, direction: int) -> None:
        """Scroll what does not fit."""
        self.pane.scroll_relative(y=3 * direction, animate=False, immediate=True)
