"""The main screen: status, filter, profile tree, detail, keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on
from textual.binding import Binding
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from xswitch import locations
from xswitch.awsfiles.settings import shown
from xswitch.errors import XswitchError
from xswitch.launch.shell import user_shell
from xswitch.locations import tilde
from xswitch.profiles.filtering import Filter
from xswitch.sessions.overview import Overview
from xswitch.text import printable
from xswitch.tui.actions import MAIN
from xswitch.tui.detail import heading_detail, profile_detail, wrapped
from xswitch.tui.early import active_profile
from xswitch.tui.lines import status_parts
from xswitch.tui.outcome import Leave
from xswitch.tui.rows import TreeModel
from xswitch.tui.screens.copy import CopyScreen
from xswitch.tui.screens.help import HelpScreen
from xswitch.tui.screens.message import DetailScreen, MessageScreen
from xswitch.tui.screens.run import RunRequest, RunScreen
from xswitch.tui.terminal import tell
from xswitch.tui.watch import signature
from xswitch.tui.widgets.profile_tree import ProfileTree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult

    from xswitch.profiles.profile import Profile
    from xswitch.tui.app import XswitchApp

    Prepare = Callable[[], tuple[Sequence[str], Mapping[str, str]]]

_WATCH_SECONDS = 1.5
_STATUS_STYLES = {"muted": "$text-muted", "broken": "$text-error", "bold": "bold"}


class FilterInput(Input):
    """The filter line. Up and down move in the tree while one types."""

    BINDINGS = [
        Binding("up", "screen.move(-1)", show=False),
        Binding("down", "screen.move(1)", show=False),
        Binding("enter", "screen.leave_filter", "To the list", show=True, key_display="⏎"),
        Binding("escape", "screen.leave_filter", show=False),
    ]


class MainScreen(Screen[None]):
    """Shows an overview and acts on the selected profile."""

    CSS_PATH = "main.tcss"
    AUTO_FOCUS = "ProfileTree"
    BINDINGS = [action.binding() for action in MAIN]

    profile_tree = query_one(ProfileTree)
    filter_input = query_one(FilterInput)

    def __init__(self, model: TreeModel, filter_text: str = "") -> None:
        super().__init__()
        self.overview = model.overview
        self._first_model = model
        self._filter_text = filter_text
        self._signature = signature(self.overview.locations)
        self.active: str | None = None

    @property
    def xswitch(self) -> XswitchApp:
        """The application."""
        return cast("XswitchApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        self.active = active_profile(self.xswitch.environ)
        yield Static(id="too-small", markup=False)
        with Vertical(id="all"):
            yield Static(id="status", markup=False)
            yield Static(id="broken", markup=False)
            yield FilterInput(
                self._filter_text,
                placeholder="/ filter: name, account, role, region",
                compact=True,
                id="filter",
            )
            with Container(id="panes"):
                with Vertical(id="list"):
                    yield ProfileTree(self._first_model, self.xswitch.clock, self.active)
                    yield Static(id="nothing", markup=False)
                with VerticalScroll(id="detail", can_focus=False):
                    yield Static(id="detail-text", markup=False)
            yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Fill the screen and start the clocks."""
        self._apply_filter(self._filter_text)
        if self.active and not self._filter_text:
            self.profile_tree.select(self.active)
        if self.xswitch.settings.start == "filter":
            self.set_focus(self.filter_input)
        self.set_interval(1.0, self._tick)
        self.set_interval(_WATCH_SECONDS, self._watch)

    # -- showing ----------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.profile_tree.tick()
        self._show_status()
        self._show_detail()

    def _watch(self) -> None:
        if signature(self.overview.locations) != self._signature:
            self.action_reload()

    def on_screen_resume(self) -> None:
        """Show what may have changed while another screen was above."""
        if self.profile_tree.rows:
            self._tick()

    def on_resize(self) -> None:
        """Say how much room is needed where there is too little."""
        self.query_one("#too-small", Static).update(
            f"xswitch needs 40×10 characters; this is {self.size.width}×{self.size.height}"
        )
        self._show_status()

    @on(ProfileTree.Highlighted)
    def _show_selected(self) -> None:
        self._show_detail()
        self._show_status()

    def _show_detail(self) -> None:
        self.query_one("#detail-text", Static).update(self._detail(self.query_one("#detail").size.width - 3))

    def _detail(self, width: int) -> Content:
        row = self.profile_tree.row
        if row is None:
            return Content("")
        now = self.xswitch.clock()
        if row.node.profile is None:
            lines = heading_detail(row.node, self.overview, now)
        else:
            lines = profile_detail(self.overview, row.node.profile, self.xswitch.environ, now)
        return wrapped(lines, width)

    def _show_status(self) -> None:
        total = len(self.overview.profiles)
        count = self.profile_tree.match_count if self.profile_tree.model.filter else total
        right = f"{count}/{total} profiles"
        parts = status_parts(self.overview, self.active, self.xswitch.clock())
        left = Content.assemble(*[(text, _STATUS_STYLES.get(style, "")) for text, style in parts])
        if self.xswitch.environ.get(locations.DEMO):
            left = Content.assemble(("demo", "$text-accent bold"), ": your files are untouched · ", left)
        left = left.truncate(max(self.size.width - len(right) - 4, 1), ellipsis=True)
        room = self.size.width - 2 - left.cell_length - len(right)
        self.query_one("#status", Static).update(Content.assemble(left, " " * room, (right, "$text-muted")))

    def _show_problems(self) -> None:
        """Show the first problem of the files themselves, and how many more there are."""
        problems = self.overview.profiles.files.problems()
        problems.sort(key=lambda problem: not problem.fatal)
        banner = self.query_one("#broken", Static)
        banner.display = bool(problems)
        if problems:
            first = problems[0]
            line = f":{first.line}" if first.line else ""
            end = "; aws refuses the whole file" if first.fatal else ""
            more = f" (and {len(problems) - 1} more: xswitch list)" if len(problems) > 1 else ""
            banner.update(f"✗ {printable(tilde(first.file))}{line}: {shown(first.message)}{end}{more}")

    def _show_nothing(self) -> None:
        """Say what to do where the tree is empty."""
        nothing = self.query_one("#nothing", Static)
        self.profile_tree.display = bool(self.profile_tree.rows)
        nothing.display = not self.profile_tree.rows
        if len(self.overview.profiles):
            nothing.update(f"nothing matches “{printable(self.filter_input.value)}”\n\nesc clears the filter")
        else:
            places = self.overview.locations
            nothing.update(
                "No AWS profiles yet.\n\n"
                f"Looked in {printable(tilde(places.config))}\n"
                f"       and {printable(tilde(places.credentials))}\n\n"
                "To begin:  aws configure        access keys\n"
                "           aws configure sso    IAM Identity Center\n"
                "           xswitch demo         a tree to try, no account needed"
            )

    # -- filter -----------------------------------------------------------------------------------

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        self._apply_filter(event.value)

    def _apply_filter(self, text: str) -> None:
        self.profile_tree.model.filter = Filter(text)
        self.profile_tree.update_rows(to_match=bool(text))
        self._show_problems()
        self._show_nothing()

    def action_filter(self) -> None:
        """Go to the filter."""
        self.set_focus(self.filter_input)

    def action_leave_filter(self) -> None:
        """Go back to the tree; the filter stays."""
        self.set_focus(self.profile_tree)
        if not self.profile_tree.rows:
            self.filter_input.clear()

    def action_back(self) -> None:
        """Clear the filter."""
        self.filter_input.clear()

    def action_move(self, step: int) -> None:
        """Move in the tree from the filter."""
        self.profile_tree.action_cursor(step)

    def go_to(self, name: str) -> None:
        """Select a profile, clearing the filter where it hides it."""
        self.profile_tree.select(name)
        if self.profile_tree.profile is None or self.profile_tree.profile.name != name:
            self.filter_input.clear()
            self.profile_tree.model.folds.clear()
            self.profile_tree.update_rows()
            self.profile_tree.select(name)
        self.set_focus(self.profile_tree)

    # -- actions ----------------------------------------------------------------------------------

    def action_reload(self) -> None:
        """Read everything again."""
        self._signature = signature(self.overview.locations)
        self.overview = Overview(self.overview.locations)
        self.profile_tree.show(TreeModel(self.overview, self.xswitch.settings.icons))
        self._show_problems()
        self._show_nothing()
        self._show_status()

    @on(ProfileTree.Chosen)
    def action_switch(self) -> None:
        """Leave, and open a subshell under the profile; on a heading, fold it."""
        profile = self.profile_tree.profile
        if profile is not None:
            self.app.exit(Leave(profile.name))
        else:
            self.profile_tree.toggle_fold()

    def action_run(self) -> None:
        """Ask for a command to run under the profile."""
        profile = self.profile_tree.profile
        if profile is not None:
            # Pushed here and now: the keys typed next are the command's.
            dialog = RunScreen(profile.name, self.xswitch.history.commands())
            self.app.push_screen(dialog, partial(self._run, profile))

    def _run(self, profile: Profile, request: RunRequest | None) -> None:
        if request is None:
            return
        self.xswitch.history.add(request.command)
        if request.leave:
            self.app.exit(Leave(profile.name, request.command))
        else:
            argv = [user_shell(self.xswitch.environ), "-c", request.command]
            launcher = self.xswitch.launcher(self.overview)
            self._lend(
                f"{printable(profile.name)} $ {printable(request.command)}",
                lambda: (argv, launcher.environment(profile.name)),
                wait=True,
            )

    def action_shell(self) -> None:
        """Open a subshell, and come back when it ends."""
        profile = self.profile_tree.profile
        if profile is not None:
            launcher = self.xswitch.launcher(self.overview)
            self._lend(
                f"a subshell under {printable(profile.name)}; exit comes back",
                lambda: launcher.subshell(profile.name),
                wait=False,
            )

    def _lend(self, what: str, prepare: Prepare, *, wait: bool) -> None:
        """Hand the terminal to the child that `prepare` describes, and take it back when it ends."""
        failure: XswitchError | None = None
        with self.app.suspend():
            try:
                tell(what)
                status = self.xswitch.lend_terminal(prepare)
                if wait:
                    input(f"\nxswitch: exit status {status}; Enter goes back ")
            except XswitchError as error:
                failure = error
            except OSError as error:
                failure = XswitchError(f"the child could not be started: {error.strerror}")
            except (KeyboardInterrupt, EOFError):
                pass
        self.action_reload()
        if failure is not None:
            self.app.push_screen(MessageScreen(failure.message, failure.hint))

    def action_copy(self) -> None:
        """Offer what can be copied of the profile."""
        profile = self.profile_tree.profile
        if profile is not None:
            account = self.overview.account_id(profile, self.xswitch.clock())
            self.app.push_screen(CopyScreen(profile, account))

    def action_detail(self) -> None:
        """Show or hide the detail; where there is no room beside the tree, on a screen of its own."""
        if self.has_class("-narrow") or self.has_class("-short"):
            self.app.push_screen(DetailScreen(self._detail(min(self.size.width, 100) - 6)))
        else:
            self.toggle_class("-no-detail")

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(HelpScreen(self.xswitch.settings.keys))

    async def action_quit(self) -> None:
        """Leave."""
        await self.app.action_quit()
