"""`xswitch console`."""

from __future__ import annotations

import os

from xswitch.cli.preparing import launcher
from xswitch.errors import ExitStatus, XswitchError
from xswitch.launch.browser import has_browser
from xswitch.launch.console import console_address, open_console

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Open the web console under a profile, or print the address that does."""
    name, printing = arguments.positionals[0], "--print" in arguments.flags
    if not printing and not has_browser(os.environ):
        raise XswitchError("there is no browser here", "write the address instead, with --print")
    address = console_address(
        name,
        launcher(output, arguments),
        os.environ,
        region=arguments.values.get("--region"),
        service=arguments.values.get("--service"),
    )
    if printing:
        output.data(address)
    else:
        output.talk(open_console(address, name, os.environ))
    return ExitStatus.OK
