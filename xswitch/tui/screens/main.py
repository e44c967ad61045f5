"""The main screen: status, filter, profile tree, detail, keys."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.getters import query_one
from textual.widgets import Input

from xswitch.launch.environment import active_profile
from xswitch.locations import tilde
from xswitch.sessions.session import State
from xswitch.sessions.warm import warm
from xswitch.settings.model import COLORS
from xswitch.text import printable
from xswitch.tui.actions import MAIN, SWITCH_IN_PLACE, actions_for, bindings
from xswitch.tui.detail import heading_detail, profile_detail
from xswitch.tui.lines import SMALLEST, detail_height
from xswitch.tui.reading import Fresh, Rereading, read_anew
from xswitch.tui.rows import TreeModel, match_count
from xswitch.tui.screens.editing import EditingScreen
from xswitch.tui.tasks import start_beside
from xswitch.tui.top import FILTER_HINT, banner, status_line
from xswitch.tui.watch import signature
from xswitch.tui.widgets.key_line import KeyLine
from xswitch.tui.widgets.pane import Pane
from xswitch.tui.widgets.profile_tree import ProfileTree
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult
    from textual.binding import ActiveBinding
    from textual.events import ScreenResume

    from xswitch.tui.detail import Line

_WATCH_SECONDS = 1.5
_IDLE_SECONDS = 0.5  # after which the filter is prepared
_PAUSE_SECONDS = 0.02
_REST_SECONDS = 0.5  # after which a session of the selected profile may well be asked for
_AT_A_TIME = 500  # profiles, in about a millisecond
_STATUS_STYLES = {
    "muted": "dim",
    "broken": "$text-error",
    "bold": "bold",
    "heading": "$text-accent bold",
    State.EXPIRING: "$text-warning",
    **{f"guard-{color}": f"$guard-{color} bold" for color in COLORS},
}
_NO_PROFILES = """\
No AWS profiles yet.

Looked in {}
      and {}

