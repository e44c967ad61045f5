"""`xswitch delegate list`."""

from __future__ import annotations

import os
from dataclasses import asdict

from xswitch.delegation.delegating import damaged, delegations
from xswitch.errors import ExitStatus
from xswitch.locations import Locations
from xswitch.text import printable, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """List what was set up and not taken down."""
    locations = Locations(os.environ)
    found, wrong = delegations(locations), damaged(locations)
    for error in wrong:
        output.error(error)
    if "--json" in arguments.flags:
        output.json([asdict(each) for each in found])
    elif found:
        rows = [("NAME", "ROLE", "TRUSTED", "SINCE", "")]
        rows += [
            (
                printable(each.name),
                printable(each.role_arn),
                each.trusted_account,
                printable(each.created_at),
                "" if each.is_complete else "unfinished",
            )
            for each in found
        ]
        output.data("\n".join(table(rows)))
    elif not wrong:
        output.talk("no delegation was set up from here")
    return ExitStatus.FAILED if wrong else ExitStatus.OK
