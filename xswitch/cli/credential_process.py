"""`xswitch credential-process`: a profile's credentials in the form in which AWS tools take them."""

from __future__ import annotations

import sys

from xswitch.cli.output import is_terminal
from xswitch.cli.preparing import launcher
from xswitch.errors import ExitStatus
from xswitch.launch.usage import Use
from xswitch.quickjson import quoted
from xswitch.text import MASK
from xswitch.timestamps import format_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.sessions.session import Credentials


def run(arguments: Arguments, output: Output) -> int:
    """Print them, the session obtained."""
    credentials = launcher(output, arguments).credentials(arguments.positionals[0], use=Use.PROCESS)
    masked = is_terminal(sys.stdout)
    output.data(_json(credentials, masked=masked))
    if masked:
        output.talk("the secrets are masked on a terminal: AWS tools run this, as credential_process")
    return ExitStatus.OK


def _json(credentials: Credentials, *, masked: bool) -> str:
    """Return version 1 of the format (AWS SDKs and Tools Reference Guide, "Process credential provider")."""
    values = {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": MASK if masked else credentials.secret_access_key,
    }
    if credentials.session_token:
        values["SessionToken"] = MASK if masked else credentials.session_token
    if credentials.expires_at is not None:
        values["Expiration"] = format_time(credentials.expires_at)
    members = [f'"{key}": {quoted(value)}' for key, value in values.items()]
    return f'{{"Version": 1, {", ".join(members)}}}'
