"""The MFA dialog: six digits, sent as soon as they are there, and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input

from xswitch.text import printable
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from xswitch.sessions.interaction import CodeRequest

_DIGITS = 6


class CodeInput(Input):
    """Takes six digits and nothing else; of what is pasted, the digits."""

    def __init__(self) -> None:
        super().__init__(restrict="[0-9]*", max_length=_DIGITS, compact=True)

    def on_paste(self, event: events.Paste) -> None:
        """Take the digits of a code as devices write it: 123 456."""
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor("".join(char for char in event.text if char in "0123456789"))


class CodeScreen(Dialog[str]):
    """Asks for the code of an MFA device, for the profile `name`, or for what `purpose` says instead."""

    def __init__(self, name: str, request: CodeRequest, purpose: str = "") -> None:
        super().__init__()
        self._for = name
        self._purpose = purpose
        self._request = request

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        request = self._request
        via = f" via {printable(request.profile)}" if request.profile != self._for else ""
        with Vertical(classes="box -code") as box:
            box.border_title = "MFA code"
            if self._purpose:
                yield Text(printable(self._purpose), id="purpose")
            else:
                yield Text(Content.assemble((printable(self._for), "bold"), via))
            yield Text(Content.styled(printable(request.serial), "dim"))
            with Horizontal(id="line"):
                yield Text("Code", id="label")
                yield CodeInput()
                yield Text("6 digits", classes="hint")
            if request.refusal:
                yield Text(f"✗ {printable(request.refusal)}", classes="error")
            yield Text("sent at the sixth digit   esc cancel", classes="hint")

    @on(Input.Changed)
    def _complete(self, event: Input.Changed) -> None:
        if len(event.value) == _DIGITS:
            event.input.clear()
            self.dismiss(event.value)
