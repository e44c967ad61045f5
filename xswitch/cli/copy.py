"""`xswitch copy`."""

from __future__ import annotations

import os

from xswitch.cli.changing import carry_out
from xswitch.editing.operations import copy
from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Interaction
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Add a profile with all settings of another."""
    old, new = arguments.positionals
    status = carry_out(copy(old, new), arguments, output)
    if "--dry-run" not in arguments.flags:
        _warn(old, new, output)
    return status


def _warn(old: str, new: str, output: Output) -> None:
    """Say where the guard of a profile does not hold for its copy, which does the same under another name."""
    locations = Locations(os.environ)
    profiles = read_profiles(locations)
    launcher = Launcher(profiles, locations, os.environ, Interaction())
    if launcher.guard_of(old) and new in profiles and not launcher.guard_of(new):
        output.talk(
            f"{printable(old)} is guarded and {printable(new)} is not: "
            "a guard by account_id holds whatever a profile is called"
        )
