"""Reading the cache folders of the AWS CLI, botocore and SSO. A bad file is reported, never fatal."""

from __future__ import annotations

import os
import time

from xswitch import quickjson
from xswitch.awsfiles.settings import Problem
from xswitch.profiles.arn import account_of, is_account_id, role_of_session
from xswitch.regular import read_regular, write_regular
from xswitch.sessions.session import Credentials, Session, SessionKind
from xswitch.timestamps import parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

_HEX = frozenset("0123456789abcdef")
# The AWS CLI v2 truncates a cache file and then writes it, so a file that changed this recently (seconds)
# may be read in between: it is read again after a moment.
_FRESH = 2.0
_MOMENT = 0.05
_LARGEST = 1_000_000  # bytes; sessions have some thousand
# By the `ProviderType` of an entry, which assumed roles do not have. "mfa" is ours.
_KINDS = {"sso": SessionKind.SSO_ROLE, "mfa": SessionKind.MFA}


class CacheFolder:
    """One cache folder: `KEY.json` files. Each file is read once, and only when asked for."""

    def __init__(self, path: str, problems: list[Problem], key_length: int = 40) -> None:
        self.path = path
        self._problems = problems
        self._key_length = key_length
        self._keys: frozenset[str] | None = None
        self._read: dict[str, Session | None] = {}

    @property
    def keys(self) -> frozenset[str]:
        """The keys that have a file. Other files (`session.db`, `*.tmp`) are none of ours."""
        if self._keys is None:
            try:
                names = os.listdir(self.path)
            except FileNotFoundError:
                names = []
            except OSError as error:
                text = (
                    f"the folder cannot be read ({error.strerror}), nor will the AWS CLI: mend or delete it"
                )
                self._problems.append(Problem("cache-unreadable", text, self.path, 0))
                names = []
            self._keys = frozenset(name[:-5] for name in names if self._is_entry(name))
        return self._keys

    def get(self, key: str | None) -> Session | None:
        """Return the session under `key`, or None where there is none or it cannot be read."""
        if key is None or key not in self.keys:
            return None
        if key not in self._read:
            self._read[key] = self._session(os.path.join(self.path, key + ".json"))
        return self._read[key]

    def _is_entry(self, name: str) -> bool:
        return len(name) == self._key_length + 5 and name.endswith(".json") and _HEX.issuperset(name[:-5])

    def _session(self, path: str) -> Session | None:
        try:
            return read_session(path)
        except ValueError as error:
            text = (
                f"{error}; xswitch skips it and renews over it, the AWS CLI fails on it: "
                "delete it if nothing renews it"
            )
            self._problems.append(Problem("cache-corrupt", text, path, 0))
            return None


def read_session(path: str) -> Session | None:
    """Return the session in a cache file, or None where the file holds something else or is gone.

    ValueError (a sentence without any of the content) where it is corrupt.
    """
    return _read(path)[1]


def read_cached(path: str) -> tuple[dict[str, object], Session | None]:
    """Return the whole entry of a cache file with credentials, and its session; None where it has none."""
    try:
        entry, session = _read(path)
    except ValueError:
        return {}, None
    return entry, session if session is not None and session.credentials is not None else None


def adopt(session: Session, folder: str) -> None:
    """Copy the entry of a session into another cache folder, with mode 0600. OSError where that fails."""
    entry, _ = read_regular(session.path, most=_LARGEST)
    write_regular(os.path.join(folder, os.path.basename(session.path)), entry)


def _read(path: str) -> tuple[dict[str, object], Session | None]:
    for last in (False, True):
        try:
            data, changed = read_regular(path, most=_LARGEST)
        except FileNotFoundError:
            return {}, None
        except OSError as error:
            raise ValueError(f"cannot be read ({error.strerror})") from None
        try:
            return _session_of(quickjson.loads(data.decode("utf-8")), path)
        except ValueError as error:
            # Chained causes would carry the content, which may be a token.
            reason = str(error) if isinstance(error, _MalformedError) else "is not valid JSON"
        if last or abs(time.time() - changed) > _FRESH:
            break
        time.sleep(_MOMENT)
    raise ValueError(reason)


class _MalformedError(ValueError):
    """JSON, but not of the form that botocore reads."""


def _session_of(entry: object, path: str) -> tuple[dict[str, object], Session | None]:
    if not isinstance(entry, dict):
        raise _MalformedError("is not a JSON object")
    if "accessToken" in entry:
        token = entry["accessToken"]
        return entry, _login(token, path) if isinstance(token, dict) else _token(entry, path)
    if "clientId" in entry:
        return entry, None  # an SSO client's registration: it has an `expiresAt` and is no session
    return entry, _role(entry, path)


def _token(entry: dict[str, object], path: str) -> Session:
    session = Session(SessionKind.SSO_TOKEN, path, _expiry(entry.get("expiresAt")))
    start_url = entry.get("startUrl")
    session.start_url = start_url if isinstance(start_url, str) else None
    return session


def _login(token: dict[str, object], path: str) -> Session:
    session = Session(SessionKind.LOGIN, path, _expiry(token.get("expiresAt")))
    session.account_id = _account(token.get("accountId"))
    session.credentials = _credentials(
        token, ("accessKeyId", "secretAccessKey", "sessionToken"), session.expires_at
    )
    return session


def _role(entry: dict[str, object], path: str) -> Session:
    values = entry.get("Credentials")
    if not isinstance(values, dict):
        raise _MalformedError("has no `Credentials`")
    kind = _KINDS.get(str(entry.get("ProviderType")), SessionKind.ASSUME_ROLE)
    session = Session(kind, path, _expiry(values.get("Expiration")))
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    session.credentials = _credentials(values, names, session.expires_at)
    user = entry.get("AssumedRoleUser")
    arn = user.get("Arn") if isinstance(user, dict) else None
    if isinstance(arn, str):
        session.role_arn = role_of_session(arn)
        session.account_id = account_of(arn)
    session.account_id = session.account_id or _account(values.get("AccountId"))
    return session


def _credentials(values: dict[str, object], names: tuple[str, str, str], expires_at: datetime) -> Credentials:
    key, secret, token = (values.get(name) for name in names)
    if not (isinstance(key, str) and isinstance(secret, str) and isinstance(token, str)):
        raise _MalformedError("has no complete credentials")
    return Credentials(key, secret, token, expires_at)


def _expiry(value: object) -> datetime:
    expires_at = parse_time(value)
    if expires_at is None:
        raise _MalformedError("has no expiry that the AWS CLI could read")
    return expires_at


def _account(value: object) -> str | None:
    return value if isinstance(value, str) and is_account_id(value) else None
