"""Which profile a shell uses, as its environment tells, and until when."""

from __future__ import annotations

from xswitch import locations
from xswitch.sessions.inventory import Sessions
from xswitch.sessions.state import time_left
from xswitch.timestamps import parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles


def active_profile(environ: Mapping[str, str]) -> str | None:
    """Return the profile that the calling shell uses, or None.

    Keys in the environment win over AWS_PROFILE; they are a profile's where xswitch has put them there,
    which is without AWS_PROFILE.
    """
    chosen = next((environ[name] for name in locations.PROFILE_VARIABLES if environ.get(name)), None)
    if has_keys(environ):
        return None if chosen else environ.get(locations.ACTIVE_PROFILE)
    return chosen


def has_keys(environ: Mapping[str, str]) -> bool:
    """Tell whether there are keys in the environment, a profile's or others."""
    return bool(environ.get(locations.ACCESS_KEY_ID))


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
