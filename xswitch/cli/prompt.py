"""`xswitch prompt`: the profile in use and the time left, for a shell's prompt."""

from __future__ import annotations

import os

from xswitch.cli.output import write_exactly
from xswitch.errors import ExitStatus, GuardRefused, UsageError, XswitchError
from xswitch.launch.environment import active_profile, session_end
from xswitch.locations import Locations
from xswitch.profiles.collection import profiles_for
from xswitch.regular import is_absent
from xswitch.sessions.session import short_time_left
from xswitch.text import printable
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.profiles.collection import Profiles


_SHELLS = ("sh", "bash", "zsh", "fish", "powershell")
_CODES = ("red", "green", "yellow", "blue", "magenta", "cyan")
# How a shell is told of letters in its prompt that take no room; sh has no way.
_ANSI = ("\x1b[1;{code}m", "\x1b[0m")
_PAINT = {
    "bash": ("\x01\x1b[1;{code}m\x02", "\x01\x1b[0m\x02"),
    "zsh": ("%B%F{{{name}}}", "%f%b"),
    "fish": _ANSI,
    "powershell": _ANSI,
}


def run(arguments: Arguments, output: Output) -> int:
    """Print them; nothing where no profile is in use."""
    del output
    shell = arguments.values.get("--shell", "sh")
    if shell not in _SHELLS:
        raise UsageError(f"xswitch knows no shell {printable(shell)}", f"it knows: {', '.join(_SHELLS)}")
    name = active_profile(os.environ)
    if name:
        write_exactly(_text(name, shell))
    return ExitStatus.OK


def _text(name: str, shell: str) -> str:
    places, now = Locations(os.environ), utc_now()
    left, color = "", "red"  # what is not known may be guarded
    try:
        profiles = profiles_for(places, name)
        color = _guard_color(name, profiles, places)
        ends_at = session_end(name, profiles, os.environ, places, now)
        left = short_time_left(ends_at, now) if ends_at else ""
    except Exception:  # noqa: BLE001, S110 - a prompt is no place to complain: other commands say what is wrong
        pass
    text = f"{_lock(places)} {printable(name)}" if color else printable(name)
    left = f" {left}" if left else ""
    if shell == "zsh":
        text, left = text.replace("%", "%%"), left.replace("%", "%%")
    if color and not os.environ.get("NO_COLOR"):
        before, after = _PAINT.get(shell, ("", ""))
        text = f"{before.format(name=color, code=31 + _CODES.index(color))}{text}{after}"
    return text + left


def _lock(places: Locations) -> str:
    """Return the sign that the UI has for a guarded profile."""
    from xswitch.settings.reading import load_settings
    from xswitch.tui.signs import ICONS

    try:
        icons = load_settings(places.settings, places.state).icons
    except XswitchError:
        icons = "unicode"
    return ICONS[icons]["guarded"]


def _guard_color(name: str, profiles: Profiles, places: Locations) -> str:
    """Return the colour of the guard of the profile, "" where it has none; red where nobody can tell."""
    if name not in profiles or is_absent(places.settings):
        return ""
    from xswitch.launch.guarding import Gate
    from xswitch.sessions.interaction import Interaction

    try:
        if not Gate(places, Interaction()).guards:
            return ""
        from xswitch.launch.prepare import Launcher

        guard = Launcher(profiles, places, os.environ, Interaction()).guard_of(name)
    except GuardRefused:
        return "red"
    return guard.color if guard else ""
