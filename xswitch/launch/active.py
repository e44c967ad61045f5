"""Until when the session lasts of the profile that a shell uses."""

from __future__ import annotations

from xswitch import locations
from xswitch.launch.environment import has_keys
from xswitch.sessions.inventory import Sessions
from xswitch.sessions.state import time_left
from xswitch.timestamps import parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles


def session_end(
    name: str, profiles: Profiles, environ: Mapping[str, str], places: Locations, now: datetime
) -> datetime | None:
    """Return when the session of the active profile `name` ends, or None where nothing tells that."""
    if has_keys(environ):
        return parse_time(environ.get(locations.CREDENTIAL_EXPIRATION))
    session = Sessions(places).of(profiles[name], now) if name in profiles else None
    return session.expires_at if session else None


def short_time_left(ends_at: datetime, now: datetime) -> str:
    """Return the time left where there is little room: `6h12m`, `47m`, `9s`, `3d04h`, or `expired`."""
    minutes, letter, _ = time_left(ends_at, now).partition("m")
    return minutes + letter
