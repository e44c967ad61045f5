"""Checks for what reading and resolving the profiles has met already: problems by their codes."""

from __future__ import annotations

from xswitch.doctor.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from xswitch.awsfiles.settings import Problem
    from xswitch.doctor.examined import Examined
    from xswitch.doctor.finding import Fix

_MOST_COMPARED = 20


def met(
    *codes: str, fix: Callable[[Examined, str, Problem], Fix | None] | None = None
) -> Callable[[Examined], Iterator[Finding]]:
    """Return a check that finds the problems of these codes; `fix` is asked for a way to mend each."""

    def find(examined: Examined) -> Iterator[Finding]:
        for code in codes:
            for name, problem in examined.by_code.get(code, ()):
                yield Finding(
                    problem.message,
                    (problem.file, problem.line),
                    profile=name,
                    fix=fix(examined, name, problem) if fix else None,
                )

    return find


def is_swap(one: str, other: str) -> bool:
    """Tell whether two words are the same but for two letters beside each other that have changed places."""
    if len(one) != len(other) or one == other:
        return False
    at = next(index for index, char in enumerate(one) if char != other[index])
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]


def is_slip(one: str, other: str) -> bool:
    """Tell whether two words differ in a single letter: another, one more or less, or a swap."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    at = next((index for index, char in enumerate(shorter) if char != longer[index]), len(shorter))
    return longer[at + 1 :] == shorter[at + (len(one) == len(other)) :] or is_swap(one, other)


class Nearest:
    """Finds the most like names among many, for the first few that are asked for: each takes a while."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._found: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the one that is most like `name`, "" where none is or too many others were asked for."""
        if name not in self._found:
            self._found[name] = near(name, self._names) if len(self._found) < _MOST_COMPARED else ""
        return self._found[name]


def near(name: str, names: list[str]) -> str:
    """Return the one of `names` that is most like `name`, "" where none is."""
    same = [other for other in names if other.lower() == name.lower()]
    if same:
        return same[0]
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, names, n=1, cutoff=0.7)), "")
