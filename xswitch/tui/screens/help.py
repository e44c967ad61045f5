"""The keys, as they are: the table of actions with the user's own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from xswitch import __version__
from xswitch.tui.actions import ACTIONS, MOVE, PROFILE, PROGRAM, VIEW, Action, key_label
from xswitch.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult


class HelpScreen(Dialog[None]):
    """Lists every action with its keys."""

    BINDINGS = [Binding("question_mark,q,enter", "close", "Close")]

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        with VerticalScroll(classes="box") as box:
            box.border_title = f"xswitch {__version__}: keys"
            box.border_subtitle = "esc closes"
            for group in (PROFILE, VIEW, MOVE, PROGRAM):
                lines = [Content.styled(group, "bold")]
                lines += [self._line(action) for action in ACTIONS if action.group == group]
                yield Static(Content("\n").join(lines), markup=False)
            yield Static(
                "double click switches; keys can be changed in the settings", classes="hint", markup=False
            )

    def _line(self, action: Action) -> Content:
        keys = key_label(self._keys.get(action.id, action.keys))
        return Content.assemble((f"  {keys:<9} ", "$text-accent"), action.help)
