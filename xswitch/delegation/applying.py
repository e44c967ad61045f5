"""Making what a plan says, step by step, so that whatever happens in between can go on or be taken back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from xswitch.delegation import progress as say
from xswitch.delegation.account import Refused
from xswitch.delegation.record import CREATED, DONE, INTENDED, UPDATED, Entry, Record
from xswitch.delegation.step import Status
from xswitch.errors import XswitchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from xswitch.delegation.plan import Plan
    from xswitch.delegation.progress import Progress
    from xswitch.delegation.step import Seen, Step
    from xswitch.sessions.interaction import Interaction

# Seconds. IAM spreads what is made within ten or thirty; one minute is seen at times.
_SPREADING = 60
# Seconds in which what AWS says exists must have become visible.
_SHOWING = 20
_NEWS = "AWS has yet to hear of it everywhere"


class Applying:
    """One go at a plan. `record` is the journal, which may know of a go before."""

    def __init__(self, plan: Plan, record: Record, person: Interaction, progress: Progress) -> None:
        self._plan = plan
        self._record = record
        self._person = person
        self._progress = progress

    def run(self, *, update: bool) -> None:
        """Make everything. XswitchError where a step cannot be made: what was made until then stays."""
        self.check(update=update)
        for step in self._plan.work:
            self._person.pause(0)  # where the user has had enough, it ends between two steps
            self._progress(step.id, say.WORKING, "")
            try:
                done = self._do(step, update=update)
            except XswitchError as error:
                self._progress(step.id, say.FAILED, error.message)
                raise
            self._progress(step.id, done, "")

    def check(self, *, update: bool) -> None:
        """Refuse before anything is made what is known to fail."""
        known = {entry.step for entry in self._record.entries}
        for step, planned in zip(self._plan.work, self._plan.steps, strict=True):
            entry = self._record.entry(step.id)
            if planned.status == Status.DIFFERS and not (update or _is_interrupted_update(entry)):
                raise _differs(step)
            if planned.status == Status.UNKNOWN and not step.is_safe_unseen and step.id not in known:
                raise _unknown(step, planned.note)

    def _do(self, step: Step, *, update: bool) -> str:
        seen = step.look()
        entry = self._record.entry(step.id)
        # An update that was interrupted was asked for.
        was_asked = _is_interrupted_update(entry)
        is_settled = seen.status == Status.EXISTS or (seen.status == Status.DIFFERS and not was_asked)
        if entry is not None and entry.state == INTENDED and is_settled:
            entry = self._settled(step, entry)
        if seen.status == Status.EXISTS:
            return say.EXISTS
        if seen.status == Status.UNKNOWN and entry is not None and entry.state == DONE:
            return say.EXISTS
        if seen.status == Status.UNKNOWN and not self._may_make_unseen(step, entry):
            raise _unknown(step, seen.note)
        if seen.status == Status.DIFFERS:
            if not update and not was_asked:
                raise _differs(step)
            return self._update(step, seen, entry)
        return self._make(step, seen, entry)

    @staticmethod
    def _may_make_unseen(step: Step, entry: Entry | None) -> bool:
        """Tell whether nothing of anybody can be lost by making what may be there already."""
        return step.is_safe_unseen and (entry is None or entry.way == CREATED)

    def _settled(self, step: Step, entry: Entry) -> Entry | None:
        """Return an entry that was only intended, as done; None where what is there is not of our making."""
        if step.is_ours(entry):
            self._record.finish(entry)
        elif entry.way == CREATED:
            self._record.drop(entry)
            return None
        return entry

    def _update(self, step: Step, seen: Seen, entry: Entry | None) -> str:
        # What we created is deleted in the end, whatever it says: only of others' things it is kept.
        if entry is None or entry.way == UPDATED:
            # What was there before the first time is what undoing has to give back.
            facts = {**seen.facts, **(entry.facts if entry is not None else {})}
            entry = self._record.intend(step.id, step.resource, UPDATED, facts)
        self._patiently(step, entry, step.update)
        self._record.finish(entry)
        return say.UPDATED

    def _make(self, step: Step, seen: Seen, before: Entry | None) -> str:
        # AWS may not show yet what a go before has made: it is known again by the same marker.
        known = before if before is not None and before.way == CREATED else None
        facts = dict(known.facts) if known else {"marker": secrets.token_hex(8)}
        if seen.status == Status.UNKNOWN and known is None:
            facts["unseen"] = "yes"
        elif seen.status == Status.CREATE:
            facts.pop("unseen", None)
        entry = self._record.intend(step.id, step.resource, CREATED, facts)
        try:
            self._patiently(step, entry, step.make)
        except Refused as error:
            if error.code == "EntityAlreadyExists":
                return self._exists(step, entry, error, is_first=known is None)
            if known is None and not error.retried:  # AWS did not do it, and nothing is left of it
                self._record.drop(entry)
            raise
        self._record.finish(entry)
        return say.CREATED

    def _exists(self, step: Step, entry: Entry, error: Refused, *, is_first: bool) -> str:
        """Tell whether it exists by our own call, whose answer was lost, or somebody else was quicker.

        `is_first` tells that no go before may have made it.
        """
        patience = say.Patience(self._person, self._progress, step.id, _SHOWING)
        while True:
            try:
                if step.is_ours(entry):
                    self._record.finish(entry)
                    return say.CREATED
            except Refused as refused:
                # Who may not look knows of one call alone that it was not his.
                if not refused.is_denied or error.retried or not is_first:
                    raise
            if step.look().status != Status.CREATE or not patience.wait(
                "AWS does not show yet what is there"
            ):
                break
        self._record.drop(entry)
        if step.look().status != Status.EXISTS:
            raise error
        return say.EXISTS

    def _patiently(self, step: Step, entry: Entry, call: Callable[[Entry], None]) -> None:
        """Call until AWS has heard of what was made just before."""
        patience = say.Patience(self._person, self._progress, step.id, _SPREADING)
        was_tried = False
        while True:
            try:
                call(entry)
            except Refused as error:
                error.retried = error.retried or was_tried
                was_tried = True
                if error.code not in step.patience or not self._is_spreading(error):
                    raise
                if not patience.wait(_NEWS):
                    raise
            else:
                return

    def _is_spreading(self, error: Refused) -> bool:
        """Tell whether what AWS does not know may be what it was just told."""
        if error.code == "MalformedPolicyDocument":
            return "principal" in error.raw.lower()
        if error.is_missing:
            return any(entry.way == CREATED for entry in self._record.entries[:-1])
        return True


def _is_interrupted_update(entry: Entry | None) -> bool:
    return entry is not None and entry.way == UPDATED and entry.state == INTENDED


def _unknown(step: Step, note: str) -> XswitchError:
    text = f"whether there is already a {step.title} is not known ({note})"
    return XswitchError(text, "it could be written over: get that right, or have a managed policy made")


def _differs(step: Step) -> XswitchError:
    text = f"the {step.title} is there and differs from what is wanted"
    return XswitchError(text, "it is changed only when told to (--update), and given back by undo")
