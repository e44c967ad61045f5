"""What is wrong with the settings, as a sentence with the line it stands in."""

from __future__ import annotations

from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.regular import read_regular
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Where: TypeAlias = tuple[str | int, ...]
    """The way to a value: keys of tables, and positions in lists."""

HINT = "xswitch settings edit opens the file; without the file, everything has its default"


def fault(path: str, line: int, text: str, hint: str = HINT) -> XswitchError:
    """Return the error for a line of the settings file, 0 for the file as a whole."""
    place = f"{printable(tilde(path))}:{line}" if line else printable(tilde(path))
    return XswitchError(f"{place}: {text}", hint)


def syntax_fault(path: str, text: str, error: ValueError) -> XswitchError:
    """Return the error for a text that is not TOML; the parser's sentence names the place in its own way."""
    message, _, place = str(error).rpartition(" (at ")
    if place.startswith("line "):
        return fault(path, int(place[5:].split(",")[0]), printable(message))
    if place.startswith("end of document"):
        last = text.count("\n") + (not text.endswith("\n"))
        return fault(path, last, f"{printable(message)}, at the end")
    return fault(path, 0, printable(str(error)))


def rule_places(path: str, positions: Iterable[int]) -> str:
    """Return where guard rules stand, `~/.config/xswitch/config.toml:7, 12`; `positions` count from 1."""
    try:
        text = read_regular(path)[0].decode()
    except (OSError, ValueError):
        text = ""
    lines = [str(line) for position in positions if (line := line_of(text, ("guard", position - 1)))]
    return f"{printable(tilde(path))}{':' if lines else ''}{', '.join(lines)}"


def line_of(text: str, where: Where) -> int:
    """Return the line in which a value stands; of one that takes several, the last.

    The parser tells no lines. The value stands in the last line of the shortest beginning of the file that
    has it, so no second reader of TOML is needed. What a beginning has, all longer ones have.
    """
    lines = text.split("\n")  # TOML knows no other line ends, and editors count no others
    if not _begins_with(lines, len(lines), where):
        return 0
    without, least = 0, len(lines)
    while least - without > 1:
        count = (without + least) // 2
        if _begins_with(lines, count, where):
            least = count
        else:
            without = count
    return least


def _begins_with(lines: list[str], count: int, where: Where) -> bool:
    """Tell whether the first `count` lines have the value, without one that only begins in them."""
    import tomllib

    while count:
        try:
            return _has(tomllib.loads("\n".join([*lines[:count], ""])), where)
        except (ValueError, RecursionError):
            count -= 1  # in the middle of a value
    return False


def _has(value: object, where: Where) -> bool:
    for step in where:
        if isinstance(value, list):
            if not isinstance(step, int) or step >= len(value):
                return False
            value = value[step]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return False
    return True


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `: did you mean …?` with the known word that is most like `word`, "" where none is."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""
