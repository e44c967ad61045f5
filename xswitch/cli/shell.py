"""`xswitch shell`."""

from __future__ import annotations

from xswitch.cli.preparing import announce, child_wishes, launcher
from xswitch.launch.execute import replace_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Obtain the session and become a shell. Returns never."""
    name = arguments.positionals[0]
    prepared = launcher(output, arguments)
    argv, environ = prepared.subshell(name, **child_wishes(arguments))
    announce(name, prepared, output)
    replace_process(argv, environ)
