"""How a row becomes a line: columns, cut to the width there is, as texts with names of styles."""

from __future__ import annotations

from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from xswitch.tui.rows import Cells, Row, TreeModel

    Part: TypeAlias = tuple[str, str]
    """A text and its style: a session state, `muted`, `heading`, `broken`, `working`, `match`, `mark`,
    `bold`, a guard's (`guard-red`, …), or empty."""

SMALLEST = (40, 10)  # columns and lines of the smallest terminal with a tree
NARROW, SHORT = 70, 20  # columns and lines below which the detail is on a screen of its own
DETAIL_BESIDE = 100  # columns of the terminal from which the detail stands beside the tree

_ACCOUNT = 14
_STATUS = 10
_REGION = 15
_REGION_FROM = 120  # width from which the region has a column
_ROLE_AT_LEAST = 8
_SIGNS = 2  # the columns of the active profile and of the marks
_LOCK = 2  # the column of the guarded ones, with a blank before it
_GAP = "  "
_ICON = 2


class Columns:
    """The widths of the name and role columns, and whether account, region and locks have theirs.

    Of what does not fit, the region goes first, then the role, then the account; the locks, which are there
    where a profile may be guarded, never.
    """

    __slots__ = ("name", "role", "shows_account", "shows_locks", "shows_region")

    def __init__(self, width: int, widest_name: int, *, locks: bool = False) -> None:
        self.shows_locks = locks
        free = width - _SIGNS - _STATUS - len(_GAP) - 1 - (_LOCK if locks else 0)
        self.shows_region = width >= _REGION_FROM
        free -= (_REGION + len(_GAP)) if self.shows_region else 0
        self.shows_account = free - _ACCOUNT - len(_GAP) >= 16
        free -= (_ACCOUNT + len(_GAP)) if self.shows_account else 0
        self.name = min(widest_name, free if free < 34 else max(24, free * 3 // 5))
        self.role = free - self.name - len(_GAP)
        if self.role < _ROLE_AT_LEAST:
            self.name, self.role = free, 0


def detail_height(columns: int, lines: int) -> int:
    """Return how many lines the detail takes below the tree, its border included, in a terminal."""
    if columns < NARROW or lines < SHORT or columns >= DETAIL_BESIDE:
        return 0
    return min(max(lines * 2 // 5, 8), 16)


def widest_name(rows: Sequence[Row]) -> int:
    """Return the width that the name column would like: guides, icon and name of the widest row."""
    names = "".join([row.node.name for row in rows])
    if names.isascii() and names.isprintable():  # as nearly always: each is as wide as it is long
        widths = [len(row.guides) + len(row.node.name) for row in rows]
    else:
        widths = [len(row.guides) + width_of(printable(row.node.name)) for row in rows]
    return _ICON + max(widths, default=0)


def line_parts(row: Row, cells: Cells, columns: Columns, model: TreeModel, *, active: bool) -> list[Part]:
    """Return the line of a row."""
    style = "muted" if not row.matched else "heading" if row.node.heading else ""
    marked = not row.node.heading and row.node.name in model.marks
    sign = model.icons["active"] if active else " "
    parts: list[Part] = [(sign, "bold"), (model.icons["marked"], "mark")]
    if not marked:
        parts = [(sign + " ", "bold")]
    parts.append((row.guides, "muted"))
    folded = model.icons["folded"] if row.folded else " "
    parts.append((cells.icon + folded, cells.state))
    room = max(columns.name - len(row.guides) - _ICON, 1)
    parts += _marked(fit(cells.name, room), cells.guard or style, model)
    if columns.shows_locks:
        parts.append((" " + (model.icons["guarded"] if cells.guard else " "), cells.guard))
    if columns.shows_account:
        parts += [(_GAP, ""), *_marked(fit(cells.account, _ACCOUNT), "muted", model)]
    # A broken row has no time left to show, but a reason, which may take the role's room.
    status = min(max(width_of(cells.status), _STATUS), _STATUS + columns.role)
    room = columns.role + _STATUS - status
    if room >= _ROLE_AT_LEAST:
        parts += [(_GAP, ""), *_marked(fit(cells.role, room), style, model)]
    elif columns.role:
        parts.append((" " * (room + len(_GAP)), ""))
    if columns.shows_region:
        parts += [(_GAP, ""), *_marked(fit(cells.region, _REGION), "muted", model)]
    text = fit(cells.status, status).rstrip()
    parts.append((_GAP + " " * (status - width_of(text)) + text + " ", cells.state))
    return parts


def _marked(text: str, style: str, model: TreeModel) -> list[Part]:
    """Return `text` with the letters that the filter found marked."""
    parts: list[Part] = []
    position = 0
    for start, end in model.filter.spans(text) if model.filter else []:
        if position < end:
            begin = max(start, position)
            parts += [(text[position:begin], style), (text[begin:end], "match")]
            position = end
    parts.append((text[position:], style))
    return parts


def fit(text: str, width: int) -> str:
    """Return `text` in exactly `width` columns, cut with an ellipsis where it is longer."""
    taken = width_of(text)
    if taken <= width:
        return text + " " * (width - taken)
    if text.isascii():
        return text[: max(width - 1, 0)] + "…"
    from rich.cells import set_cell_size

    return set_cell_size(text, max(width - 1, 0)) + "…"


def width_of(text: str) -> int:
    """Return how many columns `text` takes in a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
