"""The copy menu."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from xswitch.awsfiles.masking import shown
from xswitch.launch.environment import exports
from xswitch.text import printable
from xswitch.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from xswitch.profiles.profile import Profile


class Menu(OptionList):
    """An option list that is moved in as the tree is."""

    BINDINGS = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "first", show=False),
        Binding("G", "last", show=False),
    ]


class CopyScreen(Dialog[None]):
    """Copies one of a profile's facts to the terminal's clipboard (OSC 52).

    None of them is a secret, and a text that holds more than can be shown is not offered.
    """

    def __init__(self, profile: Profile, account_id: str | None) -> None:
        super().__init__()
        self._name = printable(profile.name)
        quoted = shlex.quote(profile.name)
        choices = [
            ("name", profile.name),
            ("account", account_id),
            ("role ARN", profile.role_arn),
            ("exports", exports(profile)),
            ("command", f"xswitch run {quoted} -- "),
        ]
        self._choices = [(label, text) for label, text in choices if text and shown(text) == text]

    def compose(self) -> ComposeResult:
        """Lay out the menu."""
        with Vertical(classes="box") as box:
            box.border_title = Content(f"Copy from {self._name}")
            yield Menu(
                *[
                    Content.assemble((f"{label:<9} ", "dim"), printable(text))
                    for label, text in self._choices
                ],
                markup=False,
            )
            yield Static("⏎ copy   esc cancel", classes="hint", markup=False)

    @on(OptionList.OptionSelected)
    def _copy(self, event: OptionList.OptionSelected) -> None:
        label, text = self._choices[event.option_index]
        self.app.copy_to_clipboard(text)
        self.app.notify(f"copied the {label} of {self._name}", markup=False)
        self.dismiss(None)
