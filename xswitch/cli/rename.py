"""`xswitch rename`."""

from __future__ import annotations

import os

from xswitch.cli.changing import carry_out
from xswitch.editing.operations import rename
from xswitch.locations import PROFILE_VARIABLES
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Rename a profile, and say where this shell still has the old name."""
    old, new = arguments.positionals
    status = carry_out(rename(old, new), arguments, output)
    named = [name for name in PROFILE_VARIABLES if os.environ.get(name) == old]
    if named and "--dry-run" not in arguments.flags:
        output.talk(
            f"this shell still has {printable(old)} in {' and '.join(named)}: switch it to the new name"
        )
    return status
