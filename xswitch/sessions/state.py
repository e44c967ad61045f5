"""The state of a session at a moment, and how the time left is written."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

# botocore and the AWS CLI renew a cached session that has less than this left
# (`_DEFAULT_ADVISORY_REFRESH_TIMEOUT`), so it is near its end for every user of it.
EXPIRING_SECONDS = 15 * 60


class State:
    """The states; the values are part of the JSON."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NONE = "none"


def seconds_left(expires_at: datetime, now: datetime) -> float:
    """Return the seconds from `now` until `expires_at`; negative when it is over."""
    return (expires_at - now).total_seconds()


def state_at(expires_at: datetime | None, now: datetime) -> str:
    """Return the state at `now` of a session that ends at `expires_at` (None: there is none)."""
    if expires_at is None:
        return State.NONE
    left = seconds_left(expires_at, now)
    if left >= EXPIRING_SECONDS:
        return State.VALID
    return State.EXPIRING if left > 0 else State.EXPIRED


def time_left(expires_at: datetime, now: datetime) -> str:
    """Return the time left for people: `6h12m`, `47m12s`, `9s`, `3d04h`, or `expired`."""
    seconds = int(seconds_left(expires_at, now))
    if seconds <= 0 and expires_at <= now:
        return "expired"
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d{hour:02}h"
    if hours:
        return f"{hours}h{minute:02}m"
    return f"{minutes}m{second:02}s" if minutes else f"{second}s"
