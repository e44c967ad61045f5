"""The first frame, before Textual is loaded.

Loading Textual takes twenty times as long as starting Python. The rows are read and drawn with plain ANSI
before it, in the places where Textual will draw them; keys that are typed meanwhile wait in the terminal.
"""

from __future__ import annotations

import os

from xswitch import locations
from xswitch.sessions.state import State
from xswitch.text import printable
from xswitch.timestamps import utc_now
from xswitch.tui.lines import DETAIL_BESIDE, Columns, line_parts, status_parts, widest_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.tui.lines import Part
    from xswitch.tui.rows import TreeModel

_LIST_TOP = 3  # the line, from 1, of the first row: under status and filter
_FOOTER = 1
_DETAIL = 10  # lines that the detail takes below the tree
_STYLES = {
    "bold": "1",
    "muted": "2",
    "heading": "36",
    "match": "1;4;33",
    "broken": "31",
    State.VALID: "32",
    State.EXPIRING: "33",
    State.EXPIRED: "31",
}


END_OF_FRAME = "\x1b[?1049l\x1b[?25h\x1b[?7h"
"""Takes the frame away again, where Textual does not come to do it."""


def first_frame(model: TreeModel, environ: Mapping[str, str], filter_text: str, size: tuple[int, int]) -> str:
    """Return the escape sequences that show the tree on the alternate screen of `size` (columns, lines).

    `filter_text` is what the model is filtered by.
    """
    columns, lines = size
    if columns < 40 or lines < 10:
        return ""
    active, now = active_profile(environ), utc_now()
    beside = columns >= DETAIL_BESIDE
    width = columns * 2 // 3 if beside else columns
    height = lines - _LIST_TOP + 1 - _FOOTER - (0 if beside or columns < 70 or lines < 20 else _DETAIL)
    rows = model.rows(now)
    layout = Columns(width - (1 if len(rows) > height else 0), widest_name(rows))
    start = 0 if filter_text else next((i for i, row in enumerate(rows) if row.node.name == active), 0)
    first = max(0, min(start - height + 1, len(rows) - height)) if start >= height else 0
    plain = bool(environ.get("NO_COLOR"))
    demo: list[Part] = (
        [("demo", "heading"), (": your files are untouched · ", "")] if environ.get(locations.DEMO) else []
    )
    hint = (printable(filter_text), "") if filter_text else ("/ filter: name, account, role, region", "muted")
    shown = [
        _line(2, [(" ", ""), hint], plain=plain),
        _line(1, [(" ", ""), *demo, *status_parts(model.overview, active, now)], plain=plain),
    ]
    for offset, row in enumerate(rows[first : first + height]):
        parts = line_parts(row, model.cells(row, now), layout, model, active=row.node.name == active)
        shown.append(_line(_LIST_TOP + offset, parts, plain=plain))
    return "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J" + "".join(shown)


def _line(number: int, parts: list[Part], *, plain: bool) -> str:
    text = "".join(
        f"\x1b[{_STYLES[style]}m{text}\x1b[m" if style in _STYLES and not plain else text
        for text, style in parts
    )
    return f"\x1b[{number};1H{text}"


def active_profile(environ: Mapping[str, str]) -> str | None:
    """Return the profile that the calling shell uses, or None."""
    if environ.get(locations.ACCESS_KEY_ID):
        return environ.get(locations.ACTIVE_PROFILE)
    return environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE")


def show_first_frame(frame: str) -> None:
    """Write the frame to the terminal, which is stdout by now, and stop it from echoing keys."""
    import termios

    attributes = termios.tcgetattr(0)
    attributes[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(0, termios.TCSANOW, attributes)
    os.write(1, frame.encode())
