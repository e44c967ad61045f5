"""`xswitch add` without one of the kinds that it has commands for."""

from __future__ import annotations

from xswitch.errors import UsageError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Say which kinds there are."""
    del output
    kind = printable(arguments.positionals[0])
    raise UsageError(f"there is nothing like {kind} to add", "usage: xswitch add role|keys|sso NAME")
