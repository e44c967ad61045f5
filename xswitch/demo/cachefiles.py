"""Cached sessions as the AWS CLI leaves them behind: file names and contents.

File names are botocore's (`BaseAssumeRoleCredentialFetcher`, `SSOCredentialFetcher`, `SSOTokenLoader`).
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xswitch.demo.api import Keys


def role_key(profile: Mapping[str, str]) -> str:
    """Return the cache key of a role profile."""
    arguments: dict[str, str | int] = {"RoleArn": profile["role_arn"]}
    if profile.get("role_session_name"):
        arguments["RoleSessionName"] = profile["role_session_name"]
    for setting, parameter in (("external_id", "ExternalId"), ("mfa_serial", "SerialNumber")):
        if setting in profile:
            arguments[parameter] = profile[setting]
    if "duration_seconds" in profile:
        arguments["DurationSeconds"] = int(profile["duration_seconds"])
    return _sha1(json.dumps(arguments, sort_keys=True))


def sso_role_key(profile: Mapping[str, str]) -> str:
    """Return the cache key of the credentials of a profile with an `sso_session`."""
    arguments = {
        "accountId": profile["sso_account_id"],
        "roleName": profile["sso_role_name"],
        "sessionName": profile["sso_session"],
    }
    return _sha1(json.dumps(arguments, sort_keys=True, separators=(",", ":")))


def sso_token_key(session: str) -> str:
    """Return the cache key of an SSO session's token."""
    return _sha1(session)


def role_entry(keys: Keys, account: str, ends: datetime) -> dict[str, object]:
    """Return the cache entry of an assumed role."""
    return {
        "Credentials": _credentials(keys, account, ends),
        "AssumedRoleUser": {"AssumedRoleId": keys.role_id, "Arn": keys.role_arn},
        "ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0},
    }


def sso_role_entry(keys: Keys, account: str, ends: datetime) -> dict[str, object]:
    """Return the cache entry of credentials that came from the SSO portal."""
    return {"ProviderType": "sso", "Credentials": _credentials(keys, account, ends)}


def sso_token(session: Mapping[str, str], ends: datetime, registration_ends: datetime) -> dict[str, object]:
    """Return the token file of an SSO session after sign-in."""
    return {
        "startUrl": session["sso_start_url"],
        "region": session["sso_region"],
        "accessToken": "demo-access-token",
        "expiresAt": rfc3339(ends),
        "clientId": "demo-client",
        "clientSecret": "demo-client-secret",
        "registrationExpiresAt": rfc3339(registration_ends),
        "refreshToken": "demo-refresh-token",
    }


def rfc3339(moment: datetime) -> str:
    """Return an aware UTC time as AWS writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _credentials(keys: Keys, account: str, ends: datetime) -> dict[str, object]:
    return {
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "SessionToken": keys.session_token,
        "Expiration": rfc3339(ends),
        "AccountId": account,
    }


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
