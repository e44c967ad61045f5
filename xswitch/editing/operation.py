"""What is to be done to the profiles, as data; nothing is read or written before an `Editor` takes it."""

from __future__ import annotations

from xswitch.errors import XswitchError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from xswitch.editing.changes import Change
    from xswitch.profiles.collection import Profiles


class FieldError(XswitchError):
    """What was given for one setting cannot be taken; `field` is its key, `name` for the profile's name."""

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


class Plan:
    """The changes of an operation, and what they do to the names of profiles.

    `touched` are the keys by profile that may differ afterwards, in profiles that are there before and after;
    `followers` those of them that only go on naming the same profile.
    """

    __slots__ = ("added", "changes", "followers", "removed", "touched")

    def __init__(
        self,
        changes: list[Change],
        *,
        added: frozenset[str] = frozenset(),
        removed: frozenset[str] = frozenset(),
        touched: Mapping[str, Collection[str]] | None = None,
        followers: frozenset[str] = frozenset(),
    ) -> None:
        self.changes = changes
        self.added = added
        self.removed = removed
        self.touched = touched or {}
        self.followers = followers

    @property
    def subjects(self) -> frozenset[str]:
        """The profiles that are there before and mean something else afterwards, or are gone."""
        return (self.removed | self.touched.keys()) - self.followers

    @property
    def deleted(self) -> frozenset[str]:
        """The profiles that are gone afterwards; one that is renamed comes in its place."""
        return self.removed if not self.added else frozenset()


class Operation:
    """Something to do: `title` says what (never with a secret), `profile` is the one to look at afterwards.

    `plan` works it out for the profiles as they are at that moment. XswitchError where it cannot be done.
    """

    __slots__ = ("plan", "profile", "title")

    def __init__(self, title: str, profile: str, plan: Callable[[Profiles], Plan]) -> None:
        self.title = printable(title)
        self.profile = profile
        self.plan = plan

    def __repr__(self) -> str:
        return f"Operation({self.title!r})"
