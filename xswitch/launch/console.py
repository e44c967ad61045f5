"""The web console under a profile: from its session to an address, and to the browser."""

from __future__ import annotations

from xswitch.errors import XswitchError
from xswitch.launch.usage import Use
from xswitch.locations import region_in
from xswitch.profiles.arn import partition_of
from xswitch.profiles.collection import find_profile
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.launch.prepare import Launcher


def console_address(
    name: str,
    launcher: Launcher,
    environ: Mapping[str, str],
    *,
    region: str | None = None,
    service: str | None = None,
) -> str:
    """Return the address that opens the web console under the profile `name`, its session obtained.

    It signs in whoever opens it within 15 minutes. `region` wins over the profile's own and over that of
    `environ`; `service` is a short name, None for the console's first page. XswitchError where there is no
    such page, or the session or the sign-in cannot be had.
    """
    from xswitch.sessions.federation import console_url, destination_url, partition_of_region
    from xswitch.sessions.refusals import explain

    profile = find_profile(launcher.profiles, name)
    there = region or profile.region or region_in(environ)
    partition = partition_of(profile.role_arn) if profile.role_arn else partition_of_region(there)
    destination_url(partition, there, service)  # before anything is asked for, see that there is a page
    credentials = launcher.credentials(name, use=Use.CONSOLE, region=region)
    try:
        return console_url(
            credentials, name, partition=partition, region=there, service=service, environ=environ
        )
    except Exception as error:
        raise explain(error, launcher.profiles, name) from error


def open_console(address: str, name: str, environ: Mapping[str, str]) -> str:
    """Have the user's browser fetch the address of the console of `name`; return a sentence that says so.

    Waits for the browser. XswitchError where none comes.
    """
    from xswitch.launch.handover import hand_over

    try:
        taken = hand_over(address, environ)
    except OSError:
        taken = False
    if not taken:
        hint = f"write the address instead: xswitch console {printable(name)} --print"
        raise XswitchError("no browser came for the address", hint)
    return f"the console of {printable(name)} is in the browser"
