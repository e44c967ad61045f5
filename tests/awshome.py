"""What the tests of the lower rooms share: the two files, read by xswitch and by botocore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.exceptions
import botocore.session

from xswitch.awsfiles.files import read_files
from xswitch.profiles.collection import Profiles

if TYPE_CHECKING:
    from pathlib import Path

# A profile with an SSO session, complete.
SSO = """\
[profile sso]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Reader
region = eu-west-1
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
"""


def role(name: str, source: str = "keys", **settings: object) -> str:
    """Return the section of a role profile; `settings` add to it, or take the place of its own."""
    arn = f"arn:aws:iam::222222222222:role/{name}"
    values = {"role_arn": arn, "source_profile": source, **settings}
    return "\n".join([f"[profile {name}]", *(f"{key} = {value}" for key, value in values.items()), ""])


def write_profiles(folder: Path, config: str = "", credentials: str = "") -> None:
    """Write `config` and `credentials` into `folder` as they are (no line end is changed)."""
    (folder / "config").write_bytes(config.encode())
    (folder / "credentials").write_bytes(credentials.encode())


def read_profiles_in(folder: Path) -> Profiles:
    """Return the profiles of the two files in `folder`."""
    return Profiles(read_files(str(folder / "config"), str(folder / "credentials")))


def profiles_of(folder: Path, config: str = "", credentials: str = "") -> Profiles:
    """Write both files and read them."""
    write_profiles(folder, config, credentials)
    return read_profiles_in(folder)


def botocore_session(folder: Path, profile: str | None = None) -> botocore.session.Session:
    """Return botocore's own session on the two files in `folder`."""
    session = botocore.session.Session(profile=profile)
    session.set_config_variable("config_file", str(folder / "config"))
    session.set_config_variable("credentials_file", str(folder / "credentials"))
    return session


def botocores(config: Path, credentials: Path) -> dict[str, Any] | None:
    """Return what botocore reads, or None where it refuses one of the files."""
    session = botocore.session.Session()
    session.set_config_variable("config_file", str(config))
    session.set_config_variable("credentials_file", str(credentials))
    try:
        full = session.full_config
    except botocore.exceptions.ConfigParseError:
        return None
    return {key: full.get(key, {}) for key in ("profiles", "sso_sessions", "services")}
