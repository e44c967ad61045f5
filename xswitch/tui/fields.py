"""What a field of a form is, as data: what it asks for, what it says, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xswitch.awsfiles.masking import is_secret, masked_setting
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from xswitch.awsfiles.settings import Setting

LABELS = {
    "name": "Name",
    "source_profile": "Source",
    "role_arn": "Role ARN",
    "region": "Region",
    "external_id": "External ID",
    "mfa_serial": "MFA device",
    "duration_seconds": "Duration",
    "role_session_name": "Session name",
    "output": "Output",
    "aws_access_key_id": "Access key ID",
    "aws_secret_access_key": "Secret access key",
    "aws_session_token": "Session token",
    "sso_session": "SSO session",
    "sso_start_url": "Start URL",
    "sso_region": "SSO region",
    "sso_account_id": "Account",
    "sso_role_name": "Role",
}
"""What people call the settings that forms offer; every other one is called by its key."""


def nothing(_: str) -> str:
    """Find nothing wrong, and have nothing to say."""
    return ""


@dataclass(frozen=True)
class Field:
    """A field for the setting `key`.

    `value` is what stands in it at first, `hint` what is shown where nothing does. `check` returns what is
    wrong with a text, `note` what is to be said about it; both "" for nothing. A `secret` is typed unseen.
    `kept` is what stands in the files and cannot be shown or typed as it is: an empty field leaves it there.
    """

    key: str
    value: str = ""
    hint: str = ""
    check: Callable[[str], str] = nothing
    note: Callable[[str], str] = nothing
    needed: bool = False
    secret: bool = False
    kept: str | None = field(default=None, repr=False)
    picks: bool = False

    @property
    def label(self) -> str:
        """What the field is called."""
        return LABELS.get(self.key, printable(self.key))


def setting_field(key: str, setting: Setting, check: Callable[[str], str]) -> Field:
    """Return the field for a setting that stands in the files: a secret is not in it."""
    text = masked_setting(key, setting)
    if is_secret(key) or text != setting.text or not text.isprintable():
        return Field(key, check=check, secret=is_secret(key), kept=printable(text))
    return Field(key, text, check=check)
