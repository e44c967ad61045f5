"""What an edit changes, as a unified diff that may be shown: secrets masked, nothing a terminal acts on."""

from __future__ import annotations

import difflib

from xswitch.awsfiles.document import Document
from xswitch.awsfiles.lines import BLANK, COMMENT, CONTINUATION, HEADER, OPTION
from xswitch.awsfiles.settings import MASK, is_secret, masked
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xswitch.awsfiles.document import Line

_CONTEXT = 3


class DiffLine:
    """A line of a unified diff: `kind` is `file`, `hunk`, `+`, `-` or a blank, with which its text begins."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text

    def __repr__(self) -> str:
        return f"DiffLine({self.text!r})"


def diff_of(path: str, before: bytes, after: bytes) -> list[DiffLine]:
    """Return the differences of two contents of a file, none where they are equal."""
    if before == after:
        return []
    old, new = _shown_lines(path, before), _shown_lines(path, after)
    name = printable(tilde(path))
    lines = [DiffLine("file", f"--- {name}"), DiffLine("file", f"+++ {name}")]
    for group in _groups([raw for raw, _ in old], [raw for raw, _ in new]):
        first, last = group[0], group[-1]
        spans = _span(first[1], last[2]), _span(first[3], last[4])
        lines.append(DiffLine("hunk", f"@@ -{spans[0]} +{spans[1]} @@"))
        for tag, old_start, old_stop, new_start, new_stop in group:
            if tag == "equal":
                lines += _signed(" ", old[old_start:old_stop])
                continue
            lines += _signed("-", old[old_start:old_stop])
            lines += _signed("+", new[new_start:new_stop])
    return lines


def _groups(old: list[str], new: list[str]) -> Iterator[Sequence[tuple[str, int, int, int, int]]]:
    """Yield the hunks of `difflib`, of what is left when equal ends are cut off: it is slow on long files."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    stop = 0
    while stop < min(len(old), len(new)) - start and old[-1 - stop] == new[-1 - stop]:
        stop += 1
    start, stop = max(start - _CONTEXT, 0), max(stop - _CONTEXT, 0)
    matcher = difflib.SequenceMatcher(
        None, old[start : len(old) - stop], new[start : len(new) - stop], autojunk=False
    )
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        yield [(tag, a + start, b + start, c + start, d + start) for tag, a, b, c, d in group]


def _span(start: int, stop: int) -> str:
    """Return lines `start` (from 0) up to `stop` as a hunk's header has them."""
    count = stop - start
    return f"{start + 1}" if count == 1 else f"{start + 1 if count else start},{count}"


def _signed(sign: str, lines: list[tuple[str, str]]) -> Iterator[DiffLine]:
    for raw, text in lines:
        yield DiffLine(sign, f"{sign}{text}")
        if not raw.endswith(("\n", "\r")):
            yield DiffLine(sign, "\\ No newline at end of file")


def _shown_lines(path: str, data: bytes) -> list[tuple[str, str]]:
    """Return each line with how it may be shown."""
    try:
        lines = Document(path, data).lines
    except XswitchError:  # not UTF-8, so that nothing is known of its lines
        return [(raw, MASK) for raw in data.decode("latin-1").splitlines(keepends=True)]
    shown = []
    hidden = False
    for line in lines:
        if line.kind == OPTION:
            hidden = is_secret(line.key)
        elif line.kind == HEADER:
            hidden = False
        shown.append((line.raw, printable(_masked(line, hidden=hidden))))
    return shown


def _masked(line: Line, *, hidden: bool) -> str:
    """Return a line without its end and without a secret; `hidden` where it continues the value of one."""
    text = line.raw[: len(line.raw) - len(line.end)]
    if line.kind in {BLANK, HEADER}:
        return text
    if line.kind == OPTION:
        value = line.text[line.position + 1 :].strip()
        if not value:
            return text
        head, before, after = line.split(line.position)
        return f"{head}{before}{masked(line.key, value)}{after}"
    if line.kind == CONTINUATION and hidden:
        return f"{line.raw[: line.indent]}{MASK}"
    # A setting of a nested block, or one that was commented out; any other text may be a part of a secret.
    name, delimiter, value = text.replace(":", "=", 1 if "=" not in text else 0).partition("=")
    if delimiter:
        key = name.strip().lstrip("#; ")
        return (
            f"{text[: len(name) + 1]} {MASK}"
            if is_secret(key)
            else text[: len(name) + 1] + masked(key, value)
        )
    return text if line.kind == COMMENT else MASK
