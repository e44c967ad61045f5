"""Making untrusted text safe to show: names and values come from files and from AWS."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MASK = "********"  # in the place of a secret


def printable(text: str) -> str:
    r"""Return `text` with every control, format and undecodable character as a visible escape.

    What is left has no effect on a terminal beyond its glyphs: no escape sequence, no line break, no
    change of writing direction. Bytes that were not UTF-8 are shown as the `\xNN` they were.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if named:
        return named
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def columns(text: str) -> int:
    """Return how many columns `text`, made printable, takes in a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines with their cells below each other, two blanks between them."""
    if "".join(map("".join, rows)).isascii():
        form = "  ".join(f"{{:<{max(map(len, column))}}}" for column in zip(*rows, strict=True))
        return [form.format(*row).rstrip() for row in rows]
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
