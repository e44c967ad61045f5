"""`xswitch copy`."""

from __future__ import annotations

from xswitch.cli.changing import carry_out
from xswitch.editing.operations import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Add a profile with all settings of another."""
    return carry_out(copy(*arguments.positionals), arguments, output)
