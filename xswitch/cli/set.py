"""`xswitch set`."""

from __future__ import annotations

import os

from xswitch.awsfiles.masking import is_secret
from xswitch.cli.changing import carry_out
from xswitch.cli.secrets import ask_hidden, ask_shown, read_stdin
from xswitch.editing.checks import check_key
from xswitch.editing.operations import edit
from xswitch.errors import UsageError, XswitchError
from xswitch.locations import Locations, tilde
from xswitch.profiles.collection import nearest, read_profiles
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Set a key of a profile."""
    name, key = arguments.positionals[:2]
    value = arguments.positional(2)
    wrong = check_key(key)
    if wrong and "=" in key:
        raise UsageError("set takes KEY and VALUE as two arguments", "usage: xswitch set PROFILE KEY [VALUE]")
    if value is not None and is_secret(key):
        raise UsageError(
            "a secret must not stand in a command line",
            "leave VALUE out to be asked, or pipe it in: xswitch set PROFILE KEY < file",
        )
    if value is None:
        value = _read(name, key, output)
    profiles = read_profiles(Locations(os.environ))
    session = None if name in profiles else profiles.files.sso_session(name)
    if session is not None:
        where = f"[sso-session {printable(name)}] of {printable(tilde(profiles.files.config.path))}"
        raise XswitchError(f"{printable(name)} is an SSO session and no profile", f"edit {where} by hand")
    status = carry_out(edit(name, {key: value}, create=True), arguments, output)
    if name not in profiles and "--dry-run" not in arguments.flags:
        near = nearest(name, profiles)
        output.talk(f"{printable(name)} is a new profile{f'; did you mean {near}?' if near else ''}")
    return status


def _read(name: str, key: str, output: Output) -> str:
    value = read_stdin()
    if value is None:
        prompt = f"{printable(key)} of {printable(name)}"
        value = (
            ask_hidden(output, f"{prompt} (not shown): ")
            if is_secret(key)
            else ask_shown(output, f"{prompt}: ")
        )
    value = value.removesuffix("\n")
    if not value:  # of a pipe that broke, or enter pressed too soon
        hint = "unset takes it away" if is_secret(key) else 'write "" as VALUE for an empty one'
        raise XswitchError("no value was given", hint)
    return value
