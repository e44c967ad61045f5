"""JSON read, and its strings written, without `json`, whose regular expressions cost half a Python start."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class _Context:
    """What CPython's scanner asks of a `json.JSONDecoder`."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def _scanner() -> Callable[[str, int], tuple[object, int]] | None:
    try:
        from _json import make_scanner

        return make_scanner(_Context())  # type: ignore[arg-type]
    except (ImportError, AttributeError, TypeError):  # or has one that we do not know
        return None


def _encoder() -> Callable[[str], str]:
    try:
        from _json import encode_basestring_ascii  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from json import dumps

        return dumps
    encode: Callable[[str], str] = encode_basestring_ascii
    return encode


_scan = _scanner()
_encode = _encoder()


def quoted(text: str) -> str:
    """Return `text` as a JSON string, in ASCII (as `json.dumps` does)."""
    return _encode(text)


def loads(text: str) -> object:
    """Return what the JSON document `text` holds; ValueError where it is none (`json.loads`' own)."""
    text = text.strip(" \t\n\r")
    if _scan is not None:
        try:
            value, end = _scan(text, 0)
        except (StopIteration, RecursionError, ValueError, SystemError):
            pass  # not JSON: let `json` say so (the scanner of Python 3.11 fails to where that is not loaded)
        else:
            if end == len(text):
                return value
    import json

    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
