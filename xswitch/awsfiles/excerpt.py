"""Reading from thousands of profiles only the one that is wanted and what it sources from.

Reading every header of a file of 5,000 profiles costs about as much as a Python start. An excerpt is found
by searching for names, where every spelling that could mean the same name can be searched for; there it is
exactly what reading the whole file would give for that profile. Of any other file there is no excerpt.
"""

from __future__ import annotations

import os
import stat

from xswitch.awsfiles.files import AwsFiles
from xswitch.awsfiles.ini import IniFile

# With one of these a header may mean another name than the one it spells, or a line be another line.
_UNPLAIN = ("\r", "\t", '"', "'", "\\", "[DEFAULT]")
_LONGEST_CHAIN = 8
_MOST_SSO_SESSIONS = 20


def read_excerpt(config: str, credentials: str, name: str) -> AwsFiles | None:
    """Return the profile `name`, its sources and every SSO session, all with their lines.

    None where that takes reading the files whole, which tells of problems too.
    """
    try:
        texts = _Text(config), _Text(credentials)
        _choose(*texts, name)
    except _NoExcerptError:
        return None
    excerpt = AwsFiles(IniFile(config, texts[0].chosen()), IniFile(credentials, texts[1].chosen()), [])
    return excerpt if name in excerpt.names else None


class _NoExcerptError(Exception):
    """The profile needs more of the files than an excerpt gives."""


class _Text:
    """A file's text between two line breaks, and the sections chosen from it, as {start: end}."""

    def __init__(self, path: str) -> None:
        self._sections: dict[int, int] = {}
        self._text = f"\n{_read(path)}\n"
        if any(mark in self._text for mark in _UNPLAIN):
            raise _NoExcerptError

    def choose(self, header: str, *others: str) -> str | None:
        """Choose the section and return its lines, or None where there is none.

        `others` are texts that other headers of the same meaning have, and the header itself may have once.
        """
        start = self._text.find(f"\n[{header}]\n")
        found = 1 if start >= 0 else 0
        if any(self._text.count(other) > (found if other in f"[{header}]" else 0) for other in others):
            raise _NoExcerptError
        return self._take(start) if found else None

    def choose_all(self, beginning: str) -> None:
        """Choose every section whose header begins so."""
        if self._text.count(f"[{beginning}") > _MOST_SSO_SESSIONS:
            raise _NoExcerptError
        start = -1
        while (start := self._text.find(f"[{beginning}", start + 1)) >= 0:
            if self._text[start - 1] != "\n":
                raise _NoExcerptError
            self._take(start - 1)

    def _take(self, start: int) -> str:
        end = self._text.find("\n[", start + 1)
        self._sections[start] = end = end if end >= 0 else len(self._text)
        return self._text[start:end]

    def chosen(self) -> str:
        """Return the chosen sections on their own lines, the lines between them empty."""
        pieces = []
        position = 1
        for start, end in sorted(self._sections.items()):
            pieces += ["\n" * self._text.count("\n", position, start + 1), self._text[start + 1 : end]]
            position = end
        return "".join(pieces)


def _read(path: str) -> str:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise _NoExcerptError
        with open(path, "rb") as file:
            return file.read().decode("ascii")
    except FileNotFoundError:
        if os.path.islink(path):
            raise _NoExcerptError from None
        return ""
    except (OSError, ValueError):
        raise _NoExcerptError from None


def _choose(config: _Text, credentials: _Text, name: str) -> None:
    config.choose_all("sso-session")
    seen: set[str] = set()
    wanted = [name]
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        if not name.isprintable() or " " in name or "[" in name or "]" in name or len(seen) > _LONGEST_CHAIN:
            raise _NoExcerptError
        bodies = [
            config.choose(f"profile {name}", f" {name}]", f" {name} "),
            credentials.choose(name, f"[{name}]"),
        ]
        if name == "default":
            bodies.append(config.choose("default", "[default]"))
            if bodies[0] is not None and bodies[2] is not None:
                raise _NoExcerptError  # the later one counts, and the earlier one is a problem
        for body in bodies:
            wanted += _sources(body or "")


def _sources(body: str) -> list[str]:
    """Return every name that may be the value of `source_profile`; one too many does no harm."""
    found = []
    for line in body.split("\n"):
        if "source_profile" in line.lower():
            found += [part[2].strip() for part in (line.partition("="), line.partition(":")) if part[1]]
    return [name for name in found if name]
