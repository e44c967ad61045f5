"""Which profiles are meant: names, globs over names, and what is to be left out."""

from __future__ import annotations

from xswitch.errors import UsageError
from xswitch.profiles.collection import nearest
from xswitch.profiles.globs import glob_matches, is_glob
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.profiles.collection import Profiles


def select(patterns: Sequence[str], profiles: Profiles) -> list[str]:
    """Return the names that `patterns` mean, in the order of the files.

    A pattern is a name as it stands, or a glob, in which upper and lower case are the same; what is the name
    of a profile means that one, whatever letters are in it. Those with `!` before them leave out; where there
    are no others, they leave out from all. UsageError where one matches nothing (a misspelt `!` too: it would
    let the command run where it is not to), or none is left.
    """
    names = [profile.name for profile in profiles]
    known = set(names)
    excluded: set[str] = set()
    included: set[str] = set()
    wanted = False
    for pattern in patterns:
        if pattern.startswith("!") and pattern not in known:
            excluded |= _matching(pattern[1:], profiles, known, "!")
        else:
            wanted = True
            included |= _matching(pattern, profiles, known)
    chosen = [name for name in names if (name in included or not wanted) and name not in excluded]
    if not chosen:
        raise UsageError(
            "no profile is left to run under" if names else "there are no profiles", "see: xswitch list"
        )
    return chosen


def _matching(pattern: str, profiles: Profiles, known: set[str], mark: str = "") -> set[str]:
    """Return the names that a pattern means. UsageError where there are none; `mark` stood before it."""
    if pattern in known:
        return {pattern}
    found = {name for name in known if glob_matches(pattern, name)} if is_glob(pattern) else set()
    if not found:
        near = nearest(pattern, profiles)
        hint = f"did you mean {near}?" if near else "see them all with: xswitch list"
        text = f"no profile matches {printable(pattern) or 'an empty name'}"
        raise UsageError(f"{mark}{printable(pattern)} leaves nothing out: {text}" if mark else text, hint)
    return found
