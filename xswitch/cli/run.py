"""`xswitch run`."""

from __future__ import annotations

import os

from xswitch.cli.prompts import ask_mfa_code
from xswitch.launch.execute import replace_process
from xswitch.launch.prepare import Launcher, profiles_for
from xswitch.locations import Locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Obtain the session and become the command. Returns never."""
    name, keys, region = child_options(arguments)
    replace_process(arguments.command, launcher(output, name).environment(name, keys=keys, region=region))


def launcher(output: Output, name: str) -> Launcher:
    """Return what prepares the command line's children under the profile `name`."""
    locations = Locations(os.environ)
    profiles = profiles_for(locations, name)
    return Launcher(profiles, locations, os.environ, ask_mfa_code, output.talk)


def child_options(arguments: Arguments) -> tuple[str, bool, str | None]:
    """Return what `run` and `shell` are told of the child: profile, whether it gets keys, region."""
    return arguments.positionals[0], "--env" in arguments.flags, arguments.values.get("--region")
