"""The application: theme, palette, and the way out."""

from __future__ import annotations

import gc
import sys
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.events import InputEvent, Paste

from xswitch import locations
from xswitch.errors import XswitchError
from xswitch.launch.history import History
from xswitch.text import printable
from xswitch.timestamps import utc_now
from xswitch.tui._textual import DEFAULT_THEME, SerialKeys, end_with_report
from xswitch.tui.actions import CANCEL, MAIN, actions_for
from xswitch.tui.colours import guard_colours
from xswitch.tui.lines import DETAIL_BESIDE
from xswitch.tui.outcome import Cancelled, Leave
from xswitch.tui.rows import guard_shown
from xswitch.tui.screens.main import MainScreen, MainScreenOfHook
from xswitch.tui.terminal import run_child

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from textual.app import SystemCommand
    from textual.events import Event
    from textual.screen import Screen

    from xswitch.launch.prepare import Launcher
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.guarding import Guard
    from xswitch.sessions.interaction import Interaction
    from xswitch.settings.model import Settings
    from xswitch.tui.reading import Fresh
    from xswitch.tui.rows import TreeModel
    from xswitch.tui.terminal import Prepare

    Announce: TypeAlias = Callable[[str, Launcher], None]
    """Says on the terminal that something is about to run under a profile, where that is a guarded one."""

    class LendTerminal(Protocol):
        """Says what is run, runs what `prepare` returns, and with `wait` shows how it ended until Enter."""

        def __call__(self, what: str, prepare: Prepare, *, wait: bool) -> None:
            """Run it; XswitchError, OSError or KeyboardInterrupt where that cannot be done."""


_MOST_HITS = 50
# Seconds that a thread which computes goes on while a key waits, which it does several times.
_LONGEST_TURN = 0.001


class PaletteProvider(Provider):
    """The palette's entries: every action of the main screen, and every profile."""

    async def discover(self) -> Hits:
        """Offer the actions before anything is typed."""
        for name, command, text in self._actions():
            yield DiscoveryHit(name, command, help=text)

    async def search(self, query: str) -> Hits:
        """Offer what matches the query."""
        matcher = self.matcher(query)
        for name, command, text in self._actions():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), command, help=text)
        screen = self.screen
        if isinstance(screen, MainScreen):
            for name in self._found(query):
                yield Hit(
                    1.0,
                    matcher.highlight(printable(name)),
                    partial(screen.go_to, name),
                    help="go to the profile",
                )

    def _found(self, query: str) -> list[str]:
        """Return the profiles with `query` in their names, those that begin with it first."""
        screen = cast("MainScreen", self.screen)
        names = [
            profile.name for profile in screen.overview.profiles if query.lower() in profile.name.lower()
        ]
        return sorted(names, key=lambda name: not name.lower().startswith(query.lower()))[:_MOST_HITS]

    def _actions(self) -> Iterable[tuple[str, Callable[[], object], str]]:
        offered = {action.id for action in MAIN} - {"app.palette"}
        for action in actions_for(cast("XswitchApp", self.app).environ):
            if action.id in offered:
                yield action.label, partial(self.screen.run_action, action.method), action.help


