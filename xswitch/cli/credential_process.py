"""`xswitch credential-process`: a profile's credentials in the form in which AWS tools take them."""

from __future__ import annotations

import os
import sys

from xswitch.awsfiles.settings import MASK
from xswitch.cli.exactly import is_terminal
from xswitch.cli.preparing import interaction
from xswitch.errors import ExitStatus, XswitchError
from xswitch.launch.finding import find_profile, profiles_for
from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.profiles.profile import Kind
from xswitch.quickjson import quoted
from xswitch.text import printable
from xswitch.timestamps import format_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.credentials import Credentials

# The profiles whose credentials are being obtained by processes above this one: of each a line with its name
# (no name has a line break) and one with the files that it stands in.
_STARTED = "XSWITCH_CREDENTIAL_PROCESS"
_VERB = "credential-process"


def run(arguments: Arguments, output: Output) -> int:
    """Print them, the session obtained."""
    name = arguments.positionals[0]
    places = Locations(os.environ)
    profiles = profiles_for(places, name)
    find_profile(profiles, name)
    _refuse_circle(profiles, name)
    _refuse_second_start(name, places)
    credentials = Launcher(profiles, places, os.environ, interaction(output, arguments)).credentials(name)
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


def _refuse_circle(profiles: Profiles, name: str) -> None:
    """Refuse to obtain what would, as the files say, start this command for ever."""
    names = [name]
    while (following := _started_for(profiles, names[-1])) is not None and following in profiles:
        if following in names:
            raise _circle([*names[names.index(following) :], following])
        names.append(following)


def _refuse_second_start(name: str, places: Locations) -> None:
    """Refuse to obtain what a process above this one is obtaining; scripts may stand in between."""
    lines = os.environ.get(_STARTED, "").split("\n")
    started = list(zip(lines[::2], lines[1::2], strict=False))
    this = (name, f"{places.config}:{places.credentials}".replace("\n", " "))
    if this in started:
        raise _circle([other for other, _ in started[started.index(this) :]] + [name])
    os.environ[_STARTED] = "\n".join([line for entry in (*started, this) for line in entry])


def _started_for(profiles: Profiles, name: str) -> str | None:
    """Return the profile for which obtaining `name` starts xswitch, None where it does not."""
    root = profiles[profiles.chain(name)[-1]]
    if root in profiles.hops(name) or root.kind_as_source != Kind.PROCESS:
        return None
    command = root.text("credential_process") or ""
    if _VERB not in command:
        return None
    import shlex  # as botocore does

    try:
        words = shlex.split(command)
        position = words.index(_VERB)
    except ValueError:
        return None
    *before, program = words[:position] or [""]
    if os.path.basename(program) != "xswitch" or any("=" in word for word in before):
        return None  # it may be for other files: env AWS_CONFIG_FILE=… xswitch …
    return _argument(words[position + 1 :])


def _argument(words: Sequence[str]) -> str | None:
    """Return the profile in the arguments of this command."""
    from xswitch.cli.arguments import HelpWanted, parse
    from xswitch.cli.commands import COMMANDS

    try:
        return parse(COMMANDS[_VERB], words).positionals[0]
    except (XswitchError, HelpWanted):
        return None


def _circle(names: Sequence[str]) -> XswitchError:
    shown = [printable(name) for name in names]
    way = f": {' → '.join(shown)}" if len(shown) > 2 else ""
    return XswitchError(
        f"{shown[0]} gets its credentials from itself, by credential_process{way}",
        "name there a profile that has credentials without xswitch",
    )
