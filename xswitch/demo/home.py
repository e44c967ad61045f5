"""The demo's home folder: config and credentials files, and the caches of the AWS CLI."""

from __future__ import annotations

import json
import os
import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

from xswitch.demo import cachefiles, tree
from xswitch.demo.endpoints import write_endpoint_rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xswitch.demo.api import Keys

_REGISTRATION = timedelta(days=60)


def write_home(home: str, url: str, keys: Mapping[str, Keys], now: datetime) -> None:
    """Fill the empty folder `home` for an AWS that answers at `url`.

    `keys` holds the keys or the session of each profile that has one. Sessions end as `tree` says,
    counted from `now`.
    """
    _write_files(home, keys)
    _write_role_sessions(home, keys, now)
    _write_sso(home, now)
    write_endpoint_rules(home, url)
    # Without a file of its own, zsh would greet the visitor with its set-up dialogue.
    _write(home, ".zshrc", "# the demo's own\n")


def _write_files(home: str, keys: Mapping[str, Keys]) -> None:
    ci = {
        "Version": 1,
        "AccessKeyId": keys["ci"].access_key_id,
        "SecretAccessKey": keys["ci"].secret_access_key,
    }
    ci_path = _write_json(home, ".aws/ci-credentials.json", ci)
    _write(home, ".aws/config", tree.CONFIG.format(ci_command=f"cat {shlex.quote(ci_path)}"))
    dev = keys["default"]
    _write(
        home,
        ".aws/credentials",
        tree.CREDENTIALS.format(access_key_id=dev.access_key_id, secret_access_key=dev.secret_access_key),
    )


def _write_role_sessions(home: str, keys: Mapping[str, Keys], now: datetime) -> None:
    profiles = tree.profiles()
    for name, minutes in tree.ROLE_SESSIONS.items():
        account = profiles[name]["role_arn"].split(":")[4]
        entry = cachefiles.role_entry(keys[name], account, now + timedelta(minutes=minutes))
        _write_json(home, f".aws/cli/cache/{cachefiles.role_key(profiles[name])}.json", entry)
    for name, minutes in tree.SSO_ROLE_SESSIONS.items():
        account = profiles[name]["sso_account_id"]
        entry = cachefiles.sso_role_entry(keys[name], account, now + timedelta(minutes=minutes))
        _write_json(home, f".aws/cli/cache/{cachefiles.sso_role_key(profiles[name])}.json", entry)


def _write_sso(home: str, now: datetime) -> None:
    sessions = tree.sso_sessions()
    for name, minutes in tree.SSO_TOKENS.items():
        token = cachefiles.sso_token(sessions[name], now + timedelta(minutes=minutes), now + _REGISTRATION)
        _write_json(home, f".aws/sso/cache/{cachefiles.sso_token_key(name)}.json", token)


def _write_json(home: str, name: str, content: Mapping[str, object]) -> str:
    return _write(home, name, json.dumps(content))


def _write(home: str, name: str, text: str) -> str:
    path = os.path.join(home, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path
