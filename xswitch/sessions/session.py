"""What a session is: credentials for a time, and its state at a moment."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

# botocore and the AWS CLI renew a cached session that has less than this left
# (`_DEFAULT_ADVISORY_REFRESH_TIMEOUT`), so it is near its end for every user of it.
EXPIRING_SECONDS = 15 * 60


class SessionKind:
    """Where a session comes from; the values are part of the JSON."""

    ASSUME_ROLE = "assume-role"
    SSO_ROLE = "sso-role"
    SSO_TOKEN = "sso-token"  # noqa: S105 - a kind, no token
    LOGIN = "login"
    MFA = "mfa"
    CREDENTIALS_FILE = "credentials-file"


class Credentials:
    """AWS credentials. The secret parts are in no representation of the object."""

    __slots__ = ("access_key_id", "expires_at", "secret_access_key", "session_token")

    def __init__(
        self,
        access_key_id: str,
        secret_access_key: str,
        session_token: str | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key
        self.session_token = session_token
        self.expires_at = expires_at

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id})"


class Session:
    """A cached session: what it is, where it stands and when it ends.

    `account_id` and `role_arn` are what the entry itself says, or None; `start_url` is of SSO tokens.
    """

    __slots__ = ("account_id", "credentials", "expires_at", "kind", "path", "role_arn", "start_url")

    def __init__(self, kind: str, path: str, expires_at: datetime) -> None:
        self.kind = kind
        self.path = path
        self.expires_at = expires_at
        self.account_id: str | None = None
        self.role_arn: str | None = None
        self.start_url: str | None = None
        self.credentials: Credentials | None = None

    def __repr__(self) -> str:
        return f"Session({self.kind} {self.path})"


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


def short_time_left(ends_at: datetime, now: datetime) -> str:
    """Return the time left where there is little room: `6h12m`, `47m`, `9s`, `3d04h`, or `expired`."""
    minutes, letter, _ = time_left(ends_at, now).partition("m")
    return minutes + letter
