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
from xswitch.sessions.credentials import Credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile

_FOLDER = "identities"
_LARGEST = 4096  # bytes
_MOST = 2000  # files; sessions come and go


def known_account(credentials: Credentials, locations: Locations) -> str | None:
    """Return the account that AWS named for these keys before, or None. Never asks."""
    path = _path(credentials, locations)
    if path is None:
        return None
    try:
        entry = quickjson.loads(read_regular(path, most=_LARGEST)[0].decode())
    except (OSError, ValueError):
        return None
    if not isinstance(entry, dict) or entry.get("access_key_id") != credentials.access_key_id:
        return None
    account_id = entry.get("account_id")
    return account_id if isinstance(account_id, str) and is_account_id(account_id) else None


class KnownAccounts:
    """What AWS has named for keys that stand in the files: for those who look at thousands of profiles."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations
        try:
            self._names = frozenset(os.listdir(os.path.join(locations.state, _FOLDER)))
        except OSError:
            self._names = frozenset()

    def of(self, profile: Profile) -> str | None:
        """Return the account of a profile's own keys, or None."""
        if not self._names or profile.kind != Kind.STATIC:
            return None
        key = profile.key_values.get("aws_access_key_id")
        if not isinstance(key, str) or f"{key}.json" not in self._names:
            return None
        return known_account(Credentials(key, ""), self._locations)


def account_of_keys(
    credentials: Credentials, profiles: Profiles, name: str, locations: Locations, region: str | None = None
) -> str:
    """Return the account of the keys of the profile `name`: as known, or else as AWS says now.

    XswitchError where AWS cannot be asked.
    """
    known = known_account(credentials, locations)
    if known is not None:
        return known
    from xswitch.sessions.identity import identity_of

    identity = identity_of(credentials, profiles, name, region)
    keep_account(credentials, identity.account_id, locations)
    return identity.account_id


def keep_account(credentials: Credentials, account_id: str, locations: Locations) -> None:
    """Keep the account that AWS has named for these keys, where that is possible."""
    path = _path(credentials, locations)
    if path is not None:
        _keep(path, credentials.access_key_id, account_id)


def _path(credentials: Credentials, locations: Locations) -> str | None:
    key = credentials.access_key_id
    # It is the name of a file: what is no key id, AWS will refuse.
    if not (key.isascii() and key.isalnum() and len(key) <= 128):
        return None
    return os.path.join(locations.state, _FOLDER, f"{key}.json")


def _keep(path: str, access_key_id: str, account_id: str) -> None:
    text = quickjson.quoted
    data = f'{{"access_key_id": {text(access_key_id)}, "account_id": {text(account_id)}}}\n'
    try:
        _make_room(os.path.dirname(path))
        write_regular(path, data.encode())
    except OSError:
        pass  # AWS is asked again the next time


def _make_room(folder: str) -> None:
    """Remove the oldest half of the files where they have become many."""
    try:
        files = [entry.path for entry in os.scandir(folder)]
    except OSError:
        return
    if len(files) >= _MOST:
        for path in sorted(files, key=os.path.getmtime)[: _MOST // 2]:
            os.unlink(path)
