"""`xswitch unset`."""

from __future__ import annotations

from xswitch.cli.changing import carry_out
from xswitch.editing.operations import edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Take a key of a profile away."""
    return carry_out(edit(arguments.positionals[0], {arguments.positionals[1]: None}), arguments, output)
