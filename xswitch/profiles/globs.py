"""Globs over names: `*`, `?` and `[…]`; upper and lower case are the same."""

from __future__ import annotations

_SPECIAL = frozenset("*?[")


def is_glob(text: str) -> bool:
    """Tell whether `text` has a letter that stands for others."""
    return not _SPECIAL.isdisjoint(text)


def glob_matches(pattern: str, text: str) -> bool:
    """Tell whether the glob matches the whole of `text`, as `fnmatch` would.

    `fnmatch` loads the regular expressions, which the fast commands do without; only `[…]` needs it here.
    """
    pattern, text = pattern.lower(), text.lower()
    if "[" in pattern:
        from fnmatch import fnmatchcase

        return fnmatchcase(text, pattern)
    if not is_glob(pattern):
        return pattern == text
    at = start = 0
    star = -1  # where the last `*` stands; it takes the text up to `start`
    position = 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, start = at, position
            at += 1
        elif at < len(pattern) and pattern[at] in {"?", text[position]}:
            at += 1
            position += 1
        elif star >= 0:
            start += 1
            at, position = star + 1, start
        else:
            return False
    return all(char == "*" for char in pattern[at:])
