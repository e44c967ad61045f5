"""One command under many profiles: what each is at, what it said, and how all of it ended."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.getters import query_one

from xswitch.launch.each.job import Job, JobState
from xswitch.launch.each.looks import seconds_text
from xswitch.sessions.interaction import GuardQuestion
from xswitch.text import printable
from xswitch.tui.lines import width_of
from xswitch.tui.screens.each_output import OutputScreen
from xswitch.tui.screens.each_rows import counts_of, name_room, row_parts
from xswitch.tui.screens.each_work import Printed, Run, code_purpose, fanout_of
from xswitch.tui.screens.working import WorkingScreen
from xswitch.tui.widgets.line_list import LineList
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult

    from xswitch.errors import XswitchError
    from xswitch.launch.each.fanout import Fanout
    from xswitch.sessions.interaction import CodeRequest, Interaction
    from xswitch.tui.lines import Part
    from xswitch.tui.tasks import Task

RUN = ("", "each")
_TICK = 0.1  # seconds: what the children say is looked at that often, however much it is
_HELD = 0.7  # seconds in which a key that is held down does not count as pressed again


class EachScreen(WorkingScreen[None]):
    """Runs the command line `command` under the profiles `names`, and shows how that goes.

    Nothing of what it runs outlives it: the children are asked to end, and then made to.
    """

    CSS_PATH = "lists.tcss"
    DEFAULT_CLASSES = ""
    AUTO_FOCUS = "LineList"
    BINDINGS = [
        Binding("enter", "output", show=False),
        Binding("r", "again", show=False),
        Binding("q", "close", show=False, id="app.quit"),
    ]

    rows = query_one(LineList)

    def __init__(self, names: Sequence[str], command: str) -> None:
        super().__init__(f"{len(names)} profiles" if len(names) > 1 else names[0])
        self.names = list(names)
        self.command = command
        self.jobs = {name: Job(name) for name in self.names}
        self.printed = Printed()
        self._fanouts: list[Fanout] = []
        self._under_way: Task | None = None
        self._run = Run()
        self._start_time = self._end_time = time.monotonic()
        self._stopped_at = 0.0
        self._colors: dict[str, str] = {}
        self._widest = max(width_of(printable(name)) for name in self.names)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Text(id="status")
        yield Text(id="counts")
        yield LineList(self._row)
        yield Text(id="says")
        yield Text(id="keys")

    def on_mount(self) -> None:
        """Begin at once: the command was given."""
        self.query_one("#status", Text).show(
            Content.assemble(("$ ", "$text-accent"), (printable(self.command), "bold"))
        )
        self.rows.show(len(self.names), 0)
        self._heed_stops()
        self._begin(self.names)
        self.set_interval(_TICK, self._tick)

    # -- running ----------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether something runs, also where it was told to stop."""
        return self._under_way is not None

    def _begin(self, names: list[str]) -> None:
        self._run = run = Run()
        self._start_time = time.monotonic()
        self.tell()
        self.start(RUN, "running", partial(self._work, run, names), self._done)
        self._under_way = self.tasks.get(RUN)
        self._show()

    def _work(self, run: Run, names: list[str], person: Interaction) -> bool:
        """Run the command under some of the profiles, in a thread."""

        def make() -> Fanout:
            fanout = fanout_of(self.xswitch, person, names, self.command, self.printed)
            self._fanouts.append(fanout)
            self.jobs = {**self.jobs, **{job.profile: job for job in fanout.jobs}}
            return fanout

        return run.run(make)

    def tasks_changed(self) -> None:
        """Stop everything where a question was not answered."""
        if self._under_way is not None and self.tasks.get(RUN) is None and not self._run.over.is_set():
            self._stop()

    def awaits(self, task: Task) -> bool:
        """Await the end of what was told to stop: until then children run."""
        return task is self._under_way

    def _done(self, _: object) -> None:
        self._finish()
        left = len(self._not_done())
        if not left:
            self.tell(("✓ all succeeded", "$text-success"))
        elif self._run.stops:
            self.tell((f"stopped: {left} of {len(self.names)} did not come to their end", "$text-warning"))
        else:
            self.tell((f"✗ {left} of {len(self.names)} did not succeed; ⏎ shows what it said", "$text-error"))

    def stopped(self) -> None:
        """Show that it was given up before anything ran."""
        self._finish()
        self.tell(("given up: nothing was run", "$text-warning"))

    def refused(self, task: Task, error: XswitchError) -> None:
        """Show why it could not be done."""
        self._finish()
        super().refused(task, error)

    def _finish(self) -> None:
        self._under_way = None
        self._end_time = time.monotonic()
        self.rows.tick()
        self._show()

    def about(self, question: CodeRequest | GuardQuestion) -> str:
        """Return the command, which is about to run; of a code, whom it is for."""
        if isinstance(question, GuardQuestion):
            return f"$ {self.command}"
        return code_purpose(self.xswitch.overview.profiles, self.names, question)

    def is_free(self) -> bool:
        """Show questions above what a command has printed too: the others wait for the answer."""
        return self.is_active or isinstance(self.app.screen, OutputScreen)

    # -- stopping ---------------------------------------------------------------------------------

    def interrupt(self) -> bool:
        """Stop what runs, first politely, then firmly; tell whether something did.

        A call to AWS that does not end is not waited for: no command comes after it.
        """
        if self._under_way is None or (self._run.stops > 1 and not self._run.has_children()):
            return False
        if not self._run.stops or time.monotonic() - self._stopped_at > _HELD:
            self._under_way.person.end()
            self._stop()
        return True

    def _stop(self) -> None:
        self._stopped_at = time.monotonic()
        self._run.stop()
        asks = self._run.stops == 1
        text = "stopping: the commands are asked to end …" if asks else "what still runs is killed …"
        self.tell((text, "$text-warning"))
        self._show()

    def _heed_stops(self) -> None:
        """Have the commands stopped and continued with xswitch: their sessions are not the terminal's."""

        def hold(*, held: bool) -> None:
            self._run.hold(held=held)

        # At once: the process is stopped before anything else is done.
        self.app.app_suspend_signal.subscribe(self, lambda _: hold(held=True), immediate=True)
        self.app.app_resume_signal.subscribe(self, lambda _: hold(held=False))

    def action_close(self) -> None:
        """Close; where something runs, stop that."""
        if not self.interrupt():
            self.dismiss(None)

    def on_unmount(self) -> None:
        """End what runs, and remove what it said."""
        if self._under_way is not None:
            self._under_way.person.end()
            self._run.end()
        for fanout in self._fanouts:
            fanout.close()

    # -- showing ----------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self.is_busy:
            self.rows.tick()
            self._show()
            self.tasks.show_next()

    def _show(self) -> None:
        """Show what stands around the table."""
        seconds = (time.monotonic() if self.is_busy else self._end_time) - self._start_time
        counts = counts_of(list(self.jobs.values()))
        self.query_one("#counts", Text).show(
            Content.assemble(*counts, (f"   {seconds_text(seconds)}", "dim"))
        )
        self.query_one("#keys", Text).show("   ".join(self._keys()))

    def _keys(self) -> Iterator[str]:
        yield "⏎ output"
        if self.is_busy:
            yield (
                "esc stop" if not self._run.stops else "esc kill" if self._run.has_children() else "esc leave"
            )
            return
        if self._not_done():
            yield f"r again: the {len(self._not_done())} that did not succeed"
        yield "esc back"

    def _row(self, index: int, width: int) -> list[Part]:
        name = self.names[index]
        columns = min(self._widest, name_room(width))
        return row_parts(self.jobs[name], time.monotonic(), width, columns, self._color(name))

    def _color(self, name: str) -> str:
        """Return the colour of a profile's guard, "" without one."""
        if name not in self._colors:
            guard = self.xswitch.guard(name)
            self._colors[name] = guard.color if guard else ""
        return self._colors[name]

    # -- keys -------------------------------------------------------------------------------------

    @on(LineList.Chosen)
    def action_output(self) -> None:
        """Show all that the command has printed under the selected profile."""
        if not self.tasks.took_enter():
            name = self.names[self.rows.cursor]
            self.app.push_screen(OutputScreen(lambda: self.jobs[name], lambda: self.printed.sizes[name]))

    def action_again(self) -> None:
        """Run the command once more where it did not succeed."""
        names = self._not_done()
        if names and not self.is_busy:
            self._begin(names)

    def _not_done(self) -> list[str]:
        return [name for name, job in self.jobs.items() if job.state != JobState.DONE]
