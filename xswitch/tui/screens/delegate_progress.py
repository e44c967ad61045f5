"""Steps that are being done: what each is at, with a clock, and what can be done where it ends early."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.message import Message

from xswitch.delegation import progress as say
from xswitch.text import printable
from xswitch.tui.detail import Line
from xswitch.tui.lines import fit
from xswitch.tui.screens.delegate_work import End
from xswitch.tui.screens.working import WorkingScreen
from xswitch.tui.widgets.pane import Pane
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from textual.app import ComposeResult

    from xswitch.delegation.progress import Progress
    from xswitch.errors import XswitchError
    from xswitch.sessions.interaction import Interaction
    from xswitch.tui.tasks import Task

JOB = ("", "job")
_TICK = 0.5  # seconds
_PENDING = ""
_DONE, _SAME = ("✓", "$text-success"), ("=", "dim")
_LOOKS = {
    _PENDING: ("·", "dim"),
    say.WORKING: ("…", "$text-accent"),
    say.WAITING: ("…", "$text-warning"),
    say.FAILED: ("✗", "$text-error"),
    say.LEFT: ("!", "$text-warning"),
    say.EXISTS: _SAME,
    say.GONE: _SAME,
}
_WORD = 10
_WORDS = {say.ANSWERED: "done"}  # for people, where the state's own word is for nobody


class Row:
    """A step: what it is, what it is at, since when (until when), and what there is to say of it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.state = _PENDING
        self.text = ""
        self.since: datetime | None = None
        self.until: datetime | None = None

    def line(self, now: datetime, width: int) -> Line:
        """Return it as it is shown at a moment, its title cut to what there is of `width` columns."""
        glyph, style = _LOOKS.get(self.state, _DONE)
        seconds = int(((self.until or now) - self.since).total_seconds()) if self.since else 0
        clock = f"  {seconds} s" if seconds >= 1 and not self.text else ""
        about = f"  {self.text}" if self.text else ""
        title = fit(self.title, max(width - _WORD - 2 - len(clock), 8)).rstrip()
        return Line(
            Content.styled(f"{glyph} {_WORDS.get(self.state, self.state):<{_WORD}}", style),
            Content.assemble(title, (clock, "dim"), (printable(about), style)),
        )


class ProgressScreen(WorkingScreen[End]):
    """Shows the steps `titles` (by id) while a job does them; escape stops it between two steps."""

    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("pageup,up,k", "scroll_steps(-1)", show=False),
        Binding("pagedown,down,j", "scroll_steps(1)", show=False),
    ]

    steps = query_one("#steps", Pane)

    class Progressed(Message, bubble=False):
        """A step has come on."""

        def __init__(self, step: str, state: str, text: str) -> None:
            super().__init__()
            self.step = step
            self.state = state
            self.text = text

    def __init__(self, title: str, titles: dict[str, str]) -> None:
        super().__init__(title)
        self.lines: dict[str, Row] = {step: Row(text) for step, text in titles.items()}
        self._job: Task | None = None

    def compose(self) -> ComposeResult:
        """Lay out the steps."""
        with Vertical(classes="box -progress") as box:
            box.border_title = Content(self._title)
            yield Pane(self.step_lines, id="steps", can_focus=False)
            yield Text(id="identity")
            yield Text(id="says")
            yield Text(id="keys", classes="hint")

    def on_mount(self) -> None:
        """Start the clock."""
        self.set_interval(_TICK, self.steps.show)

    def step_lines(self) -> Iterator[Line]:
        """Yield the steps as they are."""
        now, width = self.xswitch.clock(), self.steps.scrollable_content_region.width
        for row in self.lines.values():
            yield row.line(now, width)

    def title_of(self, step: str) -> str:
        """Return what a step is called that was not announced."""
        return step

    def show_keys(self, *keys: str) -> None:
        """Say what can be done now."""
        self.query_one("#keys", Text).show("   ".join(keys))

    def action_scroll_steps(self, step: int) -> None:
        """Scroll the steps, where there is no room for all."""
        self.steps.scroll_relative(y=step, animate=False, immediate=True)

    # -- the job ----------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether a job is under way, also one that was told to stop."""
        return self._job is not None

    def run_job(
        self, word: str, work: Callable[[Interaction, Progress], Any], then: Callable[[Any], None]
    ) -> None:
        """Have a job done beside the UI, all steps still to come. The end of the app waits for it."""
        for row in self.lines.values():
            row.state, row.text, row.since, row.until = _PENDING, "", None, None
        self.tell()
        self.show_keys("esc stops after the step that is under way")

        def tell_step(step: str, state: str, text: str) -> None:
            with suppress(RuntimeError):  # the app is gone, and its loop closed
                self.post_message(self.Progressed(step, state, text))

        def done(result: Any) -> None:
            self._job = None
            then(result)

        self.start(JOB, word, lambda person: work(person, tell_step), done, vital=True)
        self._job = self.tasks.get(JOB)
        self.steps.show()

    def awaits(self, task: Task) -> bool:
        """Await the end of a job that was stopped: until then there is no telling what was done."""
        return task is self._job

    @on(Progressed)
    def _progressed(self, event: Progressed) -> None:
        if not self.is_busy:
            return
        row = self.lines.setdefault(event.step, Row(self.title_of(event.step)))
        now = self.xswitch.clock()
        if row.since is None:
            row.since = now
        # What failed, and who one is, stands below at length.
        is_below = event.state == say.FAILED or event.step == say.IDENTITY
        row.state, row.text = event.state, "" if is_below else event.text
        row.until = None if event.state in {say.WORKING, say.WAITING} else now
        self.steps.show()
        if row.until is None:
            self.call_after_refresh(partial(self._follow, list(self.lines).index(event.step)))

    def _follow(self, index: int) -> None:
        if index >= self.steps.size.height:
            self.steps.scroll_to(y=index, animate=False, immediate=True)

    def fail(self, error: XswitchError) -> None:
        """Show why the job has ended."""
        self._job = None
        self._give_up()
        super().fail(error)
        self.ended_early()

    def stopped(self) -> None:
        """Show that the job was stopped."""
        self._job = None
        self._give_up()
        self.tell(("stopped: the other steps were not begun", "$text-warning"))
        self.ended_early()

    def ended_early(self) -> None:
        """Say what can be done after a job that did not come to its end."""

    def _give_up(self) -> None:
        for row in self.lines.values():
            if row.state in {say.WORKING, say.WAITING}:
                row.state, row.until = say.FAILED, self.xswitch.clock()
        self.steps.show()

    def action_close(self) -> None:
        """Stop the job between two steps; where there is none, close."""
        if self._job is None:
            self.close()
        else:
            self._job.person.end()
            self.tell(("stopping after the step that is under way …", "$text-warning"))

    def close(self) -> None:
        """Close, with what there is to say."""
        self.dismiss(None)
