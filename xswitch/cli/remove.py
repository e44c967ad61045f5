"""`xswitch remove`."""

from __future__ import annotations

from xswitch.cli.changing import carry_out
from xswitch.editing.operations import remove

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Remove a profile."""
    return carry_out(
        remove(arguments.positionals[0], with_dependents="--with-dependents" in arguments.flags),
        arguments,
        output,
    )
