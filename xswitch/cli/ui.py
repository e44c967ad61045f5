"""`xswitch` alone: the terminal UI, and what its user chose there."""

from __future__ import annotations

import os
import sys

from xswitch.errors import ExitStatus
from xswitch.locations import HOOK, Locations
from xswitch.sessions.overview import Overview
from xswitch.settings.reading import load_settings
from xswitch.tui.early import first_frame
from xswitch.tui.rows import TreeModel
from xswitch.tui.terminal import TerminalAsStreams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.cli.prompts import TerminalInteraction
    from xswitch.launch.shells import Shell
    from xswitch.settings.model import Settings
    from xswitch.tui.app import XswitchApp
    from xswitch.tui.outcome import Leave


def run(arguments: Arguments, output: Output) -> int:
    """Open the UI with a filter; then become what was chosen, or leave."""
    start(arguments.positional(0) or "", output)


def start(filter_text: str, output: Output) -> NoReturn:
    """Open the UI for the shell that has started this process; then become what was chosen, or leave."""
    name = os.environ.get(HOOK, "")

    def shell() -> Shell | None:
        from xswitch.launch.shells import SHELLS

        return SHELLS.get(name)

    open_ui(filter_text, output, shell)


def open_ui(filter_text: str, output: Output, shell: Callable[[], Shell | None]) -> NoReturn:
    """Open the UI; then become what was chosen, or leave.

    `shell` returns what evaluates the output, where that is known; it is asked where something was chosen.
    """
    locations = Locations(os.environ)
    # Inherited, it says nothing of this process. The UI tells by it what Enter does.
    os.environ.pop(HOOK, None)
    if not sys.stdout.isatty():
        os.environ[HOOK] = "sh"
    with TerminalAsStreams() as terminal:
        settings = load_settings(locations.settings, locations.state)
        model = TreeModel(Overview(locations), settings)
        model.filter_by(filter_text)
        terminal.show_first_frame(first_frame(model, os.environ, filter_text, os.get_terminal_size(1)))
        app = _app(model, settings, filter_text, output)
        app.terminal_settings, app.frame_stands = terminal.settings, terminal.framed
        chosen = app.run()
    from xswitch.tui.outcome import Cancelled

    if isinstance(chosen, Cancelled):
        _end(ExitStatus.INTERRUPTED)
    if chosen is None:
        _end(app.return_code or ExitStatus.OK)
    _become(chosen, app, output, shell())


def _app(model: TreeModel, settings: Settings, filter_text: str, output: Output) -> XswitchApp:
    # A key in the filter is drawn after two ticks of this clock, which stands while there is nothing to draw.
    # No child is to see it.
    own = "TEXTUAL_FPS" in os.environ
    os.environ.setdefault("TEXTUAL_FPS", "500")
    from xswitch.cli.preparing import announce, unmet
    from xswitch.tui.app import XswitchApp
    from xswitch.tui.settings import check_for_ui

    check_for_ui(settings)
    if not own:
        del os.environ["TEXTUAL_FPS"]
    return XswitchApp(
        model,
        os.environ,
        settings,
        filter_text=filter_text,
        interaction=unmet(lambda: _person(output)),
        announce=lambda name, launcher: announce(name, launcher, output),
    )


def _person(output: Output) -> TerminalInteraction:
    from xswitch.cli.prompts import TerminalInteraction

    return TerminalInteraction(output)


def _become(chosen: Leave, app: XswitchApp, output: Output, shell: Shell | None) -> NoReturn:
    from xswitch.cli.preparing import announce
    from xswitch.cli.prompts import TerminalInteraction
    from xswitch.launch.execute import replace_process
    from xswitch.launch.prepare import Launcher
    from xswitch.profiles.collection import profiles_for
    from xswitch.text import printable

    os.environ.pop(HOOK, None)
    # The files anew: they may have changed since the UI last looked.
    profiles = profiles_for(app.locations, chosen.profile)
    person = TerminalInteraction(output)
    launcher = Launcher(profiles, app.locations, app.environ, person, chosen.confirmed)
    if chosen.command is not None:
        argv, child = launcher.shell_command(chosen.profile, chosen.command)
        if not sys.stdout.isatty():
            os.dup2(os.open("/dev/tty", os.O_RDWR), 1)  # nothing of it is for `eval "$(xswitch)"`
        announce(chosen.profile, launcher, output)
        replace_process(argv, child)
    if not sys.stdout.isatty():
        # What a subshell writes would be evaluated by the caller; so the caller itself is switched.
        from xswitch.cli.use import switch, switched
        from xswitch.launch.shells import POSIX

        now = switch(shell or POSIX, profiles, chosen.profile, person, chosen.confirmed)
        said = switched(chosen.profile, profiles, now)
        if shell is None:
            output.talk(f'{said}, if your shell evaluates this: eval "$(xswitch)"')
        elif sys.stderr.isatty():
            output.talk(said)
        _end(ExitStatus.OK)
    argv, child = launcher.subshell(chosen.profile)
    announce(chosen.profile, launcher, output)
    if sys.stderr.isatty():
        output.talk(f"a subshell under {printable(chosen.profile)}; leave it with exit")
    replace_process(argv, child)


def _end(status: int) -> NoReturn:
    """End at once: taking the interpreter down in order costs more than starting it did."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
