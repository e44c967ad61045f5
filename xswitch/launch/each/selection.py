"""Which profiles are meant: names, globs over names, and what is to be left out."""

from __future__ import annotations

from xswitch.errors import UsageError
from xswitch.profiles.finding import nearest
from xswitch.profiles.globs import glob_matches
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.profiles.collection import Profiles


def select(patterns: Sequence[str], profiles: Profiles) -> list[str]:
    """Return the names that `patterns` mean, in the order of the files.

    A pattern is a name or a glob, in which upper and lower case are the same; what is the name of a profile
    means that one, whatever letters are in it. Those with `!` before them leave out; where there are no
    others, they leave out from all. UsageError where one matches nothing, or none is left.
    """
    names = [profile.name for profile in profiles]
    known = set(names)
    excluded: set[str] = set()
    included: set[str] = set()
    wanted = False
    for pattern in patterns:
        if pattern.startswith("!") and pattern not in known:
            excluded |= _matching(pattern[1:], names, known)
            continue
        wanted = True
        found = _matching(pattern, names, known)
        if not found:
            raise _no_match(pattern, profiles)
        included |= found
    chosen = [name for name in names if (name in included or not wanted) and name not in excluded]
    if not chosen:
        raise UsageError(
            "no profile is left to run under" if names else "there are no profiles", "see: xswitch list"
        )
    return chosen


def _matching(pattern: str, names: Sequence[str], known: set[str]) -> set[str]:
    if pattern in known:
        return {pattern}
    return {name for name in names if glob_matches(pattern, name)}


def _no_match(pattern: str, profiles: Profiles) -> UsageError:
    near = nearest(pattern, profiles)
    hint = f"did you mean {near}?" if near else "see them all with: xswitch list"
    return UsageError(f"no profile matches {printable(pattern) or 'an empty name'}", hint)
