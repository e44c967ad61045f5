"""`xswitch shell`."""

from __future__ import annotations

from xswitch.cli.run import child_options, launcher
from xswitch.launch.execute import replace_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Obtain the session and become a shell. Returns never."""
    name, keys, region = child_options(arguments)
    replace_process(*launcher(output, name).subshell(name, keys=keys, region=region))
