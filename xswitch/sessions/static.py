"""The long-lived keys that stand in a file."""

from __future__ import annotations

from xswitch.errors import XswitchError
from xswitch.sessions.session import Credentials
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.profiles.profile import Profile


def static_credentials(profile: Profile) -> Credentials:
    """Return the keys of a static profile. XswitchError where a part of them is missing."""
    values = {key: setting.text for key, setting in profile.keys.items()}
    key, secret = values.get("aws_access_key_id"), values.get("aws_secret_access_key")
    if not key or not secret:
        raise XswitchError(
            f"the profile {printable(profile.name)} has no complete pair of keys",
            f"see: xswitch show {printable(profile.name)}",
        )
    # botocore reads the token under either name, the old one first.
    token = values.get("aws_security_token") or values.get("aws_session_token")
    return Credentials(key, secret, token)
