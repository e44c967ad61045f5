"""`xswitch shell`."""

from __future__ import annotations

from xswitch.cli.run import environment
from xswitch.launch.execute import replace_process
from xswitch.launch.shell import user_shell, with_depth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Obtain the session and become a shell. Returns never."""
    child = with_depth(environment(arguments, output))
    replace_process([user_shell(child)], child)
