"""`xswitch run`."""

from __future__ import annotations

import os

from xswitch.cli.prompts import ask_mfa_code
from xswitch.launch.execute import replace_process
from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Obtain the session and become the command. Returns never."""
    replace_process(arguments.command, environment(arguments, output))


def environment(arguments: Arguments, output: Output) -> dict[str, str]:
    """Return the environment of the child that `run` and `shell` start."""
    locations = Locations(os.environ)
    launcher = Launcher(read_profiles(locations), locations, os.environ, ask_mfa_code, output.talk)
    return launcher.environment(
        arguments.positionals[0], keys="--env" in arguments.flags, region=arguments.values.get("--region")
    )
