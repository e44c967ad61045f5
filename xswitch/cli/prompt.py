"""`xswitch prompt`: the profile in use and the time left, for a shell's prompt."""

from __future__ import annotations

import os

from xswitch.cli.exactly import write_exactly
from xswitch.errors import ExitStatus, UsageError
from xswitch.launch.active import session_end, short_time_left
from xswitch.launch.environment import active_profile
from xswitch.locations import Locations
from xswitch.profiles.finding import profiles_for
from xswitch.text import printable
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


_SHELLS = ("sh", "bash", "zsh", "fish", "powershell")


def run(arguments: Arguments, output: Output) -> int:
    """Print them; nothing where no profile is in use."""
    del output
    shell = arguments.values.get("--shell", "sh")
    if shell not in _SHELLS:
        raise UsageError(f"xswitch knows no shell {printable(shell)}", f"it knows: {', '.join(_SHELLS)}")
    name = active_profile(os.environ)
    if name:
        text = " ".join(filter(None, [printable(name), _left(name)]))
        if shell == "zsh":
            text = text.replace("%", "%%")
        write_exactly(text)
    return ExitStatus.OK


def _left(name: str) -> str:
    places, now = Locations(os.environ), utc_now()
    try:
        ends_at = session_end(name, profiles_for(places, name), os.environ, places, now)
    except Exception:  # noqa: BLE001 - a prompt is no place to complain: other commands say what is wrong
        return ""
    return short_time_left(ends_at, now) if ends_at else ""
