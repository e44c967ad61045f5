"""Reading from thousands of profiles only the one that is wanted and what it sources from, or some names.

Reading every header of a file of 5,000 profiles costs about as much as half a Python start. An excerpt is
found by searching for names, where every spelling that could mean the same name can be searched for; there it
is exactly what reading the whole file would give for that profile. Of any other file there is no excerpt.
"""

from __future__ import annotations

import os
import stat

from xswitch.awsfiles.files import AwsFiles
from xswitch.awsfiles.ini import IniFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# With one of these a header may mean another name than the one it spells, or a line be another line.
_UNPLAIN = (b"\r", b"\t", b'"', b"'", b"\\", b"[DEFAULT]")
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


def read_names(config: str, credentials: str, beginning: str) -> list[str] | None:
    """Return the names of the profiles that begin so, in the order of `AwsFiles.names`; None as above."""
    if any(letter in beginning for letter in " []") or not beginning.isascii():
        return None
    try:
        texts = _Text(config), _Text(credentials)
        found = texts[0].names("[profile ", beginning)
        if "default".startswith(beginning):
            found |= texts[0].names("[", "default]")
        # Each header is one of these, so none may mean a profile in another spelling.
        kinds = ("[profile ", "[default]", "[sso-session ", "[services ")
        if not texts[0].has_only(*kinds) or texts[0].has("[profile  ") or not texts[1].has_only("["):
            return None
        names = [found[position] for position in sorted(found)]
        return list(dict.fromkeys([*names, *texts[1].names("[", beginning).values()]))
    except _NoExcerptError:
        return None


class _NoExcerptError(Exception):
    """The profile needs more of the files than an excerpt gives."""


class _Text:
    """A file's text, and the sections chosen from it, as {start: end}."""

    def __init__(self, path: str) -> None:
        self._sections: dict[int, int] = {}
        self._text = text = _read(path)
        if not text.isascii() or any(mark in text for mark in _UNPLAIN):
            raise _NoExcerptError

    def choose(self, header: str, mark: str, after: bytes = b"") -> str:
        """Choose the section and return its lines, "" where there is none.

        `mark`, with one of the letters of `after` behind it, is in every header that may mean the same. It
        may stand nowhere else.
        """
        line, end = f"[{header}]\n".encode(), len(mark)
        found = [start for start in self._places(mark) if not after or self._text[start + end] in after]
        if not found:
            return ""
        start = found[0] + end + (2 if after else 1) - len(line)
        if len(found) > 1 or not self._begins_line(start) or self._text[start : start + len(line)] != line:
            raise _NoExcerptError
        return self._take(start)

    def choose_all(self, beginning: str) -> None:
        """Choose every section whose header begins so."""
        for number, start in enumerate(self._places(f"[{beginning}")):
            if number == _MOST_SSO_SESSIONS or not self._begins_line(start):
                raise _NoExcerptError
            self._take(start)

    def names(self, before: str, beginning: str) -> dict[int, str]:
        """Return, by their places, the names that begin so in headers that have `before` before the name."""
        found = {}
        for start in self._places(f"{before}{beginning}"):
            end = self._text.find(b"\n", start)
            name = self._text[start + len(before) : end]
            if name[-1:] != b"]" or len(name) == 1 or b" " in name or b"]" in name[:-1]:
                raise _NoExcerptError
            found[start] = name[:-1].decode()
        return found

    def has(self, text: str) -> bool:
        """Tell whether a text stands in it somewhere."""
        return text.encode() in self._text

    def has_only(self, *beginnings: str) -> bool:
        """Tell whether every `[` begins a line, and that line with one of these."""
        count = sum(
            self._text.count(f"\n{beginning}".encode()) + self._text.startswith(beginning.encode())
            for beginning in beginnings
        )
        return count == self._text.count(b"[")

    def _places(self, text: str) -> Iterator[int]:
        mark = text.encode()
        start = self._text.find(mark)
        while start >= 0:
            yield start
            start = self._text.find(mark, start + 1)

    def _begins_line(self, position: int) -> bool:
        return position == 0 or self._text[position - 1 : position] == b"\n"

    def _take(self, start: int) -> str:
        end = self._text.find(b"\n[", start) + 1
        if end:
            line = self._text[end : self._text.find(b"\n", end)]
            if line.rfind(b"]") < 2:
                raise _NoExcerptError  # no header, so it belongs to this section
        self._sections[start] = end = end or len(self._text)
        return self._text[start:end].decode()

    def chosen(self) -> str:
        """Return the chosen sections on their own lines, the lines between them empty."""
        pieces = []
        position = 0
        for start, end in sorted(self._sections.items()):
            pieces += [b"\n" * self._text.count(b"\n", position, start), self._text[start:end]]
            position = end
        return b"".join(pieces).decode()


def _read(path: str) -> bytes:
    """Return the content of a file, its last line ended."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise _NoExcerptError
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        if os.path.islink(path):
            raise _NoExcerptError from None
        return b""
    except (OSError, ValueError):
        raise _NoExcerptError from None
    return content if content.endswith(b"\n") else content + b"\n"


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
        bodies = [config.choose(f"profile {name}", f" {name}", b" ]"), credentials.choose(name, f"[{name}]")]
        if name == "default":
            bodies.append(config.choose("default", "[default]"))
            if bodies[0] and bodies[2]:
                raise _NoExcerptError  # the later one counts, and the earlier one is a problem
        for body in bodies:
            wanted += _sources(body)


def _sources(body: str) -> list[str]:
    """Return every name that may be the value of `source_profile`; one too many does no harm."""
    found = []
    for line in body.split("\n"):
        if "source_profile" in line.lower():
            found += [part[2].strip() for part in (line.partition("="), line.partition(":")) if part[1]]
    return [name for name in found if name]
