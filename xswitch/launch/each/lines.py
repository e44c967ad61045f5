"""Lines of a program's output, put together from the pieces in which it comes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 1024 * 1024  # bytes; what is longer is broken, so that memory does not grow with it


class Lines:
    """Takes pieces and gives lines, each with its line feed unless it was broken or is the last one."""

    __slots__ = ("_length", "_parts")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that `data` completes."""
        *whole, last = data.split(b"\n")
        for line in whole:
            yield from self._add(line + b"\n")
            yield from self.rest()
        if last:
            yield from self._add(last)

    def rest(self) -> Iterator[bytes]:
        """Yield what is there of a line that has not ended."""
        if self._parts:
            line = b"".join(self._parts)
            self._parts, self._length = [], 0
            yield line

    def _add(self, piece: bytes) -> Iterator[bytes]:
        if self._length + len(piece) > LONGEST:
            yield from self.rest()
        self._parts.append(piece)
        self._length += len(piece)
