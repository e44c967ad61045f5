"""`xswitch logout`."""

from __future__ import annotations

import os

from xswitch.errors import ExitStatus, UsageError
from xswitch.locations import Locations, tilde
from xswitch.profiles.collection import find_profile
from xswitch.sessions.overview import Overview
from xswitch.sessions.signout import sign_out
from xswitch.text import printable
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Remove cached sessions, and say which."""
    names, flags = arguments.positionals, arguments.flags
    if names and "--all" in flags:
        raise UsageError(
            "logout takes profiles or --all, not both", "usage: xswitch logout [PROFILE…] [--all]"
        )
    if not names and not flags & {"--all", "--expired"}:
        raise UsageError("logout needs a PROFILE, --all or --expired", "usage: xswitch logout PROFILE…")
    overview = Overview(Locations(os.environ))
    profiles = [find_profile(overview.profiles, name) for name in names] or list(overview.profiles)
    removed, said = sign_out(
        overview, profiles, utc_now(), sso="--sso" in flags, expired_only="--expired" in flags
    )
    for session in removed:
        output.talk(f"removed {session.kind} {printable(tilde(session.path))}")
    for sentence in said:
        output.talk(sentence)
    if not removed:
        of = ", ".join(printable(name) for name in names[:3])
        output.talk(f"nothing to remove: no such session{f' of {of}' if of else ''}")
    output.problems(overview.sessions.problems)
    return ExitStatus.OK
