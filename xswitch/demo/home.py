"""The demo's home folder: config and credentials files, and the caches as the AWS CLI leaves them behind."""

from __future__ import annotations

import json
import os
import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

from xswitch.awsfiles.files import read_files
from xswitch.demo import tree
from xswitch.demo.endpoints import write_endpoint_rules
from xswitch.profiles.collection import Profiles
from xswitch.profiles.profile import Kind
from xswitch.sessions.keys import credentials_key, token_key
from xswitch.timestamps import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xswitch.awsfiles.settings import Settings
    from xswitch.demo.api import Keys
    from xswitch.profiles.profile import Profile

_CI_CREDENTIALS = ".aws/ci-credentials.json"
_REGISTRATION = timedelta(days=60)


def write_config(home: str) -> Profiles:
    """Write the config file into the empty folder `home` and return the profiles in it."""
    ci_command = f"cat {shlex.quote(os.path.join(home, _CI_CREDENTIALS))}"
    config = _write(home, ".aws/config", tree.CONFIG.format(ci_command=ci_command))
    return Profiles(read_files(config, os.devnull))


def write_home(home: str, url: str, keys: Mapping[str, Keys], now: datetime) -> None:
    """Fill the folder `home` for an AWS that answers at `url`.

    `keys` holds the keys or the session of each profile that has one. Sessions end as `tree` says,
    counted from `now`.
    """
    profiles = write_config(home)
    _write_static_keys(home, keys)
    for name, minutes in tree.SESSIONS.items():
        entry = _session(profiles[name], keys[name], now + timedelta(minutes=minutes))
        _write_json(home, f".aws/cli/cache/{credentials_key(profiles[name])}.json", entry)
    for name, minutes in tree.SSO_TOKENS.items():
        token = _token(profiles.files.sso_sessions[name], now, now + timedelta(minutes=minutes))
        _write_json(home, f".aws/sso/cache/{token_key(name, None)}.json", token)
    write_endpoint_rules(home, url)
    _write(home, ".config/xswitch/config.toml", tree.SETTINGS)
    # Without a file of its own, zsh would greet the visitor with its set-up dialogue.
    _write(home, ".zshrc", "# the demo's own\n")


def _write_static_keys(home: str, keys: Mapping[str, Keys]) -> None:
    ci, dev = keys["ci"], keys["default"]
    answer = {"Version": 1, "AccessKeyId": ci.access_key_id, "SecretAccessKey": ci.secret_access_key}
    _write_json(home, _CI_CREDENTIALS, answer)
    _write(
        home,
        ".aws/credentials",
        tree.CREDENTIALS.format(access_key_id=dev.access_key_id, secret_access_key=dev.secret_access_key),
    )


def _session(profile: Profile, keys: Keys, ends: datetime) -> dict[str, object]:
    """Return the cache entry of an assumed role, or of credentials that came from the SSO portal."""
    credentials = {
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "SessionToken": keys.session_token,
        "Expiration": format_time(ends),
        "AccountId": profile.account_id,
    }
    if profile.kind == Kind.SSO:
        return {"ProviderType": "sso", "Credentials": credentials}
    return {
        "Credentials": credentials,
        "AssumedRoleUser": {"AssumedRoleId": keys.role_id, "Arn": keys.role_arn},
        "ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0},
    }


def _token(sso_session: Settings, now: datetime, ends: datetime) -> dict[str, object]:
    """Return the token file of an SSO session after sign-in."""
    return {
        "startUrl": sso_session["sso_start_url"].text,
        "region": sso_session["sso_region"].text,
        "accessToken": tree.SSO_ACCESS_TOKEN,
        "expiresAt": format_time(ends),
        "clientId": tree.SSO_CLIENT,
        "clientSecret": tree.SSO_CLIENT_SECRET,
        "registrationExpiresAt": format_time(now + _REGISTRATION),
        "refreshToken": tree.SSO_REFRESH_TOKEN,
    }


def _write_json(home: str, name: str, content: Mapping[str, object]) -> None:
    _write(home, name, json.dumps(content))


def _write(home: str, name: str, text: str) -> str:
    path = os.path.join(home, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path
