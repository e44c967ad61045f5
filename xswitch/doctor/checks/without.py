"""What is missing: credentials in a profile, and values behind a `=`."""

from __future__ import annotations

from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import unset
from xswitch.doctor.words import KNOWN_KEYS, WORDS
from xswitch.profiles.profile import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined
    from xswitch.profiles.profile import Profile

_KNOWN = KNOWN_KEYS | WORDS
# aws-vault and others: profiles whose settings are a part of those of others.
_INCLUDING = ("include_profile", "parent_profile")
_HEADERS = ("profile ", "sso-session ", "services ")
_OPTIONAL = ("mfa_serial", "external_id")
# Without a value these are refused, or sent as they are; of the other settings that is said by their forms.
_NEEDED = (*_OPTIONAL, "sso_role_name", "sso_start_url", "sso_region", "aws_secret_access_key",
           "web_identity_token_file", "login_session")  # fmt: skip
_OF_SESSIONS = ("sso_start_url", "sso_region")


def _no_credentials(examined: Examined) -> Iterator[Finding]:
    lending = {value for key in _INCLUDING for value in examined.values_of(key)}
    for profile in examined.profiles:
        if profile.kind != Kind.NONE or profile.name in lending or profile.name in examined.dependents:
            continue  # whose source it is has been told
        if profile.name.startswith(_HEADERS) or "sso_session" in profile.values:
            continue  # a header in the wrong file is told, and an SSO session alone lends a token
        if examined.profiles.problems(profile.name):
            continue  # of which it is the consequence
        text = "has no credentials: aws looks for those of the machine, and fails where it has none"
        severity = Severity.WARNING
        if not examined.has_credentials_file:
            text, severity = "has no credentials here, and there is no credentials file", Severity.NOTE
        elif profile.name == "default" or _is_anothers(profile):
            severity = Severity.NOTE
        yield Finding(text, profile.place, profile=profile.name, severity=severity)


def _is_anothers(profile: Profile) -> bool:
    """Tell whether a profile has settings of another tool, which may bring the credentials."""
    return any(key not in _KNOWN and type(value) is str for key, value in profile.values.items())


def _empty(examined: Examined) -> Iterator[Finding]:
    for key in _NEEDED:
        for profile in examined.values_of(key).get("", ()):
            fix = unset(profile, key, sure=False) if key in _OPTIONAL else None
            text = f"`{key}` has no value, and aws takes it as it is: add one, or delete the line"
            yield Finding(text, profile.place_of(key), profile=profile.name, fix=fix)
    for name, key, setting in examined.session_settings():
        if key in _OF_SESSIONS and setting.value == "":
            text = f"`{key}` of [sso-session {name}] has no value, and aws takes it as it is: add one"
            yield Finding(text, (setting.file, setting.line))


CHECKS = (
    Check(
        "XS230",
        Severity.WARNING,
        "profile without credentials",
        "No keys, role, SSO or process: `Unable to locate credentials`, unless the machine has some. A note "
        "for `default`, for settings of another tool, and where there is no credentials file.",
        _no_credentials,
    ),
    Check(
        "XS231",
        Severity.ERROR,
        "setting without a value",
        "`sso_role_name =`: aws sends nothing as it is, and AWS refuses it.",
        _empty,
    ),
)
