"""`xswitch run`."""

from __future__ import annotations

import os

from xswitch.cli.preparing import announce, child_wishes, launcher
from xswitch.errors import UsageError
from xswitch.launch.execute import replace_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Obtain the session and become the command. Returns only with --serve."""
    name = arguments.positionals[0]
    wishes = child_wishes(arguments)
    if "--serve" in arguments.flags and wishes["keys"]:
        raise UsageError("run takes --serve or --env, not both", "--serve renews the credentials")
    prepared = launcher(output, arguments)
    if "--serve" not in arguments.flags:
        environ = prepared.environment(name, **wishes)
        announce(name, prepared, output)
        replace_process(arguments.command, environ)
    from xswitch.launch.serve import serve

    return serve(
        prepared,
        name,
        arguments.command,
        os.environ,
        output.talk,
        begin=lambda: announce(name, prepared, output),
        region=wishes["region"],
        min_seconds=wishes["min_seconds"],
    )
