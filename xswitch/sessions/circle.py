"""Obtaining a session must not start itself: the programs that profiles name may start xswitch again.

What the files tell of a circle is refused at once. For the rest, scripts in between, each obtaining that runs
such a program says in its environment what it obtains, and refuses what a process above it is obtaining.
"""

from __future__ import annotations

import os
import re
import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING

from xswitch.errors import XswitchError
from xswitch.profiles.profile import Kind
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles

# Two lines for each: the name of a profile (no name has a line break) and the files that it stands in, or the
# serial of an MFA device and `_DEVICE`.
_OBTAINING = "XSWITCH_OBTAINING"
_DEVICE = "mfa"
_FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
# What may stand before `xswitch` on a command line and leaves it on this machine, to this user.
_STAYS = re.compile(r"env|nice|nohup|-m|(python|pypy)[\d.]*")
_ANEW = ("-i", "-", "--ignore-environment")  # the options of `env` that begin without variables


def refuse_circle(profiles: Profiles, name: str, places: Locations) -> None:
    """Refuse to obtain what would start itself; XswitchError that names the way."""
    names = [name]
    while (following := _started_for(profiles, names[-1])) is not None:
        if following in names:
            raise _circle([*names[names.index(following) :], following])
        names.append(following)
    started, this = _started(os.environ), _profile(name, places)
    if this in started:
        raise _circle([other for other, where in started[started.index(this) :] if where != _DEVICE] + [name])
    for member in (*profiles.hops(name), profiles.root(name)):
        if (member.text("mfa_serial"), _DEVICE) in started:
            text = f"{printable(name)} needs a code of the MFA device whose mfa_process asks for it"
            raise XswitchError(text, "name there a program that does without this profile")


@contextmanager
def obtaining(name: str, places: Locations) -> Iterator[None]:
    """Say to the processes that are started meanwhile that this one obtains the profile `name`."""
    before = os.environ.get(_OBTAINING)
    os.environ[_OBTAINING] = _with(os.environ, _profile(name, places))
    try:
        yield
    finally:
        if before is None:
            del os.environ[_OBTAINING]
        else:
            os.environ[_OBTAINING] = before


def asking(serial: str) -> dict[str, str]:
    """Return the environment for the `mfa_process` of a device."""
    return {**os.environ, _OBTAINING: _with(os.environ, (serial, _DEVICE))}


def _started(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    lines = environ.get(_OBTAINING, "").split("\n")
    return list(zip(lines[::2], lines[1::2], strict=False))


def _with(environ: Mapping[str, str], this: tuple[str, str]) -> str:
    return "\n".join(line for entry in (*_started(environ), this) for line in entry)


def _profile(name: str, places: Locations) -> tuple[str, str]:
    return name, f"{places.config}:{places.credentials}".replace("\n", " ")


def _started_for(profiles: Profiles, name: str) -> str | None:
    """Return the profile for which obtaining `name` starts xswitch, as far as the files tell, or None."""
    root = profiles.root(name)
    if profiles.root_kind(name) != Kind.PROCESS:
        return None
    try:
        words = shlex.split(root.text("credential_process") or "")  # as botocore does
    except ValueError:
        return None
    position = next((at for at, word in enumerate(words) if os.path.basename(word) == "xswitch"), None)
    if position is None or not _has_our_files(words[:position]):
        return None
    return next((word for word in words[position + 2 :] if word in profiles), None)  # after the verb


def _has_our_files(before: Sequence[str]) -> bool:
    """Tell whether what stands before a command is known to leave it the files that this process reads.

    `env A=b`, `nice`, `python -m` are; of anything else (`ssh`, `sudo`, `docker`) that cannot be told.
    """
    child = {} if set(_ANEW) & set(before) else dict(os.environ)
    for word in before:
        name, equals, value = word.partition("=")
        if equals and name.isidentifier():
            child[name] = value
        elif word not in _ANEW and not _STAYS.fullmatch(os.path.basename(word)):
            return False
    home = os.path.expanduser("~")
    same = all(child.get(name) == os.environ.get(name) for name in _FILES)
    return same and child.get("HOME", home) == home


def _circle(names: Sequence[str]) -> XswitchError:
    shown = [printable(name) for name in names]
    way = f": {' → '.join(shown)}" if len(shown) > 2 else ""
    return XswitchError(
        f"{shown[0]} gets its credentials from itself, by credential_process{way}",
        "name there a profile that has credentials without xswitch",
    )
