"""Choosing from a list of names that may be long: it is filtered while one types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList

from xswitch.text import printable
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

_MOST = 200  # names at once: nobody reads more, and each costs


class ListFilter(Input):
    """The filter. Up and down move in the list while one types."""

    BINDINGS = [
        Binding("up", "screen.move('cursor_up')", show=False),
        Binding("down", "screen.move('cursor_down')", show=False),
        Binding("pageup", "screen.move('page_up')", show=False),
        Binding("pagedown", "screen.move('page_down')", show=False),
    ]


class ListScreen(Dialog[str]):
    """Asks for one of `names`, beginning at `selected`. Closes with it."""

    options = query_one(OptionList)

    def __init__(self, title: str, names: Sequence[str], selected: str) -> None:
        super().__init__()
        self._title = title
        self._names = names
        self._selected = selected
        self._found: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(classes="box -list") as box:
            box.border_title = Content(printable(self._title))
            with Horizontal(id="line"):
                yield Text("/", id="prompt")
                yield ListFilter(placeholder="words in any order", compact=True)
            yield OptionList(markup=False)
            yield Text(id="more", classes="hint")
            yield Text("⏎ choose   ↑↓ move   letters filter   esc cancel", classes="hint")

    def on_mount(self) -> None:
        """Show all of it; only the filter is typed in."""
        self.options.can_focus = False
        self._show("")

    def action_move(self, how: str) -> None:
        """Move in the list."""
        getattr(self.options, f"action_{how}")()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self.options.highlighted is not None:
            self.dismiss(self._found[self.options.highlighted])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._found[event.option_index])

    def _show(self, typed: str) -> None:
        """Show what has all the words, that which begins with them first."""
        words = typed.lower().split()
        matches = [name for name in self._names if all(word in name.lower() for word in words)]
        if words:
            matches.sort(key=lambda name: not name.lower().startswith(words[0]))
        self._found = matches[:_MOST]
        self.options.clear_options()
        self.options.add_options([Content(printable(name)) for name in self._found])
        if self._found:
            at = self._selected if not words and self._selected in self._found else self._found[0]
            self.options.highlighted = self._found.index(at)
        left = len(matches) - len(self._found)
        text = f"… and {left} more" if left else "" if matches else f"nothing matches “{printable(typed)}”"
        more = self.query_one("#more", Text)
        more.show(text)
        more.display = bool(text)
