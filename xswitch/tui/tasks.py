"""What takes time and runs beside the UI, at most one thing a row, and the dialogs that it needs."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from textual.message import Message

from xswitch.errors import XswitchError
from xswitch.sessions.interaction import CodeRequest, Device, GuardQuestion, Interaction
from xswitch.text import printable
from xswitch.tui.lines import SHORT
from xswitch.tui.person import Question, ScreenInteraction

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import ModalScreen, Screen

Key: TypeAlias = tuple[str, str]
"""A row's key, as `rows.fold_key` returns it."""

# Seconds in which the enter key that many type after a code is taken for a part of it.
_HABIT = 0.5
# Seconds: changing the files may wait that long for others who do.
_LONGEST = 30.0


def start_beside(work: Callable[[], None]) -> threading.Thread:
    """Have something done in a thread that the process does not wait for when it ends."""
    # Not a worker of Textual's: the end of the app would wait for it.
    thread = threading.Thread(target=copy_context().run, args=(work,), daemon=True)
    thread.start()
    return thread


def tell(screen: Screen[Any], message: Message) -> None:
    """Send a message from such a thread, if there is still who gets it."""
    with suppress(RuntimeError):  # the app is gone, and its loop closed
        screen.post_message(message)


class Task:
    """Work for the row `key`, in a thread that the process does not wait for when it ends.

    `name` is what it is for and `word` what the row says meanwhile. `work` asks the person that it is given,
    and `about` returns what to show with a question, "" for nothing; `then` gets what `work` returned, in the
    UI's own thread. For one that is `vital` it does wait.
    """

    class Asked(Message, bubble=False):
        """The task wants something of the user."""

        def __init__(self, task: Task, question: Question) -> None:
            super().__init__()
            self.task = task
            self.question = question

    class Ended(Message, bubble=False):
        """The task has returned something, or failed."""

        def __init__(self, task: Task, result: Any, error: Exception | None) -> None:
            super().__init__()
            self.task = task
            self.result = result
            self.error = error

    def __init__(
        self,
        key: Key,
        name: str,
        word: str,
        work: Callable[[Interaction], Any],
        then: Callable[[Any], None],
        *,
        vital: bool = False,
        about: Callable[[CodeRequest | GuardQuestion], str] = lambda _: "",
    ) -> None:
        self.key = key
        self.name = name
        self.word = word
        self.then = then
        self.vital = vital
        self.about = about
        self._work = work
        self.dialog: ModalScreen[Any] | None = None

    def start(self, screen: Screen[Any]) -> None:
        """Start the thread; `screen` gets the messages."""

        def run() -> None:
            result, failure = None, None
            try:
                result = self._work(self.person)
            except Exception as error:  # noqa: BLE001 - it is told or raised in the UI's thread
                failure = error
            tell(screen, self.Ended(self, result, failure))

        self.person = ScreenInteraction(lambda question: tell(screen, self.Asked(self, question)))
        self._thread = start_beside(run)

    def finish(self) -> None:
        """Wait for the end of a task that is vital, or not for ever: a disk may hang."""
        if self.vital:
            self._thread.join(_LONGEST)


def failure_of(task: Task, error: Exception) -> XswitchError:
    """Return what to tell of the error with which a task has ended; what is a fault of xswitch is raised."""
    if isinstance(error, XswitchError):
        return error
    if isinstance(error, OSError):
        reason = printable(error.strerror or type(error).__name__)
        return XswitchError(f"{printable(task.name)}: {task.word} failed: {reason}")
    raise error


