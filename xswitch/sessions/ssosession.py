"""What there is to sign in to for a profile: an SSO session, or a start URL as of old."""

from __future__ import annotations

import os

from xswitch.awsfiles.masking import shown
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.sessions.keys import token_key
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.locations import Locations
    from xswitch.profiles.profile import Profile


class SsoSession:
    """The settings that a sign-in needs. `name` and `scopes` are None for a start URL without a session.

    `label` names it for people, `place` says where it stands (file:line); both are printable.
    """

    __slots__ = ("label", "name", "place", "region", "scopes", "start_url")

    def __init__(self, profile: Profile) -> None:
        self.name = profile.sso_session
        self.place = _place(profile, "sso_start_url" if self.name is None else "sso_session")
        values: Mapping[str, object] = profile.values
        if self.name is not None:
            # As the AWS CLI and botocore's token provider: what else the profile says does not count.
            values = profile.entry.sso_session_values(self.name)
            if not values:
                raise XswitchError(
                    f"the SSO session {printable(self.name)} does not exist ({self.place})",
                    f"add [sso-session {printable(self.name)}] with sso_start_url and sso_region",
                )
        self.start_url = self._needed(values, "sso_start_url")
        self.region = self._needed(values, "sso_region")
        self.label = printable(self.name) if self.name is not None else shown(self.start_url)
        scopes = values.get("sso_registration_scopes")
        self.scopes: list[str] | None = None
        if self.name is not None and isinstance(scopes, str):
            self.scopes = [scope for part in scopes.split(",") if (scope := part.strip())]

    @property
    def key(self) -> str:
        """The key of its token in the cache."""
        return token_key(self.name, self.start_url) or ""

    def _needed(self, values: Mapping[str, object], key: str) -> str:
        value = values.get(key)
        if isinstance(value, str) and value:
            return value
        where = "the profile" if self.name is None else f"[sso-session {printable(self.name)}]"
        raise XswitchError(f"{where} has no {key} ({self.place})", f"add {key} there")


def token_path(profile: Profile, locations: Locations) -> str | None:
    """Return the file of the token for the profile, or None where nothing says which."""
    key = token_key(profile.sso_session, profile.text("sso_start_url"))
    return None if key is None else os.path.join(locations.sso_cache, f"{key}.json")


def _place(profile: Profile, key: str) -> str:
    file, line = profile.place_of(key)
    return f"{printable(tilde(file))}:{line}"
