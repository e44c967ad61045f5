"""Delegations that are there: taking one down, going on with one, or setting up another."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList

from xswitch.launch.usage import Use
from xswitch.profiles.arn import role_name
from xswitch.text import printable
from xswitch.tui.rows import account_label
from xswitch.tui.screens.copy import Menu
from xswitch.tui.screens.delegate_progress import ProgressScreen
from xswitch.tui.screens.delegate_work import End, delegating, permit, refuse
from xswitch.tui.screens.working import WorkingScreen
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from xswitch.delegation.plan import Plan
    from xswitch.delegation.progress import Progress
    from xswitch.delegation.record import Record
    from xswitch.sessions.interaction import Interaction

LOOK, PLAN = ("", "look"), ("", "plan")
_TITLES = {
    "role": "the role",
    "role-policy": "the role's permissions",
    "trusted-policy": "the right to assume it",
    "trusted-attach": "who has that right",
    "profile": "the profile",
}


class UndoScreen(ProgressScreen):
    """Shows what taking down a delegation would remove, and does it. Closes with how it ended."""

    BINDINGS = [Binding("enter", "go_on", show=False)]

    def __init__(self, record: Record) -> None:
        super().__init__(f"Take down: {printable(record.name)}", {})
        blueprint = record.blueprint
        self._delegation = record.name
        self._parties = blueprint.trusting.profile, blueprint.trusted.profile
        self._source = blueprint.request.source_profile
        self._confirmed: set[str] = set()
        self._end: End | None = None
        self._is_known = False

    def on_mount(self) -> None:
        """Find out what would be removed: nobody is asked for that."""
        self.start(
            LOOK,
            "reading",
            lambda person: delegating(self.xswitch, person).undo_plan(self._delegation),
            self._show,
        )

    def _show(self, sentences: list[str]) -> None:
        self._is_known = True
        self.tell(*[(f"- {sentence}", "") for sentence in sentences])
        self.show_keys("⏎ take it down", "esc leave it")

    def title_of(self, step: str) -> str:
        """Return what a step is called."""
        return _TITLES.get(step, step)

    def action_go_on(self) -> None:
        """Take it down; where that is done, close."""
        if self._end is not None:
            self.dismiss(self._end)
        elif self._is_known and not self.is_busy:
            self.run_job("taking down", self._undo, self._undone)

    def _undo(self, person: Interaction, progress: Progress) -> None:
        uses = dict.fromkeys(self._parties, Use.DELEGATE)
        permit(self.xswitch, person, self._confirmed, {self._delegation: Use.DELETE, **uses})
        delegating(self.xswitch, person, *self._parties).undo(self._delegation, progress)

    def _undone(self, _: object) -> None:
        self._end = End(self._source, f"{printable(self._delegation)} is taken down")
        self.tell(("✓ taken down: both accounts and the config file are as before", "$text-success"))
        self.show_keys("⏎ close")

    def ended_early(self) -> None:
        """Offer to try again."""
        self.show_keys("⏎ try again", "esc leave it as it is")

    def close(self) -> None:
        """Close."""
        self.dismiss(self._end)


class DelegationsScreen(WorkingScreen[End]):
    """Asks what to do about the delegations that are here, `new` being what opens the wizard instead."""

    def __init__(self, records: Sequence[Record], new: Callable[[], None]) -> None:
        super().__init__("Delegations")
        self._choices: list[tuple[str, str, Callable[[], None]]] = []
        for record in records:
            account = account_label(record.blueprint.trusting.account_id)
            about = (
                f"{printable(record.name)}: {printable(role_name(record.blueprint.role_arn))} in {account}"
            )
            if not record.is_verified:
                self._choices.append(("go on with", about, partial(self._resume, record)))
            self._choices.append(("take down", about, partial(self._undo, record)))
        self._choices.append(("new", "access to another account", partial(self._new, new)))

    def compose(self) -> ComposeResult:
        """Lay out the menu."""
        with Vertical(classes="box -delegations") as box:
            box.border_title = Content(self._title)
            yield Menu(
                *[
                    Content.assemble((f"{what:<11}", "$text-accent"), about)
                    for what, about, _ in self._choices
                ],
                markup=False,
            )
            yield Text(id="says")
            yield Text("⏎ choose   esc cancel", classes="hint")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self._choices[event.option_index][2]()

    def _new(self, new: Callable[[], None]) -> None:
        self.dismiss(None)
        new()

    def _undo(self, record: Record) -> None:
        self.app.push_screen(UndoScreen(record), self._came_back)

    def _resume(self, record: Record) -> None:
        if self.tasks.get(PLAN) is not None:
            return
        request = record.blueprint.request

        def work(person: Interaction) -> Plan:
            parties = request.trusting, request.trusted, request.source_profile
            refuse(self.xswitch, *parties[:2])
            return delegating(self.xswitch, person, *parties).plan(request)

        self.tell(("asking AWS …  esc stops that", "$text-accent"))
        self.start(PLAN, "planning", work, self._planned)

    def _planned(self, plan: Plan) -> None:
        from xswitch.tui.screens.delegate_plan import PlanScreen

        self.tell()
        self.app.push_screen(PlanScreen(plan), self._came_back)

    def _came_back(self, end: End | None) -> None:
        if end is not None:
            self.dismiss(end)

    def action_close(self) -> None:
        """Stop asking, or else close."""
        task = self.tasks.get(PLAN)
        if task is None:
            self.dismiss(None)
        else:
            self.tasks.take(task)
            self.tell()
