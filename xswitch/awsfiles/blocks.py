"""The lines of a file as sections have them: what each is, and where a setting starts and stops."""

from __future__ import annotations

from xswitch.awsfiles.lines import BLANK, COMMENT, CONTINUATION, HEADER, OPTION, classify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Line:
    """A line with its end, and what it is."""

    __slots__ = ("indent", "kind", "position", "raw", "text")

    def __init__(self, raw: str, kind: str, text: str, indent: int, position: int) -> None:
        self.raw = raw
        self.kind = kind
        self.text = text
        self.indent = indent
        self.position = position

    @property
    def key(self) -> str:
        """The key of an option."""
        return self.text[: self.position].rstrip().lower()

    @property
    def header(self) -> str:
        """The text of a header between its brackets."""
        return self.text[1 : self.position]

    @property
    def end(self) -> str:
        """What ends the line: "" for the last one of some files."""
        return self.raw[len(self.raw.rstrip("\r\n")) :]

    def split(self, delimiter: int) -> tuple[str, str, str]:
        """Return what stands around the value of a line whose delimiter is at that position of its text.

        Everything up to the delimiter and with it, the blanks before the value, those after it.
        """
        head = self.raw[: self.indent + delimiter + 1]
        rest = self.raw[len(head) : len(self.raw) - len(self.end)]
        value = rest.strip()
        if not value:
            return head, rest or (" " if head[-2:-1].isspace() else ""), ""
        start = rest.index(value)
        return head, rest[:start], rest[start + len(value) :]

    def with_value(self, value: str, delimiter: int, end: str) -> str:
        """Return the line with another value and another line end."""
        head, before, after = self.split(delimiter)
        return f"{head}{before}{value}{after}{end}" if value else f"{head}{end}"


class Block:
    """A header and the lines below it up to the next one; the first of a file has no header."""

    __slots__ = ("header", "lines")

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.header = lines[0].header if lines and lines[0].kind == HEADER else ""

    def replace(self, start: int, stop: int, raw: list[str]) -> None:
        """Put other lines in the place of some."""
        found = [line.raw for line in self.lines]
        found[start:stop] = raw
        self.lines = lines_of(found)
        self.header = self.lines[0].header if self.header else ""

    def own_stop(self, *, is_last: bool) -> int:
        """Return where the section's own lines stop; comments that touch the next header are its."""
        stop = 1
        for index, line in enumerate(self.lines):
            if line.kind not in {BLANK, COMMENT}:
                stop = index + 1
        after = stop
        while after < len(self.lines) and self.lines[after].kind == COMMENT:
            after += 1
        return stop if after == len(self.lines) and not is_last else after

    def options(self) -> Iterator[tuple[int, int]]:
        """Yield where each setting starts and stops, the lines that continue it included."""
        found, last = -1, 0
        for index, line in enumerate(self.lines):
            if line.kind == CONTINUATION:
                last = index
            elif line.kind not in {BLANK, COMMENT}:
                if found >= 0:
                    yield found, last + 1
                found, last = (index if line.kind == OPTION else -1), index
        if found >= 0:
            yield found, last + 1

    def is_nested(self, start: int, stop: int) -> bool:
        """Whether a setting is a block of settings: a value that begins with a line break."""
        line = self.lines[start]
        continued = any(line.kind == CONTINUATION for line in self.lines[start + 1 : stop])
        return continued and not line.text[line.position + 1 :].strip()


def lines_of(raw: list[str]) -> list[Line]:
    """Return lines, each with its end, as what they are; the first stands in no section."""
    return [Line(each, *what) for each, what in zip(raw, classify(raw, inside=False), strict=True)]


def indent_of(line: Line) -> str:
    """Return the blanks that a line begins with."""
    return line.raw[: line.indent]
