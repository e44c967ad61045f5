"""The parts of a delegation: what each looks at, makes, changes and takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from xswitch.errors import XswitchError

if TYPE_CHECKING:
    from xswitch.delegation.record import Entry
    from xswitch.editing.diff import DiffLine

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

    id: ClassVar[str]
    side: ClassVar[str] = TRUSTING
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
    resource = ""
    document: dict[str, Any] | None = None

    def look(self) -> Seen:
        """Return what is there."""
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
