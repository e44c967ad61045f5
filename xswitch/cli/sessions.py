"""`xswitch sessions`."""

from __future__ import annotations

import os

from xswitch.awsfiles.masking import masked
from xswitch.errors import ExitStatus
from xswitch.locations import Locations, tilde
from xswitch.sessions.overview import Overview
from xswitch.sessions.session import State, state_at, time_left
from xswitch.text import printable, table
from xswitch.timestamps import format_time, utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.sessions.session import Session

_NAMED = 3
_HEADINGS = ("STATE", "LEFT", "KIND", "PROFILES", "ROLE", "FILE")


def run(arguments: Arguments, output: Output) -> int:
    """List the cached sessions."""
    overview = Overview(Locations(os.environ))
    now = utc_now()
    found = overview.sessions.all(overview.profiles)
    roles = {profile.name: profile.role_arn for profile in overview.profiles}
    # What ends next comes first, what is over last.
    found.sort(key=lambda entry: (entry[0].expires_at <= now, entry[0].expires_at))
    entries = [(session, names, _role(session, names, roles)) for session, names in found]
    if "--json" in arguments.flags:
        output.json([_json(session, names, role, now) for session, names, role in entries])
    elif entries:
        _print([_row(session, names, role, now) for session, names, role in entries], output)
    else:
        output.talk("no cached sessions")
    output.problems([*overview.profiles.files.problems(), *overview.sessions.problems])
    return ExitStatus.OK


def _role(session: Session, names: list[str], roles: dict[str, str | None]) -> str | None:
    """Return the role ARN: the profile's, which has the path, else what the entry remembers."""
    role = next((role for name in names if (role := roles[name])), session.role_arn)
    return None if role is None else masked("role_arn", role)


def _json(session: Session, names: list[str], role: str | None, now: datetime) -> dict[str, object]:
    return {
        "path": session.path,
        "kind": session.kind,
        "profiles": names,
        "state": state_at(session.expires_at, now),
        "expires_at": format_time(session.expires_at),
        "role_arn": role,
    }


def _row(session: Session, names: list[str], role: str | None, now: datetime) -> tuple[str, ...]:
    state = state_at(session.expires_at, now)
    profiles = ", ".join(printable(name) for name in names[:_NAMED]) or "(left over: no profile uses it)"
    if len(names) > _NAMED:
        profiles += f" and {len(names) - _NAMED} more"
    left = "" if state == State.EXPIRED else time_left(session.expires_at, now)
    about = role or session.start_url or ""
    return state, left, session.kind, profiles, printable(about) or "-", printable(tilde(session.path))


def _print(rows: list[tuple[str, ...]], output: Output) -> None:
    heading, *lines = table([_HEADINGS, *rows])
    output.data("\n".join([output.style(heading, "dim"), *lines]))