class XswitchApp(SerialKeys[Leave | Cancelled], inherit_bindings=False):
    """The terminal UI. It returns what to do next, or None where its user just left."""

    TITLE = "xswitch"
    CSS_PATH = "screens/main.tcss"
    ENABLE_COMMAND_PALETTE = False  # Textual's own key for it would work in dialogs, and not be remapped
    COMMANDS = {PaletteProvider}
    BINDINGS = [Binding(CANCEL.keys, CANCEL.method, CANCEL.label, id=CANCEL.id, show=False, priority=True)]
    HORIZONTAL_BREAKPOINTS = [
        (0, "-tiny"),
        (40, "-narrow"),
        (70, "-normal"),
        (DETAIL_BESIDE, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [
        (0, "-flat"),
        (10, "-short"),
        (20, "-tall"),
    ]

    def __init__(  # noqa: PLR0913 - all but three have names
        self,
        model: TreeModel,
        environ: Mapping[str, str],
        settings: Settings,
        *,
        filter_text: str = "",
        clock: Callable[[], datetime] = utc_now,
        interaction: Interaction,
        lend_terminal: LendTerminal = run_child,
        announce: Announce | None = None,
    ) -> None:
        # Without colours, the terminal's own two: the greys of a theme are colours too.
        super().__init__(ansi_color=True if environ.get("NO_COLOR") else None, theme=settings.theme)
        self.use_command_palette = True
        self.animation_level = "none"
        self.overview = model.overview
        self.locations = model.overview.locations
        self.environ = environ
        self.settings = settings
        self.settings_fault: XswitchError | None = None
        self.uses: Mapping[str, int] | None = model.uses
        self.clock = clock
        self.last_input = monotonic()
        self.history = History(self.locations.state)
        self._lend_terminal = lend_terminal
        self._announce = announce
        self._filter_text = filter_text
        self._model = model
        self._interaction = interaction

    def get_default_screen(self) -> MainScreen:
        """Return the main screen. In the classes that its size gives it, or it would be styled twice."""
        kind = MainScreenOfHook if self.environ.get(locations.HOOK) else MainScreen
        screen = kind(self._model, self._filter_text)
        breakpoints = zip(self.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True)
        for length, classes in breakpoints:
            fitting = [name for start, name in classes if length >= start]
            screen.set_class(True, fitting[-1], update=False)
        return screen

    def on_mount(self) -> None:
        """Set the user's keys."""
        self.set_keymap(self.settings.keys)
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.call_after_refresh(_collect_garbage_again)
        sys.setswitchinterval(_LONGEST_TURN)

    async def on_event(self, event: Event) -> None:
        """Note when the user last did something."""
        if isinstance(event, InputEvent | Paste):
            self.last_input = monotonic()
        await super().on_event(event)

    def launcher(self, profiles: Profiles, confirmed: Collection[str] = ()) -> Launcher:
        """Return what prepares a child's environment, talking on the terminal that the child gets.

        `confirmed` are the tokens of the questions of guards whose names were typed for it.
        """
        from xswitch.launch.prepare import Launcher

        return Launcher(profiles, self.locations, self.environ, self._interaction, confirmed)

    def guard(self, name: str) -> Guard | None:
        """Return the guard of a profile as it is shown, None where it has none, or is not there."""
        from xswitch.profiles.guarding import Guards

        profiles, guards = self.overview.profiles, Guards(self.settings.guard)
        if name not in profiles or not guards:
            return None
        return guard_shown(guards, self.overview, profiles[name], self.clock())

    def take(self, fresh: Fresh) -> None:
        """Go on with what was read anew. The theme and the keys stay as they are.

        Where the settings could not be read, `settings_fault` says why, and nothing is permitted.
        """
        settings = fresh.settings
        settings.theme, settings.keys = self.settings.theme, self.settings.keys
        self.settings, self.settings_fault = settings, fresh.fault
        self.overview, self.uses = fresh.model.overview, fresh.model.uses

    def lend(
        self, what: str, prepare: Prepare, *, wait: bool, under: tuple[str, Launcher] | None = None
    ) -> XswitchError | None:
        """Hand the terminal to a child, and take it back when it ends; return what went wrong.

        `under` is the profile that the child runs under, with what prepares it.
        """
        with self.suspend():
            try:
                if under is not None and self._announce is not None:
                    self._announce(*under)
                self._lend_terminal(what, prepare, wait=wait)
            except XswitchError as error:
                return error
            except OSError as error:
                name = printable(str(error.filename or "the command"))
                return XswitchError(f"{name} could not be started: {error.strerror}")
            except ValueError:
                return XswitchError("what is to be run, or its credentials, has a NUL character in it")
            except (KeyboardInterrupt, EOFError):
                return None
        return None

    def action_suspend_process(self) -> None:
        """Stop, until the shell continues it; not while a shell waits for what this one will print."""
        if self.environ.get(locations.HOOK):
            # In `$(…)` only this process would stop, and its shell would wait for ever.
            self.notify("your shell waits for this one: q leaves", markup=False)
        else:
            super().action_suspend_process()

    def action_cancel(self) -> None:
        """Leave with status 130; where a screen has something that must be stopped first, have it stopped."""
        for screen in reversed(self.screen_stack):
            interrupt = getattr(screen, "interrupt", None)
            if interrupt is not None and interrupt():
                return
        self.exit(Cancelled())

    async def action_quit(self) -> None:
        """Leave."""
        self.exit(None)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of guards, as they can be read in the theme."""
        return guard_colours(self.current_theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer none of Textual's own commands on any screen: the actions have what is needed."""
        del screen
        return ()

    def _keep_theme(self, _theme: object) -> None:
        if self.theme == (self.settings.theme or DEFAULT_THEME):
            return
        from xswitch.settings.writing import save_theme

        self.settings.theme = self.theme
        try:
            save_theme(self.locations.settings, self.theme)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "the settings file is not TOML"
            self.notify(f"the theme could not be kept: {reason}", severity="warning", markup=False)

    def _handle_exception(self, error: Exception) -> None:
        if self.is_leaving:
            return  # a screen that was taken apart while it was put together
        debug = bool(self.environ.get(locations.DEBUG))
        report = end_with_report(self, error, self.locations.state, debug=debug)
        self.exit(return_code=1, message=report)


def _collect_garbage_again() -> None:
    """Start the collector, which start-up does without, and leave alone what start-up has made."""
    gc.freeze()
    gc.enable()
