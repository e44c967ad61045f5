"""`xswitch env`: a profile's credentials for a shell or a program to read."""

from __future__ import annotations

import os
import sys

from xswitch import locations
from xswitch.cli.output import is_terminal, write_exactly
from xswitch.cli.preparing import interaction, min_seconds
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.launch.prepare import Launcher
from xswitch.launch.shells import SHELLS
from xswitch.launch.switch import exports_for, give_back_region
from xswitch.launch.usage import Use
from xswitch.locations import Locations
from xswitch.profiles.collection import find_profile, profiles_for
from xswitch.text import MASK, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output

_SECRET = (locations.SECRET_ACCESS_KEY, locations.SESSION_TOKEN)
_VARIABLES = (
    locations.ACCESS_KEY_ID,
    locations.SECRET_ACCESS_KEY,
    locations.SESSION_TOKEN,
    locations.CREDENTIAL_EXPIRATION,
    *locations.REGION_VARIABLES,
)
_FORMATS = (*SHELLS, "dotenv", "json")


def run(arguments: Arguments, output: Output) -> int:
    """Print them, the session obtained."""
    form = arguments.values.get("--format", "sh")
    if form not in _FORMATS:
        raise UsageError(f"there is no format {printable(form)}", f"there are: {', '.join(_FORMATS)}")
    name = arguments.positionals[0]
    places = Locations(os.environ)
    profiles = profiles_for(places, name)
    profile = find_profile(profiles, name)
    before = dict(os.environ)
    give_back_region(os.environ)
    child = Launcher(profiles, places, os.environ, interaction(output, arguments)).environment(
        name,
        use=Use.ENV,
        keys=True,
        region=arguments.values.get("--region"),
        min_seconds=min_seconds(arguments),
    )
    shown = is_terminal(sys.stdout)
    masked = shown and "--show-secrets" not in arguments.flags
    if masked:
        child |= {variable: MASK for variable in _SECRET if variable in child}
    if form == "json":
        output.json(_values(child))
    else:
        if form == "dotenv":
            lines = [
                f"{variable}={_dotenv_quote(variable, value)}" for variable, value in _values(child).items()
            ]
        else:
            lines = exports_for(SHELLS[form], profile, before, child).split("\n")
        write_exactly("\n".join(map(printable, lines) if shown else lines))
    if masked:
        output.talk(f"secrets are masked on a terminal as {MASK}; --show-secrets shows them")
    return ExitStatus.OK


def _values(child: Mapping[str, str]) -> dict[str, str]:
    return {variable: child[variable] for variable in _VARIABLES if variable in child}


def _dotenv_quote(variable: str, value: str) -> str:
    r"""Return `value` in the quotes within which it means itself to every common reader of `.env` files.

    They differ on what `\` and `$` do, on quotes inside of quotes, and on line breaks.
    """
    for quote, others in ('"', "\\$`\n\r"), ("'", "\\$\n\r"):
        if not any(char in value for char in quote + others):
            return f"{quote}{value}{quote}"
    raise XswitchError(
        f"the value of {variable} has letters on which readers of .env files differ", "use: --format json"
    )
