"""What an edit changes, as a unified diff that may be shown: secrets masked, nothing a terminal acts on."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections import Counter

from xswitch.awsfiles.blocks import indent_of
from xswitch.awsfiles.document import Document
from xswitch.awsfiles.lines import BLANK, COMMENT, HEADER, OPTION
from xswitch.awsfiles.masking import is_secret, masked
from xswitch.editing.checks import OFFERED
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import MASK, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from xswitch.awsfiles.blocks import Line

    Opcode: TypeAlias = tuple[str, int, int, int, int]
    """What `difflib.SequenceMatcher.get_opcodes` gives: a tag, and a start and a stop in each."""

_CONTEXT = 3
_KNOWN = frozenset(key for keys in OFFERED.values() for key in keys)
_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,39}")  # a line of a wrapped token may read as a key
_TELLING = ("secret", "pass", "pwd", "token", "_key", "key=", "key:", "key =", "://")
_LONG_WORD = 16
_MIXED = re.compile(r"[A-Z0-9+/=]")


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
    for group in _groups(opcodes([raw for raw, _ in old], [raw for raw, _ in new])):
        first, last = group[0], group[-1]
        spans = _span(first[1], last[2]), _span(first[3], last[4])
        lines.append(DiffLine("hunk", f"@@ -{spans[0]} +{spans[1]} @@"))
        for tag, old_start, old_stop, new_start, new_stop in group:
            if tag == "equal":
                lines += _signed(" ", old[old_start:old_stop])
                continue
            lines += _signed("-", old[old_start:old_stop])
            lines += _signed("+", _told_apart(old[old_start:old_stop], new[new_start:new_stop]))
    return lines


def _told_apart(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the new lines, saying of those which look like an old one that they differ in what is masked."""
    known = {text for _, text in old if MASK in text}
    return [(raw, f"{text} (another)" if text in known else text) for raw, text in new]


def opcodes(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    """Return what makes `new` of `old`, as `difflib` does.

    That takes minutes where thousands of profiles change, so it only gets what stands between two lines that
    both have once, in the same order (“patience”).
    """
    found: list[Opcode] = []
    start = 0, 0
    for anchor in [*_anchors(old, new), (len(old), len(new))]:
        matcher = difflib.SequenceMatcher(
            None, old[start[0] : anchor[0]], new[start[1] : anchor[1]], autojunk=False
        )
        found += [
            (tag, a + start[0], b + start[0], c + start[1], d + start[1])
            for tag, a, b, c, d in matcher.get_opcodes()
        ]
        found.append(("equal", anchor[0], anchor[0] + 1, anchor[1], anchor[1] + 1))
        start = anchor[0] + 1, anchor[1] + 1
    return _joined(found[:-1])


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of lines that stand once in both, the longest run of them in the order of both."""
    in_old, in_new = Counter(old), Counter(new)
    places = {line: place for place, line in enumerate(new) if in_new[line] == 1}
    pairs = [(place, places[line]) for place, line in enumerate(old) if in_old[line] == 1 and line in places]
    ends: list[int] = []  # of the runs of each length, the smallest place that one ends with
    runs: list[int] = []  # and which pair that is
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        runs[length : length + 1] = [number]
        before.append(runs[length - 1] if length else -1)
    chain = []
    number = runs[-1] if runs else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _joined(parts: list[Opcode]) -> list[Opcode]:
    """Return the parts with neighbours of one kind as one."""
    joined: list[Opcode] = []
    for part in parts:
        if joined and joined[-1][0] == part[0] == "equal":
            joined[-1] = ("equal", joined[-1][1], part[2], joined[-1][3], part[4])
        else:
            joined.append(part)
    return joined


def _groups(parts: list[Opcode]) -> Iterator[list[Opcode]]:
    """Yield the hunks: changes with the lines around them."""
    group: list[Opcode] = []
    for tag, a, b, c, d in parts:
        if tag != "equal":
            group.append((tag, a, b, c, d))
        elif not group:
            skipped = max(b - a - _CONTEXT, 0)
            group = [(tag, a + skipped, b, c + skipped, d)]
        elif b - a > 2 * _CONTEXT:
            yield [*group, (tag, a, a + _CONTEXT, c, c + _CONTEXT)]
            group = [(tag, b - _CONTEXT, b, d - _CONTEXT, d)]
        else:
            group.append((tag, a, b, c, d))
    if any(part[0] != "equal" for part in group):
        tag, a, b, c, d = group[-1]
        cut = max(b - a - _CONTEXT, 0) if tag == "equal" else 0
        yield [*group[:-1], (tag, a, b - cut, c, d - cut)]


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
        document = Document(path, data)
    except XswitchError:  # not UTF-8, so that nothing is known of its lines
        return [(raw, MASK) for raw in data.decode("latin-1").splitlines(keepends=True)]
    shown = []
    nested = False
    for line in document.lines():
        if line.kind == OPTION:
            nested = not line.text[line.position + 1 :].strip() and not is_secret(line.key)
        shown.append((line.raw, printable(_masked(line, nested=nested))))
    return shown


def _masked(line: Line, *, nested: bool) -> str:
    """Return a line without its end, showing only what is known to be no secret.

    `nested` where the option above begins a block of settings. Of a line that is not a setting nobody knows
    what it is: half of a token that was wrapped, or a key that was commented out.
    """
    text = line.raw[: len(line.raw) - len(line.end)]
    if line.kind == BLANK or (line.kind == COMMENT and _is_harmless(line.text)):
        return text
    if line.kind == HEADER:
        end = line.indent + line.position + 1
        return text[:end] + (f" {MASK}" if text[end:].strip() else "")
    if line.kind == COMMENT:
        return f"{line.raw[: line.raw.index(line.text) + 1]} {MASK}"
    position = line.position if line.kind == OPTION else line.text.find("=") if nested else -1
    key = line.text[: max(position, 0)].rstrip()
    if not _KEY.fullmatch(key) and key.lower() not in _KNOWN:
        return f"{indent_of(line)}{MASK}"
    value = line.text[position + 1 :].strip()
    head, before, after = line.split(position)
    return f"{head}{before}{masked(key, value)}{after}" if value else text


def _is_harmless(comment: str) -> bool:
    lower = comment.lower()
    if any(word in lower for word in _TELLING):
        return False
    return all(len(word) < _LONG_WORD or not _MIXED.search(word) for word in comment.split())