To begin:  N               access keys, or IAM Identity Center (SSO)
           n               a role profile
           xswitch demo    a tree to try"""


class FilterInput(Input):
    """The filter line. Up and down move in the tree while one types."""

    BINDINGS = [
        Binding("up", "screen.move(-1)", show=False),
        Binding("down", "screen.move(1)", show=False),
        Binding("pageup", "screen.move_page(-1)", show=False),
        Binding("pagedown", "screen.move_page(1)", show=False),
        Binding("enter", "screen.accept_filter", "To the list", show=True, key_display="⏎"),
        Binding("escape", "screen.leave_filter", show=False),
    ]


class MainScreen(EditingScreen):
    """Shows an overview and acts on the selected profile."""

    AUTO_FOCUS = "ProfileTree"
    BINDINGS = bindings(MAIN)

    filter_input = query_one(FilterInput)
    detail = query_one("#detail", Pane)

    def __init__(self, model: TreeModel, filter_text: str = "") -> None:
        super().__init__(model.overview)
        model.working = self.tasks.words
        self._first_model = model
        self._filter_text = filter_text
        self._signature = signature(self.overview.locations)
        self._rereading = Rereading(self, self._prepare_reading, self._show_fresh)
        self._recounts = self._recounted = 0  # asked for, and of these shown
        self._fitted = Size()
        self._is_new = True
        self.active: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        self.active = active_profile(self.xswitch.environ)
        yield Text(id="too-small")
        with Vertical(id="all"):
            yield Text(id="status")
            yield Text(id="broken")
            with Horizontal(id="filter-line"):
                yield Text("/", id="slash")
                yield FilterInput(self._filter_text, placeholder=FILTER_HINT, compact=True, id="filter")
            with Container(id="panes"):
                with Vertical(id="list"):
                    yield ProfileTree(self._first_model, self.xswitch.clock, self.active)
                    yield Text(id="nothing")
                detail = Pane(self.detail_lines, id="detail", can_focus=False)
                detail.styles.height = detail_height(*self.app.size) or None
                yield detail
            yield KeyLine()

    def on_mount(self) -> None:
        """Fill the screen and start the clocks."""
        self.profile_tree.update_rows(to_match=bool(self._filter_text))
        self._fit()
        self._show_nothing()
        self.query_one(KeyLine).show_keys(self)
        if self.active and not self._filter_text:
            self.profile_tree.select(self.active)
        if self.xswitch.settings.start == "filter":
            self.set_focus(self.filter_input)
        self.set_interval(1.0, self._tick)
        self.set_interval(_WATCH_SECONDS, self._watch)
        self.set_timer(_IDLE_SECONDS, self._prepare_filter)
        self.set_timer(_REST_SECONDS, self._prepare_session)

    # -- showing ----------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.profile_tree.tick()
        self.show_status()
        self.detail.show()

    def _prepare_filter(self) -> None:
        """Make what the filter looks at, a little at a time, so that its first key need not wait for it."""
        if self.profile_tree.model.prepare_filter(self.xswitch.clock(), _AT_A_TIME):
            self.set_timer(_PAUSE_SECONDS, self._prepare_filter)

    def _prepare_session(self) -> None:
        """Load what obtaining a session needs, once the user rests on a profile that needs one.

        The first one obtained need not wait for it then; who needs none has that memory left.
        """
        left = _REST_SECONDS - (monotonic() - self.xswitch.last_input)
        profile = self.profile_tree.profile if left <= 0 else None
        if profile is not None and self.overview.needs_session(profile, self.xswitch.clock()):
            start_beside(warm)
        else:
            self.set_timer(left if left > 0 else _REST_SECONDS, self._prepare_session)

    def _watch(self) -> None:
        if signature(self.overview.locations) != self._signature:
            self.reload()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Show what may have changed while another screen was above, and what waited for its end."""
        if self._is_new:  # every widget has its style just now
            self._is_new = event.refresh_styles = False
            return
        if self.profile_tree.rows:
            self._tick()
        self.tasks.show_next()

    def on_resize(self) -> None:
        """Fit into the new size; Textual tells that of the start again."""
        if self.app.size != self._fitted:
            self._fit()

    def _fit(self) -> None:
        """Fit into the size there is, or say how much room is needed where there is too little."""
        self._fitted = self.app.size
        columns, lines = self._fitted
        needed = "{}×{}".format(*SMALLEST)
        self.query_one("#too-small", Text).show(
            f"xswitch needs {needed} characters; this is {columns}×{lines}"
        )
        self.detail.styles.height = detail_height(columns, lines) or None
        self._show_problems()
        self.show_status()

    @on(ProfileTree.Highlighted)
    def _show_selected(self) -> None:
        self.detail.show(anew=True)

    def detail_lines(self) -> Iterable[Line]:
        """Return the detail of the selected row."""
        row = self.profile_tree.row
        if row is None:
            return ()
        now = self.xswitch.clock()
        if row.node.profile is None:
            return heading_detail(row.node, self.overview, now)
        return profile_detail(self.profile_tree.model, row.node.profile, self.xswitch.environ, now)

    def show_status(self) -> None:
        """Show the line at the top as it is now."""
        tree, width = self.profile_tree, self.app.size.width
        found = match_count(tree.rows) if tree.model.filter else None
        parts = status_line(tree.model, self.xswitch.environ, found, self.xswitch.clock(), width)
        styled = [(text, _STATUS_STYLES.get(style, "")) for text, style in parts]
        self.query_one("#status", Text).show(Content.assemble(*styled))

    def show_marks(self) -> None:
        """Show at the top and in the footer how many profiles are marked."""
        self.show_status()
        self.refresh_bindings()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys as the footer shows them: with marks, how many profiles a command is run under."""
        found, marks = super().active_bindings, len(self.profile_tree.model.marks)
        for key, active in found.items():
            if marks and active.binding.id == "profile.run":
                label = f"{active.binding.description} {marks}"
                found[key] = active._replace(binding=replace(active.binding, description=label))
        return found

    def _show_problems(self) -> None:
        lines = banner(self.profile_tree.model, self.app.size.width - 2, self.xswitch.settings_fault)
        self.query_one("#broken", Text).show("\n".join(lines))
        self.query_one("#broken", Text).display = bool(lines)

    def _show_nothing(self) -> None:
        """Say what to do where the tree is empty."""
        nothing = self.query_one("#nothing", Text)
        self.profile_tree.display = bool(self.profile_tree.rows)
        nothing.display = not self.profile_tree.rows
        if not nothing.display:
            return  # a text that nobody sees would cost a layout at each key
        if len(self.overview.profiles):
            typed = printable(self.filter_input.value)
            nothing.show(f"nothing matches “{typed}”\n\nesc clears the filter, then n creates a role profile")
        else:
            places = self.overview.locations
            looked_in = (printable(tilde(path)) for path in (places.config, places.credentials))
            nothing.show(_NO_PROFILES.format(*looked_in))

    # -- filter -----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take the key of the filter out of the footer while one types in it."""
        del parameters
        return not (action == "filter" and isinstance(self.focused, FilterInput))

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        if event.value != self._filter_text:
            self._apply_filter(event.value)

    def _apply_filter(self, text: str) -> None:
        self._filter_text = text
        self.profile_tree.model.filter_by(text)
        self.profile_tree.update_rows(to_match=bool(text))
        self._show_nothing()
        self.show_status()

    def action_filter(self) -> None:
        """Go to the filter."""
        self.set_focus(self.filter_input)

    def action_accept_filter(self) -> None:
        """Go to what the filter has found. Where that is nothing, stay: no other row was meant."""
        if self.profile_tree.rows:
            self.set_focus(self.profile_tree)

    def action_leave_filter(self) -> None:
        """Go back to the tree; the filter stays, where it has left something."""
        if not self.profile_tree.rows:
            self._clear_filter()
        self.set_focus(self.profile_tree)

    def action_back(self) -> None:
        """Stop what runs, or else clear the filter, or else the marks."""
        if self.stop_task():
            return
        if self.filter_input.value:
            self._clear_filter()
        else:
            self.profile_tree.clear_marks()
            self.show_marks()

    def _clear_filter(self) -> None:
        self.filter_input.clear()
        self._apply_filter("")

    def action_move(self, step: int) -> None:
        """Move in the tree from the filter."""
        self.profile_tree.action_cursor(step)

    def action_move_page(self, direction: int) -> None:
        """Move in the tree by a page from the filter."""
        self.profile_tree.action_page(direction)

    def go_to(self, name: str) -> None:
        """Select a profile, clearing the filter and the folds where they hide it."""
        if not self.profile_tree.select(name):
            self.profile_tree.model.folds.clear()
            self._clear_filter()
            self.profile_tree.select(name)
        self.set_focus(self.profile_tree)

    # -- actions ----------------------------------------------------------------------------------

    def action_reload(self) -> None:
        """Read everything again, also what is used most: nothing jumps while one works in the tree."""
        self._recounts += 1
        self.reload()

    def reload(self) -> None:
        """Read everything again, beside the UI: keys act meanwhile on what there was."""
        self._signature = signature(self.overview.locations)
        self._rereading.ask()

    def reload_now(self) -> None:
        """Read everything again before anything else is done."""
        self._signature = signature(self.overview.locations)
        self._rereading.drop()
        self._show_fresh(self._prepare_reading()())

    def _prepare_reading(self) -> Callable[[], Fresh]:
        app, places, model = self.xswitch, self.overview.locations, self.profile_tree.model
        settings, text = app.settings, self._filter_text
        recounts = self._recounts
        uses = app.uses if recounts == self._recounted else None
        folds, now = set(model.folds), app.clock()

        def read() -> Fresh:
            fresh = read_anew(places, settings, uses)
            fresh.recounts = recounts
            # The rows too, as they will be wanted if nobody types meanwhile.
            fresh.model.folds = folds
            fresh.model.filter_by(text)
            fresh.model.rows(now)
            return fresh

        return read

    @on(Rereading.Ended)
    def _reread(self, event: Rereading.Ended) -> None:
        if not self.xswitch.is_leaving:
            self._rereading.end(event)

    def _show_fresh(self, fresh: Fresh) -> None:
        """Show what was read; folds, marks, filter and cursor are what they are by now."""
        self._recounted = fresh.recounts  # not before: a reading may be dropped
        self.xswitch.take(fresh)
        self.overview = fresh.model.overview
        fresh.model.filter_by(self._filter_text)
        self.profile_tree.show(fresh.model)
        self.set_timer(_IDLE_SECONDS, self._prepare_filter)
        self._show_problems()
        self._show_nothing()
        self.show_marks()

    def action_detail(self) -> None:
        """Show or hide the detail; where there is no room beside the tree, on a screen of its own."""
        if self.has_class("-narrow") or self.has_class("-short"):
            from xswitch.tui.screens.message import DetailScreen

            self.app.push_screen(DetailScreen(self.detail_lines))
        else:
            self.toggle_class("-no-detail")

    def action_scroll_detail(self, step: int) -> None:
        """Scroll the detail by `step` lines."""
        self.detail.scroll_relative(y=step, animate=False, immediate=True)

    def action_help(self) -> None:
        """Show the keys."""
        from xswitch.tui.screens.help import HelpScreen

        settings, icons = self.xswitch.settings, self.profile_tree.model.icons
        actions = actions_for(self.xswitch.environ)
        self.app.push_screen(HelpScreen(actions, settings.keys, self.overview.locations.settings, icons))

    async def action_quit(self) -> None:
        """Leave."""
        await self.app.action_quit()


class MainScreenOfHook(MainScreen):
    """The main screen where the shell hook has started xswitch, and switches its shell."""

    BINDINGS = [SWITCH_IN_PLACE.binding()]
