"""What sign-ins to SSO left in the AWS CLI's folder: tokens, and registrations of clients."""

from __future__ import annotations

import os

from xswitch import quickjson
from xswitch.regular import read_regular
from xswitch.sessions.cache import read_session
from xswitch.sessions.session import EXPIRING_SECONDS, SessionKind, seconds_left
from xswitch.timestamps import parse_time, utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from xswitch.locations import Locations
    from xswitch.sessions.ssosession import SsoSession


_LARGEST = 1_000_000  # bytes; tokens and registrations have some thousand


def valid_until(sso: SsoSession, locations: Locations) -> datetime | None:
    """Return the end of the cached token where it has as much left as botocore wants."""
    ends = cached_until(sso, locations)
    return ends if ends is not None and seconds_left(ends, utc_now()) >= EXPIRING_SECONDS else None


def cached_until(sso: SsoSession, locations: Locations) -> datetime | None:
    """Return the end of the cached token, or None where there is none for this start URL."""
    try:
        session = read_session(os.path.join(locations.sso_cache, f"{sso.key}.json"))
    except ValueError:
        return None
    if session is None or session.kind != SessionKind.SSO_TOKEN:
        return None
    return session.expires_at if session.start_url in {None, sso.start_url} else None


def kept_registration(path: str) -> dict[str, Any] | None:
    """Return a client's registration, or None where there is none that can still be used."""
    entry = entry_in(path)
    ends = parse_time(entry.get("expiresAt"))
    complete = isinstance(entry.get("clientId"), str) and isinstance(entry.get("clientSecret"), str)
    if ends is None or not complete or seconds_left(ends, utc_now()) < EXPIRING_SECONDS:
        return None
    return entry


def entry_in(path: str) -> dict[str, Any]:
    """Return the JSON object in a file, empty where there is none to be read."""
    try:
        entry = quickjson.loads(read_regular(path, most=_LARGEST)[0].decode())
    except (OSError, ValueError):
        return {}
    return entry if isinstance(entry, dict) else {}