class Tasks:
    """The tasks of a screen. `words` are what their rows say; `changed` is called when those change.

    `awaited` is the task without which what the user wants next cannot be done. Dialogs are shown while
    `is_free`, which is while no other screen is above theirs.
    """

    def __init__(
        self, screen: Screen[Any], changed: Callable[[], None], is_free: Callable[[], bool] | None = None
    ) -> None:
        self.words: dict[Key, str] = {}
        self.awaited: Task | None = None
        self._screen = screen
        self._changed = changed
        self._is_free = is_free or (lambda: screen.is_active)
        self._running: dict[Key, Task] = {}
        self._dialogs: deque[tuple[Task | None, Callable[[], ModalScreen[Any]]]] = deque()
        self._code_given = float("-inf")

    def get(self, key: Key) -> Task | None:
        """Return the task that runs for a row."""
        return self._running.get(key)

    def start(self, task: Task) -> None:
        """Start a task for a row that has none."""
        self._running[task.key] = task
        self.words[task.key] = task.word
        task.start(self._screen)
        self._changed()

    def stop(self, key: Key | None) -> bool:
        """Stop the row's task, else the newest, and say so; tell whether there was one.

        A call to AWS that is under way goes on alone: nothing comes of it but what is cached.
        """
        task = self._running.get(key) if key else None
        if task is None and self._running:
            task = list(self._running.values())[-1]
        if task is not None:
            self.take(task)
            self._screen.notify(f"{printable(task.name)}: {task.word} was stopped", markup=False)
        return task is not None

    def take(self, task: Task) -> bool:
        """Take a task that has ended off the list; tell whether it was on it."""
        if self._running.get(task.key) is not task:
            return False
        del self._running[task.key], self.words[task.key]
        task.person.end()
        if self.awaited is task:
            self.awaited = None
        self._close_dialog(task)
        self._changed()
        return True

    def end(self) -> None:
        """Let go of every task: the screen goes away."""
        for task in self._running.values():
            task.person.end()
            task.finish()

    # -- dialogs ----------------------------------------------------------------------------------

    def ask(self, task: Task, question: Question) -> None:
        """Ask the user what a task wants to know."""
        if self._running.get(task.key) is not task:
            return
        if isinstance(question, str):
            self._screen.notify(printable(question), markup=False)
            return
        self._close_dialog(task)
        self._dialogs.append((task, partial(_dialog, task, question)))
        self.show_next()

    def show(self, dialog: ModalScreen[Any]) -> None:
        """Show a dialog as soon as no other one is open: what is being typed there goes nowhere else."""
        self._dialogs.append((None, lambda: dialog))
        self.show_next()

    def show_next(self) -> None:
        """Show the dialog that has waited longest, where no other is open."""
        while self._dialogs and self._is_free():
            task, make = self._dialogs.popleft()
            if task is None:
                self._screen.app.push_screen(make())
            elif self._running.get(task.key) is task:
                if self._screen.size.height < SHORT:
                    self._screen.app.clear_notifications()  # they would cover it
                task.dialog = make()
                self._screen.app.push_screen(task.dialog, partial(self._closed, task, task.dialog))

    def took_enter(self) -> bool:
        """Tell, once, whether the enter key that came just now belongs to a code."""
        given, self._code_given = self._code_given, float("-inf")
        return time.monotonic() - given < _HABIT

    def _closed(self, task: Task, dialog: ModalScreen[Any], typed: str | None) -> None:
        if task.dialog is not dialog:
            return  # we closed it ourselves
        task.dialog = None
        if _is_guard(dialog):
            task.person.answer(typed)  # without the name, the task ends by itself
        elif typed is None:
            self.stop(task.key)
        else:
            self._code_given = time.monotonic()
            task.person.answer(typed)

    def _close_dialog(self, task: Task) -> None:
        dialog, task.dialog = task.dialog, None
        if dialog is not None and dialog.is_active:
            dialog.dismiss(None)


def _is_guard(dialog: ModalScreen[Any]) -> bool:
    from xswitch.tui.screens.guard import GuardScreen

    return isinstance(dialog, GuardScreen)


def _dialog(task: Task, question: CodeRequest | Device | GuardQuestion) -> ModalScreen[Any]:
    if isinstance(question, GuardQuestion):
        from xswitch.tui.screens.guard import GuardScreen

        return GuardScreen(question, task.about(question))
    if isinstance(question, CodeRequest):
        from xswitch.tui.screens.mfa import CodeScreen

        return CodeScreen(task.name, question, task.about(question))
    from xswitch.tui.screens.device import DeviceScreen

    return DeviceScreen(task.name, question)
