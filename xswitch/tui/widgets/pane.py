"""A pane of lines that are wrapped to its width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from xswitch.tui.detail import wrapped
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

    from xswitch.tui.detail import Line


class Pane(VerticalScroll):
    """Shows the lines that `produce` returns, wrapped to its width."""

    def __init__(
        self,
        produce: Callable[[], Iterable[Line]],
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
        can_focus: bool = True,
    ) -> None:
        super().__init__(id=id, classes=classes, can_focus=can_focus)
        self._produce = produce

    def compose(self) -> ComposeResult:
        """Lay out the pane."""
        yield Text()

    def show(self, *, anew: bool = False) -> None:
        """Show the lines as they are now; `anew` from the first one."""
        width = self.scrollable_content_region.width
        if not width:
            return
        if anew:
            self.scroll_home(animate=False, force=True, immediate=True)
        self.query_one(Text).show(wrapped(self._produce(), width))

    def on_resize(self) -> None:
        """Wrap the lines to the new width."""
        self.show()
