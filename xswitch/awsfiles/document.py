"""A file as lines, of which an edit changes only those that it is about. Every other byte stays.

Indentation is syntax in these files, keys match whatever their case, a comment may stand within a value:
what a line is comes from `lines.classify`, as it does for reading. An edit knows its own section only. A line
can be right in itself and still change what one below it means, so whoever edits reads the result again and
compares (`editing.verify`).
"""

from __future__ import annotations

import re
from itertools import pairwise

from xswitch.awsfiles.blocks import Block, Line, indent_of, lines_of
from xswitch.awsfiles.lines import BLANK, COMMENT, CONTINUATION, HEADER
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from xswitch.awsfiles.settings import Values

_MARK = "\ufeff"
# Never `str.splitlines`: it splits at characters that are no line ends in these files.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SETTING = re.compile(r"[A-Za-z][\w.-]*\s*[=:]")


class Document:
    """The lines of one file. Sections are named by the text of their headers.

    XswitchError where the bytes are no text to edit, and from every edit that cannot be made: a section or
    key that stands twice, or is not there, or has swallowed lines that were meant to be something else.
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
        lines = lines_of(_LINE.findall(text[len(self._mark) :]))
        starts = [0, *(index for index, line in enumerate(lines) if line.kind == HEADER), len(lines)]
        self._blocks = [Block(lines[start:stop]) for start, stop in pairwise(starts)]
        self._by_header: dict[str, list[Block]] = {}
        for block in self._blocks[1:]:
            self._by_header.setdefault(block.header, []).append(block)

    @property
    def data(self) -> bytes:
        """The file's content."""
        return (self._mark + "".join(line.raw for line in self.lines())).encode()

    def lines(self) -> Iterator[Line]:
        """Yield all lines."""
        return (line for block in self._blocks for line in block.lines)

    def lines_outside(self, headers: Collection[str]) -> Iterator[Line]:
        """Yield the lines of all other sections, and what stands below the own lines of these."""
        for block in self._blocks:
            if block.header not in headers or block is self._blocks[0]:
                yield from block.lines
            else:
                yield from block.lines[block.own_stop(is_last=block is self._blocks[-1]) :]

    # -- edits ------------------------------------------------------------------------------------

    def set_value(self, header: str, key: str, value: str) -> None:
        """Give a key of a section a value, in its line or in a new one after the last."""
        block = self._block(header)
        found = self._option(block, key)
        if found is None:
            self._add_option(block, key, value)
            return
        start, stop = found
        if block.is_nested(start, stop):
            text = f"{self._place(block, start)}: {printable(key)} is a block of settings"
            raise XswitchError(text, f"name one of them: {printable(key)}.NAME")
        self._check_swallowed(block, start, stop)
        line = block.lines[start]
        block.replace(start, stop, [line.with_value(value, line.position, block.lines[stop - 1].end)])

    def set_nested(self, header: str, key: str, name: str, value: str) -> None:
        """Give a setting of a nested block (`s3 =` and indented lines) a value."""
        block = self._block(header)
        found = self._option(block, key)
        if found is None:
            self._add_option(block, key, "", f"{name} = {value}".rstrip())
            return
        start, stop = found
        self._check_nested(block, start, key)
        own = [index for index in range(start + 1, stop) if block.lines[index].kind == CONTINUATION]
        same = [index for index in own if _nested_name(block.lines[index]) == name]
        if same:
            line = block.lines[same[-1]]
            raw = line.with_value(value, line.text.index("="), line.end)
            block.replace(same[-1], same[-1] + 1, [raw])
        elif own:
            line = block.lines[own[-1]]
            self._insert(block, own[-1] + 1, [_like(line, line.text.find("="), name, value)])
        else:
            indent = indent_of(block.lines[start])
            self._insert(block, start + 1, [f"{indent}  {name} = {value}".rstrip()])

    def unset(self, header: str, key: str) -> None:
        """Take a key away, with every line of its value."""
        block = self._block(header)
        found = self._option(block, key)
        if found is None:
            raise XswitchError(f"{self._where}: [{printable(header)}] has no {printable(key)}")
        self._check_swallowed(block, *found)
        block.replace(*found, [])

    def unset_nested(self, header: str, key: str, name: str) -> None:
        """Take a setting of a nested block away; with the last one, the block."""
        block = self._block(header)
        start, stop = self._option(block, key) or (0, 0)
        if stop:
            self._check_nested(block, start, key)
        own = [index for index in range(start + 1, stop) if block.lines[index].kind == CONTINUATION]
        same = [index for index in own if _nested_name(block.lines[index]) == name]
        if not same:
            text = f"{self._where}: [{printable(header)}] has no {printable(key)}.{printable(name)}"
            raise XswitchError(text)
        if same == own:
            block.replace(start, stop, [])
        for index in reversed(same if same != own else []):
            block.replace(index, index + 1, [])

    def add_section(self, header: str, values: Values) -> None:
        """Add a section at the end."""
        lines = [f"[{header}]"]
        for key, value in values.items():
            lines += _as_lines(key, value)
        self._append(lines)

    def copy_section(self, header: str, new: str) -> None:
        """Add a section at the end that has the lines of another one."""
        block = self._block(header)
        stop = block.own_stop(is_last=block is self._blocks[-1])
        self._check_headers(block, 0, stop)
        self._append([f"[{new}]", *(line.raw.rstrip("\r\n") for line in block.lines[1:stop])])

    def rename_section(self, header: str, new: str) -> None:
        """Change the text between the brackets of a header."""
        block = self._block(header)
        line = block.lines[0]
        raw = f"{line.raw[: line.indent]}[{new}{line.raw[line.indent + line.position :]}"
        block.replace(0, 1, [raw])
        del self._by_header[header]
        self._by_header.setdefault(new, []).append(block)

    def remove_section(self, header: str) -> None:
        """Take a section away. Comments that touch the next header, or follow a blank line, stay."""
        block = self._block(header)
        place = self._blocks.index(block)
        is_last = block is self._blocks[-1]
        stop = block.own_stop(is_last=is_last)
        self._check_headers(block, 0, stop)
        after = stop
        while after < len(block.lines) and block.lines[after].kind == BLANK:
            after += 1
        above = self._last_above(place)
        if is_last and after == len(block.lines):
            stop = after
            if above is not None and above.lines[-1].kind == BLANK:
                del above.lines[-1]  # the one that parted it from the section above
        elif above is None or above.lines[-1].kind == BLANK:
            stop = after
        elif stop == after and above.lines[-1].kind == COMMENT:
            # What belonged to this section, or the one above, must not touch the one below.
            block.lines.insert(stop, Line(self._end_near(block, stop), BLANK, "", 0, 0))
        self._blocks[place - 1].lines += block.lines[stop:]
        del self._blocks[place], self._by_header[header]

    # -- finding ----------------------------------------------------------------------------------

    def _block(self, header: str) -> Block:
        found = self._by_header.get(header, [])
        if not found:
            raise XswitchError(f"{self._where} has no section [{printable(header)}]")
        if len(found) > 1:
            numbers = " and ".join(str(self._number(block)) for block in found[:3])
            raise XswitchError(
                f"{self._where}: [{printable(header)}] stands in lines {numbers}",
                "merge these sections into one first; nothing was changed",
            )
        return found[0]

    def _option(self, block: Block, key: str) -> tuple[int, int] | None:
        found = [span for span in block.options() if block.lines[span[0]].key == key.lower()]
        if len(found) > 1:
            numbers = " and ".join(str(self._number(block) + start) for start, _ in found[:3])
            raise XswitchError(
                f"{self._where}: {printable(key)} stands in lines {numbers} of one section",
                "delete all but one first; nothing was changed",
            )
        return found[0] if found else None

    def _check_nested(self, block: Block, start: int, key: str) -> None:
        line = block.lines[start]
        if line.text[line.position + 1 :].strip():
            text = f"{self._place(block, start)}: {printable(key)} has a value of its own"
            raise XswitchError(text, f"unset {printable(key)} first, to make it a block of settings")

    def _check_swallowed(self, block: Block, start: int, stop: int) -> None:
        """Refuse to take away lines that continue a value, and were meant to be settings or sections."""
        self._check_headers(block, start, stop)
        if block.is_nested(start, stop):
            return
        for index in range(start + 1, stop):
            line = block.lines[index]
            if line.kind == COMMENT or _SETTING.match(line.text):
                raise self._swallowed(block, index)

    def _check_headers(self, block: Block, start: int, stop: int) -> None:
        for index in range(start + 1, stop):
            line = block.lines[index]
            if line.kind == CONTINUATION and line.text[0] == "[":
                raise self._swallowed(block, index)

    def _swallowed(self, block: Block, index: int) -> XswitchError:
        return XswitchError(
            f"{self._place(block, index)} is indented, so aws takes it for a part of the value above",
            "remove the blanks before it, and then try again; nothing was changed",
        )

    def _number(self, block: Block) -> int:
        """Return the number of a block's first line."""
        return 1 + sum(len(each.lines) for each in self._blocks[: self._blocks.index(block)])

    def _place(self, block: Block, index: int) -> str:
        return f"{self._where}:{self._number(block) + index}"

    def _last_above(self, place: int) -> Block | None:
        """Return the block with the line above the one in that place."""
        return next((block for block in reversed(self._blocks[:place]) if block.lines), None)

    # -- changing ---------------------------------------------------------------------------------

    def _add_option(self, block: Block, key: str, value: str, *nested: str) -> None:
        options = list(block.options())
        start, at = options[-1] if options else (0, 1)
        above = block.lines[start]
        text = f"{indent_of(above)}{key} = {value}".rstrip()
        if options:
            text = _like(above, above.position, key, value)
        self._insert(block, at, [text, *(f"{indent_of(above)}  {line}" for line in nested)])

    def _append(self, lines: list[str]) -> None:
        above = self._last_above(len(self._blocks))
        last = above or self._blocks[-1]
        if above is not None and above.lines[-1].kind != BLANK:
            lines = ["", *lines]
        self._insert(last, len(last.lines), lines)
        start = next(index for index in reversed(range(len(last.lines))) if last.lines[index].kind == HEADER)
        block = Block(last.lines[start:])
        del last.lines[start:]
        self._blocks.append(block)
        self._by_header.setdefault(block.header, []).append(block)

    def _insert(self, block: Block, index: int, lines: list[str]) -> None:
        """Insert lines that have no ends yet; they get the neighbour's, and a missing last one stays so."""
        end = self._end_near(block, index)
        raw = [line + end for line in lines]
        if index and not block.lines[index - 1].end:
            raw[-1] = lines[-1]
            raw.insert(0, block.lines[index - 1].raw + end)
            index -= 1
            block.replace(index, index + 1, raw)
        else:
            block.replace(index, index, raw)

    def _end_near(self, block: Block, index: int) -> str:
        above = next((line.end for line in reversed(block.lines[:index]) if line.end), "")
        return above or next((line.end for line in self.lines() if line.end), "\n")


def _nested_name(line: Line) -> str:
    return line.text.partition("=")[0].strip()


def _like(line: Line, delimiter: int, key: str, value: str) -> str:
    """Return a setting written as another line is: its indentation, its blanks around the `=`."""
    indent = indent_of(line)
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
