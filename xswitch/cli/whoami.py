"""`xswitch whoami`."""

from __future__ import annotations

import os

from xswitch.cli.preparing import interaction
from xswitch.errors import ExitStatus
from xswitch.launch.prepare import Launcher
from xswitch.locations import (
    ACCESS_KEY_ID,
    PROFILE_VARIABLES,
    WEB_IDENTITY_TOKEN_FILE,
    Locations,
    region_in,
)
from xswitch.profiles.collection import profiles_for
from xswitch.profiles.profile import Kind
from xswitch.text import printable, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.identity import Identity


def run(arguments: Arguments, output: Output) -> int:
    """Say who a profile, or this shell, is."""
    name = arguments.positional(0) or _shells_profile()
    locations = Locations(os.environ)
    profiles = profiles_for(locations, name or "default")
    if name is None and _is_of_use("default", profiles):
        name = "default"
    if name is None or (arguments.positional(0) is None and _has_credentials()):
        from xswitch.sessions.identity import identity_here

        name, identity = None, identity_here(region_in(os.environ))
    else:
        person = interaction(output, arguments)
        credentials = Launcher(profiles, locations, os.environ, person).credentials(name)
        from xswitch.sessions.identities import keep_account
        from xswitch.sessions.identity import identity_of

        identity = identity_of(credentials, profiles, name, region_in(os.environ))
        keep_account(credentials, profiles[name], identity.account_id, locations)
    _report(name, identity, arguments, output)
    return ExitStatus.OK


def _shells_profile() -> str | None:
    """Return the profile that the AWS CLI would use here."""
    return next((os.environ[name] for name in PROFILE_VARIABLES if os.environ.get(name)), None)


def _has_credentials() -> bool:
    """Tell whether variables of this shell may win over its profile."""
    return bool(os.environ.get(ACCESS_KEY_ID) or os.environ.get(WEB_IDENTITY_TOKEN_FILE))


def _is_of_use(name: str, profiles: Profiles) -> bool:
    return name in profiles and profiles[name].kind != Kind.NONE


def _report(name: str | None, identity: Identity, arguments: Arguments, output: Output) -> None:
    if "--json" in arguments.flags:
        output.json(
            {
                "profile": name,
                "account_id": identity.account_id,
                "arn": identity.arn,
                "user_id": identity.user_id,
            }
        )
        return
    rows = [] if name is None else [("profile", printable(name))]
    rows += [
        ("account", printable(identity.account_id)),
        ("arn", printable(identity.arn)),
        ("user id", printable(identity.user_id)),
    ]
    output.data("\n".join(table(rows)))
