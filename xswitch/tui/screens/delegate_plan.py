"""The plan of a delegation: both accounts, each step beside what is there, and every document in full."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Digits, OptionList

from xswitch.delegation.exports import FORMS, export
from xswitch.delegation.step import Status
from xswitch.text import printable
from xswitch.tui.detail import Line
from xswitch.tui.diff import diff_lines
from xswitch.tui.rows import account_label
from xswitch.tui.screens.copy import Menu
from xswitch.tui.screens.delegate_work import End
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.widgets.pane import Pane
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from xswitch.delegation.blueprint import Party
    from xswitch.delegation.plan import Plan, PlannedStep

# What stands before a step, by its status: a glyph, the word, and their style.
LOOKS = {
    Status.CREATE: ("+", "create", "$text-success"),
    Status.EXISTS: ("=", "exists", "dim"),
    Status.DIFFERS: ("≠", "differs", "$text-warning"),
    Status.UNKNOWN: ("?", "unknown", "$text-primary"),
}
_UPDATE = ("≠", "update", "$text-warning")
_WARNING, _NOTE = ("!", "warning", "$text-warning"), ("→", "to do", "$text-accent")
_WORD = 8


class AccountLabel(Vertical):
    """One of the two accounts, large where there is room, and what it is there for."""

    def __init__(self, party: Party, does: str) -> None:
        super().__init__(classes="account")
        self._party = party
        self._does = does

    def compose(self) -> ComposeResult:
        """Lay out the account."""
        label = account_label(self._party.account_id)
        yield Digits(label)
        yield Text(
            Content.assemble(
                (label, "bold"),
                "  ",
                (printable(self._party.profile), "bold $text-accent"),
                f"  {self._does}",
            )
        )
        yield Text(Content.styled(printable(self._party.arn), "dim"), classes="arn")


class StepMenu(Menu):
    """The steps; pages are those of the document below."""

    BINDINGS = [
        Binding("pageup,K,shift+up", "screen.scroll_document(-1)", show=False),
        Binding("pagedown,J,shift+down", "screen.scroll_document(1)", show=False),
    ]


class PlanScreen(Dialog[End]):
    """Shows a plan and has it carried out. Closes with how that ended; None to go back to the form."""

    BINDINGS = [
        Binding("a", "apply", show=False),
        Binding("u", "update", show=False),
        Binding("c", "export", show=False),
        Binding("pageup,K,shift+up", "scroll_document(-1)", show=False),
        Binding("pagedown,J,shift+down", "scroll_document(1)", show=False),
    ]

    menu = query_one(StepMenu)
    document = query_one("#document", Pane)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._update = False

    def compose(self) -> ComposeResult:
        """Lay out the plan."""
        blueprint = self._plan.blueprint
        with Vertical(classes="box -plan") as box:
            box.border_title = Content(f"Plan: {printable(blueprint.request.profile)}")
            box.border_subtitle = "PgUp PgDn scroll the document"
            with Horizontal(id="accounts"):
                yield AccountLabel(blueprint.trusting, "gets the role")
                yield AccountLabel(blueprint.trusted, "may use it")
            yield StepMenu(*self._rows(), markup=False)
            yield Pane(self._document, id="document", can_focus=False)
            yield Text(id="says")
            yield Text(id="keys", classes="hint")

    def on_mount(self) -> None:
        """Begin at the first step there is something to do about."""
        places = [
            index
            for index, step in enumerate(self._plan.steps)
            if step.status in {Status.DIFFERS, Status.UNKNOWN}
        ]
        self.menu.highlighted = places[0] if places else 0
        self.set_focus(self.menu)
        self._show_keys()

    # -- showing ----------------------------------------------------------------------------------

    def _rows(self) -> Iterator[Content]:
        for step in self._plan.steps:
            account = account_label(step.account_id) if step.account_id else "here"
            yield _row(self._look(step), f"{account:<16}{printable(step.title)}")
        for text in self._plan.warnings:
            yield _row(_WARNING, text)
        for text in self._plan.notes:
            yield _row(_NOTE, text)

    def _look(self, step: PlannedStep) -> tuple[str, str, str]:
        return _UPDATE if self._update and step.status == Status.DIFFERS else LOOKS[step.status]

    def _document(self) -> Iterator[Line]:
        """Yield what there is to read about the row under the cursor."""
        index = self.menu.highlighted or 0
        steps, warnings = self._plan.steps, self._plan.warnings
        if index < len(steps):
            yield from self._step_lines(steps[index])
        elif index < len(steps) + len(warnings):
            yield _line(Content.styled(printable(warnings[index - len(steps)]), "$text-warning"))
        else:
            yield _line(Content(printable(self._plan.notes[index - len(steps) - len(warnings)])))

    def _step_lines(self, step: PlannedStep) -> Iterator[Line]:
        glyph, word, style = self._look(step)
        yield _line(Content.assemble((f"{glyph} {word}  ", style), (printable(step.title), "bold")))
        yield _line(Content.styled(f"{step.action}  {printable(step.resource)}", "dim"))
        if step.note:
            yield _line(Content.styled(printable(step.note), "$text-warning"))
        if step.difference:
            yield _line(Content())
            yield from diff_lines(step.difference)
        if step.document is not None:
            yield _line(Content())
            for text in _pretty(step):
                indent = len(text) - len(text.lstrip())
                yield Line(Content(" " * indent), Content(printable(text.strip())))

    def _show_keys(self) -> None:
        parts = ["⏎ verify: everything is there" if self._plan.is_complete else "⏎ apply"]
        if self._plan.differing:
            parts.append("u leave what differs" if self._update else "u update what differs")
        parts += ["c copy as script", "esc back to the form"]
        self.query_one("#keys", Text).show("   ".join(parts))

    @on(OptionList.OptionHighlighted)
    def _show_document(self) -> None:
        self.document.show(anew=True)

    def action_scroll_document(self, direction: int) -> None:
        """Scroll the document by a page."""
        step = direction * max(self.document.size.height - 1, 1)
        self.document.scroll_relative(y=step, animate=False, immediate=True)

    def _tell(self, text: str, style: str) -> None:
        says = self.query_one("#says", Text)
        says.show(Content.styled(text, style))
        says.display = bool(text)

    # -- doing ------------------------------------------------------------------------------------

    def action_update(self) -> None:
        """Have what differs changed, or no longer."""
        if not self._plan.differing:
            return
        self._update = not self._update
        self._tell("", "")
        for index, row in enumerate(self._rows()):
            self.menu.replace_option_prompt_at_index(index, row)
        self.document.show()
        self._show_keys()

    def action_export(self) -> None:
        """Offer the plan in the languages of other tools."""
        self.app.push_screen(ExportScreen(self._plan))

    @on(OptionList.OptionSelected)
    def action_apply(self) -> None:
        """Carry it out, unless something differs that nobody has said is to be changed."""
        differing = [printable(step.title) for step in self._plan.differing]
        if differing and not self._update:
            names = ", ".join(differing)
            self._tell(f"✗ {names}: there already, and different. u has that changed", "$text-error")
            return
        from xswitch.tui.screens.delegate_apply import ApplyScreen

        self.app.push_screen(ApplyScreen(self._plan, update=self._update), self._came_back)

    def _came_back(self, end: End | None) -> None:
        self.dismiss(end)


class ExportScreen(Dialog[None]):
    """Copies the plan to the terminal's clipboard (OSC 52), as a file of another tool. No secret is in it."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._choices = [(form, name, text) for form in FORMS for name, text in export(plan, form).items()]

    def compose(self) -> ComposeResult:
        """Lay out the menu."""
        with Vertical(classes="box") as box:
            box.border_title = "Copy the plan"
            yield Menu(
                *[
                    Content.assemble((f"{form:<15}", "dim"), printable(name))
                    for form, name, _ in self._choices
                ],
                markup=False,
            )
            yield Text("⏎ copy   esc cancel", classes="hint")

    @on(OptionList.OptionSelected)
    def _copy(self, event: OptionList.OptionSelected) -> None:
        _, name, text = self._choices[event.option_index]
        self.app.copy_to_clipboard(text)
        self.app.notify(f"copied {printable(name)}", markup=False)
        self.dismiss(None)


def _row(look: tuple[str, str, str], text: str) -> Content:
    glyph, word, style = look
    return Content.assemble((f"{glyph} {word:<{_WORD}}", style), printable(text))


def _line(text: Content) -> Line:
    return Line(Content(), text)


def _pretty(step: PlannedStep) -> list[str]:
    """Return the lines of a step's document: JSON, or settings as the config file has them."""
    document = step.document or {}
    if step.account_id:
        return json.dumps(document, indent=2, ensure_ascii=False).splitlines()
    return [f"[profile {step.resource}]", *(f"{key} = {value}" for key, value in document.items())]
