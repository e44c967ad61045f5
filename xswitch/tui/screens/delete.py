"""Deleting a profile: what goes is shown first, and what else goes must be confirmed by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from xswitch.editing.operations import dependents, remove
from xswitch.profiles.guarding import token_of
from xswitch.text import printable
from xswitch.tui.screens.change import ChangeScreen
from xswitch.tui.widgets.field import FieldInput
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from xswitch.editing.operation import Operation

_NAMES = 12  # how many of the profiles that go too are named


class DeleteScreen(ChangeScreen):
    """Asks whether to delete the profile `name`; where others source from it, for its name to be typed."""

    BINDINGS = [Binding("enter", "save", show=False)]

    def __init__(self, name: str) -> None:
        super().__init__(f"Delete {printable(name)}")
        self._profile = name
        self._below: list[str] = []
        self._input = FieldInput(hint=f"type {printable(name)}")

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(classes="box -delete") as box:
            box.border_title = Content(self._title)
            yield Text(id="others")
            yield self.diff_pane()
            yield Text(id="says")
            yield self._input
            yield Text("⏎ delete   esc cancel   u takes it back afterwards", classes="hint")

    def on_mount(self) -> None:
        """Show which others go too."""
        self.show_guard(self._profile)
        self._show_others()

    def files_changed(self) -> None:
        """Show which others go too, as the files are now."""
        self._show_others()
        super().files_changed()

    def operation(self) -> Operation | None:
        """Return the deletion."""
        return remove(self._profile, with_dependents=bool(self._below))

    def _show_others(self) -> None:
        self._below = dependents(self._profile, self.profiles)
        self._input.display = bool(self._below)
        self.set_focus(self._input if self._below else None)
        others = self.query_one("#others", Text)
        others.display = bool(self._below)
        if self._below:
            names = ", ".join(printable(name) for name in self._below[:_NAMES])
            more = f" and {len(self._below) - _NAMES} more" if len(self._below) > _NAMES else ""
            count = "1 profile gets" if len(self._below) == 1 else f"{len(self._below)} profiles get"
            text = (
                f"{count} credentials from it and would be deleted too: {names}{more}. To delete all, type "
            )
            others.show(Content.assemble((text, "$text-warning"), (printable(self._profile), "bold")))

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Delete, unless the name is still to be typed."""
        if self.is_saving:
            return
        if self._below and self._input.value != self._typed_name:
            self.tell((f"type {self._typed_name} to delete all of them", "$text-error"))
        else:
            # The name that is typed for the others is the one that a guard asks for.
            is_typed = bool(self._below) and self._profile in self.profiles
            confirmed = (token_of(self.profiles[self._profile]),) if is_typed else ()
            self.save(remove(self._profile, with_dependents=bool(self._below)), confirmed)

    @property
    def _typed_name(self) -> str:
        return printable(self._profile)

    def action_step(self, _: int) -> None:
        """Stay: there is one line only."""
