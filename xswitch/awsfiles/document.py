"""A file as lines, of which an edit changes only those that it is about. Every other byte stays.

Indentation is syntax in these files, keys match whatever their case, a comment may stand within a value:
what a line is comes from `lines.classify`, as it does for reading. Whoever edits reads the result again and
compares (`editing.verify`), because a line can be right in itself and still change what another one means.
"""

from __future__ import annotations

import re

from xswitch.awsfiles.lines import BLANK, COMMENT, CONTINUATION, HEADER, OPTION, classify
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xswitch.awsfiles.settings import Values

_MARK = "\ufeff"
# Never `str.splitlines`: it splits at characters that are no line ends in these files.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


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


class Document:
    """The lines of one file. Sections are named by the text of their headers.

    XswitchError where the bytes are no text to edit, and from every edit that cannot be made: a section or
    key that stands twice, or is not there.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self._where = printable(tilde(path))
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise XswitchError(
                f"{self._where}:{line} is not UTF-8", "save the file as UTF-8; nothing was changed"
            ) from None
        self._mark = _MARK if text.startswith(_MARK) else ""
        self._raw = _LINE.findall(text[len(self._mark) :])
        self._classify()

    @property
    def data(self) -> bytes:
        """The file's content."""
        return (self._mark + "".join(self._raw)).encode()

    @property
    def lines(self) -> Sequence[Line]:
        """All lines."""
        return self._lines

    # -- edits ------------------------------------------------------------------------------------

    def set_value(self, header: str, key: str, value: str) -> None:
        """Give a key of a section a value, in its line or in a new one after the last."""
        found = self._option(header, key)
        if found is None:
            self._add_option(header, key, value)
            return
        start, stop = found
        if self._is_block(start, stop):
            text = f"{self._place(start)}: {printable(key)} is a block of settings"
            raise XswitchError(text, f"name one of them: {printable(key)}.NAME")
        line = self._lines[start]
        self._replace(start, stop, [line.with_value(value, line.position, self._lines[stop - 1].end)])

    def set_nested(self, header: str, key: str, name: str, value: str) -> None:
        """Give a setting of a nested block (`s3 =` and indented lines) a value."""
        found = self._option(header, key)
        if found is None:
            self._add_option(header, key, "", f"{name} = {value}".rstrip())
            return
        start, stop = found
        self._check_block(start, key)
        own = [index for index in range(start + 1, stop) if self._lines[index].kind == CONTINUATION]
        same = [index for index in own if _nested_name(self._lines[index]) == name]
        if same:
            line = self._lines[same[-1]]
            raw = line.with_value(value, line.text.index("="), line.end)
            self._replace(same[-1], same[-1] + 1, [raw])
        elif own:
            line = self._lines[own[-1]]
            self._insert(own[-1] + 1, [_like(line, line.text.find("="), name, value)])
        else:
            indent = self._indent(self._lines[start])
            self._insert(start + 1, [f"{indent}  {name} = {value}".rstrip()])

    def unset(self, header: str, key: str) -> None:
        """Take a key away, with every line of its value."""
        found = self._option(header, key)
        if found is None:
            raise XswitchError(f"{self._where}: [{printable(header)}] has no {printable(key)}")
        self._replace(*found, [])

    def unset_nested(self, header: str, key: str, name: str) -> None:
        """Take a setting of a nested block away; with the last one, the block."""
        found = self._option(header, key)
        same: list[int] = []
        others = False
        if found is not None:
            self._check_block(found[0], key)
            for index in range(found[0] + 1, found[1]):
                line = self._lines[index]
                if line.kind == CONTINUATION:
                    is_same = _nested_name(line) == name
                    same += [index] if is_same else []
                    others = others or not is_same
        if found is None or not same:
            raise XswitchError(
                f"{self._where}: [{printable(header)}] has no {printable(key)}.{printable(name)}"
            )
        if not others:
            self._replace(*found, [])
            return
        for index in reversed(same):
            self._replace(index, index + 1, [])

    def add_section(self, header: str, values: Values) -> None:
        """Add a section at the end."""
        lines = [f"[{header}]"]
        for key, value in values.items():
            lines += _as_lines(key, value)
        self._append(lines)

    def copy_section(self, header: str, new: str) -> None:
        """Add a section at the end that has the lines of another one."""
        start, stop = self._section(header)
        lines = self._lines[start:stop]
        self._append([f"[{new}]", *(line.raw.rstrip("\r\n") for line in lines[1:])])

    def rename_section(self, header: str, new: str) -> None:
        """Change the text between the brackets of a header."""
        start, _ = self._section(header)
        line = self._lines[start]
        raw = f"{line.raw[: line.indent]}[{new}{line.raw[line.indent + line.position :]}"
        self._replace(start, start + 1, [raw])

    def remove_section(self, header: str) -> None:
        """Take a section away. Comments that touch the next header, or follow a blank line, stay."""
        start, stop = self._section(header)
        after = stop
        while after < len(self._lines) and self._lines[after].kind == BLANK:
            after += 1
        before_is_blank = start == 0 or self._lines[start - 1].kind == BLANK
        if after == len(self._lines):
            if start and before_is_blank:
                start -= 1  # the one that parted it from the section above
            stop = after
        elif before_is_blank:
            stop = after
        self._replace(start, stop, [])

    # -- finding ----------------------------------------------------------------------------------

    def _section(self, header: str) -> tuple[int, int]:
        """Return where a section's own lines start and stop."""
        found = [i for i, line in enumerate(self._lines) if line.kind == HEADER and line.header == header]
        if not found:
            raise XswitchError(f"{self._where} has no section [{printable(header)}]")
        if len(found) > 1:
            numbers = " and ".join(str(index + 1) for index in found[:3])
            raise XswitchError(
                f"{self._where}: [{printable(header)}] stands in lines {numbers}",
                "merge these sections into one first; nothing was changed",
            )
        start = found[0]
        stop = start + 1
        for index in range(start + 1, len(self._lines)):
            kind = self._lines[index].kind
            if kind == HEADER:
                return start, self._without_comments_of_next(stop, index)
            if kind not in {BLANK, COMMENT}:
                stop = index + 1
        return start, self._without_comments_of_next(stop, len(self._lines) + 1)

    def _without_comments_of_next(self, stop: int, following: int) -> int:
        """Return where a section ends whose last setting ends at `stop`: after the comments right below."""
        after = stop
        while after < min(following, len(self._lines)) and self._lines[after].kind == COMMENT:
            after += 1
        return stop if after == following else after

    def _options(self, header: str) -> Iterator[tuple[int, int]]:
        """Yield where each setting of a section starts and stops, continuations included."""
        start, stop = self._section(header)
        found = -1
        last = start
        for index in range(start + 1, stop):
            kind = self._lines[index].kind
            if kind == CONTINUATION:
                last = index
            elif kind not in {BLANK, COMMENT}:
                if found >= 0:
                    yield found, last + 1
                found, last = (index if kind == OPTION else -1), index
        if found >= 0:
            yield found, last + 1

    def _option(self, header: str, key: str) -> tuple[int, int] | None:
        found = [span for span in self._options(header) if self._lines[span[0]].key == key.lower()]
        if len(found) > 1:
            numbers = " and ".join(str(start + 1) for start, _ in found[:3])
            raise XswitchError(
                f"{self._where}: {printable(key)} stands in lines {numbers} of one section",
                "delete all but one first; nothing was changed",
            )
        return found[0] if found else None

    def _is_block(self, start: int, stop: int) -> bool:
        line = self._lines[start]
        continued = any(line.kind == CONTINUATION for line in self._lines[start + 1 : stop])
        return continued and not line.text[line.position + 1 :].strip()

    def _check_block(self, start: int, key: str) -> None:
        line = self._lines[start]
        if line.text[line.position + 1 :].strip():
            text = f"{self._place(start)}: {printable(key)} has a value of its own"
            raise XswitchError(text, f"unset {printable(key)} first, to make it a block of settings")

    def _place(self, index: int) -> str:
        return f"{self._where}:{index + 1}"

    # -- changing ---------------------------------------------------------------------------------

    def _add_option(self, header: str, key: str, value: str, *nested: str) -> None:
        start, _ = self._section(header)
        options = list(self._options(header))
        above = self._lines[start]
        text = f"{self._indent(above)}{key} = {value}".rstrip()
        at = start + 1
        if options:
            at = options[-1][1]
            above = self._lines[options[-1][0]]
            text = _like(above, above.position, key, value)
        indent = self._indent(above)
        self._insert(at, [text, *(f"{indent}  {line}" for line in nested)])

    @staticmethod
    def _indent(line: Line) -> str:
        return line.raw[: line.indent]

    def _append(self, lines: list[str]) -> None:
        if self._lines and self._lines[-1].kind != BLANK:
            lines = ["", *lines]
        self._insert(len(self._lines), lines)

    def _insert(self, index: int, lines: list[str]) -> None:
        """Insert lines that have no ends yet; they get the neighbour's, and a missing last one stays so."""
        end = self._end_near(index)
        raw = [line + end for line in lines]
        if index and not self._lines[index - 1].end:
            self._raw[index - 1] += end
            raw[-1] = lines[-1]
        self._replace(index, index, raw)

    def _end_near(self, index: int) -> str:
        above = [line.end for line in reversed(self._lines[:index]) if line.end]
        return next(iter(above or [line.end for line in self._lines if line.end]), "\n")

    def _replace(self, start: int, stop: int, raw: list[str]) -> None:
        self._raw[start:stop] = raw
        self._classify()

    def _classify(self) -> None:
        kinds = classify(self._raw, inside=False)
        self._lines = [Line(raw, *what) for raw, what in zip(self._raw, kinds, strict=True)]


def _nested_name(line: Line) -> str:
    return line.text.partition("=")[0].strip()


def _like(line: Line, delimiter: int, key: str, value: str) -> str:
    """Return a setting written as another line is: its indentation, its blanks around the `=`."""
    indent = line.raw[: line.indent]
    if delimiter < 0 or line.text[delimiter] != "=":
        return f"{indent}{key} = {value}".rstrip()
    key_before = line.text[:delimiter].rstrip()
    before = line.text[len(key_before) : delimiter]
    _, after, _ = line.split(delimiter)
    if len(before) > 1:  # the delimiters stand below each other
        before = " " * max(delimiter - len(key), 1)
    return f"{indent}{key}{before}={after}{value}" if value else f"{indent}{key}{before}="


def _as_lines(key: str, value: str | Mapping[str, object]) -> list[str]:
    if isinstance(value, str):
        return [f"{key} = {value}".rstrip()]
    return [f"{key} =", *(f"  {name} = {text}".rstrip() for name, text in value.items())]
