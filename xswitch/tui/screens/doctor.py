"""The doctor: what is wrong with the files and the sessions, why it matters, and what mends it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.getters import query_one

from xswitch.doctor.examine import examine
from xswitch.editing.editor import Editor
from xswitch.errors import XswitchError
from xswitch.profiles.collection import read_profiles
from xswitch.tui.actions import key_label
from xswitch.tui.lines import width_of
from xswitch.tui.screens.doctor_fix import FixScreen
from xswitch.tui.screens.doctor_rows import (
    all_is_well,
    counts_of,
    finding_lines,
    fix_lines,
    list_lines,
    row_parts,
    subject_of,
)
from xswitch.tui.screens.doctor_work import key_of, mend
from xswitch.tui.screens.working import WorkingScreen
from xswitch.tui.settings import check_for_ui
from xswitch.tui.widgets.line_list import LineList
from xswitch.tui.widgets.pane import Pane
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from xswitch.doctor.finding import Finding
    from xswitch.editing.diff import DiffLine
    from xswitch.editing.editor import Preview, Undone
    from xswitch.sessions.interaction import Interaction
    from xswitch.tui.detail import Line
    from xswitch.tui.lines import Part
    from xswitch.tui.screens.doctor_work import Mended
    from xswitch.tui.tasks import Task

EXAMINE, DIFF, CHANGE = ("", "examine"), ("", "diff"), ("", "change")
_WATCH_SECONDS = 0.5


class DoctorScreen(WorkingScreen[None]):
    """Shows the findings, and has those mended for which there is a fix: its change is seen before.

    It begins at the first finding of `profile`, where there is one.
    """

    CSS_PATH = "lists.tcss"
    DEFAULT_CLASSES = ""
    AUTO_FOCUS = "LineList"
    BINDINGS = [
        Binding("enter,f", "mend", show=False),
        Binding("F", "mend_all", show=False),
        Binding("e", "edit", show=False, id="profile.edit"),
        Binding("u", "undo", show=False, id="files.undo"),
        Binding("R", "examine", show=False, id="view.reload"),
        Binding("K,shift+up", "scroll_detail(-1)", show=False, id="detail.up"),
        Binding("J,shift+down", "scroll_detail(1)", show=False, id="detail.down"),
        Binding("q", "close", show=False, id="app.quit"),
    ]

    rows = query_one(LineList)
    detail = query_one("#detail", Pane)

    def __init__(self, profile: str = "") -> None:
        super().__init__("doctor")
        self._first = profile  # to whose first finding the cursor goes
        self.findings: list[Finding] = []
        self._diffs: dict[Finding, list[DiffLine] | XswitchError] = {}
        self._diffing: Finding | None = None  # whose change is being computed
        self._widest = 0
        self._is_known = False
        self._stale = False
        self._seen: object = None
        self._not_undone = False
        self._known: set[tuple[str, ...]] | None = (
            None  # before a change was taken back: the cursor goes to others
        )
        self._to_mend: tuple[str, ...] | None = None  # what to ask about once its change is known

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Text(id="status")
        with Container(id="panes"):
            yield LineList(self._row)
            yield Text(id="well")
            yield Pane(self._detail_lines, id="detail", can_focus=False)
        yield Text(id="says")
        yield Text(id="keys")

    def on_mount(self) -> None:
        """Examine at once, and again when the files have changed."""
        self._seen = self.xswitch.overview
        self.action_examine()
        self._show()
        self.set_interval(_WATCH_SECONDS, self._watch)

    def _watch(self) -> None:
        if self.xswitch.overview is not self._seen:
            self._seen = self.xswitch.overview
            self.action_examine()

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor, None where there is none."""
        return self.findings[self.rows.cursor] if self.rows.cursor < len(self.findings) else None

    # -- examining --------------------------------------------------------------------------------

    def action_examine(self) -> None:
        """Examine everything, beside the UI."""
        if self.tasks.get(EXAMINE) is not None or self.tasks.get(CHANGE) is not None:
            self._stale = True  # once that is done
            return
        app = self.xswitch
        self.start(
            EXAMINE,
            "examining",
            lambda _: examine(app.locations, app.environ, now=app.clock(), check_settings=check_for_ui),
            self._examined,
        )

    def _examined(self, findings: list[Finding]) -> None:
        if self._examine_again():
            return
        before, place = self.finding, self.rows.cursor
        known, self._known = self._known, None
        self.findings, self._diffs, self._diffing, self._is_known = findings, {}, None, True
        self._widest = max((width_of(subject_of(finding)) for finding in findings), default=0)
        if before is not None:
            same = [index for index, each in enumerate(findings) if key_of(each) == key_of(before)]
            place = min(same, key=lambda index: abs(index - place), default=place)
        if self._first:
            of_it = (index for index, each in enumerate(findings) if each.profile == self._first)
            place, self._first = next(of_it, place), ""
        if known is not None:
            place = next((index for index, each in enumerate(findings) if key_of(each) not in known), place)
        self._show()
        self.rows.show(len(findings), place)

    def _examine_again(self) -> bool:
        again, self._stale = self._stale, False
        if again:
            self.action_examine()
        return again

    def refused(self, task: Task, error: XswitchError) -> None:
        """Show why a task could not be done; of a change, that is told where it stands."""
        if task.key == DIFF:
            self._looked(error)
            return
        self.fail(error)
        self._examine_again()
        self._show()

    def stopped(self) -> None:
        """Take in that a fix was given up, where it asked for a name."""
        self.tell()
        self._examine_again()
        self._show()

    # -- showing ----------------------------------------------------------------------------------

    def _show(self) -> None:
        """Show what stands around the list."""
        found = counts_of(self.findings) if self._is_known else "examining …"
        self.query_one("#status", Text).show(Content.assemble(("doctor", "bold"), f"  {found}"))
        is_well = self._is_known and not self.findings
        self.query_one("#well", Text).show(all_is_well(self.xswitch.locations) if is_well else "")
        self.query_one("#well").display = is_well
        self.rows.display = self.detail.display = not is_well
        self.query_one("#keys", Text).show("   ".join(self._keys()))

    def _keys(self) -> Iterator[str]:
        fix = self.finding.fix if self.finding else None
        if fix is not None:
            yield "⏎ mend"
        if len(self._sure()) > 1:
            yield "F all sure"
        if self.finding is not None and self.finding.profile in self.xswitch.overview.profiles:
            yield f"{self._key('profile.edit', 'e')} edit"
        yield f"{self._key('files.undo', 'u')} undo"
        yield f"{self._key('view.reload', 'R')} again"
        yield "esc back"

    def _key(self, action: str, default: str) -> str:
        return key_label(self.xswitch.settings.keys.get(action, default))

    def _row(self, index: int, width: int) -> list[Part]:
        return row_parts(self.findings[index], width, self._widest)

    @on(LineList.Highlighted)
    def _highlighted(self) -> None:
        self.query_one("#keys", Text).show("   ".join(self._keys()))
        self._show_detail(anew=True)
        if self.finding is None or key_of(self.finding) != self._to_mend:
            self._to_mend = None
        self._look()

    def awaits(self, task: Task) -> bool:
        """Await the end of a change, also where a question about it was not answered."""
        return task.key == CHANGE

    def _show_detail(self, *, anew: bool = False) -> None:
        self.detail.show(anew=anew)

    def _detail_lines(self) -> Iterator[Line]:
        if self.finding is not None:
            yield from finding_lines(self.finding, self._diffs.get(self.finding))

    def action_scroll_detail(self, direction: int) -> None:
        """Scroll the finding by some lines."""
        self.detail.scroll_relative(y=3 * direction, animate=False, immediate=True)

    # -- the change of a fix ----------------------------------------------------------------------

    def _look(self) -> None:
        """Have the change of the fix under the cursor computed, unless it is known."""
        finding = self.finding
        if finding is None or finding.fix is None or self.tasks.get(DIFF) is not None:
            return
        if finding in self._diffs:
            wanted, self._to_mend = self._to_mend, None
            if wanted is not None and self.is_active:
                self.action_mend()
            return
        self._diffing = finding
        fix, places = finding.fix, self.xswitch.locations
        self.start(DIFF, "reading", lambda _: fix.diff(places), self._looked)

    def _looked(self, diff: list[DiffLine] | XswitchError) -> None:
        if self._diffing is not None:  # else everything was examined again meanwhile
            self._diffs[self._diffing] = diff
            self._show_detail()
        self._look()

    # -- editing ----------------------------------------------------------------------------------

    def action_edit(self) -> None:
        """Edit the profile of the finding by hand."""
        name = self.finding.profile if self.finding else ""
        profiles = read_profiles(self.xswitch.locations)  # anew: it may have been changed a moment ago
        if name not in profiles:
            self.tell(("this one is about no profile that could be edited", "$text-warning"))
        elif not self._is_busy():
            from xswitch.tui.screens.edit import EditScreen

            self.app.push_screen(EditScreen(profiles[name]), self._edited)

    def _edited(self, preview: Preview | None) -> None:
        if preview is None:
            return
        self.tell(
            (f"✓ {preview.operation.title}", "$text-success"),
            *[(warning, "$text-warning") for warning in preview.warnings],
        )
        self._not_undone = False
        self.action_examine()

    # -- mending ----------------------------------------------------------------------------------

    def _is_busy(self) -> bool:
        busy = self.tasks.get(CHANGE) is not None
        if busy:
            self.tell(("one change after the other: this one is not done yet", "dim"))
        return busy

    def _sure(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.fix is not None and finding.fix.sure]

    @on(LineList.Chosen)
    def action_mend(self) -> None:
        """Ask whether to apply the fix under the cursor."""
        finding = self.finding
        if finding is None or self.tasks.took_enter() or self._is_busy():
            return
        self._to_mend = None
        fix = finding.fix
        if fix is None:
            self.tell(("this one is to be mended by hand", "$text-warning"))
            return
        diff = self._diffs.get(finding)
        if diff is None:
            self._to_mend = key_of(finding)
        elif isinstance(diff, XswitchError):
            self.fail(diff)
        else:
            dialog = FixScreen(f"Mend {finding.code}", partial(fix_lines, fix, diff), "apply")
            self.app.push_screen(dialog, partial(self._mend, [finding]))

    def action_mend_all(self) -> None:
        """Ask whether to apply every fix that is no guess."""
        sure = self._sure()
        if sure and not self._is_busy():
            title = f"Mend {len(sure)}, no guess among them"
            self.app.push_screen(
                FixScreen(title, partial(list_lines, sure), "apply all"), partial(self._mend, sure)
            )

    def _mend(self, findings: list[Finding], wanted: bool | None) -> None:
        if not wanted or self._is_busy():
            return
        app = self.xswitch
        self.tell(("mending …", "dim"))
        self.start(CHANGE, "mending", lambda person: mend(app, person, findings), self._mended, vital=True)

    def _mended(self, mended: Mended) -> None:
        done, failures = mended.done, mended.failures
        self._not_undone = bool(done) and not mended.takes_back
        parts = [(f"✓ {text}", "$text-success") for text in done[-1:]]
        if len(done) > 1:
            parts = [(f"✓ {len(done)} mended", "$text-success")]
        if failures:
            more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
            parts += [(f"✗ {failures[0].message}{more}", "$text-error"), (failures[0].hint, "dim")]
        self.tell(*parts)
        self._stale = False
        self.action_examine()

    def action_undo(self) -> None:
        """Take back the last change to the files; where what was done last is none, say so first."""
        if self._is_busy():
            return
        if self._not_undone:
            self._not_undone = False
            text = "what was done last is no change of the two files and stays; again for the one before it"
            self.tell((text, "$text-warning"))
            return
        editor = Editor(self.xswitch.locations)

        def undo(_: Interaction) -> Undone:
            return editor.undo()

        self.start(CHANGE, "taking back", undo, self._undone, vital=True)

    def _undone(self, undone: Undone) -> None:
        left = f"{undone.left} more can be undone" if undone.left else "nothing more can be undone"
        self.tell((f"undone: {undone.title} ({left})", "$text-success"))
        self._stale = False
        self._known = {key_of(finding) for finding in self.findings}
        self.action_examine()

    def action_close(self) -> None:
        """Close; not while the files are being written."""
        if not self._is_busy():
            self.dismiss(None)
