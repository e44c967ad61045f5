"""What a terminal answers when a program asks what it is: without it, programs wait or draw otherwise."""

from __future__ import annotations

import re

_ANSWERS = [
    (re.compile(question), answer)
    for question, answer in (
        (rb"\x1b\[0?c", b"\x1b[?62;22c"),  # what it is: a VT220 with colours
        (rb"\x1b\[>0?c", b"\x1b[>1;10;0c"),  # its version
        (rb"\x1b\[>0?q", b"\x1bP>|benchmark\x1b\\"),  # its name
        (rb"\x1b\[5n", b"\x1b[0n"),  # whether it is well
        (rb"\x1b\[6n", b"\x1b[1;1R"),  # where the cursor is
        (rb"\x1b\[\?u", b"\x1b[?0u"),  # how it sends keys: as of old
        (rb"\x1b\[\?2026\$p", b"\x1b[?2026;2$y"),  # it can show an update as a whole
        (rb"\x1b\[\?((?!2026)\d+)\$p", b"\x1b[?%b;0$y"),  # it does not know the other modes
        (rb"\x1b\](1[01]);\?(?:\x07|\x1b\\)", b"\x1b]%b;rgb:0000/0000/0000\x1b\\"),  # its colours
    )
]
_LONGEST = 16


class Answers:
    """Finds the questions in a program's output, in whatever parts it comes."""

    def __init__(self) -> None:
        self._rest = b""

    def to(self, output: bytes) -> bytes:
        """Return what the terminal types in answer to this part of the output."""
        output = self._rest + output
        found = sorted(
            (match.start(), match.end(), answer % match.groups())
            for question, answer in _ANSWERS
            for match in question.finditer(output)
        )
        end = found[-1][1] if found else 0
        self._rest = output[max(end, len(output) - _LONGEST) :]
        return b"".join(answer for _, _, answer in found)
