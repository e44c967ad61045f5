"""The run dialog: a command to run under one profile or several, and the ones that were run before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Digits, Input, OptionList

from xswitch.text import printable
from xswitch.tui.lines import SHORT, width_of
from xswitch.tui.rows import account_label
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.screens.guard import account_line
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import Paste

_SHOWN = 8
_BOX = 64  # columns of the dialog, at most
_LINES, _FEW_LINES = 6, 2  # for the names of the targets
_MORE = len(" … and 1000 more")


@dataclass(frozen=True)
class Target:
    """A profile to run something under; its account where known, and the colour of its guard, or ""."""

    name: str
    account_id: str = ""
    account_name: str = ""
    color: str = ""


@dataclass(frozen=True)
class RunRequest:
    """A command line for the user's shell; `leave` to end the UI and become it."""

    command: str
    leave: bool


class CommandInput(Input):
    """The command line; up and down go through the earlier commands."""

    BINDINGS = [
        Binding("up", "screen.recall(1)", show=False),
        Binding("down", "screen.recall(-1)", show=False),
        Binding("tab", "screen.mode", show=False),
    ]

    def _on_paste(self, event: Paste) -> None:
        """Say so where the line takes only a part of what is pasted, the first line."""
        if len(event.text.splitlines()) > 1:
            self.notify("only the first line of what was pasted is here", markup=False)


class RunScreen(Dialog[RunRequest]):
    """Asks for a command. Leaving the UI for it is offered with one target only."""

    command = query_one(CommandInput)

    def __init__(self, targets: Sequence[Target], history: list[str]) -> None:
        super().__init__()
        self._targets = targets
        self._history = history
        self._position = -1
        self._typed = ""
        self._leave = False

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        targets = self._targets
        guarded = next((f" -guard -{target.color}" for target in targets if target.color), "")
        with Vertical(classes=f"box{guarded}") as box:
            what = f"{len(targets)} profiles" if len(targets) > 1 else printable(targets[0].name)
            box.border_title = Content(f"Run under {what}")
            if len(targets) > 1:
                yield Text(id="targets")
            elif guarded and targets[0].account_id:
                yield Digits(account_label(targets[0].account_id))
                yield account_line(targets[0].account_id, targets[0].account_name, targets[0].color)
            with Horizontal(id="line"):
                yield Text("$", id="prompt")
                yield CommandInput(placeholder="aws sts get-caller-identity", compact=True)
            yield OptionList(
                *[Content(printable(command)) for command in self._history[:_SHOWN]], markup=False
            )
            yield Text(id="mode")
            mode = "" if len(targets) > 1 else "tab mode   "
            yield Text(f"⏎ run   ↑↓ earlier commands   {mode}esc cancel", classes="hint")

    def on_mount(self) -> None:
        """Show the mode; the list of earlier commands is for the mouse and the eye."""
        options = self.query_one(OptionList)
        options.can_focus = False
        options.display = bool(self._history)
        options.highlighted = None
        self.query_one("#mode").display = len(self._targets) == 1
        self._show_mode()

    def on_resize(self) -> None:
        """Name as many of the targets as there is room for."""
        if len(self._targets) > 1:
            columns, lines = self.app.size
            rows = _LINES if lines >= SHORT else _FEW_LINES
            self.query_one("#targets", Text).show(_names(self._targets, min(columns, _BOX) - 4, rows))

    def action_mode(self) -> None:
        """Switch between running here and leaving the UI."""
        self._leave = not self._leave and len(self._targets) == 1
        self._show_mode()

    def action_recall(self, step: int) -> None:
        """Put an earlier (1) or later (-1) command into the line."""
        if self._position < 0:
            self._typed = self.command.value
        self._position = max(-1, min(self._position + step, len(self._history) - 1))
        self.command.value = self._typed if self._position < 0 else self._history[self._position]
        self.command.action_end()
        options = self.query_one(OptionList)
        options.highlighted = self._position if 0 <= self._position < _SHOWN else None

    @on(OptionList.OptionSelected)
    def _recalled(self, event: OptionList.OptionSelected) -> None:
        self.command.value = self._history[event.option_index]
        self.command.action_end()
        self.set_focus(self.command)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(RunRequest(event.value, self._leave))
        else:
            self.notify("type a command first; what is grey is an example", markup=False)

    def _show_mode(self) -> None:
        here, leave = ("( )", "(•)") if self._leave else ("(•)", "( )")
        self.query_one("#mode", Text).show(f"{here} here, then come back   {leave} leave xswitch and run")


def _names(targets: Sequence[Target], width: int, rows: int) -> Content:
    """Return the names of targets in at most `rows` lines, and how many have no room there.

    The guarded ones are in their colours; where there is no room for all, they come first.
    """
    ordered = list(targets)
    count = _fitting(ordered, width, rows)
    if count < len(ordered):
        ordered.sort(key=lambda target: not target.color)
        count = _fitting(ordered, width, rows)
    styled = [
        Content.styled(printable(target.name), f"$guard-{target.color} bold" if target.color else "")
        for target in ordered[:count]
    ]
    more = len(ordered) - count
    return Content.assemble(Content(", ").join(styled), f" … and {more} more" if more else "")


def _fitting(targets: Sequence[Target], width: int, rows: int) -> int:
    """Return how many names of targets, a comma after each, fit with a word about the others behind them."""
    row, column = 1, 0
    for index, target in enumerate(targets):
        taken = width_of(printable(target.name)) + 1
        column += 1 if column else 0
        if column + taken > width:
            row, column = (row + 1 if column else row), 0
        row += (taken - 1) // width
        column += (taken - 1) % width + 1
        is_last = index == len(targets) - 1
        if row > rows or (row == rows and not is_last and column + _MORE > width):
            return max(index, 1)
    return len(targets)
