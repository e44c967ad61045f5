"""Reading JSON without loading `json`, whose regular expressions cost more than half a Python start."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

try:
    from _json import make_scanner  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    make_scanner = None


class _Context:
    """What CPython's scanner asks of a `json.JSONDecoder`."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: dict[str, str] = {}  # noqa: RUF012 - the scanner's own scratch space


def loads(text: str) -> object:
    """Return what the JSON document `text` holds; ValueError where it is none (`json.loads`' own)."""
    text = text.strip(" \t\n\r")
    try:
        scan: Callable[[str, int], tuple[object, int]] = make_scanner(_Context())
        value, end = scan(text, 0)
    except (StopIteration, TypeError, AttributeError, RecursionError, ValueError):
        pass  # not JSON, or not the scanner we know: let `json` say which
    else:
        if end == len(text):
            return value
    import json  # noqa: PLC0415 - see the module's docstring

    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
