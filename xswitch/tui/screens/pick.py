"""Picking a profile: the tree itself, with its filter, in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input

from xswitch.launch.environment import active_profile
from xswitch.tui.rows import TreeModel
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.top import FILTER_HINT
from xswitch.tui.widgets.profile_tree import ProfileTree
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from xswitch.tui.app import XswitchApp


class PickFilter(Input):
    """The filter. Up and down move in the tree while one types."""

    BINDINGS = [
        Binding("up", "screen.move(-1)", show=False),
        Binding("down", "screen.move(1)", show=False),
        Binding("pageup", "screen.move_page(-1)", show=False),
        Binding("pagedown", "screen.move_page(1)", show=False),
    ]


class PickScreen(Dialog[str]):
    """Asks for a profile, beginning at `selected`. Closes with its name."""

    BINDINGS = [Binding("enter", "choose", show=False)]

    tree_of_profiles = query_one(ProfileTree)

    def __init__(self, title: str, selected: str) -> None:
        super().__init__()
        self._title = title
        self._selected = selected

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        app = cast("XswitchApp", self.app)
        model = TreeModel(app.overview, app.settings, app.uses)
        with Vertical(classes="box -pick") as box:
            box.border_title = Content(self._title)
            with Horizontal(id="line"):
                yield Text("/", id="prompt")
                yield PickFilter(placeholder=FILTER_HINT, compact=True)
            yield ProfileTree(model, app.clock, active_profile(app.environ))
            yield Text("⏎ choose   ↑↓ move   letters filter   esc cancel", classes="hint")

    def on_mount(self) -> None:
        """Show the tree, on the profile that is chosen now."""
        self.tree_of_profiles.update_rows()
        self.tree_of_profiles.select(self._selected)

    def action_move(self, step: int) -> None:
        """Move in the tree."""
        self.tree_of_profiles.action_cursor(step)

    def action_move_page(self, direction: int) -> None:
        """Move in the tree by a page."""
        self.tree_of_profiles.action_page(direction)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self.tree_of_profiles.model.filter_by(event.value)
        self.tree_of_profiles.update_rows(to_match=bool(event.value))

    @on(Input.Submitted)
    @on(ProfileTree.Chosen)
    def action_choose(self) -> None:
        """Close with the profile; on a heading, fold it."""
        profile = self.tree_of_profiles.profile
        if profile is not None:
            self.dismiss(profile.name)
        else:
            self.tree_of_profiles.toggle_fold()
