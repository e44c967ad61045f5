"""Homes with as many profiles as wanted: a tenth of them keys, the rest roles, some with a session."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SESSION_KEY = "ASIACACHED0000000000"
_ROLES_AND_KEY = 10
_ONE_SESSION_IN = 20
_MOST_SESSIONS = 25  # nobody is signed in to hundreds of roles


def make_home(folder: Path, profiles: int) -> Path:
    """Make a home anew, for sessions end; return it. `role-1` is among those that have a session."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / ".aws/cli/cache").mkdir(parents=True)
    config, credentials, sessions = [], [], 0
    for number, name in enumerate(profile_names(profiles)):
        if not is_role(number):
            config.append(f"[profile {name}]\nregion = eu-west-1\n")
            credentials.append(
                f"[{name}]\naws_access_key_id = AKIA{number:016}\naws_secret_access_key = secret\n"
            )
        else:
            config.append(
                f"[profile {name}]\nrole_arn = {_role_arn(number)}\n"
                f"source_profile = keys-{number - number % _ROLES_AND_KEY}\nregion = eu-west-1\n"
            )
            if number % _ONE_SESSION_IN == 1 and sessions < _MOST_SESSIONS:
                _write_session(folder, _role_arn(number))
                sessions += 1
    (folder / ".aws/config").write_text("\n".join(config))
    (folder / ".aws/credentials").write_text("\n".join(credentials))
    return folder


def profile_names(profiles: int) -> list[str]:
    """Return the names of the profiles of a home, in the order of the file and of the UI."""
    return [f"role-{number}" if is_role(number) else f"keys-{number}" for number in range(profiles)]


def is_role(number: int) -> bool:
    """Tell whether the profile of that number is a role; the others are the keys that roles start from."""
    return number % _ROLES_AND_KEY != 0


def account(number: int) -> str:
    """Return the account of a role as xswitch shows it."""
    digits = f"{number:012}"
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def _role_arn(number: int) -> str:
    return f"arn:aws:iam::{number:012}:role/Developer"


def _write_session(home: Path, role_arn: str) -> None:
    """Put a session where the AWS CLI keeps it."""
    ends = datetime.now(UTC) + timedelta(hours=12)
    credentials = {
        "AccessKeyId": SESSION_KEY,
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
    }
    arguments = json.dumps({"RoleArn": role_arn}, sort_keys=True)
    name = hashlib.sha1(arguments.encode()).hexdigest()
    (home / f".aws/cli/cache/{name}.json").write_text(json.dumps({"Credentials": credentials}))
