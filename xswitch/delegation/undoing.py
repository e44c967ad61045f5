"""Taking down what a journal says, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.delegation import progress as say
from xswitch.delegation.account import Refused
from xswitch.delegation.record import CREATED, INTENDED
from xswitch.delegation.step import GONE, HERE, Changed
from xswitch.errors import XswitchError

if TYPE_CHECKING:
    from xswitch.delegation.progress import Progress
    from xswitch.delegation.record import Entry, Record
    from xswitch.delegation.step import Step
    from xswitch.sessions.interaction import Interaction

# Seconds in which a policy that was detached may still count as attached.
_SPREADING = 30
# Seconds after a call in which AWS may not show yet what it has made.
_SHOWING = 10
_PATIENCE = {"DeleteConflict", "ConcurrentModification", "ServiceFailure"}


class Undoing:
    """One go at taking down `work`: the entries of `record`, the last first, each with its step."""

    def __init__(
        self, record: Record, work: list[tuple[Step, Entry]], person: Interaction, progress: Progress
    ) -> None:
        self._record = record
        self._work = work
        self._person = person
        self._progress = progress

    def run(self) -> None:
        """Take everything down, the last first.

        All of it is looked at before: where others have changed something since, nothing is touched.
        """
        gone: set[str] = set()
        for step, entry in reversed(self._work):
            # Of a role that is another one now, the policies are another one's too.
            parent = self._record.entry(step.part_of)
            is_with = parent is not None and parent.way == CREATED and step.part_of in gone
            if is_with or self._is_gone(step, entry):
                gone.add(step.id)
        self._record.is_verified = False  # saved with the first that is taken down
        for step, entry in self._work:
            self._person.pause(0)
            self._progress(step.id, say.WORKING, "")
            if step.id in gone:
                done = say.GONE
            elif self._is_left(step, entry):
                done = say.LEFT
            else:
                done = self._undo(step, entry)
            self._record.drop(entry)
            self._progress(step.id, done, "")

    def _is_left(self, step: Step, entry: Entry) -> bool:
        """Tell whether it may have been there before, which nobody could see, and is not of our own role."""
        parent = self._record.entry(step.part_of)
        is_of_ours = parent is not None and parent.way == CREATED
        return not step.fails_where_it_exists and "unseen" in entry.facts and not is_of_ours

    def _is_gone(self, step: Step, entry: Entry) -> bool:
        left = 0 if step.side == HERE else _SHOWING - entry.age
        patience = say.Patience(self._person, self._progress, step.id, max(0, min(left, _SHOWING)))
        while self._looks_gone(step, entry):
            if not patience.wait("AWS may not show yet what was just made"):
                return True
        return False

    def _looks_gone(self, step: Step, entry: Entry) -> bool:
        try:
            if entry.state == INTENDED and not step.is_ours(entry):
                return True
            return step.check_undo(entry) == GONE
        except Changed as error:
            self._progress(step.id, say.LEFT, error.message)
            raise

    def _undo(self, step: Step, entry: Entry) -> str:
        patience = say.Patience(self._person, self._progress, step.id, _SPREADING)
        while True:
            try:
                step.undo(entry)
            except Refused as error:
                if error.is_missing:
                    return say.GONE
                if error.code not in _PATIENCE or not patience.wait("AWS has yet to hear of it everywhere"):
                    self._progress(step.id, say.FAILED, error.message)
                    raise
            except XswitchError as error:
                self._progress(step.id, say.FAILED, error.message)
                raise
            else:
                return say.REMOVED if entry.way == CREATED else say.RESTORED
