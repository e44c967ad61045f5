"""The first frame, before Textual is loaded.

Loading Textual takes twenty times as long as starting Python. The rows are read and drawn with plain ANSI
before it, in the places where Textual will draw them; keys that are typed meanwhile wait in the terminal.
"""

from __future__ import annotations

from xswitch.launch.environment import active_profile
from xswitch.sessions.session import State
from xswitch.text import printable
from xswitch.timestamps import utc_now
from xswitch.tui.lines import DETAIL_BESIDE, SMALLEST, Columns, detail_height, line_parts
from xswitch.tui.rows import match_count
from xswitch.tui.top import FILTER_HINT, banner, status_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.tui.lines import Part
    from xswitch.tui.rows import Row, TreeModel

_FOOTER = 1
_STYLES = {
    "bold": "1",
    "muted": "2",
    "heading": "33",
    "match": "1;4;33",
    "broken": "31",
    "guard-red": "1;31",
    "guard-yellow": "1;33",
    "guard-green": "1;32",
    "guard-blue": "1;34",
    "guard-magenta": "1;35",
    "guard-cyan": "1;36",
    State.VALID: "32",
    State.EXPIRING: "33",
    State.EXPIRED: "31",
}


def first_frame(model: TreeModel, environ: Mapping[str, str], filter_text: str, size: tuple[int, int]) -> str:
    """Return the escape sequences that show the tree on the alternate screen of `size` (columns, lines).

    `filter_text` is what the model is filtered by.
    """
    columns, lines = size
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        return ""
    active, now = active_profile(environ), utc_now()
    rows = model.rows(now)
    top = _top(model, rows, environ, filter_text, columns)
    width = columns * 2 // 3 if columns >= DETAIL_BESIDE else columns
    height = lines - len(top) - _FOOTER - detail_height(columns, lines)
    room = width - (1 if len(rows) > height else 0)
    layout = Columns(room, rows.widest_name, locks=bool(model.guards))
    start = 0
    if active is not None and not filter_text:
        start = next((index for index, row in enumerate(rows) if row.node.name == active), 0)
    first = max(0, min(start - height + 1, len(rows) - height)) if start >= height else 0
    shown = [
        line_parts(row, model.cells(row, now), layout, model, active=row.node.name == active)
        for row in rows[first : first + height]
    ]
    plain = bool(environ.get("NO_COLOR"))
    text = "".join(_line(number, parts, plain=plain) for number, parts in enumerate([*top, *shown], 1))
    return f"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J{text}"


def _top(
    model: TreeModel, rows: list[Row], environ: Mapping[str, str], filter_text: str, columns: int
) -> list[list[Part]]:
    """Return what stands above the tree: status, faults of the files, filter."""
    found = match_count(rows) if model.filter else None
    status = status_line(model, environ, found, utc_now(), columns)
    broken = [[(" ", ""), (line, "broken")] for line in banner(model, columns - 2)]
    hint = (printable(filter_text), "") if filter_text else (FILTER_HINT, "muted")
    return [status, *broken, [(" / ", "muted"), hint]]


def _line(number: int, parts: list[Part], *, plain: bool) -> str:
    text = "".join(
        f"\x1b[{_STYLES[style]}m{text}\x1b[m" if style in _STYLES and not plain else text
        for text, style in parts
    )
    return f"\x1b[{number};1H{text}"
