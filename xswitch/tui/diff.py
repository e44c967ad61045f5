"""The change of an operation, as styled lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from xswitch.text import printable
from xswitch.tui.detail import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xswitch.editing.diff import DiffLine

_STYLES = {"file": "bold", "hunk": "dim", "+": "$text-success", "-": "$text-error", " ": "dim"}
_NEW = "+++ "


_MOST = 400  # lines; wrapping thousands would hold the UI up


def diff_lines(diff: Sequence[DiffLine]) -> Iterator[Line]:
    """Yield a diff as a small pane shows it: each file once, and of what stays the lines next to a change.

    What is wrapped is indented behind its sign.
    """
    if len(diff) > _MOST:
        yield from diff_lines(diff[:_MOST])
        yield _line("", f"… and {len(diff) - _MOST} more lines", "hunk")
        return
    for index, line in enumerate(diff):
        around = diff[max(index - 1, 0) : index + 2]
        text = printable(line.text)
        if line.kind == "file":
            if text.startswith(_NEW):
                yield _line("", text.removeprefix(_NEW), "file")
        elif line.kind == "hunk":
            if around[0].kind != "file":
                yield _line("", "…", "hunk")
        elif line.kind != " " or any(each.kind in {"+", "-"} and each.text[1:].strip() for each in around):
            yield _line(text[:1], text[1:], line.kind)


def _line(sign: str, text: str, kind: str) -> Line:
    style = _STYLES.get(kind, "dim")
    return Line(Content.styled(sign and f"{sign} ", style), Content.styled(text, style))
