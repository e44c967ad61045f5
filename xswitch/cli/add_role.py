"""`xswitch add role`."""

from __future__ import annotations

from xswitch.cli.changing import carry_out, need, settings_of
from xswitch.editing.operations import add_role

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output

_SETTINGS = {
    "role_arn": "--role-arn",
    "source_profile": "--source-profile",
    "region": "--region",
    "external_id": "--external-id",
    "mfa_serial": "--mfa-serial",
    "duration_seconds": "--duration",
    "role_session_name": "--session-name",
    "output": "--output",
}


def run(arguments: Arguments, output: Output) -> int:
    """Add a profile that assumes a role."""
    need(arguments, "--role-arn", "--source-profile")
    operation = add_role(arguments.positionals[0], settings_of(arguments, _SETTINGS))
    return carry_out(operation, arguments, output)
