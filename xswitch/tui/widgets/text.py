"""Text on the screen that changes now and then."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from xswitch.tui._textual import forget_size


class Text(Static):
    """Text that is never read as markup, and painted again only when it differs from before."""

    def __init__(
        self,
        text: str | Content = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(text, id=id, classes=classes, markup=False)
        self._shown = Content(text) if isinstance(text, str) else text

    def show(self, text: str | Content) -> None:
        """Show another text."""
        content = Content(text) if isinstance(text, str) else text
        # Contents are equal when their letters are, whatever the colours.
        if content.plain == self._shown.plain and content.spans == self._shown.spans:
            return
        same_size = _size(content) == _size(self._shown)
        self._shown = content
        if not same_size:
            forget_size(self)
        self.update(content, layout=not same_size)


def _size(content: Content) -> tuple[int, int]:
    return content.cell_length, content.plain.count("\n")
