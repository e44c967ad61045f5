"""Applying a plan: live, verified, and where it fails rolled back, tried again, or left as it is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content

from xswitch.delegation.progress import ASSUME, IDENTITY
from xswitch.delegation.record import Records
from xswitch.launch.usage import Use
from xswitch.text import printable
from xswitch.tui.screens.delegate_progress import ProgressScreen
from xswitch.tui.screens.delegate_work import End, delegating, permit
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from xswitch.delegation.plan import Plan
    from xswitch.delegation.progress import Progress
    from xswitch.delegation.record import Record
    from xswitch.sessions.identity import Identity
    from xswitch.sessions.interaction import Interaction


class ApplyScreen(ProgressScreen):
    """Carries out a plan; `update` has what differs changed. Closes with how it ended."""

    BINDINGS = [
        Binding("enter", "finish", show=False),
        Binding("r", "roll_back", show=False),
        Binding("t", "again", show=False),
    ]

    def __init__(self, plan: Plan, *, update: bool) -> None:
        self._plan = plan
        self._request = plan.blueprint.request
        self._delegation = self._request.profile
        self._update = update
        self._confirmed: set[str] = set()
        self._end: End | None = None
        self._failed = False
        self._worked = False
        titles = {step.id: printable(step.title) for step in plan.steps}
        titles |= {ASSUME: "assume the role", IDENTITY: f"who {printable(self._delegation)} is"}
        super().__init__(f"Applying: {printable(self._delegation)}", titles)

    def on_mount(self) -> None:
        """Begin at once: the plan was confirmed."""
        record = self._record
        self._worked = record is not None and record.is_verified
        self._apply()

    # -- applying ---------------------------------------------------------------------------------

    def carry_out(self, person: Interaction, progress: Progress) -> Identity:
        """Carry out the plan, in a thread; return who one is under the new profile."""
        request = self._request
        parties = request.trusting, request.trusted, request.source_profile
        permit(self.xswitch, person, self._confirmed, self._uses(Use.EDIT if self._update else ""))
        return delegating(self.xswitch, person, *parties).apply(self._plan, progress, update=self._update)

    def _uses(self, of_profile: str) -> dict[str, str]:
        """Return what is done with the parties, and with the role profile where that is something."""
        request = self._request
        uses = {request.profile: of_profile} if of_profile else {}
        return {**uses, **dict.fromkeys((request.trusting, request.trusted), Use.DELEGATE)}

    def _apply(self) -> None:
        self._failed = False
        self.run_job("applying", self.carry_out, self._applied)

    def _applied(self, identity: Identity) -> None:
        arn = printable(identity.arn)
        self._end = End(self._delegation, f"{printable(self._delegation)} works: {arn}")
        who = self.query_one("#identity", Text)
        who.show(Content.assemble(("✓ AWS says that you are\n", ""), (arn, "bold")))
        who.display = True
        self.show_keys("⏎ to the new profile")

    def ended_early(self) -> None:
        """Offer to roll back, to try again, and to leave it."""
        self._failed = True
        roll_back = ["r roll back"] if self._is_begun else []
        self.show_keys(*roll_back, "t try again: goes on from here", "esc leave it as it is")

    @property
    def _is_begun(self) -> bool:
        """Whether something was made that can be rolled back: not what worked before."""
        return self._record is not None and not self._worked

    @property
    def _record(self) -> Record | None:
        """The journal of the delegation, None where nothing was made or it cannot be read."""
        records = Records(self.xswitch.locations).all()
        return next((record for record in records if record.name == self._delegation), None)

    def action_again(self) -> None:
        """Go on where it ended."""
        if self._failed and not self.is_busy:
            self._apply()

    def action_roll_back(self) -> None:
        """Take down what was made."""
        if not self._failed or self.is_busy or not self._is_begun:
            return
        self._failed = False

        def work(person: Interaction, progress: Progress) -> None:
            request = self._request
            permit(self.xswitch, person, self._confirmed, self._uses(Use.DELETE))
            delegating(self.xswitch, person, request.trusting, request.trusted).undo(
                self._delegation, progress
            )

        self.run_job("rolling back", work, self._rolled_back)

    def _rolled_back(self, _: object) -> None:
        self._end = End(told=f"{self._delegation}: what was made is taken down again")
        self.tell(("✓ rolled back: what was made is taken down again", "$text-success"))
        self.show_keys("⏎ back to the form")

    # -- closing ----------------------------------------------------------------------------------

    def action_finish(self) -> None:
        """Close where it is done."""
        if self._end is not None:
            self.dismiss(self._end)

    def close(self) -> None:
        """Close; where something was made and left, say how to take it back."""
        end = self._end
        if end is None and self._is_begun:
            name = printable(shlex.quote(self._delegation))
            end = End(
                told=f"left as it is; xswitch delegate undo {name} takes it back, ^s and ⏎ go on with it"
            )
        self.dismiss(end)
