"""The wizard for delegations: one form for who gets into which account and what they may do there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Button

from xswitch.delegation.checks import proposed_role
from xswitch.delegation.request import ACCOUNT, SSO, USER, new_external_id
from xswitch.editing.checks import check_setting
from xswitch.editing.operation import FieldError
from xswitch.errors import XswitchError
from xswitch.text import printable
from xswitch.tui.screens.delegate_fields import (
    CHOICES,
    KINDS,
    NO,
    YES,
    fields_of,
    has_mfa,
    parties_for,
    proposed_profile,
    request_of,
)
from xswitch.tui.screens.delegate_list import ListScreen
from xswitch.tui.screens.delegate_summary import summary
from xswitch.tui.screens.delegate_work import End, delegating, refuse
from xswitch.tui.screens.form import FormScreen
from xswitch.tui.screens.pick import PickScreen
from xswitch.tui.widgets.choice import ChoiceRow
from xswitch.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from xswitch.delegation.plan import Plan
    from xswitch.editing.operation import Operation
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import Interaction
    from xswitch.tui.detail import Line
    from xswitch.tui.widgets.field import FieldRow

PLAN, LIST = ("", "plan"), ("", "list")
_PARTIES = {"trusting": "Profile in the account that gets the role", "trusted": "Profile in their account"}


class DelegateScreen(FormScreen):
    """Asks for a delegation, beginning where the profile `selected` is, and goes on to its plan.

    Nobody is asked before that, or before something is to be chosen from what there is. `then` gets how it
    ended, once the form has gone; nothing where it was just closed.
    """

    # AWS refuses, and asking it may get sessions, whose files are watched too.
    judged_by_files = False

    def __init__(self, selected: str, profiles: Profiles, then: Callable[[End], None]) -> None:
        trusting, trusted = parties_for(selected, profiles)
        fields = fields_of(trusting, trusted, lambda: self.profiles, self.value)
        super().__init__(
            "Delegation: access to another account", fields, "policy" if trusting else "trusting"
        )
        for key, choices in CHOICES.items():
            self.rows[key] = ChoiceRow(self.rows[key].field, choices)
        self._then = then
        self._asking = False
        self._hidden: set[str] = set()

    def buttons(self) -> Iterable[Button]:
        """Return the buttons."""
        yield Button(Content("^s Plan"), id="save", compact=True)
        yield Button(Content("esc Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Fill in what follows from the rest."""
        self._show_rows()
        self._propose()

    def diff_pane(self) -> Pane:
        """Return the pane with what is asked for, in words."""
        return Pane(self._summary, id="diff", can_focus=False)

    def operation(self) -> Operation | None:
        """Return nothing: what changes is not only the files."""
        return None

    def _summary(self) -> Iterator[Line]:
        return summary(self._values(), self.profiles, self.nothing_yet())

    # -- what follows from what -------------------------------------------------------------------

    def field_changed(self, row: FieldRow) -> None:
        """Propose what follows from it, and ask only for what is needed."""
        key = row.field.key
        if key in {"kind", "require_mfa"}:
            self._show_rows()
        if key == "policy" and not row.field.check(row.value):
            self._fill("role", proposed_role(row.value.rpartition("/")[2].removesuffix(".json")))
        if key in {"trusting", "trusted", "source", "role"}:
            self._propose()
        for other in ("trusting", "trusted", "principal"):
            if key in {"trusting", "trusted", "kind"} and other != key:
                self.rows[other].show_state()

    def _propose(self) -> None:
        trusting, source = self.value("trusting"), self.value("source") or self.value("trusted")
        self._fill("profile", proposed_profile(trusting, self.value("role"), self.profiles))
        self._fill("require_mfa", YES if has_mfa(source, self.profiles) else NO)
        regions = [self.profiles[name].region for name in (trusting, source) if name in self.profiles]
        self._fill("region", next((region for region in regions if region and region.isprintable()), ""))
        self.rows["source"].input.show_hint(f"{self.value('trusted')}: whose credentials assume the role")

    def _fill(self, key: str, value: str) -> None:
        """Put a proposal into a field, unless its user has put something there."""
        row = self.rows[key]
        if row.value != value and not (row.changed and row.value):
            row.fill(value)

    def _show_rows(self) -> None:
        kind, mfa = KINDS[self.value("kind")], self.value("require_mfa") == YES
        shown = {
            "principal": kind not in {"", ACCOUNT},
            "group": kind in {"", USER, ACCOUNT},
            "user": kind == ACCOUNT,
            "mfa_serial": mfa,
            "mfa_age": mfa,
        }
        for key, on in shown.items():
            self.rows[key].display = on
        self._hidden = {key for key, on in shown.items() if not on}
        self.call_after_refresh(self._fit_hints)

    def _fit_hints(self) -> None:
        # Textual does not always tell a widget its size when it is shown that was hidden from the start.
        for row in self.rows.values():
            row.input.on_resize()

    def _values(self) -> dict[str, str]:
        # Not by `display`: a widget that is being closed has none, and the pane may still be drawn then.
        return self.values(*self._hidden)

    # -- choosing ---------------------------------------------------------------------------------

    def action_pick(self) -> None:
        """Choose what the field is for from what there is, or have it made."""
        row = self._row_of(self.focused) if self.focused is not None else None
        if row is None or self._asking:
            return
        key, kind = row.field.key, KINDS[self.value("kind")]
        if key in {"trusting", "trusted", "source"}:
            title = _PARTIES.get(key, "Source profile")
            self.app.push_screen(PickScreen(title, row.value), partial(self._picked, row))
        elif key == "external_id":
            self._picked(row, new_external_id())
        elif key == "policy":
            self._offer(row, "policies", "trusting")
        elif key == "principal" and kind == SSO:
            self.tell(("permission sets are in IAM Identity Center: type its name", "$text-warning"))
        elif key == "principal":
            self._offer(row, f"{kind}s", "trusted")
        else:
            self._offer(row, f"{key}s", "trusted")

    def _offer(self, row: FieldRow, what: str, party: str) -> None:
        """Ask AWS for the names of something in an account, and then which one is meant."""
        profile = self.rows[party]
        if not profile.value or profile.error:
            profile.leave()
            self.set_focus(profile.input)
            return
        name = profile.value

        def work(person: Interaction) -> list[str]:
            names: list[str] = getattr(delegating(self.xswitch, person, name), what)(name)
            return names

        self.start(LIST, "asking", work, partial(self._offered, row, what, name))

    def _offered(self, row: FieldRow, what: str, profile: str, names: list[str]) -> None:
        if names:
            title = f"{what.title()} in the account of {printable(profile)}"
            self.app.push_screen(ListScreen(title, names, row.value), partial(self._picked, row))
        else:
            text = f"{profile} shows no {what}: there are none, or it may not list them; type the name"
            self.tell((text, "$text-warning"))

    def _picked(self, row: FieldRow, name: str | None) -> None:
        if name is None:
            return
        wrong = check_setting("source_profile", name) if row.field.key in {*_PARTIES, "source"} else ""
        if wrong:  # what cannot be written cannot be shown in a line to type in either
            row.leave()
            row.refuse(f"{printable(name)}: {wrong}")
        else:
            row.input.value = name
            self.focus_next()

    # -- going on ---------------------------------------------------------------------------------

    def action_save(self) -> None:
        """Ask AWS what is there, and show the plan."""
        if self._asking or not self.tried():
            return
        try:
            request = request_of(self._values())
        except FieldError as error:
            self.fail(error)
            return

        def work(person: Interaction) -> Plan:
            source = request.source_profile
            refuse(self.xswitch, request.trusting, request.trusted)
            work = delegating(self.xswitch, person, request.trusting, request.trusted, source)
            if request.principal.kind:
                return work.plan(request)
            return work.plan(replace(request, principal=work.principal(source)))

        self.start(PLAN, "planning", work, self._planned)

    def _planned(self, plan: Plan) -> None:
        from xswitch.tui.screens.delegate_plan import PlanScreen

        self.app.push_screen(PlanScreen(plan), self._came_back)

    def _came_back(self, end: End | None) -> None:
        if end is not None and end.profile:
            self.dismiss(None)
            self._then(end)
        elif end is not None:
            self.tell((end.told, "$text-accent"))

    def fail(self, error: XswitchError, *, tried: bool = True) -> None:
        """Show why something could not be done, beside its field where that is shown."""
        row = self.rows.get(error.field) if isinstance(error, FieldError) else None
        if isinstance(error, FieldError) and (row is None or not row.display):
            error = XswitchError(error.message, error.hint)
        super().fail(error, tried=tried)
        if row is not None and row.display and error.hint:
            self.tell((error.hint, "dim"))

    def tasks_changed(self) -> None:
        """Say that AWS is being asked, and no longer when it is not."""
        before, self._asking = self._asking, bool(self.tasks.get(PLAN) or self.tasks.get(LIST))
        if before != self._asking:
            self.tell(*[("asking AWS …  esc stops that", "$text-accent")] * self._asking)

    def typed(self) -> None:
        """Take in that something was typed: what AWS is asked for is not wanted any more."""
        self._stop()
        super().typed()

    def _stop(self) -> bool:
        running = [task for key in (PLAN, LIST) if (task := self.tasks.get(key)) is not None]
        for task in running:
            self.tasks.take(task)
        return bool(running)

    def action_close(self) -> None:
        """Stop asking, or else close."""
        if self._stop():
            self.tell(("nobody is asked any more", "dim"))
        else:
            super().action_close()
