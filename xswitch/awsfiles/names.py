"""The names of all profiles and nothing else, for completion: a third of what reading them costs."""

from __future__ import annotations

import os

from xswitch.awsfiles.files import read_files
from xswitch.regular import read_regular

_ENDS = frozenset(("", "\n"))  # what follows the bracket that closes a header
_PLAIN = frozenset(" \t'\"\\").isdisjoint


def read_names(config: str, credentials: str) -> list[str]:
    """Return the names of all profiles, those and in the order of `AwsFiles.profiles`."""
    try:
        names = dict.fromkeys(_in_config(_headers(config)))
        names.update(dict.fromkeys(_headers(credentials)))
    except (_OddError, OSError, UnicodeDecodeError):
        return list(read_files(config, credentials).profiles)
    return list(names)


class _OddError(Exception):
    """A file of which more has to be known than where its headers are."""


def _headers(path: str) -> list[str]:
    if path == os.devnull or not os.path.lexists(path):
        return []
    text = "\n" + read_regular(path)[0].decode()
    if "\r" in text or text.startswith("\n\ufeff") or "[DEFAULT]" in text:
        raise _OddError
    parts = text.split("\n[")[1:]
    # An indented `[` may be a header too, and so may be a text with more than one bracket.
    if text.count("[") != len(parts):
        raise _OddError
    headers = []
    for part in parts:
        end = part.find("]")
        if end < 1 or part[end + 1 : end + 2] not in _ENDS:
            raise _OddError
        headers.append(part[:end])
    if "\n" in "".join(headers):
        raise _OddError
    return headers


def _in_config(headers: list[str]) -> list[str]:
    names = []
    for header in headers:
        if header[:8] == "profile ":
            name = header[8:]
            if not name or not _PLAIN(name):
                raise _OddError
            names.append(name)
        elif header == "default":
            names.append(header)
        elif header.startswith("profile"):
            raise _OddError
    return names
