"""The question for the name of a guarded profile: enter does nothing until it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input

from xswitch.awsfiles.masking import shown
from xswitch.text import printable
from xswitch.tui.rows import account_label
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from xswitch.sessions.interaction import GuardQuestion


class NameInput(Input):
    """The line for the name."""


class GuardScreen(Dialog[str]):
    """Asks for the name of the profile of a question. Closes with the name, as it is, once it was typed.

    `what` is more about what is going to happen, such as the command, "" for nothing.
    """

    AUTO_FOCUS = "NameInput"

    name_input = query_one(NameInput)

    def __init__(self, question: GuardQuestion, what: str = "") -> None:
        super().__init__()
        self._question = question
        self._what = what

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        question, name = self._question, printable(self._question.profile)
        with Vertical(classes=f"box -guard -{question.guard.color}") as box:
            place = f" ({question.place})" if question.place else ""
            box.border_title = Content(f"Guarded: {name}{place}")
            yield Text(f"You are about to {question.words}.")
            if self._what:
                yield Text(printable(self._what), id="what")
            if question.account_id:
                yield account_line(question.account_id, question.account_name, question.guard.color)
            yield Text(Content.assemble("Type ", (name, "bold"), " to go on:"), id="ask")
            yield NameInput(compact=True)
            yield Text(id="wrong", classes="error")
            yield Text("⏎ go on, once the name is there   esc cancel", classes="hint")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if is_name(event.value, self._question):
            self.dismiss(self._question.profile)
        elif event.value:
            self._say_wrong(f"that is not {printable(self._question.profile)}")
            event.input.clear()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.query_one(".hint", Text).set_class(is_name(event.value, self._question), "-ready")
        if event.value:
            self._say_wrong("")

    def _say_wrong(self, text: str) -> None:
        self.query_one("#wrong", Text).show(text)
        self.set_class(bool(text), "-wrong")


def account_line(account_id: str, account_name: str, color: str) -> Text:
    """Return an account as it is to be seen before something happens in it."""
    text = f"{account_label(account_id)}  {shown(account_name)}".rstrip()
    return Text(Content.styled(text, f"$guard-{color} bold"), classes="account-line")


def is_name(typed: str, question: GuardQuestion) -> bool:
    """Tell whether what was typed is the name that a question is for; odd letters are typed as shown."""
    name = question.profile
    return typed == name or (not name.isprintable() and typed == printable(name))
