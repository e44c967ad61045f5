"""The parts of a delegation: what each looks at, makes, changes and takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from xswitch.delegation.account import Refused
from xswitch.errors import XswitchError

if TYPE_CHECKING:
    from xswitch.delegation.record import Entry
    from xswitch.editing.diff import DiffLine

_MARK = "xswitch:"
TRUSTING, TRUSTED, HERE = "trusting", "trusted", "here"
GONE = "gone"


class Status:
    """How what is there compares with what is wanted; the values are part of the JSON."""

    EXISTS = "exists"
    CREATE = "create"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class Seen:
    """What was found: `note` says why it is unknown or what else is there, `facts` is what was there."""

    __slots__ = ("difference", "facts", "note", "status")

    def __init__(
        self,
        status: str,
        *,
        note: str = "",
        difference: list[DiffLine] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        self.status = status
        self.note = note
        self.difference = difference or []
        self.facts = facts or {}


class Changed(XswitchError):  # noqa: N818 - what others have done is no error of theirs
    """What we made was changed by others since, and is not touched."""


class Step:
    """One thing that a delegation needs. `document` is what is shown of it: a policy, or settings.

    All methods make calls, and raise XswitchError where those fail.
    """

    id = ""
    side = TRUSTING
    # What a profile needs for `look`.
    needs = ""
    # AWS's reasons for which to try again: they go away when IAM has spread what was just made.
    patience: ClassVar[tuple[str, ...]] = ("ConcurrentModification", "ServiceFailure")
    # Whether making what may be there already does no harm, and whether AWS refuses it then.
    is_safe_unseen: ClassVar[bool] = True
    fails_where_it_exists: ClassVar[bool] = True
    # The id of the step that makes what this one is a part of, and goes with.
    part_of = ""

    account_id = ""
    title = ""
    action = ""
    updates = ""  # the action where it is there and differs, if that is another one
    resource = ""
    document: dict[str, Any] | None = None

    def look(self) -> Seen:
        """Return what is there; unknown where the profile may not see it."""
        try:
            return self.compare()
        except Refused as error:
            if not error.is_denied:
                raise
            return Seen(Status.UNKNOWN, note=f"that may not be looked at: it needs {self.needs}")

    def compare(self) -> Seen:
        """Compare what is there with what is wanted."""
        raise NotImplementedError

    def make(self, entry: Entry) -> None:
        """Create it, and add to the entry's facts what is known only then."""
        raise NotImplementedError

    def update(self, entry: Entry) -> None:
        """Change what is there into what is wanted."""
        raise NotImplementedError

    def is_ours(self, entry: Entry) -> bool:
        """Tell whether what is there came from the call that the entry intended; completes its facts."""
        raise NotImplementedError

    def check_undo(self, entry: Entry) -> str:
        """Return GONE where nothing is left to undo, "" where there is. `Changed` where others changed it."""
        raise NotImplementedError

    def undo(self, entry: Entry) -> None:
        """Take it back; `check_undo` has found that it can be."""
        raise NotImplementedError


def marked(description: str, marker: str) -> str:
    """Return a description in which what was created says by whom: IAM keeps it, and asks no right for it."""
    return f"{description} [{_MARK}{marker}]"


def has_mark(what: dict[str, Any], entry: Entry) -> bool:
    """Tell whether what is there was created by the call of that entry."""
    return f"[{_MARK}{entry.facts['marker']}]" in str(what.get("Description", ""))
