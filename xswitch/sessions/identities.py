"""Who AWS said that keys belong to (sts:GetCallerIdentity), kept for as long as the keys are the same.

Keys never change hands: an access key id is of one user or session for ever. A renewed session has another
one, so it is asked about anew.
"""

from __future__ import annotations

import os

from xswitch import quickjson
from xswitch.profiles.arn import is_account_id
from xswitch.profiles.profile import Kind
from xswitch.regular import read_regular, write_regular
from xswitch.sessions.keys import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.session import Credentials, Session

_FOLDER = "identities"
# What leads calls somewhere else than to AWS, or back (AWS SDKs and Tools Reference Guide).
_ENDPOINTS = (
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_DATA_PATH",
)
_LARGEST = 4096  # bytes
_MOST = 2000  # files; sessions come and go


class KnownAccounts:
    """What AWS has named before. Nothing is asked; one listing of the folder does for all profiles."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations
        try:
            self._names = frozenset(os.listdir(os.path.join(locations.state, _FOLDER)))
        except OSError:
            self._names = frozenset()

    def of(self, profile: Profile, session: Session | None) -> str | None:
        """Return the account of a profile's own keys, or those of its cached session; None if not known."""
        if not self._names:
            return None
        if profile.kind == Kind.STATIC:
            key = profile.key_values.get("aws_access_key_id")
        else:
            key = session.credentials.access_key_id if session and session.credentials else None
        if not isinstance(key, str) or f"{key}.json" not in self._names:
            return None
        return _known(key, profile, self._locations)


def account_of_keys(
    credentials: Credentials, profiles: Profiles, name: str, locations: Locations, region: str | None = None
) -> str:
    """Return the account of the keys of the profile `name`: as known, or else as AWS says now.

    XswitchError where AWS cannot be asked.
    """
    known = _known(credentials.access_key_id, profiles[name], locations)
    if known is not None:
        return known
    from xswitch.sessions.identity import identity_of

    identity = identity_of(credentials, profiles, name, region)
    keep_account(credentials, profiles[name], identity.account_id, locations)
    return identity.account_id


def keep_account(credentials: Credentials, profile: Profile, account_id: str, locations: Locations) -> None:
    """Keep the account that AWS has named for these keys of a profile, where that is possible."""
    key, place = credentials.access_key_id, _asked_at(profile)
    path = _path(key, locations)
    if path is None or place is None:
        return
    text = quickjson.quoted
    members = (("access_key_id", key), ("account_id", account_id), ("asked_at", place))
    data = ", ".join(f'"{name}": {text(value)}' for name, value in members)
    try:
        _make_room(os.path.dirname(path))
        write_regular(path, f"{{{data}}}\n".encode())
    except OSError:
        pass  # AWS is asked again the next time


def _known(key: str, profile: Profile, locations: Locations) -> str | None:
    path = _path(key, locations)
    if path is None:
        return None
    try:
        entry = quickjson.loads(read_regular(path, most=_LARGEST)[0].decode())
    except (OSError, ValueError):
        return None
    if not isinstance(entry, dict) or entry.get("access_key_id") != key:
        return None
    account_id, place = entry.get("account_id"), entry.get("asked_at")
    if place is None or place != _asked_at(profile):
        return None
    return account_id if isinstance(account_id, str) and is_account_id(account_id) else None


def _asked_at(profile: Profile) -> str | None:
    """Return what says who answers for AWS, "" for AWS itself; None where the profile alone does not tell.

    An emulator of AWS has an account of its own for every key: what it says must not be believed of AWS.
    """
    if "services" in profile.values:
        return None  # an endpoint may stand there, in a section that is not always read
    said = [*(os.environ.get(name, "") for name in _ENDPOINTS), profile.text("endpoint_url") or ""]
    # An address may have a password in it.
    return digest("\n".join(said)) if any(said) else ""


def _path(key: str, locations: Locations) -> str | None:
    # It is the name of a file: what is no key id, AWS will refuse.
    if not (key.isascii() and key.isalnum() and len(key) <= 128):
        return None
    return os.path.join(locations.state, _FOLDER, f"{key}.json")


def _make_room(folder: str) -> None:
    """Remove the oldest half of the files where they have become many."""
    try:
        files = [entry.path for entry in os.scandir(folder)]
    except OSError:
        return
    if len(files) >= _MOST:
        for path in sorted(files, key=os.path.getmtime)[: _MOST // 2]:
            os.unlink(path)
