"""Dialogs that have something done beside the UI, and say how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from textual import on
from textual.content import Content
from textual.getters import query_one

from xswitch.sessions.interaction import Cancelled
from xswitch.text import printable
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.tasks import Task, Tasks, failure_of
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from xswitch.errors import XswitchError
    from xswitch.sessions.interaction import CodeRequest, GuardQuestion, Interaction
    from xswitch.tui.app import XswitchApp

Result = TypeVar("Result")


class WorkingScreen(Dialog[Result]):
    """A dialog called `title` with tasks of its own, and a Text `#says` for what there is to say."""

    says = query_one("#says", Text)

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = printable(title)
        self.tasks = Tasks(self, self.tasks_changed, self.is_free)

    @property
    def xswitch(self) -> XswitchApp:
        """The application."""
        return cast("XswitchApp", self.app)

    def on_screen_resume(self) -> None:
        """Show the dialogs that waited."""
        self.tasks.show_next()

    def on_unmount(self) -> None:
        """Let go of what runs."""
        self.tasks.end()

    def tell(self, *parts: tuple[str, str]) -> None:
        """Show sentences, a line each with its style; without any, take them away."""
        lines = [(f"{printable(text)}\n", style) for text, style in parts if text]
        content = Content.assemble(*lines).rstrip()
        self.says.show(content)
        self.says.display = bool(content.plain)

    def fail(self, error: XswitchError) -> None:
        """Show why something could not be done."""
        self.tell((f"✗ {error.message}", "$text-error"), (error.hint, "dim"))

    def start(
        self,
        key: tuple[str, str],
        word: str,
        work: Callable[[Interaction], Any],
        then: Callable[[Any], None],
        *,
        vital: bool = False,
    ) -> None:
        """Have something done beside the UI."""
        self.tasks.start(Task(key, self._title, word, work, then, vital=vital, about=self.about))

    def is_free(self) -> bool:
        """Tell whether the dialogs of tasks can be shown."""
        return self.is_active

    def about(self, question: CodeRequest | GuardQuestion) -> str:
        """Return what to show with a question of a task, "" for nothing."""
        del question
        return ""

    def tasks_changed(self) -> None:
        """Take in that a task was started, has ended or was stopped."""

    def stopped(self) -> None:
        """Take in that a task has ended because its user had enough of it."""
        self.tell()

    def awaits(self, task: Task) -> bool:
        """Tell whether the end of a task matters that was taken off the list before."""
        del task
        return False

    @on(Task.Asked)
    def _asked(self, event: Task.Asked) -> None:
        if not self.xswitch.is_leaving:
            self.tasks.ask(event.task, event.question)

    @on(Task.Ended)
    def _ended(self, event: Task.Ended) -> None:
        was_there = self.tasks.take(event.task)
        if self.xswitch.is_leaving or not (was_there or self.awaits(event.task)):
            return
        if event.error is None:
            event.task.then(event.result)
        elif isinstance(event.error, Cancelled):
            self.stopped()
        else:
            self.refused(event.task, failure_of(event.task, event.error))

    def refused(self, task: Task, error: XswitchError) -> None:
        """Show why a task could not be done."""
        del task
        self.fail(error)
