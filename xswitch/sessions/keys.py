"""The names of cache files, computed as botocore computes them."""

from __future__ import annotations

from xswitch.profiles.profile import Kind
from xswitch.quickjson import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.profiles.profile import Profile

try:
    from _sha1 import sha1  # type: ignore[import-not-found, unused-ignore]  # half the cost of hashlib
except ImportError:
    from hashlib import sha1


# The settings that become arguments of sts:AssumeRole, besides the role.
_OTHER_ARGUMENTS = frozenset(("duration_seconds", "external_id", "mfa_serial", "role_session_name"))


def credentials_key(profile: Profile) -> str | None:
    """Return the key in the AWS CLI's cache under which the profile's temporary credentials stand, or None.

    The file is `KEY.json`. Source profile, region and profile name are no part of it, so profiles that
    agree in all that is share one session.
    """
    if profile.kind == Kind.ROLE:
        return assume_role_key(profile)
    if profile.kind == Kind.WEB_IDENTITY:
        return _web_identity_key(profile)
    if profile.kind == Kind.SSO:
        return _sso_role_key(profile)
    return None


def assume_role_key(profile: Profile) -> str | None:
    """Return the key of an assumed role (botocore, `BaseAssumeRoleCredentialFetcher._create_cache_key`)."""
    role_arn = profile.text("role_arn")
    if role_arn is None:
        return None
    if _OTHER_ARGUMENTS.isdisjoint(profile.values):
        return digest(f'{{"RoleArn": {quoted(role_arn)}}}')
    # In the order of json.dumps(…, sort_keys=True).
    arguments = []
    if (seconds := profile.duration_seconds) is not None:
        arguments.append(f'"DurationSeconds": {seconds}')
    if (external_id := profile.text("external_id")) is not None:
        arguments.append(f'"ExternalId": {quoted(external_id)}')
    arguments.append(f'"RoleArn": {quoted(role_arn)}')
    # An empty session name makes botocore invent one, which it leaves out of the key.
    if session_name := profile.text("role_session_name"):
        arguments.append(f'"RoleSessionName": {quoted(session_name)}')
    if (serial := profile.text("mfa_serial")) is not None:
        arguments.append(f'"SerialNumber": {quoted(serial)}')
    return digest("{" + ", ".join(arguments) + "}")


def token_key(sso_session: str | None, start_url: str | None) -> str | None:
    """Return the key of an SSO token: of the SSO session, or of the start URL where there is none."""
    text = sso_session if sso_session is not None else start_url
    return None if text is None else digest(text)


def login_key(login_session: str) -> str:
    """Return the key of an `aws login` session."""
    from hashlib import sha256

    return sha256(login_session.encode("utf-8", "surrogateescape")).hexdigest()


def mfa_key(access_key_id: str, serial: str) -> str:
    """Return the key in our own cache of the session that these keys have with this MFA device."""
    return digest(f"{access_key_id}\n{serial}")


def _web_identity_key(profile: Profile) -> str | None:
    role_arn, session_name = profile.text("role_arn"), profile.text("role_session_name")
    if role_arn is None:
        return None
    more = f', "RoleSessionName": {quoted(session_name)}' if session_name else ""
    return digest(f'{{"RoleArn": {quoted(role_arn)}{more}}}')


def _sso_role_key(profile: Profile) -> str | None:
    # Compact JSON here (botocore, `SSOCredentialFetcher._create_cache_key`).
    account, role = profile.sso_text("sso_account_id"), profile.sso_text("sso_role_name")
    session = profile.sso_session
    where = ("sessionName", session) if session else ("startUrl", profile.text("sso_start_url"))
    if account is None or role is None or where[1] is None:
        return None
    return digest(
        f'{{"accountId":{quoted(account)},"roleName":{quoted(role)},"{where[0]}":{quoted(where[1])}}}'
    )


def digest(text: str) -> str:
    """Return the SHA-1 of a text in hexadecimal digits: what names the AWS CLI's cache files."""
    digits: str = sha1(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    return digits
