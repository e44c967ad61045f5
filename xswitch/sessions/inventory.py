"""Every cached session there is, and whose it is."""

from __future__ import annotations

from xswitch.profiles.profile import Kind
from xswitch.sessions.cache import CacheFolder
from xswitch.sessions.keys import credentials_key, login_key, mfa_key, token_key
from xswitch.sessions.session import Session, SessionKind, state_at
from xswitch.timestamps import parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from xswitch.awsfiles.settings import Problem
    from xswitch.locations import Locations
    from xswitch.profiles.profile import Profile

# Keys in which other tools note the end of what they wrote into the credentials file: saml2aws; awsume and
# aws-mfa; aws-vault.
_HINTS = ("x_security_token_expires", "expiration", "aws_credential_expiration")


class Sessions:
    """The cached sessions of one user, read from disk when asked for; `problems` are the bad files met."""

    def __init__(self, locations: Locations) -> None:
        self.problems: list[Problem] = []
        self._keys: dict[str, str | None] = {}  # by profile name
        self._present: frozenset[str] | None = None
        self._cli = CacheFolder(locations.cli_cache, self.problems)
        self._boto = CacheFolder(locations.boto_cache, self.problems)
        self._tokens = CacheFolder(locations.sso_cache, self.problems)
        self._mfa = CacheFolder(locations.mfa_cache, self.problems)
        self._logins = CacheFolder(locations.login_cache, self.problems, key_length=64)

    def of(self, profile: Profile, now: datetime) -> Session | None:
        """Return the session that the profile has: of several, the one that serves longest from `now`.

        An SSO profile has its role's session; where that is over, the SSO token, from which the AWS CLI
        gets a new one without asking.
        """
        kind = profile.kind
        session = self._login(profile) if kind == Kind.LOGIN else self.credentials_of(profile)
        hint = _hint(profile) if kind == Kind.STATIC else None
        if hint is not None and (session is None or hint.expires_at > session.expires_at):
            session = hint
        if kind == Kind.SSO and (session is None or session.expires_at <= now):
            token = self.token(profile.sso_session, profile.text("sso_start_url"))
            return token if session is None or (token is not None and token.expires_at > now) else session
        return session

    def credentials_of(self, profile: Profile) -> Session | None:
        """Return the cached session with credentials that ends last, or None. It may be over."""
        key = self._key(profile)
        if key is None:
            return None
        found = [session for folder in (self._cli, self._boto) if (session := folder.get(key))]
        return max(found, key=lambda session: session.expires_at, default=None)

    def token(self, sso_session: str | None, start_url: str | None) -> Session | None:
        """Return the token of an SSO session (or, without one, of a start URL)."""
        return self._tokens.get(token_key(sso_session, start_url))

    def all(self, profiles: Iterable[Profile]) -> list[tuple[Session, list[str]]]:
        """Return every session with the names of its profiles, whose list is empty for a left-over one."""
        owners: dict[tuple[CacheFolder, str], list[str]] = {}
        hints: list[tuple[Session, list[str]]] = []
        profiles = list(profiles)
        for key, name in self._mfa_owners(profiles):
            owners.setdefault((self._mfa, key), []).append(name)
        for profile in profiles:
            for folder, key in self._entries(profile):
                owners.setdefault((folder, key), []).append(profile.name)
            hint = _hint(profile)
            if hint is not None:
                hints.append((hint, [profile.name]))
        found = [
            (session, owners.get((folder, key), []))
            for folder in (self._cli, self._boto, self._tokens, self._logins, self._mfa)
            for key in sorted(folder.keys)
            if (session := folder.get(key)) is not None
        ]
        return found + hints

    def _mfa_owners(self, profiles: list[Profile]) -> Iterator[tuple[str, str]]:
        """Yield the key of each MFA session that there can be, with the profile whose keys it belongs to."""
        if not self._mfa.keys:
            return
        by_name = {profile.name: profile for profile in profiles}
        found = set()
        for profile in profiles:
            source = by_name.get(profile.source or "", profile)
            key = source.key_values.get("aws_access_key_id")
            for serial in (profile.text("mfa_serial"), source.text("mfa_serial")):
                if isinstance(key, str) and serial:
                    found.add((mfa_key(key, serial), source.name))
        yield from sorted(found)

    def _login(self, profile: Profile) -> Session | None:
        login_session = profile.text("login_session")
        return self._logins.get(login_key(login_session)) if login_session else None

    def _key(self, profile: Profile) -> str | None:
        """Return the key under which credentials of the profile are cached, None where none are."""
        if self._present is None:
            self._present = self._cli.keys | self._boto.keys
        if not self._present:
            return None  # 5,000 keys need not be computed
        name = profile.name
        if name not in self._keys:
            key = credentials_key(profile)
            self._keys[name] = key if key in self._present else None
        return self._keys[name]

    def _entries(self, profile: Profile) -> Iterator[tuple[CacheFolder, str]]:
        """Yield the cache entries that may belong to the profile."""
        key = self._key(profile)
        if key is not None:
            yield self._cli, key
            yield self._boto, key
        if profile.kind == Kind.LOGIN:
            login_session = profile.text("login_session")
            if login_session:
                yield self._logins, login_key(login_session)
        elif profile.kind in {Kind.SSO, Kind.NONE}:
            token = token_key(profile.sso_session, profile.text("sso_start_url"))
            if token is not None:
                yield self._tokens, token


def can_expire(profile: Profile) -> bool:
    """Tell whether the profile's credentials are of a kind that ends."""
    return profile.kind not in {Kind.STATIC, Kind.NONE} or profile.has_temporary_keys


def session_state(profile: Profile, session: Session | None, now: datetime) -> str | None:
    """Return the state of what `Sessions.of` returned, or None where nothing can expire."""
    if session is not None:
        return state_at(session.expires_at, now)
    return state_at(None, now) if can_expire(profile) else None


def _hint(profile: Profile) -> Session | None:
    if profile.kind != Kind.STATIC:
        return None
    values = profile.entry.credentials_values
    if "aws_access_key_id" not in values or values.keys().isdisjoint(_HINTS):
        return None  # the keys that count stand in the config file, or nothing is noted beside them
    settings = profile.entry.credentials
    for key in _HINTS:
        setting = settings.get(key)
        # `expiration` has no zone: aws-mfa, which also writes `assumed_role`, means UTC, awsume local time.
        naive = "utc" if "assumed_role" in settings else "local"
        expires_at = parse_time(setting.text, naive=naive) if setting else None
        if setting is not None and expires_at is not None:
            return Session(SessionKind.CREDENTIALS_FILE, setting.file, expires_at)
    return None
