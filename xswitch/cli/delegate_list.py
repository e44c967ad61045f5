"""`xswitch delegate list`."""

from __future__ import annotations

import os

from xswitch.delegation.record import Records
from xswitch.errors import ExitStatus
from xswitch.locations import Locations
from xswitch.text import printable, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.delegation.record import Record


def run(arguments: Arguments, output: Output) -> int:
    """List what was set up and not taken down."""
    records = Records(Locations(os.environ))
    found, wrong = records.all(), records.damaged()
    for error in wrong:
        output.error(error)
    if "--json" in arguments.flags:
        output.json([_as_json(each) for each in found])
    elif found:
        rows = [("NAME", "ROLE", "TRUSTED", "SINCE", "")]
        rows += [
            (
                printable(each.name),
                printable(each.blueprint.role_arn),
                each.blueprint.trusted.account_id,
                printable(each.created_at),
                "" if each.is_verified else "unfinished",
            )
            for each in found
        ]
        output.data("\n".join(table(rows)))
    elif not wrong:
        output.talk("no delegation was set up from here")
    return ExitStatus.FAILED if wrong else ExitStatus.OK


def _as_json(record: Record) -> dict[str, object]:
    return {
        "name": record.name,
        "role_arn": record.blueprint.role_arn,
        "trusting_account": record.blueprint.trusting.account_id,
        "trusted_account": record.blueprint.trusted.account_id,
        "created_at": record.created_at,
        "is_complete": record.is_verified,
    }
