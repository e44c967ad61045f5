"""How the work tells what it is at, and how it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from xswitch.sessions.interaction import Interaction

Progress: TypeAlias = "Callable[[str, str, str], None]"
"""Takes a step's id (or ASSUME or IDENTITY), one of the words below, and a text for people, "" mostly."""

ASSUME, IDENTITY = "assume", "identity"
WORKING, WAITING, FAILED = "working", "waiting", "failed"
CREATED, UPDATED, EXISTS, ANSWERED = "created", "updated", "exists", "answered"
REMOVED, RESTORED, GONE, LEFT = "removed", "restored", "gone", "left"

_PAUSES = (1, 1, 2, 2, 3, 5)  # seconds; then the last one again and again


class Patience:
    """Waits longer from time to time, for `most` seconds in all, and shows a clock.

    Seconds are counted by what was waited, so that a test need not wait.
    """

    def __init__(self, person: Interaction, progress: Progress, step: str, most: int) -> None:
        self._person = person
        self._progress = progress
        self._step = step
        self._most = most
        self._times = 0
        self.waited = 0

    def wait(self, why: str) -> bool:
        """Wait once, saying why; tell whether there was time left to. `Cancelled` as `Interaction.pause`."""
        if self.waited >= self._most:
            return False
        pause = _PAUSES[min(self._times, len(_PAUSES) - 1)]
        self._times += 1
        for _ in range(pause):
            self._progress(self._step, WAITING, f"{why} ({self.waited} s)")
            self._person.pause(1)
            self.waited += 1
        return True
