"""`xswitch` alone: the terminal UI, and what its user chose there."""

from __future__ import annotations

import os
import sys

from xswitch.cli.prompts import ask_mfa_code
from xswitch.errors import ExitStatus
from xswitch.launch.execute import replace_process
from xswitch.launch.prepare import Launcher
from xswitch.launch.shell import user_shell, with_depth
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.settings import load_settings
from xswitch.text import printable
from xswitch.tui.terminal import terminal_as_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.tui.outcome import Leave


def run(arguments: Arguments, output: Output) -> int:
    """Open the UI; then become what was chosen."""
    locations = Locations(os.environ)
    with terminal_as_streams():
        # A filter key is drawn after two ticks of this clock.
        os.environ.setdefault("TEXTUAL_FPS", "240")
        from xswitch.tui.actions import ACTIONS  # noqa: PLC0415 - Textual, only once there is a terminal
        from xswitch.tui.app import XswitchApp  # noqa: PLC0415
        from xswitch.tui.outcome import Cancelled  # noqa: PLC0415

        settings = load_settings(locations.settings, {action.id: action.keys for action in ACTIONS})
        app = XswitchApp(
            locations,
            os.environ,
            settings,
            filter_text=arguments.positional(0) or "",
            ask_code=ask_mfa_code,
        )
        chosen = app.run()
    if isinstance(chosen, Cancelled):
        return ExitStatus.INTERRUPTED
    if chosen is None:
        return app.return_code or ExitStatus.OK
    return _become(chosen, locations, output)


def _become(chosen: Leave, locations: Locations, output: Output) -> int:
    launcher = Launcher(read_profiles(locations), locations, os.environ, ask_mfa_code, output.talk)
    child = launcher.environment(chosen.profile)
    shell = user_shell(child)
    if chosen.command is not None:
        replace_process([shell, "-c", chosen.command], child)
    if sys.stderr.isatty():
        output.talk(f"a subshell under {printable(chosen.profile)}; leave it with exit")
    replace_process([shell], with_depth(child))
