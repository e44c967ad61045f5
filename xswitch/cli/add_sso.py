"""`xswitch add sso`."""

from __future__ import annotations

from xswitch.cli.changing import carry_out, need, settings_of
from xswitch.editing.operations import add_sso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output

_SETTINGS = {
    "sso_session": "--sso-session",
    "sso_account_id": "--account",
    "sso_role_name": "--role",
    "region": "--region",
    "output": "--output",
}
_SESSION = {"sso_start_url": "--start-url", "sso_region": "--sso-region"}


def run(arguments: Arguments, output: Output) -> int:
    """Add a profile of an SSO session."""
    need(arguments, "--sso-session", "--account", "--role")
    settings, session = settings_of(arguments, _SETTINGS), settings_of(arguments, _SESSION)
    return carry_out(add_sso(arguments.positionals[0], settings, session), arguments, output)
