"""`xswitch use`: what a shell evaluates to be under a profile itself."""

from __future__ import annotations

import os
import sys

from xswitch import locations
from xswitch.awsfiles.masking import shown
from xswitch.cli.output import is_terminal, write_exactly
from xswitch.cli.preparing import interaction
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.launch.environment import session_end
from xswitch.launch.prepare import Launcher
from xswitch.launch.shells import SHELLS
from xswitch.launch.switch import give_back_region, to_none, to_profile
from xswitch.launch.usage import Use
from xswitch.locations import Locations
from xswitch.profiles.collection import find_profile, profiles_for
from xswitch.sessions.session import short_time_left
from xswitch.text import printable
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.launch.shells import Shell
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import Interaction

_NAMED = 5


def run(arguments: Arguments, output: Output) -> int:
    """Print the commands that switch, or open the UI where several profiles match."""
    shell = shell_named(arguments.values.get("--shell", "sh"))
    wanted = _wanted(arguments)
    if is_terminal(sys.stdout):
        raise XswitchError(
            "on a terminal this would change nothing, and could show secrets",
            'let your shell evaluate it: eval "$(xswitch use prod)"; or load xs, see: xswitch init --help',
        )
    if not wanted:
        write_exactly(to_none(shell, os.environ))
        if is_terminal(sys.stderr):
            output.talk("switched back to what was there before")
        return ExitStatus.OK
    profiles = profiles_for(Locations(os.environ), wanted)
    name = wanted
    if "--match" in arguments.flags and arguments.positional(0) != "-" and wanted not in profiles:
        found = _matches(wanted, profiles)
        if len(found) > 1:
            return _choose(wanted, found, shell, output)
        name = found[0] if found else wanted
    child = switch(shell, profiles, name, interaction(output, arguments))
    if is_terminal(sys.stderr):
        output.talk(switched(name, profiles, child))
    return ExitStatus.OK


def switch(
    shell: Shell, profiles: Profiles, name: str, person: Interaction, confirmed: Collection[str] = ()
) -> Mapping[str, str]:
    """Print what a shell evaluates to be under the profile `name`, its session obtained.

    `confirmed` is as in `Launcher`. Returns the environment that the shell then has. XswitchError, and
    nothing printed, where the session cannot be had.
    """
    profile = find_profile(profiles, name)
    before = dict(os.environ)
    give_back_region(os.environ)
    launcher = Launcher(profiles, Locations(os.environ), os.environ, person, confirmed)
    child = launcher.environment(name, use=Use.SWITCH)
    write_exactly(to_profile(shell, profile, before, child))
    return child


def switched(name: str, profiles: Profiles, child: Mapping[str, str]) -> str:
    """Return the sentence that says to what, with the account and the time left where they are known."""
    now = utc_now()
    ends_at = session_end(name, profiles, child, Locations(os.environ), now)
    left = short_time_left(ends_at, now) if ends_at else ""
    about = [shown(profiles[name].account_id or ""), f"{left} left" if ends_at and ends_at > now else left]
    more = f" ({', '.join(filter(None, about))})" if any(about) else ""
    return f"switched to {printable(name)}{more}"


def shell_named(name: str) -> Shell:
    """Return the shell of that name. UsageError where there is none."""
    if name not in SHELLS:
        raise UsageError(f"xswitch knows no shell {printable(name)}", f"it knows {', '.join(SHELLS)}")
    return SHELLS[name]


def _wanted(arguments: Arguments) -> str:
    """Return what was asked for, "" for no profile; `-` is resolved."""
    word = arguments.positional(0)
    if "--none" in arguments.flags:
        if word is not None:
            raise UsageError("use takes a PROFILE or --none, not both", "for example: xswitch use prod")
        return ""
    if word is None or not word.strip():
        raise UsageError("use needs PROFILE, - or --none", "for example: xswitch use prod")
    if word != "-":
        return word
    previous = os.environ.get(locations.PREVIOUS_PROFILE)
    if previous is None:
        raise XswitchError("no profile was in use before in this shell", "name one: xswitch use prod")
    return previous


def _matches(text: str, profiles: Profiles) -> list[str]:
    """Return the profile whose name begins with `text`, else those in which the filter finds its words.

    Several of them are a question for the user.
    """
    names = [name for name in profiles.files.profiles if name.startswith(text)]
    if names:
        return names
    from xswitch.profiles.filtering import Filter, haystack
    from xswitch.sessions.overview import Overview

    words, now = Filter(text), utc_now()
    overview = Overview(Locations(os.environ))
    return [
        profile.name
        for profile in overview.profiles
        if words and words.matches(haystack(profile, overview.account_id(profile, now)))
    ]


def _choose(text: str, found: list[str], shell: Shell, output: Output) -> int:
    """Let the user choose in the UI, with the filter filled in."""
    if not is_terminal(sys.stdin) or os.environ.get("TERM", "dumb") == "dumb":
        named = ", ".join(printable(name) for name in found[:_NAMED])
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise XswitchError(
            f"{printable(text)} matches {len(found)} profiles: {named}{more}", "say more of the one you mean"
        )
    from xswitch.cli.ui import open_ui

    return open_ui(text, output, lambda: shell)
