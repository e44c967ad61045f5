"""The user, as a thread beside the UI sees them: what it asks becomes a dialog, what it says a notice."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from xswitch.errors import GuardRefused
from xswitch.sessions.interaction import (
    Cancelled,
    CodeRequest,
    Device,
    GuardQuestion,
    Interaction,
)
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

Question: TypeAlias = CodeRequest | Device | GuardQuestion | str
"""A code or a name that is wanted, a sign-in to show, or a sentence for the user."""


class ScreenInteraction(Interaction):
    """Asks from any thread and waits there; `tell` hands a question to the UI and returns at once.

    After `end` every wait, one that has begun already too, is over with `Cancelled`. `confirmed` has the
    tokens of the questions of guards whose names were typed.
    """

    def __init__(self, tell: Callable[[Question], None]) -> None:
        self._tell = tell
        self._ended = threading.Event()
        self._answers: SimpleQueue[str | None] = SimpleQueue()
        self.confirmed: list[str] = []

    def has_person(self) -> bool:
        """Say yes: the UI's user."""
        return True

    def ask_code(self, request: CodeRequest) -> str:
        """Return the code that the user types."""
        return self._ask(request)

    def confirm_guarded(self, question: GuardQuestion) -> None:
        """Have the name of a guarded profile typed."""
        name = question.profile
        if question.token in self.confirmed:
            return
        if self._ask(question) != name:
            raise GuardRefused(f"that is not {printable(name)}, so nothing was done")
        self.confirmed.append(question.token)

    def show_device(self, device: Device) -> None:
        """Have the sign-in shown and its page opened."""
        self._go_on()
        self._tell(device)

    def pause(self, seconds: float) -> None:
        """Wait for that long, or until `end`."""
        if self._ended.wait(seconds):
            raise Cancelled

    def say(self, text: str) -> None:
        """Have a sentence shown."""
        if not self._ended.is_set():
            self._tell(text)

    def answer(self, text: str | None) -> None:
        """Give what was asked for, None for nothing; called by the UI."""
        self._answers.put(text)

    def end(self) -> None:
        """End all waiting; called by the UI."""
        self._ended.set()
        self._answers.put(None)

    def _ask(self, question: CodeRequest | GuardQuestion) -> str:
        self._go_on()
        self._tell(question)
        answer = self._answers.get()
        if answer is None:
            raise Cancelled
        return answer

    def _go_on(self) -> None:
        if self._ended.is_set():
            raise Cancelled
