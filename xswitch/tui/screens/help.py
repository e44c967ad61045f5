"""The keys, as they are: the table of actions with the user's own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content

from xswitch import __version__
from xswitch.locations import tilde
from xswitch.text import printable
from xswitch.tui.actions import MOVE, PROFILE, PROGRAM, VIEW, key_label
from xswitch.tui.detail import Line
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.signs import SIGNS
from xswitch.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from textual.app import ComposeResult

    from xswitch.tui.actions import Action


class HelpScreen(Dialog[None]):
    """Lists `actions` with their keys, and the signs of the tree.

    `keys` are the user's own, by action, `settings` is their file, `icons` are the signs in use.
    """

    BINDINGS = [Binding("question_mark,q,enter", "close", "Close")]

    def __init__(
        self, actions: Sequence[Action], keys: Mapping[str, str], settings: str, icons: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._actions = actions
        self._icons = icons
        self._labels = {action.id: key_label(keys.get(action.id, action.keys)) for action in actions}
        self._settings = settings

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        box = Pane(self._lines, classes="box -help")
        box.border_title = f"xswitch {__version__}: keys"
        box.border_subtitle = "esc closes"
        yield box

    def _lines(self) -> Iterator[Line]:
        widest = max(len(label) for label in self._labels.values())
        for group in (PROFILE, VIEW, MOVE, PROGRAM):
            yield Line(Content(""), Content.styled(group, "bold"))
            for action in self._actions:
                if action.group == group:
                    label = Content.styled(f"  {self._labels[action.id]:<{widest}}  ", "$text-accent")
                    yield Line(label, Content(action.help))
        yield Line(Content(""), Content.styled("Signs", "bold"))
        for name, meaning in SIGNS.items():
            yield Line(Content.styled(f"  {self._icons[name]:<{widest}}  ", "$text-accent"), Content(meaning))
        text = f"double click switches; keys can be set in {printable(tilde(self._settings))}"
        yield Line(Content(""), Content.styled(text, "dim"))
