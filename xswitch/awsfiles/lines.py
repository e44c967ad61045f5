"""What each line of a file is: the state machine of Python's `configparser` (`RawConfigParser._read`).

The one place that knows it, for reading (`reader`) and for editing (`document`) alike.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLANK = "blank"
COMMENT = "comment"  # only whole lines are
HEADER = "header"
OPTION = "option"
CONTINUATION = "continuation"  # indented deeper than the option whose value it continues
NO_DELIMITER = "no-delimiter"
EMPTY_KEY = "empty-key"
OUTSIDE = "outside"  # text before the first section


def classify(lines: Iterable[str], *, inside: bool) -> Iterator[tuple[str, str, int, int]]:
    """Yield for each line its kind, its stripped text, its indentation, and a position in the text.

    The position is that of the bracket that closes a header, and of an option's delimiter; else it means
    nothing. `inside` tells whether the first line stands in a section. A blank line is a part of the value
    above it where a continuation follows.
    """
    continues = False
    level = 0
    for line in lines:
        text = line.strip()
        if not text:
            yield BLANK, text, 0, 0
            continue
        if text[0] in "#;":
            yield COMMENT, text, 0, 0
            continue
        indent = 0 if line[0] == text[0] else len(line) - len(line.lstrip())
        if continues and indent > level:
            yield CONTINUATION, text, indent, 0
            continue
        level = indent
        if text[0] == "[" and (end := text.rfind("]")) > 1:
            inside, continues = True, False
            yield HEADER, text, indent, end
        elif not inside:
            yield OUTSIDE, text, indent, 0
        else:
            position = _delimiter(text)
            if position > 0:
                continues = True
                yield OPTION, text, indent, position
            elif position == 0:
                continues = False
                yield EMPTY_KEY, text, indent, 0
            else:
                yield NO_DELIMITER, text, indent, 0


def _delimiter(text: str) -> int:
    position = text.find("=")
    colon = text.find(":", 0, position if position >= 0 else None)
    return colon if colon >= 0 else position
