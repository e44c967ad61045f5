"""`xswitch console`."""

from __future__ import annotations

import os

from xswitch.cli.preparing import launcher
from xswitch.errors import ExitStatus, XswitchError
from xswitch.launch.browser import has_browser
from xswitch.launch.prepare import find_profile, profiles_for
from xswitch.locations import REGION_VARIABLES, Locations
from xswitch.profiles.arn import partition_of
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.profiles.profile import Profile

_PRINT = "write the address instead, with --print"


def run(arguments: Arguments, output: Output) -> int:
    """Open the web console under a profile, or print the address that does."""
    printing = "--print" in arguments.flags
    if not printing and not has_browser(os.environ):
        raise XswitchError("there is no browser here", _PRINT)
    url = _url(arguments, output)
    if printing:
        output.data(url)
        return ExitStatus.OK
    from xswitch.launch.handover import hand_over

    if not hand_over(url, os.environ):
        raise XswitchError("no browser came for the address", _PRINT)
    output.talk(f"the console of {printable(arguments.positionals[0])} is in the browser")
    return ExitStatus.OK


def _url(arguments: Arguments, output: Output) -> str:
    from xswitch.sessions.federation import console_url, destination_url
    from xswitch.sessions.refusals import explain

    name = arguments.positionals[0]
    profiles = profiles_for(Locations(os.environ), name)
    profile = find_profile(profiles, name)
    outer = next((os.environ[variable] for variable in REGION_VARIABLES if os.environ.get(variable)), None)
    region = arguments.values.get("--region") or profile.region or outer
    partition = _partition(profile, region)
    service = arguments.values.get("--service")
    destination_url(partition, region, service)  # before anything is asked for, see that there is a page
    credentials = launcher(output, arguments).credentials(name, region=arguments.values.get("--region"))
    try:
        return console_url(
            credentials, name, partition=partition, region=region, service=service, environ=os.environ
        )
    except XswitchError:
        raise
    except Exception as error:
        raise explain(error, profiles, name) from error


def _partition(profile: Profile, region: str | None) -> str:
    from xswitch.sessions.federation import partition_of_region

    role_arn = profile.role_arn
    return partition_of(role_arn) if role_arn else partition_of_region(region)
