"""What both front ends show: the profiles and their sessions as read at one moment."""

from __future__ import annotations

from xswitch.profiles.collection import read_profiles
from xswitch.profiles.profile import Kind
from xswitch.sessions.identities import KnownAccounts
from xswitch.sessions.inventory import Sessions, session_state
from xswitch.sessions.session import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from xswitch.locations import Locations
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.session import Session


class Overview:
    """The user's profiles and cached sessions. Reading it touches files only, never the network."""

    def __init__(self, locations: Locations) -> None:
        self.locations = locations
        self.profiles = read_profiles(locations)
        self.sessions = Sessions(locations)
        self._accounts: KnownAccounts | None = None

    def session(self, profile: Profile, now: datetime) -> Session | None:
        """Return the session that the profile has, or None."""
        return self.sessions.of(profile, now)

    def state(self, profile: Profile, now: datetime) -> str | None:
        """Return the state of that session, or None where nothing can expire."""
        return session_state(profile, self.session(profile, now), now)

    def needs_session(self, profile: Profile, now: datetime) -> bool:
        """Tell whether the profile can be used only once AWS was asked for a session."""
        if profile.kind not in {Kind.ROLE, Kind.SSO} or self.profiles.chain_break(profile.name) is not None:
            return False
        # Not what is shown as its session: that may be a token of SSO, with which one is obtained.
        session = self.sessions.credentials_of(profile)
        return session_state(profile, session, now) != State.VALID

    def account_id(self, profile: Profile, now: datetime) -> str | None:
        """Return the account: what the files say, or came with a session, or AWS has named for the keys."""
        stated = profile.account_id
        if stated is not None:
            return stated
        session = self.session(profile, now)
        if session is not None and session.account_id is not None:
            return session.account_id
        return self.named_account(profile, now)

    def named_account(self, profile: Profile, now: datetime) -> str | None:
        """Return the account that AWS has named for the profile's keys or session, None if never asked."""
        if self._accounts is None:
            self._accounts = KnownAccounts(self.locations)
        return self._accounts.of(profile, self.session(profile, now))
