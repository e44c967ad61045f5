"""Dialogs that change the files: what they would change is shown while one types, before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.getters import query_one

from xswitch.editing.editor import Editor
from xswitch.text import printable
from xswitch.tui.detail import Line
from xswitch.tui.diff import diff_lines
from xswitch.tui.screens.guarded import permit_change
from xswitch.tui.screens.working import WorkingScreen
from xswitch.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from textual.timer import Timer

    from xswitch.editing.editor import Preview
    from xswitch.editing.operation import Operation
    from xswitch.errors import XswitchError
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import Interaction
    from xswitch.tui.tasks import Task

PREVIEW, SAVE = ("", "preview"), ("", "save")
_PAUSE = 0.12  # seconds without a key after which the change is computed anew
_WATCH_SECONDS = 0.5


class ChangeScreen(WorkingScreen["Preview"]):
    """Shows what `operation()` would change in the files, and does it. Closes with what was done.

    Reading and writing are done beside the UI; of several previews the latest counts.
    """

    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("pageup,shift+up", "scroll_diff(-1)", show=False),
        Binding("pagedown,shift+down", "scroll_diff(1)", show=False),
    ]

    pane = query_one("#diff", Pane)

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.preview: Preview | None = None
        self._told: list[tuple[str, str]] = []
        self._timer: Timer | None = None
        self._stale = False
        self._unreadable = False
        self._seen: object = None

    def operation(self) -> Operation | None:
        """Return what is to be done as it stands; None where there is nothing yet."""
        raise NotImplementedError

    def nothing_yet(self) -> str:
        """Return what is shown while there is nothing to be done."""
        return ""

    @property
    def profiles(self) -> Profiles:
        """The profiles as the UI has read them last."""
        return self.xswitch.overview.profiles

    @property
    def is_saving(self) -> bool:
        """Whether the files are being written: then everything else waits."""
        return self.tasks.get(SAVE) is not None

    def on_mount(self) -> None:
        """Show the change as it is from the start, and anew when the files have changed."""
        self._seen = self.xswitch.overview
        self._look()
        self.set_interval(_WATCH_SECONDS, self._watch)

    def _watch(self) -> None:
        if self.xswitch.overview is not self._seen:
            self._seen = self.xswitch.overview
            self.files_changed()

    def files_changed(self) -> None:
        """Take in that something else has changed the files."""
        self._look()

    # -- the preview ------------------------------------------------------------------------------

    def look_soon(self) -> None:
        """Compute the change anew as soon as nothing more is typed."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self._look)

    def _look(self) -> None:
        if self.tasks.get(PREVIEW) is not None:
            self._stale = True  # once that one is there
            return
        operation = self.operation()
        if operation is None:
            self._show_preview(None)
        else:
            self.start(PREVIEW, "reading", self.work_of(operation), self._previewed)

    def work_of(self, operation: Operation) -> Callable[[Interaction], Preview]:
        """Return what previews an operation, for a thread."""
        editor = Editor(self.xswitch.locations)

        def work(person: Interaction) -> Preview:
            del person
            preview = editor.preview(operation)
            _ = preview.diff  # computed here: it takes a while in large files
            return preview

        return work

    def _previewed(self, preview: Preview) -> None:
        if not self._look_again():
            self._show_preview(preview)

    def _look_again(self) -> bool:
        again, self._stale = self._stale, False
        if again:
            self._look()
        return again

    def _show_preview(self, preview: Preview | None) -> None:
        self.preview = preview
        if preview is not None and self._unreadable:
            self._unreadable = False
            self.tell()
        self.pane.show()
        self.show_told()

    def _diff_lines(self) -> Iterator[Line]:
        if self.preview is None:
            yield Line(Content(""), Content.styled(self.nothing_yet(), "dim"))
        else:
            yield from diff_lines(self.preview.diff)

    def diff_pane(self) -> Pane:
        """Return the pane with the change."""
        return Pane(self._diff_lines, id="diff", can_focus=False)

    def action_scroll_diff(self, direction: int) -> None:
        """Scroll the change by a page."""
        step = direction * max(self.pane.size.height - 1, 1)
        self.pane.scroll_relative(y=step, animate=False, immediate=True)

    # -- saying -----------------------------------------------------------------------------------

    def tell(self, *parts: tuple[str, str]) -> None:
        """Show sentences at the bottom, a line each with its style; without any, take them away."""
        self._told = [(f"{printable(text)}\n", style) for text, style in parts if text]
        self.show_told()

    def show_told(self) -> None:
        """Show what was said last, and what the change would leave wrong."""
        warnings = self.preview.warnings if self.preview else []
        parts = [(f"! {printable(text)}\n", "$text-warning") for text in warnings]
        content = Content.assemble(*parts, *self._told).rstrip()
        self.says.show(content)
        self.says.display = bool(content.plain)

    def fail(self, error: XswitchError, *, tried: bool = True) -> None:
        """Show why something could not be done; `tried` where its user wanted it done now."""
        del tried
        self.tell((f"✗ {error.message}", "$text-error"), (error.hint, "dim"))

    # -- tasks ------------------------------------------------------------------------------------

    def save(self, operation: Operation, confirmed: Collection[str] = ()) -> None:
        """Do it, and close; the names of guarded profiles are asked for, but for those `confirmed`."""
        app = self.xswitch

        def work(person: Interaction) -> Preview:
            permitted = permit_change(app, person, operation, confirmed)
            return Editor(app.locations).apply(operation, permitted)

        self.tell(("saving …", "dim"))
        self.start(SAVE, "saving", work, self._saved, vital=True)

    def show_guard(self, name: str) -> None:
        """Draw the dialog in the colour of a profile's guard, where it has one."""
        guard = self.xswitch.guard(name)
        if guard is not None:
            self.query_one(".box").add_class("-guard", f"-{guard.color}")

    def _saved(self, preview: Preview) -> None:
        self.dismiss(preview)

    def action_close(self) -> None:
        """Close without a change; not while the files are being written."""
        if not self.is_saving:
            self.dismiss(None)

    def refused(self, task: Task, error: XswitchError) -> None:
        """Show why a task could not be done; a preview that is out of date is made anew instead."""
        if task.key != PREVIEW:
            self.fail(error)
        elif not self._look_again():
            self._unreadable = True
            self.fail(error, tried=False)
            self._show_preview(None)
